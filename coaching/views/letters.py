"""The talk with one person, as the study's team reads and writes it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import clock
from coaching.forms import LetterForm
from coaching.http import StudyRequest
from coaching.models import Enrolment
from coaching.person_pages import own_now, person_of, person_page
from coaching.selectors.letters import thread_of, why_no_mail
from coaching.selectors.people import people_in, study_of
from coaching.services import letters
from coaching.views.day_words import waits
from coaching.windows import zone


@require_safe
def person_messages(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """What somebody and the team wrote to each other."""
    return _page(request, person_of(request, pseudonym), _form())


@require_http_methods(["GET", "HEAD", "POST"])
def write_message(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """Writes to somebody, which answers what they wrote."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    if request.method != "POST":
        return _back(slug, pseudonym)
    form = _form(request.POST)
    if not form.is_valid():
        return _page(request, person, form)
    text, key = form.cleaned_data["text"], form.cleaned_data["key"]
    try:
        letter = letters.write_to_person(enrolment=person, text=text, key=key, by=request.user, now=clock.now())
    except letters.NotOfStudy:
        form.add_error(None, _("This person has not agreed to take part yet. Nothing was sent."))
        return _page(request, person, form)
    if letter is None:
        raise Http404
    messages.success(request, f"{_('Your message is on their page.')} {no_mail_words()[why_no_mail(person)]}")
    return _back(slug, pseudonym)


@require_POST
def messages_seen(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """The person's messages were read, as far as the page showed them, and need no answer."""
    person = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    try:
        newest = person.letters.filter(key=uuid.UUID(request.POST.get("newest", "")), is_from_staff=False).first()
    except ValueError:
        newest = None
    if newest is None:
        messages.warning(request, _("Something changed meanwhile. Nothing was changed here."))
    else:
        letters.see(enrolment=person, newest=newest.pk, by=request.user, now=clock.now())
        messages.success(request, _("Noted: read, and no answer needed."))
    return _back(slug, pseudonym)


def no_mail_words() -> dict[str, str]:
    """Whether a mail tells the person of a message, and why not."""
    return {
        "": _("A mail tells them that somebody wrote, not what."),
        "left": _("They left the study, so no mail goes to them."),
        "paused": _("They take a break, so no mail goes to them now."),
        "no_contact": _("They asked that nothing be sent, so they see it at their next visit."),
        "held": _("Mail to their address came back, so they see it at their next visit."),
        "no_mail": _("They asked for no mail, so they see it at their next visit."),
        "simulated": _("This person is simulated, so no mail goes out."),
        "no_address": _("We have no address of theirs, so they see it at their next visit."),
    }


def _back(slug: str, pseudonym: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("coaching:person_messages", args=[slug, pseudonym]))


def _form(data: Mapping[str, Any] | None = None) -> LetterForm:
    return LetterForm(data, initial={"key": uuid.uuid4()})


def _hours(person: Enrolment) -> str:
    """When the team reads what people write, as this person is told; empty where the study does not say."""
    if person.version is None:
        return ""
    study = study_of(person)
    return study.messages.hours.to(person.language or study.languages[0]) if study.messages.hours else ""


def _page(request: StudyRequest, person: Enrolment, form: LetterForm) -> HttpResponse:
    thread = thread_of(person)
    waiting = [letter for letter in thread if not letter.is_from_staff and letter.answered_at is None]
    context = person_page(request, person, "letters") | {
        "form": form,
        "letters": [
            {
                "by": (letter.author.email if letter.author else "") if letter.is_from_staff else person.pseudonym,
                "is_theirs": not letter.is_from_staff,
                "is_waiting": letter in waiting,
                "text": letter.text,
                "at": letter.written_at,
            }
            for letter in thread
        ],
        "newest": waiting[-1].key if waiting else None,
        "waits": waits(waiting[0].written_at, zone(person.timezone), own_now(person, clock.now())) if waiting else "",
        "hours": _hours(person),
        "mail": no_mail_words()[why_no_mail(person)],
    }
    return render(request, "coaching/staff/person_messages.html", context, status=422 if form.errors else 200)
