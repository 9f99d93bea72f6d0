"""How reminders reach somebody: by e-mail, on their device, by text message, or not at all; and the device's worker."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

import clock
from coaching.http import ParticipantRequest
from coaching.models import Enrolment, Way
from coaching.selectors.panel import asks_contact
from coaching.selectors.people import study_of
from coaching.selectors.ways import Reached, has_texts, push_key, reached
from coaching.services import people, ways
from coaching.views.screens import go, not_yet, show

DEVICE = "device"
"""Where a session keeps which of its person's devices it is on."""


@require_http_methods(["GET", "HEAD", "POST"])
def own_reminders(request: ParticipantRequest) -> HttpResponse:
    """How reminders come now, and the choice of how they should; each way off by one button."""
    enrolment = request.enrolment
    if not_yet(enrolment) or not _is_written_to(enrolment):
        return go(not_yet(enrolment) or reverse("coaching:home"))
    if request.method != "POST":
        return _page(request)
    act = request.POST.get("act", "")
    if act:
        return _act(request, act)
    problems = _choose(request, request.POST.get("way", ""))
    return _page(request, problems, status=422) if problems else go(reverse("coaching:own_reminders"))


@require_safe
def push_worker(request: HttpRequest) -> HttpResponse:
    """The code that shows what is sent to a device. Its address never changes: browsers look there for a new one."""
    response = render(request, "coaching/push-worker.js", content_type="text/javascript; charset=utf-8")
    # It shows, and opens a page: it has to load nothing at all.
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def leave_this_device(request: ParticipantRequest) -> bool:
    """Turns reminders off on the device that the request came from; whether they were on."""
    device = request.session.pop(DEVICE, None)
    return device is not None and ways.leave_device(
        enrolment=request.enrolment, device=device, by="participant", now=clock.now()
    )


def _is_written_to(enrolment: Enrolment) -> bool:
    return asks_contact(study_of(enrolment)) and enrolment.withdrawn_at is None and enrolment.no_contact_at is None


def _act(request: ParticipantRequest, act: str) -> HttpResponse:
    """One of the buttons that stand for themselves; one that nobody has changes nothing."""
    own: dict[str, Any] = {"enrolment": request.enrolment, "by": "participant", "now": clock.now()}
    if act == "this_off":
        leave_this_device(request)
    elif act == "all_off":
        ways.choose_mail(**own)
        request.session.pop(DEVICE, None)
    elif act == "stop":
        people.stop_mail(**own)
    elif act == "again":
        people.resume_mail(**own)
    return go(reverse("coaching:own_reminders"))


def _choose(request: ParticipantRequest, way: str) -> dict[str, str]:
    """Does what was chosen; by field, why it can't be done."""
    own: dict[str, Any] = {"enrolment": request.enrolment, "by": "participant", "now": clock.now()}
    if way == Way.MAIL:
        ways.choose_mail(**own)
        request.session.pop(DEVICE, None)
    elif way == Way.PUSH and push_key() is not None:
        return _choose_device(request, own)
    elif way == Way.SMS and has_texts():
        phone = ways.number_in(request.POST.get("phone", "")[:40])
        if not phone:
            return {"phone": _("Write your number with + and the code of your country, such as +44 7700 900123.")}
        ways.choose_texts(phone=phone, **own)
        request.session.pop(DEVICE, None)
    else:
        return {"way": _("Choose one of the ways.")}
    return {}


def _choose_device(request: ParticipantRequest, own: dict[str, Any]) -> dict[str, str]:
    told: dict[str, Any] = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    if not any(told.values()) and reached(request.enrolment).way == Way.PUSH:
        return {}  # saved without JavaScript, and nothing was changed
    try:
        device = ways.choose_device(**told, **own)
    except ways.NotThere:
        return {"way": _("This browser can’t show reminders. Choose another way.")}
    if device is not None:
        request.session[DEVICE] = device.pk
    return {}


def _page(request: ParticipantRequest, problems: dict[str, str] | None = None, *, status: int = 200) -> HttpResponse:
    enrolment, problems = request.enrolment, problems or {}
    study, now, key = study_of(enrolment), reached(enrolment), push_key()
    is_here = request.session.get(DEVICE) in now.devices
    posted = request.POST.get("way", "")
    return show(
        request,
        "reminders",
        "reminders",
        study=study,
        language=enrolment.language or study.languages[0],
        status=status,
        title=gettext_lazy("How should reminders reach you?"),
        back_url=reverse("coaching:home"),
        said=_said(now),
        is_stopped=enrolment.no_mail_at is not None,
        chosen=posted if posted in Way.values else str(now.way),
        key=key.public if key is not None else "",
        has_texts=has_texts(),
        phone=request.POST.get("phone", now.phone)[:40],
        is_here=is_here,
        is_by_push=now.way == Way.PUSH,
        is_by_text=now.way == Way.SMS,
        problems=problems,
        errors=[{"id": name, "text": text} for name, text in problems.items()],
    )


def _said(now: Reached) -> str:
    """How reminders come, in a sentence."""
    if now.way == Way.PUSH:
        n = len(now.devices)
        return ngettext("Reminders come on %(n)d device.", "Reminders come on %(n)d devices.", n) % {"n": n}
    if now.way == Way.SMS:
        return _("Reminders come by text message to %(number)s.") % {"number": now.phone}
    if now.email:
        return _("Reminders come by email to %(address)s.") % {"address": now.email}
    return _("You gave us no email address, so no reminders come.")
