"""One person: what has happened so far, and what staff can do about their taking part."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import clock
from accounts.audit import record
from coaching.forms import REASON_LENGTH
from coaching.fragments import fragment
from coaching.http import StudyRequest
from coaching.models import Contact, Enrolment, SafetyReport
from coaching.person_pages import bands_of, own_now, person_of, person_page
from coaching.selectors.care import alerts_of
from coaching.selectors.people import people_in, study_of
from coaching.selectors.progress import title_of
from coaching.selectors.safety import events_of, reports_of
from coaching.selectors.timeline import Event, timeline_of
from coaching.services import bounces, links, people
from coaching.staff_pages import crumbs
from coaching.views import day_words
from coaching.views.day_words import moment
from coaching.windows import zone

EXCERPT = 240
# The shape of an event's mark; each has its words beside it.
MARKS = {
    "done": "done",
    "completed": "done",
    "missed": "missed",
    "skipped": "missed",
    "begun": "part",
    "safety": "letter",
    "letter.person": "letter",
    "letter.team": "letter",
    "note": "note",
    "note.addendum": "note",
    "person.pause": "paused",
}


@require_safe
def person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Who somebody is, and all that has happened to them so far."""
    enrolment = person_of(request, pseudonym)
    may, now = request.access.may, own_now(enrolment, clock.now())
    reports = reports_of(enrolment) if may("words") and enrolment.has_reports else []  # type: ignore[attr-defined]
    events = timeline_of(enrolment, now, with_letters=may("words"), with_notes=may("act"), reports=reports[::-1])
    if not may("words"):
        # What staff wrote on a change is words about a person, and who of them did something is of the team.
        events = [replace(event, by="", text="" if event.kind in _WITH_REASON else event.text) for event in events]
    if not may("answers"):
        # Which question somebody did not meet tells what they answered.
        events = [replace(event, text="") if event.kind == "ineligible" else event for event in events]
    context = person_page(request, enrolment, "timeline") | {
        "days": _days(events, enrolment, now),
        "groups": bands_of(request, enrolment),
        "address": {"held_at": enrolment.held_at, "email_hash": enrolment.email_hash},  # type: ignore[attr-defined]
        "reports": _reports(reports, enrolment, now),
        "alerts": _alerts(enrolment, now) if enrolment.has_alerts and request.may_open("coaching:alert") else [],  # type: ignore[attr-defined]
        "events": _events(enrolment) if enrolment.has_events and request.may_open("coaching:event") else [],  # type: ignore[attr-defined]
        "guesses": enrolment.consented_at is not None and study_of(enrolment).demand.guess is not None,
        "rooms": [
            found
            for route in ("assessments:summary", "imagery:summary")
            if (found := fragment(request, route, pseudonym=pseudonym))
        ],
    }
    return render(request, "coaching/staff/person.html", context)


