"""What a change of one person's plan would bring: the plan before and after it, from the same pure reckoning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from coaching.models import Enrolment
from coaching.schedule import Facts, Moved, Planned, allocation_due, plan
from coaching.selectors.people import facts_of, study_of

Act = Literal["move", "longer", "skip"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one step: moved to `at`, kept open until `at`, or skipped."""

    key: str
    act: Act
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One step as it is planned now, and as it would be."""

    before: Planned
    after: Planned

    @property
    def moves(self) -> bool:
        """Whether anybody would see a difference."""
        return _seen(self.before) != _seen(self.after)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change brings.

    Attributes:
        own: The step itself.
        others: The steps that hang on it and would move, in the study's order.
        follow: The steps whose day is set only when this one ends.
        allocates: Whether the person would be given their group by it.
    """

    own: Shift
    others: tuple[Shift, ...]
    follow: tuple[Planned, ...]
    allocates: bool


def outlook(enrolment: Enrolment, change: Change, now: datetime) -> Outlook:
    """What the change would bring to a person who consented and whose path has the step."""
    study = study_of(enrolment)
    facts = facts_of(enrolment, enrolment.occasions.all())
    then = changed(facts, change, now)
    before, after = plan(study, facts, now), plan(study, then, now)
    # As if the step were done at once: what has a day then, and none now, waits for that.
    done = plan(study, replace(then, completed={**then.completed, change.key: now}), now)
    shifts = [Shift(before[key], after[key]) for key in after if key != change.key]
    return Outlook(
        own=Shift(before[change.key], after[change.key]),
        others=tuple(shift for shift in shifts if shift.moves),
        follow=tuple(each for key, each in after.items() if each.due_at is None and done[key].due_at is not None),
        allocates=allocation_due(study, facts, now).verdict == "not_yet"
        and allocation_due(study, then, now).verdict == "now",
    )


def changed(facts: Facts, change: Change, now: datetime) -> Facts:
    """The facts after the change."""
    if change.act == "skip":
        return replace(facts, skipped={**facts.skipped, change.key: now})
    earlier = facts.moved.get(change.key, Moved())
    moved = Moved(change.at) if change.act == "move" else Moved(earlier.due_at, change.at)
    return replace(facts, moved={**facts.moved, change.key: moved})


def _seen(planned: Planned) -> tuple[object, ...]:
    return planned.due_at, planned.opens_at, planned.closes_at, planned.state, planned.reminders
