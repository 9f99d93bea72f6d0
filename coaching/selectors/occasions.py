"""What one occasion is, and whether anything is still taken for it: what every room asks before it stores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.db.models import BigIntegerField

from coaching.models import Enrolment, Occasion, StudyVersion
from coaching.prepared import Prepared, Slot
from coaching.selectors.people import planned_step
from coaching.selectors.studies import declared
from protocol.study import Step


class Bar(StrEnum):
    """Why nothing is taken for an occasion."""

    AWAY = "away"  # paused, withdrawn, erased
    NOT_OPEN = "not_open"  # the window has not opened
    FINISHED = "finished"  # it was done
    CLOSED = "closed"  # the window closed, or the step was missed or cancelled


# What a schedule hangs on, and no more: a programme of months has a hundred rows, read before each answer.
_OCCASIONS = Prepared(
    lambda: (
        Occasion.objects.filter(enrolment=Slot("enrolment", BigIntegerField()))
        .only("key", "state", "settled_at", "set_due_at", "set_closes_at", "skipped_at")
        .order_by("place")
    )
)


def bar(occasion: Occasion, now: datetime, occasions: Sequence[Occasion] | None = None) -> Bar | None:
    """Why nothing is taken at `now` for an occasion whose person is at hand; None while something is.

    `occasions` are all of the person's, where they have just been read.
    """
    enrolment = occasion.enrolment
    if enrolment.consented_at is None or enrolment.paused_at or enrolment.withdrawn_at or enrolment.erased_at:
        return Bar.AWAY
    if occasions is None:
        occasions = _OCCASIONS.all(enrolment=enrolment.pk)
    stored = next((o for o in occasions if o.pk == occasion.pk), None)
    if stored is None:
        return Bar.CLOSED
    if stored.settled_at is not None:
        return Bar.FINISHED if stored.state == Occasion.State.DONE else Bar.CLOSED
    planned = planned_step(enrolment, occasions, stored.key, now)
    if planned is not None and planned.state == "open":
        return None
    return Bar.NOT_OPEN if planned is not None and planned.state == "waiting" else Bar.CLOSED


def bar_after(occasion: Occasion, now: datetime) -> Bar | None:
    """Why nothing is taken at `now` of what is asked after a session, whose person is at hand; None while it is.

    The step itself is done by then, and stays so whatever is answered.
    """
    enrolment = occasion.enrolment
    if enrolment.consented_at is None or enrolment.paused_at or enrolment.withdrawn_at or enrolment.erased_at:
        return Bar.AWAY
    # Whoever was moved to a version that asks nothing of the kind is not asked any more.
    if occasion.after_closes_at is None or declared(version_of(enrolment)).safety.ask is None:
        return Bar.NOT_OPEN
    ended_at = enrolment.study.closed_at
    if occasion.after_closes_at <= now or (ended_at is not None and ended_at <= now):
        return Bar.CLOSED
    return Bar.FINISHED if occasion.after_settled_at is not None else None


def step_of(occasion: Occasion) -> Step | None:
    """The step that an occasion is, as the person's version declares it; None if their path has none of that name."""
    path = declared(version_of(occasion.enrolment)).path(occasion.enrolment.arm or None)
    return next((step for step in path if step.id == occasion.key), None)


def version_of(enrolment: Enrolment) -> StudyVersion:
    """The version of the study that a person reads.

    Raises:
        ValueError: There is none yet: they have neither been invited nor consented.
    """
    if enrolment.version is None:
        raise ValueError(f"{enrolment.pseudonym} reads no version of the study yet")
    return enrolment.version
