"""The coach's list of people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import clock
from coaching.http import StaffRequest, StudyRequest
from coaching.models import Screening
from coaching.person_pages import STATUS_KIND, next_when, status_word
from coaching.selectors import progress
from coaching.selectors.people import people_in
from coaching.selectors.studies import declared, latest_version, studies_of
from coaching.services import people
from coaching.staff_pages import crumbs, tabs
from coaching.windows import zone

PER_PAGE = 50


@require_GET
def people_of_all(request: StaffRequest) -> HttpResponse:
    """The studies whose people one looks after; straight to the list where there is only one."""
    studies = list(studies_of(request.user))
    if len(studies) == 1:
        return HttpResponseRedirect(reverse("coaching:people", args=[studies[0].slug]))
    rows = [{"study": s, "title": declared(latest_version(s)).title.to(get_language() or "en")} for s in studies]
    return render(request, "coaching/staff/people_of_all.html", {"rows": rows, "nav": "people", "title": _("People")})


@require_GET
def list_people(request: StudyRequest, slug: str) -> HttpResponse:
    """Everybody in the study: how far they are and what comes next."""
    now, language = clock.now(), get_language() or "en"
    status = request.GET.get("status", "")
    if status and status not in progress.STATUSES:
        raise Http404
    page = Paginator(progress.list_of(request.study, status=status), PER_PAGE).get_page(request.GET.get("page"))
    rows = progress.progress_of(page.object_list, now=now, language=language)
    context = {
        "title": _("People"),
        "nav": "people",
        "tab": "people",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": page,
        "query": f"&status={status}" if status else "",
        "status": status,
        "statuses": [(value, status_word(value)) for value in progress.STATUSES],
        "rows": [_row(row, now) for row in rows],
        "ineligible": Screening.objects.filter(study=request.study, outcome=Screening.Outcome.INELIGIBLE).order_by(
            "-pk"
        )[:20],
    }
    return render(request, "coaching/staff/people.html", context)


@require_POST
def reopen_door(request: StudyRequest, slug: str) -> HttpResponse:
    """Lets somebody who was not eligible answer again: by the reference they read out, or their pseudonym."""
    reference = request.POST.get("reference", "").strip().upper()
    now = clock.now()
    screening = Screening.objects.filter(study=request.study, reference=reference).first()
    invited = people_in(request.study).filter(pseudonym=reference).exclude(ineligible_by="").first()
    if screening is None and invited is None:
        messages.error(request, _("Nobody here has that code. Check the letters and numbers."))
    else:
        people.reopen(by=request.user, now=now, screening=screening, enrolment=invited if screening is None else None)
        messages.success(request, _("The door is open again for %(code)s.") % {"code": reference})
    return HttpResponseRedirect(reverse("coaching:people", args=[slug]))


def _row(row: progress.Progress, now: datetime) -> dict[str, Any]:
    following, where = row.next, zone(row.enrolment.timezone)
    return {
        "person": row.enrolment,
        "status": status_word(row.status),
        "kind": STATUS_KIND.get(row.status, ""),
        "cells": [{"state": "rest" if state == "cancelled" else state, "label": title} for state, title in row.cells],
        "summary": _("%(done)d done of %(due)d due") % {"done": row.done, "due": row.due} if row.due else _("none due"),
        "next": row.next_title,
        "when": next_when(following.opens_at, following.closes_at, where, now) if following else "",
        "soon": row.closes_soon,
        "last_at": row.last_at,
    }
