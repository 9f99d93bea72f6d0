"""A REDCap data dictionary as rows: 18 columns in their order, in UTF-8, each fault with its row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assessments.importers.losses import Fault, ImportFaults
from protocol.errors import listed, shown
from protocol.nodes import UNFIT

NAME = "Variable / Field Name"
FORM = "Form Name"
SECTION = "Section Header"
TYPE = "Field Type"
LABEL = "Field Label"
CHOICES = "Choices, Calculations, OR Slider Labels"
NOTE = "Field Note"
VALIDATION = "Text Validation Type OR Show Slider Number"
MIN = "Text Validation Min"
MAX = "Text Validation Max"
IDENTIFIER = "Identifier?"
BRANCHING = "Branching Logic (Show field only if...)"
REQUIRED = "Required Field?"
ALIGNMENT = "Custom Alignment"
NUMBER = "Question Number (surveys only)"
MATRIX = "Matrix Group Name"
RANKING = "Matrix Ranking?"
ANNOTATION = "Field Annotation"
COLUMNS = (
    NAME, FORM, SECTION, TYPE, LABEL, CHOICES, NOTE, VALIDATION, MIN, MAX, IDENTIFIER, BRANCHING, REQUIRED, ALIGNMENT,
    NUMBER, MATRIX, RANKING, ANNOTATION,
)  # fmt: skip
TYPES = (
    "text", "notes", "radio", "dropdown", "checkbox", "yesno", "truefalse", "slider", "calc", "file", "descriptive",
    "sql",
)  # fmt: skip

MAX_BYTES = 10_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 200
_MARKS = {b"\xef\xbb\xbf": "a UTF-8", b"\xff\xfe": "a UTF-16", b"\xfe\xff": "a UTF-16"}
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_API_NAME = "field_name"


@dataclass(frozen=True, slots=True)
class Row:
    """One field; `n` is its row in a spreadsheet, where the header is row 1."""

    n: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def where(self) -> str:
        """The row and the field, as losses name them."""
        return f"row {self.n} {self.cells[NAME]}"

    def fault(self, column: str, message: str) -> Fault:
        """A fault in one of its cells."""
        return Fault(f"row {self.n}", column, message)


def read_rows(content: bytes) -> list[Row]:
    """The fields of a dictionary, in its order; rows without anything in them are passed over.

    Raises:
        ImportFaults: with every fault that makes it no dictionary.
    """
    records = _records(_decoded(content))
    faults = list(_header_faults(records[0] if records else []))
    if faults:
        raise ImportFaults(faults)
    if len(records) > MAX_ROWS + 1:
        raise ImportFaults([Fault(f"row {MAX_ROWS + 2}", "", f"the file has more than {MAX_ROWS:,} fields")])
    rows: list[Row] = []
    for n, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) == len(COLUMNS):
            cells = (cell.strip() for cell in record)
            rows.append(Row(n, dict(zip(COLUMNS, cells, strict=True))))
        else:
            faults.append(Fault(f"row {n}", "", f"has {len(record)} cells; expected {len(COLUMNS)}"))
    faults += _row_faults(rows)
    if not rows and not faults:
        faults.append(Fault("row 2", "", "the file has no fields"))
    if faults:
        raise ImportFaults(faults)
    return rows


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise ImportFaults([Fault("the file", "", f"has {len(content):,} bytes; expected at most {MAX_BYTES:,}")])
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            message = f"begins with {name} byte order mark; expected plain UTF-8 without one"
            raise ImportFaults([Fault("row 1", "1", message)])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        message = (
            f"holds the byte 0x{byte:02x}, which is not UTF-8 (in Latin-1 it is {bytes([byte]).decode('latin-1')!r})"
        )
        raise ImportFaults([_at(content[: error.start].decode("utf-8"), message)]) from None
    unfit = UNFIT.search(text)
    if unfit is not None:
        message = f"holds the control character U+{ord(unfit.group()):04X}; expected text"
        raise ImportFaults([_at(text[: unfit.start()], message)])
    return text


def _at(before: str, message: str) -> Fault:
    """A fault at the place that comes after a beginning of the file."""
    try:
        records = list(csv.reader(io.StringIO(before + "?", newline="")))
    except csv.Error:
        return Fault(f"line {before.count(chr(10)) + 1}", "", message)
    row, column = len(records), len(records[-1])
    return Fault(f"row {row}", COLUMNS[column - 1] if column <= len(COLUMNS) else str(column), message)


def _records(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > MAX_ROWS + 1:
                break
    except csv.Error as error:
        message = f"can't be read as comma-separated values: {error}; expected cells in quotes, quotes in them doubled"
        raise ImportFaults([Fault(f"line {reader.line_num}", "", message)]) from None
    return records


def _header_faults(header: list[str]) -> Iterator[Fault]:
    if len(header) > MAX_COLUMNS:
        yield Fault("row 1", "", f"has {len(header):,} columns; expected {len(COLUMNS)}")
        return
    hint = ""
    if header[:1] == [_API_NAME]:
        hint = "; this is the API's export: download the data dictionary from the project's page"
    elif len(header) == 1 and re.search(r"[;\t]", header[0]):
        hint = "; the cells are divided by something else than commas"
    if len(header) != len(COLUMNS):
        yield Fault("row 1", "", f"has {len(header)} columns; expected {len(COLUMNS)}{hint}")
    for place, (found, expected) in enumerate(zip(header, COLUMNS, strict=False), start=1):
        if found.strip() != expected:
            yield Fault("row 1", str(place), f"is {shown(found)}; expected {expected!r}{hint}")


def _row_faults(rows: list[Row]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    closed: set[str] = set()
    form = None
    for row in rows:
        name = row[NAME]
        if not _FIELD_NAME.fullmatch(name):
            yield row.fault(
                NAME, f"is {shown(name)}; expected a small letter, then small letters, digits or _, at most 100"
            )
        elif name in seen:
            yield row.fault(NAME, f"is {name!r} again, the name of row {seen[name]}; expected each name once")
        seen.setdefault(name, row.n)
        if not row[FORM]:
            yield row.fault(FORM, "is empty; expected the name of the form")
        if row[FORM] != form:
            if row[FORM] in closed:
                yield row.fault(FORM, f"is {shown(row[FORM])} again; expected the rows of a form one after the other")
            closed.add(form or "")
            form = row[FORM]
        if row[TYPE] not in TYPES:
            yield row.fault(TYPE, f"is {shown(row[TYPE])}; expected {listed(TYPES)}")
