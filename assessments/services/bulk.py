"""Writing many filled-in questionnaires at once: the same rows, scores and measures as one answer at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction

from assessments import derived
from assessments.models import (
    Administration,
    Answer,
    AnswerRevision,
    ChangeJudgement,
    SchemeBand,
    ScoreRow,
)
from assessments.services.scores import band_row, judgement_rows, score_row, set_change
from coaching.models import StudyVersion
from coaching.selectors.studies import declared
from coaching.services.bulk import MeasureRow, write_measures

ROWS = 2000  # a statement of narrow rows


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """What had been given to an item before the answer that stands."""

    value: float | None
    answered_at: datetime
    response_time_ms: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What there is of one item: an answer, or why there is none; `not_reached` is filled in where it is closed."""

    item: str
    status: str
    value: float | None
    answered_at: datetime | None
    response_time_ms: int | None
    earlier: EarlierRow | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One questionnaire on one occasion; `place` is its place among the step's, `order` its items as shown.

    `form` is the parallel form that was given, empty where there is none. `imported` says that it was collected
    elsewhere.
    """

    enrolment_id: int
    occasion_id: int
    timepoint: str
    instrument: str
    place: int
    language: str
    order: Sequence[str]
    started_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    answers: Sequence[AnswerRow]
    form: str = ""
    imported: bool = False


@transaction.atomic
def write_sheets(*, version: StudyVersion, sheets: Sequence[SheetRow]) -> int:
    """How many answers were stored, with all that follows from them.

    `sheets` hold all of each person's questionnaires, one person after the other, each in the study's order: changes
    are measured from the first value. Those that are closed get a row for every item, and their scores.
    """
    administrations = [_administration(version, sheet) for sheet in sheets]
    Administration.objects.bulk_create(administrations, batch_size=ROWS)
    answers: list[Answer] = []
    earlier: list[tuple[Answer, EarlierRow]] = []
    for sheet, administration in zip(sheets, administrations, strict=True):
        answers += _answers(version, sheet, administration, earlier)
    Answer.objects.bulk_create(answers, batch_size=ROWS)
    AnswerRevision.objects.bulk_create((_revision(answer, before) for answer, before in earlier), batch_size=ROWS)
    _write_scores(version, list(zip(sheets, administrations, strict=True)))
    return len(answers)


def _administration(version: StudyVersion, sheet: SheetRow) -> Administration:
    return Administration(
        occasion_id=sheet.occasion_id,
        instrument=sheet.instrument,
        instrument_version=version.part_versions["instruments"][sheet.instrument],
        place=sheet.place,
        language=sheet.language if sheet.answers else "",
        order=list(sheet.order),
        form=sheet.form,
        eyes=declared(version).instruments[sheet.instrument].eyes or "",
        imported=sheet.imported,
        started_at=sheet.started_at,
        finished_at=sheet.finished_at,
        closed_at=sheet.closed_at,
    )


def _answers(
    version: StudyVersion, sheet: SheetRow, administration: Administration, earlier: list[tuple[Answer, EarlierRow]]
) -> Iterator[Answer]:
    """The sheet's rows in the order shown; what had been answered before is added to `earlier`."""
    given = {answer.item: answer for answer in sheet.answers}
    not_due = {row.item for row in _kept(version, sheet) if row.status == Answer.Status.NOT_DUE}
    for position, item in enumerate(sheet.order, start=1):
        row = given.get(item)
        if row is not None:
            answer = Answer(
                administration=administration,
                item=item,
                position=position,
                value=row.value,
                text=row.text,
                status=row.status,
                answered_at=row.answered_at,
                response_time_ms=row.response_time_ms,
                changes=1 if row.earlier else 0,
                language=sheet.language,
            )
            if row.earlier:
                earlier.append((answer, row.earlier))
            yield answer
        elif sheet.closed_at is not None:
            status = Answer.Status.NOT_DUE if item in not_due else Answer.Status.NOT_REACHED
            yield Answer(administration=administration, item=item, position=position, status=status)


def _revision(answer: Answer, before: EarlierRow) -> AnswerRevision:
    return AnswerRevision(
        answer=answer,
        value=before.value,
        text=before.text,
        status=Answer.Status.ANSWERED,
        answered_at=before.answered_at,
        response_time_ms=before.response_time_ms,
        replaced_at=answer.answered_at or before.answered_at,
    )


def _write_scores(version: StudyVersion, written: Sequence[tuple[SheetRow, Administration]]) -> None:
    rows: list[ScoreRow] = []
    measures: list[MeasureRow] = []
    bands: list[SchemeBand] = []
    judgements: list[ChangeJudgement] = []
    for _, group in groupby(written, key=lambda pair: pair[0].enrolment_id):
        scored: list[tuple[SheetRow, ScoreRow]] = []
        for sheet, administration in group:
            if sheet.closed_at:
                made, banded = _scored(version, sheet, administration)
                scored += ((sheet, row) for row in made)
                bands += banded
                measures += (_measure(sheet, row, sheet.closed_at) for row in made)
        judgements += _set_changes(version, scored)
        rows += (row for _, row in scored)
    ScoreRow.objects.bulk_create(rows, batch_size=ROWS)
    SchemeBand.objects.bulk_create(bands, batch_size=ROWS)
    ChangeJudgement.objects.bulk_create(judgements, batch_size=ROWS)
    write_measures(measures=measures)


def _scored(
    version: StudyVersion, sheet: SheetRow, administration: Administration
) -> tuple[list[ScoreRow], list[SchemeBand]]:
    instrument = declared(version).instruments[sheet.instrument]
    scored = derived.scored(instrument, sheet.form, _kept(version, sheet))
    rows = {each.name: score_row(each, administration, sheet.enrolment_id) for each in scored}
    bands = [band_row(rows[each.score], each) for each in derived.in_schemes(instrument, scored)]
    return list(rows.values()), bands


def _kept(version: StudyVersion, sheet: SheetRow) -> list[derived.Kept]:
    """The rows that scores are made of, those among them that were not due."""
    kept = (derived.Kept(answer.item, answer.status, answer.value, answer.text) for answer in sheet.answers)
    return derived.with_not_due(declared(version).instruments[sheet.instrument], sheet.form, kept)


def _set_changes(version: StudyVersion, scored: Iterable[tuple[SheetRow, ScoreRow]]) -> list[ChangeJudgement]:
    """Fills in the changes of one person's scores; what is said of them, not yet stored."""
    study = declared(version)
    series: dict[tuple[str, str], list[tuple[SheetRow, ScoreRow]]] = {}
    for sheet, row in scored:
        series.setdefault((sheet.instrument, row.score), []).append((sheet, row))
    judgements: list[ChangeJudgement] = []
    for (name, score), rows in series.items():
        instrument = study.instruments[name]
        by_name = {each.name: each for each in instrument.scores}
        values = [(sheet.timepoint, row.value) for sheet, row in rows]
        least = derived.floor_rule(study, instrument, by_name[score])
        above = [
            derived.items_above(instrument, by_name[score], sheet.form, _kept(version, sheet), least)
            for sheet, _ in rows
            if least is not None
        ]
        for (_, row), moved in zip(rows, derived.moved(study, instrument, by_name[score], values, above), strict=True):
            set_change(row, moved)
            judgements += judgement_rows(row, moved)
    return judgements


def _measure(sheet: SheetRow, row: ScoreRow, at: datetime) -> MeasureRow:
    return MeasureRow(
        enrolment_id=sheet.enrolment_id,
        timepoint=sheet.timepoint,
        instrument=sheet.instrument,
        score=row.score,
        value=row.value,
        recorded_at=at,
    )
