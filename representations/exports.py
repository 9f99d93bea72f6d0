"""What the product exports, as the methods take it: groups, reports and drawings; labelled sentences and arrays beside.

An export may have more columns than are named here. Every row is looked at, and all that is wrong is said, with its
file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError
from representations.sheets import Reader, Row

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Report:
    """What somebody wrote in a session, with where it stands.

    `language` is empty where the file does not say it, and `category` where no person has coded it.
    """

    place: str
    participant: str
    occasion: str
    text: str
    language: str
    category: str


@dataclass(frozen=True)
class Drawing:
    """One drawing that there is a file of; `texts` are all cells of its row."""

    place: str
    participant: str
    file: str
    texts: Mapping[str, str | None]

    def number(self, column: str) -> float:
        """A cell as a number.

        Raises:
            RepresentationError: it is none.
        """
        reader = Reader()
        found = reader.number(Row(self.place, self.texts), column)
        reader.close()
        return found


@dataclass(frozen=True)
class Angle:
    """What somebody set a knob to, when asked to turn an item by so many degrees."""

    participant: str
    item: str
    asked: float
    given: float


@dataclass(frozen=True)
class Stimuli:
    """Which picture a drawing is of: the values of `columns` in the drawing's row say it."""

    columns: tuple[str, ...]
    files: Mapping[tuple[str, ...], str]

    def item_of(self, drawing: Drawing) -> tuple[str, ...]:
        """What the drawing's row says in those columns."""
        return tuple(drawing.texts.get(name) or "" for name in self.columns)


@dataclass(frozen=True)
class Labelled:
    """A sentence with the category that a person gave it, and a second person where there is one."""

    place: str
    text: str
    category: str
    second: str


def read_groups(file: Path, column: str = "group") -> dict[str, str]:
    """Each person's group: `participant, group`, as in the export `participants`; people without one are left out.

    Raises:
        RepresentationError: a person who stands in two groups.
    """
    reader = Reader()
    groups: dict[str, str] = {}
    for row in reader.rows(file, ("participant", column), more=True):
        name, group = reader.name(row, "participant"), reader.text(row, column)
        if group and groups.setdefault(name, group) != group:
            reader.fault(row, f"{name} in {group}, and in {groups[name]} before", "one group a person")
    reader.close()
    return groups


def read_reports(files: Sequence[Path]) -> list[Report]:
    """Texts: `participant, text`, and as in the export `reports`, `timepoint, script, stage, language`.

    A column `category`, which the export has not, says how a person has coded the whole report.

    An apostrophe that an export puts before what a spreadsheet would take for a formula is taken off again. Rows
    without a text stay: somebody was asked, and wrote nothing.
    """
    reader = Reader()
    rows = [row for file in files for row in reader.rows(file, ("participant", "text"), more=True)]
    reports = [
        Report(
            row.place,
            reader.name(row, "participant"),
            _occasion(row),
            _as_written(reader.text(row, "text")),
            reader.text(row, "language"),
            reader.text(row, "category"),
        )
        for row in rows
    ]
    reader.close()
    return reports


def read_drawings(
    files: Sequence[Path], needed: Sequence[str] = (), only: Mapping[str, str] | None = None
) -> tuple[list[Drawing], dict[str, int]]:
    """Drawings: `participant, file`, as in the export `drawings`, and whatever else is needed.

    Args:
        files: tables.
        needed: columns that have to be there, beside those two.
        only: rows with another value in one of these columns are passed over.

    Returns:
        Those with a file, and how many have none by their status: `words`, `skipped`, or `without a file`.

    Raises:
        RepresentationError: a cell that can't be used, or a column is missing.
        NotEnough: no row is left.
    """
    reader, wanted = Reader(), only or {}
    found: list[Drawing] = []
    without: dict[str, int] = {}
    columns = ("participant", "file", *needed, *(name for name in wanted if name not in needed))
    rows = [row for file in files for row in reader.rows(file, columns, more=True)]
    kept = [row for row in rows if all((row.texts[name] or "") == value for name, value in wanted.items())]
    if not kept:
        said = " and ".join(f"{name}={value}" for name, value in wanted.items())
        raise NotEnough(f"Of {len(rows)} rows, none has {said}.", "one row with it")
    for row in kept:
        participant, name = reader.name(row, "participant"), reader.text(row, "file")
        if name:
            found.append(Drawing(row.place, participant, name, row.texts))
            continue
        status = reader.text(row, "status")
        why = status if status not in {"", "drawn", "uploaded"} else "without a file"
        without[why] = without.get(why, 0) + 1
    reader.close()
    return found, without


