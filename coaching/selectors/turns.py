"""What happens next to somebody if nobody does anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coaching.models import Enrolment, Study
from coaching.selectors.people import enrolments, plan_of
from protocol.study import Step


@dataclass(frozen=True, slots=True)
class Turn:
    """The instant at which a step opens (`is_opening`) or closes."""

    at: datetime
    step: Step
    is_opening: bool


def next_turn(enrolment: Enrolment, now: datetime) -> Turn | None:
    """The first opening or close after `now`; None when none is known, and before consent and after leaving.

    Unlike the tick's next boundary it passes over reminders: nobody who walks by a clock of their own is mailed.
    """
    if enrolment.consented_at is None or enrolment.withdrawn_at or enrolment.erased_at:
        return None
    turns = [
        Turn(at, each.step, is_opening)
        for each in plan_of(enrolment, enrolment.occasions.all(), now).values()
        if not each.is_settled
        for at, is_opening in ((each.opens_at, True), (each.closes_at, False))
        if at is not None and at > now
    ]
    return min(turns, key=lambda turn: (turn.at, not turn.is_opening), default=None)


def testers(study: Study) -> list[Enrolment]:
    """The people as whom staff try a study out, the latest first, with their occasions at hand."""
    found = enrolments().filter(study=study, ahead_s__isnull=False, erased_at=None)
    return list(found.prefetch_related("occasions").order_by("-pk"))
