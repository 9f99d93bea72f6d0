"""Why a step of one person is due when it is."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

import clock
from coaching.http import StudyRequest
from coaching.person_pages import own_now, person_of, person_page
from coaching.selectors.people import study_of
from coaching.selectors.progress import title_of
from coaching.selectors.why import why
from coaching.views import schedule_words as words
from coaching.views.day_words import when
from coaching.why_words import sentences
from coaching.windows import zone


@require_safe
def why_due(request: StudyRequest, slug: str, pseudonym: str, step: str) -> HttpResponse:
    """The chain from what the step hangs on to how it stands, in words."""
    person = person_of(request, pseudonym)
    now, language, where = own_now(person, clock.now()), get_language() or "en", zone(person.timezone)
    told = why(person, step, now)
    if told is None:
        raise Http404

    def at(instant: datetime) -> str:
        return when(instant, where, now)

    def named(id: str) -> str:
        # A repeated step has no title of its own: its times have.
        times = study_of(person).series(id)
        return title_of(person, times[0] if times else id, language)

    is_skipped = any(link.kind == "skipped" for link in told.links)
    context = person_page(request, person, "schedule") | {
        "step": {
            "title": named(step),
            "id": step,
            "tag": words.state(told.planned.state, is_skipped=is_skipped),
            "due": at(told.planned.due_at) if told.planned.due_at else "",
            "opens": at(told.planned.opens_at) if told.planned.opens_at else "",
            "closes": at(told.planned.closes_at) if told.planned.closes_at else "",
        },
        # A reason is words about a person, and who changed something is of the team: not for everybody.
        "sentences": sentences(told, at=at, named=named, sees_reasons=request.access.may("words")),
    }
    return render(request, "coaching/staff/why_due.html", context)
