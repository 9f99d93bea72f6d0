"""The dataset of how much each person practised, a row a person: what `imagery.dose` says, worked out by the database.

One query: the visits of a person's sessions are joined once, and every column is an aggregate over them. Attempts are
told apart by the purpose that their script had in their content, which the study's versions declare; hence the table
is made for a study.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, get_args

from django.db.models import BigIntegerField, Count, F, FloatField, Func, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.db.models.lookups import LessThanOrEqual

from coaching.models import Enrolment, Study
from coaching.selectors.studies import declarations
from coaching.tables import ARM, PARTICIPANT, STUDY, SYNTHETIC
from imagery.dose import AWAY, DAY_US, MINUTE_US, WEEK_US
from protocol.columns import Column, Table
from protocol.script import Purpose

Contents = Mapping[Purpose, Sequence[tuple[str, int]]]
"""Which scripts, each with the number of its content, have a purpose."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

_RUN = "occasions__runs"
_VISIT = f"{_RUN}__visits"
_BROWSER = "the person's browser"
_PRODUCT = "the product"


def dose(study: Study) -> Table:
    """The table for a study."""
    return Table(
        name="dose",
        title="Dose of practice",
        grain="one person who consented",
        time=None,
        columns=columns(contents(study)),
        queryset=people,
        filters={name: name for name in ("participant", "arm", "synthetic")},
    )


def people(study: Study | int) -> QuerySet[Enrolment]:
    """Everybody of a study who consented and is not erased."""
    return Enrolment.objects.filter(consented_at__isnull=False, study=study, erased_at=None).order_by("pk")


def contents(study: Study) -> Contents:
    """The scripts of all of a study's versions, by purpose."""
    parts = dict(study.versions.values_list("pk", "part_versions"))
    found: dict[Purpose, dict[tuple[str, int], None]] = {purpose: {} for purpose in PURPOSES}
    for pk, declared in declarations(study).items():
        for slug, script in declared.scripts.items():
            found[script.purpose][slug, parts[pk]["scripts"][slug]] = None
    return {purpose: tuple(pairs) for purpose, pairs in found.items()}


def columns(by_purpose: Contents) -> tuple[Column, ...]:
    """The columns: the study's duration, then everything for each purpose."""
    ended_at = Coalesce("withdrawn_at", "completed_at")
    return (
        PARTICIPANT,
        STUDY,
        ARM,
        Column(
            "study_duration_d",
            "number",
            "Duration of the study for this person: from consent to the completion of their last step or their "
            "withdrawal, in days of 24 hours. Empty until then.",
            unit="d",
            nullable=True,
            source=_PRODUCT,
            expression=_number(_Instant(ended_at) - _Instant(F("consented_at"))) / _float(DAY_US),
        ),
        *(column for purpose in PURPOSES for column in _of(purpose, by_purpose.get(purpose, ()))),
        SYNTHETIC,
    )


# --- one purpose -----------------------------------------------------------------------------------------------------


def _of(purpose: Purpose, pairs: Sequence[tuple[str, int]]) -> Iterator[Column]:
    named = f"{purpose} session"
    begun = _is_one_of(pairs) & Q(**{f"{_RUN}__started_at__isnull": False})
    done = begun & Q(**{f"{_RUN}__status": "completed"})
    sessions: Any = Count(_RUN, filter=done, distinct=True)
    first, last = Min(f"{_RUN}__started_at", filter=done), Max(f"{_RUN}__started_at", filter=done)
    over = Max(f"{_RUN}__completed_at", filter=done)
    yield Column(
        f"{purpose}_duration_d",
        "number",
        f"Duration of the intervention: from the beginning of the first {named} that was completed to the completion "
        "of the last, in days of 24 hours. Empty without one.",
        unit="d",
        nullable=True,
        source=_PRODUCT,
        expression=_number(_Instant(over) - _Instant(first)) / _float(DAY_US),
    )
    yield Column(
        f"{purpose}_session_length_min",
        "number",
        f"Length of a session: the mean over completed {named}s of the time at their stages, each from being shown to "
        "being gone on from, pauses included. A stage at which somebody stayed for over 30 minutes beyond its quiet "
        f"time counts nothing (see {purpose}_stages_away). Empty without one.",
        unit="min",
        nullable=True,
        source=_PRODUCT,
        expression=_took(done) / (_float(MINUTE_US) * _number(NullIf(sessions, _whole(0)))),
    )
    yield Column(
        f"{purpose}_sessions",
        "integer",
        f"Number of sessions: {named}s that were completed, those ended early included. A session that was begun again "
        "counts once.",
        source=_PRODUCT,
        expression=sessions,
    )
    yield Column(
        f"{purpose}_sessions_per_week",
        "number",
        f"Sessions a week: one less than the number of completed {named}s, by the weeks from the beginning of the "
        "first to that of the last. Empty with fewer than two.",
        unit="sessions per week",
        nullable=True,
        source=_PRODUCT,
        expression=(_number(sessions) - _float(1))
        * _float(WEEK_US)
        / _number(NullIf(_Instant(last) - _Instant(first), _whole(0))),
    )
    yield Column(
        f"{purpose}_trials_per_session",
        "number",
        f"Trials a session: the mean number, over completed {named}s, of stages at which something was said and quiet "
        "time planned for it, and which were gone on from. Empty without one.",
        unit="trials",
        nullable=True,
        source=_PRODUCT,
        expression=_number(Count(_VISIT, filter=done & _IS_TRIAL)) / _number(NullIf(sessions, _whole(0))),
    )
    yield Column(
        f"{purpose}_total_time_min",
        "number",
        f"Total time: the time at the stages of all {named}s, as in {purpose}_session_length_min, but of every "
        "attempt, completed or not. 0 for who never began one.",
        unit="min",
        source=_PRODUCT,
        expression=_took(begun) / _float(MINUTE_US),
    )
    yield Column(
        f"{purpose}_stages_away",
        "integer",
        f"How many stages of {named}s count nothing to the time, since somebody stayed at them for over 30 minutes "
        "beyond their quiet time: as a rule they were away.",
        source=_PRODUCT,
        expression=Count(_VISIT, filter=begun & Q(**{f"{_VISIT}__left_at__isnull": False}) & ~_WAS_THERE),
    )
    yield from _fidelity(purpose, named, begun, done)


