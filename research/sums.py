"""The arithmetic of a study's numbers: what must add up, what share is missing, where enrolment leads. No database."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

# --- the participant flow --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the people of one group (or of a cohort) stand: counts of people, each counted by itself.

    Attributes:
        total: Everybody in it.
        started: Those who began a step that comes after allocation (in a cohort: after consent).
        not_started: Those who did not.
        unknown: Erased people of whom that is no longer known.
        completed: Those with nothing left to do who did not leave.
        left: Those who left.
        deleted: Those who were erased and had neither completed nor left.
        in_progress: Everybody else.
        missed: Those who missed a required step, wherever they stand.
        stopped_training: Those who stopped the training and neither left nor were erased.
    """

    total: int = 0
    started: int = 0
    not_started: int = 0
    unknown: int = 0
    completed: int = 0
    left: int = 0
    deleted: int = 0
    in_progress: int = 0
    missed: int = 0
    stopped_training: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """The participant flow: counts of people from the door to the end, each counted by itself.

    Attributes:
        invited: Those invited, whatever they did then.
        assessed: Those who answered anything at the door or consented.
        excluded: Those who may not take part, by reason.
        unfinished: Those who began at the door and went no further yet.
        consented: Those who consented and were not excluded afterwards.
        waiting: Those of them who are to be allocated yet.
        gone: Those of them who left, or were erased, before they were allocated.
        allocated: Those of them who were given a group.
        groups: The allocated, by group.
        cohort: Those of them who take part in a version without groups.
    """

    invited: int = 0
    assessed: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    unfinished: int = 0
    consented: int = 0
    waiting: int = 0
    gone: int = 0
    allocated: int = 0
    groups: Mapping[str, Standing] = field(default_factory=dict)
    cohort: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True)
class Level:
    """One count of people and the counts that it must be the sum of; `group` is empty outside a group."""

    name: str
    total: int
    parts: Mapping[str, int]
    group: str = ""

    @property
    def unplaced(self) -> int:
        """How many people are in the total and in no part; negative if the parts hold too many."""
        return self.total - sum(self.parts.values())


def levels(people: People) -> Iterator[Level]:
    """Every level of the flow, from the door on."""
    excluded = sum(people.excluded.values())
    yield Level(
        "assessed",
        people.assessed,
        {"excluded": excluded, "unfinished": people.unfinished, "consented": people.consented},
    )
    yield Level(
        "consented",
        people.consented,
        {
            "allocated": people.allocated,
            "waiting": people.waiting,
            "gone": people.gone,
            "cohort": people.cohort.total,
        },
    )
    yield Level("allocated", people.allocated, {name: group.total for name, group in people.groups.items()})
    for name, group in (*people.groups.items(), ("", people.cohort)):
        yield Level(
            "started",
            group.total,
            {"started": group.started, "not_started": group.not_started, "unknown": group.unknown},
            name,
        )
        ends = {"completed": group.completed, "left": group.left, "deleted": group.deleted}
        yield Level("ended", group.total, {**ends, "in_progress": group.in_progress}, name)


def faults(people: People) -> list[Level]:
    """The levels that do not add up."""
    return [level for level in levels(people) if level.unplaced]


# --- missing answers -------------------------------------------------------------------------------------------------

KINDS = ("answered", "declined", "skipped", "not_applicable", "not_reached", "not_due", "lost")
MISSING = ("skipped", "not_reached", "lost")  # "rather not say" is an answer; what was not due can't be missing
_STEPS = (5, 15, 25, 40)  # % missing from which a cell is darker by one, after the one for anything above 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure at one timepoint: how many of its rows are of which kind."""

    counts: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Every row, whatever its kind."""
        return sum(self.counts.values())

    @property
    def due(self) -> int:
        """The rows that were to be answered."""
        return self.rows - self.counts.get("not_due", 0)

    @property
    def missing(self) -> int:
        """The rows that were to be answered and have neither an answer nor a refusal."""
        return sum(self.counts.get(kind, 0) for kind in MISSING)

    @property
    def percent(self) -> float | None:
        """Missing in % of those due, 0 to 100; None while nothing was due."""
        return 100 * self.missing / self.due if self.due else None

    @property
    def shade(self) -> int:
        """Its step on a ramp of six: 0 for nothing missing, 5 from 40 % on."""
        percent = self.percent or 0
        return 0 if percent == 0 else 1 + sum(percent >= step for step in _STEPS)


def cell(rows: int, others: Mapping[str, int]) -> Cell:
    """The cell of so many rows, of which all that are of no other kind are answered.

    Raises:
        ValueError: There are more of the other kinds than rows.
    """
    answered = rows - sum(others.values())
    if answered < 0:
        raise ValueError(f"{rows} rows, and {sum(others.values())} of them without an answer")
    return Cell({kind: answered if kind == "answered" else others.get(kind, 0) for kind in KINDS})


def percent_text(percent: float) -> str:
    """A share as it is printed: whole, but never 0 or 100 for what is neither."""
    if 0 < percent < 1:
        return "<1"
    if 99 < percent < 100:
        return ">99"
    return str(math.floor(percent + 0.5))


# --- enrolment -------------------------------------------------------------------------------------------------------

LEAST_JOINED = 5  # fewer make no curve
PACE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people are planned, from the first day to the last."""

    target: int
    first: date
    last: date

    def by(self, day: date) -> float:
        """How many people are planned by the end of a day: as many every day."""
        length = (self.last - self.first).days + 1
        passed = min(max((day - self.first).days + 1, 0), length)
        return self.target * passed / length


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the pace of the last weeks leads: `day` is None where nobody joined in them."""

    joined: int
    days: int
    day: date | None


def curve(days: Sequence[date]) -> list[tuple[date, int]]:
    """How many had joined by the end of each day on which somebody did; `days` has a day for each person, ascending."""
    counted: dict[date, int] = {}
    for n, day in enumerate(days, start=1):
        counted[day] = n
    return list(counted.items())


def projection(days: Sequence[date], target: int, today: date) -> Projection | None:
    """When `target` is reached at the pace of the last 28 days (or since the first day, if that is less).

    None when it is reached already, or nobody has joined. `days` as in `curve`; `today` counts as a whole day.
    """
    if not days or len(days) >= target:
        return None
    since = max(days[0], today - PACE + timedelta(days=1))
    length = (today - since).days + 1
    recent = sum(day >= since for day in days)
    if recent == 0:
        return Projection(0, length, None)
    needed = -(-(target - len(days)) * length // recent)  # rounded up, in whole numbers
    return Projection(recent, length, today + timedelta(days=needed))


def week(day: date, first: date) -> int:
    """Which week a day lies in, 1 the week that begins on `first`."""
    return (day - first).days // 7 + 1
