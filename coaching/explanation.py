"""Why a step of one person is due when it is: the chain from its anchor to its end, link by link. Pure.

Nothing is decided here. The plan says when a step is due and how it stands; this says from what that follows, and a
test holds the last link of every chain against the plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from coaching import windows
from coaching.draws import hour_of, offset_of
from coaching.schedule import Facts, Planned, plan, predecessors
from protocol.durations import Duration
from protocol.study import At, Step, Study

# fmt: off
Kind = Literal[
    "anchor", "follows", "anchor_waits", "anchor_lost", "in_series", "length", "drawn", "further", "hour",
    "drawn_hour", "zone", "clocks", "missing_hour", "moved", "due", "window", "no_window", "more_time", "reminder",
    "caps", "no_reminder", "waiting", "open", "done", "skipped", "left_training", "closed", "lost", "ended", "missed",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain: what it is, and what belongs to it.

    Attributes:
        kind: What is said.
        values: Step ids, durations as the bundle writes them, wall times, and aware instants in UTC. The names are
            the same wherever they mean the same: `at`, `step`, `moment`, `length`, `least`, `most`, `first`, `last`,
            `n`, `of`, `opens`, `closes`, `reason`, `by`, `made_at`, `zone`, `before`, `after`.
    """

    kind: Kind
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What staff did to the step, with their reason."""

    kind: Literal["moved", "longer", "skipped"]
    at: dt.datetime | None
    reason: str
    by: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Explained:
    """A step, how the plan has it, and why: the links in the order in which they are reckoned."""

    step: Step
    planned: Planned
    links: tuple[Link, ...]


def explain(study: Study, facts: Facts, step: str, now: dt.datetime, changes: Sequence[Change] = ()) -> Explained:
    """Why one step of a person stands as it does at `now`.

    Args:
        study: What the study declares.
        facts: What has happened to the person.
        step: The step's id.
        now: The instant of the plan.
        changes: What staff did to the step, in its order.

    Raises:
        KeyError: The step is not on the person's way (yet).
    """
    planned = plan(study, facts, now)
    own = planned[step]
    chain = [*_series(study, own.step), *_due(study, facts, planned, own, changes), *_window(facts, own, changes)]
    chain += [*_reminders(study, facts, own), *_end(study, facts, planned, own)]
    return Explained(own.step, own, tuple(chain))


def _link(kind: Kind, **values: Any) -> Link:
    return Link(kind, values)


def _series(study: Study, step: Step) -> list[Link]:
    if not step.series:
        return []
    return [_link("in_series", series=step.series, n=step.time, of=len(study.series(step.series)))]


# --- when it is due --------------------------------------------------------------------------------------------------


def _due(
    study: Study, facts: Facts, planned: dict[str, Planned], own: Planned, changes: Sequence[Change]
) -> list[Link]:
    found, base = _anchor(study, facts, planned, own.step)
    if base is None:
        return found
    if own.step.at is not None:
        found += _from(own.step, own.step.at, base, facts)
    moved = facts.moved.get(own.step.id)
    if moved is not None and moved.due_at is not None:
        said = [change for change in changes if change.kind == "moved" and change.at == moved.due_at]
        found.append(_changed("moved", moved.due_at, said))
    if own.due_at is not None:
        found.append(_link("due", at=own.due_at))
    return found


def _anchor(
    study: Study, facts: Facts, planned: dict[str, Planned], step: Step
) -> tuple[list[Link], dt.datetime | None]:
    """What a step hangs on, and the instant from which it is reckoned; None while that has not come, or never can."""
    at = step.at
    if at is None:
        name: str | None = predecessors(study, facts.arm)[step.id]
        kind: Kind = "follows"
        moment = "settled"
    else:
        name, kind, moment = at.anchor, "anchor", at.moment
    fixed = {"consent": facts.consented_at, "allocation": facts.allocated_at}
    if name in fixed:
        instant = fixed[name]
        found = (
            _link(kind, step=name, moment="", at=instant) if instant else _link("anchor_waits", step=name, moment="")
        )
        return [found], instant
    prior = planned.get(name) if name else None
    if prior is None:
        return [_link("anchor_waits", step=name or "allocation", moment="" if not name else moment)], None
    own = planned[step.id]
    instant = {"done": prior.settled_at, "settled": prior.settled_at, "due": prior.due_at, "closed": prior.closes_at}[
        moment
    ]
    if moment == "closed" and instant is None:
        instant = prior.settled_at  # lost itself: it counts as closed then
    if own.due_at is not None:
        return [_link(kind, step=name, moment=moment, at=instant, state=prior.state)], instant
    if own.is_settled and prior.state == "missed":
        return [_link("anchor_lost", step=name, moment=moment, at=prior.settled_at)], None
    return [_link("anchor_waits", step=name, moment=moment)], None


def _from(step: Step, at: At, base: dt.datetime, facts: Facts) -> list[Link]:
    """From the anchor to where the study puts the step: length, place in its series, hour, and what clocks do."""
    found: list[Link] = []
    length = offset_of(at, facts.lot)
    if at.upto is not None:
        found.append(_link("drawn", length=str(length), least=str(at.offset), most=str(at.upto)))
    elif length.count or (at.hours is None and not at.further.count):
        found.append(_link("length", length=str(length)))
    if at.further.count:
        found.append(_link("further", length=str(at.further), n=step.time))
    hour = hour_of(at, step.id, facts.lot)
    if hour is not None and at.hours is not None:
        first, last = at.hours
        drawn = {"first": f"{first:%H:%M}", "last": f"{last:%H:%M}"} if first != last else {}
        found.append(_link("drawn_hour" if drawn else "hour", hour=f"{hour:%H:%M}", **drawn))
    return found + _clocks(at, length, hour, base, facts)


def _clocks(at: At, length: Duration, hour: dt.time | None, base: dt.datetime, facts: Facts) -> list[Link]:
    """The zone where days or an hour are read on it, and a word on a change of its clocks in between."""
    zone = facts.zone
    by_calendar = hour is not None or any(each.count and each.unit == "d" for each in (length, at.further))
    if not by_calendar:
        return []
    found = [_link("zone", zone=zone.key)]
    wanted = base.astimezone(zone).replace(tzinfo=None)
    due = base
    for each in (length, at.further):
        due = windows.add(due, each, zone)
        wanted += dt.timedelta(days=each.count) if each.unit == "d" else dt.timedelta()
    if hour is not None:
        wanted = dt.datetime.combine(due.astimezone(zone).date(), hour)
        due = windows.instant_of(wanted, zone)
    before, after = base.astimezone(zone).utcoffset(), due.astimezone(zone).utcoffset()
    if before != after:
        found.append(_link("clocks", before=_offset(base, zone), after=_offset(due, zone)))
    are_days = all(each.unit == "d" or not each.count for each in (length, at.further))
    if are_days and due.astimezone(zone).replace(tzinfo=None) != wanted:
        found.append(_link("missing_hour", hour=f"{wanted:%H:%M}", at=due))
    return found


def _offset(at: dt.datetime, zone: dt.tzinfo) -> str:
    return at.astimezone(zone).strftime("UTC%z")


def _changed(kind: Kind, at: dt.datetime, said: Sequence[Change]) -> Link:
    last = said[-1] if said else None
    return _link(
        kind,
        at=at,
        reason=last.reason if last else "",
        by=last.by if last else "",
        made_at=last.made_at if last else None,
    )


# --- its window and its reminders ------------------------------------------------------------------------------------


def _window(facts: Facts, own: Planned, changes: Sequence[Change]) -> list[Link]:
    if own.opens_at is None:
        return []
    window = own.step.window
    if window is None:
        found = [_link("no_window", opens=own.opens_at, closes=own.closes_at)]
    else:
        lengths = {"open": str(window.open), "close": str(window.close)}
        found = [_link("window", opens=own.opens_at, closes=own.closes_at, **lengths)]
    moved = facts.moved.get(own.step.id)
    if moved is not None and moved.closes_at is not None:
        said = [change for change in changes if change.kind == "longer" and change.at == moved.closes_at]
        found.append(_changed("more_time", moved.closes_at, said))
    return found


def _reminders(study: Study, facts: Facts, own: Planned) -> list[Link]:
    if own.opens_at is None or not own.step.remind:
        return []
    between = own.step.between
    hours = {"first": f"{between[0]:%H:%M}", "last": f"{between[1]:%H:%M}"} if between else {}
    found: list[Link] = []
    for n, length in enumerate(own.step.remind, start=1):
        plain = windows.add(own.opens_at, length, facts.zone)
        due = windows.next_in_between(plain, between, facts.zone) if between else plain
        # What falls at or after the end is not planned; the plan holds the others, ascending.
        kind: Kind = "reminder" if due in own.reminders else "no_reminder"
        put_off = hours if due != plain else {}
        found.append(_link(kind, n=n, length=str(length), at=due, **put_off))
    caps = study.messages
    if caps.a_day is not None or caps.a_week is not None:
        found.append(_link("caps", day=caps.a_day, week=caps.a_week))
    return found


# --- how it stands ---------------------------------------------------------------------------------------------------


def _end(study: Study, facts: Facts, planned: dict[str, Planned], own: Planned) -> list[Link]:
    at, key = own.settled_at, own.step.id
    if at is None:
        coming = own.closes_at if own.state == "open" else own.opens_at
        return [_link("open" if own.state == "open" else "waiting", at=coming)]
    if own.state == "done":
        return [_link("done", at=at)]
    return [_link(_why_missed(study, facts, planned, own), at=at, step=key)]


def _why_missed(study: Study, facts: Facts, planned: dict[str, Planned], own: Planned) -> Kind:
    at = own.settled_at
    if facts.skipped.get(own.step.id) == at:
        return "skipped"
    if own.step.do == "session" and facts.left_training_at == at:
        return "left_training"
    if own.closes_at == at:
        return "ended" if facts.study_ended_at == at else "closed"
    if facts.study_ended_at == at or facts.never_allocated_at == at:
        return "ended"
    anchor = own.step.at.anchor if own.step.at is not None else None
    prior = planned.get(anchor) if anchor else None
    if own.due_at is None and prior is not None and prior.state == "missed":
        return "lost"
    if not study.is_cohort and facts.allocated_at is None:
        return "ended"  # a missed step of `before` ended it
    return "missed"
