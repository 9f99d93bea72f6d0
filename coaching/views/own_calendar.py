"""A participant's coming windows as a file for their own calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import clock
from coaching.calendar_file import Window, calendar_of
from coaching.http import ParticipantRequest
from coaching.models import Enrolment
from coaching.schedule import Planned
from coaching.selectors.people import plan_of
from coaching.views.screens import go, not_yet
from protocol.study import Step


@require_safe
def own_calendar(request: ParticipantRequest) -> HttpResponse:
    """The file; to the person's page where there is nothing to come, or nothing for them."""
    person, now = request.enrolment, clock.now()
    elsewhere = not_yet(person)
    if elsewhere or person.withdrawn_at is not None:
        return go(elsewhere or reverse("coaching:home"))
    windows = _windows(person, coming(plan_of(person, person.occasions.all(), now).values(), now))
    if not windows:
        return go(reverse("coaching:home"))
    response = HttpResponse(calendar_of(windows, now=now), content_type="text/calendar; charset=utf-8")
    # Whoever looks over a shoulder at a list of downloads reads no study's name.
    response.headers["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    return response


def coming(planned: Iterable[Planned], now: datetime) -> list[Planned]:
    """The steps whose time is known and not over. A time drawn within the day is told by its reminder alone."""
    return [
        each
        for each in planned
        if each.settled_at is None
        and each.opens_at is not None
        and (each.closes_at is None or each.closes_at > now)
        and not _is_surprise(each.step)
    ]


def _is_surprise(step: Step) -> bool:
    at = step.at
    if at is None:
        return False
    is_drawn_time = at.hours is not None and at.hours[0] != at.hours[1]
    return is_drawn_time or (at.upto is not None and at.upto.unit != "d")


def _windows(person: Enrolment, steps: Iterable[Planned]) -> list[Window]:
    """The windows, in words that say nothing of what the study is about: calendars are shared, and read by others."""
    names = dict(person.occasions.values_list("key", "public_id"))
    page = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('coaching:home')}"
    title, text = _("Something is ready for you"), _("You find it on your page: %(page)s") % {"page": page}
    return [
        Window(f"{names[each.step.id]}@{settings.PUBLIC_HOST}", each.opens_at, each.closes_at, title, text)
        for each in steps
        if each.opens_at is not None and each.step.id in names
    ]
