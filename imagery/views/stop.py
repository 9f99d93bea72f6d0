"""Stopping in the middle of a session: a page to come back to oneself, and every way on from there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.http import ParticipantRequest
from coaching.selectors.occasions import step_of, version_of
from coaching.selectors.studies import declared
from coaching.wording import step_title
from imagery import forms, selectors, services
from imagery.selectors import Session
from imagery.services.stopping import note_stop
from protocol.script import Stage

END = "end"
"""The field of the button that ends the session where the person is."""


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: ParticipantRequest, occasion: UUID) -> HttpResponse:
    """Where the button *Stop* leads to: its post notes that it was pressed, that of the page's own ends the session."""
    session = selectors.session(request.enrolment, occasion)
    if session is None:
        raise Http404
    if request.method == "POST":
        return (_end if END in request.POST else _note)(request, session)
    here = session.here() if session.run else None
    if here is None or selectors.refusal(session.occasion, clock.now()) is not None:
        return _to("imagery:start", occasion)
    return render(request, "imagery/stop.html", _page(request, session, here))


def _note(request: ParticipantRequest, session: Session) -> HttpResponse:
    occasion = session.occasion
    # Where there is nothing to note, the page itself leads on.
    note_stop(occasion=occasion, attempt=forms.attempt(request.POST), key=_key(request), now=clock.now())
    return _to("imagery:stop", occasion.public_id)


def _end(request: ParticipantRequest, session: Session) -> HttpResponse:
    occasion = session.occasion
    why = services.end_early(occasion=occasion, now=clock.now(), attempt=forms.attempt(request.POST))
    return _to("coaching:next") if why is None else _to("imagery:start", occasion.public_id)


def _page(request: ParticipantRequest, session: Session, here: Stage) -> dict[str, Any]:
    study = declared(version_of(request.enrolment))
    language = request.enrolment.language or study.languages[0]
    step, leave = step_of(session.occasion), session.script.safety.exit
    own = reverse("imagery:stop", args=[session.occasion.public_id])
    return {
        "screen": "session",
        "title": _("You have stopped. Your place is kept."),
        "lang": language,
        # The step's own title: the script's may give its picture away.
        "where": step_title(step, language) if step else "",
        "contact": study.contact,
        "grounding": leave.to(language) if leave else "",
        "attempt": session.begun.attempt,
        "stop_url": own,
        "stage_url": reverse("imagery:stage", args=[session.occasion.public_id, here.id]),
        "report_url": f"{reverse('coaching:tell')}?{urlencode({'from': own, 'at': 'session'})}",
    }


def _key(request: ParticipantRequest) -> UUID:
    """The name of the press; one of its own where the page gave none."""
    try:
        return UUID(request.POST.get("stop-key", ""))
    except ValueError:
        return uuid4()


def _to(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=HTTPStatus.SEE_OTHER)
