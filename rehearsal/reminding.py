"""The messages of a simulated life, by the rules of real ones: what would have been sent, and what was not needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from coaching.services.bulk import MessageRow
from rehearsal.life import Happening, Life


def messages_of(happening: Happening, life: Life, horizon: dt.datetime) -> Iterator[MessageRow]:
    """What became of a step's reminders by `horizon`. Later ones have no row: nobody simulated is ever mailed."""
    for n, due_at in enumerate(happening.planned.reminders, start=1):
        ended_at = min(at for at in (happening.settled_at, life.withdrawn_at, horizon) if at is not None)
        if due_at < ended_at and not (life.paused_at and life.paused_at <= due_at):
            yield MessageRow(n=n, due_at=due_at, sent_at=due_at, state="sent", reason="", attempts=1)
        elif due_at < horizon or happening.settled_at or life.withdrawn_at:
            reason = "withdrawn" if life.withdrawn_at else "not needed" if happening.settled_at else "paused"
            yield MessageRow(n=n, due_at=due_at, sent_at=None, state="cancelled", reason=reason, attempts=0)
