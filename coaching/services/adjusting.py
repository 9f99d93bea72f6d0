"""Staff change one person's plan: a step moved, kept open for longer, or skipped, each with its reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import User
from coaching.models import Adjustment, Enrolment, Occasion
from coaching.schedule import Planned
from coaching.selectors.people import plan_of
from coaching.services.occasions import advance, lock

Kind = Adjustment.Kind


class PlanFault(ValueError):
    """A change that the plan can't take: `settled`, `unknown`, `no_day`, `no_window`, `too_early` or `away`."""


@transaction.atomic
def move_step(*, occasion: Occasion, due_at: datetime, reason: str, by: Actor, now: datetime) -> bool:
    """Puts a step's due time elsewhere; its window and reminders move with it, and so does what hangs on them.

    Whether that was a change: to ask for the same twice is to ask once.

    Raises:
        PlanFault: The step has ended or the person left; its day is not known yet, so that the window might have
            closed before the step could be done; its window would have closed already.
    """
    enrolment = lock(occasion.enrolment_id)
    held, planned = _held(enrolment, occasion, now)
    if planned.due_at is None:
        raise PlanFault("no_day")
    if held.set_due_at == due_at and held.set_closes_at is None:
        return False
    held.set_due_at, held.set_closes_at = due_at, None
    held.save(update_fields=["set_due_at", "set_closes_at"])
    if plan_of(enrolment, enrolment.occasions.all(), now)[held.key].is_settled:
        raise PlanFault("too_early")
    _finish(enrolment, held, Kind.MOVED, reason=reason, by=by, now=now, due_at=due_at)
    return True


@transaction.atomic
def give_time(*, occasion: Occasion, closes_at: datetime, reason: str, by: Actor, now: datetime) -> bool:
    """Keeps a step open until `closes_at`, or closes it sooner; whether that was a change.

    Raises:
        PlanFault: The step has ended, has no window or is not known yet, or it would have closed already.
    """
    enrolment = lock(occasion.enrolment_id)
    held, planned = _held(enrolment, occasion, now)
    if planned.closes_at is None or planned.opens_at is None:
        raise PlanFault("no_window")
    if closes_at <= max(now, planned.opens_at):
        raise PlanFault("too_early")
    if held.set_closes_at == closes_at:
        return False
    held.set_closes_at = closes_at
    held.save(update_fields=["set_closes_at"])
    _finish(enrolment, held, Kind.LONGER, reason=reason, by=by, now=now, closes_at=closes_at)
    return True


@transaction.atomic
def skip_step(*, occasion: Occasion, reason: str, by: Actor, now: datetime) -> bool:
    """Ends a step undone, at once, without ending what hangs on it; whether that was a change.

    The next tick writes down what was not reached.

    Raises:
        PlanFault: The step has ended, or the person left.
    """
    enrolment = lock(occasion.enrolment_id)
    if enrolment.occasions.filter(pk=occasion.pk, skipped_at__isnull=False).exists():
        return False
    held, _ = _held(enrolment, occasion, now)
    held.skipped_at = now
    held.save(update_fields=["skipped_at"])
    _finish(enrolment, held, Kind.SKIPPED, reason=reason, by=by, now=now)
    return True


def _held(enrolment: Enrolment, occasion: Occasion, now: datetime) -> tuple[Occasion, Planned]:
    """The step of a locked person as it stands and is planned, if it can still be changed."""
    if enrolment.consented_at is None or enrolment.withdrawn_at or enrolment.erased_at:
        raise PlanFault("away")
    held = enrolment.occasions.get(pk=occasion.pk)
    planned = plan_of(enrolment, enrolment.occasions.all(), now).get(held.key)
    if planned is None:
        raise PlanFault("unknown")
    if held.settled_at is not None or planned.is_settled:
        raise PlanFault("settled")
    return held, planned


def _finish(
    enrolment: Enrolment,
    occasion: Occasion,
    kind: str,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> None:
    Adjustment.objects.create(
        occasion=occasion,
        kind=kind,
        due_at=due_at,
        closes_at=closes_at,
        reason=reason,
        by=by if isinstance(by, User) else None,
        made_at=now,
    )
    advance(enrolment, now=now)
    to = {name: at for name, at in (("due_at", due_at), ("closes_at", closes_at)) if at is not None}
    record(
        by=by,
        action=f"step.{kind}",
        now=now,
        study=enrolment.study.slug,
        subject=enrolment.pseudonym,
        timepoint=occasion.key,
        **to,
    )
