"""Knows a participant by their session, apart from staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

import clock
from coaching.language import interface_language
from coaching.models import Enrolment
from coaching.sessions import ENROLMENT

SESSION_KEY = ENROLMENT
PARTICIPANT_PATHS = ("/join/", "/p/", "/me/", "/q/", "/s/", "/m/", "/a/", "/d/", "/u/")


class ParticipantMiddleware:
    """Puts `request.enrolment` on every request: the person, or None. Their own pages then speak their language.

    A test person's pages also tell the time by that person's own clock.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, in the person's language where somebody is known."""
        enrolment = _who(request)
        request.enrolment = enrolment  # type: ignore[attr-defined]
        if enrolment is None or not is_of_participant(request.path):
            return self.get_response(request)
        if enrolment.ahead_s is None:
            return self._speak(request, enrolment)
        with clock.ahead(timedelta(seconds=enrolment.ahead_s)):
            return self._speak(request, enrolment)

    def _speak(self, request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
        if not enrolment.language:
            return self.get_response(request)
        with translation.override(interface_language(enrolment.language)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", enrolment.language)
            return response


def is_of_participant(path: str) -> bool:
    """Whether an address is one that people of a study go to. A researcher may walk beside their own pages."""
    return path.startswith(PARTICIPANT_PATHS)


def sign_in(request: HttpRequest, enrolment: Enrolment) -> None:
    """Makes this browser the person's; the session gets a new key, so that one planted before is worth nothing."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = enrolment.pk
    request.enrolment = enrolment  # type: ignore[attr-defined]


def sign_out(request: HttpRequest) -> None:
    """Takes the person off this browser, under a new session key; staff who are signed in beside them stay in."""
    request.session.pop(SESSION_KEY, None)
    request.session.cycle_key()
    request.enrolment = None  # type: ignore[attr-defined]


def _who(request: HttpRequest) -> Enrolment | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    enrolment_id = request.session.get(SESSION_KEY)
    person = getattr(request.session, "person", None)
    return person if person is not None and person.pk == enrolment_id and person.erased_at is None else None
