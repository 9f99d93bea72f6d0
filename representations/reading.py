"""Judgements in files: ratings of pairs, odd ones out, arrangements and matrices.

Each kind has the columns named here and no others. Names are taken letter by letter: `dog` and `Dog` are two items.
Every row is looked at, and all that is wrong is said, with its file and line.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import RepresentationError
from representations.sheets import Reader, Row, cells_of, columns_of

Floats: TypeAlias = npt.NDArray[np.float64]
Kind: TypeAlias = Literal["pairs", "triplets", "arrangements", "long matrices", "square matrices"]

# What tells the kinds of judgements apart, and what each needs.
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "pairs": ("participant", "a", "b", "rating"),
    "triplets": ("participant", "a", "b", "c", "odd"),
    "arrangements": ("participant", "item", "x", "y"),
    "long matrices": ("participant", "a", "b", "dissimilarity"),
}
TRIAL = ("trial",)
SAME = 1e-9  # of a matrix's largest value: the two halves may differ by so much


@dataclass(frozen=True)
class Pairs:
    """Ratings of pairs, one entry a trial in each column."""

    participant: Sequence[str]
    a: Sequence[str]
    b: Sequence[str]
    rating: Floats


@dataclass(frozen=True)
class Triplets:
    """Choices of the odd one out of three, one entry a trial in each column."""

    participant: Sequence[str]
    a: Sequence[str]
    b: Sequence[str]
    c: Sequence[str]
    odd: Sequence[str]


@dataclass(frozen=True)
class Arrangements:
    """Items laid out on a surface, one entry an item in each column; `trial` tells a person's arrangements apart."""

    participant: Sequence[str]
    trial: Sequence[str]
    item: Sequence[str]
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Matrices:
    """How unlike items are to people: values (matrices, items, items), NaN where a file says nothing."""

    participant: Sequence[str]
    items: Sequence[str]
    values: Floats


def kind_of(files: Sequence[Path]) -> Kind:
    """Which judgements the files hold, by the names of their columns.

    Raises:
        RepresentationError: they are of several kinds, or of none.
    """
    kinds = {file: _kind(columns_of(file), file) for file in files}
    if len(set(kinds.values())) != 1:
        found = ", ".join(f"{file.name} ({kind})" for file, kind in kinds.items()) or "no file"
        raise RepresentationError(f"{found} was found. Expected: files of one kind.")
    return next(iter(kinds.values()))


def _kind(columns: Sequence[str], file: Path) -> Kind:
    fitting = [kind for kind, needed in COLUMNS.items() if set(needed) <= set(columns)]
    if len(fitting) == 1:
        return fitting[0]
    if columns and not columns[0].strip() and file.suffix.lower() == ".csv":
        return "square matrices"
    wanted = "; ".join(f"{', '.join(needed)} ({kind})" for kind, needed in COLUMNS.items())
    raise RepresentationError(
        f"{file.name}, header: {', '.join(map(repr, columns))} was found. Expected: {wanted}; or, for a square matrix, "
        "an empty cell and then the items."
    )


# --- judgements ------------------------------------------------------------------------------------------------------


def read_pairs(files: Sequence[Path]) -> Pairs:
    """Ratings of pairs: `participant, a, b, rating`, and `trial` where a pair is rated more than once.

    Raises:
        RepresentationError: a cell that can't be used, an item with itself, or a pair that stands there twice.
    """
    reader, once = Reader(), _Once("the pair once, or a column trial that tells them apart")
    rows = [row for file in files for row in reader.rows(file, COLUMNS["pairs"], TRIAL)]
    for row in rows:
        names = _items(reader, row, ("a", "b"))
        once.note(reader, row, (frozenset(names), _trial(reader, row)), " and ".join(names))
    ratings = np.array([reader.number(row, "rating") for row in rows])
    reader.close()
    return Pairs(_column(rows, "participant"), _column(rows, "a"), _column(rows, "b"), ratings)


