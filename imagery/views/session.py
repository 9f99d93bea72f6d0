"""Guided sessions, one stage a page. Everything works as a plain form; a GET writes nothing."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.http import ParticipantRequest
from coaching.models import Occasion
from coaching.selectors.occasions import step_of, version_of
from coaching.selectors.studies import declared
from coaching.wording import moment, step_title
from imagery import forms, selectors, services
from imagery.selectors import Refusal, Session
from imagery.selectors.versions import script_to_begin
from imagery.timeline import about_min, stage_called
from imagery.views.pages import page_of
from protocol.script import Stage
from protocol.study import Study as Declared

FRESH = timedelta(hours=12)
"""Until when carrying on is offered first; later it is beginning again, since the start may be forgotten."""


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: ParticipantRequest, occasion: UUID) -> HttpResponse:
    """The way into a session: ready to begin, or where it was left. Its post begins, carries on or begins again."""
    session = _session(request, occasion)
    return (_begin if request.method == "POST" else _ready)(request, session)


@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: ParticipantRequest, occasion: UUID, stage: str) -> HttpResponse:
    """One stage; its post stores what was given and leads on."""
    found = selectors.occasion_of(request.enrolment, occasion)
    script = selectors.script_of(found) if found else None
    here = stage_called(script, stage) if script else None
    if found is None or here is None:
        raise Http404
    return (_store if request.method == "POST" else _show)(request, found, here)


# --- the way in ------------------------------------------------------------------------------------------------------


def _ready(request: ParticipantRequest, session: Session) -> HttpResponse:
    now = clock.now()
    why = selectors.refusal(session.occasion, now)
    if why is not None:
        return _see_other("coaching:home" if why is Refusal.AWAY else "coaching:next")
    context = _around(request, session) | {"title": _title(request, session)}
    here = session.here() if session.run else None
    if session.run is None or here is None or not session.has_moved:
        script = session.script if session.run else script_to_begin(session.script, version_of(request.enrolment))
        context["minutes"] = about_min(script, _language(request))
        note = script.safety.note
        context["note"] = note.to(_language(request)) if note else ""
        return render(request, "imagery/ready.html", context)
    stopped_at = session.visits[here.id].entered_at
    context |= {
        "part": session.place(here.id),
        "parts": len(session.script.stages),
        "stopped": moment(stopped_at, request.enrolment.timezone, now),
        "again_first": now - stopped_at > FRESH,
        "run": session.run,
    }
    return render(request, "imagery/resume.html", context)


def _begin(request: ParticipantRequest, session: Session) -> HttpResponse:
    outcome = services.begin(
        occasion=session.occasion,
        now=clock.now(),
        language=_language(request),
        again=forms.attempt(request.POST, forms.RESTART),
    )
    if isinstance(outcome, Refusal):
        if outcome is Refusal.CLOSED:
            return _over(request, session, outcome, HTTPStatus.CONFLICT)
        return _see_other("coaching:home" if outcome is Refusal.AWAY else "coaching:next")
    return _to_where_they_are(outcome)


# --- a stage ---------------------------------------------------------------------------------------------------------


def _show(request: ParticipantRequest, occasion: Occasion, stage: Stage) -> HttpResponse:
    session = _session_of(occasion)
    why = selectors.refusal(session.occasion, clock.now())
    if why is Refusal.AWAY or why is Refusal.NOT_OPEN:
        return _see_other("coaching:home" if why is Refusal.AWAY else "coaching:next")
    if why is not None:
        return _over(request, session, why)
    if not session.has_reached(stage.id):
        return _to_where_they_are(session)
    return _page(request, session, stage)


def _store(request: ParticipantRequest, occasion: Occasion, stage: Stage) -> HttpResponse:
    given = forms.read_stage(stage, request.POST, request.FILES, selectors.draft_of(occasion, stage))
    if isinstance(given, forms.Fault):
        return _show_again(request, _session_of(occasion), stage, given)
    outcome = services.submit(
        occasion=occasion,
        stage=stage.id,
        given=given,
        now=clock.now(),
        language=_language(request),
        timing=forms.timing(request.POST),
        attempt=forms.attempt(request.POST),
    )
    if isinstance(outcome, Refusal):
        return _refused(request, _session_of(occasion), outcome)
    if outcome.leads_to is None:
        return _see_other("coaching:next")
    return _see_other("imagery:stage", occasion.public_id, outcome.leads_to)


def _show_again(request: ParticipantRequest, session: Session, stage: Stage, fault: forms.Fault) -> HttpResponse:
    why = selectors.refusal(session.occasion, clock.now())
    if why is None and not session.has_reached(stage.id):
        why = Refusal.ELSEWHERE
    if why is not None:
        return _refused(request, session, why)
    return _page(request, session, stage, fault)


def _page(
    request: ParticipantRequest, session: Session, stage: Stage, fault: forms.Fault | None = None
) -> HttpResponse:
    place = {"n": session.place(stage.id), "count": len(session.script.stages)}
    part = _("Part %(n)d of %(count)d") % place
    context = _around(request, session) | {
        "screen": "draw" if stage.kind == "draw" else "session",
        "title": part,
        "where_detail": part,
        "stage": stage.id,
        "kind": stage.kind,
        "attempt": session.begun.attempt,
        "voice_rate": session.script.voice.rate,
        "voice_pause_s": session.script.voice.pause.nominal_s,
        "is_sealed": session.is_sealed(stage.id),
    }
    context |= page_of(session, stage, _language(request), clock.now())
    if fault is not None:
        context |= {"errors": [{"id": fault.id, "text": fault.text}], "error": fault.text, "was_short": fault.is_short}
        if stage.id in request.POST:
            context["given"] = request.POST[stage.id]
        if stage.kind == "draw":
            context |= forms.drawn_again(request.POST)
    status = HTTPStatus.OK if fault is None else fault.status
    return render(request, f"imagery/{stage.kind}.html", context, status=status)


def _refused(request: ParticipantRequest, session: Session, why: Refusal) -> HttpResponse:
    if why is Refusal.AWAY:
        return _see_other("coaching:home")
    if why is Refusal.ELSEWHERE:
        return _to_where_they_are(session)
    return _over(request, session, why, HTTPStatus.CONFLICT)


def _over(request: ParticipantRequest, session: Session, why: Refusal, status: int = HTTPStatus.OK) -> HttpResponse:
    """That nothing more is taken; with a status of refusal, that what was sent was not stored."""
    here = session.here() if why is Refusal.SEALED else None
    context = _around(request, session) | {
        "screen": "error",
        "title": _TITLES[why](),
        "leave_url": "",
        "not_stored": status != HTTPStatus.OK,
        "was_finished": why is Refusal.FINISHED,
        "is_sealed": why is Refusal.SEALED,
        "on_url": _address(session, here) if here else reverse("coaching:home"),
    }
    return render(request, "imagery/over.html", context, status=status)


_TITLES = {
    Refusal.NOT_OPEN: lambda: _("This session is not open yet"),
    Refusal.FINISHED: lambda: _("You have finished this session"),
    Refusal.CLOSED: lambda: _("This session is closed"),
    Refusal.SEALED: lambda: _("The picture has been shown"),
}


# --- what every page of a session knows ------------------------------------------------------------------------------


def _around(request: ParticipantRequest, session: Session) -> dict[str, Any]:
    return {
        "screen": "session",
        "lang": _language(request),
        "where": _title(request, session),
        "contact": _study(request).contact,
        "leave_url": reverse("coaching:home"),
        "start_url": reverse("imagery:start", args=[session.occasion.public_id]),
        "occasion_id": session.occasion.public_id,
    }


def _title(request: ParticipantRequest, session: Session) -> str:
    """The step's own title: the script's may give its picture away."""
    step = step_of(session.occasion)
    return step_title(step, _language(request)) if step else ""


def _session(request: ParticipantRequest, occasion: UUID) -> Session:
    found = selectors.occasion_of(request.enrolment, occasion)
    if found is None:
        raise Http404
    return _session_of(found)


def _session_of(occasion: Occasion) -> Session:
    session = selectors.session_of(occasion)
    if session is None:
        raise Http404
    return session


def _to_where_they_are(session: Session) -> HttpResponse:
    here = session.here() if session.run else None
    if here is None:
        return _see_other("imagery:start", session.occasion.public_id)
    return HttpResponseRedirect(_address(session, here), status=HTTPStatus.SEE_OTHER)


def _address(session: Session, stage: Stage) -> str:
    return reverse("imagery:stage", args=[session.occasion.public_id, stage.id])


def _study(request: ParticipantRequest) -> Declared:
    return declared(version_of(request.enrolment))


def _language(request: ParticipantRequest) -> str:
    return request.enrolment.language or _study(request).languages[0]


def _see_other(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=HTTPStatus.SEE_OTHER)
