"""The turn that beat asks for every `TICK_S` seconds."""

from celery import shared_task

import clock
from config.tick import turn


@shared_task(name="config.tick")
def tick() -> dict[str, int]:
    """What one turn did, as counts."""
    return turn(now=clock.now())
