"""Who is to be invited, as a command line or a file of them says it: all of it checked before anybody is made."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coaching.forms import address_problem
from coaching.windows import zone

COLUMNS = ("email", "timezone", "label")
LABEL_LENGTH = 200


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
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = problem.object[: problem.start].count(b"\n") + 1
        raise InvitationFaults([f"row {row}: is not UTF-8; save the file as CSV UTF-8"]) from None
    try:
        rows = list(_numbered(text))
    except csv.Error as problem:
        raise InvitationFaults([f"the file is no CSV: {problem}"]) from None
    if not rows:
        raise InvitationFaults(["row 1: is missing; expected the columns email, timezone, label"])
    header = [name.strip().lower() for name in rows[0][1]]
    faults = list(_header_faults(header))
    if faults:
        raise InvitationFaults(faults)
    return _read(header, rows[1:])


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with its number as a spreadsheet counts, a cell's line breaks aside."""
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
        if any(cell.strip() for cell in cells) or len(cells) > 1:
            yield number, cells


def _header_faults(header: list[str]) -> Iterator[str]:
    for place, name in enumerate(header, start=1):
        if name not in COLUMNS:
            yield f"row 1, column {place}: {name[:60]!r} is no column; expected email, timezone, label, with commas"
        elif name in header[: place - 1]:
            yield f"row 1, column {place}: {name!r} is there twice"


def _read(header: list[str], rows: list[tuple[int, list[str]]]) -> list[Invitation]:
    faults: list[str] = []
    invitations: list[Invitation] = []
    seen: set[str] = set()
    for number, row in rows:
        cells = dict.fromkeys(COLUMNS, "") | {k: v.strip() for k, v in zip(header, row, strict=False)}
        if len(row) > len(header):
            faults.append(f"row {number}, column {len(header) + 1}: is more than the first row has names for")
        faults += [f"row {number}, {column}: {problem}" for column, problem in _problems(cells)]
        address = cells["email"].lower()
        invitations.append(_invitation(f"row {number}", cells, repeats=bool(address) and address in seen))
        seen.add(address)
    if faults:
        raise InvitationFaults(faults)
    return invitations


def _invitation(place: str, cells: dict[str, str], *, repeats: bool = False) -> Invitation:
    return Invitation(place, cells["email"], cells["timezone"], cells["label"], repeats)


def _problems(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong, by column."""
    email, timezone, label = (cells[column] for column in COLUMNS)
    if email and (problem := address_problem(email)):
        yield "email", f"found {email[:60]!r}; {problem}"
    if timezone:
        try:
            zone(timezone)
        except ValueError:
            yield "timezone", f"found {timezone[:60]!r}; expected a name such as 'Europe/Berlin'"
    if len(label) > LABEL_LENGTH:
        yield "label", f"has {len(label)} characters; at most {LABEL_LENGTH} fit"
    if not label.isprintable():
        yield "label", "has line breaks or other characters that can't be printed"
