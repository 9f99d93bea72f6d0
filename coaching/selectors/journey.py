"""A person's way through their study, as they see it at one moment."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from coaching.models import Enrolment, Occasion
from coaching.schedule import Planned, finished, plan
from coaching.selectors.occasions import bar_after
from coaching.selectors.people import facts_of, study_of


@dataclass(frozen=True, slots=True)
class Journey:
    """Where somebody stands.

    Attributes:
        planned: Every step that is known to come, in the study's order.
        offered: What can be done now: required occasions first.
        after: The sessions after which it is still asked how the person is, the earliest first: before all else.
        opens: The step that opens next of those that have a known time; None if none has.
        is_over: Whether no step is open or can still open.
    """

    planned: tuple[Planned, ...]
    offered: tuple[Occasion, ...]
    opens: Planned | None
    is_over: bool
    after: tuple[Occasion, ...] = ()

    def step_of(self, occasion: Occasion) -> Planned:
        """The planned step of an occasion of this journey."""
        return next(each for each in self.planned if each.step.id == occasion.key)


def journey_of(enrolment: Enrolment, now: datetime, kinds: Container[str]) -> Journey:
    """The journey of somebody who consented; only occasions of these `kinds` are offered."""
    declaration = study_of(enrolment)
    occasions = {o.key: o for o in enrolment.occasions.all()}
    facts = facts_of(enrolment, occasions.values())
    planned = plan(declaration, facts, now)
    doable = [o for o in occasions.values() if o.kind in kinds and o.settled_at is None and o.key in planned]
    offered = [o for o in doable if planned[o.key].state == "open"]
    coming = [planned[o.key] for o in doable if planned[o.key].state == "waiting" and planned[o.key].opens_at]
    return Journey(
        planned=tuple(planned.values()),
        offered=tuple(sorted(offered, key=lambda o: (o.optional, o.place))),
        opens=min(coming, key=lambda each: each.opens_at or now, default=None),
        is_over=finished(declaration, facts, planned),
        after=asked_about(enrolment, occasions.values(), now) if Occasion.Kind.ASSESSMENTS in kinds else (),
    )


def asked_about(enrolment: Enrolment, occasions: Iterable[Occasion], now: datetime) -> tuple[Occasion, ...]:
    """The sessions among a person's occasions after which it is still asked how they are, the earliest first."""
    asked = []
    for occasion in occasions:
        if occasion.after_closes_at is not None:
            occasion.enrolment = enrolment
            asked += [occasion] if bar_after(occasion, now) is None else []
    return tuple(sorted(asked, key=lambda each: (each.settled_at or now, each.place)))
