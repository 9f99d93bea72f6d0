"""How a participant's screen is put on the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from coaching.language import interface_language
from coaching.models import Enrolment
from protocol.study import Study as Declared


def show(
    request: HttpRequest,
    template: str,
    screen: str,
    *,
    study: Declared | None,
    language: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of `templates/coaching/`, in the language in which the person reads the study."""
    context |= {"screen": screen, "language": language}
    if study is not None:
        context |= {"where": study.title.to(language), "contact": study.contact}
    with translation.override(interface_language(language)):
        response = render(request, f"coaching/{template}.html", context, status=status)
    response.headers["Content-Language"] = language
    return response


def go(url: str) -> HttpResponse:
    """On to another page, by GET: what led here may be repeated without harm."""
    return HttpResponseRedirect(url, status=303)


def not_yet(enrolment: Enrolment) -> str:
    """Where somebody belongs who is not through the door yet; empty for everybody else."""
    if enrolment.withdrawn_at is not None:
        return ""
    if enrolment.consented_at is None:
        return reverse("coaching:join", args=[enrolment.study.slug])
    return "" if enrolment.contact_at else reverse("coaching:join_contact", args=[enrolment.study.slug])
