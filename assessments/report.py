"""A person's own report: their scores over time, each with its error of measurement, and no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assessments.derived import reach
from assessments.error import difference_error, reference, score_band
from assessments.models import ScoreRow
from coaching.models import Enrolment
from coaching.selectors.studies import declared
from protocol.instrument import Instrument, Norm, Score
from protocol.study import Study
from protocol.text import Text


@dataclass(frozen=True, slots=True)
class Point:
    """One value: when it was given, and from where to where it may truly lie (None where nobody knows)."""

    title: Text | None
    timepoint: str
    at: datetime | None
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One score over time.

    Attributes:
        instrument: Its questionnaire.
        score: As declared.
        least, most: The ends that it can have.
        points: In the study's order.
        moves_by: How far two values of somebody in whom nothing changed may lie apart (95 %); None: nobody knows.
        by: The sample that this is known from.
    """

    instrument: Instrument
    score: Score
    least: float
    most: float
    points: tuple[Point, ...]
    moves_by: float | None
    by: Norm | None


def report_of(enrolment: Enrolment) -> list[Line]:
    """The scores that the study gives back to this person, each with at least one value."""
    if enrolment.version is None:
        return []
    study = declared(enrolment.version)
    rows = list(
        ScoreRow.objects.filter(enrolment=enrolment, value__isnull=False)
        .select_related("administration__occasion")
        .order_by("administration__occasion__place", "pk")
    )
    lines = []
    for wanted in study.feedback.scores if study.feedback else ():
        instrument = study.instruments[wanted.instrument]
        score = next(score for score in instrument.scores if score.name == wanted.name)
        given = [r for r in rows if r.administration.instrument == instrument.id and r.score == score.name]
        line = _line(study, instrument, score, given)
        lines += [line] if line is not None else []
    return lines


def _line(study: Study, instrument: Instrument, score: Score, rows: Sequence[ScoreRow]) -> Line | None:
    ends = reach(instrument, score)
    if not rows or ends is None:
        return None
    norm = reference(instrument.norms, score.name, selected_norms=study.change.selected_norms)
    titles = {step.id: step.title for step in study.steps()}
    error = difference_error(norm) if norm else None
    return Line(
        instrument=instrument,
        score=score,
        least=ends[0],
        most=ends[1],
        points=tuple(_point(row, titles.get(row.administration.occasion.key), norm, ends) for row in rows),
        moves_by=error.margin if error else None,
        by=norm if error else None,
    )


def _point(row: ScoreRow, title: Text | None, norm: Norm | None, ends: tuple[float, float]) -> Point:
    value = row.value if row.value is not None else ends[0]
    band = score_band(value, norm, least=ends[0], most=ends[1]) if norm else None
    administration = row.administration
    return Point(
        title=title,
        timepoint=administration.occasion.key,
        at=administration.finished_at or administration.closed_at,
        value=value,
        low=band.low if band else None,
        high=band.high if band else None,
    )
