"""Addresses that came back: nothing goes there any more until the person enters one again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from django.db import transaction

from accounts.audit import Actor, record
from coaching.delivery_reports import report_in
from coaching.models import Contact, Enrolment, Message
from coaching.services import reminders
from coaching.services.occasions import lock

Reason = Literal["bounce", "complaint", "staff"]
CAME_BACK = "came back"


def take(raw: bytes, *, now: datetime) -> tuple[str, str]:
    """What a mail that came in led to, and the pseudonym that it is about (empty where it is about nobody).

    `held`: the address is held from now on. `held before`. `soft`: the next may arrive, nothing changes. `old address`:
    it went to one that the person has changed since. `alert`: a mail to the team came back, and no person's address is
    touched; look at it. `unknown`: a report on a mail that nobody knows of. `no report`: an ordinary mail.
    """
    report = report_in(raw)
    if report is None:
        return "no report", ""
    messages = Message.objects.select_related("enrolment__study")
    message = messages.filter(key=uuid.UUID(report.key), enrolment__erased_at=None).first()
    if message is None:
        return "unknown", ""
    person = message.enrolment
    if report.what == "soft":
        return "soft", person.pseudonym
    if message.kind == Message.Kind.ALERT:
        return "alert", person.pseudonym
    address = getattr(Contact.objects.filter(enrolment=person).first(), "email", "").lower()
    if report.addresses and address not in report.addresses:
        return "old address", person.pseudonym
    reason: Reason = "complaint" if report.what == "complaint" else "bounce"
    is_new = hold(enrolment=person, reason=reason, by="command", now=now)
    Message.objects.filter(pk=message.pk, state=Message.State.SENT).update(reason=CAME_BACK)
    return "held" if is_new else "held before", person.pseudonym


@transaction.atomic
def hold(*, enrolment: Enrolment, reason: Reason, by: Actor, now: datetime) -> bool:
    """Holds a person's address, and whether it was not held before; nothing where there is none.

    What is due from now on ends as failed. Alerts to the team go all the same.
    """
    enrolment = lock(enrolment.pk)
    free = Contact.objects.filter(enrolment=enrolment, held_at=None)
    pks = [contact.pk for contact in free if contact.email]
    if not Contact.objects.filter(pk__in=pks).update(held_at=now, held_reason=reason):
        return False
    # Whoever holds a claim finds the fence shut: on PostgreSQL it looks again at rows that were changed meanwhile.
    reminders.hold_back(enrolment)
    record(
        by=by, action="contact.hold", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, reason=reason
    )
    return True


def release(enrolment: Enrolment) -> bool:
    """Lets mail go to a person's address again; part of their entering it, in its transaction."""
    held = Contact.objects.filter(enrolment=enrolment, held_at__isnull=False)
    return bool(held.update(held_at=None, held_reason=""))
