"""What was said and written about simulated people, many at once: a rehearsal's notes, letters and uncertain mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import Enrolment, Letter, Message, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """A note about somebody; `addendum_to` is the key of an earlier row."""

    person: Enrolment
    author: User
    text: str
    written_at: datetime
    key: UUID
    addendum_to: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """One message between somebody and staff; `author` is None where the person wrote it."""

    person: Enrolment
    author: User | None
    text: str
    written_at: datetime
    answered_at: datetime | None
    key: UUID


@transaction.atomic
def write_talk(*, notes: Sequence[NoteRow], letters: Sequence[LetterRow]) -> None:
    """Stores notes and letters of simulated people. Rows with a key that is there already are left as they are.

    Raises:
        ValueError: Somebody is real: what staff write of them they write themselves.
    """
    _only_simulated([*(note.person for note in notes), *(letter.person for letter in letters)])
    for row in notes:
        first = Note.objects.get(key=row.addendum_to) if row.addendum_to else None
        defaults = {"enrolment": row.person, "author": row.author, "text": row.text, "written_at": row.written_at}
        Note.objects.get_or_create(key=row.key, defaults={**defaults, "addendum_to": first})
    for each in letters:
        defaults = {"enrolment": each.person, "author": each.author, "is_from_staff": each.author is not None}
        defaults |= {"text": each.text, "written_at": each.written_at, "answered_at": each.answered_at}
        Letter.objects.get_or_create(key=each.key, defaults=defaults)


@transaction.atomic
def doubt_message(*, person: Enrolment) -> bool:
    """Makes the latest reminder of a simulated person one of which nobody knows whether it arrived; whether one was.

    Raises:
        ValueError: They are real: their mails are what the mail server says they are.
    """
    _only_simulated([person])
    sent = person.messages.filter(kind=Message.Kind.REMINDER, state=Message.State.SENT).order_by("-due_at", "-n")
    message = sent.first()
    if message is None:
        return False
    message.state, message.handing_over_at, message.sent_at = Message.State.UNCERTAIN, message.sent_at, None
    message.save(update_fields=["state", "handing_over_at", "sent_at"])
    return True


def _only_simulated(people: Sequence[Enrolment]) -> None:
    real = next((person for person in people if not person.synthetic), None)
    if real is not None:
        raise ValueError(f"{real} is no simulated person")
