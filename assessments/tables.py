"""The datasets of answers and of scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable

from assessments.models import Answer, ScoreRow
from coaching.models import Study
from coaching.selectors.studies import declarations
from coaching.tables import of_person, or_null
from protocol.columns import Column, Table

VERDICTS = ("increased", "decreased", "no_reliable_change")

_FILTERS = {name: name for name in ("participant", "arm", "timepoint", "instrument", "synthetic")}


def answers(study: Study | int) -> QuerySet[Answer]:
    """Every item of a study's people, answered or missing."""
    return Answer.objects.filter(
        administration__occasion__enrolment__study=study, administration__occasion__enrolment__erased_at=None
    ).order_by("pk")


def score_rows(study: Study | int) -> QuerySet[ScoreRow]:
    """Every score of a study's people."""
    return ScoreRow.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def of_questionnaire(path: str = "administration") -> tuple[Column, ...]:
    """Which questionnaire a row belongs to, and when; `path` leads from the row to the administration."""
    return (
        Column(
            "timepoint",
            "text",
            "The id of the step at which the questionnaire was to be filled in, as the study's file names it.",
            expression=F(f"{path}__occasion__key"),
        ),
        Column(
            "instrument",
            "text",
            "The questionnaire, by its id.",
            expression=F(f"{path}__instrument"),
        ),
        Column(
            "instrument_version",
            "integer",
            "Which content of the questionnaire was shown: the number of the first version of the study that had "
            "exactly this content. Rows with different numbers answered different questionnaires, though the id is "
            "the same.",
            expression=F(f"{path}__instrument_version"),
        ),
    )


def _responses() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("administration__occasion__enrolment")
    return (
        participant,
        study,
        arm,
        *of_questionnaire(),
        Column("item", "text", "The item, by its id in the questionnaire.", expression=F("item")),
        Column(
            "value",
            "number",
            "The point of the item's scale that was chosen, as chosen: reversed items are not turned round here (the "
            "scores do that). Which end means more is the scale's direction in the questionnaire's file. Empty unless "
            "status is answered; nothing is ever filled in.",
            unit="scale points",
            nullable=True,
            source="the person",
            expression=F("value"),
        ),
        Column(
            "status",
            "text",
            "Whether there is an answer, and if not, why: answered; declined (chose: I would rather not say); skipped "
            "(an optional item passed); not_applicable (chose: this does not apply to me); not_reached (the window "
            "closed, or the person left, before it was answered; questionnaires never begun included); not_due (not "
            "asked because of an earlier answer, or an item of another form than the one given); lost (the product "
            "failed to store it). Treat the kinds apart: only declined is the person's refusal.",
            levels=tuple(str(value) for value in Answer.Status.values),
            source="the product",
            expression=F("status"),
        ),
        Column(
            "answered_at",
            "time",
            "When the present answer was given, by the server's clock; a repeat of the same answer does not move it. "
            "Empty for what was not reached.",
            nullable=True,
            source="the product",
            expression=F("answered_at"),
        ),
        Column(
            "response_time_ms",
            "integer",
            "From the question's appearing to the last choice on that page, measured by the person's own device. "
            "Empty where JavaScript was off and for what was not reached; the device's timing is coarse to about 20 "
            "ms.",
            unit="ms",
            nullable=True,
            source="the person's browser",
            expression=F("response_time_ms"),
        ),
        Column(
            "changes",
            "integer",
            "How often the answer was replaced by a different one, passing choices on the page included where "
            "JavaScript saved them. 0 for a first answer that stood.",
            source="the product",
            expression=F("changes"),
        ),
        Column(
            "position",
            "integer",
            "The item's place in the order in which this person met the questionnaire at this timepoint, 1 the first.",
            source="the product",
            expression=F("position"),
        ),
        Column(
            "language",
            "text",
            "The language in which the item was read when it was answered, as a BCP 47 tag. Empty for what was not "
            "reached.",
            nullable=True,
            source="the product",
            expression=or_null("language"),
        ),
        synthetic,
        _form(),
        Column(
            "eyes",
            "text",
            "How the person was told to answer: with eyes open, closed, or either as they like. Empty where the "
            "questionnaire says nothing of it.",
            levels=("open", "closed", "either"),
            nullable=True,
            source="the questionnaire",
            expression=or_null("administration__eyes"),
        ),
        Column(
            "imported",
            "boolean",
            "Whether the answer was collected elsewhere and read from a file; then answered_at is empty unless the "
            "file said it.",
            source="the product",
            expression=F("administration__imported"),
        ),
    )


def _form() -> Column:
    return Column(
        "form",
        "text",
        "Which of the questionnaire's parallel forms was given; items of the others are not_due and count in no score. "
        "Empty where it has one form.",
        nullable=True,
        source="the product",
        expression=or_null("administration__form"),
    )


