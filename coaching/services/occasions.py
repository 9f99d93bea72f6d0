"""The programme of one person, kept in step with the schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BigIntegerField, Q

from coaching.models import Enrolment, Measure, Occasion
from coaching.prepared import Prepared, Slot
from coaching.schedule import Planned, allocation_due, finished, next_boundary, plan
from coaching.selectors.people import enrolments, facts_of, in_programme
from coaching.selectors.studies import declared
from coaching.services.allocation import allocate
from coaching.services.payments import owe
from coaching.services.reminders import plan_reminders, plan_waiting
from protocol.study import Step
from protocol.study import Study as Declared

KIND = {"assess": Occasion.Kind.ASSESSMENTS, "session": Occasion.Kind.IMAGERY}

STUDY_CLOSED = "study_closed"  # why somebody was never allocated, beside `missed:STEP`

_LOCK = Prepared(lambda: Enrolment.objects.select_for_update().filter(pk=Slot("id", BigIntegerField())))
# `of`: PostgreSQL locks no row of a nullable join. On SQLite a transaction is alone anyway.
_LOCK_ALL = Prepared(lambda: enrolments().select_for_update(of=("self",)).filter(pk=Slot("id", BigIntegerField())))

AFTER_AT_LEAST = timedelta(hours=24)
"""How long it is asked after a session how the person is, also where the session's own window closes before."""

# What a room does when an occasion of its kind ends undone: writes down what was not reached, and its scores.
Closer = Callable[[Occasion, datetime], None]


def lock(enrolment_id: int, *, known: Enrolment | None = None) -> Enrolment:
    """The person's row, held until the transaction ends; every service that changes a programme takes it first.

    Study and version come with it; those of `known`, the same person as read before, are taken over where they still
    hold, for a version never changes.
    """
    is_known = known is not None and known.version is not None
    locked = (_LOCK if is_known else _LOCK_ALL).first(id=enrolment_id)
    if locked is None:
        raise Enrolment.DoesNotExist(f"no person has the number {enrolment_id}")
    if known is None or not is_known:
        return locked
    if locked.version_id == known.version_id:
        locked.version = known.version
    locked.study = known.study
    return locked


def lock_person_of(occasion: Occasion) -> Enrolment:
    """The row of an occasion's person, held as `lock` holds it; who was read with the occasion is known."""
    return lock(occasion.enrolment_id, known=occasion.enrolment if Occasion.enrolment.is_cached(occasion) else None)


@transaction.atomic
def start_occasion(*, occasion: Occasion, now: datetime) -> None:
    """Notes when the person first acted on an occasion."""
    Occasion.objects.filter(pk=occasion.pk, started_at=None).update(started_at=now)


@transaction.atomic
def complete_occasion(*, occasion: Occasion, now: datetime) -> None:
    """Marks an occasion as done, and does in the same transaction what follows from it, allocation included."""
    enrolment = lock_person_of(occasion)
    done = Occasion.objects.filter(pk=occasion.pk, settled_at=None).update(
        state=Occasion.State.DONE, settled_at=now, closed_at=now
    )
    if done:
        _ask_after(enrolment, occasion, now)
        owe(enrolment, step=occasion.key, now=now)
        advance(enrolment, now=now)


@transaction.atomic
def settle_after(*, occasion: Occasion, now: datetime) -> None:
    """Notes that it need not be asked any more how the person is after a session. The step itself was done before."""
    Occasion.objects.filter(pk=occasion.pk, after_settled_at=None).update(after_settled_at=now)


@transaction.atomic
def record_measure(
    *, enrolment: Enrolment, timepoint: str, instrument: str, values: Mapping[str, float | None], now: datetime
) -> None:
    """Stores scores where the programme can read them; a later call replaces an earlier one's."""
    Measure.objects.bulk_create(
        [
            Measure(
                enrolment=enrolment,
                timepoint=timepoint,
                instrument=instrument,
                score=score,
                value=value,
                recorded_at=now,
            )
            for score, value in values.items()
        ],
        update_conflicts=True,
        update_fields=["value", "recorded_at"],
        unique_fields=["enrolment", "timepoint", "instrument", "score"],
    )


