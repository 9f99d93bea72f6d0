"""The dataset of guided sessions: when they were held, and how their quiet time was kept."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FloatField, Func, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable

from coaching.models import Study
from coaching.tables import of_person, or_null
from imagery.models import SessionRun, StageVisit
from imagery.tables.columns import FILTERS, attempt, script, script_version, timepoint
from protocol.columns import Column, Table


def runs(study: Study | int) -> QuerySet[SessionRun]:
    """Every run of a study's people, missed sessions included."""
    of_study = SessionRun.objects.filter(occasion__enrolment__study=study, occasion__enrolment__erased_at=None)
    return of_study.order_by("pk")


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


def _sessions() -> tuple[Column, ...]:
    participant, study, arm, synthetic = of_person("occasion__enrolment")
    return (
        participant,
        study,
        arm,
        timepoint("occasion__"),
        script(""),
        script_version(""),
        attempt(""),
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
            expression=or_null("language"),
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
        Column(
            "ended_at_stage",
            "text",
            "The stage at which the person ended it early. Empty for a session that was gone through, and for one that "
            "was not completed.",
            nullable=True,
            source="the person",
            expression=or_null("ended_at_stage"),
        ),
        Column(
            "locked",
            "text",
            "The layers of the script that were not open to the person yet, with a space between.",
            nullable=True,
            source="the product",
            expression=or_null("locked"),
        ),
        Column(
            "audio_s",
            "number",
            "How long the recordings are that were begun. Empty where no page measured it, and without recordings.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("audio_ms"),
        ),
        Column(
            "audio_heard_s",
            "number",
            "How much of them was played, each second counted once. Empty as audio_s.",
            unit="s",
            nullable=True,
            source="the person's browser",
            expression=_seconds_of_visits("audio_heard_ms"),
        ),
    )


SESSIONS = Table(
    name="sessions",
    title="Sessions",
    grain="one run of a guided session, or one session that was missed",
    time="started_at",
    columns=_sessions(),
    queryset=runs,
    filters=FILTERS,
)
