"""The day of those who look after a study: who needs somebody, how the last days went, what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import clock
from coaching.adherence import STRIP_DAYS
from coaching.fragments import parts
from coaching.http import StaffRequest, StudyRequest
from coaching.selectors import attention, days
from coaching.selectors.attention import Need, Written
from coaching.selectors.people import people_in
from coaching.selectors.studies import declarations, studies_of
from coaching.services.attention import REASON, see_to
from coaching.staff_pages import crumbs, tabs
from coaching.views import day_words as words
from coaching.views.day_words import Titles
from coaching.windows import zone

PER_PAGE = 50
NEEDS_SHOWN = 8
LETTERS_SHOWN = 3
EVENTS_SHOWN = 6
_OF_STEPS = {"late", "closing"}
WHO: Mapping[str, bool | None] = {"": None, "real": False, "simulated": True}


@require_safe
def today_of_all(request: StaffRequest) -> HttpResponse:
    """How many people need somebody in each of one's studies; straight to the day where there is only one."""
    studies = list(studies_of(request.user))
    if len(studies) == 1:
        return HttpResponseRedirect(reverse("coaching:today", args=[studies[0].slug]))
    now = clock.now()
    people = attention.within(studies)
    needs = attention.needs_of(people, attention.letters_of(people), now)
    titles = days.titles_of(studies, get_language() or "en")
    counts = Counter(need.who.study_id for need in needs)
    studies.sort(key=lambda study: (-counts[study.pk], study.slug))
    rows = [{"study": study, "title": titles[study.pk], "needs": counts[study.pk]} for study in studies]
    context = {"title": _("Today"), "nav": "today", "lead": words.today_lead(now, zone("UTC")), "rows": rows}
    return render(request, "coaching/staff/today_of_all.html", context)


@require_safe
def today(request: StudyRequest, slug: str) -> HttpResponse:
    """The day of one study."""
    now, study = clock.now(), request.study
    sort, who = request.GET.get("sort", days.SORTS[0]), request.GET.get("who", "")
    if sort not in days.SORTS or who not in WHO:
        raise Http404
    people = attention.within([study], WHO[who])
    letters = attention.letters_of(people, latest=LETTERS_SHOWN, with_words=request.access.may("words"))
    needs = attention.needs_of(people, letters, now, with_words=request.access.may("words"))
    versions = declarations(study)
    titles = Titles(versions, get_language() or "en")
    home = zone(next(iter(versions.values())).timezone)
    table = days.listed(study, sort=sort, first=[need.who.pk for need in needs], simulated=WHO[who])
    page = Paginator(table, PER_PAGE).get_page(request.GET.get("page"))
    shown = needs if request.GET.get("needs") == "all" else needs[:NEEDS_SHOWN]
    context = {
        "title": _("Today"),
        "nav": "today",
        "tab": "today",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "lead": words.lead(now, home, len(table)),
        "count": len(needs),
        "needs": [_need(need, titles, slug, now) for need in shown],
        "more": len(needs) - len(shown),
        "next_due": words.moment(at, home, now) if not needs and (at := days.next_due(people, now)) else "",
        "acts": request.access.may("act"),
        "page": page,
        "query": "".join(f"&{urlencode({name: value})}" for name, value in (("sort", sort), ("who", who)) if value),
        "sort": sort,
        "who": who,
        "sorts": words.sorts(),
        "whos": words.whos() if who or len({person.synthetic for person in table}) > 1 else [],
        **_table(request, list(page), needs, titles, now),
        **_side(request, letters, people, titles, home, now),
        "back": request.get_full_path(),
    }
    return render(request, "coaching/staff/today.html", context)


