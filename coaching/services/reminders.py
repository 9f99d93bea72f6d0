"""Planning messages: rows made, moved and cancelled in the transaction that changes a person's programme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from coaching.models import Enrolment, Message, SafetyAlert
from coaching.schedule import Planned
from coaching.selectors.followups import waiting_due
from coaching.windows import zone
from protocol.study import Study as Declared

State = Message.State

CLOSED, NOT_NEEDED = (State.MISSED, "closed"), (State.CANCELLED, "not needed")
"""How messages end that the plan does not hold any more."""


def plan_reminders(enrolment: Enrolment, planned: Mapping[str, Planned]) -> None:
    """Brings a locked person's unsent reminders in step with their plan, in the transaction that changed it.

    Settled steps take their unsent messages with them; a moved step moves them; what the plan no longer holds is
    cancelled. Simulated people have none: they are never mailed.
    """
    if enrolment.synthetic:
        return
    of_steps = enrolment.messages.filter(kind=Message.Kind.REMINDER)
    stored = of_steps.values_list("timepoint", "n", "pk", "state", "due_at")
    rows = {(key, n): (pk, state, due_at) for key, n, pk, state, due_at in stored}
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
    moved: dict[int, datetime] = {}
    ended: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for name, (pk, state, due_at) in rows.items():
        if state not in Message.UNSENT:
            continue
        if name not in wanted:
            step = planned.get(name[0])
            ended[CLOSED if step is not None and step.state == "missed" else NOT_NEEDED].append(pk)
        elif due_at != wanted[name]:
            moved[pk] = wanted[name]
    _put(moved, ended)


def plan_waiting(enrolment: Enrolment, declaration: Declared, *, is_over: bool) -> None:
    """Brings the neutral messages of a locked person who waits in step with the study, in the same transaction.

    They are counted from allocation, within the hours that the study names. None is left once the person has finished.
    """
    rows = {m.n: m for m in enrolment.messages.filter(kind=Message.Kind.WAITING)}
    own = zone(enrolment.timezone)
    due = waiting_due(declaration, enrolment.arm, enrolment.allocated_at, own)
    wanted = {} if enrolment.synthetic or is_over else due
    Message.objects.bulk_create(
        Message(enrolment=enrolment, kind=Message.Kind.WAITING, n=n, due_at=due_at)
        for n, due_at in wanted.items()
        if n not in rows
    )
    moved = {row.pk: wanted[n] for n, row in rows.items() if n in wanted and row.due_at != wanted[n]}
    _put(moved, {NOT_NEEDED: [row.pk for n, row in rows.items() if n not in wanted and row.state in Message.UNSENT]})


def _put(moved: Mapping[int, datetime], ended: Mapping[tuple[str, str], Sequence[int]]) -> None:
    """Moves messages to when they fall due now, and ends others by state and reason, where they have not left yet.

    A programme of months has some hundred messages, of which most stay as they are: only for what changes is there a
    query. What leaves meanwhile is left alone.
    """
    unsent = Message.objects.filter(state__in=Message.UNSENT)
    for pk, due_at in moved.items():
        unsent.filter(pk=pk).update(due_at=due_at, state=State.SCHEDULED)
    for (state, reason), of in ended.items():
        if of:
            unsent.filter(pk__in=of).update(state=state, reason=reason)


def alert(*, about: SafetyAlert, now: datetime) -> Message:
    """A mail to the address that an alert has come to, due at once."""
    earlier = Message.objects.filter(enrolment=about.enrolment_id, kind=Message.Kind.ALERT).count()
    return Message.objects.create(
        enrolment_id=about.enrolment_id,
        kind=Message.Kind.ALERT,
        n=earlier + 1,
        alert=about,
        level=about.level,
        due_at=now,
    )


def schedule(*, enrolment: Enrolment, kind: str, now: datetime) -> Message:
    """A message of its own that is due at once: an invitation, or a fresh link."""
    earlier = Message.objects.filter(enrolment=enrolment, timepoint="", kind=kind).count()
    return Message.objects.create(enrolment=enrolment, kind=kind, n=earlier + 1, due_at=now)


def cancel_all(enrolment: Enrolment, *, reason: str) -> int:
    """Cancels whatever has not left, at once. Part of a withdrawal, in its transaction.

    What goes to the team about a person who may not be well goes all the same.
    """
    unsent = Message.objects.filter(enrolment=enrolment, state__in=Message.UNSENT).exclude(kind=Message.Kind.ALERT)
    return int(unsent.update(state=State.CANCELLED, reason=reason))


def hold_back(enrolment: Enrolment) -> None:
    """Takes claimed messages back at the start of a pause: whoever holds a claim then finds the fence shut."""
    claimed = Message.objects.filter(enrolment=enrolment, state=State.CLAIMED).exclude(kind=Message.Kind.ALERT)
    claimed.update(state=State.SCHEDULED)
