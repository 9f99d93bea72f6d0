"""The dataset of what people wrote in sessions."""

from __future__ import annotations

from django.db.models import F, QuerySet

from coaching.models import Study
from coaching.tables import or_null
from imagery.models import Report
from imagery.tables.columns import FILTERS, given_in, of_study
from protocol.columns import Column, Table


def reports(study: Study | int) -> QuerySet[Report]:
    """Every text that a study's people wrote in a session."""
    return Report.objects.filter(**of_study(study)).order_by("pk")


def _reports() -> tuple[Column, ...]:
    ahead, behind = given_in()
    return (
        *ahead,
        Column(
            "text",
            "text",
            "What the person wrote, word for word; the last wording. It may hold a name or a place: have a person read "
            "it before it is published. Empty where they had nothing to add.",
            nullable=True,
            sensitivity="free_text",
            source="the person",
            expression=or_null("text"),
        ),
        Column(
            "words",
            "integer",
            "How many words it has: whatever stands between spaces. 0 where they had nothing to add.",
            unit="words",
            source="the product",
            expression=F("words"),
        ),
        Column(
            "language",
            "text",
            "The language in which the person read the question, as a BCP 47 tag; they may have written in another.",
            source="the product",
            expression=F("language"),
        ),
        Column(
            "after_reveal",
            "boolean",
            "Whether a picture had been shown in this attempt before it was written.",
            source="the product",
            expression=F("after_reveal"),
        ),
        Column(
            "written_at",
            "time",
            "When this wording was stored, by the server's clock.",
            source="the product",
            expression=F("written_at"),
        ),
        *behind,
    )


REPORTS = Table(
    name="reports",
    title="Texts written in sessions",
    grain="one free text",
    time="written_at",
    columns=_reports(),
    queryset=reports,
    filters=FILTERS,
)