@require_POST
def seen(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """A reason to look at somebody is seen to, without an act; twice is once."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    reasons = request.POST.getlist("reason")
    if not 0 < len(reasons) <= 100 or not all(REASON.fullmatch(reason) for reason in reasons):
        raise BadRequest
    if see_to(enrolment=person, reasons=reasons, by=request.user, now=clock.now()):
        messages.success(request, _("Seen. %(who)s is off the list for this reason.") % {"who": pseudonym})
    else:
        messages.warning(request, _("Something changed meanwhile. Nothing was changed here."))
    back = request.POST.get("back", "")
    here, theirs = reverse("coaching:today", args=[slug]), reverse("coaching:person", args=[slug, pseudonym])
    within = back.startswith((here, theirs)) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if within else here)


# --- the parts of the page -------------------------------------------------------------------------------------------


def _need(need: Need, titles: Titles, slug: str, now: datetime) -> dict[str, Any]:
    name = need.who.pseudonym
    kind, tag = words.tag(need)
    return {
        "who": name,
        "letter": name[0],
        "simulated": need.who.synthetic,
        "kind": need.kind,
        "tag_kind": kind,
        "tag": tag,
        "text": need.text,
        "evidence": words.evidence(need, titles.of(need.version_id, need.step), now),
        "url": reverse("coaching:person", args=[slug, name]),
        "reasons": need.reasons,
        "message_url": reverse("coaching:person_messages", args=[slug, name]),
        "schedule_url": reverse("coaching:person_schedule", args=[slug, name]) if need.kind in _OF_STEPS else "",
        "alert_url": reverse("coaching:alert", args=[slug, name, need.alert]) if need.alert is not None else "",
    }


def _table(
    request: StudyRequest, people: Sequence[days.Listed], needs: Sequence[Need], titles: Titles, now: datetime
) -> dict[str, Any]:
    """The strips, and the rating lines where this account may see answers."""
    has_lines = request.may_open("imagery:lines")
    names = [person.pseudonym for person in people]
    asked = {"person": names, "days": [str(STRIP_DAYS)]}
    lines = parts(request, "imagery:lines", asked) if has_lines and names else {}
    late = {need.who.pk: need.days for need in needs if need.kind == "late"}
    said = words.DayWords()
    rows = [
        _row(each, lines.get(each.person.pseudonym, ""), late, titles, said, now) for each in days.lived(people, now)
    ]
    return {"rows": rows, "has_lines": has_lines, "lines_caption": lines.get("caption", ""), "span": words.span(now)}


def _row(
    lived: days.Lived, line: str, late: Mapping[int, int], titles: Titles, day_words: words.DayWords, now: datetime
) -> dict[str, Any]:
    person, where = lived.person, zone(lived.person.timezone)
    called = partial(titles.of, person.version_id)
    said = [(day, day_words.of(day, called)) for day in lived.strip.days]
    return {
        "who": person.pseudonym,
        "simulated": person.synthetic,
        "paused": person.paused_at is not None,
        "day": _("Day %(n)d")
        % {"n": (now.astimezone(where).date() - person.consented_at.astimezone(where).date()).days + 1},
        # Fourteen hundred marks a page: put together here, and not mark by mark in the template.
        "cells": format_html_join(
            "",
            '<i class="k-{}{}" title="{}"></i>',
            ((day.state, " is-today" if day.is_today else "", text) for day, text in said),
        ),
        "days": [text for day, text in said if day.marks],
        "strip": lived.strip,
        "summary": words.summary(lived.strip),
        "line": line,
        "late": words.days_late(late[person.pk]) if person.pk in late else "",
        "next": called(lived.next.key) if lived.next else "",
        "when": words.next_when(lived, where, now),
    }


def _side(
    request: StudyRequest, letters: Sequence[Written], people: Q, titles: Titles, home: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """What today brings, and the latest letters."""
    leads_to = "coaching:person_messages" if request.may_open("coaching:person_messages") else "coaching:person"
    midnight = now.astimezone(home).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = datetime.combine(midnight.date() + timedelta(days=1), midnight.timetz())
    found = days.events(people, midnight, tomorrow, now)
    return {
        "home": home.key,
        "events": [
            {
                "time": event.at,
                "clock": words.clock_time(event.at, home),
                "text": words.event(event, titles.of(event.version_id, event.step)),
                "people": words.people_of(event),
                "who": event.people[0] if len(event.people) == 1 else "",
            }
            for event in found[:EVENTS_SHOWN]
        ],
        "more_events": max(0, len(found) - EVENTS_SHOWN),
        "letters": [
            {
                "who": letter.who.pseudonym,
                "url": reverse(leads_to, args=[request.study.slug, letter.who.pseudonym]),
                "unanswered": letter.answered_at is None,
                "text": letter.text,
                "when": words.when(letter.written_at, zone(letter.who.timezone), now),
            }
            for letter in sorted(letters, key=lambda letter: letter.written_at, reverse=True)[:LETTERS_SHOWN]
        ],
    }
