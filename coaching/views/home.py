"""A participant's home: what is next, what is done, and the ways to pause, leave and come back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

import clock
from coaching import language as languages
from coaching.http import ParticipantRequest
from coaching.middleware import sign_out as end_visit
from coaching.models import Enrolment, Occasion
from coaching.schedule import Planned
from coaching.selectors.feedback import report_is_open
from coaching.selectors.journey import Journey, journey_of
from coaching.selectors.panel import asks_contact
from coaching.selectors.people import study_of
from coaching.services import people
from coaching.views import earned
from coaching.views.leaving import ways
from coaching.views.own_calendar import coming
from coaching.views.own_letters import new_letters
from coaching.views.reminders import leave_this_device
from coaching.views.screens import go, not_yet, show
from coaching.wording import moment, step_title
from protocol.study import Study as Declared


@require_safe
def home(request: ParticipantRequest) -> HttpResponse:
    """What is next, what is done, when the next window opens."""
    enrolment, now = request.enrolment, clock.now()
    elsewhere = not_yet(enrolment)
    if elsewhere:
        return go(elsewhere)
    if enrolment.withdrawn_at is not None:
        has_letters = enrolment.letters.exists()
        return _show(
            request,
            "withdrawn",
            title=gettext_lazy("You have left the study"),
            has_letters=has_letters,
            **_taken_along(enrolment, now),
        )
    new = new_letters(request)
    study, journey = study_of(enrolment), journey_of(enrolment, now, _kinds())
    steps = [_line(each, enrolment, now) for each in journey.planned]
    own = {"codes": earned.codes(enrolment), "payments": earned.payments(enrolment, journey.planned)} | ways(
        enrolment, journey.planned
    )
    if enrolment.paused_at is not None:
        return _show(request, "paused", title=gettext_lazy("You are taking a break"), steps=steps, new=new, **own)
    return _show(
        request,
        "home",
        title=gettext_lazy("Your page"),
        next=_next(journey, enrolment, study, now),
        steps=steps,
        new=new,
        **own,
        has_address=asks_contact(study),
        has_calendar=bool(coming(journey.planned, now)),
        code=enrolment.pseudonym,
        has_report=report_is_open(enrolment),
        has_no_mail=enrolment.no_mail_at is not None,
        has_reminders=asks_contact(study) and enrolment.no_contact_at is None,
        languages_offered=languages.named(study.languages) if len(study.languages) > 1 else [],
    )


@require_safe
def next_step(request: ParticipantRequest) -> HttpResponse:
    """On to the next open step, optional ones last; with nothing open, what to wait for."""
    enrolment, now = request.enrolment, clock.now()
    elsewhere = not_yet(enrolment)
    if elsewhere or enrolment.withdrawn_at is not None or enrolment.paused_at is not None:
        return go(elsewhere or reverse("coaching:home"))
    journey = journey_of(enrolment, now, _kinds())
    if journey.after:
        return go(reverse("assessments:start", args=[journey.after[0].public_id]))
    if journey.offered:
        return go(reverse(f"{journey.offered[0].kind}:start", args=[journey.offered[0].public_id]))
    if journey.is_over:
        title = gettext_lazy("That was the last part")
        return _show(request, "done", title=title, codes=earned.codes(enrolment), debrief=earned.debrief(enrolment))
    return _show(
        request,
        "wait",
        title=gettext_lazy("Nothing to do right now"),
        opens=_opens(journey, enrolment, now),
        codes=earned.codes(enrolment),
        is_written_to=asks_contact(study_of(enrolment)) and enrolment.no_contact_at is None,
    )


@require_POST
def pause(request: ParticipantRequest) -> HttpResponse:
    """No step is offered and nothing is sent until the person comes back."""
    if request.enrolment.consented_at is not None:
        people.pause(enrolment=request.enrolment, by="participant", now=clock.now())
    return go(reverse("coaching:home"))


@require_POST
def resume(request: ParticipantRequest) -> HttpResponse:
    """Ends a pause."""
    people.resume(enrolment=request.enrolment, by="participant", now=clock.now())
    return go(reverse("coaching:home"))


@require_POST
def resume_mail(request: ParticipantRequest) -> HttpResponse:
    """Turns the reminders on again."""
    people.resume_mail(enrolment=request.enrolment, by="participant", now=clock.now())
    return go(reverse("coaching:home"))


@require_POST
def choose_language(request: ParticipantRequest) -> HttpResponse:
    """The language in which the person reads from now on; one that the study does not have changes nothing."""
    enrolment, wanted = request.enrolment, request.POST.get("language", "")
    if enrolment.consented_at is not None and wanted in study_of(enrolment).languages:
        people.choose_language(enrolment=enrolment, language=wanted)
    return go(reverse("coaching:home"))


@require_POST
def sign_out(request: ParticipantRequest) -> HttpResponse:
    """Takes the person's page off this browser, and what reminds them with it; their link opens it again."""
    leave_this_device(request)
    end_visit(request)
    return go(reverse("coaching:mail_link"))


