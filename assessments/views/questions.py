"""Questionnaires, one question a page. Everything works as a plain form; a GET writes nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import clock
from assessments import forms, selectors, services
from assessments.models import Answer
from assessments.points import CARDS_AT_MOST, plain, point_count, shown
from assessments.selectors import Refusal, Sheet
from coaching.http import ParticipantRequest
from coaching.models import Enrolment
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.study import Item
from protocol.study import Study as Declared


@require_safe
def start(request: ParticipantRequest, occasion: UUID) -> HttpResponse:
    """Leads to the first question without an answer, or to what is next when there is none or none is taken."""
    found = selectors.occasion_of(request.enrolment, occasion)
    if found is None:
        raise Http404
    why = selectors.refusal(found, clock.now())
    if why is Refusal.AWAY:
        return HttpResponseRedirect(reverse("coaching:home"))
    place = selectors.next_place(found) if why is None else None
    if place is None:
        return HttpResponseRedirect(reverse("coaching:next"))
    return HttpResponseRedirect(reverse("assessments:item", args=[occasion, *place]))


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: ParticipantRequest, occasion: UUID, instrument: str, n: int) -> HttpResponse:
    """One question; its post stores the answer and leads on."""
    paper, asked = _asked(request.enrolment, occasion, instrument, n)
    return (_store if request.method == "POST" else _show)(request, paper, asked, n)


def _show(request: ParticipantRequest, paper: Sheet, asked: Item, n: int) -> HttpResponse:
    why = selectors.sheet_refusal(paper, clock.now())
    if why is Refusal.AWAY:
        return HttpResponseRedirect(reverse("coaching:home"))
    if why is Refusal.NOT_OPEN:
        return HttpResponseRedirect(reverse("coaching:next"))
    if why is not None:
        return _over(request, paper, why)
    stored = selectors.answer_to(asked.id, paper.administration)
    return render(request, "assessments/question.html", _question(request, paper, asked, n, stored))


def _store(request: ParticipantRequest, paper: Sheet, asked: Item, n: int) -> HttpResponse:
    given = forms.read_answer(asked, request.POST)
    if isinstance(given, forms.Fault):
        return _show_again(request, paper, asked, n, given)
    occasion, instrument = paper.occasion, paper.instrument.id
    outcome = services.answer(
        occasion=occasion,
        instrument=instrument,
        position=n,
        given=given,
        now=clock.now(),
        language=_language(request),
        response_time_ms=forms.response_time_ms(request.POST),
        revision=forms.revision(request.POST),
    )
    if isinstance(outcome, Refusal):
        return _refused(request, paper, outcome)
    if outcome.leads_to is None:
        return _see_other("assessments:start", occasion.public_id)
    return _see_other("assessments:item", occasion.public_id, instrument, outcome.leads_to)


@require_POST
def autosave(request: ParticipantRequest, occasion: UUID, instrument: str, n: int) -> HttpResponse:
    """Stores what is chosen so far, for a page's script, and answers with the time of the save."""
    paper, asked = _asked(request.enrolment, occasion, instrument, n)
    given = forms.read_answer(asked, request.POST)
    if isinstance(given, forms.Fault) or given.status != "answered":
        return JsonResponse({"refused": "no_answer"}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    now = clock.now()
    outcome = services.autosave(
        occasion=paper.occasion,
        instrument=instrument,
        position=n,
        given=given,
        now=now,
        language=_language(request),
        response_time_ms=forms.response_time_ms(request.POST),
        revision=forms.revision(request.POST),
    )
    if isinstance(outcome, Refusal):
        return JsonResponse({"refused": outcome.value}, status=HTTPStatus.CONFLICT)
    return JsonResponse({"saved_at": now.isoformat(timespec="milliseconds")})


def _asked(enrolment: Enrolment, occasion: UUID, instrument: str, n: int) -> tuple[Sheet, Item]:
    paper = selectors.sheet(enrolment, occasion, instrument)
    asked = paper.item(n) if paper else None
    if paper is None or asked is None:
        raise Http404
    return paper, asked


def _show_again(request: ParticipantRequest, paper: Sheet, asked: Item, n: int, fault: forms.Fault) -> HttpResponse:
    why = selectors.sheet_refusal(paper, clock.now())
    if why is not None:
        return _refused(request, paper, why)
    stored = selectors.answer_to(asked.id, paper.administration)
    context = _question(request, paper, asked, n, stored)
    context |= {"errors": [{"id": asked.id, "text": fault.text}], "error": fault.text}
    if not context["cards"]:
        context["chosen"] = request.POST.get(asked.id, "")
    return render(request, "assessments/question.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _refused(request: ParticipantRequest, paper: Sheet, why: Refusal) -> HttpResponse:
    if why is Refusal.AWAY:
        return _see_other("coaching:home")
    return _over(request, paper, why, status=HTTPStatus.CONFLICT)


def _over(request: ParticipantRequest, paper: Sheet, why: Refusal, status: int = HTTPStatus.OK) -> HttpResponse:
    """That a questionnaire takes no more answers; with a status of refusal, that one was not stored."""
    study = _study(request)
    context = {
        "screen": "error",
        "title": _TITLES[why](),
        "contact": study.contact,
        "where": paper.instrument.title.to(_language(request)),
        "lang": _language(request),
        "not_stored": status != HTTPStatus.OK,
        "was_finished": why is Refusal.FINISHED,
        "home_url": reverse("coaching:home"),
    }
    return render(request, "assessments/over.html", context, status=status)


_TITLES = {
    Refusal.NOT_OPEN: lambda: _("These questions are not open yet"),
    Refusal.FINISHED: lambda: _("You have finished these questions"),
    Refusal.CLOSED: lambda: _("These questions are closed"),
}


def _question(request: ParticipantRequest, paper: Sheet, asked: Item, n: int, stored: Answer | None) -> dict[str, Any]:
    language = _language(request)
    occasion, instrument = paper.occasion, paper.instrument
    section, _item = paper.section_of(asked.id)
    scale = asked.scale
    cards = point_count(scale) <= CARDS_AT_MOST
    labels = {shown(point): text.to(language) for point, text in scale.labels.items()}
    here = [occasion.public_id, instrument.id]
    place = {"n": n, "count": len(paper.order)}
    return {
        "screen": "question",
        "title": asked.text.to(language),
        "lang": language,
        "where": instrument.title.to(language),
        "where_detail": _("Question %(n)d of %(count)d") % place,
        "contact": _study(request).contact,
        "leave_url": reverse("coaching:home"),
        "back_url": reverse("assessments:item", args=[*here, n - 1]) if n > 1 else reverse("coaching:home"),
        "autosave_url": reverse("assessments:autosave", args=[*here, n]),
        "about": instrument.about.to(language) if instrument.about and n == 1 else "",
        "scene": section.title.to(language) if section.title else "",
        "lead": section.lead.to(language) if section.lead else "",
        "item": asked.id,
        "cards": cards,
        "points": [{"value": shown(p), "label": labels.get(shown(p), "")} for p in scale.points] if cards else (),
        "min": plain(scale.min),
        "max": plain(scale.max),
        "step": plain(scale.step),
        "low": labels.get(shown(scale.min), ""),
        "high": labels.get(shown(scale.max), ""),
        "chosen": shown(stored.value) if stored and stored.value is not None else None,
        "declined": stored is not None and stored.status == Answer.Status.DECLINED,
        "rev": stored.revision if stored else 0,
        "saved_at": _wall_time(request.enrolment, stored) if stored else None,
    }


def _wall_time(enrolment: Enrolment, stored: Answer) -> Any:
    """When an answer was stored, by the clock on the person's wall."""
    return stored.answered_at.astimezone(zone(enrolment.timezone)).time() if stored.answered_at else None


def _study(request: ParticipantRequest) -> Declared:
    return declared(selectors.version_of(request.enrolment))


def _language(request: ParticipantRequest) -> str:
    return request.enrolment.language or _study(request).languages[0]


def _see_other(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=HTTPStatus.SEE_OTHER)
