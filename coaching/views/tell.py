"""Where people report that something is not well: from every page, at any time, and back to where they were."""

from __future__ import annotations

import re
import uuid
from contextlib import suppress

from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

import clock
from accounts import throttle
from coaching.forms import SafetyForm
from coaching.http import ParticipantRequest
from coaching.models import Occasion, SafetyReport
from coaching.selectors.people import study_of
from coaching.selectors.safety import report_called
from coaching.services import safety
from coaching.views.screens import go, show

FROM, AT, TOLD = "from", "at", "told"
_PAGES = ("/me/", "/q/", "/s/")
_OF_OCCASION = re.compile(r"/[qs]/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")
_LONGEST_PATH = 300


@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: ParticipantRequest) -> HttpResponse:
    """The form, and that its report is kept; for whoever left, whom they can write to."""
    person = request.enrolment
    if person.consented_at is None:
        return go(reverse("coaching:join", args=[person.study.slug]))
    if request.method != "POST":
        return _page(request, SafetyForm(initial={"key": uuid.uuid4()}))
    if person.withdrawn_at is not None:
        return go(reverse("coaching:tell"))
    form, now = SafetyForm(request.POST), clock.now()
    if not form.is_valid():
        return _page(request, form, status=422)
    if throttle.exceeded("safety:person", person.pseudonym, now):
        form.add_error(None, _("You reported a lot just now. Wait a quarter of an hour, then send this too."))
        response = _page(request, form, status=429)
        response.headers["Retry-After"] = str(throttle.retry_after_s(now))
        return response
    throttle.fail("safety:person", person.pseudonym, now)
    came_from = _came_from(request)
    made: SafetyReport | None = None
    # Whoever left meanwhile, in another window, is told so by the page.
    with suppress(safety.NotOfStudy):
        made = safety.report(
            enrolment=person,
            kind=form.cleaned_data["kind"],
            text=form.cleaned_data["text"],
            wants_contact=form.wants_contact,
            screen=_screen(request),
            occasion=_occasion(request, came_from),
            key=form.cleaned_data["key"],
            now=now,
        )
    told = {TOLD: str(made.key)} if made else {}
    return go(f"{reverse('coaching:tell')}?{urlencode({FROM: came_from} | told)}")


def _page(request: ParticipantRequest, form: SafetyForm, *, status: int = 200) -> HttpResponse:
    person, came_from = request.enrolment, _came_from(request)
    study, made = study_of(person), _told(request)
    return show(
        request,
        "tell",
        "tell",
        study=study,
        language=person.language or study.languages[0],
        status=status,
        title=gettext_lazy("Thank you. Your report is kept.") if made else gettext_lazy("Report something"),
        form=form,
        made=made,
        made_alert=getattr(made, "alert", None),
        has_left=person.withdrawn_at is not None,
        came_from=came_from,
        screen_before=_screen(request),
        back_url=came_from or reverse("coaching:home"),
    )


def _came_from(request: ParticipantRequest) -> str:
    """The address of the person's own page that led here; empty for any other."""
    path = request.POST.get(FROM) or request.GET.get(FROM) or ""
    # What begins so is on this host.
    if len(path) > _LONGEST_PATH or not path.startswith(_PAGES) or path == reverse("coaching:tell"):
        return ""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


def _screen(request: ParticipantRequest) -> str:
    screen = request.POST.get(AT) or request.GET.get(AT) or ""
    return screen if screen in safety.SCREENS else ""


def _occasion(request: ParticipantRequest, came_from: str) -> Occasion | None:
    match = _OF_OCCASION.match(came_from)
    return request.enrolment.occasions.filter(public_id=match[1]).first() if match else None


def _told(request: ParticipantRequest) -> SafetyReport | None:
    """The report that was just made, by the key of its form."""
    try:
        key = uuid.UUID(request.GET.get(TOLD, ""))
    except ValueError:
        return None
    return report_called(request.enrolment, key)
