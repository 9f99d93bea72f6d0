"""A data dictionary as instruments: a form is a questionnaire, a section header or a matrix a section of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from assessments.importers.drafts import MAX_ITEMS, MAX_SECTIONS, NO_LICENCE, Part, check_drafts, drafted
from assessments.importers.losses import Converted, Fault, ImportFaults, Json, Ledger
from assessments.importers.naming import Names
from assessments.importers.redcap import rows as columns
from assessments.importers.redcap.asking import Asking, Field
from assessments.importers.redcap.fields import Fields
from assessments.importers.redcap.rows import Row, read_rows
from assessments.importers.wording import cut, is_title

_RECORD = re.compile(r"(.*_)?(p|r|s|subj|study)?id(_.*)?|.*(record|subject|participant).*")


def from_dictionary(text: bytes, language: str) -> Converted:
    """The forms of a REDCap data dictionary as instruments, their texts as they stand there.

    Args:
        text: The CSV as REDCap writes it: 18 columns, UTF-8 without a byte order mark.
        language: What it is written in; REDCap's own words (yes, no, true, false) are said in it.

    Raises:
        ImportFaults: with every fault, by row and column; nothing is converted then.
    """
    return _Import(read_rows(text), language).converted()


class _Import:
    """Converts one dictionary."""

    def __init__(self, rows: Sequence[Row], language: str) -> None:
        self._rows = rows
        self._ledger = Ledger()
        self._faults: list[Fault] = []
        names = [row[columns.NAME] for row in rows]
        self._read = Fields(names, language, self._ledger, self._faults)
        self._instruments = Names()
        self._fields: dict[str, Field] = {}

    def converted(self) -> Converted:
        forms = [(form, list(rows)) for form, rows in groupby(self._asked(), key=lambda row: row[columns.FORM])]
        names = {form: self._read_items(rows) for form, rows in forms}
        Asking(self._fields, self._ledger, self._faults).attach()
        drafts = [self._instrument(form, rows, names[form]) for form, rows in forms]
        if self._faults:
            raise ImportFaults(self._faults)
        instruments = {draft["id"]: draft for draft in drafts if draft is not None}
        if not instruments:
            raise ImportFaults([Fault("the file", "", "has no field that can be asked")])
        check_drafts(instruments)
        return Converted(instruments, tuple(self._ledger))

    def _asked(self) -> Sequence[Row]:
        """The rows but the first where it names the record."""
        first = self._rows[0]
        is_record = first[columns.TYPE] == "text" and not first[columns.BRANCHING]
        if not is_record or _RECORD.fullmatch(first[columns.NAME]) is None:
            return self._rows
        self._ledger.lost(first.where, "the record's name: people have pseudonyms here")
        self._fields[first[columns.NAME]] = Field(first, 0, None)
        return self._rows[1:]

    def _read_items(self, rows: Sequence[Row]) -> Names:
        """Reads the items of a form; gives the ids that are left for its sections."""
        names = Names()
        for row in rows:
            item = None
            if row[columns.TYPE] != "descriptive":
                id = names.give(row[columns.NAME], "q")
                item = self._read.item(row, id)
                if item is not None and id != row[columns.NAME]:
                    self._ledger.changed(row.where, f"its id is {id!r}: ids have at most 24 characters")
            self._fields[row[columns.NAME]] = Field(row, row.n, item)
        return names

    def _instrument(self, form: str, rows: Sequence[Row], names: Names) -> Json | None:
        id = self._instruments.give(form, "form")
        if id != form:
            self._ledger.changed(f"form {form}", f"its id is {id!r}")
        self._ledger.changed(f"form {form}", "title and source: made from the form's name, for the file has no others")
        return drafted(
            id=id,
            title=cut(form.replace("_", " ").strip().capitalize() or form, 300),
            source=f"REDCap data dictionary, form {form}",
            licence=NO_LICENCE,
            parts=_Sections(self._read, self._fields, names, self._ledger, self._faults).of(rows),
            ledger=self._ledger,
        )


class _Sections:
    """Divides the items of one form into sections."""

    def __init__(
        self, read: Fields, fields: dict[str, Field], names: Names, ledger: Ledger, faults: list[Fault]
    ) -> None:
        self._read = read
        self._fields = fields
        self._names = names
        self._ledger = ledger
        self._faults = faults
        self._parts: list[Part] = []
        self._matrix = ""

    def of(self, rows: Sequence[Row]) -> list[Part]:
        for row in rows:
            if row[columns.TYPE] == "descriptive":
                self._describe(row)
            elif (item := self._fields[row[columns.NAME]].item) is not None:
                self._part_of(row).items.append(item)
            elif row[columns.SECTION]:
                self._open(row, row[columns.MATRIX] or row[columns.SECTION])
        for part in self._parts:
            if not part.items and (part.title or part.leads):
                self._ledger.lost(f"section {part.id}", "a section without anything to answer")
        return self._parts

    def _describe(self, row: Row) -> None:
        """A field that only says something: it leads the items that come after it."""
        text = self._read.words(row, columns.LABEL)
        if row[columns.BRANCHING]:
            self._ledger.lost(row.where, f"{columns.BRANCHING}: what leads a section is shown to everybody")
        self._read.note_ignored(row, columns.CHOICES, columns.NOTE, columns.ANNOTATION)
        if not self._parts or self._parts[-1].items or row[columns.SECTION] or self._matrix:
            self._open(row, row[columns.NAME])
        if text:
            self._parts[-1].leads.append(text)
            self._ledger.changed(row.where, f"it stands before the items of section {self._parts[-1].id!r}")

    def _part_of(self, row: Row) -> Part:
        matrix = row[columns.MATRIX]
        is_begun = bool(self._parts) and bool(self._parts[-1].items)
        if not self._parts or row[columns.SECTION] or (is_begun and matrix != self._matrix):
            self._open(row, matrix or row[columns.SECTION] or row[columns.FORM])
        elif is_begun and len(self._parts[-1].items) >= MAX_ITEMS:
            self._open(row, row[columns.FORM])
        self._matrix = matrix
        return self._parts[-1]

    def _open(self, row: Row, called: str) -> None:
        header = self._read.words(row, columns.SECTION)
        part = Part(self._names.give(called if len(called) <= 40 else "part", "part"))
        if header and is_title(header):
            part.title = header
        elif header:
            part.leads.append(header)
        self._parts.append(part)
        self._matrix = ""
        if sum(1 for part in self._parts if part.items) > MAX_SECTIONS:
            self._faults.append(row.fault(columns.SECTION, f"begins section {MAX_SECTIONS + 1} of a form"))
