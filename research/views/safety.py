"""What a safety board reads: rates by group, the line listing of adverse events, the alerts; and the listing as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

import clock
from accounts.audit import record
from coaching.http import StudyRequest
from coaching.models import AdverseEvent, SafetyAlert
from coaching.selectors.arms import arm_codes, may_see_arms
from coaching.selectors.safety import version_counts
from coaching.staff_pages import crumbs, tabs
from coaching.views import day_words, event_words
from coaching.windows import zone
from research import safety
from research.demand_figures import whiskers
from research.safety import EXPOSURE, Followed
from research.safety_figures import Estimate
from research.views.choosing import SYNTHETIC, chosen_in
from research.writers.values import formula_safe

PER_PAGE = 50
GROUPS = ("", "codes")
COLUMNS = (
    *("participant", "group", "event", "version", "term", "onset_on", "severity", "serious", "relatedness"),
    *("expected", "action", "outcome", "resolved_on", "description", "recorded_at"),
)


@require_safe
def safety_page(request: StudyRequest, slug: str) -> HttpResponse:
    """Rates by group with exact intervals, every adverse event, every alert."""
    groups = request.GET.get("groups", "")
    if groups not in GROUPS:
        raise Http404
    now, choice = clock.now(), chosen_in(request, request.study)
    every = safety.followed(request.study, synthetic=choice.synthetic, now=now)
    names = _names(request, every, masked=groups == "codes")
    shown = [each for each in every if each.people or each.arm]
    shown.sort(key=lambda each: (bool(each.arm), names[each.arm]) if groups else (bool(each.arm),))
    events = safety.events(request.study, synthetic=choice.synthetic)
    page = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
    alerts = safety.alerts_of(request.study, synthetic=choice.synthetic)
    picture = whiskers([each.event_rate for each in shown], _ends(shown))
    rated = [each for each in shown if each.event_rate.value is not None]
    context = {
        "title": _("Safety"),
        "nav": "studies",
        "tab": "safety",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "rows": [_row(each, names) for each in shown],
        "picture": picture,
        "lines": [
            (line, _("%(group)s: %(rate)s") % {"group": names[each.arm], "rate": _told(each.event_rate, 1)})
            for line, each in zip(picture.lines if picture else (), rated, strict=True)
        ],
        "greatest": _number(picture.greatest, 1) if picture else "",
        "exposure": EXPOSURE,
        "page": page,
        "query": f"{choice.query}{'&groups=codes' if groups else ''}",
        "events": [_event(each, names, slug) for each in page],
        "event_count": len(events),
        "alerts": [_alert(each, names, slug, now, request) for each in alerts[:PER_PAGE]],
        "alert_count": len(alerts),
        "unseen": sum(each.seen_at is None for each in alerts),
        "groups": groups,
        "may_see_arms": may_see_arms(request.access),
        "may_open_alerts": request.may_open("coaching:alert"),
        "may_export": request.may_open("research:safety_file"),
        "people_choice": choice.people,
        "people_query": "&groups=codes" if groups else "",
        **choice.context(),
    }
    return render(request, "research/safety.html", context)


@require_POST
def safety_file(request: StudyRequest, slug: str) -> HttpResponse:
    """The line listing as CSV, one row an event by its latest version; that it was fetched is in the log."""
    groups, people = request.POST.get("groups", ""), request.POST.get("people", "")
    if groups not in GROUPS or people not in SYNTHETIC:
        raise BadRequest
    now = clock.now()
    every = safety.followed(request.study, synthetic=SYNTHETIC[people], now=now)
    names = _names(request, every, masked=groups == "codes", empty="")
    events = safety.events(request.study, synthetic=SYNTHETIC[people])
    record(by=request.user, action="safety.listing", now=now, study=slug, events=len(events), groups=groups or "names")
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    counts = version_counts(request.study)
    lines.writerows(
        [_cell(value) for value in _line(each, names, counts[each.enrolment_id, each.number])] for each in events
    )
    name = f"{request.study.slug}_adverse_events.csv"
    return HttpResponse(
        written.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _names(
    request: StudyRequest, every: Iterable[Followed], *, masked: bool, empty: str | None = None
) -> Mapping[str, str]:
    """What each arm is called on this page: by its letter where that was asked for, or where names may not be read."""
    arms = [each.arm for each in every if each.arm]
    none = empty if empty is not None else _("Not in a group")
    if masked or not may_see_arms(request.access):
        return {"": none, **arm_codes(request.study, arms)}
    return {"": none, **{arm: arm for arm in arms}}


def _ends(shown: Sequence[Followed]) -> tuple[float, float] | None:
    """From 0 on: a rate that starts at its smallest would make little of it."""
    highest = [each.event_rate.high for each in shown if each.event_rate.high is not None]
    return (0.0, max(highest)) if highest else None


def _row(each: Followed, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "group": names[each.arm],
        "people": len(each.people),
        "asked": len(each.asked),
        "alerted": len(each.alerted),
        "alerted_share": _percent(each.alerted_share),
        "alerts": each.alerts,
        "events": each.events,
        "serious": each.serious,
        "fatal": each.fatal,
        "affected": len(each.affected),
        "affected_share": _percent(each.affected_share),
        "weeks": _number(each.weeks, 1),
        "rate": _told(each.event_rate, 1),
    }


def _told(estimate: Estimate, places: int) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    value, low, high = (_number(each, places) for each in (estimate.value, estimate.low, estimate.high))
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def _percent(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    value, low, high = (_number(each * 100, 1) for each in (estimate.value, estimate.low, estimate.high))
    return _("%(value)s %% (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def _number(value: float, places: int) -> str:
    # number_format cuts what is over: 5 of 9 would be 55.5 %.
    return number_format(round(value, places), places)


def _event(event: AdverseEvent, names: Mapping[str, str], slug: str) -> dict[str, Any]:
    who = event.enrolment.pseudonym
    return {
        "who": who,
        "person_url": reverse("coaching:person", args=[slug, who]),
        "url": reverse("coaching:event", args=[slug, who, event.number]),
        "number": event.number,
        "group": names.get(event.enrolment.arm, names[""]),
        "term": event.term,
        "onset": date_format(event.onset_on, "DATE_FORMAT"),
        "severity": event_words.said("severity", event).partition(":")[0],
        "is_fatal": event.outcome == AdverseEvent.Outcome.FATAL,
        "is_serious": event.serious,
        "relatedness": event_words.said("relatedness", event),
        "expected": event_words.said("expected", event),
        "outcome": event_words.said("outcome", event),
    }


def _alert(
    alert: SafetyAlert, names: Mapping[str, str], slug: str, now: dt.datetime, request: StudyRequest
) -> dict[str, Any]:
    who, where = alert.enrolment.pseudonym, zone(alert.enrolment.timezone)
    took = round((alert.seen_at - alert.raised_at).total_seconds() / 60) if alert.seen_at else None
    return {
        "who": who,
        "url": reverse("coaching:alert", args=[slug, who, alert.pk]) if request.may_open("coaching:alert") else "",
        "group": names.get(alert.enrolment.arm, names[""]),
        "raised": day_words.moment(alert.raised_at, where, now),
        "by": alert.rule if alert.report_id is None else _("their own report"),
        "seen": _after(took) if took is not None else "",
        "level": alert.level,
    }


def _after(minutes: int) -> str:
    """How long it took until somebody looked, in the largest unit that says enough."""
    if minutes < 120:
        return ngettext("after %(n)d minute", "after %(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("after %(n)d hour", "after %(n)d hours", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("after %(n)d day", "after %(n)d days", days) % {"n": days}


def _line(event: AdverseEvent, names: Mapping[str, str], version: int) -> tuple[Any, ...]:
    return (
        event.enrolment.pseudonym,
        names.get(event.enrolment.arm, ""),
        event.number,
        version,
        event.term,
        event.onset_on,
        event.severity,
        event.serious,
        event.relatedness,
        event.expected,
        event.action,
        event.outcome,
        event.resolved_on,
        event.description,
        event.made_at,
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return formula_safe(value) if isinstance(value, str) else str(value)
