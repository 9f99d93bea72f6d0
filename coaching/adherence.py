"""Who needs somebody to look at them, and how a person's days went: from the rows of their steps alone.

Pure. Instants are aware UTC datetimes, days are those of the person's own zone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from coaching import windows
from protocol.durations import Duration

State = Literal["waiting", "open", "done", "missed", "cancelled"]
Mark = Literal["done", "part", "missed", "open"]
DayState = Literal["done", "part", "missed", "open", "rest", "paused", "away"]
Kind = Literal["alert", "safety", "help", "late", "closing", "mail", "held"]

SOON = dt.timedelta(hours=48)
STRIP_DAYS = 28
# The order of the list of who needs somebody: who may not be well, then what a person asks for themself, then what a
# calendar says.
KINDS: tuple[Kind, ...] = ("alert", "safety", "help", "late", "closing", "mail", "held")
# The least that `days_late` counts as a day: clocks that are set forward make one shorter, nowhere by more than this.
SHORTEST_DAY = dt.timedelta(hours=21)


@dataclass(frozen=True, slots=True)
class Stored:
    """One planned step of one person, as its row has it.

    Attributes:
        key: The step's id.
        state: As of the last settling; `state_at` says how it stands now.
        optional: Whether nothing hangs on it.
        due_at: Its `at`; None while that is not known, or never will be.
        opens_at: The start of its window.
        closes_at: The end of its window; None without one.
        started_at: When the person first acted on it.
        settled_at: When it was done, missed or cancelled.
        skipped_at: When staff ended it undone.
    """

    key: str
    state: str
    optional: bool = False
    due_at: dt.datetime | None = None
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    settled_at: dt.datetime | None = None
    skipped_at: dt.datetime | None = None


def state_at(step: Stored, now: dt.datetime) -> State:
    """How a step stands at `now` as far as its row can tell, so that no list waits for the next settling."""
    if step.settled_at is not None:
        return step.state  # type: ignore[return-value]
    if step.skipped_at is not None and step.skipped_at <= now:
        return "missed"
    if step.opens_at is None:
        return step.state  # type: ignore[return-value]
    if step.closes_at is not None and step.closes_at <= now:
        return "missed"
    return "open" if step.opens_at <= now else "waiting"


# --- who needs somebody ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Concern:
    """A reason to look at a person that a step of theirs gives.

    Attributes:
        kind: `late` or `closing`.
        step: The step's id.
        days: Whole days past its due, with `late`.
        due_at: When it was due, with `late`.
        closes_at: When its window closes, where it has one.
        reasons: By what names it is seen to. Another step or another date is another reason.
    """

    kind: Kind
    step: str
    days: int
    due_at: dt.datetime | None
    closes_at: dt.datetime | None
    reasons: tuple[str, ...]


def days_late(due_at: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> int:
    """Whole days since `due_at`, each to the same wall time in the zone; 0 within the first, and before it."""
    days = max(0, (now - due_at).days)
    while windows.add(due_at, Duration(days + 1, "d"), zone) <= now:
        days += 1
    while days and windows.add(due_at, Duration(days, "d"), zone) > now:
        days -= 1
    return days


def concern_of(
    step: Stored,
    now: dt.datetime,
    zone: ZoneInfo,
    *,
    seen: Collection[str] = (),
    written_at: dt.datetime | None = None,
) -> Concern | None:
    """What an open, required step asks of staff; None where there is nothing, or they have seen to it.

    A step at least a whole day past its due is late; one whose window is about to close (`closing_from`) is closing.
    What is both stands as late and goes by both names, so that whoever has seen to it is not told again of the same
    step at once. `written_at` is when staff last wrote to the person: that sees to whatever had arisen by then.
    """
    if step.optional or state_at(step, now) != "open":
        return None
    arisen: list[tuple[Kind, dt.datetime, dt.datetime]] = []
    days = days_late(step.due_at, now, zone) if step.due_at is not None else 0
    if step.due_at is not None and days >= 1:
        arisen.append(("late", step.due_at, windows.add(step.due_at, Duration(1, "d"), zone)))
    closing_at = closing_from(step)
    if step.closes_at is not None and closing_at is not None and closing_at <= now:
        arisen.append(("closing", step.closes_at, closing_at))
    left = [
        (kind, name)
        for kind, at, arose_at in arisen
        if (name := reason_of(kind, step.key, at)) not in seen and not (written_at and written_at >= arose_at)
    ]
    if not left:
        return None
    return Concern(left[0][0], step.key, days, step.due_at, step.closes_at, tuple(name for _, name in left))


def closing_from(step: Stored) -> dt.datetime | None:
    """From when a window counts as about to close: 48 hours before, or half of one that is shorter than four days.

    Half, so that a step which is open for a day is not a matter for staff from its first minute on.
    """
    if step.closes_at is None or step.opens_at is None:
        return None
    return step.closes_at - min(SOON, (step.closes_at - step.opens_at) / 2)


def reason_of(kind: Kind, step: str, at: dt.datetime) -> str:
    """By what name a reason is seen to: `late:STEP:DATE`, the date that of the due or the close in UTC."""
    return f"{kind}:{step}:{at.astimezone(dt.UTC):%Y-%m-%d}"


def foremost(concerns: Iterable[Concern]) -> list[Concern]:
    """Concerns of one person: late ones first, the most days first, then what closes soonest."""
    return sorted(concerns, key=lambda each: urgency(each.kind, each.days, each.due_at, each.closes_at))


def urgency(
    kind: Kind, days: int, at: dt.datetime | None, closes_at: dt.datetime | None = None
) -> tuple[int, int, float, float]:
    """Sorts the list of who needs somebody, the first first.

    Alerts, then other reports, then help asked, the longest waiting first; late steps, the most days first; windows
    about to close, the soonest first; mails of which nobody knows and then addresses held, the oldest first. `at` is
    when it was raised, reported, asked, due or sent.
    """
    never = float("inf")
    since, until = (each.timestamp() if each else never for each in (at, closes_at))
    if kind == "closing":
        since, until = until, since
    return (KINDS.index(kind), -days if kind == "late" else 0, since, until)


# --- how the days went -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a person: its state, and the steps that made it so, each with its mark."""

    date: dt.date
    state: DayState
    marks: tuple[tuple[Mark, str], ...] = ()
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """A person's last days, oldest first, and what their steps of those days came to."""

    days: tuple[Day, ...]
    done: int
    part: int
    missed: int
    open: int

    @property
    def due(self) -> int:
        """How many steps were due in those days: rest and pauses don't count."""
        return self.done + self.part + self.missed + self.open


