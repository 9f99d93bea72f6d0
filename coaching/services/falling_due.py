"""What of the outbox may go now, what may not go any more, and whose claims are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from coaching.models import Contact, Message, Occasion
from coaching.selectors.studies import declared
from coaching.windows import is_between, zone

State = Message.State
Kind = Message.Kind

CLAIM_LEASE = timedelta(seconds=30)
HANDOVER_LEASE = timedelta(seconds=75)
HELD_BACK = (Kind.REMINDER, Kind.MESSAGE, Kind.WAITING)
"""What a pause holds back."""
CAPPED = (Kind.REMINDER, Kind.WAITING)
"""What a study's caps count."""
SLACK = timedelta(hours=2)
"""What a cap's day and week are short of: a reminder at the same wall time the next day is another day's, though the
clocks went forward or the turn before was a little late."""
LOOKED_AT = 20
"""Of how many due messages, for each that may go, a turn looks at those that may not yet."""


def settle_due(*, now: datetime) -> dict[str, int]:
    """Settles due messages that must not go.

    Those of the paused and of who asked for none, of closed steps, all but the latest of a step, those above a study's
    caps, and those to an address that came back.
    """
    counts = {"cancelled": 0, "missed": 0}
    due = Message.objects.filter(state=State.SCHEDULED, due_at__lte=now)
    stopped = Q(enrolment__paused_at__isnull=False) | Q(enrolment__no_mail_at__isnull=False)
    counts["cancelled"] += _settle(due.filter(stopped, kind__in=HELD_BACK), State.CANCELLED, "paused")
    silent = due.filter(enrolment__no_contact_at__isnull=False).exclude(kind__in=(Kind.LINK, Kind.ALERT))
    counts["cancelled"] += _settle(silent, State.CANCELLED, "no contact")
    seen = due.filter(kind=Kind.ALERT, alert__seen_at__isnull=False)
    counts["cancelled"] += _settle(seen, State.CANCELLED, "seen to")
    closed = Occasion.objects.filter(enrolment=OuterRef("enrolment"), key=OuterRef("timepoint"), closes_at__lte=now)
    reminders = due.filter(kind=Kind.REMINDER)
    counts["missed"] += _settle(reminders.filter(Exists(closed)), State.MISSED, "closed")
    later = reminders.filter(enrolment=OuterRef("enrolment"), timepoint=OuterRef("timepoint"), n__gt=OuterRef("n"))
    counts["missed"] += _settle(reminders.filter(Exists(later)), State.MISSED, "overtaken")
    waiting = due.filter(kind=Kind.WAITING)
    after = waiting.filter(enrolment=OuterRef("enrolment"), n__gt=OuterRef("n"))
    counts["missed"] += _settle(waiting.filter(Exists(after)), State.MISSED, "overtaken")
    held = Contact.objects.filter(enrolment=OuterRef("enrolment"), held_at__isnull=False)
    _settle(due.exclude(kind=Kind.ALERT).filter(Exists(held)), State.FAILED, "address held")
    return counts


def _settle(messages: QuerySet[Message], state: str, reason: str) -> int:
    found = list(messages.values_list("pk", flat=True))
    if not found:
        return 0
    # The condition again in the UPDATE itself: what was claimed meanwhile is somebody else's.
    return int(Message.objects.filter(pk__in=found, state=State.SCHEDULED).update(state=state, reason=reason))


def due_ids(*, now: datetime, most: int) -> list[int]:
    """Messages that may be claimed now, the longest due first; those outside their step's hours wait for them.

    Those above a study's caps are settled as missed on the way.
    """
    found: list[int] = []
    written: dict[int, int] = {}
    for message in _due(now, most):
        if not _is_in_hours(message, now):
            continue
        if _is_above_caps(message, written.get(message.enrolment_id, 0), now):
            _settle(Message.objects.filter(pk=message.pk), State.MISSED, "cap")
            continue
        if message.kind in CAPPED:
            written[message.enrolment_id] = written.get(message.enrolment_id, 0) + 1
        found.append(message.pk)
        if len(found) == most:
            break
    return found


def _due(now: datetime, most: int) -> Iterator[Message]:
    """What is due, alerts first. Whoever waits for an hour of the day does not keep the others from being seen."""
    rows = (
        Message.objects.filter(
            Q(not_before=None) | Q(not_before__lte=Now()),
            state=State.SCHEDULED,
            due_at__lte=now,
            enrolment__synthetic=False,
        )
        .select_related("enrolment__version")
        .defer("enrolment__version__content")
        .order_by("due_at", "pk")
    )
    yield from rows.filter(kind=Kind.ALERT)[:most]
    yield from rows.exclude(kind=Kind.ALERT)[: most * LOOKED_AT].iterator(chunk_size=500)


def _is_in_hours(message: Message, now: datetime) -> bool:
    version = message.enrolment.version
    if message.kind not in CAPPED or version is None:
        return True
    study = declared(version)
    between = study.messages.between
    if message.kind == Kind.REMINDER:
        between = next((step.between for step in study.steps() if step.id == message.timepoint), None)
    return between is None or is_between(now, between, zone(message.enrolment.timezone))


def _is_above_caps(message: Message, written: int, now: datetime) -> bool:
    """Whether the person got as many as the study allows, `written` of them about to leave in this very turn."""
    version = message.enrolment.version
    if message.kind not in CAPPED or version is None:
        return False
    caps = declared(version).messages
    for most, days in ((caps.a_day, 1), (caps.a_week, 7)):
        if most is not None and written + _sent_since(message, now - timedelta(days=days) + SLACK) >= most:
            return True
    return False


def _sent_since(message: Message, start: datetime) -> int:
    of_person = Message.objects.filter(enrolment=message.enrolment_id, kind__in=CAPPED)
    left = Q(state=State.SENT, sent_at__gt=start) | Q(state__in=(State.CLAIMED, State.HANDING_OVER))
    return of_person.filter(left | Q(state=State.UNCERTAIN, due_at__gt=start)).count()


def expire_leases() -> dict[str, int]:
    """Takes back claims that nobody finished, and names uncertain what was under way for too long."""
    back = Message.objects.filter(state=State.CLAIMED, claimed_at__lt=Now() - CLAIM_LEASE)
    lost = Message.objects.filter(state=State.HANDING_OVER, handing_over_at__lt=Now() - HANDOVER_LEASE)
    return {
        "reclaimed": back.update(state=State.SCHEDULED),
        "uncertain": lost.update(state=State.UNCERTAIN, reason="no answer known"),
    }
