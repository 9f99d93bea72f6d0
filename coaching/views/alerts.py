"""One alert: what raised it, who was written to, and that somebody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.fragments import fragment
from coaching.http import StudyRequest
from coaching.models import Enrolment, SafetyAlert
from coaching.person_pages import person_of, person_page
from coaching.selectors import care as selectors
from coaching.selectors.people import people_in, study_of
from coaching.selectors.progress import title_of
from coaching.selectors.safety import events_of
from coaching.services.care import look
from coaching.views import day_words
from coaching.views.messages import state_word
from coaching.windows import zone
from protocol.conditions import told

LONGEST_DONE = 300


class LookForm(forms.Form):
    """That somebody has looked, and what was done."""

    done = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=LONGEST_DONE,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("In a sentence or two, without names. The person can ask to see it."),
        error_messages={
            "required": gettext_lazy("Write what was done, if only that nothing was needed."),
            "max_length": gettext_lazy("This is too long. Write at most 300 characters."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: StudyRequest, slug: str, pseudonym: str, alert: int) -> HttpResponse:
    """The page that the mail about an alert leads to; its form says that somebody has looked."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    found = selectors.alert_called(person, alert)
    if found is None:
        raise Http404
    form = LookForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, person, found, form)
    if look(alert=found, done=form.cleaned_data["done"].strip(), by=request.user, now=clock.now()):
        messages.success(request, _("Written down. Nobody is written to about it any more."))
    else:
        messages.info(request, _("Somebody had looked before you. What they wrote stands below."))
    return HttpResponseRedirect(request.path, status=303)


def _page(request: StudyRequest, person: Enrolment, found: SafetyAlert, form: LookForm) -> HttpResponse:
    person, now = person_of(request, person.pseudonym), clock.now()
    slug, name, where = request.study.slug, person.pseudonym, zone(person.timezone)
    # One person for all that is asked of the alert below.
    found.enrolment = person
    context = person_page(request, person, "") | {
        "page_title": _("Alert"),
        "alert": found,
        "causes": _causes(request, found),
        "step": title_of(person, found.occasion.key, get_language() or "en") if found.occasion else "",
        "report": _report(request, found, now),
        "answers": fragment(request, "assessments:behind_alert", pseudonym=name, alert=found.pk)
        if found.occasion_id is not None
        else "",
        "raised": day_words.moment(found.raised_at, where, now),
        "promised": day_words.moment(selectors.look_by(person, found.raised_at), where, now),
        "is_late": found.seen_at is None and selectors.look_by(person, found.raised_at) <= now,
        "seen": day_words.moment(found.seen_at, where, now) if found.seen_at else "",
        "mails": _mails(found, now),
        "events": [
            {"n": event.number, "term": event.term, "url": reverse("coaching:event", args=[slug, name, event.number])}
            for event in events_of(person)
            if event.alert_id == found.pk
        ],
        "form": form,
        "has_left": person.withdrawn_at is not None,
    }
    return render(request, "coaching/staff/alert.html", context, status=422 if form.errors else 200)


def _causes(request: StudyRequest, found: SafetyAlert) -> list[str]:
    """What raised it, in words; which rule, only to those who may read answers."""
    if found.report_id is not None:
        return [_("The person reported something.")]
    rule = selectors.rule_of(found)
    if rule is None or not request.access.may("answers"):
        return [_("An answer met a rule of the study.")]
    instrument = study_of(found.enrolment).instruments[rule.instrument]
    said = {"rule": rule.id, "title": instrument.title.to(get_language() or "en"), "when": told(rule.when)}
    causes = [_("The rule %(rule)s: %(when)s in “%(title)s”.") % said]
    if rule.times > 1:
        causes.append(_("It must hold %(n)d times running.") % {"n": rule.times})
    if rule.pauses:
        causes.append(_("It pauses the programme."))
    if not rule.alerts:
        causes.append(_("It writes to nobody."))
    return causes


def _report(request: StudyRequest, found: SafetyAlert, now: datetime) -> Mapping[str, str]:
    """What the person reported, for those who may read words; else nothing."""
    report = found.report
    if report is None or not request.access.may("words"):
        return {}
    return {
        "about": day_words.about(report.kind),
        "text": report.text,
        "contact": day_words.may_contact(report.wants_contact),
    }


def _mails(found: SafetyAlert, now: datetime) -> list[dict[str, Any]]:
    """Who has been written to: to which address, when, and what became of it."""
    addresses = selectors.on_call(found.enrolment)
    where = zone(found.enrolment.timezone)
    return [
        {
            "to": addresses[min(mail.level, len(addresses)) - 1],
            "when": day_words.moment(mail.sent_at or mail.due_at, where, now),
            "state": state_word(mail.state),
            "reason": mail.reason,
        }
        for mail in selectors.mails_about(found)
    ]
