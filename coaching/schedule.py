"""The plan of one person: when each step of their path is due, opens, closes, and how it ended.

Pure and idempotent: the same study, facts and moment give the same plan, and what is settled in it stays so later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from coaching import windows
from coaching.draws import Lot, hour_of, offset_of
from protocol.study import Step, Study

State = Literal["waiting", "open", "done", "missed"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Where staff put one person's step, in place of what the study says.

    Attributes:
        due_at: Its `at`, from which its window and reminders are then reckoned; None leaves the study's own.
        closes_at: The end of its window; None leaves what the window says.
    """

    due_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What has happened to one person; every instant is an aware UTC datetime.

    Attributes:
        consented_at: When they consented.
        zone: The zone they live in now.
        allocated_at: When they were allocated; None before, and in a cohort.
        arm: The name of their arm; None before allocation, and in a cohort.
        completed: When each step was done, by its id. It holds, whatever has become of the step's anchor.
        missed: When steps were already found missed, by id: a later change of zone does not open them again. May be
            left empty, for everything here follows from the rest as long as the zone stays the same.
        never_allocated_at: When it was settled that they are never allocated; the plan finds this by itself too.
        study_ended_at: When the study ended for everybody.
        moved: The steps that staff moved, by id.
        skipped: When staff skipped a step, by id: missed from then on, and what follows goes on as after
            `missed: skip`.
        left_training_at: When they left the training and stayed in the study: sessions that were not done by then are
            missed, and what follows goes on.
        lot: What their random moments follow from.
    """

    consented_at: dt.datetime
    zone: ZoneInfo
    allocated_at: dt.datetime | None = None
    arm: str | None = None
    completed: Mapping[str, dt.datetime] = field(default_factory=dict)
    missed: Mapping[str, dt.datetime] = field(default_factory=dict)
    never_allocated_at: dt.datetime | None = None
    study_ended_at: dt.datetime | None = None
    moved: Mapping[str, Moved] = field(default_factory=dict)
    skipped: Mapping[str, dt.datetime] = field(default_factory=dict)
    left_training_at: dt.datetime | None = None
    lot: Lot = Lot("")


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of one person's plan.

    Attributes:
        step: The step as declared.
        due_at: Its `at`; None while its anchor has not come, or if that never can.
        opens_at: The start of its window (half-open: open at `opens_at`, closed at `closes_at`).
        closes_at: The end of its window; None without a window (it closes with the study), or while not known.
        state: How it stands at the moment of the plan.
        settled_at: When it was done, or missed; None before.
        reminders: When its messages fall due, ascending; the place in it, counted from 1, is the message's `n`. None is
            at or after the close or the moment it was missed. Those of a step that was done early are still in it:
            what is not sent by then is for the caller to cancel.
    """

    step: Step
    due_at: dt.datetime | None
    opens_at: dt.datetime | None
    closes_at: dt.datetime | None
    state: State
    settled_at: dt.datetime | None
    reminders: tuple[dt.datetime, ...]

    @property
    def is_settled(self) -> bool:
        """Whether it is done or missed, for good."""
        return self.settled_at is not None


@dataclass(frozen=True, slots=True)
class AllocationVerdict:
    """Whether someone is to be allocated.

    Attributes:
        verdict: `not_yet`: a required step of `before` is unsettled. `now`: all are done, or missed with `skip`.
            `never`: one was missed with `stop`, or the study ended first. `none`: nothing to decide (a cohort, or
            already allocated).
        at: The instant at which the verdict `now` or `never` became true, else None.
        step: With `never`, the id of the missed step, else None.
    """

    verdict: Literal["not_yet", "now", "never", "none"]
    at: dt.datetime | None = None
    step: str | None = None


def plan(study: Study, facts: Facts, now: dt.datetime) -> dict[str, Planned]:
    """Every step of the person's path as it stands at `now`, by id, in the study's order."""
    return _reckoning(study, facts, now).steps()


