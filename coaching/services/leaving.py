"""Leaving a part of a study and staying in the rest: three acts, each by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Enrolment
from coaching.services import reminders, ways
from coaching.services.occasions import advance, lock


@transaction.atomic
def leave_training(*, enrolment: Enrolment, by: Actor, now: datetime) -> bool:
    """No session from now on; the questionnaires go on as they were planned. Whether that was a change.

    Sessions that are not done count as missed from now on, and what hangs on them goes on as if they were skipped, so
    that whoever stops is followed like everybody else.
    """
    enrolment = lock(enrolment.pk)
    if not _is_in(enrolment) or enrolment.left_training_at is not None:
        return False
    enrolment.left_training_at = now
    enrolment.next_boundary_at = now  # the next tick lets the rooms close what was begun
    enrolment.save(update_fields=["left_training_at", "next_boundary_at"])
    advance(enrolment, now=now)
    Enrolment.objects.filter(pk=enrolment.pk).update(next_boundary_at=now)
    record(by=by, action="training.leave", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return True


@transaction.atomic
def stop_contact(*, enrolment: Enrolment, by: Actor, now: datetime) -> bool:
    """Nothing is sent any more but a link that they ask for themselves; what is asked can still be answered.

    What falls due meanwhile is cancelled then. Their number and devices are forgotten: no link goes there. Whether that
    was a change.
    """
    enrolment = lock(enrolment.pk)
    if not _is_in(enrolment) or enrolment.no_contact_at is not None:
        return False
    enrolment.no_contact_at = now
    enrolment.save(update_fields=["no_contact_at"])
    ways.forget(enrolment)
    reminders.hold_back(enrolment)
    record(by=by, action="contact.stop", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return True


@transaction.atomic
def allow_contact(*, enrolment: Enrolment, by: Actor, now: datetime) -> bool:
    """Messages go again, those that fall due from now on. Whether that was a change."""
    enrolment = lock(enrolment.pk)
    if not _is_in(enrolment) or enrolment.no_contact_at is None:
        return False
    enrolment.no_contact_at = None
    enrolment.save(update_fields=["no_contact_at"])
    record(by=by, action="contact.allow", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return True


def _is_in(enrolment: Enrolment) -> bool:
    return enrolment.consented_at is not None and enrolment.withdrawn_at is None and enrolment.erased_at is None
