"""What staff read of one person's answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments import selectors
from assessments.models import Answer, ScoreRow
from assessments.points import shown
from assessments.selectors import Filled
from coaching.http import StudyRequest
from coaching.models import Enrolment
from coaching.person_pages import person_of, person_page
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.study import Item


@require_safe
def person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """A person's answers and scores, by timepoint; with `?fragment=1` without the page around them."""
    enrolment = person_of(request, pseudonym)
    context = {
        "person": enrolment,
        "zone": zone(enrolment.timezone),
        "timepoints": _timepoints(enrolment, get_language() or "en"),
    }
    if request.GET.get("fragment") == "1":
        return render(request, "assessments/_answers.html", context)
    context |= person_page(request, enrolment, "answers")
    return render(request, "assessments/person.html", context)


@require_safe
def summary(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """A person's latest scores, as a part of another page."""
    enrolment = person_of(request, pseudonym)
    scores = [
        {
            "name": row.score,
            "title": instrument.title.to(get_language() or "en"),
            "value": _rounded(row.value),
            "band": row.band,
            "at": row.administration.finished_at or row.administration.closed_at,
        }
        for instrument, row in selectors.latest_scores(enrolment)
    ]
    context = {"person": enrolment, "zone": zone(enrolment.timezone), "scores": scores}
    return render(request, "assessments/_summary.html", context)


def _timepoints(enrolment: Enrolment, language: str) -> list[dict[str, Any]]:
    if enrolment.version is None:
        return []
    titles = {step.id: step.title for step in declared(enrolment.version).path(enrolment.arm or None)}
    return [
        {
            "key": key,
            "title": title.to(language) if (title := titles.get(key)) else key,
            "questionnaires": [_questionnaire(each, language) for each in filled],
        }
        for key, filled in selectors.filled_by(enrolment).items()
    ]


def _questionnaire(filled: Filled, language: str) -> dict[str, Any]:
    administration = filled.administration
    return {
        "title": filled.instrument.title.to(language),
        "version": administration.instrument_version,
        "administration": administration,
        "answers": [_answer(item, answer, language) for item, answer in filled.answers],
        "scores": [_score(row) for row in filled.scores],
    }


def _answer(item: Item, answer: Answer | None, language: str) -> dict[str, Any]:
    points = {shown(point): text.to(language) for point, text in item.scale.labels.items()}
    value = shown(answer.value) if answer and answer.value is not None else ""
    return {
        "id": item.id,
        "text": item.text.to(language),
        "reverse": item.reverse,
        "value": value,
        "label": points.get(value, ""),
        "status": answer.status if answer else "",
        "word": _words()[answer.status] if answer else _("Not answered yet"),
        "answered_at": answer.answered_at if answer else None,
        "earlier": [shown(r.value) if r.value is not None else _words()[r.status] for r in answer.revisions.all()]
        if answer
        else [],
    }


def _score(row: ScoreRow) -> dict[str, Any]:
    verdicts = {
        "increased": _("Increased"),
        "decreased": _("Decreased"),
        "no_reliable_change": _("No reliable change"),
        "": "",
    }
    return {
        "name": row.score,
        "value": _rounded(row.value),
        "answered": row.items_answered,
        "of": row.items_answered + row.items_missing,
        "prorated": row.prorated,
        "band": row.band,
        "change": _rounded(row.change, signed=True),
        "verdict": verdicts[row.reliable_change_verdict],
    }


def _words() -> dict[str, str]:
    return {
        "answered": _("Answered"),
        "declined": _("Would rather not say"),
        "skipped": _("Passed (optional)"),
        "not_reached": _("Not reached"),
        "not_due": _("Not due"),
        "lost": _("Lost"),
    }


def _rounded(value: float | None, *, signed: bool = False) -> str:
    """A number to two decimals for reading; the exports have it whole."""
    if value is None:
        return ""
    text = shown(round(value, 2))
    return f"+{text}" if signed and value > 0 else text