def read_triplets(files: Sequence[Path]) -> Triplets:
    """Odd ones out: `participant, a, b, c, odd`, and `trial` where a triplet is shown more than once.

    Raises:
        RepresentationError: a cell that can't be used, an item twice in a triplet, an odd one that is none of the
            three, or a triplet that stands there twice.
    """
    reader, once = Reader(), _Once("the triplet once, or a column trial that tells them apart")
    rows = [row for file in files for row in reader.rows(file, COLUMNS["triplets"], TRIAL)]
    for row in rows:
        names = _items(reader, row, ("a", "b", "c"))
        reader.choice(row, "odd", names)
        once.note(reader, row, (frozenset(names), _trial(reader, row)), ", ".join(names))
    reader.close()
    a, b, c, odd = (_column(rows, name) for name in ("a", "b", "c", "odd"))
    return Triplets(_column(rows, "participant"), a, b, c, odd)


def read_arrangements(files: Sequence[Path]) -> Arrangements:
    """Places of items: `participant, item, x, y`, and `trial` where a person made more than one arrangement.

    Raises:
        RepresentationError: a cell that can't be used, or an item in two places of one arrangement.
    """
    reader, once = Reader(), _Once("each item once in an arrangement, or a column trial that tells them apart")
    rows = [row for file in files for row in reader.rows(file, COLUMNS["arrangements"], TRIAL)]
    for row in rows:
        item = reader.name(row, "item")
        reader.name(row, "participant")
        once.note(reader, row, (item, _trial(reader, row)), item)
    x, y = (np.array([reader.number(row, axis) for row in rows]) for axis in ("x", "y"))
    reader.close()
    trials = [row.texts.get("trial") or "1" for row in rows]
    return Arrangements(_column(rows, "participant"), trials, _column(rows, "item"), x, y)


def read_long_matrices(files: Sequence[Path]) -> Matrices:
    """Matrices, a row a pair: `participant, a, b, dissimilarity`, and `trial` where a person has several.

    A pair without a row is not known.

    Raises:
        RepresentationError: a cell that can't be used, a value below 0, or a pair that stands there twice.
    """
    reader, once = Reader(), _Once("the pair once, or a column trial that tells matrices apart")
    rows = [row for file in files for row in reader.rows(file, COLUMNS["long matrices"], TRIAL)]
    for row in rows:
        names = _items(reader, row, ("a", "b"))
        once.note(reader, row, (frozenset(names), _trial(reader, row)), " and ".join(names))
    found = [reader.number(row, "dissimilarity") for row in rows]
    for row, value in zip(rows, found, strict=True):
        if value < 0:
            reader.fault(row, f"dissimilarity {value:g}", "a number from 0 up")
    reader.close()
    keys = [(row.texts["participant"] or "", row.texts.get("trial") or "") for row in rows]
    matrices, items = sorted(set(keys)), sorted({*_column(rows, "a"), *_column(rows, "b")})
    which, where = {key: n for n, key in enumerate(matrices)}, {name: n for n, name in enumerate(items)}
    values = np.full((len(matrices), len(items), len(items)), np.nan)
    values[:, range(len(items)), range(len(items))] = 0.0
    for row, key, value in zip(rows, keys, found, strict=True):
        k, i, j = which[key], where[row.texts["a"] or ""], where[row.texts["b"] or ""]
        values[k, i, j] = values[k, j, i] = value
    return Matrices([participant for participant, _ in matrices], items, values)


