"""The datasets of what is said of scores and people: bands by published schemes, judgements of change, guesses."""

from __future__ import annotations

from typing import get_args

from django.db.models import F, QuerySet

from assessments.change import Method
from assessments.models import ArmGuess, ChangeJudgement, SchemeBand
from assessments.tables import VERDICTS, of_questionnaire
from coaching.models import Study
from coaching.tables import of_person, or_null
from protocol.columns import Column, Table


def scheme_bands(study: Study | int) -> QuerySet[SchemeBand]:
    """The band of every score of a study's people by every published scheme."""
    return SchemeBand.objects.filter(score__enrolment__study=study, score__enrolment__erased_at=None).order_by("pk")


def judgements(study: Study | int) -> QuerySet[ChangeJudgement]:
    """All that is said of every change of a score."""
    return ChangeJudgement.objects.filter(score__enrolment__study=study, score__enrolment__erased_at=None).order_by(
        "pk"
    )


def guesses(study: Study | int) -> QuerySet[ArmGuess]:
    """What coaches and raters thought which arm people are in."""
    return ArmGuess.objects.filter(enrolment__study=study, enrolment__erased_at=None).order_by("pk")


def _of_score() -> tuple[Column, ...]:
    """The person, the questionnaire and the score that a row says something of."""
    participant, study, arm, _ = of_person("score__enrolment")
    return (
        participant,
        study,
        arm,
        *of_questionnaire("score__administration"),
        Column("score", "text", "The score, by its name in the questionnaire.", expression=F("score__score")),
        Column(
            "value",
            "number",
            "The score's value, as in the dataset scores: empty where too many items were missing.",
            nullable=True,
            source="scoring",
            expression=F("score__value"),
        ),
    )


def _scheme_bands() -> tuple[Column, ...]:
    return (
        *_of_score(),
        Column(
            "scheme",
            "text",
            "Which published band scheme speaks; its source and limits are in the codebook. Schemes disagree: say "
            "which one you used.",
            source="the questionnaire",
            expression=F("scheme"),
        ),
        Column(
            "scheme_version",
            "text",
            "The scheme's version, as the questionnaire's file calls it.",
            source="the questionnaire",
            expression=F("scheme_version"),
        ),
        Column(
            "band",
            "text",
            "The scheme's label for the value. Empty without a value, and below the scheme's lowest band. No "
            "diagnosis.",
            nullable=True,
            source="scoring",
            expression=or_null("band"),
        ),
        of_person("score__enrolment")[3],
    )


def _number(name: str, means: str, nullable: bool = True) -> Column:
    return Column(name, "number", means, nullable=nullable, source="scoring", expression=F(name))


def _judgements() -> tuple[Column, ...]:
    return (
        *_of_score(),
        Column(
            "change",
            "number",
            "The change that is judged, as in the dataset scores. Not empty: without a change nothing is judged.",
            nullable=True,
            source="scoring",
            expression=F("score__change"),
        ),
        Column(
            "method",
            "text",
            "By which method: jacobson_truax (1991), maassen (2004), practice_corrected (the mean gain of untrained "
            "people taken off), conditional (by the errors at the two levels), smallest_detectable, or off_the_floor "
            "(the study's own rule).",
            levels=(*get_args(Method), "off_the_floor"),
            source="scoring",
            expression=F("method"),
        ),
        Column(
            "reference",
            "text",
            "The reference sample that it is judged by, with its size, SD, reliability and source; of off_the_floor "
            "the rule.",
            source="the questionnaire",
            expression=F("reference"),
        ),
        _number(
            "expected",
            "The change that is expected of untrained people and was taken off; 0 but for practice_corrected.",
            nullable=False,
        ),
        _number(
            "standard_error",
            "The standard error of a difference by this method. Empty where the sample may not speak, and for "
            "off_the_floor.",
        ),
        _number(
            "index",
            "The change in standard errors; of off_the_floor on how many items the answer lies above the floor. Empty "
            "where the sample may not speak, and where unanswered items leave it open.",
        ),
        _number(
            "threshold",
            "How far from what is expected a change is more than error (95 %); of off_the_floor how many items it "
            "takes. Empty where the sample may not speak.",
        ),
        Column(
            "verdict",
            "text",
            "What the method says of the number: increased, decreased or no_reliable_change; of off_the_floor met or "
            "not_met by now. Empty where nothing can be said.",
            levels=(*VERDICTS, "met", "not_met"),
            nullable=True,
            source="scoring",
            expression=or_null("verdict"),
        ),
        Column(
            "refused",
            "text",
            "Why the sample may not speak: selected (chosen by this very score), unverified (figures that nobody has "
            "checked), no_error (it leaves none to judge by). Empty where it speaks.",
            levels=("selected", "unverified", "no_error"),
            nullable=True,
            source="scoring",
            expression=or_null("refused"),
        ),
        Column(
            "one_sided",
            "boolean",
            "Whether the value that it is measured against is the least or greatest that there is, so that it could "
            "move one way only.",
            source="scoring",
            expression=F("one_sided"),
        ),
        of_person("score__enrolment")[3],
    )


def _guesses() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("enrolment")
    return (
        participant,
        study,
        arm,
        Column(
            "role",
            "text",
            "Who guessed: a coach or a rater. What participants guess is in responses.",
            levels=("coach", "rater"),
            source="staff",
            expression=F("role"),
        ),
        Column("guess", "text", "The arm that was guessed, or dont_know.", source="staff", expression=F("guess")),
        Column(
            "confidence",
            "integer",
            "How sure they were, from 0 (a mere guess) to 10 (certain). Empty where they did not say.",
            nullable=True,
            source="staff",
            expression=F("confidence"),
        ),
        Column(
            "reason",
            "text",
            "What made them think so, in their words. Empty where they did not say. It may name somebody: read it "
            "before it is published.",
            nullable=True,
            sensitivity="free_text",
            source="staff",
            expression=or_null("reason"),
        ),
        Column("made_at", "time", "When they guessed.", source="the product", expression=F("made_at")),
        synthetic,
    )


_OF_SCORE = {name: name for name in ("participant", "arm", "timepoint", "instrument", "synthetic")}
SCHEME_BANDS = Table(
    name="scheme_bands",
    title="Bands by published schemes",
    grain="one score by one published scheme",
    columns=_scheme_bands(),
    queryset=scheme_bands,
    filters=_OF_SCORE,
)
JUDGEMENTS = Table(
    name="judgements",
    title="Judgements of change",
    grain="one change of a score by one method",
    columns=_judgements(),
    queryset=judgements,
    filters=_OF_SCORE,
)
GUESSES = Table(
    name="guesses",
    title="Guesses of the arm by staff",
    grain="one guess about one person",
    time="made_at",
    columns=_guesses(),
    queryset=guesses,
    filters={name: name for name in ("participant", "arm", "synthetic")},
)
