"""Questionnaires, one question a page. Everything works as a plain form; a GET writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import clock
from assessments import forms, selectors, services
from assessments.entries import BETWEEN, written
from assessments.models import Answer
from assessments.points import is_of_cards, plain, shown
from assessments.selectors import Question, Refusal, Sheet
from coaching.http import ParticipantRequest
from coaching.models import Enrolment, SafetyAlert
from coaching.selectors.care import told_at
from coaching.selectors.studies import declared
from coaching.windows import zone
from protocol.durations import Duration
from protocol.instrument import Instrument, Item, ItemType
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
    is_session, alert = selectors.is_session(found), told_at(found)
    if why is Refusal.FINISHED and (is_session or alert is not None):
        return _after(request, reverse("coaching:next"), alert, is_session=is_session)
    place = selectors.next_place(found) if why is None else None
    if place is None:
        return HttpResponseRedirect(reverse("coaching:next"))
    on_url = reverse("assessments:item", args=[occasion, *place])
    if alert is not None:
        return _after(request, on_url, alert, is_session=False)
    return HttpResponseRedirect(on_url)


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
    if asked.position not in asked.positions:
        return _go_on(asked)
    return render(request, "assessments/question.html", _question(request, asked))


def _store(request: ParticipantRequest, asked: Question) -> HttpResponse:
    given = forms.read_answer(asked.item, request.POST)
    if isinstance(given, forms.Fault):
        return _show_again(request, asked, given)
    if asked.refusal(clock.now()) is None and asked.position not in asked.positions:
        return _go_on(asked)
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
    if outcome is Refusal.NOT_DUE:
        return _go_on(asked)
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
    if isinstance(given, forms.Fault) or given.status not in ("answered", "not_applicable"):
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


def _go_on(asked: Question) -> HttpResponse:
    """On from a question that is not due (any more): to the next that is."""
    place = asked.paper.occasion.public_id, asked.paper.instrument.id
    following = next((n for n in asked.positions if n > asked.position), None)
    if following is None:
        return _see_other("assessments:start", place[0])
    return _see_other("assessments:item", *place, following)


def _show_again(request: ParticipantRequest, asked: Question, fault: forms.Fault) -> HttpResponse:
    why = asked.refusal(clock.now())
    if why is not None:
        return _refused(request, asked.paper, why)
    if asked.position not in asked.positions:
        return _go_on(asked)
    context = _question(request, asked)
    context |= {"errors": [{"id": asked.item.id, "text": fault.text}], "error": fault.text}
    if not context["radios"]:  # what stands in a field, or is ticked, is there to be mended
        posted = forms.as_posted(asked.item, request.POST)
        context |= {"chosen": posted.typed, "picked": posted.picked, "is_na": posted.is_na}
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


def _after(request: ParticipantRequest, on_url: str, alert: SafetyAlert | None, *, is_session: bool) -> HttpResponse:
    """That what was asked is kept, where whoever is not well finds help, and that somebody looks where one does."""
    context = {
        "screen": "session",
        "title": _("Thank you. Your answers are saved."),
        "contact": _study(request).contact,
        "on_url": on_url,
        "alert": alert,
        "is_session": is_session,
    }
    return render(request, "assessments/after.html", context)


def _question(request: ParticipantRequest, asked: Question) -> dict[str, Any]:
    language = _language(request)
    paper, item, n, stored = asked.paper, asked.item, asked.position, asked.stored
    occasion, instrument = paper.occasion, paper.instrument
    section, _item = paper.section_of(item.id)
    here = [occasion.public_id, instrument.id]
    positions = asked.positions
    place = positions.index(n) if n in positions else 0
    before = positions[place - 1] if place else None
    back = reverse("assessments:item", args=[*here, before]) if before else reverse("coaching:home")
    return {
        "screen": "question",
        "title": item.text.to(language),
        "lang": language,
        "where": instrument.title.to(language),
        "where_detail": _("Question %(n)d of %(count)d") % {"n": place + 1, "count": len(positions)},
        "contact": _study(request).contact,
        "leave_url": reverse("coaching:home"),
        "asks_how_they_are": instrument.id in _study(request).safety.instruments,
        "back_url": back,
        "autosave_url": reverse("assessments:autosave", args=[*here, n]),
        "about": instrument.about.to(language) if instrument.about and place == 0 else "",
        "eyes": _EYES[instrument.eyes]() if instrument.eyes else "",
        "recall": _recall(instrument, language),
        "scene": section.title.to(language) if section.title else "",
        "lead": section.lead.to(language) if section.lead else "",
        "item": item.id,
        "type": item.type,
        "cards": False,
        "radios": forms.is_of_radios(item),
        "na": (item.na.to(language) or _("This does not apply to me")) if item.na is not None else "",
        "is_na": stored is not None and stored.status == Answer.Status.NOT_APPLICABLE,
        "picked": stored.text.split(BETWEEN) if stored and stored.text else (),
        "chosen": written(stored.value, stored.text) if stored and stored.status == Answer.Status.ANSWERED else None,
        "declined": stored is not None and stored.status == Answer.Status.DECLINED,
        "rev": stored.revision if stored else 0,
        "saved_at": _wall_time(request.enrolment, stored) if stored else None,
        **_INPUTS[item.type](item, language),
    }


def _scale(item: Item, language: str) -> dict[str, Any]:
    scale = item.scale
    assert scale is not None  # noqa: S101 - what a scale item has
    cards = is_of_cards(scale)
    labels = {shown(point): text.to(language) for point, text in scale.labels.items()}
    return {
        "cards": cards,
        "points": [{"value": shown(p), "label": labels.get(shown(p), "")} for p in scale.points] if cards else (),
        "min": plain(scale.min),
        "max": plain(scale.max),
        "step": plain(scale.step),
        "low": labels.get(shown(scale.min), ""),
        "high": labels.get(shown(scale.max), ""),
    }


def _choices(item: Item, language: str) -> dict[str, Any]:
    return {"options": [(choice.id, choice.text.to(language)) for choice in item.choices]}


def _number(item: Item, language: str) -> dict[str, Any]:
    bounds = item.bounds
    return {
        "hint": forms.off_scale(item),
        "unit": item.unit.to(language) if item.unit else "",
        "min": bounds.min,
        "max": bounds.max,
        "step": plain(bounds.step) if bounds.step is not None else "any",
        "inputmode": "decimal" if bounds.min is not None and bounds.min >= 0 else "text",
    }


def _text(item: Item, _language: str) -> dict[str, Any]:
    hint = _("At most %(n)d characters.") % {"n": item.longest} if item.longest < 1_000 else ""
    return {"hint": hint, "longest": item.longest, "is_line": item.is_line}


def _date(item: Item, _language: str) -> dict[str, Any]:
    ends = forms.ends_of(item)
    return {"hint": ends[:1].upper() + ends[1:], "min": item.earliest, "max": item.latest}


_INPUTS: Mapping[ItemType, Callable[[Item, str], dict[str, Any]]] = {
    "scale": _scale,
    "choice": _choices,
    "multi": _choices,
    "number": _number,
    "text": _text,
    "date": _date,
}
_EYES = {
    "open": lambda: _("Keep your eyes open for this."),
    "closed": lambda: _("Close your eyes for this, then open them to answer."),
    "either": lambda: _("Keep your eyes open or closed, as you like."),
}


def _recall(instrument: Instrument, language: str) -> str:
    """The time that the questions look back on, in words."""
    recall = instrument.recall
    if recall is None:
        return ""
    if not isinstance(recall, Duration):
        return recall.to(language)
    if recall.unit == "d":
        return ngettext("Think of the last day.", "Think of the last %(n)d days.", recall.count) % {"n": recall.count}
    if recall.unit == "h":
        return ngettext("Think of the last hour.", "Think of the last %(n)d hours.", recall.count) % {"n": recall.count}
    return ngettext("Think of the last minute.", "Think of the last %(n)d minutes.", round(recall.nominal_s / 60)) % {
        "n": round(recall.nominal_s / 60)
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
