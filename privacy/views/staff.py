"""Erasure by staff."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.models import Enrolment
from coaching.staff_pages import crumbs, tabs
from privacy import portability
from privacy.erasure import erase
from privacy.forms import EraseForm


@require_http_methods(["GET", "HEAD", "POST"])
def erase_person(request: StudyRequest, slug: str, pseudonym: str) -> HttpResponse:
    """What an erasure takes away and what stays; posted with a reason, it is done."""
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("study", "version"), study=request.study, pseudonym=pseudonym
    )
    if enrolment.erased_at is not None and request.method != "POST":
        raise Http404
    form = EraseForm(request.POST or None)
    if request.method == "POST" and (enrolment.erased_at is not None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        erase(enrolment=enrolment, by=request.user, reason=reason, now=clock.now())
        messages.success(request, _("%(code)s is erased.") % {"code": pseudonym})
        return HttpResponseRedirect(reverse("coaching:people", args=[slug]), status=303)
    tables = portability.tables_of(enrolment)
    context = {
        "title": _("Erase %(code)s") % {"code": pseudonym},
        "nav": "people",
        "tab": "people",
        "study_tabs": tabs(request, slug),
        "crumbs": [
            *crumbs(request, slug),
            {"url": reverse("coaching:people", args=[slug]), "text": _("People")},
            {"url": reverse("coaching:person", args=[slug, pseudonym]), "text": pseudonym},
        ],
        "person": enrolment,
        "counts": [
            (_("Consent records"), len(tables["consents"])),
            (_("Steps"), len(tables["timetable"])),
            (_("Answers"), len(tables["answers"])),
            (_("Scores"), len(tables["scores"])),
            (_("Sessions"), len(tables["sessions"])),
            (_("Ratings"), len(tables["ratings"])),
            (_("Texts"), len(tables["reports"])),
            (_("Drawings"), len(tables["drawings"])),
        ],
        "form": form,
        "back_url": reverse("coaching:person", args=[slug, pseudonym]),
    }
    return render(request, "privacy/erase_person.html", context, status=422 if form.errors else 200)
