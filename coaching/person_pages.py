"""What every staff page about one person has around it, whichever room it is of: who they are, and their tabs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Prefetch
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

import clock
from coaching.http import StudyRequest
from coaching.models import AdverseEvent, Enrolment, Occasion, Pause, SafetyAlert, SafetyReport, ZoneMove
from coaching.selectors import progress
from coaching.selectors.letters import unanswered_letters
from coaching.selectors.people import people_in, plan_of
from coaching.selectors.progress import status_expression
from coaching.staff_pages import crumbs
from coaching.windows import zone

# (key, route): each is there only for those who may open it. The words are gathered in `person_tabs`.
_TABS = (
    ("timeline", "coaching:person"),
    ("answers", "assessments:person"),
    ("sessions", "imagery:person"),
    ("notes", "coaching:person_notes"),
    ("letters", "coaching:person_messages"),
    ("schedule", "coaching:person_schedule"),
)
REPORTED = SafetyReport.objects.filter(enrolment=OuterRef("pk"))
ALERTED = SafetyAlert.objects.filter(enrolment=OuterRef("pk"))
ADVERSE = AdverseEvent.objects.filter(enrolment=OuterRef("pk"))
STATUS_KIND = {"active": "info", "completed": "good", "paused": "warn"}


def person_of(request: StudyRequest, pseudonym: str) -> Enrolment:
    """The person whom a page is about, with status, steps, unanswered letters, and whether there are reports or alerts.

    Read once for a page and its parts.

    Raises:
        Http404: Nobody of the study bears that pseudonym.
    """
    at_hand: Enrolment | None = getattr(request, "person_at_hand", None)
    if at_hand is None or at_hand.pseudonym != pseudonym:
        steps = Prefetch("occasions", queryset=Occasion.objects.order_by("place"))
        found = people_in(request.study).annotate(
            status=status_expression(),
            unanswered=unanswered_letters(),
            has_reports=Exists(REPORTED),
            has_alerts=Exists(ALERTED),
            has_events=Exists(ADVERSE),
            has_pauses=Exists(Pause.objects.filter(enrolment=OuterRef("pk"))),
            has_zone_moves=Exists(ZoneMove.objects.filter(enrolment=OuterRef("pk"))),
            held_at=F("contact__held_at"),
            email_hash=F("contact__email_hash"),
        )
        at_hand = get_object_or_404(found.prefetch_related(steps), pseudonym=pseudonym)
        request.person_at_hand = at_hand  # type: ignore[attr-defined]
    return at_hand


def person_page(request: StudyRequest, person: Enrolment, tab: str) -> dict[str, Any]:
    """The context of `coaching/staff/person_base.html`: a page about `person`, of which `tab` is the one in sight."""
    slug, now = person.study.slug, own_now(person, clock.now())
    status = person_of(request, person.pseudonym).status  # type: ignore[attr-defined]
    tabs = person_tabs(request, person)
    return {
        "title": person.pseudonym,
        "page_title": next((each["text"] for each in tabs if each["key"] == tab), ""),
        "nav": "people",
        "study_tabs": tabs,
        "tab": tab,
        "tabs_label": _("Person"),
        "crumbs": [*crumbs(request, slug), {"url": reverse("coaching:people", args=[slug]), "text": _("People")}],
        "person": person,
        "zone": zone(person.timezone),
        "status": status_word(status),
        "kind": STATUS_KIND.get(status, ""),
        "lead": " · ".join(each for each in (_group(request, person), _next(person, now)) if each),
    }


def person_tabs(request: StudyRequest, person: Enrolment) -> list[dict[str, Any]]:
    """The tabs of a person that this account may open."""
    words = {
        "timeline": _("Timeline"),
        "answers": _("Answers"),
        "sessions": _("Words and drawings") if request.access.may("words") else _("Sessions"),
        "notes": _("Notes"),
        "letters": _("Messages"),
        "schedule": _("Schedule"),
    }
    return [
        {
            "key": key,
            "url": reverse(route, args=[person.study.slug, person.pseudonym]),
            "text": words[key],
            "count": person_of(request, person.pseudonym).unanswered if key == "letters" else 0,  # type: ignore[attr-defined]
        }
        for key, route in _TABS
        if request.may_open(route)
    ]


def bands_of(request: StudyRequest, person: Enrolment) -> list[tuple[str, str]]:
    """Group and band of each of a person's scores by which they were allocated: a band tells of a score."""
    return list(person.groups.items()) if request.access.may("answers") else []


def own_now(person: Enrolment, now: datetime) -> datetime:
    """This instant by the person's clock: a test person's runs ahead of everybody else's."""
    return now + timedelta(seconds=person.ahead_s or 0)


def status_word(status: str) -> str:
    """A status as staff read it."""
    return {
        "invited": gettext("Invited"),
        "consented": gettext("Consented"),
        "active": gettext("Active"),
        "paused": gettext("Paused"),
        "completed": gettext("Completed"),
        "withdrawn": gettext("Left"),
        "imported": gettext("Imported"),
    }[status]


def next_when(opens_at: datetime | None, closes_at: datetime | None, where: ZoneInfo, now: datetime) -> str:
    """When the next step of a person opens or closes, on their clock; empty where nobody knows."""
    if opens_at is None:
        return ""
    at, text = opens_at, _("opens %(when)s")
    if opens_at <= now:
        at, text = (closes_at, _("closes %(when)s")) if closes_at else (opens_at, _("open since %(when)s"))
    return text % {"when": date_format(localtime(at, where), "SHORT_DATETIME_FORMAT")}


def _group(request: StudyRequest, person: Enrolment) -> str:
    bands = [f"{name}: {label}" for name, label in bands_of(request, person)]
    if not person.arm:
        has_groups = person.consented_at is not None and person.version is not None and not person.version.is_cohort
        return ", ".join(bands) or (_("No group yet") if has_groups else "")
    return ", ".join([_("Group %(group)s") % {"group": person.arm}, *bands])


def _next(person: Enrolment, now: datetime) -> str:
    if person.consented_at is None or person.version is None or person.withdrawn_at is not None:
        return ""
    planned = plan_of(person, person.occasions.all(), now).values()
    coming = [each for each in planned if not each.is_settled]
    # Required before optional, known times before unknown ones, and the study's own order.
    coming.sort(key=lambda each: (each.step.optional, each.opens_at is None, each.opens_at or now))
    if not coming:
        return ""
    following = coming[0]
    title = _("next: %(step)s") % {"step": progress.title_of(person, following.step.id, get_language() or "en")}
    when = next_when(following.opens_at, following.closes_at, zone(person.timezone), now)
    return f"{title}, {when}" if when else title
