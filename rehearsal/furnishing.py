"""What goes on in a study beside its answers: a plan, colleagues, notes, letters, changed plans. Once per study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import AuditEntry, User
from accounts.services import ensure_account
from coaching.models import Adjustment, Enrolment, Occasion, Study
from coaching.selectors.people import enrolments, in_programme, plan_of
from coaching.services import studies
from coaching.services.adjusting import give_time, move_step, skip_step
from coaching.services.furnishing import LetterRow, NoteRow, doubt_message, write_talk
from rehearsal.services import NAMESPACE
from rehearsal.talk import EXCHANGES, LONGER, MOVED, REMARKS, SKIPPED
from research.models import ApiToken
from research.services import create_token

ACTION = "study.furnish"
TARGET = 60  # people
PLANNED_FOR = timedelta(weeks=12)
COLLEAGUES = (("data@example.org", "data_manager"), ("observer@example.org", "observer"))
NOT_BEFORE = timedelta(days=20)  # whoever is written of has been in the study for longer


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works on the study."""

    researcher: User
    coach: User


def furnish(*, study: Study, staff: Staff, since: date, by: Actor, now: datetime) -> bool:
    """Fills the rooms of a study that has simulated people; whether that was to be done.

    It is done once: what readers of the demonstration change or delete afterwards stays so. One that broke off is
    finished by the next call.

    Args:
        study: A study with simulated people.
        staff: Who writes and changes plans.
        since: The first day on which people came.
        by: Who asks.
        now: This instant.
    """
    if AuditEntry.objects.filter(study=study.slug, action=ACTION).exists():
        return False
    studies.set_plan(
        study=study, target=TARGET, recruit_from=since, recruit_until=since + PLANNED_FOR, by=staff.researcher, now=now
    )
    for email, role in COLLEAGUES:
        user = ensure_account(email=email, by=by, now=now)
        studies.grant_role(user=user, study=study, role=role, by=staff.researcher, now=now)
    if not ApiToken.objects.filter(study=study, user=staff.researcher).exists():
        create_token(user=staff.researcher, study=study, scopes=["export:read"], by=staff.researcher, now=now)
    people = _people(study, now)
    write_talk(notes=list(_notes(people, staff.coach, now)), letters=list(_letters(people[::-1], staff.coach, now)))
    _change_plans(study, people, staff.coach, now)
    any(doubt_message(person=person) for person in people)
    _finish(study, by, now)
    return True


@transaction.atomic
def _finish(study: Study, by: Actor, now: datetime) -> None:
    record(by=by, action=ACTION, now=now, study=study.slug, subject=study.slug)


def _people(study: Study, now: datetime) -> list[Enrolment]:
    """Simulated people who are on their way, in an order that hangs on their names alone."""
    found = enrolments().filter(in_programme(), study=study, synthetic=True, ahead_s=None, paused_at=None)
    return list(found.filter(consented_at__lt=now - NOT_BEFORE).order_by("pseudonym"))


def _notes(people: Sequence[Enrolment], author: User, now: datetime) -> Iterator[NoteRow]:
    for remark, person in zip(REMARKS, people, strict=False):
        key, at = _key(person, remark.text), now - timedelta(days=remark.days)
        yield NoteRow(person=person, author=author, text=remark.text, written_at=at, key=key)
        if remark.addendum:
            at = now - timedelta(days=remark.addendum_days)
            later = _key(person, remark.addendum)
            yield NoteRow(person=person, author=author, text=remark.addendum, written_at=at, key=later, addendum_to=key)


def _letters(people: Sequence[Enrolment], author: User, now: datetime) -> Iterator[LetterRow]:
    # Who still waits for an answer stands on top of the coach's day, where every reader is to understand them.
    english = [person for person in people if person.language.startswith("en")][:2]
    for exchange, person in zip(EXCHANGES, [*english, *(p for p in people if p not in english)], strict=False):
        language = person.language.split("-")[0]
        asked = exchange.asked.get(language, exchange.asked["en"])
        asked_at = now - timedelta(days=exchange.days)
        answer = exchange.answered.get(language, exchange.answered.get("en", ""))
        answered_at = asked_at + timedelta(hours=21) if answer else None
        yield LetterRow(
            person=person,
            author=None,
            text=asked,
            written_at=asked_at,
            answered_at=answered_at,
            key=_key(person, asked),
        )
        if answered_at is not None:
            yield LetterRow(
                person=person,
                author=author,
                text=answer,
                written_at=answered_at,
                answered_at=None,
                key=_key(person, answer),
            )


def _change_plans(study: Study, people: Sequence[Enrolment], coach: User, now: datetime) -> None:
    """Skips a step of one person, moves one of another, and keeps one of a third open for longer."""
    if Adjustment.objects.filter(occasion__enrolment__study=study).exists():
        return
    changes: list[Callable[[_Known], object]] = [
        lambda step: skip_step(occasion=step.occasion, reason=SKIPPED, by=coach, now=now),
        lambda step: move_step(
            occasion=step.occasion, due_at=step.due_at + timedelta(days=2), reason=MOVED, by=coach, now=now
        ),
        lambda step: give_time(
            occasion=step.occasion, closes_at=step.closes_at + timedelta(days=3), reason=LONGER, by=coach, now=now
        ),
    ]
    known = (step for person in people if (step := _next_step(person, now)) is not None)
    for change, step in zip(changes, known, strict=False):
        change(step)


@dataclass(frozen=True, slots=True)
class _Known:
    occasion: Occasion
    due_at: datetime
    closes_at: datetime


def _next_step(person: Enrolment, now: datetime) -> _Known | None:
    """The first step of a person that has not ended and whose window is known."""
    planned = plan_of(person, person.occasions.all(), now)
    for occasion in person.occasions.all():
        step = planned.get(occasion.key)
        if step is None or step.is_settled or occasion.settled_at is not None:
            continue
        if step.due_at is not None and step.closes_at is not None:
            return _Known(occasion, step.due_at, step.closes_at)
    return None


def _key(person: Enrolment, text: str) -> UUID:
    return uuid5(NAMESPACE, f"{person.study.slug}:{person.pseudonym}:{text}")