def _scores() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        *of_questionnaire(),
        Column("score", "text", "The score, by its name in the questionnaire.", expression=F("score")),
        Column(
            "value",
            "number",
            "What the items come to by the questionnaire's own rule: reversed items turned round, summed or averaged, "
            "not rounded. Empty where more items are missing than the rule allows, and always where none was "
            "answered.",
            nullable=True,
            source="scoring",
            expression=F("value"),
        ),
        Column(
            "items_answered",
            "integer",
            "How many of the score's items have a value.",
            unit="items",
            source="scoring",
            expression=F("items_answered"),
        ),
        Column(
            "items_missing",
            "integer",
            "How many of the score's items have none, for whatever reason; the two together are all of its items.",
            unit="items",
            source="scoring",
            expression=F("items_missing"),
        ),
        Column(
            "prorated",
            "boolean",
            "Whether the value stands for all items though some are missing: the person's own mean fills in. A "
            "convention; report how many there are, and analyse without them too.",
            source="scoring",
            expression=F("prorated"),
        ),
        Column(
            "band",
            "text",
            "The labelled stretch of the score that the value belongs to, by the questionnaire's file. Empty without "
            "a value or bands, and below the lowest band. A band is no diagnosis.",
            nullable=True,
            source="scoring",
            expression=or_null("band"),
        ),
        Column(
            "change",
            "number",
            "The value minus the person's value at the first timepoint, in the study's order, that has one; where the "
            "study declares `baseline`, at the first of those timepoints that has one. Empty on that row, without a "
            "value, and without one to measure from. On a score where higher is less, a rise is less of what was "
            "asked.",
            nullable=True,
            source="scoring",
            expression=F("change"),
        ),
        Column(
            "reliable_change",
            "number",
            "The change in standard errors of a difference: change / (sd * sqrt(2 * (1 - reliability))), by the first "
            "retest norm that the questionnaire's file gives for the score (Jacobson & Truax 1991). Empty without a "
            "change or such a norm, and where that norm is of a sample selected by this very score, or not verified.",
            nullable=True,
            source="scoring",
            expression=F("reliable_change"),
        ),
        Column(
            "reliable_change_verdict",
            "text",
            "What reliable_change says at 1.96. It speaks of the number, not of the person. Empty where that is empty.",
            levels=VERDICTS,
            nullable=True,
            source="scoring",
            expression=or_null("reliable_change_verdict"),
        ),
        synthetic,
        Column(
            "scored_at",
            "time",
            "When the questionnaire was finished, or closed unfinished, and so scored. It may lie a little after the "
            "close of the window.",
            source="the product",
            expression=F("administration__closed_at"),
        ),
        Column(
            "direction",
            "text",
            "What a higher value of this score means, as its questionnaire declares it: higher_is_more or "
            "higher_is_less of what the score is about. Never inferred; published uses of one scale run both ways.",
            levels=("higher_is_more", "higher_is_less"),
            source="the questionnaire",
            expression=F("direction"),
        ),
        _form(),
    )


class _AsJson(Func):
    """A text as JSON writes it."""

    arity = 1
    output_field = TextField()
    sqlite = "json_quote(%(expressions)s)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.sqlite, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template="to_json(%(expressions)s)::text", **extra)


class _NumberAmongTexts(_AsJson):
    """A number as JSON writes it; on SQLite, which writes 15 digits of it and no more, the number itself."""

    sqlite = "%(expressions)s"


def _scalar() -> Combinable:
    return Case(
        When(~Q(text=""), then=_AsJson(F("text"))),
        When(value__isnull=False, then=_NumberAmongTexts(F("value"))),
        default=Value(None),
        output_field=TextField(),
    )


def responses(study: Study) -> Table:
    """The table of answers: where a study asks for more than numbers, `value` holds texts too."""
    of_study = declarations(study).values()
    items = [
        (f"{instrument.id}.{item.id}", item.type)
        for each in of_study
        for instrument in each.instruments.values()
        for item in instrument.items()
    ]
    if all(type in ("scale", "number") for _, type in items):
        return RESPONSES
    return of_every_kind(tuple(dict.fromkeys(item for item, type in items if type == "text")))


def of_every_kind(in_words: tuple[str, ...] = ()) -> Table:
    """The table of answers that are numbers or texts; `in_words` are the items answered in words, told by name."""
    return replace(RESPONSES, columns=tuple(_with_texts(RESPONSES.columns, in_words)))


def _with_texts(columns: tuple[Column, ...], in_words: tuple[str, ...]) -> Iterator[Column]:
    warning = f" Words may name somebody, read them before they are published: {', '.join(in_words)}."
    for column in columns:
        if column.name != "value":
            yield column
            continue
        yield replace(
            column,
            kind="scalar",
            means="What was chosen, as chosen: the point of a scale or a number (reversed items are not turned round "
            "here; the scores do that); a choice by its id; several choices with ; between; a date as YYYY-MM-DD; or "
            "words. Which it is, and what a choice's id or a point says, is in the codebook's entry of the item. In "
            "Parquet, where a column has one type, numbers are texts too. Empty unless status is answered; nothing is "
            f"ever filled in.{warning if in_words else ''}",
            unit="",
            sensitivity="free_text" if in_words else "pseudonymous",
            expression=_scalar(),
        )


RESPONSES = Table(
    name="responses",
    title="Responses",
    grain="one item, answered or missing",
    time="answered_at",
    columns=_responses(),
    queryset=answers,
    filters=_FILTERS,
)
SCORES = Table(
    name="scores",
    title="Scores",
    grain="one score of a questionnaire that was finished or closed",
    time="scored_at",
    columns=_scores(),
    queryset=score_rows,
    filters=_FILTERS,
)
TABLES = (RESPONSES, SCORES)
