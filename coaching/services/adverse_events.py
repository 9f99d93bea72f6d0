"""The listing of adverse events: entries that are written once, and replaced by later versions with a reason."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.models import User
from coaching.models import AdverseEvent, Enrolment, SafetyAlert
from coaching.services.occasions import lock


class Replaced(ValueError):
    """Somebody has written a later version meanwhile: it is to be read before another is written."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an event, in the fields of ICH E2A and E2B and of the harms extension of CONSORT (2022).

    Attributes:
        term: What it is, in a word or two.
        onset_on: The day on which it began, on the person's calendar.
        severity: One of `AdverseEvent.Severity`.
        serious: Death, danger to life, hospital, lasting harm, or a birth defect.
        relatedness: Whether the study brought it about, one of `AdverseEvent.Relatedness`.
        expected: Whether the consent form or the protocol names it.
        action: What was done with the programme, one of `AdverseEvent.Action`.
        outcome: How it ended, one of `AdverseEvent.Outcome`.
        resolved_on: The day on which it was over; None while it is not, and where nobody knows.
        description: What happened, in the team's words; may be empty.
    """

    term: str
    onset_on: date
    severity: str
    serious: bool
    relatedness: str
    expected: bool
    action: str
    outcome: str
    resolved_on: date | None = None
    description: str = ""


@transaction.atomic
def record_event(
    *, enrolment: Enrolment, told: Told, key: uuid.UUID, by: User, now: datetime, alert: SafetyAlert | None = None
) -> AdverseEvent | None:
    """A new entry about a person; None where they were erased meanwhile.

    The same `key` is one entry, however often its form is sent.

    Raises:
        ValueError: What is told contradicts itself (`problem_of`).
    """
    _check(told)
    # The person's row, held: of two that are sent at once, the second finds the first.
    enrolment = lock(enrolment.pk)
    if enrolment.erased_at is not None:
        return None
    earlier = AdverseEvent.objects.filter(key=key, enrolment=enrolment).first()
    if earlier is not None:
        return earlier
    number = (enrolment.adverse_events.aggregate(most=Max("number"))["most"] or 0) + 1
    return _write(enrolment, told, number=number, key=key, by=by, now=now, alert=alert)


@transaction.atomic
def replace_event(
    *, event: AdverseEvent, told: Told, reason: str, key: uuid.UUID, by: User, now: datetime
) -> AdverseEvent | None:
    """A later version of an entry, which stays as it was; None where the person was erased meanwhile.

    Raises:
        Replaced: It is not the latest version any more.
        ValueError: No reason, or what is told contradicts itself.
    """
    _check(told)
    if not reason.strip():
        raise ValueError("a version without a reason")
    enrolment = lock(event.enrolment_id)
    if enrolment.erased_at is not None:
        return None
    earlier = AdverseEvent.objects.filter(key=key, enrolment=enrolment).first()
    if earlier is not None:
        return earlier
    if AdverseEvent.objects.filter(replaces=event).exists():
        raise Replaced(f"{event} has a later version")
    return _write(
        enrolment, told, number=event.number, key=key, by=by, now=now, alert=event.alert, replaces=event, reason=reason
    )


def problem_of(told: Told) -> str:
    """Which two things told of an event contradict each other: `resolved`, `fatal` or `recovered`; empty for none."""
    if told.resolved_on is not None and told.resolved_on < told.onset_on:
        return "resolved"
    if told.outcome == AdverseEvent.Outcome.FATAL and not told.serious:
        return "fatal"
    open_ones = {AdverseEvent.Outcome.RECOVERING, AdverseEvent.Outcome.NOT_RECOVERED}
    return "recovered" if told.resolved_on is not None and told.outcome in open_ones else ""


def _check(told: Told) -> None:
    problem = problem_of(told)
    if problem:
        raise ValueError(f"what is told of the event contradicts itself: {problem}")
    known = {
        "severity": AdverseEvent.Severity,
        "relatedness": AdverseEvent.Relatedness,
        "action": AdverseEvent.Action,
        "outcome": AdverseEvent.Outcome,
    }
    for name, choices in known.items():
        value = getattr(told, name)
        if value not in choices.values:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(choices.values)}")
    if not told.term.strip():
        raise ValueError("an event without a term")


def _write(
    enrolment: Enrolment,
    told: Told,
    *,
    number: int,
    key: uuid.UUID,
    by: User,
    now: datetime,
    alert: SafetyAlert | None,
    replaces: AdverseEvent | None = None,
    reason: str = "",
) -> AdverseEvent:
    made = AdverseEvent.objects.create(
        enrolment=enrolment,
        number=number,
        replaces=replaces,
        alert=alert if alert is not None and alert.enrolment_id == enrolment.pk else None,
        reason=reason,
        by=by,
        made_at=now,
        key=key,
        **asdict(told),
    )
    # What it says goes when the person is erased; the log would keep it.
    record(
        by=by,
        action="event.replace" if replaces else "event.record",
        now=now,
        study=enrolment.study.slug,
        subject=enrolment.pseudonym,
        number=number,
    )
    return made
