"""What a safety board reads of a study: how many were followed for how long, in each arm, and what happened to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from assessments.models import Administration
from coaching.models import AdverseEvent, SafetyAlert, Study
from coaching.selectors.safety import listed_events
from coaching.selectors.studies import declarations
from coaching.windows import zone
from research.counts import people_of
from research.safety_figures import NONE, Estimate, rate, share

WEEK = dt.timedelta(weeks=1)
EXPOSURE = 100
"""Events are told for so many person-weeks."""
LEAST_WEEKS = 1.0
"""A count over less time than this makes a rate of any size, and is told as a count alone."""


@dataclass(slots=True)
class Followed:
    """People of one arm (`arm` empty: before allocation, and in a study without arms) and what happened to them.

    Attributes:
        arm: Its name in the study's file.
        people: Those in it.
        asked: Those of them who began a questionnaire that asks how they are.
        alerted: Those of them with at least one alert.
        affected: Those of them with at least one adverse event.
        alerts: Alerts, by rules and by reports.
        events: Adverse events, each counted once, by its latest version.
        serious: Those of them that were serious.
        fatal: Those of them that were fatal.
        weeks: Person-weeks, from allocation (else consent) until the person left, finished, or now.
    """

    arm: str
    people: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    alerted: set[int] = field(default_factory=set)
    affected: set[int] = field(default_factory=set)
    alerts: int = 0
    events: int = 0
    serious: int = 0
    fatal: int = 0
    weeks: float = 0.0

    @property
    def alerted_share(self) -> Estimate:
        """The share of people with an alert, with exact limits."""
        return share(len(self.alerted), len(self.people))

    @property
    def affected_share(self) -> Estimate:
        """The share of people with an adverse event, with exact limits."""
        return share(len(self.affected), len(self.people))

    @property
    def event_rate(self) -> Estimate:
        """Adverse events in 100 person-weeks, with exact limits that take events to come one by one.

        There is none before the group was followed for a person-week.
        """
        return rate(self.events, self.weeks / EXPOSURE) if self.weeks >= LEAST_WEEKS else NONE


@dataclass(frozen=True, slots=True)
class _Person:
    """From when to when somebody was followed, before and in their arm."""

    arm: str
    zone: str
    consented_at: dt.datetime
    allocated_at: dt.datetime | None
    ended_at: dt.datetime

    def arm_at(self, at: dt.datetime) -> str:
        """The arm that the person was in at an instant; empty before allocation."""
        return self.arm if self.allocated_at is not None and at >= self.allocated_at else ""

    def arm_on(self, day: dt.date) -> str:
        """The same of a day on the person's calendar: the day of allocation is of the arm."""
        given = self.allocated_at.astimezone(zone(self.zone)).date() if self.allocated_at is not None else None
        return self.arm if given is not None and day >= given else ""

    def spans(self) -> Iterator[tuple[str, dt.timedelta]]:
        """How long they were followed, before and in the arm."""
        parts = [("", self.consented_at, self.allocated_at or self.ended_at)]
        if self.allocated_at is not None:
            parts.append((self.arm, self.allocated_at, self.ended_at))
        yield from ((arm, max(dt.timedelta(0), min(end, self.ended_at) - start)) for arm, start, end in parts)


def followed(study: Study, *, synthetic: bool | None, now: dt.datetime) -> list[Followed]:
    """Each arm that a version declares, in its order, after those not allocated yet; every arm asked alike.

    People who were erased are in none: nothing of them is left. Test people are in none.
    """
    arms = dict.fromkeys(arm.name for declared in declarations(study).values() for arm in declared.arms)
    found = {name: Followed(name) for name in ("", *arms)}
    people = _people(study, synthetic, now)
    for pk, person in people.items():
        for arm, span in person.spans():
            found.setdefault(arm, Followed(arm)).people.add(pk)
            found[arm].weeks += span / WEEK
    for pk, at in _asked(study):
        if (someone := people.get(pk)) is not None:
            found[someone.arm_at(at)].asked.add(pk)
    for pk, at in SafetyAlert.objects.filter(enrolment__study=study).values_list("enrolment", "raised_at"):
        if (someone := people.get(pk)) is not None:
            here = found[someone.arm_at(at)]
            here.alerts += 1
            here.alerted.add(pk)
    for event in events(study, synthetic=synthetic):
        if (someone := people.get(event.enrolment_id)) is not None:
            _count(found[someone.arm_on(event.onset_on)], event)
    return list(found.values())


def events(study: Study, *, synthetic: bool | None) -> list[AdverseEvent]:
    """The line listing: the latest version of each event, deaths first, then what was serious."""
    return listed_events(study, Q() if synthetic is None else Q(enrolment__synthetic=synthetic))


def _count(here: Followed, event: AdverseEvent) -> None:
    here.events += 1
    here.affected.add(event.enrolment_id)
    here.serious += event.serious
    here.fatal += event.outcome == AdverseEvent.Outcome.FATAL


def _people(study: Study, synthetic: bool | None, now: dt.datetime) -> Mapping[int, _Person]:
    rows = people_of(study, synthetic).filter(consented_at__isnull=False, erased_at=None, ahead_s=None)
    fields = ("pk", "arm", "timezone", "consented_at", "allocated_at", "withdrawn_at", "completed_at")
    found = {}
    for pk, arm, timezone, consented_at, allocated_at, withdrawn_at, completed_at in rows.values_list(*fields):
        ends = [at for at in (withdrawn_at, completed_at, study.closed_at, now) if at is not None]
        found[pk] = _Person(arm, timezone, consented_at, allocated_at, min(ends))
    return found


def _asked(study: Study) -> Iterator[tuple[int, dt.datetime]]:
    """Who began a questionnaire that asks how people are, and when."""
    names = {name for declared in declarations(study).values() for name in declared.safety.instruments}
    begun = Administration.objects.filter(
        occasion__enrolment__study=study, instrument__in=names, started_at__isnull=False
    )
    yield from ((pk, at) for pk, at in begun.values_list("occasion__enrolment", "started_at") if at is not None)


def alerts_of(study: Study, *, synthetic: bool | None) -> list[SafetyAlert]:
    """Every alert on the people of a study, those first at which nobody has looked, then the newest."""
    found = SafetyAlert.objects.filter(enrolment__study=study, enrolment__erased_at=None, enrolment__ahead_s=None)
    if synthetic is not None:
        found = found.filter(enrolment__synthetic=synthetic)
    rows = found.select_related("enrolment", "report", "occasion").order_by("-pk")
    return sorted(rows, key=lambda alert: alert.seen_at is not None)
