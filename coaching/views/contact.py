"""Address and zone: asked once at the door, and changed at home at any time."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

import clock
from coaching.forms import ContactForm
from coaching.http import ParticipantRequest
from coaching.models import Contact, Enrolment
from coaching.selectors.panel import asks_contact
from coaching.selectors.people import study_of
from coaching.services import people
from coaching.views.screens import go, show
from protocol.zones import zone_names


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: ParticipantRequest) -> HttpResponse:
    """Change address and zone."""
    enrolment = request.enrolment
    if enrolment.consented_at is None or enrolment.withdrawn_at is not None:
        return go(reverse("coaching:home"))
    return contact_page(request, enrolment, is_first=enrolment.contact_at is None)


def contact_page(request: ParticipantRequest, enrolment: Enrolment, *, is_first: bool) -> HttpResponse:
    """The form for somebody who consented; what is posted replaces what was there, and a part left out stays."""
    stored = Contact.objects.filter(enrolment=enrolment).first()
    known = {
        "email": getattr(stored, "email", ""),
        "timezone": enrolment.timezone,
    }
    has_address = asks_contact(study_of(enrolment))
    posted = {name: value for name, value in request.POST.dict().items() if has_address or name != "email"}
    form = ContactForm({**known, **posted} if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        people.record_contact(
            enrolment=enrolment,
            email=form.cleaned_data["email"],
            timezone=form.cleaned_data["timezone"],
            by="participant",
            now=clock.now(),
        )
        return go(reverse("coaching:home"))
    typed = {name: posted.get(name, value) for name, value in known.items()}
    problems = {name: str(texts[0]) for name, texts in form.errors.items()}
    return show(
        request,
        "contact",
        "contact",
        study=study_of(enrolment),
        language=enrolment.language,
        status=422 if problems else 200,
        title=gettext_lazy("How can we reach you?") if has_address else gettext_lazy("Where do you live?"),
        is_first=is_first,
        is_held=stored is not None and stored.held_at is not None,
        has_address=has_address,
        # The study's own zone stands there until the device has said its own; who was invited may have been given one.
        takes_device_zone=is_first and request.method != "POST" and enrolment.invited_at is None,
        email=typed["email"],
        email_problem=problems.get("email", ""),
        timezone=typed["timezone"],
        timezone_problem=problems.get("timezone", ""),
        errors=[{"id": name, "text": problems[name]} for name in known if name in problems],
        zones=_zones(enrolment.timezone),
        back_url="" if is_first else reverse("coaching:home"),
    )


def _zones(current: str) -> list[str]:
    """Every zone that can be chosen, and the person's own, whatever it is."""
    return sorted({*zone_names(), current})
