"""Keeping what happened in a session's page, once each, however often it arrives and whenever within a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from coaching.models import Occasion
from coaching.services.occasions import lock_person_of
from imagery.events import read
from imagery.models import SessionEvent, SessionRun

LATEST = timedelta(hours=24)
"""For how long after an attempt was over its events may still come: what was kept on a device that had no line."""

MOST_OF_A_RUN = 20_000
"""No session has so many; whoever sends more is not in one."""


class NotTaken(StrEnum):
    """Why no events are taken."""

    AWAY = "away"  # withdrawn, erased
    ELSEWHERE = "elsewhere"  # there is no such attempt
    CLOSED = "closed"  # it was over too long ago
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Noted:
    """How many events were stored now, how many had been before, and the names of those that can't be."""

    stored: int
    known: int
    refused: tuple[str, ...]


@transaction.atomic
def note_events(*, occasion: Occasion, attempt: int, text: str, now: datetime) -> Noted | NotTaken:
    """Stores the events of an attempt that are not stored yet.

    Also of one that was left, ended or completed meanwhile, until `LATEST` after it was over; a pause of the person
    stops nothing, since what happened before it may come late.

    Args:
        occasion: Whose session it is; the person is read anew under the lock.
        attempt: The attempt that the page belongs to.
        text: The events, a JSON list.
        now: When they arrived.

    Raises:
        NotEvents: It is no list of events.
        TooMany: There are too many at once.
    """
    person = lock_person_of(occasion)
    if person.withdrawn_at is not None or person.erased_at is not None:
        return NotTaken.AWAY
    run = SessionRun.objects.filter(occasion=occasion, attempt=attempt).first()
    if run is None or run.started_at is None:
        return NotTaken.ELSEWHERE
    if run.closed_at is not None and now - run.closed_at > LATEST:
        return NotTaken.CLOSED
    # Only what was shown: an answer about another stage would tell that there is one of that name.
    found = read(text, set(run.visits.values_list("stage", flat=True)))
    coming = {event.event_id: event for event in reversed(found.events)}
    known = set(run.events.filter(event_id__in=coming).values_list("event_id", flat=True))
    fresh = [event for event in found.events if event.event_id not in known and coming[event.event_id] is event]
    if fresh and run.events.count() + len(fresh) > MOST_OF_A_RUN:
        return NotTaken.FULL
    SessionEvent.objects.bulk_create(
        [
            SessionEvent(
                run=run,
                event_id=event.event_id,
                seq=event.seq,
                type=event.type,
                stage=event.stage,
                state=event.state,
                t_mono_ms=event.t_mono_ms,
                happened_at=event.happened_at,
                tz_offset_min=event.tz_offset_min,
                clock_offset_ms=event.clock_offset_ms,
                payload=event.payload,
                received_at=now,
            )
            for event in fresh
        ],
        ignore_conflicts=True,
    )
    return Noted(len(fresh), len(found.events) - len(fresh), found.refused)
