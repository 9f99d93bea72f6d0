"""The datasets of answers and of scores."""

from __future__ import annotations

from django.db.models import F, QuerySet

from assessments.models import Answer, ScoreRow
from coaching.models import Study
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


def _of_questionnaire() -> tuple[Column, ...]:
    return (
        Column(
            "timepoint",
            "text",
            "The id of the step at which the questionnaire was to be filled in, as the study's file names it.",
            expression=F("administration__occasion__key"),
        ),
        Column(
            "instrument",
            "text",
            "The questionnaire, by its id.",
            expression=F("administration__instrument"),
        ),
        Column(
            "instrument_version",
            "integer",
            "Which content of the questionnaire was shown: the number of the first version of the study that had "
            "exactly this content. Rows with different numbers answered different questionnaires, though the id is "
            "the same.",
            expression=F("administration__instrument_version"),
        ),
    )


def _responses() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("administration__occasion__enrolment")
    return (
        participant,
        study,
        arm,
        *_of_questionnaire(),
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
            "(an optional item passed); not_reached (the window closed, or the person left, before it was answered; "
            "questionnaires never begun included); not_due (not asked because of an earlier answer); lost (the "
            "product failed to store it). Treat the kinds apart: only declined is the person's refusal.",
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
    )


def _scores() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        *_of_questionnaire(),
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
            "The value minus the person's value at the first timepoint, in the study's order, that has one. Empty on "
            "that row, before it, and without a value. On a scale where higher is less, a rise is less of what was "
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
            "change or such a norm.",
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
