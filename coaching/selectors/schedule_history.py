"""What shaped one person's schedule beside the study: their pauses, and the zones that they lived in."""

from __future__ import annotations

from coaching.models import Enrolment, Pause, ZoneMove
from protocol.study import Step


def pauses_of(person: Enrolment) -> list[Pause]:
    """Every pause, the newest first."""
    return list(person.pauses.order_by("-pk"))


def zone_moves_of(person: Enrolment) -> list[ZoneMove]:
    """Every change of zone, the newest first."""
    return list(person.zone_moves.order_by("-pk"))


def is_extra(step: Step, second: Step | None) -> bool:
    """Whether a step is extra practice: a time of an optional series whose times simply follow one another.

    `second` is the second time of its series; None of a step that comes once.
    """
    if not step.series or not step.optional or step.do != "session" or second is None:
        return False
    return second.at is not None and second.at.moment == "settled"


def is_drawn(step: Step) -> bool:
    """Whether chance puts the step at its time, for each person anew."""
    at = step.at
    return at is not None and (at.upto is not None or (at.hours is not None and at.hours[0] != at.hours[1]))
