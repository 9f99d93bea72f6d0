"""The page on which people read their own scores, where their study lets them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.points import shown
from assessments.report import Line, Point, report_of
from assessments.scoring import direction_of
from coaching.http import ParticipantRequest
from coaching.selectors.feedback import report_is_open
from coaching.selectors.studies import declared
from coaching.windows import zone

# The picture's own px: the line of possible values lies between these.
LEFT, RIGHT, ROW, TOP = 24.0, 476.0, 44.0, 30.0


@require_safe
def own_report(request: ParticipantRequest) -> HttpResponse:
    """Each score as a picture and a table: what was said when, and how sure such a number is."""
    enrolment = request.enrolment
    if not report_is_open(enrolment) or enrolment.version is None:
        raise Http404
    study = declared(enrolment.version)
    language = enrolment.language or study.languages[0]
    context = {
        "screen": "mydata",
        "title": _("What your answers came to"),
        "where": study.title.to(language),
        "contact": study.contact,
        "lang": language,
        "back_url": reverse("coaching:home"),
        "lines": [_line(line, language, n) for n, line in enumerate(report_of(enrolment), start=1)],
        "zone": zone(enrolment.timezone),
    }
    return render(request, "assessments/report.html", context)


def _line(line: Line, language: str, n: int) -> dict[str, Any]:
    points = [_point(point, line, language, place) for place, point in enumerate(line.points)]
    return {
        "id": f"score-{n}",
        "title": line.instrument.title.to(language),
        "least": shown(round(line.least, 1)),
        "most": shown(round(line.most, 1)),
        "is_mean": line.score.how == "mean",
        "is_less": direction_of(line.score, line.instrument) == "higher_is_less",
        "points": points,
        "moves_by": shown(round(line.moves_by, 1)) if line.moves_by is not None else "",
        "by": line.by,
        "height": TOP + ROW * len(points) + 8,
        "left": LEFT,
        "right": RIGHT,
        "interpretation": line.instrument.interpretation.to(language) if line.instrument.interpretation else "",
    }


def _point(point: Point, line: Line, language: str, place: int) -> dict[str, Any]:
    def x(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - line.least) / (line.most - line.least), 1)

    low, high = point.low, point.high
    return {
        "when": point.title.to(language) if point.title else point.timepoint,
        "at": point.at,
        "value": shown(round(point.value, 1)),
        "low": shown(round(low, 1)) if low is not None else "",
        "high": shown(round(high, 1)) if high is not None else "",
        "x": x(point.value),
        "x_low": x(low) if low is not None else None,
        "x_high": x(high) if high is not None else None,
        "y": TOP + ROW * place + 24,
        "y_word": TOP + ROW * place + 8,
    }
