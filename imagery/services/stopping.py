"""Noting that somebody stopped in a session. Nothing of the session moves: their place is kept."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import lock_person_of
from imagery.models import SessionEvent
from imagery.selectors import refusal, session_of


@transaction.atomic
def note_stop(*, occasion: Occasion, attempt: int | None, key: UUID, now: datetime) -> None:
    """Notes a press of *Stop* at the stage where the person is; nothing, where there is nothing to stop.

    Args:
        occasion: Whose session it is; the person is read anew under the lock.
        attempt: The attempt that the page belongs to; None for a page that does not say.
        key: Names the press, so that one that arrives twice is noted once.
        now: When.
    """
    occasion.enrolment = lock_person_of(occasion)
    session = session_of(occasion)
    if session is None or session.run is None or refusal(occasion, now) is not None:
        return
    run, here = session.run, session.here()
    if here is None or (attempt is not None and attempt != run.attempt):
        return
    SessionEvent.objects.bulk_create(
        [
            SessionEvent(
                run=run,
                event_id=key,
                seq=0,
                type="leave",
                stage=here.id,
                payload=json.dumps({"reason": "stop"}),
                happened_at=now,
                received_at=now,
            )
        ],
        ignore_conflicts=True,
    )
