"""The talk between a person and those who look after them. A mail only says that somebody wrote, never what."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import User
from coaching.models import Enrolment, Letter, Message
from coaching.selectors.letters import why_no_mail
from coaching.services import reminders
from coaching.services.occasions import lock


class NotOfStudy(ValueError):
    """Somebody who has not consented, or who left: there is nobody to talk to, or nobody who may."""


@transaction.atomic
def write_to_person(*, enrolment: Enrolment, text: str, key: uuid.UUID, by: User, now: datetime) -> Letter | None:
    """A letter of the study's team, which answers what the person wrote; None where they were erased meanwhile.

    A mail says that somebody wrote, unless one that says so has yet to leave, or none may go: then the letter waits
    in the talk alone.

    Raises:
        NotOfStudy: The person has not consented yet.
    """
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    if enrolment.consented_at is None:
        raise NotOfStudy(f"{enrolment} has not consented")
    letter, is_new = _letter(enrolment, text=text, key=key, author=by, now=now)
    if not is_new:
        return letter
    Letter.objects.filter(enrolment=enrolment, is_from_staff=False, answered_at=None).update(answered_at=now)
    waiting = Message.objects.filter(enrolment=enrolment, kind=Message.Kind.MESSAGE, state__in=Message.UNSENT)
    if not why_no_mail(enrolment) and not waiting.exists():
        reminders.schedule(enrolment=enrolment, kind=Message.Kind.MESSAGE, now=now)
    record(by=by, action="letter.write", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return letter


@transaction.atomic
def write_to_team(*, enrolment: Enrolment, text: str, key: uuid.UUID, now: datetime) -> Letter | None:
    """A letter of the person's own; None where they were erased meanwhile.

    Raises:
        NotOfStudy: They have not consented yet, or left.
    """
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    if enrolment.consented_at is None or enrolment.withdrawn_at is not None:
        raise NotOfStudy(f"{enrolment} is not of the study")
    letter, is_new = _letter(enrolment, text=text, key=key, author=None, now=now)
    if is_new:
        record(
            by="participant", action="letter.write", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym
        )
    return letter


@transaction.atomic
def see(*, enrolment: Enrolment, newest: int, by: Actor, now: datetime) -> int:
    """Writes down that a person's letters up to the one with key `newest` were read and need no answer; how many."""
    enrolment = lock(enrolment.pk)
    waiting = Letter.objects.filter(enrolment=enrolment, is_from_staff=False, answered_at=None, pk__lte=newest)
    count = waiting.update(answered_at=now)
    if count:
        slug = enrolment.study.slug
        record(by=by, action="letter.seen", now=now, study=slug, subject=enrolment.pseudonym, letters=count)
    return count


def _letter(
    enrolment: Enrolment, *, text: str, key: uuid.UUID, author: User | None, now: datetime
) -> tuple[Letter, bool]:
    """The letter, and whether it is new: the same words under the same `key` are one, however often they are sent."""
    earlier = Letter.objects.filter(key=key).first()
    if earlier is not None:
        is_same = (earlier.enrolment_id, earlier.author_id, earlier.text) == (
            enrolment.pk,
            author.pk if author else None,
            text,
        )
        if is_same:
            return earlier, False
        key = uuid.uuid4()
    letter = Letter.objects.create(
        enrolment=enrolment, is_from_staff=author is not None, author=author, text=text, written_at=now, key=key
    )
    return letter, True