def advance_due(*, now: datetime, closers: Mapping[str, Closer]) -> dict[str, int]:
    """Settles everybody for whom something changed by itself; counts of people, missed steps, allocations."""
    counts = {"people": 0, "missed": 0, "allocated": 0}
    # Of a study that closed, everybody: somebody may have acted in the moment of its closing and not known of it.
    falls_due = Q(next_boundary_at__lte=now) | in_programme() & Q(study__closed_at__lte=now)
    # A test person lives by a clock of their own, which only their own walk moves.
    due = Enrolment.objects.filter(falls_due, erased_at=None, ahead_s=None).order_by("next_boundary_at", "pk")
    for enrolment_id in due.values_list("pk", flat=True):
        with transaction.atomic():
            enrolment = lock(enrolment_id)
            if not due.filter(pk=enrolment_id).exists():
                continue  # somebody else was quicker
            was_allocated = enrolment.allocated_at is not None
            counts["missed"] += advance(enrolment, now=now, closers=closers)
            counts["people"] += 1
            counts["allocated"] += enrolment.allocated_at is not None and not was_allocated
    return counts


def advance(enrolment: Enrolment, *, now: datetime, closers: Mapping[str, Closer] | None = None) -> int:
    """Brings the stored occasions of a locked person up to the schedule; how many were found missed.

    Steps whose window closed undone are settled only by the tick, which hands over `closers`: a room must write down
    what was not reached, and its scores, before allocation may read them. Without closers they are left to the
    next tick, and with them an allocation that would follow.
    """
    if enrolment.consented_at is None or enrolment.version is None:
        return 0
    if enrolment.withdrawn_at is not None or enrolment.erased_at is not None:
        _close_cancelled(enrolment, now, closers or {})
        return 0
    declaration = declared(enrolment.version)
    missed = 0
    while True:
        occasions = _lay_out(enrolment, declaration)
        facts = facts_of(enrolment, occasions.values())
        planned = plan(declaration, facts, now)
        overdue = sorted(
            (o for o in occasions.values() if o.settled_at is None and planned[o.key].state == "missed"),
            key=lambda o: (planned[o.key].settled_at or now, o.place),
        )
        if overdue and closers is None:
            break
        for occasion in overdue:
            occasion.state, occasion.settled_at = Occasion.State.MISSED, planned[occasion.key].settled_at
            _close(occasion, now, closers or {})
        missed += len(overdue)
        if enrolment.allocated_at is not None or enrolment.excluded_at is not None or declaration.is_cohort:
            if not overdue:
                break
            continue
        verdict = allocation_due(declaration, facts, now)
        if verdict.verdict == "now":
            allocate(enrolment, declaration=declaration, now=now)
        elif verdict.verdict == "never":
            enrolment.excluded_at = verdict.at
            enrolment.excluded_by = f"missed:{verdict.step}" if verdict.step else STUDY_CLOSED
            enrolment.save(update_fields=["excluded_at", "excluded_by"])
        elif not overdue:
            break
    _update(occasions, planned)
    plan_reminders(enrolment, planned)
    ended = not overdue and finished(declaration, facts, planned)
    if declaration.messages.waiting is not None:
        plan_waiting(enrolment, declaration, is_over=ended)
    asked_until = _close_after(occasions.values(), now, closers or {})
    boundaries = [at for at in (next_boundary(planned, now), asked_until) if at is not None]
    enrolment.completed_at = now if ended else None
    enrolment.next_boundary_at = now if overdue else min(boundaries, default=None)
    enrolment.save(update_fields=["completed_at", "next_boundary_at"])
    return missed


