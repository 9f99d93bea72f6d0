"""What stands on many pages to look after people: the way to report something, and where they find help."""

from __future__ import annotations

import uuid
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode

import clock
from coaching.models import Enrolment, SafetyAlert
from coaching.selectors.care import look_by, told_to
from coaching.selectors.people import study_of
from coaching.wording import moment

register = template.Library()

# Other pages' addresses hold what opens a door, and belong in no other address.
_PAGES = ("/me/", "/q/", "/s/")


@register.simple_tag(takes_context=True)
def tell_url(context: template.Context) -> str:
    """Where the person of this page reports something; empty where there is nobody who can, and on that page itself."""
    request: Any = context.get("request")
    person = _person(request)
    if person is None or person.consented_at is None or person.withdrawn_at is not None:
        return ""
    address = reverse("coaching:tell")
    if request.path == address:
        return ""
    came_from = {"from": request.path} if request.path.startswith(_PAGES) else {}
    at = {"at": screen} if (screen := context.get("screen")) else {}
    return f"{address}?{urlencode(came_from | at)}" if came_from or at else address


@register.inclusion_tag("coaching/_support.html", takes_context=True)
def support(context: template.Context) -> dict[str, Any]:
    """Where people find help, in the words of their study, and that nobody waits here for emergencies."""
    person = _person(context.get("request"))
    study = study_of(person) if person is not None else None
    if person is None or study is None:
        return {}
    language = person.language or study.languages[0]
    return {
        "text": study.safety.support.to(language) if study.safety.support else "",
        "hours": study.safety.hours.to(language) if study.safety.hours else "",
        "lang": language,
        "address": study.safety.to or study.contact,
    }


@register.inclusion_tag("coaching/_hours.html", takes_context=True)
def out_of_hours(context: template.Context) -> dict[str, Any]:
    """What happens out of hours, in the words of the study; nothing where it says nothing."""
    person = _person(context.get("request"))
    if person is None:
        return {}
    study = study_of(person)
    language = person.language or study.languages[0]
    return {"hours": study.safety.hours.to(language) if study.safety.hours else "", "lang": language}


@register.inclusion_tag("coaching/_cared_for.html", takes_context=True)
def cared_for(context: template.Context, alert: SafetyAlert | None = None, *, helps: bool = True) -> dict[str, Any]:
    """That somebody of the team will look, and by when, and that the programme rests where it does.

    It stands on the person's own pages from an answer or a report that calls for it until somebody has looked.

    Args:
        context: The page's.
        alert: What it is about, where the page knows; else the oldest that nobody looked at.
        helps: Whether it also says where help is; not on pages that say so themselves.
    """
    request: Any = context.get("request")
    person = _person(request)
    if person is None or person.withdrawn_at is not None:
        return {}
    told = alert or told_to(person)
    if told is None or told.seen_at is not None:
        return {}
    now, by = clock.now(), look_by(person, told.raised_at)
    return {
        "is_told": True,
        "writes": told.level > 0,
        "by": moment(by, person.timezone, now) if by > now else "",
        "rests": told.paused and person.paused_at is not None,
        "is_home": context.get("screen") == "paused",
        "helps": helps,
        "request": request,
    }


@register.simple_tag
def fresh_key() -> str:
    """A name for a form, so that one that is sent twice counts once."""
    return str(uuid.uuid4())


def _person(request: Any) -> Enrolment | None:
    person: Enrolment | None = getattr(request, "enrolment", None)
    return person
