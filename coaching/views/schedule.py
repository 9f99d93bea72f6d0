"""One person's schedule, and the changes that staff make to it: typed, looked at, then made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

import clock
from coaching.forms import MomentForm, ReasonForm
from coaching.http import StudyRequest
from coaching.models import Adjustment, Enrolment, Occasion
from coaching.person_pages import own_now, person_of, person_page
from coaching.schedule import Planned
from coaching.selectors.changes import Change, Outlook, outlook
from coaching.selectors.people import people_in, plan_of, study_of
from coaching.selectors.progress import title_of
from coaching.selectors.schedule_history import pauses_of, zone_moves_of
from coaching.services import adjusting
from coaching.services.adjusting import PlanFault
from coaching.views import schedule_words as words
from coaching.views.schedule_series import folded, with_marks
from coaching.windows import instant_of, zone


@require_safe
def person_schedule(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Every step with its window, and who changed what and why."""
    person = person_of(request, pseudonym)
    now, language = own_now(person, clock.now()), get_language() or "en"
    occasions = list(person.occasions.order_by("place"))
    planned = plan_of(person, occasions, now) if person.consented_at and person.version else {}
    may_change = request.may_open("coaching:change_step") and person.withdrawn_at is None
    steps = [_step(person, occasion, planned.get(occasion.key), language) for occasion in occasions]
    for step in steps:
        args = [slug, pseudonym, step["key"]]
        step["url"] = reverse("coaching:change_step", args=args) if step["is_live"] else ""
        step["why_url"] = reverse("coaching:why_due", args=args) if step["key"] in planned else ""
    changes = Adjustment.objects.filter(occasion__enrolment=person).select_related("occasion", "by").order_by("-pk")
    where = zone(person.timezone)
    context = person_page(request, person, "schedule") | {
        "steps": folded(with_marks(steps, study_of(person))),
        "may_change": may_change,
        "pause_form": ReasonForm(auto_id="pause_%s") if may_change and person.consented_at else None,
        "pauses": [words.pause(each) for each in pauses_of(person)],
        "zone_moves": [words.zone_move(each) for each in zone_moves_of(person)],
        # A reason is words about a person, and who changed something is of the team: not for everybody.
        "sees_reasons": request.access.may("words"),
        "changes": [
            {
                "what": words.change(
                    each.kind, title_of(person, each.occasion.key, language), each.due_at or each.closes_at, where, now
                ),
                "why": each.reason,
                "who": each.by.email if each.by else "",
                "at": each.made_at,
            }
            for each in changes
        ],
    }
    return render(request, "coaching/staff/person_schedule.html", context)


@dataclass(frozen=True, slots=True)
class _Here:
    """A step of a person, as a change of it finds it."""

    request: StudyRequest
    person: Enrolment
    occasion: Occasion
    planned: Planned
    now: datetime

    @property
    def seen(self) -> str:
        """The step's times and state: what is confirmed must be what was looked at."""
        times = (self.planned.due_at, self.planned.opens_at, self.planned.closes_at)
        return " ".join([self.planned.state, *(at.isoformat() if at else "-" for at in times)])


@require_http_methods(["GET", "HEAD", "POST"])
def change_step(request: StudyRequest, slug: str, pseudonym: str, step: str) -> HttpResponse:
    """Moves a step, gives more time for it, or skips it: first shown with all that hangs on it, then done."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    occasion = get_object_or_404(person.occasions, key=step)
    now = own_now(person, clock.now())
    planned = plan_of(person, person.occasions.all(), now).get(step) if person.version else None
    act = request.POST.get("act", "")
    if request.method == "POST" and act not in words.ACTS:
        raise BadRequest
    if request.method == "POST" and act == "skip" and occasion.skipped_at and request.POST.get("confirm") == "yes":
        return _done(request, person, "skip")  # the same button a second time
    fault = "unknown" if planned is None else "away" if person.withdrawn_at else "settled" if planned.is_settled else ""
    if fault or planned is None:
        messages.warning(request, words.fault(fault))
        return HttpResponseRedirect(reverse("coaching:person_schedule", args=[slug, pseudonym]))
    here = _Here(request, person, occasion, planned, now)
    if request.method != "POST":
        return _form_page(here)
    form = _form(act, request.POST)
    if request.POST.get("confirm") == "back" or not form.is_valid():
        return _form_page(here, act, form)
    return _change(here, act, form)


def _change(here: _Here, act: str, form: ReasonForm) -> HttpResponse:
    """The page of what would change; once confirmed, the change."""
    request, reason = here.request, form.cleaned_data["reason"]
    at, note = _moment(here.person, form)
    change = Change(here.occasion.key, act, at)  # type: ignore[arg-type]
    seen = outlook(here.person, change, here.now)
    fault = _fault(seen, change, here.now)
    if fault:
        form.add_error("date" if "date" in form.fields else None, words.fault(fault, act))
        return _form_page(here, act, form)
    is_confirmed = request.POST.get("confirm") == "yes"
    if not is_confirmed or (request.POST.get("seen") != here.seen and seen.own.moves):
        warning = _("The plan changed meanwhile. Look at it again.") if is_confirmed else ""
        return _check_page(here, act, form, seen, note=note, warning=warning)
    given = {"occasion": here.occasion, "reason": reason, "by": request.user, "now": here.now}
    try:
        if act == "skip":
            adjusting.skip_step(**given)
        elif act == "move" and at is not None:
            adjusting.move_step(due_at=at, **given)
        elif at is not None:
            adjusting.give_time(closes_at=at, **given)
    except PlanFault as found:
        form.add_error(None, words.fault(str(found), act))
        return _form_page(here, act, form)
    return _done(request, here.person, act)


def _done(request: StudyRequest, person: Enrolment, act: str) -> HttpResponse:
    messages.success(request, words.done(act))
    return HttpResponseRedirect(reverse("coaching:person_schedule", args=[person.study.slug, person.pseudonym]))


def _form(act: str, data: Any = None, initial: dict[str, Any] | None = None) -> ReasonForm:
    made: type[ReasonForm] = ReasonForm if act == "skip" else MomentForm
    return made(data, initial=initial, auto_id=f"{act}_%s")


def _moment(person: Enrolment, form: ReasonForm) -> tuple[datetime | None, str]:
    """The instant that was typed, on the person's clock, and a word where their clock has no such time, or has two."""
    if "date" not in form.fields:
        return None, ""
    where = zone(person.timezone)
    typed = datetime.combine(form.cleaned_data["date"], form.cleaned_data["time"])
    at = instant_of(typed, where)
    return at, words.clock_note(typed, at, where)


