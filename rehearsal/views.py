"""Trying a study out as a test person, and the demonstration's three doors."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

import clock
from accounts.services import note_sign_in
from accounts.views import BACKEND
from coaching.http import ParticipantRequest, StudyRequest
from coaching.middleware import sign_in, sign_out
from coaching.models import Enrolment, Study
from coaching.selectors.people import plan_of
from coaching.selectors.studies import declared
from coaching.selectors.turns import testers
from coaching.services.walking import begin_walk
from coaching.staff_pages import crumbs, tabs
from coaching.wording import moment
from rehearsal import demo
from rehearsal.walking import fill_in


@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: StudyRequest, slug: str) -> HttpResponse:
    """The study's test persons; its posts begin a walk, or take one up again, in this browser."""
    if request.method != "POST":
        return _walks(request)
    act, now = request.POST.get("act", ""), clock.now()
    if act == "begin" and request.study.state != Study.State.CLOSED:
        return _walk_as(request, begin_walk(study=request.study, by=request.user, now=now))
    if act == "continue":
        name = request.POST.get("person", "")
        found = next((each for each in testers(request.study) if each.pseudonym == name), None)
        if found is not None:
            return _walk_as(request, found)
    return _walks(request, problem=_("Choose one of the test persons below, or begin a new walk."))


def _walk_as(request: StudyRequest, person: Enrolment) -> HttpResponse:
    """Makes this browser the person's too; whoever is signed in as staff stays so."""
    sign_in(request, person)
    return HttpResponseRedirect(reverse("coaching:home"), status=HTTPStatus.SEE_OTHER)


def _walks(request: StudyRequest, problem: str = "") -> HttpResponse:
    now, slug = clock.now(), request.study.slug
    may_erase = request.may_open("privacy:erase_person")
    context = {
        "title": _("Walk this study"),
        "nav": "studies",
        "tab": "walk",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "has_ended": request.study.state == Study.State.CLOSED,
        "rows": [_row(person, now, may_erase) for person in testers(request.study)],
        "errors": [{"id": "begin-walk", "text": problem}] if problem else [],
    }
    return render(request, "rehearsal/walk.html", context, status=422 if problem else 200)


def _row(person: Enrolment, product_now: datetime, may_erase: bool) -> dict[str, Any]:
    """How far one test person is, by their own clock."""
    now = product_now + timedelta(seconds=person.ahead_s or 0)
    planned = list(plan_of(person, person.occasions.all(), now).values()) if person.consented_at else []
    title = ""
    if person.version is not None and person.arm:
        arm = declared(person.version).arm(person.arm)
        title = arm.title.to(get_language() or "en") if arm.title else arm.name
    return {
        "person": person,
        "group": title,
        "clock": moment(now, person.timezone, product_now),
        "done": sum(each.state == "done" for each in planned),
        "missed": sum(each.state == "missed" for each in planned),
        "known": len(planned),
        "erase_url": reverse("privacy:erase_person", args=[person.study.slug, person.pseudonym]) if may_erase else "",
    }


@require_POST
def fill(request: ParticipantRequest) -> HttpResponse:
    """Does the step that is open for a test person."""
    person = _tester(request)
    try:
        occasion_id = UUID(request.POST.get("step", ""))
    except ValueError:
        occasion_id = None
    if occasion_id is not None:
        fill_in(enrolment=person, occasion_id=occasion_id, now=clock.now())
    return HttpResponseRedirect(reverse("coaching:home"), status=HTTPStatus.SEE_OTHER)


@require_POST
def end_walk(request: ParticipantRequest) -> HttpResponse:
    """Takes the test person off this browser, and leads back to the study."""
    slug = _tester(request).study.slug
    sign_out(request)
    return HttpResponseRedirect(reverse("rehearsal:walk", args=[slug]), status=HTTPStatus.SEE_OTHER)


def _tester(request: ParticipantRequest) -> Enrolment:
    if request.enrolment.ahead_s is None:
        raise Http404
    return request.enrolment


# --- the demonstration's doors ---------------------------------------------------------------------------------------


@require_POST
def demo_door(request: HttpRequest, who: str) -> HttpResponse:
    """Signs in as one of the demonstration's own people: on a machine of one's own alone, and as nobody else."""
    now = clock.now()
    if who not in demo.WAYS or not demo.is_here():
        raise Http404
    if who == "participant":
        sign_in(request, demo.fresh_participant(now=now))
        return HttpResponseRedirect(reverse("coaching:join", args=[demo.SLUG]), status=HTTPStatus.SEE_OTHER)
    user = demo.account(who)
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    note_sign_in(user=user, now=now, how="demo")
    return HttpResponseRedirect(reverse("staff_home"), status=HTTPStatus.SEE_OTHER)
