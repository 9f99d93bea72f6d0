"""Writing many sessions at once: the same rows as one stage at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from coaching.models import StudyVersion
from coaching.selectors.studies import declared
from imagery.models import Drawing, Rating, Report, SessionEvent, SessionRun, StageVisit
from imagery.services.kept import count_words, ends_of, kind_of
from imagery.services.pictures import Kept
from imagery.timeline import RATED, place_of, quiet_ms, way
from protocol.script import Script, Stage

ROWS = 2000  # a statement of narrow rows


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One stage that was shown, with what was given there; `left_at` is None where the person is, or stopped.

    `status` is empty but for a rating, comparison or choice; `text` is None but for a report.
    """

    stage: Stage
    place: int
    entered_at: datetime
    left_at: datetime | None
    status: str = ""
    value: float | None = None
    forms: str = ""
    response_time_ms: int | None = None
    text: str | None = None
    after_reveal: bool = False
    drawing: Kept | None = None
    quiet_actual_ms: int | None = None
    longer_ms: int | None = None
    pauses: int | None = None
    paused_ms: int | None = None
    hidden_ms: int | None = None
    voice: str = ""
    audio_ms: int | None = None
    audio_heard_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One thing that happened in a run, as `SessionEvent` keeps it."""

    event_id: UUID
    seq: int
    type: str
    stage: str = ""
    state: str = ""
    t_mono_ms: float | None = None
    happened_at: datetime
    tz_offset_min: int | None = None
    clock_offset_ms: int | None = None
    payload: str = ""
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One attempt at a session; with `closed_at`, what was not reached gets its rows.

    `ended_at_stage` is where the person ended it early.
    """

    occasion_id: int
    script: str
    attempt: int
    language: str
    status: str
    started_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    visits: Sequence[VisitRow]
    locked: Sequence[str] = ()
    ended_at_stage: str = ""
    events: Sequence[EventRow] = ()


@transaction.atomic
def write_runs(*, version: StudyVersion, runs: Sequence[RunRow]) -> int:
    """How many ratings, texts and drawings were stored with these runs."""
    scripts = declared(version).scripts
    rows = [_run(version, run) for run in runs]
    SessionRun.objects.bulk_create(rows, batch_size=ROWS)
    pairs = list(zip(runs, rows, strict=True))
    StageVisit.objects.bulk_create((_visit(row, v) for run, row in pairs for v in run.visits), batch_size=ROWS)
    ratings = [rating for run, row in pairs for rating in _ratings(scripts[run.script], run, row)]
    reports = [_report(run, row, v) for run, row in pairs for v in run.visits if v.text is not None]
    drawings = [_drawing(row, v, v.drawing) for run, row in pairs for v in run.visits if v.drawing is not None]
    Rating.objects.bulk_create(ratings, batch_size=ROWS)
    Report.objects.bulk_create(reports, batch_size=ROWS)
    Drawing.objects.bulk_create(drawings, batch_size=ROWS)
    SessionEvent.objects.bulk_create((_event(row, e) for run, row in pairs for e in run.events), batch_size=ROWS)
    return len(ratings) + len(reports) + len(drawings)


def _run(version: StudyVersion, run: RunRow) -> SessionRun:
    here = next((visit.stage.id for visit in run.visits if visit.left_at is None), "")
    return SessionRun(
        occasion_id=run.occasion_id,
        attempt=run.attempt,
        script=run.script,
        script_version=version.part_versions["scripts"][run.script],
        language=run.language,
        stage="" if run.ended_at_stage else here,
        status=run.status,
        started_at=run.started_at,
        completed_at=run.completed_at,
        closed_at=run.closed_at,
        locked=" ".join(run.locked),
        ended_at_stage=run.ended_at_stage,
    )


def _event(run: SessionRun, event: EventRow) -> SessionEvent:
    return SessionEvent(
        run=run,
        event_id=event.event_id,
        seq=event.seq,
        type=event.type,
        stage=event.stage,
        state=event.state,
        t_mono_ms=event.t_mono_ms,
        happened_at=event.happened_at,
        tz_offset_min=event.tz_offset_min,
        clock_offset_ms=event.clock_offset_ms,
        payload=event.payload,
        received_at=event.received_at,
    )


def _visit(run: SessionRun, visit: VisitRow) -> StageVisit:
    return StageVisit(
        run=run,
        stage=visit.stage.id,
        kind=visit.stage.kind,
        place=visit.place,
        entered_at=visit.entered_at,
        left_at=visit.left_at,
        quiet_planned_ms=quiet_ms(visit.stage),
        quiet_actual_ms=visit.quiet_actual_ms,
        longer_ms=visit.longer_ms,
        pauses=visit.pauses,
        paused_ms=visit.paused_ms,
        hidden_ms=visit.hidden_ms,
        voice=visit.voice,
        audio_ms=visit.audio_ms,
        audio_heard_ms=visit.audio_heard_ms,
    )


def _ratings(script: Script, run: RunRow, row: SessionRun) -> Iterator[Rating]:
    shown = {visit.stage.id: visit for visit in run.visits}
    for visit in run.visits:
        if visit.status:
            yield _rating(row, visit.stage, visit.place, visit)
    if run.closed_at is None:
        return
    choices = {id: int(v.value) for id, v in shown.items() if v.stage.kind == "choose" and v.value is not None}
    for stage in way(script, choices, run.locked):
        visit_of = shown.get(stage.id)
        if stage.kind in RATED and (visit_of is None or not visit_of.status):
            yield _rating(row, stage, place_of(script, stage.id), visit_of)


def _rating(row: SessionRun, stage: Stage, place: int, visit: VisitRow | None) -> Rating:
    is_given = visit is not None and bool(visit.status)
    return Rating(
        run=row,
        stage=stage.id,
        place=place,
        kind=kind_of(stage),
        value=visit.value if visit else None,
        forms=visit.forms if visit else "",
        status=visit.status if visit and visit.status else Rating.Status.NOT_REACHED,
        scale_min=ends_of(stage)[0],
        scale_max=ends_of(stage)[1],
        shown_at=visit.entered_at if visit else None,
        answered_at=visit.left_at if visit and is_given else None,
        response_time_ms=visit.response_time_ms if visit else None,
    )


def _report(run: RunRow, row: SessionRun, visit: VisitRow) -> Report:
    text = visit.text or ""
    return Report(
        run=row,
        stage=visit.stage.id,
        place=visit.place,
        text=text,
        words=count_words(text),
        language=run.language,
        after_reveal=visit.after_reveal,
        written_at=visit.left_at or visit.entered_at,
    )


def _drawing(row: SessionRun, visit: VisitRow, kept: Kept) -> Drawing:
    return Drawing(
        run=row,
        stage=visit.stage.id,
        place=visit.place,
        condition=visit.stage.condition or "",
        status=kept.status,
        reason=kept.reason,
        words=kept.words,
        strokes=kept.strokes,
        file=kept.file,
        width=kept.width,
        height=kept.height,
        stroke_count=kept.stroke_count,
        ink_fraction=kept.ink_fraction,
        duration_s=kept.duration_s,
        saved_at=visit.left_at or visit.entered_at,
    )
