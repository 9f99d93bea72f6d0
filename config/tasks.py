"""The turn that beat asks for every `TICK_S` seconds, and what it hands to the workers."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings

import clock
from coaching.selectors.running import quiet_queues
from coaching.services import falling_due, restoring, running
from coaching.services.outbox import TOGETHER, batched
from coaching.tasks import send_messages
from config.tick import HELD, MOST_MESSAGES, settle
from imagery.services.pictures import sweep


@shared_task(name="config.tick")
def tick() -> dict[str, int]:
    """What one turn did, as counts; what is due is only pointed out to the workers, and they claim it."""
    now, began = clock.now(), time.monotonic()
    # What nobody has taken up before the next turn is pointed out anew by that one.
    expires = max(settings.TICK_S - 1, 1)
    for queue in quiet_queues(settings.QUEUES, now=now):
        pulse.apply_async(args=(queue,), queue=queue, expires=expires)
    if not restoring.begin_turn(now=now):
        return dict(HELD)
    counts = settle(now=now)
    waiting = falling_due.due_ids(now=now, most=MOST_MESSAGES)
    for some in batched(waiting, TOGETHER):
        send_messages.apply_async(args=(some,), expires=expires)
    sweep_files.apply_async(expires=expires)
    counts |= {"pointed_out": len(waiting)}
    running.note_turn(took_ms=round((time.monotonic() - began) * 1000), counts=counts)
    return counts


@shared_task(name="config.pulse")
def pulse(queue: str) -> None:
    """Notes that somebody takes from that queue, for it came by it."""
    running.note_queue(queue, now=clock.now())


@shared_task(name="config.sweep_files")
def sweep_files() -> int:
    """How many files were removed that no row names any more."""
    return sweep()