def plan_step(study: Study, facts: Facts, id: str, now: dt.datetime) -> Planned | None:
    """One step of that plan; None where the person's path has none of that id.

    Only what it hangs on is reckoned: whoever asks before each answer if it is open plans no months of others.
    """
    return _reckoning(study, facts, now).step(id)


def _reckoning(study: Study, facts: Facts, now: dt.datetime) -> _Reckoning:
    ends = [facts.study_ended_at]
    if not study.is_cohort and facts.allocated_at is None:
        stopped = None if facts.never_allocated_at else _first_stop(_before(study, facts, now), facts)
        ends.append(stopped.settled_at if stopped else facts.never_allocated_at)
    cut_at = min((at for at in ends if at is not None), default=None)
    return _Reckoning(study.path(facts.arm), study, facts, now, cut_at)


def allocation_due(study: Study, facts: Facts, now: dt.datetime) -> AllocationVerdict:
    """Whether the person is to be allocated at `now`, and since when."""
    if study.is_cohort or facts.allocated_at is not None:
        return AllocationVerdict("none")
    before = _before(study, facts, now)
    stopped = _first_stop(before, facts)
    if stopped is not None or facts.never_allocated_at is not None:
        at = facts.never_allocated_at or (stopped.settled_at if stopped else None)
        return AllocationVerdict("never", at, stopped.step.id if stopped else None)
    if facts.study_ended_at is not None and facts.study_ended_at <= now:
        return AllocationVerdict("never", facts.study_ended_at)
    required = [each.settled_at for each in before.values() if not each.step.optional]
    settled = [at for at in required if at is not None]
    if len(settled) < len(required):
        return AllocationVerdict("not_yet")
    return AllocationVerdict("now", max(settled, default=facts.consented_at))


def finished(study: Study, facts: Facts, planned: Mapping[str, Planned]) -> bool:
    """Whether nothing is left: no step, optional ones included, is open or can still open."""
    if not all(each.is_settled for each in planned.values()):
        return False
    return (
        study.is_cohort
        or facts.allocated_at is not None
        or facts.never_allocated_at is not None
        or facts.study_ended_at is not None
        or _first_stop({step.id: planned[step.id] for step in study.before}, facts) is not None
    )


def next_boundary(planned: Mapping[str, Planned], now: dt.datetime) -> dt.datetime | None:
    """The next instant after `now` at which a step opens or closes or a message falls due, if nobody does anything."""
    coming = (
        at
        for each in planned.values()
        if not each.is_settled
        for at in (each.opens_at, each.closes_at, *each.reminders)
        if at is not None and at > now
    )
    return min(coming, default=None)


def _before(study: Study, facts: Facts, now: dt.datetime) -> dict[str, Planned]:
    """The steps of `before` by themselves: what became of each before any of them ended the rest."""
    return _Reckoning(study.before, study, facts, now, facts.study_ended_at).steps()


def _first_stop(before: Mapping[str, Planned], facts: Facts) -> Planned | None:
    """The first missed of the steps that allocation can't do without; of several at one instant, the first declared."""
    stops = [
        (each.settled_at, place)
        for place, each in enumerate(before.values())
        if each.state == "missed" and each.settled_at and not each.step.optional and _stops(each, facts)
    ]
    return list(before.values())[min(stops)[1]] if stops else None


@dataclass(frozen=True, slots=True)
class _Come:
    """An anchor's instant is known, since `known_at`; the instant itself may lie ahead (`s1.due`, `s1.closed`)."""

    at: dt.datetime
    known_at: dt.datetime


@dataclass(frozen=True, slots=True)
class _Lost:
    """An anchor can't come any more, since `at`."""

    at: dt.datetime


_Anchor = _Come | _Lost | None  # None: not come yet


