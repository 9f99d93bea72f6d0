"""Why a step of one person is due when it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coaching.explanation import Change, Explained, explain
from coaching.models import Adjustment, Enrolment
from coaching.selectors.people import facts_of, study_of


def why(person: Enrolment, step: str, now: datetime) -> Explained | None:
    """The chain of one step; None where the person has no such step, or not yet."""
    if person.consented_at is None or person.version is None:
        return None
    facts = facts_of(person, person.occasions.all())
    try:
        return explain(study_of(person), facts, step, now, list(_changes(person, step)))
    except KeyError:
        return None


def _changes(person: Enrolment, step: str) -> Iterable[Change]:
    made = Adjustment.objects.filter(occasion__enrolment=person, occasion__key=step).select_related("by")
    for each in made.order_by("pk"):
        by = each.by.email if each.by else ""
        yield Change(each.kind, each.due_at or each.closes_at, each.reason, by, each.made_at)  # type: ignore[arg-type]
