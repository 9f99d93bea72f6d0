"""Writing many people at once: the same rows as one by one, without what a person's own acts bring with them.

No mail, no personal link, no audit row a person: whoever calls writes one for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max

from accounts.audit import Actor, record
from coaching.models import (
    AllocationList,
    AllocationSlot,
    ConsentRecord,
    Contact,
    Enrolment,
    Measure,
    Message,
    Occasion,
    Study,
    StudyVersion,
)
from coaching.selectors.studies import declared
from coaching.services.occasions import KIND
from coaching.services.people import shown_consent

ROWS = 500  # a statement; PostgreSQL and SQLite both have limits on parameters, and this is where more gains nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """What became of one reminder of a step."""

    n: int
    due_at: datetime
    sent_at: datetime | None
    state: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionRow:
    """One planned step of a person; `key` is the step's id."""

    key: str
    public_id: UUID
    state: str
    due_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    started_at: datetime | None
    settled_at: datetime | None
    is_closed: bool
    after_closes_at: datetime | None = None
    after_settled_at: datetime | None = None
    messages: Sequence[MessageRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """The place of an allocation list that a person was given."""

    stratum: str
    position: int
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who consented, with all that has happened to them since."""

    pseudonym: str
    language: str
    timezone: str
    eligibility: Mapping[str, int | bool | str]
    agreed: frozenset[str]
    consented_at: datetime
    contact_at: datetime
    arm: str
    place_in_arm: int | None
    allocated_at: datetime | None
    slot: SlotRow | None
    groups: Mapping[str, str]
    excluded_at: datetime | None
    excluded_by: str
    paused_at: datetime | None
    withdrawn_at: datetime | None
    completed_at: datetime | None
    next_boundary_at: datetime | None
    occasions: Sequence[OccasionRow]


@dataclass(frozen=True, slots=True)
class Written:
    """Where a person's rows are: the enrolment's number and, by step, the occasions'."""

    enrolment_id: int
    occasions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One score that the programme reads."""

    enrolment_id: int
    timepoint: str
    instrument: str
    score: str
    value: float | None
    recorded_at: datetime


def places_taken(*, study: Study, design: str) -> dict[str, int]:
    """How many places of each stratum's list of synthetic people are given under a design."""
    lists = AllocationList.objects.filter(study=study, design=design, synthetic=True)
    last_places = lists.annotate(last=Max("slots__position")).values_list("stratum", "last")
    return {label: last or 0 for label, last in last_places}


def in_arms(*, study: Study) -> dict[str, int]:
    """How many synthetic people have been given each arm."""
    given = Enrolment.objects.filter(study=study, synthetic=True, allocated_at__isnull=False).order_by()
    return dict(given.values_list("arm").annotate(n=Count("pk")))


@transaction.atomic
def write_synthetic(*, version: StudyVersion, design: str, people: Sequence[PersonRow]) -> dict[str, Written]:
    """Stores synthetic people and answers, by pseudonym, with where they are.

    Their places are of lists of their own (`design`), never of those that real people are allocated from.
    """
    rows = [_enrolment(version, person) for person in people]
    Enrolment.objects.bulk_create(rows, batch_size=ROWS)
    enrolments = {row.pseudonym: row for row in rows}
    Contact.objects.bulk_create((Contact(enrolment=row) for row in rows), batch_size=ROWS)
    ConsentRecord.objects.bulk_create(
        (_consent(version, person, enrolments[person.pseudonym]) for person in people), batch_size=ROWS
    )
    _write_slots(version.study, design, people, enrolments)
    return _write_occasions(version, people, enrolments)


@transaction.atomic
def write_measures(*, measures: Iterable[MeasureRow]) -> None:
    """Stores scores where the programme can read them; a later call replaces an earlier one's."""
    Measure.objects.bulk_create(
        (
            Measure(
                enrolment_id=row.enrolment_id,
                timepoint=row.timepoint,
                instrument=row.instrument,
                score=row.score,
                value=row.value,
                recorded_at=row.recorded_at,
            )
            for row in measures
        ),
        batch_size=ROWS,
        update_conflicts=True,
        update_fields=["value", "recorded_at"],
        unique_fields=["enrolment", "timepoint", "instrument", "score"],
    )


@transaction.atomic
def log_simulation(*, version: StudyVersion, seed: str, added: int, by: Actor, now: datetime) -> None:
    """Notes in the audit log that synthetic people were added."""
    record(
        by=by,
        action="study.simulate",
        now=now,
        study=version.study.slug,
        subject=f"v{version.n}",
        seed=seed,
        added=added,
    )


def _enrolment(version: StudyVersion, person: PersonRow) -> Enrolment:
    return Enrolment(
        study_id=version.study_id,
        version=version,
        pseudonym=person.pseudonym,
        language=person.language,
        timezone=person.timezone,
        synthetic=True,
        eligibility=dict(person.eligibility),
        groups=dict(person.groups),
        arm=person.arm,
        place_in_arm=person.place_in_arm,
        screened_at=person.consented_at,
        consented_at=person.consented_at,
        contact_at=person.contact_at,
        allocated_at=person.allocated_at,
        excluded_at=person.excluded_at,
        excluded_by=person.excluded_by,
        paused_at=person.paused_at,
        completed_at=person.completed_at,
        withdrawn_at=person.withdrawn_at,
        withdrawal="keep" if person.withdrawn_at else "",
        next_boundary_at=person.next_boundary_at,
    )


def _consent(version: StudyVersion, person: PersonRow, enrolment: Enrolment) -> ConsentRecord:
    consent = declared(version).consent
    shown = shown_consent(consent, language=person.language, agreed=person.agreed)
    return ConsentRecord(
        enrolment=enrolment,
        version=version,
        consent_version=consent.version,
        language=person.language,
        text=shown.text,
        statements=shown.statements,
        digest=shown.digest,
        consented_at=person.consented_at,
    )


def _write_slots(study: Study, design: str, people: Sequence[PersonRow], enrolments: Mapping[str, Enrolment]) -> None:
    labels = {person.slot.stratum for person in people if person.slot}
    lists = {
        label: AllocationList.objects.get_or_create(study=study, design=design, stratum=label, synthetic=True)[0]
        for label in sorted(labels)
    }
    AllocationSlot.objects.bulk_create(
        (
            AllocationSlot(
                list=lists[person.slot.stratum],
                position=person.slot.position,
                block=person.slot.block,
                arm=person.arm,
                enrolment=enrolments[person.pseudonym],
                taken_at=person.allocated_at,
            )
            for person in people
            if person.slot
        ),
        batch_size=ROWS,
    )


def _write_occasions(
    version: StudyVersion, people: Sequence[PersonRow], enrolments: Mapping[str, Enrolment]
) -> dict[str, Written]:
    steps = {step.id: (place, step) for place, step in enumerate(declared(version).steps())}
    rows = []
    for person in people:
        for occasion in person.occasions:
            place, step = steps[occasion.key]
            rows.append(
                Occasion(
                    enrolment=enrolments[person.pseudonym],
                    public_id=occasion.public_id,
                    key=occasion.key,
                    kind=KIND[step.do],
                    place=place,
                    optional=step.optional,
                    due_at=occasion.due_at,
                    opens_at=occasion.opens_at,
                    closes_at=occasion.closes_at,
                    state=occasion.state,
                    started_at=occasion.started_at,
                    settled_at=occasion.settled_at,
                    closed_at=occasion.settled_at if occasion.is_closed else None,
                    after_closes_at=occasion.after_closes_at,
                    after_settled_at=occasion.after_settled_at,
                )
            )
    Occasion.objects.bulk_create(rows, batch_size=ROWS)
    Message.objects.bulk_create(
        (
            Message(
                enrolment=enrolments[person.pseudonym],
                timepoint=occasion.key,
                kind=Message.Kind.REMINDER,
                n=message.n,
                due_at=message.due_at,
                sent_at=message.sent_at,
                state=message.state,
                reason=message.reason,
                attempts=message.attempts,
            )
            for person in people
            for occasion in person.occasions
            for message in occasion.messages
        ),
        batch_size=ROWS,
    )
    keys: dict[int, dict[str, int]] = {row.pk: {} for row in enrolments.values()}
    for row in rows:
        keys[row.enrolment_id][row.key] = row.pk
    return {name: Written(row.pk, keys[row.pk]) for name, row in enrolments.items()}
