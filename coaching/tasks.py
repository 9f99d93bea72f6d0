"""What a worker does."""

from __future__ import annotations

from celery import shared_task

import clock
from coaching.handover.configured import others, transport
from coaching.services import outbox, restoring

# The last of a few that were claimed together begins after 8 s at the latest; the longest talk with a mail server takes
# 20 s and 60 s; and a little. Whatever is cut off then was fenced before.
SOFT_LIMIT_S, LIMIT_S = 100, 120


@shared_task(name="coaching.send_messages", soft_time_limit=SOFT_LIMIT_S, time_limit=LIMIT_S)
def send_messages(message_ids: list[int]) -> list[str]:
    """The states in which messages ended; nothing for one that is not to be sent, or is somebody else's."""
    now = clock.now()
    # A broker may still point out what an older database believes to be unsent.
    if restoring.is_held(now=now):
        return []
    states = []
    for message_id, state in outbox.send(message_ids=message_ids, transport=transport(), now=now, others=others()):
        if state:
            restoring.note_sent(message_id=message_id, now=now)
            states.append(state)
    return states
