"""Leaving a part of a study and staying in the rest: each act on a page of its own that says what follows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import clock
from coaching.http import ParticipantRequest
from coaching.models import Enrolment
from coaching.schedule import Planned
from coaching.selectors.leaving import offered
from coaching.selectors.people import plan_of, study_of
from coaching.services import leaving
from coaching.views.screens import go, not_yet, show

ACTS = ("training", "contact", "data")


@require_safe
def leave(request: ParticipantRequest) -> HttpResponse:
    """Every way to leave, one beside the other."""
    enrolment = request.enrolment
    if not_yet(enrolment) or enrolment.withdrawn_at is not None:
        return go(reverse("coaching:home"))
    found = ways(enrolment, _plan(enrolment))
    return _show(request, "leave", title=_("How do you want to leave?"), back_url=reverse("coaching:home"), **found)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_part(request: ParticipantRequest, act: str) -> HttpResponse:
    """What follows from one of the acts, and its button; posted, it is done. Erasing is done by its own address."""
    enrolment = request.enrolment
    if act not in ACTS:
        raise Http404
    if not_yet(enrolment) or enrolment.withdrawn_at is not None:
        return go(reverse("coaching:home"))
    if request.method == "POST":
        if act == "training":
            leaving.leave_training(enrolment=enrolment, by="participant", now=clock.now())
        elif act == "contact":
            leaving.stop_contact(enrolment=enrolment, by="participant", now=clock.now())
        return go(reverse("coaching:home"))
    if act not in offered(enrolment, _plan(enrolment)):
        return go(reverse("coaching:leave"))
    words = _words(act)
    return _show(
        request,
        "leave_part",
        title=words["title"],
        then=words["then"],
        text=words["text"],
        act={"training": "leave-training", "contact": "stop-contact", "data": "erase"}[act],
        action_url=reverse("privacy:erase") if act == "data" else reverse("coaching:leave_part", args=[act]),
        data_url=reverse("privacy:my_data") if act == "data" else "",
        back_url=reverse("coaching:home"),
    )


@require_POST
def allow_contact(request: ParticipantRequest) -> HttpResponse:
    """Messages go again."""
    leaving.allow_contact(enrolment=request.enrolment, by="participant", now=clock.now())
    return go(reverse("coaching:home"))


def ways(enrolment: Enrolment, planned: Collection[Planned]) -> dict[str, Any]:
    """What the list of ways to leave needs, here and on the person's page."""
    found = [(act, _words(act)) for act in offered(enrolment, planned)]
    return {
        "ways": [
            {"url": reverse("coaching:leave_part", args=[act]), "text": words["title"], "hint": words["hint"]}
            for act, words in found
        ],
        "silent": enrolment.no_contact_at is not None,
        "has_left_training": enrolment.left_training_at is not None,
    }


def _plan(enrolment: Enrolment) -> Collection[Planned]:
    return plan_of(enrolment, enrolment.occasions.all(), clock.now()).values()


def _words(act: str) -> dict[str, Any]:
    return {
        "training": {
            "title": _("Stop the training"),
            "hint": _("No more sessions. The questionnaires go on."),
            "text": _("Stop the training"),
            "then": [
                _("No session is offered to you any more."),
                _("The questionnaires go on as planned, and we remind you of them."),
                _("Your answers so far stay in the study."),
                _("You can’t start the training again by yourself."),
            ],
        },
        "contact": {
            "title": _("No more messages"),
            "hint": _("We send you nothing. You can still answer on your page."),
            "text": _("Send me nothing any more"),
            "then": [
                _("We send you no reminders and no other messages."),
                _("A telephone number and devices that you gave us for reminders are deleted."),
                _("The study goes on. Your link stays good, and you can answer on your page."),
                _("You still get a link when you ask for one yourself."),
                _("You can turn messages on again at any time."),
            ],
        },
        "data": {
            "title": _("Have my data erased"),
            "hint": _("Everything about you is deleted, and you leave the study."),
            "text": _("Delete everything about me"),
            "then": [
                _("Your answers, texts and drawings are deleted, and how we can reach you."),
                _("You leave the study, and your links stop working."),
                _("Only your code, your group and a few dates stay, and what you were paid."),
                _("This can’t be undone. You can get your data first, on your page."),
            ],
        },
    }[act]


def _show(request: ParticipantRequest, template: str, **context: Any) -> HttpResponse:
    enrolment = request.enrolment
    study = study_of(enrolment)
    return show(request, template, "home", study=study, language=enrolment.language or study.languages[0], **context)
