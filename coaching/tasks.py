"""What a worker does."""

from __future__ import annotations

from celery import shared_task

import clock
from coaching.handover.configured import transport
from coaching.services import outbox


@shared_task(name="coaching.send_message")
def send_message(message_id: int) -> str:
    """The state in which one message ended; nothing for one that is not to be sent, or is somebody else's."""
    return outbox.send(message_id=message_id, transport=transport(), now=clock.now())
