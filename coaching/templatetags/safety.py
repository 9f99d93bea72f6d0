"""What stands on many pages to look after people: the way to report something, and where they find help."""

from __future__ import annotations

import uuid
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from coaching.models import Enrolment
from coaching.selectors.people import study_of

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
        "lang": language,
        "address": study.safety.to or study.contact,
    }


@register.simple_tag
def fresh_key() -> str:
    """A name for a form, so that one that is sent twice counts once."""
    return str(uuid.uuid4())


def _person(request: Any) -> Enrolment | None:
    person: Enrolment | None = getattr(request, "enrolment", None)
    return person
