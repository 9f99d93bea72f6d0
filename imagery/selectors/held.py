"""All that is held of a person's sessions, for staff to read and for the person to take along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from coaching.models import Enrolment
from imagery.models import (
    Drawing,
    DrawingRevision,
    Rating,
    RatingRevision,
    Report,
    ReportRevision,
    SessionEvent,
    SessionRun,
    StageVisit,
)
from imagery.selectors.versions import ScriptsOfRuns
from imagery.timeline import stage_called
from protocol.script import Script

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held of one attempt at a session, in the order in which it came."""

    run: SessionRun
    visits: tuple[StageVisit, ...]
    ratings: tuple[Rating, ...]
    reports: tuple[Report, ...]
    drawings: tuple[Drawing, ...]

    @property
    def planned_ms(self) -> int | None:
        """The quiet time that the stages shown planned; None where none was shown."""
        return sum(visit.quiet_planned_ms for visit in self.visits) if self.visits else None

    @property
    def quiet_ms(self) -> int | None:
        """The quiet time that was kept; None where nothing measured it."""
        measured = [visit.quiet_actual_ms for visit in self.visits if visit.quiet_actual_ms is not None]
        return sum(measured) if measured else None


def held_of(enrolment: Enrolment) -> list[Held]:
    """Every attempt of a person at their sessions, in the study's order, then by attempt."""
    runs = (
        SessionRun.objects.filter(occasion__enrolment=enrolment)
        .select_related("occasion")
        .prefetch_related(
            _in_order("visits", StageVisit.objects.order_by("entered_at", "pk")),
            _in_order("ratings", Rating.objects.prefetch_related(_earlier(RatingRevision)).order_by("place")),
            _in_order("reports", Report.objects.prefetch_related(_earlier(ReportRevision)).order_by("place")),
            _in_order("drawings", Drawing.objects.prefetch_related(_earlier(DrawingRevision)).order_by("place")),
        )
        .order_by("occasion__place", "attempt")
    )
    return [
        Held(
            run,
            tuple(run.visits.all()),
            tuple(run.ratings.all()),
            tuple(run.reports.all()),
            tuple(run.drawings.all()),
        )
        for run in runs
    ]


def _in_order(name: str, rows: QuerySet[Any]) -> Prefetch[Any]:
    return Prefetch(name, queryset=rows)


def _earlier(table: type[RatingRevision | ReportRevision | DrawingRevision]) -> Prefetch[Any]:
    return Prefetch("revisions", queryset=table.objects.order_by("pk"))


# --- for the person themself -----------------------------------------------------------------------------------------


def own_rows(enrolment: Enrolment) -> Mapping[str, list[Row]]:
    """All that this room holds of one person, by table, as plain values; questions in the words that they read.

    What a session has yet to show stays hidden: a script is named once the person completed it, a rating that was
    never shown says neither its stage nor what is rated, and layers that are not open yet have no name.
    """
    held = held_of(enrolment)
    known = {each.run.script for each in held if each.run.status == SessionRun.Status.COMPLETED}
    scripts = ScriptsOfRuns(enrolment.version)
    read = [_Own(each, scripts.of(each.run), each.run.script in known, enrolment.language) for each in held]
    return {
        "sessions": [each.session() for each in read],
        "session_parts": [row for each in read for row in each.parts()],
        "ratings": [row for each in read for row in each.ratings()],
        "earlier_ratings": [row for each in read for row in each.earlier_ratings()],
        "reports": [row for each in read for row in each.reports()],
        "earlier_reports": [row for each in read for row in each.earlier_reports()],
        "drawings": [row for each in read for row in each.drawings()],
        "earlier_drawings": [row for each in read for row in each.earlier_drawings()],
        "session_events": _own_events(enrolment),
    }


def _own_events(enrolment: Enrolment) -> list[Row]:
    fields = ("seq", "type", "stage", "state", "t_mono_ms", "happened_at", "tz_offset_min", "clock_offset_ms")
    events = SessionEvent.objects.filter(run__occasion__enrolment=enrolment).select_related("run__occasion")
    return [
        {"timepoint": event.run.occasion.key, "attempt": event.run.attempt}
        | {field: getattr(event, field) for field in fields}
        | {"payload": _told(event), "received_at": event.received_at}
        for event in events.order_by("run__occasion__place", "run__attempt", "seq", "pk")
    ]