def _ask_after(enrolment: Enrolment, occasion: Occasion, now: datetime) -> None:
    """From now on it is asked how the person is after a session, if the study asks that after this one."""
    if enrolment.version is None or occasion.key not in declared(enrolment.version).asked_after(enrolment.arm or None):
        return
    stored = Occasion.objects.filter(pk=occasion.pk)
    closes_at = stored.values_list("closes_at", flat=True).get()
    until = now + AFTER_AT_LEAST
    stored.update(after_closes_at=max(until, closes_at) if closes_at else until)


def _close_after(
    occasions: Iterable[Occasion], now: datetime, closers: Mapping[str, Closer], *, at_once: bool = False
) -> datetime | None:
    """Lets the room of questionnaires close those after a session whose time is over; when the next one's will be.

    Without its closer they stay, and that time is past: the next tick finds them. `at_once` closes those too that
    could still be answered.
    """
    closer = closers.get(Occasion.Kind.ASSESSMENTS)
    left = []
    for occasion in occasions:
        closes_at = occasion.after_closes_at
        if closes_at is None or occasion.after_settled_at is not None:
            continue
        if closer is not None and (at_once or closes_at <= now):
            closer(occasion, now)
            settle_after(occasion=occasion, now=now)
        else:
            left.append(closes_at)
    return min(left, default=None)


def _lay_out(enrolment: Enrolment, declaration: Declared) -> dict[str, Occasion]:
    """The person's occasions by key; those of a path that has just become known are made."""
    path = declaration.path(enrolment.arm or None)
    place = {step.id: n for n, step in enumerate(declaration.steps())}
    occasions = {o.key: o for o in enrolment.occasions.all()}
    new = [_new(enrolment, step, place[step.id]) for step in path if step.id not in occasions]
    Occasion.objects.bulk_create(new)
    return occasions | {o.key: o for o in new}


def _new(enrolment: Enrolment, step: Step, place: int) -> Occasion:
    return Occasion(enrolment=enrolment, key=step.id, kind=KIND[step.do], place=place, optional=step.optional)


def _update(occasions: Mapping[str, Occasion], planned: Mapping[str, Planned]) -> None:
    """Stores what the plan says of the steps that are not settled, and writes only rows that differ."""
    changed = []
    for key, occasion in occasions.items():
        step = planned.get(key)
        if step is None:
            continue
        fields: tuple[str, ...] = ("due_at", "opens_at", "closes_at")
        before = [getattr(occasion, f) for f in fields] + [occasion.state]
        if occasion.settled_at is None or occasion.due_at is None:
            for field in fields:
                setattr(occasion, field, getattr(step, field))
        if occasion.settled_at is None and step.state in {"waiting", "open"}:
            occasion.state = step.state
        if before != [getattr(occasion, f) for f in fields] + [occasion.state]:
            changed.append(occasion)
    if changed:
        Occasion.objects.bulk_update(changed, ["due_at", "opens_at", "closes_at", "state"])


def _close(occasion: Occasion, now: datetime, closers: Mapping[str, Closer]) -> None:
    """Settles an occasion that ended undone and lets its room close it."""
    occasion.save(update_fields=["state", "settled_at"])
    closer = closers.get(occasion.kind)
    if closer is not None:
        closer(occasion, now)
        occasion.closed_at = now
        occasion.save(update_fields=["closed_at"])


def _close_cancelled(enrolment: Enrolment, now: datetime, closers: Mapping[str, Closer]) -> None:
    """Lets the rooms close what someone had begun before leaving."""
    if not closers:
        return
    begun = enrolment.occasions.filter(state=Occasion.State.CANCELLED, closed_at=None, started_at__isnull=False)
    for occasion in begun:
        _close(occasion, now, closers)
    _close_after(enrolment.occasions.all(), now, closers, at_once=True)
    enrolment.next_boundary_at = None
    enrolment.save(update_fields=["next_boundary_at"])
