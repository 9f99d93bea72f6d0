"""The dataset of what was drawn in sessions, or why nothing was."""

from __future__ import annotations

from django.db.models import F, QuerySet

from coaching.models import Study
from coaching.tables import or_null
from imagery.models import Drawing
from imagery.tables.columns import FILTERS, given_in, of_study
from protocol.columns import Column, Table


def drawings(study: Study | int) -> QuerySet[Drawing]:
    """Every drawing of a study's people, and every time that they gave none."""
    return Drawing.objects.filter(**of_study(study)).order_by("pk")


def _drawings() -> tuple[Column, ...]:
    ahead, behind = given_in()
    return (
        *ahead,
        Column(
            "condition",
            "text",
            "From what it was to be drawn: imagery (what came to mind), memory (a picture shown before) or copy (a "
            "picture in view).",
            levels=("imagery", "memory", "copy"),
            source="the script",
            expression=F("condition"),
        ),
        Column(
            "file",
            "text",
            "The random name of its picture, a PNG. It may show what tells who drew it. Empty where there is none "
            "(words alone, nothing, or a simulated person's, whose picture is never made).",
            nullable=True,
            sensitivity="identifying",
            source="the product",
            expression=or_null("file"),
        ),
        Column(
            "width",
            "integer",
            "The picture's width. Empty without one.",
            unit="px",
            nullable=True,
            source="the product",
            expression=F("width"),
        ),
        Column(
            "height",
            "integer",
            "The picture's height. Empty without one.",
            unit="px",
            nullable=True,
            source="the product",
            expression=F("height"),
        ),
        Column(
            "strokes",
            "integer",
            "How many lines are on the paper at the end, those rubbed out left out. Empty unless it was drawn here.",
            nullable=True,
            source="the product",
            expression=F("stroke_count"),
        ),
        Column(
            "ink_fraction",
            "number",
            "The share of the paper that is under lines, 0 to 1. Empty unless it was drawn here.",
            nullable=True,
            source="the product",
            expression=F("ink_fraction"),
        ),
        Column(
            "duration_s",
            "number",
            "From the first mark to the last, those taken off again included, by the person's own device. Empty unless "
            "it was drawn here.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=F("duration_s"),
        ),
        Column(
            "status",
            "text",
            "What there is: drawn (here, as timed strokes); uploaded (a picture of a drawing); words (a description "
            "instead); skipped (nothing, for the reason given). Nothing is as true an answer as a drawing.",
            levels=tuple(str(value) for value in Drawing.Status.values),
            source="the product",
            expression=F("status"),
        ),
        Column(
            "reason",
            "text",
            "Why there is nothing: rather_not (also where no reason was chosen), nothing_came or cannot. Empty unless "
            "status is skipped.",
            levels=("rather_not", "nothing_came", "cannot"),
            nullable=True,
            source="the person",
            expression=or_null("reason"),
        ),
        Column(
            "words",
            "text",
            "The words beside the drawing, or instead of it, word for word. They may hold a name. Empty without any.",
            nullable=True,
            sensitivity="free_text",
            source="the person",
            expression=or_null("words"),
        ),
        Column(
            "saved_at",
            "time",
            "When it was stored, by the server's clock.",
            source="the product",
            expression=F("saved_at"),
        ),
        *behind,
    )


DRAWINGS = Table(
    name="drawings",
    title="Drawings",
    grain="one drawing, or its place where none was made",
    time="saved_at",
    columns=_drawings(),
    queryset=drawings,
    filters=FILTERS,
)
