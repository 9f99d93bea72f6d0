"""The datasets of guided sessions, and of what was rated, written and drawn in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F, FloatField, Func, OuterRef, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf

from coaching import tables as people
from coaching.models import Study
from imagery.models import Drawing, Rating, Report, SessionRun, StageVisit
from protocol.columns import Column, Table

_FILTERS = {name: name for name in ("participant", "arm", "timepoint", "script", "synthetic")}


def runs(study: Study | int) -> QuerySet[SessionRun]:
    """Every run of a study's people, missed sessions included."""
    of_study = SessionRun.objects.filter(occasion__enrolment__study=study, occasion__enrolment__erased_at=None)
    return of_study.order_by("pk")


def ratings(study: Study | int) -> QuerySet[Rating]:
    """Every rating, comparison and choice of a study's people, given or not reached."""
    return Rating.objects.filter(**_of(study)).order_by("pk")


def reports(study: Study | int) -> QuerySet[Report]:
    """Every text that a study's people wrote in a session."""
    return Report.objects.filter(**_of(study)).order_by("pk")


def drawings(study: Study | int) -> QuerySet[Drawing]:
    """Every drawing of a study's people, and every time that they gave none."""
    return Drawing.objects.filter(**_of(study)).order_by("pk")


def _of(study: Study | int) -> dict[str, Any]:
    return {"run__occasion__enrolment__study": study, "run__occasion__enrolment__erased_at": None}


class _Seconds(Func):
    """A length of time as seconds."""

    output_field = FloatField()
    template = "(%(expressions)s) / 1000000.0"  # SQLite reckons in microseconds

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """PostgreSQL has lengths of time of its own."""
        template = "EXTRACT(EPOCH FROM (%(expressions)s))::double precision"
        return super().as_sql(compiler, connection, template=template, **extra)


def _of_visits(field: str) -> Combinable:
    """The sum of a field over a run's stages; null where none of them has a value."""
    visits = StageVisit.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return Subquery(visits.annotate(total=Sum(field)).values("total"))


def _seconds_of_visits(field: str) -> Combinable:
    return _of_visits(field) / Value(1000.0, output_field=FloatField())


def _or_null(field: str) -> Combinable:
    return NullIf(F(field), Value(""), output_field=TextField())


# --- columns that several have ---------------------------------------------------------------------------------------


def _of_person(path: str) -> tuple[Column, Column, Column, Column]:
    """Who a row belongs to, as every dataset says it; `path` leads from the row to the enrolment."""
    return (
        replace(people.PARTICIPANT, expression=F(f"{path}__pseudonym")),
        replace(people.STUDY, expression=F(f"{path}__study__slug")),
        replace(people.ARM, expression=_or_null(f"{path}__arm")),
        replace(people.SYNTHETIC, expression=F(f"{path}__synthetic")),
    )


def _timepoint(path: str) -> Column:
    return Column(
        "timepoint",
        "text",
        "The id of the step at which the session was to be held, as the study's file names it.",
        expression=F(f"{path}key"),
    )


def _script(path: str) -> Column:
    return Column("script", "text", "The script of the session, by its slug.", expression=F(f"{path}script"))


def _script_version(path: str) -> Column:
    return Column(
        "script_version",
        "integer",
        "Which content of the script was used: the number of the first version of the study that had exactly this "
        "content. Rows with different numbers are of different sessions, though the slug is the same.",
        expression=F(f"{path}script_version"),
    )


def _attempt(path: str) -> Column:
    return Column(
        "attempt",
        "integer",
        "Which attempt at the session it was, 1 the first. Somebody who begins a session again makes the next one, and "
        "both are kept: where there are several, decide which one counts.",
        source="the product",
        expression=F(f"{path}attempt"),
    )


def _stage() -> Column:
    return Column(
        "stage",
        "text",
        "The stage of the script, by its id; stage_N is the Nth of all stages.",
        expression=F("stage"),
    )


def _given_in(path: str = "run__") -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """What stands before and after the columns of a thing that was given at a stage."""
    participant, study, arm, synthetic = _of_person(f"{path}occasion__enrolment")
    ahead = (participant, study, arm, _timepoint(f"{path}occasion__"), _script(path), _stage())
    return ahead, (_attempt(path), _script_version(path), synthetic)


# --- sessions --------------------------------------------------------------------------------------------------------


