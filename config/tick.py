"""One turn of what goes on by itself: it knows the rooms, so it lives above them."""

from __future__ import annotations

import time
from datetime import datetime

from assessments.services import close_occasion
from coaching.handover.configured import transport
from coaching.services import outbox
from coaching.services.occasions import advance_due
from imagery.services import close_session
from imagery.services.pictures import sweep

CLOSERS = {"assessments": close_occasion, "imagery": close_session}
# As many as workers may find waiting in a broker, or one process may send, before the next turn looks again.
MOST_MESSAGES = 600


def turn(*, now: datetime, seconds: float | None = None) -> dict[str, int]:
    """Settles what fell due by `now`, and sends what is due in this process; counts.

    Turns may overlap or be repeated: each change happens once. With `seconds`, sending stops after that long, and the
    next turn goes on.
    """
    counts = settle(now=now)
    counts |= {"sent": 0, "not_sent": 0}
    way, began = transport(), time.monotonic()
    for message_id in outbox.due_ids(now=now, most=MOST_MESSAGES):
        if seconds is not None and time.monotonic() - began > seconds:
            break
        state = outbox.send(message_id=message_id, transport=way, now=now)
        if state:
            counts["sent" if state == "sent" else "not_sent"] += 1
    return counts


def settle(*, now: datetime) -> dict[str, int]:
    """Everything of a turn but the sending."""
    counts = advance_due(now=now, closers=CLOSERS)
    counts |= outbox.expire_leases()
    settled = outbox.settle_due(now=now)
    counts |= {"messages_cancelled": settled["cancelled"], "messages_missed": settled["missed"]}
    return {**counts, "files_swept": sweep()}
