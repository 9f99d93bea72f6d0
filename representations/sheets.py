"""Tables in files, read so that every fault says where it is: CSV, JSON Lines and Parquet.

What comes of a file is rows of texts, whatever its format: a number or a truth value is written out, nothing is None.
Nothing is mended on the way but the form of letters (Unicode's NFC), in which two spellings look alike.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from representations.errors import NotEnough, RepresentationError

FORMATS = (".csv", ".jsonl", ".parquet")
MOST_BYTES = 500_000_000
MOST_LETTERS = 10_000_000  # of one cell
MOST_SAID = 10  # faults; the others are counted
_NUMBERS = frozenset("0123456789.eE+-")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its file and line (or row, where a file has no lines), and its texts by the columns' names."""

    place: str
    texts: Mapping[str, str | None]


class Reader:
    """Reads tables and gathers what is wrong with them; `close` says all of it at once."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def rows(self, file: Path, needed: Sequence[str], known: Collection[str] = (), *, more: bool = False) -> list[Row]:
        """The rows of one file.

        Args:
            file: its ending says its format.
            needed: the columns that have to be there.
            known: those that may be.
            more: whether any others may be, as in the product's exports.

        Raises:
            RepresentationError: it can't be read, a column is missing, unknown or there twice, or a row has more or
                fewer cells than the header.
            NotEnough: there is no row.
        """
        columns, rows = _READ[_format_of(file)](file)
        wanted = f"the columns {', '.join(needed)}"
        wanted += f", and perhaps {', '.join(known)}" if known else ""
        twice = sorted({name for name in columns if columns.count(name) > 1})
        missing = [name for name in needed if name not in columns]
        unknown = [] if more else [name for name in columns if name not in needed and name not in known]
        for found, what in ((twice, "twice"), (unknown, "unknown"), (missing, "missing")):
            if found:
                listed = ", ".join(repr(name) for name in found)
                stood = "" if what == "twice" else f" in {', '.join(map(repr, columns))}"
                raise RepresentationError(f"{file.name}, header: {what}: {listed}{stood}. Expected: {wanted}.")
        if not rows:
            raise NotEnough(f"{file.name}: no row was found.", f"one row with {wanted}")
        return rows

    def fault(self, row: Row, found: str, expected: str) -> None:
        """Notes what is wrong with a row."""
        self._faults.append(f"{row.place}: {found} was found. Expected: {expected}.")

    def name(self, row: Row, column: str) -> str:
        """The cell as a name: not empty, without blanks around it."""
        text = row.texts.get(column) or ""
        if not text.strip():
            self.fault(row, f"an empty {column}", "a name")
        elif text != text.strip():
            self.fault(row, f"{column} {text!r}", "a name without blanks around it")
        return text

    def text(self, row: Row, column: str) -> str:
        """The cell as it is; empty where there is none."""
        return row.texts.get(column) or ""

    def number(self, row: Row, column: str) -> float:
        """The cell as a finite number; NaN where it is none, which is noted."""
        text = (row.texts.get(column) or "").strip()
        try:
            found = float(text) if _NUMBERS.issuperset(text) else math.nan
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            said = f"{column} {text!r}" if text else f"an empty {column}"
            self.fault(row, said, "a number such as 3 or 0.25")
            return math.nan
        return found

    def choice(self, row: Row, column: str, among: Sequence[str]) -> str:
        """The cell, one of a few texts."""
        text = row.texts.get(column) or ""
        if text not in among:
            self.fault(row, f"{column} {text!r}", f"one of {', '.join(among)}")
        return text

    def close(self) -> None:
        """Says what was wrong.

        Raises:
            RepresentationError: something was; each fault has a line, the first ten of them.
        """
        if self._faults:
            said, others = self._faults[:MOST_SAID], len(self._faults) - MOST_SAID
            raise RepresentationError("\n".join(said + ([f"And {others} more like these."] if others > 0 else [])))


def columns_of(file: Path) -> list[str]:
    """The names in a file's header.

    Raises:
        RepresentationError: it can't be read.
    """
    return _READ[_format_of(file)](file)[0]


def cells_of(file: Path) -> list[tuple[str, list[str]]]:
    """Every line of a CSV file as its cells, with its place; the first one too, for a table without a header.

    Raises:
        RepresentationError: it can't be read, or is no CSV.
        NotEnough: it is empty.
    """
    return list(_csv_lines(file))


def read_bytes(file: Path) -> bytes:
    """What a file holds.

    Raises:
        RepresentationError: it is not there, no file, too large, or may not be read.
    """
    try:
        size = file.stat().st_size
        if not file.is_file():
            _refuse(file, "a folder or device", "a file")
        if size > MOST_BYTES:
            _refuse(file, f"{size:,} bytes", f"at most {MOST_BYTES:,}")
        return file.read_bytes()
    except OSError as error:
        raise RepresentationError(f"{file}: {error.strerror}. Expected: a file that can be read.") from error


def _refuse(file: Path, found: str, expected: str) -> NoReturn:
    raise RepresentationError(f"{file.name}: {found} was found. Expected: {expected}.")


def _format_of(file: Path) -> str:
    ending = file.suffix.lower()
    if ending not in FORMATS:
        _refuse(file, f"the ending {ending!r}" if ending else "no ending", f"one of {', '.join(FORMATS)}")
    return ending


def _text_of(file: Path) -> str:
    content = read_bytes(file)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse(file, "UTF-16", "UTF-8; save it as CSV UTF-8")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"the byte {error.object[error.start]:02x}"
        raise RepresentationError(
            f"{file.name}, line {line}: {byte} was found, which is not UTF-8. Expected: UTF-8; save it as CSV UTF-8."
        ) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise RepresentationError(f"{file.name}, line {line}: a NUL was found. Expected: text in UTF-8.")
    if not text.strip():
        raise NotEnough(f"{file.name}: the file is empty.", "a header and one row")
    return unicodedata.normalize("NFC", text)


def _csv_lines(file: Path) -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(MOST_LETTERS)
    lines = csv.reader(io.StringIO(_text_of(file), newline=""), strict=True)
    begins = 1
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            raise RepresentationError(
                f"{file.name}, line {begins}: {error}. Expected: comma-separated values, quotes doubled inside quotes."
            ) from error
        if cells is None:
            return
        if cells:
            yield f"{file.name}, line {begins}", cells
        begins = lines.line_num + 1


def _read_csv(file: Path) -> tuple[list[str], list[Row]]:
    lines = _csv_lines(file)
    _, columns = next(lines)
    if len(columns) == 1 and any(other in columns[0] for other in ";\t"):
        _refuse(file, f"the header {columns[0]!r}", "cells with commas between them")
    rows = []
    for place, cells in lines:
        if len(cells) != len(columns):
            raise RepresentationError(
                f"{place}: {len(cells)} cells were found. Expected: {len(columns)}, as the header."
            )
        rows.append(Row(place, dict(zip(columns, cells, strict=True))))
    return columns, rows


def _read_jsonl(file: Path) -> tuple[list[str], list[Row]]:
    columns: list[str] = []
    rows = []
    for n, line in enumerate(_text_of(file).split("\n"), 1):
        if not line.strip():
            continue
        place = f"{file.name}, line {n}"
        try:
            found = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise RepresentationError(f"{place}: {error} was found. Expected: one JSON object a line.") from error
        if not isinstance(found, dict):
            raise RepresentationError(f"{place}: {line[:40]!r} was found. Expected: a JSON object.")
        columns = columns or list(found)
        if set(found) != set(columns):
            other = ", ".join(sorted(set(found) ^ set(columns)))
            raise RepresentationError(f"{place}: other keys than in the first line: {other}. Expected: the same ones.")
        rows.append(Row(place, {name: _as_text(value, f"{place}, {name}") for name, value in found.items()}))
    return columns, rows


def _read_parquet(file: Path) -> tuple[list[str], list[Row]]:
    try:
        table = pq.read_table(pa.BufferReader(read_bytes(file)))
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else "nothing that can be read"
        raise RepresentationError(f"{file.name}: {said} Expected: a Parquet file.") from error
    names = list(table.column_names)
    rows = []
    for n, values in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
        place = f"{file.name}, row {n}"
        texts = {name: _as_text(value, f"{place}, {name}") for name, value in zip(names, values, strict=True)}
        rows.append(Row(place, texts))
    return names, rows


def _as_text(value: Any, place: str) -> str | None:
    if value is None or isinstance(value, str):
        return value if value is None else unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | bytes):
        raise RepresentationError(f"{place}: a {type(value).__name__} was found. Expected: a text or a number.")
    return repr(value) if isinstance(value, int | float) else str(value)


_READ = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
