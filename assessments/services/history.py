"""What an answer was before it became another."""

from __future__ import annotations

from datetime import datetime

from assessments.models import Answer, AnswerRevision


def keep_earlier(stored: Answer, now: datetime) -> None:
    """Enters an answer as it stands into its history; its caller replaces it in the same transaction."""
    AnswerRevision.objects.create(
        answer=stored,
        value=stored.value,
        text=stored.text,
        status=stored.status,
        answered_at=stored.answered_at,
        response_time_ms=stored.response_time_ms,
        replaced_at=now,
    )
