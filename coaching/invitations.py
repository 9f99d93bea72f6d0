"""Who is to be invited, as a command line or a file of them says it: all of it checked before anybody is made."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from coaching.forms import LABEL_LENGTH, address_problem
from coaching.windows import zone

COLUMNS = ("email", "timezone", "label")


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person to invite; each part may be empty.

    Attributes:
        place: Where it was said, for messages: `row 3`, counted as a spreadsheet does.
        repeats: Whether an earlier row has the same address.
    """

    place: str
    email: str
    timezone: str
    label: str
    repeats: bool = False

    @property
    def person(self) -> dict[str, str]:
        """The parts that are stored."""
        return {"email": self.email, "timezone": self.timezone, "label": self.label}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: where, and what was found and expected."""

    place: str
    column: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}, {self.column}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One row of a file: whom it would invite, its number as a spreadsheet counts, and what is wrong in it."""

    invitation: Invitation
    number: int
    faults: tuple[Fault, ...]


class InvitationFaults(Exception):
    """All that is wrong with a list of invitations, a line each: `row 3, email: …`."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def single(*, email: str, timezone: str, label: str) -> Invitation:
    """The invitation of one person.

    Raises:
        InvitationFaults: a part is not what it should be.
    """
    cells = {"email": email.strip(), "timezone": timezone.strip(), "label": label.strip()}
    faults = [f"--{column}: {problem}" for column, problem in _problems(cells)]
    if faults:
        raise InvitationFaults(faults)
    return _invitation("invite", cells)


def from_csv(path: Path) -> list[Invitation]:
    """A person a row, in the file's order; blank lines are passed over.

    Raises:
        InvitationFaults: with every fault of the file.
        OSError: it can't be read.
    """
    rows = checked(path.read_bytes())
    faults = [str(fault) for row in rows for fault in row.faults]
    if faults:
        raise InvitationFaults(faults)
    return [row.invitation for row in rows]


def checked(content: bytes) -> list[Checked]:
    """Every row of a CSV file with what is wrong in it; blank lines are passed over.

    Raises:
        InvitationFaults: the file has no rows that could be looked at: no UTF-8, no CSV, no or other columns.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = problem.object[: problem.start].count(b"\n") + 1
        raise InvitationFaults([_("row %(n)d: is not UTF-8; save the file as CSV UTF-8") % {"n": row}]) from None
    try:
        rows = list(_numbered(text))
    except csv.Error as problem:
        raise InvitationFaults([_("the file is no CSV: %(problem)s") % {"problem": problem}]) from None
    if not rows:
        raise InvitationFaults([_("row 1: is missing; expected the columns email, timezone, label")])
    header = [name.strip().lower() for name in rows[0][1]]
    faults = list(_header_faults(header))
    if faults:
        raise InvitationFaults(faults)
    return list(_read(header, rows[1:]))


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with its number as a spreadsheet counts, a cell's line breaks aside."""
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
        if any(cell.strip() for cell in cells) or len(cells) > 1:
            yield number, cells


def _header_faults(header: list[str]) -> Iterator[str]:
    for place, name in enumerate(header, start=1):
        if name not in COLUMNS:
            yield _("row 1, column %(n)d: %(found)s is no column; expected email, timezone, label, with commas") % {
                "n": place,
                "found": repr(name[:60]),
            }
        elif name in header[: place - 1]:
            yield _("row 1, column %(n)d: %(found)s is there twice") % {"n": place, "found": repr(name)}


def _read(header: list[str], rows: list[tuple[int, list[str]]]) -> Iterator[Checked]:
    seen: set[str] = set()
    for number, row in rows:
        cells = dict.fromkeys(COLUMNS, "") | {k: v.strip() for k, v in zip(header, row, strict=False)}
        place, faults = f"row {number}", []
        if len(row) > len(header):
            faults.append(Fault(place, f"column {len(header) + 1}", _("is more than the first row has names for")))
        faults += [Fault(place, column, problem) for column, problem in _problems(cells)]
        address = cells["email"].lower()
        repeats = bool(address) and address in seen
        seen.add(address)
        yield Checked(_invitation(place, cells, repeats=repeats), number, tuple(faults))


def _invitation(place: str, cells: dict[str, str], *, repeats: bool = False) -> Invitation:
    return Invitation(place, cells["email"], cells["timezone"], cells["label"], repeats)


def _problems(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong, by column."""
    email, timezone, label = (cells[column] for column in COLUMNS)
    if email and (problem := address_problem(email)):
        yield "email", _("found %(found)s; %(problem)s") % {"found": repr(email[:60]), "problem": problem}
    if timezone:
        try:
            zone(timezone)
        except ValueError:
            yield (
                "timezone",
                _("found %(found)s; expected a name such as 'Europe/Berlin'") % {"found": repr(timezone[:60])},
            )
    if len(label) > LABEL_LENGTH:
        yield "label", _("has %(n)d characters; at most %(most)d fit") % {"n": len(label), "most": LABEL_LENGTH}
    if not label.isprintable():
        yield "label", _("has line breaks or other characters that can't be printed")
