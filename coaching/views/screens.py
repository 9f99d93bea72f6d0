"""How a participant's screen is put on the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from coaching.language import interface_language
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
