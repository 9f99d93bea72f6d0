"""A participant's own talk with the study's team."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from accounts import throttle
from coaching.forms import LetterForm
from coaching.http import ParticipantRequest
from coaching.selectors.letters import new_for, thread_of
from coaching.selectors.people import study_of
from coaching.services import letters
from coaching.views.screens import go, not_yet, show
from coaching.wording import moment

# Which letter this browser showed last; what came after it is new.
READ = "letters_read"


@require_http_methods(["GET", "HEAD", "POST"])
def own_messages(request: ParticipantRequest) -> HttpResponse:
    """What the person and the team wrote to each other; also for whoever takes a break, or is through."""
    person, now = request.enrolment, clock.now()
    elsewhere = not_yet(person)
    if elsewhere:
        return go(elsewhere)
    if request.method != "POST":
        return _page(request, LetterForm(initial={"key": uuid.uuid4()}))
    form, status = LetterForm(request.POST), 422
    if person.withdrawn_at is not None:
        return go(reverse("coaching:own_messages"))
    if form.is_valid():
        if throttle.exceeded("letter:person", person.pseudonym, now):
            form.add_error(None, _("You wrote many messages just now. Wait a quarter of an hour, then send this one."))
            status = 429
        else:
            throttle.fail("letter:person", person.pseudonym, now)
            text, key = form.cleaned_data["text"], form.cleaned_data["key"]
            # Whoever left meanwhile, in another window, is told so by the page.
            with suppress(letters.NotOfStudy):
                letters.write_to_team(enrolment=person, text=text, key=key, now=now)
            return go(reverse("coaching:own_messages"))
    response = _page(request, form, status=status)
    if status == 429:
        response.headers["Retry-After"] = str(throttle.retry_after_s(now))
    return response


def new_letters(request: ParticipantRequest) -> int:
    """How many letters of the team's this browser has not shown yet."""
    return new_for(request.enrolment, _read(request))


def _read(request: ParticipantRequest) -> int:
    read = request.session.get(READ, {})
    return int(read.get(request.enrolment.pseudonym, 0))


def _page(request: ParticipantRequest, form: LetterForm, *, status: int = 200) -> HttpResponse:
    person, now = request.enrolment, clock.now()
    study, thread = study_of(person), thread_of(person)
    read = max([_read(request), *(letter.pk for letter in thread if not letter.is_from_staff)])
    response = show(
        request,
        "messages",
        "messages",
        study=study,
        language=person.language or study.languages[0],
        status=status,
        title=_("Messages"),
        form=form,
        letters=[
            {
                "is_mine": not letter.is_from_staff,
                "is_new": letter.is_from_staff and letter.pk > read,
                "text": letter.text,
                "when": moment(letter.written_at, person.timezone, now),
            }
            for letter in thread
        ],
        hours=study.messages.hours.to(person.language or study.languages[0]) if study.messages.hours else "",
        has_left=person.withdrawn_at is not None,
        back_url=reverse("coaching:home"),
    )
    if thread and thread[-1].pk > _read(request) and request.method == "GET":
        request.session[READ] = {person.pseudonym: thread[-1].pk}
    return response
