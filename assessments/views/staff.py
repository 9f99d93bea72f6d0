"""What staff read of one person's answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments import selectors
from assessments.entries import is_missed, said, written
from assessments.models import Answer, ChangeJudgement, ScoreRow
from assessments.points import shown
from assessments.selectors import Filled
from coaching.http import StudyRequest
from coaching.models import Enrolment
from coaching.person_pages import person_of, person_page
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.instrument import Item


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
        "eyes": {"open": _("eyes open"), "closed": _("eyes closed"), "either": _("eyes open or closed")}.get(
            administration.eyes, ""
        ),
        "answers": [_answer(item, answer, language) for item, answer in filled.answers],
        "scores": [_score(row) for row in filled.scores],
        "judgements": [_judgement(row.score, each) for row in filled.scores for each in row.judgements.all()],
    }


def _answer(item: Item, answer: Answer | None, language: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.text.to(language),
        "reverse": item.reverse,
        "is_check": item.catch is not None,
        "is_missed": answer is not None and is_missed(item, answer.value, answer.text),
        "value": written(answer.value, answer.text) if answer else "",
        "label": said(item, answer.value, answer.text, language) if answer else "",
        "status": answer.status if answer else "",
        "word": _words()[answer.status] if answer else _("Not answered yet"),
        "answered_at": answer.answered_at if answer else None,
        "earlier": [written(r.value, r.text) or _words()[r.status] for r in answer.revisions.all()] if answer else [],
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
        "is_less": row.direction == "higher_is_less",
        "answered": row.items_answered,
        "of": row.items_answered + row.items_missing,
        "prorated": row.prorated,
        "band": row.band,
        "schemes": [
            {"band": each.band or _("below all bands"), "name": each.scheme, "version": each.scheme_version}
            for each in row.scheme_bands.all()
            if row.value is not None
        ],
        "change": _rounded(row.change, signed=True),
        "verdict": verdicts[row.reliable_change_verdict],
    }


def _judgement(score: str, row: ChangeJudgement) -> dict[str, Any]:
    """One judgement of a change, in words."""
    return {
        "score": score,
        "method": _methods().get(row.method, row.method),
        "by": row.reference,
        "index": _rounded(row.index),
        "threshold": _rounded(row.threshold),
        "verdict": _verdicts().get(row.verdict, row.verdict),
        "refused": _refusals().get(row.refused, row.refused),
        "one_sided": row.one_sided,
    }


def _methods() -> dict[str, str]:
    return {
        "jacobson_truax": _("Reliable change (Jacobson and Truax 1991)"),
        "maassen": _("Reliable change (Maassen 2004)"),
        "practice_corrected": _("Reliable change, corrected for practice"),
        "conditional": _("By the error at this level"),
        "smallest_detectable": _("Smallest detectable change"),
        "off_the_floor": _("Off the floor, twice in a row"),
    }


def _verdicts() -> dict[str, str]:
    return {
        "increased": _("Increased"),
        "decreased": _("Decreased"),
        "no_reliable_change": _("No reliable change"),
        "met": _("Off the floor"),
        "not_met": _("Not off the floor by this rule"),
        "": _("Not known"),
    }


def _refusals() -> dict[str, str]:
    return {
        "selected": _("Not judged: the sample was selected by this very score."),
        "unverified": _("Not judged: the figures are not verified."),
        "no_error": _("Not judged: the sample leaves no error to judge by."),
        "": "",
    }


def _words() -> dict[str, str]:
    return {
        "answered": _("Answered"),
        "declined": _("Would rather not say"),
        "skipped": _("Passed (optional)"),
        "not_applicable": _("Does not apply"),
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
