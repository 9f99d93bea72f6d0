"""The talk between a person and the study's team, and whether a mail may say that there is something new in it."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from coaching.models import Contact, Enrolment, Letter


def thread_of(enrolment: Enrolment, latest: int = 200) -> list[Letter]:
    """The latest letters of the talk, the oldest first."""
    letters = Letter.objects.filter(enrolment=enrolment).select_related("author").order_by("-pk")[:latest]
    return list(reversed(letters))


def unanswered_letters() -> Coalesce:
    """For a query of people: how many of each one's letters nobody has answered or seen."""
    letters = Letter.objects.filter(enrolment=OuterRef("pk"), is_from_staff=False, answered_at=None).order_by()
    counted = letters.values("enrolment").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0))


def new_for(enrolment: Enrolment, read: int) -> int:
    """How many letters of the team's the person has not read: after `read`, the last one shown to this browser.

    Whoever wrote back has read what came before; another browser of theirs may not know the rest.
    """
    letters = Letter.objects.filter(enrolment=enrolment, pk__gt=read).values_list("is_from_staff", flat=True)
    new = 0
    for is_from_staff in letters.order_by("-pk"):
        if not is_from_staff:
            break
        new += 1
    return new


def why_no_mail(enrolment: Enrolment) -> str:
    """Why no mail may say that somebody wrote: empty if it may.

    One of `left`, `paused`, `no_contact`, `no_mail`, `simulated`, `no_address`, `held` (the address came back).

    The outbox asks the same again when it sends.
    """
    if enrolment.withdrawn_at is not None:
        return "left"
    if enrolment.synthetic:
        return "simulated"
    if enrolment.paused_at is not None:
        return "paused"
    if enrolment.no_contact_at is not None:
        return "no_contact"
    if enrolment.no_mail_at is not None:
        return "no_mail"
    contact = Contact.objects.filter(enrolment=enrolment).first()
    if contact is None or not contact.email:
        return "no_address"
    return "held" if contact.held_at is not None else ""
