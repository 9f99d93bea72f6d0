"""The coach's list of people, and one person's page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import clock
from accounts.audit import record
from coaching.http import StaffRequest, StudyRequest
from coaching.models import Contact, Enrolment, Screening
from coaching.selectors import progress
from coaching.selectors.people import people_in, plan_of
from coaching.selectors.studies import declared, latest_version, studies_of
from coaching.services import links, people
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


@require_GET
def person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """One person: their programme, and what the other rooms have to say of them."""
    enrolment = _person(request, pseudonym)
    now, language = clock.now(), get_language() or "en"
    occasions = list(enrolment.occasions.order_by("place"))
    planned = plan_of(enrolment, occasions, now) if enrolment.consented_at and enrolment.version else {}
    annotated = progress.list_of(request.study).get(pk=enrolment.pk)
    row = progress.progress_of([annotated], now=now, language=language)[0]
    steps = [
        {
            "title": progress.title_of(enrolment, o.key, language),
            "key": o.key,
            "state": o.state if o.settled_at or o.key not in planned else planned[o.key].state,
            "opens": o.opens_at if o.settled_at or o.key not in planned else planned[o.key].opens_at,
            "closes": o.closes_at if o.settled_at or o.key not in planned else planned[o.key].closes_at,
            "settled": o.settled_at,
            "optional": o.optional,
        }
        for o in occasions
    ]
    context = {
        "title": pseudonym,
        "nav": "people",
        "tab": "people",
        "study_tabs": tabs(request, slug),
        "crumbs": [*crumbs(request, slug), {"url": reverse("coaching:people", args=[slug]), "text": _("People")}],
        "person": enrolment,
        "status": status_word(row.status),
        "kind": STATUS_KIND.get(row.status, ""),
        "zone": zone(enrolment.timezone),
        "steps": steps,
        "groups": list(enrolment.groups.items()),
        "access": request.access,
        "rooms": [(url, text) for kind, text in _rooms() if (url := _room(kind, slug, pseudonym))],
    }
    return render(request, "coaching/staff/person.html", context)


@require_POST
def reveal_contact(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Shows one person's address and external ids, once; that it was shown is in the audit log."""
    enrolment = _person(request, pseudonym)
    record(by=request.user, action="contact.reveal", now=clock.now(), study=slug, subject=pseudonym)
    contact = Contact.objects.filter(enrolment=enrolment).first()
    facts: list[tuple[str, str]] = [(_("Email"), (contact.email if contact else "") or _("None given"))]
    if contact and contact.label:
        facts.append((_("Label"), contact.label))
    external: dict[str, Any] = json.loads(contact.external_ids) if contact and contact.external_ids else {}
    facts += [(name, str(value)) for name, value in external.items()]
    context = {
        "title": _("Contact details"),
        "nav": "people",
        "crumbs": [
            *crumbs(request, slug),
            {"url": reverse("coaching:person", args=[slug, pseudonym]), "text": pseudonym},
        ],
        "facts": facts,
        "pseudonym": pseudonym,
    }
    return render(request, "coaching/staff/contact.html", context)


@require_POST
def pause_person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Pauses somebody's programme, or ends the pause: as the button said, however often it is pressed."""
    enrolment = _person(request, pseudonym)
    act = {"pause": people.pause, "resume": people.resume}.get(request.POST.get("act", ""))
    if act is None:
        raise BadRequest
    act(enrolment=enrolment, by=request.user, now=clock.now())
    return HttpResponseRedirect(reverse("coaching:person", args=[slug, pseudonym]))


@require_POST
def revoke_links(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Makes every personal link of somebody useless."""
    count = links.revoke(enrolment=_person(request, pseudonym), by=request.user, now=clock.now())
    text = ngettext("%(n)d link stopped working.", "%(n)d links stopped working.", count) % {"n": count}
    messages.success(request, text)
    return HttpResponseRedirect(reverse("coaching:person", args=[slug, pseudonym]))


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


# --- words -----------------------------------------------------------------------------------------------------------

STATUS_KIND = {"active": "info", "completed": "good", "withdrawn": "bad", "paused": "warn"}


def status_word(status: str) -> str:
    """A status as staff read it."""
    return {
        "invited": gettext("Invited"),
        "consented": gettext("Consented"),
        "active": gettext("Active"),
        "paused": gettext("Paused"),
        "completed": gettext("Completed"),
        "withdrawn": gettext("Left"),
    }[status]


def _row(row: progress.Progress, now: datetime) -> dict[str, Any]:
    person = row.enrolment
    where = zone(person.timezone)
    following = row.next
    when = ""
    if following is not None and following.opens_at is not None:
        is_open = following.opens_at <= now
        closes_at = following.closes_at if is_open else None
        text = _("closes %(when)s") if closes_at else _("open since %(when)s") if is_open else _("opens %(when)s")
        when = text % {"when": date_format(localtime(closes_at or following.opens_at, where), "SHORT_DATETIME_FORMAT")}
    return {
        "person": person,
        "status": status_word(row.status),
        "kind": STATUS_KIND.get(row.status, ""),
        "cells": [{"state": "rest" if state == "cancelled" else state, "label": title} for state, title in row.cells],
        "summary": _("%(done)d done of %(due)d due") % {"done": row.done, "due": row.due} if row.due else _("none due"),
        "next": row.next_title,
        "when": when,
        "soon": row.closes_soon,
        "last_at": row.last_at,
    }


def _person(request: StudyRequest, pseudonym: str) -> Enrolment:
    return get_object_or_404(people_in(request.study), pseudonym=pseudonym)


def _rooms() -> list[tuple[str, str]]:
    """The rooms that may have something to say of a person, with the words that lead there."""
    return [("assessments", _("Answers and scores")), ("imagery", _("Sessions, words and drawings"))]


def _room(kind: str, slug: str, pseudonym: str) -> str:
    """Where a room tells of a person; empty for a room that has nothing to tell."""
    try:
        return reverse(f"{kind}:person", args=[slug, pseudonym])
    except NoReverseMatch:
        return ""