def read_square_matrices(files: Sequence[Path]) -> Matrices:
    """A matrix a file, named after its person: the items in the first row and, in that order, in the first column.

    What comes after a point tells a person's matrices apart: `P1.csv`, or `P1.1.csv` and `P1.2.csv`. A cell without a
    number is not known; the diagonal is 0 or empty.

    Raises:
        RepresentationError: other names in the rows than in the columns, two halves that differ, a diagonal that is not
            0, a value below 0, other items than in the first file, or two files of one name.
    """
    stems = [file.stem for file in files]
    if len(set(stems)) < len(stems):
        raise RepresentationError(f"Two files called {_first_twice(stems)} were found. Expected: one file a matrix.")
    read = [_square(file) for file in files]
    items = read[0][0]
    values = []
    for file, (names, whole) in zip(files, read, strict=True):
        if set(names) != set(items):
            other = ", ".join(sorted(set(names) ^ set(items)))
            raise RepresentationError(f"{file.name}: other items than in {files[0].name}: {other}. Expected: the same.")
        order = [names.index(name) for name in items]
        values.append(whole[np.ix_(order, order)])
    return Matrices([stem.partition(".")[0] for stem in stems], items, np.stack(values))


def _square(file: Path) -> tuple[list[str], Floats]:
    (_, (_, *items)), *lines = cells_of(file)
    if len(set(items)) < len(items) or any(not name or name != name.strip() for name in items):
        raise RepresentationError(
            f"{file.name}, header: {', '.join(map(repr, items))} was found. Expected: items, each once."
        )
    if [cells[0] for _, cells in lines] != items:
        found = ", ".join(repr(cells[0]) for _, cells in lines) or "no row"
        raise RepresentationError(
            f"{file.name}: rows {found} were found. Expected: {', '.join(items)}, as the columns."
        )
    reader, values = Reader(), np.full((len(items), len(items)), np.nan)
    for i, (place, cells) in enumerate(lines):
        row = Row(place, dict(zip(items, cells[1:], strict=False)))
        if len(cells) != len(items) + 1:
            reader.fault(row, f"{len(cells) - 1} values", f"{len(items)} values")
        for j, name in enumerate(items):
            if (row.texts.get(name) or "").strip():
                values[i, j] = reader.number(row, name)
        values[i, i] = 0.0 if math.isnan(values[i, i]) else values[i, i]
        if values[i, i] != 0 or np.any(values[i] < 0):
            reader.fault(row, "a value below 0, or a diagonal that is not 0", "values from 0 up and 0 on the diagonal")
    reader.close()
    apart = np.abs(values - values.T) > SAME * np.nanmax(np.abs(values), initial=0.0)
    if np.any(apart | (np.isnan(values) != np.isnan(values.T))):
        i, j = np.argwhere(apart | (np.isnan(values) != np.isnan(values.T)))[0]
        both = f"{values[i, j]:g} and {values[j, i]:g} for {items[i]} and {items[j]}"
        raise RepresentationError(f"{lines[i][0]}: {both} were found. Expected: the same in both halves.")
    return items, values


# --- cells -----------------------------------------------------------------------------------------------------------


class _Once:
    """Notes what a person has been shown, and says where it stood before."""

    def __init__(self, expected: str) -> None:
        self._seen: dict[Hashable, str] = {}
        self._expected = expected

    def note(self, reader: Reader, row: Row, what: Hashable, words: str) -> None:
        before = self._seen.setdefault((row.texts.get("participant"), what), row.place)
        if before != row.place:
            reader.fault(row, f"{words} of {row.texts.get('participant')} as in {before}", self._expected)


def _items(reader: Reader, row: Row, columns: Sequence[str]) -> list[str]:
    reader.name(row, "participant")
    names = [reader.name(row, column) for column in columns]
    if len(set(names)) < len(names):
        reader.fault(row, f"{_first_twice(names)} twice", "different items")
    return names


def _trial(reader: Reader, row: Row) -> str:
    return reader.name(row, "trial") if "trial" in row.texts else ""


def _first_twice(names: Sequence[str]) -> str:
    return next(name for name in names if names.count(name) > 1)


def _column(rows: Sequence[Row], name: str) -> list[str]:
    return [row.texts[name] or "" for row in rows]