def _told(event: SessionEvent) -> str:
    """What an event says more, without the names of layers that were not open yet."""
    if event.type != "unlock":
        return event.payload
    return json.dumps({key: value for key, value in json.loads(event.payload).items() if key != "locked"})


@dataclass(frozen=True, slots=True)
class _Own:
    held: Held
    script: Script | None
    is_known: bool
    language: str

    def session(self) -> Row:
        run = self.held.run
        return self._which() | {
            "script": run.script if self.is_known else "",
            "script_version": run.script_version,
            "language": run.language,
            "status": run.status,
            "started_at": run.started_at,
            "completed_at": run.completed_at,
            "closed_at": run.closed_at,
            "ended_at_stage": run.ended_at_stage,
        }

    def parts(self) -> list[Row]:
        times = ("entered_at", "left_at", "quiet_planned_ms", "quiet_actual_ms", "longer_ms", "pauses", "paused_ms")
        fields = (*times, "hidden_ms", "voice", "audio_ms", "audio_heard_ms")
        return [
            self._which()
            | {"stage": visit.stage, "kind": visit.kind, "place": visit.place}
            | {field: getattr(visit, field) for field in fields}
            for visit in self.held.visits
        ]

    def ratings(self) -> list[Row]:
        return [
            self._which()
            | self._asked(rating.stage if rating.shown_at else "")
            | {
                "kind": rating.kind if rating.shown_at else "",
                "value": rating.value,
                "forms": rating.forms,
                "meaning": self._option(rating),
                "status": rating.status,
                "scale_min": rating.scale_min,
                "scale_max": rating.scale_max,
                "shown_at": rating.shown_at,
                "answered_at": rating.answered_at,
                "response_time_ms": rating.response_time_ms,
                "changes": rating.changes,
            }
            for rating in self.held.ratings
        ]

    def earlier_ratings(self) -> list[Row]:
        return [
            self._which()
            | {
                "stage": rating.stage,
                "value": earlier.value,
                "forms": earlier.forms,
                "status": earlier.status,
                "answered_at": earlier.answered_at,
                "response_time_ms": earlier.response_time_ms,
                "replaced_at": earlier.replaced_at,
            }
            for rating in self.held.ratings
            for earlier in rating.revisions.all()
        ]

    def reports(self) -> list[Row]:
        return [
            self._which()
            | self._asked(report.stage)
            | {
                "text": report.text,
                "words": report.words,
                "language": report.language,
                "after_reveal": report.after_reveal,
                "written_at": report.written_at,
            }
            for report in self.held.reports
        ]

    def earlier_reports(self) -> list[Row]:
        return [
            self._which()
            | {
                "stage": report.stage,
                "text": earlier.text,
                "written_at": earlier.written_at,
                "replaced_at": earlier.replaced_at,
            }
            for report in self.held.reports
            for earlier in report.revisions.all()
        ]

    def drawings(self) -> list[Row]:
        fields = ("width", "height", "stroke_count", "ink_fraction", "duration_s", "saved_at", "strokes")
        return [
            self._which()
            | self._asked(drawing.stage)
            | {"condition": drawing.condition, "status": drawing.status, "reason": drawing.reason}
            | {"words": drawing.words, "file": drawing.file}
            | {field: getattr(drawing, field) for field in fields}
            for drawing in self.held.drawings
        ]

    def earlier_drawings(self) -> list[Row]:
        fields = ("status", "reason", "words", "file", "saved_at", "replaced_at", "strokes")
        return [
            self._which() | {"stage": drawing.stage} | {field: getattr(earlier, field) for field in fields}
            for drawing in self.held.drawings
            for earlier in drawing.revisions.all()
        ]

    def _which(self) -> Row:
        return {"timepoint": self.held.run.occasion.key, "attempt": self.held.run.attempt}

    def _asked(self, stage: str) -> Row:
        found = stage_called(self.script, stage) if self.script else None
        words = found.text.to(self.held.run.language or self.language) if found and found.text else ""
        return {"stage": stage, "question": words}

    def _option(self, rating: Rating) -> str:
        """The words of the option that was chosen; empty for a rating."""
        found = stage_called(self.script, rating.stage) if self.script else None
        labels = (*(option.label for option in found.options), *found.choices) if found else ()
        if rating.value is None or not 1 <= rating.value <= len(labels):
            return ""
        return labels[int(rating.value) - 1].to(self.held.run.language or self.language)
