"""The turn that beat asks for every `TICK_S` seconds."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

import clock
from coaching.services import outbox
from coaching.tasks import send_message
from config.tick import MOST_MESSAGES, settle


@shared_task(name="config.tick")
def tick() -> dict[str, int]:
    """What one turn did, as counts; what is due is only pointed out to the workers, and they claim it."""
    now = clock.now()
    counts = settle(now=now)
    waiting = outbox.due_ids(now=now, most=MOST_MESSAGES)
    for message_id in waiting:
        # What nobody has taken up before the next turn is pointed out anew by that one.
        send_message.apply_async(args=(message_id,), expires=max(settings.TICK_S - 1, 1))
    return {**counts, "pointed_out": len(waiting)}
