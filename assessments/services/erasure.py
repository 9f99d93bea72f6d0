"""Taking a person's answers out."""

from __future__ import annotations

from django.db import transaction

from assessments.models import Administration, Answer, AnswerRevision, ArmGuess, ScoreRow
from coaching.models import Enrolment


@transaction.atomic
def erase_person(enrolment: Enrolment) -> None:
    """Removes all that this room holds of a person: answers, their history, scores, guesses. Part of an erasure."""
    AnswerRevision.objects.filter(answer__administration__occasion__enrolment=enrolment).delete()
    Answer.objects.filter(administration__occasion__enrolment=enrolment).delete()
    ArmGuess.objects.filter(enrolment=enrolment).delete()
    ScoreRow.objects.filter(enrolment=enrolment).delete()
    Administration.objects.filter(occasion__enrolment=enrolment).delete()
