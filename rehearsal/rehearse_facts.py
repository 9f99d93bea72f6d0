"""One person's facts as a rehearsal's check reckons them for itself: from acts and rows, by no rule of the product's.

Its calendar is its own: a few lines over the standard library's time zones, so that a fault of the product's own
calendar is not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from protocol.durations import SECONDS, Duration
from protocol.study import At, Step, Study
from rehearsal.rehearse_journal import Act, Journal, Rows

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What there is to know of one person."""

    study: Study
    rows: Rows
    journal: Journal

    @cached_property
    def occasions(self) -> dict[str, Row]:
        """The steps' rows, by id."""
        return {row["key"]: row for row in self.rows.occasions}

    @cached_property
    def steps(self) -> dict[str, Step]:
        """The steps of the person's way, by id."""
        return {step.id: step for step in self.study.path(self.rows.enrolment["arm"] or None)}

    @cached_property
    def pauses(self) -> list[tuple[datetime, datetime]]:
        """From when to when they paused; without an end, for good."""
        far = datetime.max.replace(tzinfo=UTC)
        return [(row["paused_at"], min(row["resumed_at"] or far, self.left_at or far)) for row in self.rows.pauses]

    @property
    def left_at(self) -> datetime | None:
        """When they left the study altogether."""
        return self.first("withdrew", "erased")

    def first(self, *what: str, of: str = "") -> datetime | None:
        """When something was done first; None: never."""
        acts = self.journal.of(self.rows.pseudonym, *what)
        return next((act.at for act in acts if not of or act.of == of), None)

    def acts(self, *what: str) -> Iterator[Act]:
        """What was done, in its order."""
        return self.journal.of(self.rows.pseudonym, *what)

    def is_paused(self, begin: datetime, end: datetime | None = None) -> bool:
        """Whether they paused at an instant, or at any between two."""
        return any(start <= (end or begin) and begin < stop for start, stop in self.pauses)

    def zone_at(self, at: datetime) -> ZoneInfo:
        """Where they lived then, by their own word."""
        said = [act.of for act in self.acts("consented", "moved zone") if act.at <= at]
        return ZoneInfo(said[-1] if said else self.study.timezone)

    @property
    def has_moved(self) -> bool:
        """Whether they ever moved: then some times were reckoned on other clocks."""
        return self.first("moved zone") is not None

    def is_touched(self, step: str) -> bool:
        """Whether staff changed a step."""
        return self.first("staff moved", "staff skipped", of=step) is not None

    # --- the calendar ---

    def due_of(self, step: Step) -> tuple[datetime, datetime] | None:
        """Between which two instants a step must be due; None where it is not for this to say."""
        if step.at is None or self.has_moved or self.is_touched(step.id):
            return None
        base = self._base(step.at)
        if base is None:
            return None
        least = self._put(base, step.at, step.at.offset, first=True)
        most = self._put(base, step.at, step.at.upto or step.at.offset, first=False)
        return least, most

    def _base(self, at: At) -> datetime | None:
        if at.anchor in {"consent", "allocation"}:
            value: datetime | None = self.rows.enrolment[f"{'consented' if at.anchor == 'consent' else 'allocated'}_at"]
            return value
        row = self.occasions.get(at.anchor)
        column = {"done": "settled_at", "settled": "settled_at", "due": "due_at", "closed": "closes_at"}[at.moment]
        return row[column] if row is not None and row["state"] != "cancelled" else None

    def _put(self, base: datetime, at: At, length: Duration, *, first: bool) -> datetime:
        moved = self._later(self._later(base, length), at.further)
        if at.hours is None:
            return moved
        zone = self.zone_at(base)
        # Days before the hour: an anchor at 01:30 that a skipped hour moved may be on either side of nothing else.
        day = moved.astimezone(zone).date()
        return datetime.combine(day, at.hours[0 if first else 1], zone).astimezone(UTC)

    def _later(self, base: datetime, length: Duration) -> datetime:
        if length.count == 0:
            return base
        if length.unit != "d":
            return base + timedelta(seconds=length.count * SECONDS[length.unit])
        zone = self.zone_at(base)
        wall = base.astimezone(zone).replace(tzinfo=None) + timedelta(days=length.count)
        return wall.replace(tzinfo=zone).astimezone(UTC)

    def reads_between(self, at: datetime, between: tuple[time, time] | None) -> bool:
        """Whether the person's clocks read a time between two, the second left out."""
        return between is None or between[0] <= at.astimezone(self.zone_at(at)).time() < between[1]

    def turn_after(self, due_at: datetime, between: tuple[time, time] | None, grid: timedelta) -> datetime:
        """By when a turn has had the chance to send what was due: within the hours, if there are any.

        What falls due in the last minutes of the hours may find the next turn after them, and waits for the morning.
        """
        latest = due_at + grid
        if between is None or self.reads_between(latest, between):
            return latest
        zone = self.zone_at(latest)
        local = latest.astimezone(zone)
        day = local.date() + timedelta(days=1 if local.time() >= between[0] else 0)
        return datetime.combine(day, between[0], zone).astimezone(UTC) + grid
