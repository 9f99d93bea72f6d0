"""Adverse events: recorded in fixed fields, and replaced by a later version with a reason, never changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

import clock
from coaching.http import StudyRequest
from coaching.models import AdverseEvent, Enrolment, SafetyAlert
from coaching.person_pages import own_now, person_of, person_page
from coaching.selectors.care import alert_called
from coaching.selectors.people import people_in
from coaching.selectors.safety import versions_of
from coaching.services.adverse_events import Replaced, Told, problem_of, record_event, replace_event
from coaching.views import event_words
from coaching.windows import zone

LONGEST_TERM, LONGEST_DESCRIPTION, LONGEST_REASON = 120, 4_000, 300
EARLIEST = dt.date(2000, 1, 1)
_DAY = gettext_lazy("Write the day as year, month and day, such as 2027-03-28.")


def _choice(label: Any, choose: Any, hint: Any = "") -> forms.ChoiceField:
    # The list of what is missing stands above the form, away from the fields: each line says which of them it means.
    errors = {"required": choose, "invalid_choice": choose}
    return forms.ChoiceField(label=label, help_text=hint, widget=forms.RadioSelect, error_messages=errors)


def _day(label: Any, hint: Any = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput({"type": "date", "class": "day"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose the day."), "invalid": _DAY},
    )


class EventForm(forms.Form):
    """An adverse event; of a later version, also why. Nothing is chosen beforehand."""

    term = forms.CharField(
        label=gettext_lazy("What it is, in a word or two"),
        help_text=gettext_lazy("Such as: low mood, unwanted images, migraine. Write no names."),
        max_length=LONGEST_TERM,
        error_messages={
            "required": gettext_lazy("Write what it is."),
            "max_length": gettext_lazy("This is too long. Write at most 120 characters."),
        },
    )
    onset_on = _day(gettext_lazy("First day"), gettext_lazy("On the person’s calendar."))
    severity = _choice(gettext_lazy("How severe"), gettext_lazy("Choose how severe it is."))
    serious = _choice(
        gettext_lazy("Serious?"),
        gettext_lazy("Choose whether it is serious."),
        gettext_lazy("Death, danger to life, a stay in hospital, lasting harm, or a birth defect."),
    )
    relatedness = _choice(
        gettext_lazy("Did the study bring it about?"), gettext_lazy("Choose whether the study brought it about.")
    )
    expected = _choice(
        gettext_lazy("Expected?"),
        gettext_lazy("Choose whether it was expected."),
        gettext_lazy("Does the consent form or the protocol name it?"),
    )
    action = _choice(
        gettext_lazy("What was done with the programme"), gettext_lazy("Choose what was done with the programme.")
    )
    outcome = _choice(gettext_lazy("How it ended"), gettext_lazy("Choose how it ended."))
    resolved_on = _day(
        gettext_lazy("Day on which it was over"),
        gettext_lazy("Leave it empty while it is not over, and where nobody knows."),
        required=False,
    )
    description = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("Write no names. It is kept encrypted, and goes when the person is erased."),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"max_length": gettext_lazy("This is too long. Write at most 4,000 characters.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why this version replaces the one before"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 2}),
        error_messages={
            "required": gettext_lazy("Write why."),
            "max_length": gettext_lazy("This reason is too long. Write at most 300 characters."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, today: dt.date, is_later: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today
        if not is_later:
            del self.fields["reason"]
        for name, words in event_words.CHOICES.items():
            self.fields[name].choices = list(words().items())  # type: ignore[attr-defined]

    def clean_onset_on(self) -> dt.date:
        """The day, if it can have been."""
        return self._past(self.cleaned_data["onset_on"])

    def clean_resolved_on(self) -> dt.date | None:
        """The day, if it can have been; None for none."""
        day: dt.date | None = self.cleaned_data["resolved_on"]
        return self._past(day) if day is not None else None

    def clean(self) -> dict[str, Any]:
        """All of it, where nothing contradicts the rest."""
        given = self.cleaned_data
        if not self.errors:
            field, text = _problems().get(problem_of(self.told), ("", ""))
            if text:
                self.add_error(field, text)
        return given

    @property
    def told(self) -> Told:
        """What the form says of the event."""
        given = self.cleaned_data
        return Told(
            term=given["term"].strip(),
            onset_on=given["onset_on"],
            severity=given["severity"],
            serious=given["serious"] == "yes",
            relatedness=given["relatedness"],
            expected=given["expected"] == "yes",
            action=given["action"],
            outcome=given["outcome"],
            resolved_on=given["resolved_on"],
            description=given["description"].replace("\r\n", "\n").strip(),
        )

    def _past(self, day: dt.date) -> dt.date:
        if day > self.today:
            raise ValidationError(_("Choose a day that has begun."))
        if day < EARLIEST:
            raise ValidationError(_("Choose a day from the year 2000 on."))
        return day


def _problems() -> dict[str, tuple[str, str]]:
    return {
        "resolved": ("resolved_on", _("Choose a day that is not before the first day.")),
        "fatal": ("serious", _("A death is serious: choose “Yes”.")),
        "recovered": ("resolved_on", _("Leave this empty while it goes on, or say how it ended.")),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """The form for a new event; `?alert=` names the alert that it comes from."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    alert = _alert(request, person)
    if request.method != "POST":
        return _form_page(request, person, _form(person), alert=alert)
    form = _form(person, request.POST)
    if not form.is_valid():
        return _form_page(request, person, form, alert=alert)
    made = record_event(
        enrolment=person,
        told=form.told,
        key=form.cleaned_data["key"],
        by=request.user,
        now=clock.now(),
        alert=alert,
    )
    if made is None:
        raise Http404
    messages.success(request, _("The event is recorded."))
    return HttpResponseRedirect(reverse("coaching:event", args=[slug, pseudonym, made.number]), status=303)


