"""One turn of what goes on by itself: it knows the rooms, so it lives above them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from assessments.services import close_occasion
from coaching.handover.configured import others, transport
from coaching.services import falling_due, outbox, restoring, running
from coaching.services.care import escalate_due
from coaching.services.occasions import advance_due
from imagery.services import close_session
from imagery.services.pictures import sweep
from privacy import retention

CLOSERS = {"assessments": close_occasion, "imagery": close_session}
# As many as workers may find waiting in a broker, or one process may send, before the next turn looks again.
MOST_MESSAGES = 600
HELD = {"held": 1}


def turn(*, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> dict[str, int]:
    """Settles what fell due by `now`, and sends what is due in this process; counts.

    Turns may overlap or be repeated: each change happens once. `goes_on` is asked before each message: after a no, the
    rest waits for the next turn. A database that was put back from a backup is left as it is (`held`).
    """
    if not restoring.begin_turn(now=now):
        return dict(HELD)
    began = time.monotonic()
    counts = settle(now=now) | {"files_swept": sweep(), "sent": 0, "not_sent": 0}
    way, beside = transport(), others()
    waiting = falling_due.due_ids(now=now, most=MOST_MESSAGES)
    for message_id, state in outbox.send(message_ids=waiting, transport=way, now=now, others=beside, goes_on=goes_on):
        if state:
            counts["sent" if state == "sent" else "not_sent"] += 1
            restoring.note_sent(message_id=message_id, now=now)
    running.note_turn(took_ms=round((time.monotonic() - began) * 1000), counts=counts)
    return counts


def settle(*, now: datetime) -> dict[str, int]:
    """Everything of a turn but the sending and the sweeping of files."""
    counts = advance_due(now=now, closers=CLOSERS)
    counts |= {"escalated": escalate_due(now=now)}
    counts |= falling_due.expire_leases()
    settled = falling_due.settle_due(now=now)
    counts |= {"messages_cancelled": settled["cancelled"], "messages_missed": settled["missed"]}
    return counts | retention.nightly(now=now)