class _Reckoning:
    """One person's plan in the making: each step is reckoned once, after those it hangs on."""

    def __init__(
        self, path: tuple[Step, ...], study: Study, facts: Facts, now: dt.datetime, cut_at: dt.datetime | None
    ) -> None:
        self._path = path
        self._facts = facts
        self._now = now
        self._cut_at = cut_at  # when the participation ends for everything that is unsettled then
        self._declared = {step.id: step for step in path}
        self._study = study
        self._anchors: dict[str, _Anchor] = {}
        self._planned: dict[str, Planned] = {}

    def steps(self) -> dict[str, Planned]:
        return {step.id: self._reckon(step) for step in self._path}

    def step(self, id: str) -> Planned | None:
        step = self._declared.get(id)
        return None if step is None else self._reckon(step)

    @cached_property
    def _follows(self) -> dict[str, str | None]:
        return predecessors(self._study, self._facts.arm)

    def _reckon(self, step: Step) -> Planned:
        known = self._planned.get(step.id)
        if known is None:
            anchor = self._anchors[step.id] = self._anchor_of(step)
            known = self._planned[step.id] = self._settle(step, anchor)
        return known

    def _anchor_of(self, step: Step) -> _Anchor:
        if step.at is None:
            return self._after(self._follows[step.id])
        if step.at.anchor == "consent":
            return _come(self._facts.consented_at)
        if step.at.anchor == "allocation":
            return _come(self._facts.allocated_at)
        prior = self._declared.get(step.at.anchor)
        if prior is None:  # a step of the arm, before there is an arm
            return None
        planned = self._reckon(prior)
        moments = {"done": self._done, "due": self._due, "closed": self._closed, "settled": _settled}
        return moments[step.at.moment](planned)

    def _after(self, anchor: str | None) -> _Anchor:
        """Where a step without `at` hangs: on the settling of a step, done or missed."""
        if anchor == "consent":
            return _come(self._facts.consented_at)
        if anchor == "allocation":
            return _come(self._facts.allocated_at)
        return _come(self._reckon(self._declared[anchor]).settled_at) if anchor else None

    def _done(self, prior: Planned) -> _Anchor:
        if prior.state == "missed" and _stops(prior, self._facts):
            return _lost(prior.settled_at)
        return _come(prior.settled_at)  # missed with `skip`: its close counts as its completion

    def _due(self, prior: Planned) -> _Anchor:
        anchor = self._anchors[prior.step.id]
        if isinstance(anchor, _Come) and prior.due_at is not None:
            return _Come(prior.due_at, anchor.known_at)
        return anchor  # lost, or not come yet

    def _closed(self, prior: Planned) -> _Anchor:
        anchor = self._anchors[prior.step.id]
        if isinstance(anchor, _Lost):
            return _come(anchor.at)
        if anchor is not None and prior.closes_at is not None:
            return _Come(prior.closes_at, anchor.known_at)
        return None

    def _settle(self, step: Step, anchor: _Anchor) -> Planned:
        due_at = opens_at = closes_at = None
        misses = [self._cut_at, self._facts.skipped.get(step.id)]
        if step.do == "session":
            misses.append(self._facts.left_training_at)
        if isinstance(anchor, _Come):
            due_at, opens_at, closes_at = self._window(step, anchor.at)
            # A window may have closed before its anchor came (`s1 - 3d`); it can't have been missed sooner than that.
            misses.append(max(closes_at, anchor.known_at) if closes_at else None)
        elif isinstance(anchor, _Lost):
            misses.append(anchor.at)
        missed_at = self._facts.missed.get(step.id)
        if missed_at is None:
            missed_at = min((at for at in misses if at is not None and at <= self._now), default=None)
        done_at = self._facts.completed.get(step.id)
        state: State
        if done_at is not None:
            state, settled_at = "done", done_at
        elif missed_at is not None:
            state, settled_at = "missed", missed_at
        else:
            state, settled_at = ("open" if opens_at is not None and opens_at <= self._now else "waiting"), None
        until = min((at for at in (closes_at, missed_at, self._facts.study_ended_at) if at is not None), default=None)
        reminders = self._reminders(step, opens_at, until) if opens_at else ()
        return Planned(step, due_at, opens_at, closes_at, state, settled_at, reminders)

    def _window(self, step: Step, anchored_at: dt.datetime) -> tuple[dt.datetime, dt.datetime, dt.datetime | None]:
        zone = self._facts.zone
        moved = self._facts.moved.get(step.id, Moved())
        due_at = moved.due_at or self._due_of(step, anchored_at)
        opens_at, closes_at = due_at, None
        if step.window is not None:
            opens_at = windows.add(due_at, step.window.open, zone)
            closes_at = windows.add(due_at, step.window.close, zone)
        closes_at = moved.closes_at or closes_at
        ended_at = self._facts.study_ended_at
        if ended_at is not None and ended_at > opens_at:
            closes_at = min(closes_at, ended_at) if closes_at else ended_at
        return due_at, opens_at, closes_at

    def _due_of(self, step: Step, anchored_at: dt.datetime) -> dt.datetime:
        """A step's `at`: its draws are this person's, and its time of day is read on their clocks."""
        if step.at is None:
            return anchored_at
        zone, lot = self._facts.zone, self._facts.lot
        lengths, hour = (offset_of(step.at, lot), step.at.further), hour_of(step.at, step.id, lot)
        if hour is not None and all(length.unit == "d" or length.count == 0 for length in lengths):
            # Days are counted by the calendar: the time of day, which is set below, may not carry it into the next one.
            noon = dt.datetime.combine(anchored_at.astimezone(zone).date(), dt.time(12))
            anchored_at = windows.instant_of(noon, zone)
        due_at = windows.add(windows.add(anchored_at, lengths[0], zone), lengths[1], zone)
        if hour is None:
            return due_at
        return windows.instant_of(dt.datetime.combine(due_at.astimezone(zone).date(), hour), zone)

    def _reminders(self, step: Step, opens_at: dt.datetime, until: dt.datetime | None) -> tuple[dt.datetime, ...]:
        """The instants of the messages that fall due before `until` (None: whenever)."""
        zone = self._facts.zone
        due = [windows.add(opens_at, duration, zone) for duration in step.remind]
        if step.between is not None:
            due = [windows.next_in_between(at, step.between, zone) for at in due]
        return tuple(sorted(at for at in due if until is None or at < until))