@require_safe
def event(request: StudyRequest, slug: str, pseudonym: str, event: int) -> HttpResponse:
    """One event as it stands, and every version before."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    versions = _versions(person, event)
    context = person_page(request, person_of(request, pseudonym), "") | {
        "page_title": _("Adverse event %(n)d") % {"n": event},
        "event": versions[0],
        "versions": [_told_of(request, each) for each in versions],
        "change_url": reverse("coaching:change_event", args=[slug, pseudonym, event])
        if request.may_open("coaching:change_event")
        else "",
        "alert_url": reverse("coaching:alert", args=[slug, pseudonym, alert.pk])
        if (alert := versions[0].alert) is not None and request.may_open("coaching:alert")
        else "",
    }
    return render(request, "coaching/staff/event.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StudyRequest, slug: str, pseudonym: str, event: int) -> HttpResponse:
    """The form for a later version of an event."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    latest = _versions(person, event)[0]
    if request.method != "POST":
        return _form_page(request, person, _form(person, of=latest), latest=latest)
    # The form says which version was read: somebody may have written another since.
    base = next((each for each in _versions(person, event) if str(each.key) == request.POST.get("base")), None)
    form = _form(person, request.POST, of=latest)
    if not form.is_valid() or base is None:
        if base is None:
            form.add_error(None, _replaced())
        return _form_page(request, person, form, latest=latest)
    try:
        made = replace_event(
            event=base,
            told=form.told,
            reason=form.cleaned_data["reason"].strip(),
            key=form.cleaned_data["key"],
            by=request.user,
            now=clock.now(),
        )
    except Replaced:
        form.add_error(None, _replaced())
        return _form_page(request, person, form, latest=latest)
    if made is None:
        raise Http404
    messages.success(request, _("The new version is kept. The one before stays as it was."))
    return HttpResponseRedirect(reverse("coaching:event", args=[slug, pseudonym, event]), status=303)


def _replaced() -> str:
    return _("Somebody wrote another version meanwhile. Read it on the event’s page, then begin again.")


def _versions(person: Enrolment, number: int) -> list[AdverseEvent]:
    found = versions_of(person, number)
    if not found:
        raise Http404
    return found


def _alert(request: StudyRequest, person: Enrolment) -> SafetyAlert | None:
    named = request.POST.get("alert") or request.GET.get("alert") or ""
    return alert_called(person, int(named)) if named.isascii() and named.isdigit() and len(named) < 19 else None


def _form(person: Enrolment, data: Any = None, *, of: AdverseEvent | None = None) -> EventForm:
    today = own_now(person, clock.now()).astimezone(zone(person.timezone)).date()
    initial: dict[str, Any] = {"key": uuid.uuid4()}
    if of is not None:
        initial |= {name: getattr(of, name) for name in EventForm.base_fields if hasattr(of, name) and name != "key"}
        initial |= {"serious": _yes_no(of.serious), "expected": _yes_no(of.expected), "reason": ""}
    return EventForm(data, today=today, is_later=of is not None, initial=initial)


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _form_page(
    request: StudyRequest,
    person: Enrolment,
    form: EventForm,
    *,
    alert: SafetyAlert | None = None,
    latest: AdverseEvent | None = None,
) -> HttpResponse:
    context = person_page(request, person_of(request, person.pseudonym), "") | {
        "page_title": _("Change an adverse event") if latest else _("Record an adverse event"),
        "form": form,
        "fields": [form[name] for name in form.fields],
        "alert": alert,
        "base": request.POST.get("base") or (str(latest.key) if latest else ""),
        "latest": latest,
    }
    return render(request, "coaching/staff/event_form.html", context, status=422 if form.errors else 200)


def _told_of(request: StudyRequest, event: AdverseEvent) -> dict[str, Any]:
    """One version in words; what happened, and why it was replaced, for those who may read words."""
    words: Callable[[str], str] = lambda name: event_words.said(name, event)  # noqa: E731
    may_read = request.access.may("words")
    facts = [
        (_("First day"), date_format(event.onset_on, "DATE_FORMAT")),
        (_("How severe"), words("severity")),
        (_("Serious?"), words("serious")),
        (_("Did the study bring it about?"), words("relatedness")),
        (_("Expected?"), words("expected")),
        (_("What was done with the programme"), words("action")),
        (_("How it ended"), words("outcome")),
        (
            _("Day on which it was over"),
            date_format(event.resolved_on, "DATE_FORMAT") if event.resolved_on else "–",
        ),
    ]
    return {
        "term": event.term,
        "facts": facts,
        "description": event.description if may_read else "",
        "reason": event.reason if may_read else "",
        "at": event.made_at,
        "by": event.by.email if event.by and may_read else "",
    }
