"""What happened in a session's page, as the page sends it while it goes on."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

import clock
from coaching.http import ParticipantRequest
from imagery import forms, selectors
from imagery.events import NotEvents, TooMany
from imagery.services.events import NotTaken, note_events

EVENTS = "events"
MOST_BYTES = 256 * 1024


@require_POST
def events(request: ParticipantRequest, occasion: UUID) -> HttpResponse:
    """Keeps the events of an attempt; each once, whatever arrives twice."""
    found = selectors.occasion_of(request.enrolment, occasion)
    if found is None:
        raise Http404
    if _length(request) > MOST_BYTES:
        return _refused(f"more than {MOST_BYTES} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    attempt = forms.attempt(request.POST)
    if attempt is None:
        return _refused("no attempt", HTTPStatus.UNPROCESSABLE_ENTITY)
    now = clock.now()
    try:
        outcome = note_events(occasion=found, attempt=attempt, text=request.POST.get(EVENTS, ""), now=now)
    except TooMany as problem:
        return _refused(str(problem), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except NotEvents as problem:
        return _refused(str(problem), HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(outcome, NotTaken):
        return _refused(outcome.value, HTTPStatus.CONFLICT)
    return JsonResponse(
        {
            "stored": outcome.stored,
            "known": outcome.known,
            "refused": outcome.refused,
            "server_time": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z",
        }
    )


def _refused(why: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"refused": why}, status=status)


def _length(request: ParticipantRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
