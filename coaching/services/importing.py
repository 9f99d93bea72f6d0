"""People whose answers were collected elsewhere: they stand in a study outside its consent and its allocation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Contact, Enrolment, Occasion, Study, StudyVersion
from coaching.selectors.importing import IMPORTED
from coaching.selectors.studies import declared
from coaching.services.bulk import ROWS
from coaching.services.occasions import KIND
from coaching.services.people import new_pseudonym


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody of a file: what they are called in it, and the language that they answered in."""

    called: str
    language: str


@transaction.atomic
def enrol_imported(*, version: StudyVersion, newcomers: Sequence[Newcomer], now: datetime) -> list[Enrolment]:
    """An enrolment for each, in order, under a pseudonym; what the file calls them is kept with the contact details.

    They consented elsewhere, are in no arm, count in no flow, and nothing is ever planned or sent for them.
    """
    zone = declared(version).timezone
    people = Enrolment.objects.bulk_create(
        [
            Enrolment(
                study_id=version.study_id,
                version=version,
                pseudonym=name,
                language=each.language,
                timezone=zone,
                imported_at=now,
            )
            for name, each in zip(_pseudonyms(len(newcomers)), newcomers, strict=True)
        ],
        batch_size=ROWS,
    )
    Contact.objects.bulk_create(
        [
            Contact(enrolment=person, external_ids=json.dumps({IMPORTED: each.called}))
            for person, each in zip(people, newcomers, strict=True)
        ],
        batch_size=ROWS,
    )
    return people


@transaction.atomic
def done_elsewhere(*, people: Sequence[Enrolment], timepoint: str, now: datetime) -> list[Occasion]:
    """The occasion of a step for each of these imported people, in order, as done; those that lack it get it."""
    # By study, since no database takes a list of any length.
    studies = {person.study_id for person in people}
    there = {o.enrolment_id: o for o in Occasion.objects.filter(enrolment__study__in=studies, key=timepoint)}
    new: list[Occasion] = []
    for person in people:
        if person.imported_at is None:
            raise ValueError(f"{person.pseudonym} was not imported: their steps follow their schedule")
        if person.pk not in there and person.version is not None:
            steps = {step.id: (place, step) for place, step in enumerate(declared(person.version).steps())}
            place, step = steps[timepoint]
            new.append(
                Occasion(
                    enrolment=person,
                    key=timepoint,
                    kind=KIND[step.do],
                    place=place,
                    optional=step.optional,
                    state=Occasion.State.DONE,
                    settled_at=now,
                    closed_at=now,
                )
            )
    there |= {o.enrolment_id: o for o in Occasion.objects.bulk_create(new, batch_size=ROWS)}
    return [there[person.pk] for person in people]


def record_import(
    *, study: Study, instrument: str, timepoint: str, people: int, created: int, by: Actor, now: datetime
) -> None:
    """Notes in the audit log that answers were imported."""
    record(
        by=by,
        action="answers.import",
        now=now,
        study=study.slug,
        subject=f"{timepoint}.{instrument}",
        people=people,
        created=created,
    )


def _pseudonyms(count: int) -> list[str]:
    """That many new pseudonyms, all different."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[new_pseudonym()] = None
    return list(names)