def _fault(seen: Outlook, change: Change, now: datetime) -> str:
    """Why the plan can't take the change, as the service that makes it will say; empty where it can."""
    before, after = seen.own.before, seen.own.after
    if change.act == "move":
        return "no_day" if before.due_at is None else "too_early" if after.is_settled else ""
    if change.act == "longer":
        if before.opens_at is None or before.closes_at is None:
            return "no_window"
        return "too_early" if change.at is None or change.at <= max(now, before.opens_at) else ""
    return ""


# --- the pages -------------------------------------------------------------------------------------------------------


def _step(person: Enrolment, occasion: Occasion, planned: Planned | None, language: str) -> dict[str, Any]:
    """A step as it stands; between two ticks the plan knows more than the row."""
    is_live = planned is not None and occasion.settled_at is None
    state = planned.state if planned is not None and is_live else occasion.state
    times = planned if planned is not None and is_live else occasion
    return {
        "key": occasion.key,
        "state": state,
        "title": title_of(person, occasion.key, language),
        "optional": occasion.optional,
        "tag": words.state(state, is_skipped=occasion.skipped_at is not None),
        "due": times.due_at,
        "opens": times.opens_at,
        "closes": times.closes_at,
        "settled": times.settled_at,
        "begun": occasion.started_at is not None,
        "is_live": is_live and state in {"waiting", "open"},
    }


def _form_page(here: _Here, act: str = "", form: ReasonForm | None = None) -> HttpResponse:
    person, planned, where = here.person, here.planned, zone(here.person.timezone)
    offered = {
        "move": planned.due_at,
        "longer": planned.closes_at if planned.opens_at else None,
        "skip": here.now,
    }
    acts = []
    for name, at in offered.items():
        if at is None:
            continue
        local = at.astimezone(where)
        initial = {"date": local.date(), "time": local.time().replace(microsecond=0)}
        shown = form if name == act and form is not None else _form(name, initial=initial)
        acts.append({"act": name, "title": words.ACTS[name][0], "text": words.ACTS[name][1], "form": shown})
    context = person_page(here.request, person, "schedule") | {
        "step": with_marks([_step(person, here.occasion, planned, get_language() or "en")], study_of(person))[0],
        "acts": acts,
        "form": form,
    }
    has_faults = form is not None and bool(form.errors)
    return render(here.request, "coaching/staff/change_step.html", context, status=422 if has_faults else 200)


def _check_page(here: _Here, act: str, form: ReasonForm, seen: Outlook, *, note: str, warning: str) -> HttpResponse:
    person, language, where = here.person, get_language() or "en", zone(here.person.timezone)

    def title(planned: Planned) -> str:
        return title_of(person, planned.step.id, language)

    at = seen.own.after.due_at if act == "move" else seen.own.after.closes_at
    shifts = [seen.own, *seen.others]
    typed = [(name, form.data.get(name, "")) for name in form.fields]
    context = person_page(here.request, person, "schedule") | {
        "what": words.asked(act, title(seen.own.after), at, where, here.now),
        "reason": form.cleaned_data["reason"],
        "clock_note": note,
        "warning": warning,
        "shifts": [
            {
                "title": title(shift.after),
                "before": shift.before,
                "after": shift.after,
                "skipped": act == "skip" and shift is seen.own,
            }
            for shift in shifts
        ],
        "follow": ", ".join(title(each) for each in seen.follow),
        "allocates": seen.allocates,
        "alone": not (seen.others or seen.follow or seen.allocates),
        "hidden": [("act", act), ("seen", here.seen), *typed],
    }
    return render(here.request, "coaching/staff/change_step_check.html", context)
