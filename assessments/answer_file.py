"""Answers collected elsewhere, read from a CSV file: a row a person, a column an item. All of it is checked first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assessments.answer_map import ROLES, AnswerFaults, Map, Missing
from assessments.branching import branches, due
from assessments.entries import BETWEEN, NA, Entry, Problem, as_given, read_entry
from assessments.points import shown
from protocol.conditions import Given
from protocol.errors import listed
from protocol.errors import shown as quoted
from protocol.instrument import Instrument, Item

MOST_COLUMNS = 1_000
MOST_ROWS = 200_000
LONGEST_ID = 200
_FIRST_YEAR = 1900
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# How many answers must lie from one above the least to the greatest, none at the least, to look like another coding.
_TELLING = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row holds of one item: an entry, or why there is none."""

    status: Literal["answered"] | Missing
    entry: Entry = Entry()


@dataclass(frozen=True, slots=True)
class Row:
    """One person's answers; `number` is the row as a spreadsheet counts."""

    number: int
    participant: str
    language: str
    form: str
    answered_at: datetime | None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Read:
    """A whole file without a fault.

    Attributes:
        rows: The people.
        passed_over: The columns that nothing was read from.
        columns: The column of each role and item that the map gives another name.
    """

    rows: tuple[Row, ...]
    passed_over: tuple[str, ...]
    columns: Mapping[str, str]


def read_answers(content: bytes, instrument: Instrument, map: Map, languages: Sequence[str]) -> Read:
    """Every row of a file, all of them sound.

    Args:
        content: The file: UTF-8 without a byte order mark, commas, a first row of names.
        instrument: What was answered.
        map: Which column is what.
        languages: The study's; the first is that of a row which names none.

    Raises:
        AnswerFaults: with every fault by row and column.
    """
    header, lines = _table(content)
    places, passed_over = _places(header, instrument, map)
    reader = _Reader(instrument, map, languages, header, places)
    rows = [row for number, cells in lines if (row := reader.row(number, cells)) is not None]
    faults = [*reader.faults, *_looks_coded_otherwise(rows, instrument, map, header, places)]
    if not rows and not faults:
        faults.append("row 2: is missing; expected a row for each person")
    if faults:
        raise AnswerFaults(faults)
    return Read(tuple(rows), tuple(passed_over), map.columns)


def header_of(content: bytes) -> list[str]:
    """The names of a file's columns (AnswerFaults where it can't be read)."""
    return _table(content)[0]


# --- the file as a table ---------------------------------------------------------------------------------------------


