"""Keeping nothing for longer than a study says: contact details after a participation, drafts after a last change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.db import transaction

from accounts.audit import Actor, record
from coaching import windows
from coaching.models import Heartbeat, Study
from coaching.selectors.keeping import contacts_over, kept_of, research_until
from coaching.selectors.people import study_of
from coaching.selectors.studies import declared, latest_version
from coaching.services.forgetting import forget_contact
from coaching.services.occasions import lock
from coaching.windows import zone
from imagery.models import DrawingDraft
from imagery.selectors.drafts import kept_drafts
from imagery.services.drafts import forget_draft
from privacy.selectors import mails_to

NAME = "retention"
MOST_A_TURN = 200
"""How many people one turn sees to; the next goes on, so that no turn keeps messages waiting."""


@dataclass(frozen=True, slots=True)
class Over:
    """Something that was kept for as long as it may be.

    Attributes:
        what: `contact`, `drafts`, or `research` (which is for staff to decide about).
        study: The study's slug.
        participant: Whose it is; empty for a whole study.
        until: Until when it was to be kept.
    """

    what: str
    study: str
    participant: str
    until: datetime


def due(*, now: datetime) -> Iterator[Over]:
    """All that is over, and nothing is done about it."""
    for kept in contacts_over(now):
        yield Over("contact", kept.enrolment.study.slug, kept.enrolment.pseudonym, kept.until)
    for draft, until in _drafts_over(now):
        person = draft.run.occasion.enrolment
        yield Over("drafts", person.study.slug, person.pseudonym, until)
    for study in Study.objects.filter(versions__isnull=False).distinct().order_by("pk"):
        declaration = declared(latest_version(study))
        day = research_until(study, declaration)
        if day is not None:
            until = windows.instant_of(datetime.combine(day, datetime.min.time()), zone(declaration.timezone))
            if until <= now:
                yield Over("research", study.slug, "", until)


def nightly(*, now: datetime) -> dict[str, int]:
    """One turn's part of it: looks once a day, by UTC, and is done with a query for the rest of it."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if Heartbeat.objects.filter(name=NAME, at__gte=midnight, at__lte=now).exists():
        return {"contacts_forgotten": 0, "drafts_forgotten": 0}
    counts = forget(now=now, most=MOST_A_TURN)
    if counts["contacts_forgotten"] < MOST_A_TURN and counts["drafts_forgotten"] < MOST_A_TURN:
        Heartbeat.objects.update_or_create(name=NAME, defaults={"at": now, "counts": counts})
    return counts


def forget(*, now: datetime, by: Actor = "product", most: int | None = None) -> dict[str, int]:
    """Removes what is over, each person by themselves, and counts them; of at most so many of each kind."""
    people = [kept.enrolment.pk for kept in islice(contacts_over(now), most)]
    contacts = sum(_forget_contact(pk, by=by, now=now) for pk in people)
    begun = list(islice(_drafts_over(now), most))
    drafts = sum(_forget_draft(draft, by=by, now=now) for draft, _ in begun)
    return {"contacts_forgotten": contacts, "drafts_forgotten": drafts}


@transaction.atomic
def _forget_contact(enrolment_id: int, *, by: Actor, now: datetime) -> bool:
    person = lock(enrolment_id)
    kept = kept_of(person)
    if kept is None or kept.until > now or person.erased_at is not None:
        return False  # something happened meanwhile
    letters = mails_to(person)
    if not forget_contact(person):
        return False
    for letter in letters:
        letter.unlink(missing_ok=True)
    record(by=by, action="contact.forget", now=now, study=person.study.slug, subject=person.pseudonym)
    return True


@transaction.atomic
def _forget_draft(draft: DrawingDraft, *, by: Actor, now: datetime) -> bool:
    occasion = draft.run.occasion
    person = lock(occasion.enrolment_id, known=occasion.enrolment)
    if not forget_draft(draft):
        return False
    record(
        by=by,
        action="drafts.forget",
        now=now,
        study=person.study.slug,
        subject=person.pseudonym,
        timepoint=occasion.key,
    )
    return True


def _drafts_over(now: datetime) -> Iterator[tuple[DrawingDraft, datetime]]:
    """Drawings that were begun and have not been touched for as long as the study keeps them."""
    for draft in kept_drafts():
        person = draft.run.occasion.enrolment
        until = windows.add(draft.saved_at, study_of(person).retention.drafts, zone(person.timezone))
        if until <= now:
            yield draft, until
