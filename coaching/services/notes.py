"""Notes that staff write about a person: changed for a day by who wrote them, then only added to."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from coaching.models import Enrolment, Note
from coaching.services.occasions import lock

LOCKED_AFTER = timedelta(hours=24)


class NoteLocked(ValueError):
    """A note that is a day old, or somebody else's: it can be added to, not changed."""


def may_change(note: Note, by: User, now: datetime) -> bool:
    """Whether the note is still its author's to change."""
    return note.author_id == by.pk and now - note.written_at < LOCKED_AFTER


@transaction.atomic
def write_note(
    *, enrolment: Enrolment, text: str, key: uuid.UUID, by: User, now: datetime, addendum_to: Note | None = None
) -> Note | None:
    """A new note about a person, or an addendum to one; None where the person was erased meanwhile.

    The same words under the same `key` are one note, however often the form is sent. Other words under it, of a form
    that was gone back to, are another note.
    """
    # The person's row, held: of two that are sent at once, the second finds the first.
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    earlier = Note.objects.filter(key=key).first()
    if earlier is not None:
        if (earlier.enrolment_id, earlier.author_id, earlier.text) == (enrolment.pk, by.pk, text):
            return earlier
        key = uuid.uuid4()
    first = (addendum_to.addendum_to or addendum_to) if addendum_to else None
    note = Note.objects.create(enrolment=enrolment, author=by, text=text, written_at=now, addendum_to=first, key=key)
    kind = {"addendum": True} if first else {}
    record(by=by, action="note.write", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym, **kind)
    return note


@transaction.atomic
def change_note(*, note: Note, text: str, by: User, now: datetime) -> bool:
    """Puts other words in place of a note's; whether that was a change.

    Raises:
        NoteLocked: It is not the author's to change any more.
        Note.DoesNotExist: It went with its person.
    """
    enrolment = lock(note.enrolment_id)
    held = Note.objects.get(pk=note.pk)
    if held.text == text:
        return False
    if not may_change(held, by, now):
        raise NoteLocked(f"{held} can't be changed by {by}")
    held.text, held.changed_at = text, now
    held.save(update_fields=["text", "changed_at"])
    record(by=by, action="note.change", now=now, study=enrolment.study.slug, subject=enrolment.pseudonym)
    return True
