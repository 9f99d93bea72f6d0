"""How people's last days went, what comes next for them, and what today brings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from coaching.adherence import STRIP_DAYS, Stored, Strip, state_at, strip_of
from coaching.models import Enrolment, Occasion, Study, StudyVersion
from coaching.selectors.attention import STORED, WHO, Someone, underway
from coaching.selectors.people import in_programme
from coaching.selectors.studies import declared
from coaching.windows import zone

Sort = Literal["needs", "name", "next"]
SORTS: tuple[Sort, ...] = ("needs", "name", "next")


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of the programme as the day's table has them."""

    pk: int
    pseudonym: str
    timezone: str
    synthetic: bool
    version_id: int | None
    consented_at: datetime
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lived:
    """A person, their last days, and the step that comes next with how it stands; None when none does."""

    person: Listed
    strip: Strip
    next: Stored | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Event:
    """A step that opens or closes today, for one person or several; `at` is the first of their times."""

    at: datetime
    opens: bool
    version_id: int | None
    step: str
    people: tuple[str, ...]


def listed(study: Study, *, sort: Sort, first: Sequence[int] = (), simulated: bool | None = None) -> list[Listed]:
    """Everybody for whom a study's programme runs on, in order; `first` are those who lead when sorted by needs.

    Nobody who only tests, for they live by another clock.
    """
    people = Enrolment.objects.filter(in_programme(), study=study, ahead_s=None)
    if simulated is not None:
        people = people.filter(synthetic=simulated)
    fields = ("pk", "pseudonym", "timezone", "synthetic", "version_id", "consented_at", "paused_at")
    found = [Listed(*row) for row in _ordered(people, sort).values_list(*fields)]
    if sort != "needs":
        return found
    place = {pk: n for n, pk in enumerate(dict.fromkeys(first))}
    return sorted(found, key=lambda person: place.get(person.pk, len(place)))


def titles_of(studies: Collection[Study], language: str) -> dict[int, str]:
    """The titles of studies by key, as their latest versions have them."""
    versions = StudyVersion.objects.filter(study__in=studies).defer("content").order_by("n")
    latest = {version.study_id: version for version in versions}
    return {study: declared(version).title.to(language) for study, version in latest.items()}


def _ordered(people: QuerySet[Enrolment], sort: Sort) -> QuerySet[Enrolment]:
    if sort != "next":
        return people.order_by("pseudonym")
    steps = Occasion.objects.filter(enrolment=OuterRef("pk"), settled_at=None, skipped_at=None, optional=False)
    due = steps.order_by().values("enrolment").annotate(at=Min("due_at")).values("at")
    return people.annotate(next_at=Subquery(due)).order_by(F("next_at").asc(nulls_last=True), "pseudonym")


def lived(people: Collection[Listed], now: datetime, *, days: int = STRIP_DAYS) -> list[Lived]:
    """The last days of these people, and what comes next."""
    # A day more, for those whose day began before UTC's.
    since = now - timedelta(days=days + 1)
    recent = Q(settled_at=None) | Q(settled_at__gte=since) | Q(due_at__gte=since) | Q(started_at__gte=since)
    rows = Occasion.objects.filter(recent, enrolment__in=[person.pk for person in people]).order_by("place")
    steps: dict[int, list[Stored]] = {}
    for person, *row in rows.values_list("enrolment_id", *STORED):
        steps.setdefault(person, []).append(Stored(*row))
    return [_lived(person, steps.get(person.pk, []), now, days) for person in people]


def events(people: Q, start: datetime, end: datetime, now: datetime) -> list[Event]:
    """What opens and closes from `start` until before `end`, by time; the same step of several people is one event."""
    edges = Q(opens_at__gte=start, opens_at__lt=end) | Q(closes_at__gte=start, closes_at__lt=end)
    rows = underway(people).filter(edges).values_list(*STORED, *WHO, "enrolment__version_id")
    held: dict[tuple[bool, str], list[tuple[datetime, str, int | None]]] = {}
    for row in rows:
        step, who, version_id = Stored(*row[:9]), Someone(*row[9:14]), row[14]
        for opens, at in ((True, step.opens_at), (False, step.closes_at)):
            if at is not None and start <= at < end:
                held.setdefault((opens, step.key), []).append((at, who.pseudonym, version_id))
    found = [
        Event(min(each)[0], opens, max(v or 0 for _, _, v in each), key, tuple(name for _, name, _ in sorted(each)))
        for (opens, key), each in held.items()
    ]
    return sorted(found, key=lambda event: (event.at, event.opens, event.step))


def next_due(people: Q, now: datetime) -> datetime | None:
    """When the next required step of anybody is due."""
    found: datetime | None = underway(people).filter(optional=False, due_at__gt=now).aggregate(at=Min("due_at"))["at"]
    return found


def _lived(person: Listed, steps: Iterable[Stored], now: datetime, days: int) -> Lived:
    steps = list(steps)
    coming = [(step, state) for step in steps if (state := state_at(step, now)) in {"open", "waiting"}]
    # Required before optional, known times before unknown ones, and the study's own order.
    coming.sort(key=lambda each: (each[0].optional, each[0].opens_at is None, each[0].opens_at or now))
    strip = strip_of(
        steps, now=now, zone=zone(person.timezone), since=person.consented_at, paused_at=person.paused_at, days=days
    )
    return Lived(person, strip, coming[0][0] if coming else None, bool(coming) and coming[0][1] == "open")
