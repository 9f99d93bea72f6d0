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
from assessments.selectors import Question, Refusal, Sheet
from coaching.http import ParticipantRequest
from coaching.models import Enrolment
from coaching.selectors.studies import declared
from coaching.windows import zone
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
    asked = _asked(request.enrolment, occasion, instrument, n)
    return (_store if request.method == "POST" else _show)(request, asked)


def _show(request: ParticipantRequest, asked: Question) -> HttpResponse:
    why = asked.refusal(clock.now())
    if why is Refusal.AWAY:
        return HttpResponseRedirect(reverse("coaching:home"))
    if why is Refusal.NOT_OPEN:
        return HttpResponseRedirect(reverse("coaching:next"))
    if why is not None:
        return _over(request, asked.paper, why)
    return render(request, "assessments/question.html", _question(request, asked))


def _store(request: ParticipantRequest, asked: Question) -> HttpResponse:
    given = forms.read_answer(asked.item, request.POST)
    if isinstance(given, forms.Fault):
        return _show_again(request, asked, given)
    occasion, instrument = asked.paper.occasion, asked.paper.instrument.id
    outcome = services.answer(
        occasion=occasion,
        instrument=instrument,
        position=asked.position,
        given=given,
        now=clock.now(),
        language=_language(request),
        response_time_ms=forms.response_time_ms(request.POST),
        revision=forms.revision(request.POST),
        asked=asked,
    )
    if isinstance(outcome, Refusal):
        return _refused(request, asked.paper, outcome)
    if outcome.leads_to is None:
        return _see_other("assessments:start", occasion.public_id)
    return _see_other("assessments:item", occasion.public_id, instrument, outcome.leads_to)


@require_POST
def autosave(request: ParticipantRequest, occasion: UUID, instrument: str, n: int) -> HttpResponse:
    """Stores what is chosen so far, for a page's script, and answers with the time of the save."""
    asked = _asked(request.enrolment, occasion, instrument, n)
    given = forms.read_answer(asked.item, request.POST)
    if isinstance(given, forms.Fault) or given.status != "answered":
        return JsonResponse({"refused": "no_answer"}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    now = clock.now()
    outcome = services.autosave(
        occasion=asked.paper.occasion,
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


def _asked(enrolment: Enrolment, occasion: UUID, instrument: str, n: int) -> Question:
    asked = selectors.question(enrolment, occasion, instrument, n)
    if asked is None:
        raise Http404
    return asked


def _show_again(request: ParticipantRequest, asked: Question, fault: forms.Fault) -> HttpResponse:
    why = asked.refusal(clock.now())
    if why is not None:
        return _refused(request, asked.paper, why)
    item = asked.item.id
    context = _question(request, asked) | {"errors": [{"id": item, "text": fault.text}], "error": fault.text}
    if not context["cards"]:
        context["chosen"] = request.POST.get(item, "")
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


def _question(request: ParticipantRequest, asked: Question) -> dict[str, Any]:
    language = _language(request)
    paper, item, n, stored = asked.paper, asked.item, asked.position, asked.stored
    occasion, instrument = paper.occasion, paper.instrument
    section, _item = paper.section_of(item.id)
    scale = item.scale
    cards = point_count(scale) <= CARDS_AT_MOST
    labels = {shown(point): text.to(language) for point, text in scale.labels.items()}
    here = [occasion.public_id, instrument.id]
    place = {"n": n, "count": len(paper.order)}
    return {
        "screen": "question",
        "title": item.text.to(language),
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
        "item": item.id,
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