def read_angles(files: Sequence[Path]) -> list[Angle]:
    """Settings of a knob: `participant, item, angle, given`, both angles in degrees.

    Raises:
        RepresentationError: a cell that can't be used.
    """
    reader = Reader()
    rows = [row for file in files for row in reader.rows(file, ("participant", "item", "angle", "given"), more=True)]
    angles = [
        Angle(
            reader.name(row, "participant"),
            reader.name(row, "item"),
            reader.number(row, "angle"),
            reader.number(row, "given"),
        )
        for row in rows
    ]
    reader.close()
    return angles


def read_stimuli(file: Path) -> Stimuli:
    """What each drawing is of: `file`, and the columns by which a drawing's row tells it, such as `script, stage`.

    Raises:
        RepresentationError: no column beside `file`, or the same values twice.
    """
    reader = Reader()
    rows = reader.rows(file, ("file",), more=True)
    columns = tuple(name for name in rows[0].texts if name != "file")
    files: dict[tuple[str, ...], str] = {}
    if not columns:
        raise RepresentationError(
            f"{file.name}, header: 'file' alone was found. Expected: a column such as item beside it."
        )
    for row in rows:
        key, name = tuple(reader.text(row, column) for column in columns), reader.name(row, "file")
        if files.setdefault(key, name) != name:
            reader.fault(row, f"{' '.join(key)} of {name}, and of {files[key]} before", "one file each")
    reader.close()
    return Stimuli(columns, files)


def read_by_item(file: Path) -> tuple[list[str], list[str], npt.NDArray[np.float64]]:
    """Numbers that are known of each item: `item`, and a column a feature.

    Returns:
        The items, the features, and the numbers as (items, features).

    Raises:
        RepresentationError: no feature, an item twice, or a cell that is no number.
    """
    reader = Reader()
    rows = reader.rows(file, ("item",), more=True)
    features = [name for name in rows[0].texts if name != "item"]
    items = [reader.name(row, "item") for row in rows]
    for row, item in zip(rows, items, strict=True):
        if items.count(item) > 1:
            reader.fault(row, f"{item} more than once", "each item once")
    values = np.array([[reader.number(row, name) for name in features] for row in rows]).reshape(len(rows), -1)
    reader.close()
    if not features:
        raise RepresentationError(
            f"{file.name}, header: 'item' alone was found. Expected: a column a feature beside it."
        )
    return items, features, values


def read_categories(file: Path) -> dict[str, str]:
    """Each item's category: `item, category`.

    Raises:
        RepresentationError: an item in two categories.
    """
    reader = Reader()
    category_of: dict[str, str] = {}
    for row in reader.rows(file, ("item", "category")):
        item, category = reader.name(row, "item"), reader.name(row, "category")
        if category_of.setdefault(item, category) != category:
            reader.fault(row, f"{item} in {category}, and in {category_of[item]} before", "one category an item")
    reader.close()
    return category_of


def read_labelled(files: Sequence[Path]) -> list[Labelled]:
    """Sentences that people have coded: `text, category`, and a second person's category as `second`.

    Raises:
        RepresentationError: an empty cell, or a sentence with two categories.
    """
    reader = Reader()
    found: list[Labelled] = []
    category_of: dict[str, str] = {}
    for row in (row for file in files for row in reader.rows(file, ("text", "category"), more=True)):
        text, category = _as_written(reader.text(row, "text")).strip(), reader.name(row, "category")
        if not text:
            reader.fault(row, "an empty text", "a sentence")
        elif category_of.setdefault(text, category) != category:
            reader.fault(row, f"{text[:40]!r} as {category}, and as {category_of[text]} before", "one category a text")
        found.append(Labelled(row.place, text, category, reader.text(row, "second")))
    reader.close()
    return found


def read_arrays(file: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of an `.npz` file, by name; nothing in it is run.

    Raises:
        RepresentationError: no such file, a broken one, or one with objects in it.
    """
    if file.suffix.lower() != ".npz":
        raise RepresentationError(f"{file.name}: the ending {file.suffix!r} was found. Expected: .npz.")
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    # A file that was cut or changed fails in as many ways as there are parts of it.
    except Exception as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RepresentationError(f"{file.name}: {said}. Expected: a whole .npz file of plain arrays.") from error


def read_named_arrays(
    file: Path, needed: Sequence[str], known: Sequence[str] = ()
) -> dict[str, npt.NDArray[np.generic]]:
    """The same, with those names and no others.

    Raises:
        RepresentationError: as above, or an array is missing or unknown.
    """
    arrays = read_arrays(file)
    missing = [name for name in needed if name not in arrays]
    unknown = [name for name in arrays if name not in needed and name not in known]
    if missing or unknown:
        wanted = ", ".join(needed) + (f", and perhaps {', '.join(known)}" if known else "")
        raise RepresentationError(
            f"{file.name}: the arrays {', '.join(arrays) or 'none'} were found. Expected: {wanted}."
        )
    return arrays


def _occasion(row: Row) -> str:
    return " ".join(text for name in ("timepoint", "script", "stage") if (text := row.texts.get(name)))


def _as_written(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
