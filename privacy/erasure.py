"""Erasing a person: out of every room at once, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from accounts.audit import Actor, record
from assessments.services import erase_person as empty_answers
from coaching.models import Enrolment
from coaching.services.forgetting import empty_person
from coaching.services.occasions import lock
from coaching.services.people import withdraw
from imagery.services import erase_person as empty_sessions
from privacy import erasure_list
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
        if not person.synthetic:
            # Before the commit: whoever stands there and was not erased after all had asked for it.
            erasure_list.append(study=person.study.slug, pseudonym=person.pseudonym, erased_at=now)
    return now


def erase_again(*, now: datetime) -> int:
    """Erases who stands in the erasure list and is in the database nevertheless, after a restore; how many."""
    count = 0
    for line in erasure_list.lines():
        people = Enrolment.objects.filter(study__slug=line.study, pseudonym=line.pseudonym, erased_at=None)
        # A pseudonym is random; one that was given after that is somebody else's.
        for sign in ("invited_at", "screened_at", "consented_at", "imported_at"):
            people = people.exclude(**{f"{sign}__gt": line.erased_at})
        person = people.select_related("study", "version").first()
        if person is not None:
            erase(enrolment=person, by="command", reason="erased before the restore", now=now)
            count += 1
    return count


@transaction.atomic
def leave(*, enrolment: Enrolment, choice: Literal["keep", "erase"], now: datetime) -> None:
    """Ends somebody's part at their own wish, and erases them in the same transaction if they chose that."""
    withdraw(enrolment=enrolment, choice=choice, by="participant", now=now)
    if choice == "erase":
        erase(enrolment=enrolment, by="participant", reason="participant", now=now)