def _table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    if content.startswith(_BYTE_ORDER_MARKS):
        raise AnswerFaults(["row 1, column 1: begins with a byte order mark; expected plain UTF-8 without one"])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnswerFaults([_not_utf8(content, error)]) from None
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise AnswerFaults([f"row {row}: holds a zero byte; expected text"])
    rows = []
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            if any(cell.strip() for cell in cells):
                rows.append((number, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise AnswerFaults([f"row {number + 1}: can't be read as CSV: {error}; expected each quote closed"]) from None
    if not rows:
        raise AnswerFaults(["row 1: is missing; expected the names of the columns"])
    header = rows[0][1]
    faults = []
    if len(header) > MOST_COLUMNS:
        faults.append(
            f"row 1, column {MOST_COLUMNS + 1}: the file has {len(header)} columns; at most {MOST_COLUMNS} fit"
        )
    if len(rows) > MOST_ROWS:
        faults.append(f"row {rows[MOST_ROWS][0]}: the file has more than {MOST_ROWS} rows; cut it in parts")
    seen: set[str] = set()
    for place, name in enumerate(header[:MOST_COLUMNS], start=1):
        if name and name in seen:
            faults.append(f"row 1, column {place}: {quoted(name)} is there twice; expected each name once")
        seen.add(name)
    if faults:
        raise AnswerFaults(faults)
    return header, rows[1:]


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> str:
    before = content[: error.start]
    row = before.count(b"\n") + 1
    column = before.rpartition(b"\n")[2].count(b",") + 1
    return (
        f"row {row}, column {column}: holds the byte 0x{content[error.start]:02x}, which is not UTF-8; "
        "save the file as CSV UTF-8"
    )


def _places(header: Sequence[str], instrument: Instrument, map: Map) -> tuple[dict[str, int], list[str]]:
    """Where each role and item stands, and the columns of which none does."""
    items = [item.id for item in instrument.items()]
    faults: list[str] = []
    places: dict[str, int] = {}
    for name in ("participant", *items):
        column = map.columns.get(name, name)
        if column in header:
            places[name] = header.index(column)
        elif name == "participant" or not map.is_given or name in map.columns:
            faults.append(
                f"row 1: has no column {quoted(column)}{'' if column == name else f' for {name}'}; expected one"
            )
        else:
            faults.append(f"row 1: has no column for the item {quoted(name)}; expected one, or its name in the map")
    for role in ROLES[1:]:
        column = map.columns.get(role, role)
        if column in header and role not in items:
            places[role] = header.index(column)
    read: dict[int, str] = {}
    for name, place in places.items():
        if place in read:
            faults.append(
                f"row 1, column {place + 1}: {quoted(header[place])} would be read as {read[place]} and as {name}; "
                "expected a column for each"
            )
        read.setdefault(place, name)
    over = [name for place, name in enumerate(header) if place not in read]
    if over and not map.is_given:
        for name in over:
            faults.append(
                f"row 1, column {header.index(name) + 1}: {quoted(name)} is no item of {instrument.id}; expected "
                "participant and its items, or a map that says what is read"
            )
    if instrument.forms and "form" not in places:
        faults.append(f"row 1: has no column 'form'; expected one with {listed(instrument.forms)}")
    if faults:
        raise AnswerFaults(faults)
    return places, over


# --- rows ------------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads rows and gathers what is wrong with them."""

    def __init__(
        self,
        instrument: Instrument,
        map: Map,
        languages: Sequence[str],
        header: Sequence[str],
        places: Mapping[str, int],
    ) -> None:
        self.faults: list[str] = []
        self._instrument = instrument
        self._items = instrument.items()
        self._map = map
        self._languages = languages
        self._header = header
        self._places = places
        self._branches = branches(instrument)
        self._first_row: dict[str, int] = {}
        if map.ends is not None:
            self._check_ends(map.ends)

    def row(self, number: int, cells: Sequence[str]) -> Row | None:
        before = len(self.faults)
        if len(cells) > len(self._header):
            self._fault(number, f"column {len(self._header) + 1}", "is more than the first row has names for")
        texts = {name: cells[place] if place < len(cells) else "" for name, place in self._places.items()}
        participant = self._participant(number, texts["participant"])
        language = self._language(number, texts.get("language", ""))
        form = self._form(number, texts.get("form", ""))
        answered_at = self._instant(number, texts.get("answered_at", ""))
        found = {item.id: self._cell(number, item, texts[item.id]) for item in self._items}
        if self._branches:
            found |= self._not_due(number, form, found)
        if len(self.faults) > before:
            return None
        return Row(number, participant, language, form, answered_at, found)

    def _cell(self, number: int, item: Item, text: str) -> Cell:
        if text in self._map.missing:
            return Cell(self._map.missing[text])
        if not text:
            return Cell("skipped" if item.optional else "not_reached")
        if text == NA and item.na is not None:
            return Cell("not_applicable")
        given = read_entry(item, text.split(BETWEEN) if item.type == "multi" else [text])
        if isinstance(given, Problem):
            self._fault(number, self._column(item.id), f"found {quoted(text)}; {_expected(item)}")
            return Cell("not_reached")
        return Cell("answered", given)

    def _not_due(self, number: int, form: str, cells: Mapping[str, Cell]) -> dict[str, Cell]:
        items = {item.id: item for item in self._items}
        given: dict[str, Given] = {
            id: as_given(items[id], cell.entry.value, cell.entry.text)
            for id, cell in cells.items()
            if cell.status != "not_reached"
        }
        not_due = [id for id, is_due in due(self._instrument, form, given).items() if is_due is False]
        for id in not_due:
            if cells[id].status == "answered":
                self._fault(
                    number, self._column(id), "is answered though earlier answers leave it out; expected nothing"
                )
        return {id: Cell("not_due") for id in not_due}

    def _participant(self, number: int, text: str) -> str:
        if not text:
            self._fault(number, self._column("participant"), "is empty; expected who answered")
        elif len(text) > LONGEST_ID or not text.isprintable():
            self._fault(
                number, self._column("participant"), f"found {quoted(text)}; expected at most {LONGEST_ID} letters"
            )
        elif text in self._first_row:
            self._fault(
                number,
                self._column("participant"),
                f"{quoted(text)} is in row {self._first_row[text]} already; expected a row a person",
            )
        self._first_row.setdefault(text, number)
        return text

    def _language(self, number: int, text: str) -> str:
        if text and text not in self._languages:
            self._fault(
                number, self._column("language"), f"found {quoted(text)}; expected one of {listed(self._languages)}"
            )
        return text or self._languages[0]

    def _form(self, number: int, text: str) -> str:
        if self._instrument.forms and text not in self._instrument.forms:
            self._fault(
                number, self._column("form"), f"found {quoted(text)}; expected one of {listed(self._instrument.forms)}"
            )
        return text if self._instrument.forms else ""

    def _instant(self, number: int, text: str) -> datetime | None:
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None or found.year < _FIRST_YEAR:
            self._fault(
                number,
                self._column("answered_at"),
                f"found {quoted(text)}; expected a time with its offset, such as 2026-01-31T09:30:00+01:00",
            )
            return None
        return found

    def _check_ends(self, ends: tuple[float, float]) -> None:
        for item in self._items:
            if item.scale is not None and (item.scale.min, item.scale.max) != ends:
                self.faults.append(
                    f"map, scale: the file is coded {shown(ends[0])} to {shown(ends[1])}, but {item.id} goes from "
                    f"{shown(item.scale.min)} to {shown(item.scale.max)}; expected the same ends"
                )
                return

    def _column(self, name: str) -> str:
        return f"column {self._header[self._places[name]]}" if name in self._places else f"column {name}"

    def _fault(self, number: int, column: str, problem: str) -> None:
        self.faults.append(f"row {number}, {column}: {problem}")


def _expected(item: Item) -> str:
    if item.scale is not None:
        step = "" if item.scale.step == 1 else f" in steps of {shown(item.scale.step)}"
        whole = "a whole number" if item.scale.step == 1 and float(item.scale.min).is_integer() else "a number"
        return f"expected {whole} from {shown(item.scale.min)} to {shown(item.scale.max)}{step}, or nothing"
    if item.type == "number":
        low, high = item.bounds.min, item.bounds.max
        ends = [f"at least {shown(low)}"] if low is not None else []
        ends += [f"at most {shown(high)}"] if high is not None else []
        return f"expected a number {listed(ends, 'and')}".removesuffix(" nothing") + ", or nothing"
    if item.type in ("choice", "multi"):
        between = f", several with {BETWEEN} between" if item.type == "multi" else ""
        return f"expected {listed(choice.id for choice in item.choices)}{between}, or nothing"
    if item.type == "date":
        return "expected a date such as 2026-01-31 that the item allows, or nothing"
    return f"expected text of at most {item.longest} characters, or nothing"


def _looks_coded_otherwise(
    rows: Sequence[Row], instrument: Instrument, map: Map, header: Sequence[str], places: Mapping[str, int]
) -> Iterator[str]:
    """A file of 1 to 10 for a scale of 0 to 10: every answer fits, and each of them means something else."""
    if map.ends is not None:
        return
    scales = {item.id: item.scale for item in instrument.items() if item.scale is not None and item.scale.min == 0}
    for scale in dict.fromkeys((scale.step, scale.max) for scale in scales.values()):
        ids = [id for id, of in scales.items() if (of.step, of.max) == scale]
        found = [(row.number, id, row.cells[id].entry.value) for row in rows for id in ids]
        values = [value for _, _, value in found if value is not None]
        if len(values) >= _TELLING and (min(values), max(values)) == scale:
            number, id, _ = next(each for each in found if each[2] == scale[0])
            low, high = shown(scale[0]), shown(scale[1])
            yield (
                f"row {number}, column {header[places[id]]}: no answer of the file is 0, while {low} and {high} are "
                f"there: it looks coded {low} to {high}; expected 0 to {high}. Recode it, or say "
                f"`scale: {{min: 0, max: {high}}}` in the map"
            )