def mark_of(step: Stored, now: dt.datetime) -> tuple[Mark, dt.datetime] | None:
    """What a step came to by `now`, and when; None while there is nothing to say of it.

    Each step has one mark on one day. What was done stands on the day when it was done; what was begun and not
    finished on the day when it was begun; what was not begun at all, missed or still open, on the day it was due.
    """
    state = state_at(step, now)
    if state == "cancelled":
        return None
    if state == "done":
        return ("done", step.settled_at) if step.settled_at is not None else None
    if step.started_at is not None and step.started_at <= now:
        return "part", step.started_at
    ends = [at for at in (step.settled_at, step.skipped_at, step.closes_at) if at is not None and at <= now]
    if state == "missed":
        at = min([*ends, step.due_at] if step.due_at is not None else ends, default=None)
        return ("missed", at) if at is not None and not step.optional else None
    if state == "open" and step.due_at is not None and step.due_at <= now and not step.optional:
        return "open", step.due_at
    return None


def strip_of(
    steps: Iterable[Stored],
    *,
    now: dt.datetime,
    zone: ZoneInfo,
    since: dt.datetime | None,
    paused_at: dt.datetime | None = None,
    days: int = STRIP_DAYS,
) -> Strip:
    """The last `days` days of a person, today included, who has been in the study since `since` (None: not yet)."""
    today = now.astimezone(zone).date()
    first = today - dt.timedelta(days=days - 1)
    found: dict[dt.date, list[tuple[Mark, str]]] = {}
    count: Counter[Mark] = Counter()
    for step in steps:
        marked = mark_of(step, now)
        if marked is None:
            continue
        mark, at = marked
        date = at.astimezone(zone).date()
        if first <= date <= today:
            found.setdefault(date, []).append((mark, step.key))
            count[mark] += 1
    joined = since.astimezone(zone).date() if since is not None else None
    paused = paused_at.astimezone(zone).date() if paused_at is not None else None
    dates = [first + dt.timedelta(days=n) for n in range(days)]
    return Strip(
        tuple(
            Day(date, _state(found.get(date, ()), date, joined, paused), tuple(found.get(date, ())), date == today)
            for date in dates
        ),
        done=count["done"],
        part=count["part"],
        missed=count["missed"],
        open=count["open"],
    )


def _state(
    marks: Sequence[tuple[Mark, str]], date: dt.date, joined: dt.date | None, paused: dt.date | None
) -> DayState:
    kinds = {mark for mark, _ in marks}
    if kinds:
        # Something done beside something that was not is a day that was half done.
        return next(iter(kinds)) if len(kinds) == 1 else "part" if kinds & {"done", "part"} else "missed"
    if joined is None or date < joined:
        return "away"
    return "paused" if paused is not None and date >= paused else "rest"