@require_POST
def reveal_contact(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Shows one person's address and external ids, once; that it was shown is in the audit log."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    record(by=request.user, action="contact.reveal", now=clock.now(), study=slug, subject=pseudonym)
    contact = Contact.objects.filter(enrolment=enrolment).first()
    facts: list[tuple[str, str]] = [(_("Email"), (contact.email if contact else "") or _("None given"))]
    if contact and contact.phone:
        facts.append((_("Telephone"), contact.phone))
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
def hold_address(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Says that mail to somebody's address came back: nothing goes there until they enter one."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    if bounces.hold(enrolment=enrolment, reason="staff", by=request.user, now=clock.now()):
        messages.success(request, _("Noted. Nothing goes to this address until the person enters one again."))
    else:
        messages.warning(request, _("There is no address, or nothing goes there already. Nothing was changed."))
    return HttpResponseRedirect(reverse("coaching:person", args=[slug, pseudonym]))


@require_POST
def pause_person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Pauses somebody's programme, or ends the pause: as the button said, however often it is pressed."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    act = request.POST.get("act", "")
    if act == "pause":
        reason = " ".join(request.POST.get("reason", "").split())[:REASON_LENGTH]
        people.pause(enrolment=enrolment, by=request.user, now=clock.now(), reason=reason)
    elif act == "resume":
        people.resume(enrolment=enrolment, by=request.user, now=clock.now())
    else:
        raise BadRequest
    page = "coaching:person_schedule" if request.POST.get("from") == "schedule" else "coaching:person"
    return HttpResponseRedirect(reverse(page, args=[slug, pseudonym]))


@require_POST
def revoke_links(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Makes every personal link of somebody useless."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    count = links.revoke(enrolment=enrolment, by=request.user, now=clock.now())
    text = ngettext("%(n)d link stopped working.", "%(n)d links stopped working.", count) % {"n": count}
    messages.success(request, text)
    return HttpResponseRedirect(reverse("coaching:person", args=[slug, pseudonym]))


# --- what they reported ----------------------------------------------------------------------------------------------


def _reports(reports: Sequence[SafetyReport], person: Enrolment, now: datetime) -> list[dict[str, Any]]:
    """What the person reported, in words."""
    where, language = zone(person.timezone), get_language() or "en"
    return [
        {
            "about": day_words.about(report.kind),
            "is_grave": report.kind in {"unwanted", "unwell"},
            "text": report.text,
            "when": moment(report.made_at, where, now),
            "step": title_of(person, report.occasion.key, language) if report.occasion else "",
            "contact": day_words.may_contact(report.wants_contact),
            "reason": "" if report.seen_at or hasattr(report, "alert") else f"safety:{report.pk}",
            "is_open": report.seen_at is None,
            "alert": report.alert.pk if hasattr(report, "alert") else None,
        }
        for report in reports
    ]


def _alerts(person: Enrolment, now: datetime) -> list[dict[str, Any]]:
    where = zone(person.timezone)
    return [
        {
            "url": reverse("coaching:alert", args=[person.study.slug, person.pseudonym, alert.pk]),
            "when": moment(alert.raised_at, where, now),
            "is_open": alert.seen_at is None,
        }
        for alert in alerts_of(person)
    ]


def _events(person: Enrolment) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("coaching:event", args=[person.study.slug, person.pseudonym, event.number]),
            "term": event.term,
            "serious": event.serious,
        }
        for event in events_of(person)
    ]


# --- the timeline in words -------------------------------------------------------------------------------------------


def _days(events: Sequence[Event], person: Enrolment, now: datetime) -> list[dict[str, Any]]:
    """The events by day on the person's clock."""
    where, language = zone(person.timezone), get_language() or "en"

    def title(step: str) -> str:
        return title_of(person, step, language)

    lines = [(event.at.astimezone(where), _line(event, title, where, now)) for event in events]
    return [
        {"day": date_format(day, "DATE_FORMAT"), "lines": [line for _, line in found]}
        for day, found in groupby(lines, key=lambda each: each[0].date())
    ]


def _line(event: Event, title: Callable[[str], str], where: ZoneInfo, now: datetime) -> dict[str, Any]:
    local = event.at.astimezone(where)
    until = moment(event.until, where, now) if event.until else ""
    words = _words(event, title(event.step) if event.step else "", until)
    return {
        "at": local.isoformat(timespec="seconds"),
        "time": date_format(local, "H:i", use_l10n=False),
        "mark": MARKS.get(event.kind, ""),
        "head": words,
        "text": Truncator(event.text).chars(EXCERPT) if event.kind in _WITH_TEXT else "",
        "reason": event.text if event.kind in _WITH_REASON else "",
        "refused": event.refused,
        "by": event.by,
    }


_WITH_REASON = {"moved", "longer", "skipped", "person.pause"}
_WITH_TEXT = {"safety", "letter.person", "letter.team", "note", "note.addendum"}


def _words(event: Event, step: str, until: str) -> str:
    """What happened, in one line."""
    said = {
        "invited": _("Invited"),
        "ineligible": _("Not eligible by %(text)s") if event.text else _("Not eligible"),
        "consented": _("Agreed to take part (version %(version)s of the study)"),
        "allocated": _("Given a group: %(text)s") if event.text else _("Given a group"),
        "excluded": _("Not given a group: the study closed first")
        if event.text == "study_closed"
        else _("Not given a group: %(text)s"),
        "begun": _("Began: %(step)s"),
        "done": _("Done: %(step)s"),
        "missed": _("Missed: %(step)s"),
        "moved": _("Moved to %(until)s: %(step)s"),
        "longer": _("Open until %(until)s: %(step)s"),
        "skipped": _("Skipped: %(step)s"),
        "completed": _("The last step is over"),
        "left": _("Left the study"),
        "safety": _("Reported something at %(step)s") if step else _("Reported something"),
        "safety.seen": _("A report was seen to"),
        "letter.person": _("Wrote to the study team"),
        "letter.team": _("The study team wrote"),
        "letter.seen": _("A message was read and needs no answer"),
        "note": _("Note"),
        "note.addendum": _("Note added to"),
        "person.pause": _("Paused"),
        "person.resume": _("The pause ended"),
        "person.version": _("Goes by version %(version)s of the study from now on"),
        "mail.stop": _("Asked for no more reminders"),
        "mail.resume": _("Reminders are sent again"),
        "links.revoke": _("All personal links were stopped"),
        "contact.change": _("Changed the time zone: %(text)s") if event.text else _("Changed the time zone"),
    }[event.kind]
    return said % {"text": event.text, "step": step, "until": until, "version": event.version or ""}