def _kinds() -> set[str]:
    """The kinds of occasion whose room has a way in."""
    return {kind for kind in Occasion.Kind.values if _has_start(kind)}


def _has_start(kind: str) -> bool:
    try:
        reverse(f"{kind}:start", args=[uuid.UUID(int=0)])
    except NoReverseMatch:
        return False
    return True


def _show(request: ParticipantRequest, screen: str, **context: Any) -> HttpResponse:
    enrolment = request.enrolment
    study = study_of(enrolment)
    language = enrolment.language or study.languages[0]
    return show(request, screen, screen, study=study, language=language, **context)


def _taken_along(enrolment: Enrolment, now: datetime) -> dict[str, Any]:
    """What somebody who left has earned and may read; nothing for who never came in."""
    if enrolment.consented_at is None:
        return {}
    planned = journey_of(enrolment, now, _kinds()).planned if study_of(enrolment).payments is not None else ()
    return {
        "codes": earned.codes(enrolment),
        "payments": earned.payments(enrolment, planned),
        "debrief": earned.debrief(enrolment),
    }


def _next(journey: Journey, enrolment: Enrolment, study: Declared, now: datetime) -> dict[str, str]:
    """The card of the next thing to do, or of there being none."""
    if journey.after:
        ended = journey.after[0]
        return {
            "kicker": _("After this session"),
            "title": step_title(journey.step_of(ended).step, enrolment.language),
            "takes": _("How you are now"),
            "until": _open_until(ended.after_closes_at, enrolment, now),
            "text": _("Answer"),
        }
    if journey.is_over:
        return {"kicker": _("Done"), "title": _("That was the last part. Thank you."), "text": _("Go to the last page")}
    if not journey.offered:
        title, until = _("Nothing to do right now"), _opens(journey, enrolment, now)
        return {"title": title, "until": until, "text": _("Look at what comes next")}
    occasion = journey.offered[0]
    planned = journey.step_of(occasion)
    return {
        "title": step_title(planned.step, enrolment.language),
        "takes": _takes(planned, study),
        "until": _until(planned, enrolment, now),
        "text": _("Carry on") if occasion.started_at else _("Start"),
    }


def _takes(planned: Planned, study: Declared) -> str:
    if planned.step.do != "assess":
        return ""
    count = sum(len(study.instruments[name].items()) for name in planned.step.instruments)
    return ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}


def _until(planned: Planned, enrolment: Enrolment, now: datetime) -> str:
    return _open_until(planned.closes_at, enrolment, now)


def _open_until(closes_at: datetime | None, enrolment: Enrolment, now: datetime) -> str:
    if closes_at is None:
        return ""
    return _("open until %(moment)s") % {"moment": moment(closes_at, enrolment.timezone, now)}


def _opens(journey: Journey, enrolment: Enrolment, now: datetime) -> str:
    """When the next window opens, in the person's own zone; empty where nobody can know."""
    if journey.opens is None or journey.opens.opens_at is None:
        return ""
    when = moment(journey.opens.opens_at, enrolment.timezone, now)
    return _("The next part opens on %(moment)s.") % {"moment": when}


def _line(planned: Planned, enrolment: Enrolment, now: datetime) -> dict[str, str]:
    """One line of the list of what is done and what comes."""
    state, at = planned.state, planned.settled_at if planned.state == "done" else None
    if state == "waiting" and planned.opens_at is not None:
        at = planned.opens_at
    when = moment(at, enrolment.timezone, now) if at else ""
    if state == "open" and planned.step.do == "session" and not _has_start(Occasion.Kind.IMAGERY):
        state = "waiting"
    if state == "open":
        when = _until(planned, enrolment, now)
    return {"title": step_title(planned.step, enrolment.language), "state": state, "when": when}
