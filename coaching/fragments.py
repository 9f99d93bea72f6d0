"""What another room has to say about a person, included by its address: no room below imports one above."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import resolve, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from coaching.http import StudyRequest


def fragment(request: StudyRequest, route: str, **kwargs: Any) -> SafeString:
    """The HTML that a route of this study answers with; empty where it may not be looked at."""
    answer = _ask(request, route, {}, kwargs)
    # The room's own template has escaped what it says, as it would for a browser.
    return mark_safe(answer.content.decode()) if answer else SafeString()  # noqa: S308


def parts(
    request: StudyRequest, route: str, query: Mapping[str, Sequence[str]], **kwargs: Any
) -> dict[str, SafeString]:
    """Pieces of HTML by pseudonym, from a route that answers with a JSON object of them; none where there are none."""
    answer = _ask(request, route, query, kwargs)
    if answer is None:
        return {}
    return {name: mark_safe(html) for name, html in json.loads(answer.content).items()}  # noqa: S308


def _ask(
    request: StudyRequest, route: str, query: Mapping[str, Sequence[str]], kwargs: dict[str, Any]
) -> HttpResponse | None:
    """The answer of a route to this account, by the same table that a browser's request is held against."""
    if not request.may_open(route):
        return None
    match = resolve(reverse(route, kwargs={"slug": request.study.slug, **kwargs}))
    inner = copy.copy(request)
    inner.method = "GET"
    inner.GET = QueryDict(urlencode(query, doseq=True))
    response: HttpResponse = match.func(inner, *match.args, **match.kwargs)
    return response if response.status_code == 200 else None
