"""Knows a participant by their session, apart from staff."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from coaching.language import interface_language
from coaching.models import Enrolment
from coaching.sessions import ENROLMENT

SESSION_KEY = ENROLMENT


class ParticipantMiddleware:
    """Puts `request.enrolment` on every request: the person, or None. Pages then speak that person's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, in the person's language where somebody is known."""
        enrolment = _who(request)
        request.enrolment = enrolment  # type: ignore[attr-defined]
        if enrolment is None or not enrolment.language:
            return self.get_response(request)
        with translation.override(interface_language(enrolment.language)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", enrolment.language)
            return response


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