def _sessions() -> tuple[Column, ...]:
    participant, study, arm, synthetic = _of_person("occasion__enrolment")
    return (
        participant,
        study,
        arm,
        _timepoint("occasion__"),
        _script(""),
        _script_version(""),
        _attempt(""),
        Column(
            "started_at",
            "time",
            "When the session was begun, by the server's clock. Empty for one that was never begun.",
            nullable=True,
            source="the product",
            expression=F("started_at"),
        ),
        Column(
            "completed_at",
            "time",
            "When its last stage was gone on from. Empty unless status is completed.",
            nullable=True,
            source="the product",
            expression=F("completed_at"),
        ),
        Column(
            "duration_s",
            "number",
            "From the beginning to the completion, pauses and times away included: somebody who left it overnight has "
            "the night in it. Empty unless it was completed.",
            unit="s",
            nullable=True,
            source="the product",
            expression=_Seconds(F("completed_at") - F("started_at")),
        ),
        Column(
            "quiet_planned_s",
            "number",
            "The quiet time that the script plans, over the stages that were shown. Empty for a session that was never "
            "begun.",
            unit="s",
            nullable=True,
            source="the script",
            expression=_seconds_of_visits("quiet_planned_ms"),
        ),
        Column(
            "quiet_actual_s",
            "number",
            "The quiet time that was kept, without pauses, with what was asked for by 'longer please'; over the stages "
            "that were gone on from, the first time each. Empty where no page measured it, as without JavaScript.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("quiet_actual_ms"),
        ),
        Column(
            "pauses",
            "integer",
            "How often the session was paused, by the person or because its page could not be seen. Empty where no "
            "page measured it.",
            nullable=True,
            source="the person's browser",
            expression=_of_visits("pauses"),
        ),
        Column(
            "hidden_s",
            "number",
            "For how long its page could not be seen: another tab, another program, a dark screen. Empty where no page "
            "measured it.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("hidden_ms"),
        ),
        Column(
            "status",
            "text",
            "How it stands: completed; missed (the window closed before it was completed, or even begun); started "
            "(under way, left for a later attempt, or cut off because the person left the study).",
            levels=tuple(str(value) for value in SessionRun.Status.values),
            source="the product",
            expression=F("status"),
        ),
        synthetic,
        Column(
            "language",
            "text",
            "The language in which it was last read, as a BCP 47 tag. Empty for one that was never begun.",
            nullable=True,
            source="the product",
            expression=_or_null("language"),
        ),
        Column(
            "longer_s",
            "number",
            "How much time was asked for by 'longer please'. Empty where no page measured it.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("longer_ms"),
        ),
        Column(
            "paused_s",
            "number",
            "How long its pauses were. Empty where no page measured it.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("paused_ms"),
        ),
    )


# --- what was given in them ------------------------------------------------------------------------------------------


def _ratings() -> tuple[Column, ...]:
    ahead, behind = _given_in()
    return (
        *ahead,
        Column(
            "kind",
            "text",
            "What is rated, as the script names it, such as vividness; compare for how close what came was to the "
            "picture; choice for a choice of how to go on.",
            expression=F("kind"),
        ),
        Column(
            "rating",
            "number",
            "The point that was chosen; for a choice the option's number, from 1. The low end always says that nothing "
            "came. Empty unless status is answered; nothing is ever filled in.",
            unit="scale points",
            nullable=True,
            source="the person",
            expression=F("value"),
        ),
        Column(
            "status",
            "text",
            "Whether there is a rating, and if not, why: answered; declined (chose: I would rather not say); "
            "not_reached (the session ended before it was given, sessions never begun included). What a choice jumped "
            "over has no row, and a choice that was not reached has none.",
            levels=tuple(str(value) for value in Rating.Status.values),
            source="the product",
            expression=F("status"),
        ),
        Column(
            "scale_min",
            "number",
            "The low end of its scale. Empty for a choice.",
            nullable=True,
            source="the script",
            expression=F("scale_min"),
        ),
        Column(
            "scale_max",
            "number",
            "The high end of its scale. Empty for a choice.",
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
        *behind,
    )


def _reports() -> tuple[Column, ...]:
    ahead, behind = _given_in()
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
            expression=_or_null("text"),
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


def _drawings() -> tuple[Column, ...]:
    ahead, behind = _given_in()
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
            expression=_or_null("file"),
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
            expression=_or_null("reason"),
        ),
        Column(
            "words",
            "text",
            "The words beside the drawing, or instead of it, word for word. They may hold a name. Empty without any.",
            nullable=True,
            sensitivity="free_text",
            source="the person",
            expression=_or_null("words"),
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


SESSIONS = Table(
    name="sessions",
    title="Sessions",
    grain="one run of a guided session, or one session that was missed",
    time="started_at",
    columns=_sessions(),
    queryset=runs,
    filters=_FILTERS,
)
RATINGS = Table(
    name="ratings",
    title="Ratings in sessions",
    grain="one rating, comparison or choice in a run of a session",
    time="answered_at",
    columns=_ratings(),
    queryset=ratings,
    filters=_FILTERS,
)
REPORTS = Table(
    name="reports",
    title="Texts written in sessions",
    grain="one free text",
    time="written_at",
    columns=_reports(),
    queryset=reports,
    filters=_FILTERS,
)
DRAWINGS = Table(
    name="drawings",
    title="Drawings",
    grain="one drawing, or its place where none was made",
    time="saved_at",
    columns=_drawings(),
    queryset=drawings,
    filters=_FILTERS,
)
TABLES = (SESSIONS, RATINGS, REPORTS, DRAWINGS)
