"""The dataset of what was rated, compared and chosen in sessions."""

from __future__ import annotations

from django.db.models import F, QuerySet

from coaching.models import Study
from coaching.tables import or_null
from imagery.models import Rating
from imagery.tables.columns import FILTERS, given_in, of_study
from protocol.columns import Column, Table


def ratings(study: Study | int) -> QuerySet[Rating]:
    """Every rating, comparison, form, check and choice of a study's people, given or not reached."""
    return Rating.objects.filter(**of_study(study)).order_by("pk")


def _ratings() -> tuple[Column, ...]:
    ahead, behind = given_in()
    return (
        *ahead,
        Column(
            "kind",
            "text",
            "What is rated, as the script names it, such as vividness; compare for how close what came was to the "
            "picture; form for the forms in which it came; check for a question whether somebody was attending; choice "
            "for a choice of how to go on.",
            expression=F("kind"),
        ),
        Column(
            "rating",
            "number",
            "The point that was chosen; for a choice or a check the option's number, from 1; for a form how many forms "
            "were chosen. The low end always says that nothing came. Empty unless status is answered; nothing is ever "
            "filled in.",
            unit="scale points",
            nullable=True,
            source="the person",
            expression=F("value"),
        ),
        Column(
            "status",
            "text",
            "Whether there is a rating, and if not, why: answered; declined (chose: I would rather not say); "
            "not_applicable (chose that there was nothing to rate); not_reached (the session ended before it was "
            "given, sessions never begun included). What a choice jumped over has no row, and a choice that was not "
            "reached has none.",
            levels=tuple(str(value) for value in Rating.Status.values),
            source="the product",
            expression=F("status"),
        ),
        Column(
            "scale_min",
            "number",
            "The low end of its scale. Empty for a choice or a check.",
            nullable=True,
            source="the script",
            expression=F("scale_min"),
        ),
        Column(
            "scale_max",
            "number",
            "The high end of its scale. Empty for a choice or a check.",
            nullable=True,
            source="the script",
            expression=F("scale_max"),
        ),
        Column(
            "shown_at",
            "time",
            "When the stage was led to, by the server's clock. Empty where it never was.",
            nullable=True,
            source="the product",
            expression=F("shown_at"),
        ),
        Column(
            "answered_at",
            "time",
            "When the present rating was given, by the server's clock; a repeat of the same does not move it. Empty "
            "for what was not reached.",
            nullable=True,
            source="the product",
            expression=F("answered_at"),
        ),
        Column(
            "response_time_ms",
            "integer",
            "From the question's appearing to the last choice on that page, measured by the person's own device. Empty "
            "where JavaScript was off and for what was not reached.",
            unit="ms",
            nullable=True,
            source="the person's browser",
            expression=F("response_time_ms"),
        ),
        Column(
            "changes",
            "integer",
            "How often it was replaced by a different one. 0 for a first rating that stood.",
            source="the product",
            expression=F("changes"),
        ),
        Column(
            "forms",
            "text",
            "In which forms it came, with ; between, in the order of the script: knowing, words, place, movement, "
            "feeling, picture and others. Empty where nothing came, and for everything but a form.",
            nullable=True,
            source="the person",
            expression=or_null("forms"),
        ),
        *behind,
    )


RATINGS = Table(
    name="ratings",
    title="Ratings in sessions",
    grain="one rating, comparison or choice in a run of a session",
    time="answered_at",
    columns=_ratings(),
    queryset=ratings,
    filters=FILTERS,
)
