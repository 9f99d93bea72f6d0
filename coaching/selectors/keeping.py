"""How long what is known of people may be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from coaching import windows
from coaching.models import Contact, Enrolment, Study
from coaching.selectors.people import study_of
from coaching.windows import zone
from protocol.study import Study as Declared

_ENDS = ("completed_at", "withdrawn_at", "study__closed_at")
_HOLDS_NOTHING = {"email": "", "label": "", "external_ids": "", "panel_hash": "", "phone": "", "way": "mail"}


@dataclass(frozen=True, slots=True)
class Kept:
    """Somebody whose participation has ended and whose contact details are still there."""

    enrolment: Enrolment
    ended_at: dt.datetime
    until: dt.datetime


def contacts_over(now: dt.datetime) -> Iterator[Kept]:
    """Everybody whose contact details have been kept for as long as their study said, by the calendar of their zone."""
    holds = Q(pk__in=Contact.objects.exclude(**_HOLDS_NOTHING).values("enrolment"))
    ended = Q(*((f"{end}__lte", now) for end in _ENDS), _connector=Q.OR)
    people = Enrolment.objects.filter(holds, ended, erased_at=None).select_related("study", "version")
    for person in people.defer("version__content").order_by("pk"):
        kept = kept_of(person)
        if kept is not None and kept.until <= now:
            yield kept


def kept_of(person: Enrolment) -> Kept | None:
    """Until when a person's contact details are kept; None while they take part."""
    ends = [at for at in (person.completed_at, person.withdrawn_at, person.study.closed_at) if at is not None]
    if not ends:
        return None
    ended_at = min(ends)
    return Kept(person, ended_at, windows.add(ended_at, study_of(person).retention.contact, zone(person.timezone)))


def research_until(study: Study, declaration: Declared) -> dt.date | None:
    """The day until which the answers of a study are kept; None where it is not said, or not known yet."""
    until = declaration.retention.research
    if until is None or isinstance(until, dt.date):
        return until
    if study.closed_at is None:
        return None
    own = zone(declaration.timezone)
    return windows.add(study.closed_at, until, own).astimezone(own).date()
