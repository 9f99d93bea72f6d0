"""Removing what is held of a person: how they can be reached alone, or everything but the tombstone."""

from __future__ import annotations

from datetime import datetime

from coaching.models import (
    ClosedPanelId,
    ConsentRecord,
    Contact,
    Enrolment,
    PersonalLink,
    PushSubscription,
    Screening,
)


def forget_contact(enrolment: Enrolment) -> bool:
    """Removes whatever a person could be reached or recognised by; whether there was anything.

    Of a panel's id its keyed hash stays, tied to nobody, so that whoever comes again with it is no new person. Their
    links go on working: what is kept of a link says nothing of anybody.
    """
    hashes = {each for each in Contact.objects.filter(enrolment=enrolment).values_list("panel_hash", flat=True) if each}
    ClosedPanelId.objects.bulk_create([ClosedPanelId(panel_hash=each) for each in hashes], ignore_conflicts=True)
    if hashes and enrolment.screening_id is not None:
        Screening.objects.filter(pk=enrolment.screening_id).update(key=None)
    devices = PushSubscription.objects.filter(enrolment=enrolment).delete()[0]
    return bool(Contact.objects.filter(enrolment=enrolment).delete()[0] + devices)


def empty_person(enrolment: Enrolment, *, now: datetime) -> None:
    """Removes all that this room holds of a person but the tombstone. Part of an erasure, in its transaction.

    Of what they were paid, pseudonym, step and amount stay: books are kept.
    """
    forget_contact(enrolment)
    enrolment.payments.update(reference="")
    PersonalLink.objects.filter(enrolment=enrolment).delete()
    ConsentRecord.objects.filter(enrolment=enrolment).delete()
    enrolment.messages.all().delete()
    enrolment.measures.all().delete()
    enrolment.notes.all().delete()
    enrolment.letters.all().delete()
    enrolment.seen.all().delete()
    enrolment.alerts.all().delete()
    enrolment.adverse_events.all().delete()
    enrolment.safety_reports.all().delete()
    enrolment.pauses.all().delete()
    enrolment.zone_moves.all().delete()
    enrolment.occasions.all().delete()
    Enrolment.objects.filter(pk=enrolment.pk).update(
        erased_at=now, language="", timezone="UTC", eligibility={}, groups={}, paused_at=None, next_boundary_at=None
    )
