"""What the people of a rehearsal did, as whoever did it wrote it down: the check reads this and not the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from coaching.models import Enrolment, Message

ROWS = ("occasions", "messages", "alerts", "pauses", "payments")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did.

    Attributes:
        at: When.
        person: Whose programme it is about, by pseudonym.
        what: `came`, `turned away`, `consented`, `moved zone`, `paused`, `resumed`, `left training`,
            `stopped contact`, `erased`, `withdrew`, `reported`, `answered`, `staff moved`, `staff skipped`, `looked`.
        of: The step, or the zone.
        said: Of `answered`: what was given, by item.
    """

    at: datetime
    person: str
    what: str
    of: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that arrived: the key of its message, to whom, and the time that it bears."""

    key: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All that the product holds of one person, taken at the end, or just before they were erased."""

    pseudonym: str
    address: str
    enrolment: Mapping[str, Any]
    occasions: tuple[Mapping[str, Any], ...]
    messages: tuple[Mapping[str, Any], ...]
    alerts: tuple[Mapping[str, Any], ...]
    pauses: tuple[Mapping[str, Any], ...]
    payments: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Journal:
    """Everything that the check goes by."""

    acts: list[Act] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    erased: dict[str, Rows] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def of(self, person: str, *what: str) -> Iterator[Act]:
        """The acts of one person, in their order."""
        return (act for act in self.acts if act.person == person and act.what in what)


def rows_of(person: Enrolment, address: str) -> Rows:
    """What the product holds of one person now."""
    held = {name: tuple(getattr(person, name).order_by("pk").values()) for name in ROWS}
    of = Enrolment.objects.filter(pk=person.pk).values().get()
    return Rows(pseudonym=person.pseudonym, address=address, enrolment=of, **held)


def is_to_the_team(message: Mapping[str, Any]) -> bool:
    """Whether a message goes to who is on call, and not to the person."""
    return bool(message["kind"] == Message.Kind.ALERT)


def collect(journal: Journal, sink: Path) -> None:
    """Reads the mails that arrived since the last time."""
    for file in sorted(sink.glob("*.eml")):
        if file.name in journal.read:
            continue
        journal.read.add(file.name)
        headers = _headers(file)
        at = datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S %z")
        journal.mails.append(Mail(headers["x-followup-key"], headers["to"], at))


def _headers(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line:
            break
        name, colon, value = line.partition(": ")
        if colon and not line.startswith((" ", "\t")):
            found[name.lower()] = value.strip()
    return found
