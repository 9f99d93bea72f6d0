"""Planning messages: rows made, moved and cancelled in the transaction that changes a person's programme."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from coaching.models import Enrolment, Message
from coaching.schedule import Planned

State = Message.State


def plan_reminders(enrolment: Enrolment, planned: Mapping[str, Planned]) -> None:
    """Brings a locked person's unsent reminders in step with their plan, in the transaction that changed it.

    Settled steps take their unsent messages with them; a moved step moves them; what the plan no longer holds is
    cancelled. Simulated people have none: they are never mailed.
    """
    if enrolment.synthetic:
        return
    rows = {(m.timepoint, m.n): m for m in enrolment.messages.filter(kind=Message.Kind.REMINDER)}
    wanted = {
        (key, n): due_at
        for key, step in planned.items()
        if step.settled_at is None
        for n, due_at in enumerate(step.reminders, start=1)
    }
    Message.objects.bulk_create(
        Message(enrolment=enrolment, timepoint=key, kind=Message.Kind.REMINDER, n=n, due_at=due_at)
        for (key, n), due_at in wanted.items()
        if (key, n) not in rows
    )
    for name, row in rows.items():
        if row.state not in Message.UNSENT:
            continue
        unsent = Message.objects.filter(pk=row.pk, state__in=Message.UNSENT)
        if name in wanted:
            if row.due_at != wanted[name]:
                unsent.update(due_at=wanted[name], state=State.SCHEDULED)
        else:
            step = planned.get(row.timepoint)
            is_closed = step is not None and step.state == "missed"
            ended, why = (State.MISSED, "closed") if is_closed else (State.CANCELLED, "not needed")
            unsent.update(state=ended, reason=why)


def schedule(*, enrolment: Enrolment, kind: str, now: datetime) -> Message:
    """A message of its own that is due at once: an invitation, or a fresh link."""
    earlier = Message.objects.filter(enrolment=enrolment, timepoint="", kind=kind).count()
    return Message.objects.create(enrolment=enrolment, kind=kind, n=earlier + 1, due_at=now)


def cancel_all(enrolment: Enrolment, *, reason: str) -> int:
    """Cancels whatever has not left, at once. Part of a withdrawal, in its transaction."""
    unsent = Message.objects.filter(enrolment=enrolment, state__in=Message.UNSENT)
    return int(unsent.update(state=State.CANCELLED, reason=reason))


def hold_back(enrolment: Enrolment) -> None:
    """Takes claimed messages back at the start of a pause: whoever holds a claim then finds the fence shut."""
    Message.objects.filter(enrolment=enrolment, state=State.CLAIMED).update(state=State.SCHEDULED)
