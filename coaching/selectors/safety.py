"""What people reported when something was not well, and what the team wrote down of it."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q, QuerySet

from coaching.models import AdverseEvent, Enrolment, SafetyReport, Study


def reports_of(enrolment: Enrolment) -> list[SafetyReport]:
    """All that a person reported, the newest first."""
    return list(
        SafetyReport.objects.filter(enrolment=enrolment).select_related("occasion", "alert").order_by("-pk"),
    )


def report_called(enrolment: Enrolment, key: uuid.UUID) -> SafetyReport | None:
    """The person's own report that a form of this name made."""
    return SafetyReport.objects.filter(enrolment=enrolment, key=key).select_related("alert").first()


def events_of(enrolment: Enrolment) -> list[AdverseEvent]:
    """The latest version of each adverse event of a person, the newest event first."""
    return list(_latest(Q(enrolment=enrolment)).order_by("-number"))


def versions_of(enrolment: Enrolment, number: int) -> list[AdverseEvent]:
    """Every version of one adverse event, the latest first; none where the person has no such event."""
    found = AdverseEvent.objects.filter(enrolment=enrolment, number=number)
    return list(found.select_related("by", "alert").order_by("-pk"))


def listed_events(study: Study, people: Q) -> list[AdverseEvent]:
    """The latest version of each event of these people, as a safety board reads them.

    Deaths first, then what was serious, then the rest; within each the latest onset first.
    """
    found = _latest(Q(enrolment__study=study, enrolment__erased_at=None, enrolment__ahead_s=None) & people)
    return sorted(found, key=_urgency)


def version_counts(study: Study) -> dict[tuple[int, int], int]:
    """How many versions each event has, by its person's key and its number."""
    found = AdverseEvent.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by()
    counted = found.values_list("enrolment", "number").annotate(versions=Count("pk"))
    return {(person, number): versions for person, number, versions in counted}


def _latest(which: Q) -> QuerySet[AdverseEvent]:
    found = AdverseEvent.objects.filter(which, replaced_by=None)
    return found.select_related("enrolment", "by")


def _urgency(event: AdverseEvent) -> tuple[bool, bool, int, int]:
    return (
        event.outcome != AdverseEvent.Outcome.FATAL,
        not event.serious,
        -event.onset_on.toordinal(),
        -event.pk,
    )
