"""How what goes on by itself is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from coaching.models import Heartbeat, Message

PULSE = timedelta(seconds=60)
"""How long a queue is quiet before somebody is asked to say that they take from it."""
TICK = "tick"
RESTORED = "restored"
QUEUE = "queue {}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Messages to real people, as counts.

    Attributes:
        due: Due and not sent, those included that wait for an hour of the day or for a mail server.
        oldest_due_at: Since when the oldest of them is due; None without any.
        uncertain: Of which nobody knows whether they arrived.
        failed: That were due in the last 24 hours and that no mail server took.
    """

    due: int
    oldest_due_at: datetime | None
    uncertain: int
    failed: int


def outgoing(*, now: datetime) -> Outgoing:
    """How the messages stand."""
    state, real = Message.State, Message.objects.filter(enrolment__synthetic=False)
    due = real.filter(state__in=(*Message.UNSENT, state.HANDING_OVER), due_at__lte=now)
    waiting = due.aggregate(count=Count("pk"), oldest=Min("due_at"))
    lately = Q(state=state.FAILED, due_at__gt=now - timedelta(hours=24), due_at__lte=now)
    rest = real.filter(state__in=(state.UNCERTAIN, state.FAILED)).aggregate(
        uncertain=Count("pk", filter=Q(state=state.UNCERTAIN)), failed=Count("pk", filter=lately)
    )
    return Outgoing(waiting["count"], waiting["oldest"], rest["uncertain"], rest["failed"])


def signs_of_life() -> dict[str, Heartbeat]:
    """The last sign of each part, by its name."""
    return {row.name: row for row in Heartbeat.objects.order_by("name")}


def quiet_queues(names: Sequence[str], *, now: datetime) -> list[str]:
    """Those of the queues of which nothing was heard in the last minute."""
    known = Heartbeat.objects.filter(name__in=[QUEUE.format(name) for name in names], at__gt=now - PULSE, at__lte=now)
    heard = set(known.values_list("name", flat=True))
    return [name for name in names if QUEUE.format(name) not in heard]
