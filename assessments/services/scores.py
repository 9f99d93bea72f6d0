"""Scores and changes of score: derived from the answers, and the same whenever they are derived again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from assessments.change import changes
from assessments.models import Administration, Answer, ScoreRow
from assessments.scoring import score
from assessments.selectors import Sheet, answers_of, sheet_of
from coaching.models import Enrolment
from coaching.services.occasions import lock, record_measure
from protocol.study import Instrument

_SCORED = ("value", "items_answered", "items_missing", "prorated", "band")
_CHANGED = ("change", "reliable_change", "reliable_change_verdict")


def record_scores(*, paper: Sheet, answers: Iterable[Answer], now: datetime) -> None:
    """Stores the scores of a questionnaire just finished or closed, the programme's measures, and every change.

    Part of the caller's transaction. Rows that are there already are updated in place, so they keep their keys.
    """
    occasion, instrument = paper.occasion, paper.instrument
    scored = score(instrument, {answer.item: answer.value for answer in answers})
    ScoreRow.objects.bulk_create(
        [
            ScoreRow(
                administration=paper.begun,
                enrolment=occasion.enrolment,
                score=each.name,
                value=each.value,
                items_answered=each.items_answered,
                items_missing=each.items_missing,
                prorated=each.prorated,
                band=each.band or "",
            )
            for each in scored
        ],
        update_conflicts=True,
        unique_fields=["administration", "score"],
        update_fields=_SCORED,
    )
    record_measure(
        enrolment=occasion.enrolment,
        timepoint=occasion.key,
        instrument=instrument.id,
        values={each.name: each.value for each in scored},
        now=now,
    )
    _record_changes(occasion.enrolment, instrument)


@transaction.atomic
def recompute(*, enrolment: Enrolment, now: datetime) -> int:
    """Makes every score, measure and change of a person again from their answers; how many questionnaires that were."""
    enrolment = lock(enrolment.pk)
    closed = (
        Administration.objects.filter(occasion__enrolment=enrolment, closed_at__isnull=False)
        .select_related("occasion")
        .prefetch_related("answers")
        .order_by("occasion__place", "place")
    )
    for administration in closed:
        occasion = administration.occasion
        occasion.enrolment = enrolment
        paper = sheet_of(occasion, administration.instrument, administration)
        record_scores(paper=paper, answers=answers_of(administration).values(), now=now)
    return len(closed)


def _record_changes(enrolment: Enrolment, instrument: Instrument) -> None:
    """Every change of the instrument's scores: a late value may be the one that the others are measured from."""
    rows = list(
        ScoreRow.objects.filter(enrolment=enrolment, administration__instrument=instrument.id).order_by(
            "administration__occasion__place", "pk"
        )
    )
    differing = [row for declared in instrument.scores for row in _differing(rows, declared.name, instrument)]
    if differing:
        ScoreRow.objects.bulk_update(differing, _CHANGED)


def _differing(rows: list[ScoreRow], name: str, instrument: Instrument) -> list[ScoreRow]:
    """The rows of one score whose stored change is not what the person's values give."""
    series = [row for row in rows if row.score == name]
    differing = []
    for row, given in zip(series, changes([("", row.value) for row in series], instrument.norms, name), strict=True):
        fresh = (given.change, given.reliable_change, given.verdict or "")
        if fresh != (row.change, row.reliable_change, row.reliable_change_verdict):
            row.change, row.reliable_change, row.reliable_change_verdict = fresh
            differing.append(row)
    return differing