def _stops(missed: Planned, facts: Facts) -> bool:
    """Whether a missed step ends what hangs on it being done."""
    step, left_at = missed.step, facts.left_training_at
    # What was missed before somebody left the training has ended what it ended.
    went_with_it = step.do == "session" and left_at is not None and left_at <= (missed.settled_at or left_at)
    return step.missed == "stop" and step.id not in facts.skipped and not went_with_it


def _settled(prior: Planned) -> _Anchor:
    return _come(prior.settled_at)


def _come(at: dt.datetime | None) -> _Anchor:
    return None if at is None else _Come(at, at)


def _lost(at: dt.datetime | None) -> _Anchor:
    return None if at is None else _Lost(at)


def predecessors(study: Study, arm: str | None) -> dict[str, str | None]:
    """What each step without an `at` of its own follows: a required step's id, `consent`, `allocation`, or nothing yet.

    "Nothing yet" is where a step of `after` would follow the last of an arm that nobody knows before allocation.
    """
    follows: dict[str, str | None] = {}

    def walk(steps: tuple[Step, ...], start: str | None) -> str | None:
        last = start
        for step in steps:
            follows[step.id] = last
            last = last if step.optional else step.id
        return last

    end_of_before = walk(study.before, "consent")
    if study.is_cohort:
        walk(study.after, end_of_before)
    else:
        last = walk(study.after, walk(study.arm(arm).steps, "allocation") if arm else None)
        walk(study.arm(arm).later if arm else (), last)
    return follows