def _fidelity(purpose: Purpose, named: str, begun: Q, done: Q) -> Iterator[Column]:
    heard = begun & Q(**{f"{_VISIT}__audio_ms__isnull": False, f"{_VISIT}__audio_heard_ms__isnull": False})
    measured = begun & Q(**{f"{_VISIT}__quiet_actual_ms__isnull": False})
    yield Column(
        f"{purpose}_audio_share",
        "number",
        f"Of the recordings that were begun in {named}s, the share that was heard, each second counted once. "
        "Empty without recordings, and where no page measured it.",
        nullable=True,
        source=_BROWSER,
        expression=_sum_of("audio_heard_ms", heard) / NullIf(_sum_of("audio_ms", heard), _float(0)),
    )
    yield Column(
        f"{purpose}_quiet_share",
        "number",
        f"Of the quiet time that the stages of {named}s planned, the share that was kept, over the stages where it was "
        "measured; above 1 for who asked for more. Empty where nothing was measured or planned.",
        nullable=True,
        source=_BROWSER,
        expression=_sum_of("quiet_actual_ms", measured) / NullIf(_sum_of("quiet_planned_ms", measured), _float(0)),
    )
    yield Column(
        f"{purpose}_hidden_s",
        "number",
        f"For how long the pages of {named}s could not be seen. Empty where no page measured it.",
        unit="s",
        nullable=True,
        source=_BROWSER,
        expression=_sum_of("hidden_ms", begun) / _float(1000),
    )
    yield Column(
        f"{purpose}_pauses",
        "integer",
        f"How often {named}s were paused. Empty where no page measured it.",
        nullable=True,
        source=_BROWSER,
        expression=Sum(f"{_VISIT}__pauses", filter=begun),
    )
    yield Column(
        f"{purpose}_ended_early",
        "integer",
        f"How many of the completed {named}s the person ended early.",
        source="the person",
        expression=Count(_RUN, filter=done & ~Q(**{f"{_RUN}__ended_at_stage": ""}), distinct=True),
    )
    yield Column(
        f"{purpose}_restarts",
        "integer",
        f"How many attempts at {named}s were begun in place of an earlier one.",
        source="the person",
        expression=Count(_RUN, filter=begun & Q(**{f"{_RUN}__attempt__gt": 1}), distinct=True),
    )


def _is_one_of(pairs: Sequence[tuple[str, int]]) -> Q:
    found = Q(**{f"{_RUN}__script": ""})  # no script is called so
    for slug, n in pairs:
        found |= Q(**{f"{_RUN}__script": slug, f"{_RUN}__script_version": n})
    return found


# --- arithmetic ------------------------------------------------------------------------------------------------------


class _Instant(Func):
    """An instant as whole microseconds since 1970, so that lengths of time are differences of whole numbers."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite keeps instants as text, `2027-03-01 09:00:00.250000`; Django's own arithmetic would call Python a row.

        The fraction is read apart: `strftime` rounds.
        """
        (instant,) = self.get_source_expressions()
        sql, parameters = compiler.compile(instant)
        seconds = f"CAST(strftime('%%s', substr({sql}, 1, 19)) AS INTEGER) * 1000000"
        return f"({seconds} + CAST(substr(substr({sql}, 21) || '000000', 1, 6) AS INTEGER))", (*parameters, *parameters)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """PostgreSQL's epoch has all digits."""
        return super().as_sql(
            compiler, connection, template="(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint", **extra
        )


def _float(value: float) -> Value:
    return Value(float(value), output_field=FloatField())


def _whole(value: int) -> Value:
    return Value(value, output_field=BigIntegerField())


def _number(expression: Any) -> Any:
    return Cast(expression, FloatField())


def _sum_of(field: str, filter: Q) -> Any:
    return _number(Sum(f"{_VISIT}__{field}", filter=filter))


def _stayed() -> Any:
    return _Instant(F(f"{_VISIT}__left_at")) - _Instant(F(f"{_VISIT}__entered_at"))


def _took(of: Q) -> Any:
    """The time at the stages of these attempts, as a number of microseconds; 0 without any."""
    return _number(Coalesce(Sum(_stayed(), filter=of & _WAS_THERE), _whole(0)))


_IS_TRIAL = Q(**{f"{_VISIT}__kind": "say", f"{_VISIT}__quiet_planned_ms__gt": 0, f"{_VISIT}__left_at__isnull": False})
_MOST = Cast(F(f"{_VISIT}__quiet_planned_ms"), BigIntegerField()) * _whole(1000) + _whole(
    AWAY // timedelta(microseconds=1)
)
_WAS_THERE = Q(LessThanOrEqual(_stayed(), _MOST))
