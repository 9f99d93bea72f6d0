"""Erasing a person: out of every room at once, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from accounts.audit import Actor, record
from assessments.services import erase_person as empty_answers
from coaching.models import Enrolment
from coaching.services.occasions import lock
from coaching.services.people import empty_person, withdraw
from imagery.services import erase_person as empty_sessions
from privacy.selectors import mails_to
from research.decisions import erase_person as empty_decisions


def erase(*, enrolment: Enrolment, by: Actor, reason: str, now: datetime) -> datetime:
    """When the person was erased: now, or the first time, for erasing twice is one erasure.

    What is left is the tombstone: pseudonym and date, with what the participant flow counts. `reason` is kept in the
    audit log as it was written: it is the staff's word (`participant` where the person did it).
    """
    # Reading the mails may take a while, and nobody need wait for it.
    letters = mails_to(enrolment)
    with transaction.atomic():
        person = lock(enrolment.pk)
        if person.erased_at is not None:
            return person.erased_at
        empty_answers(person)
        empty_sessions(person)
        empty_decisions(person)
        empty_person(person, now=now)
        for letter in letters:
            letter.unlink(missing_ok=True)
        record(by=by, action="person.erase", now=now, study=person.study.slug, subject=person.pseudonym, reason=reason)
    return now


@transaction.atomic
def leave(*, enrolment: Enrolment, choice: Literal["keep", "erase"], now: datetime) -> None:
    """Ends somebody's part at their own wish, and erases them in the same transaction if they chose that."""
    withdraw(enrolment=enrolment, choice=choice, by="participant", now=now)
    if choice == "erase":
        erase(enrolment=enrolment, by="participant", reason="participant", now=now)
