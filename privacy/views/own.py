"""A participant's own data: seeing it, taking it along, leaving, and having it deleted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import clock
from coaching.http import DoorRequest, ParticipantRequest
from coaching.middleware import SESSION_KEY
from coaching.models import ConsentRecord, Enrolment
from coaching.selectors.studies import declared, latest_version
from coaching.wording import moment, rendered
from privacy import erasure, portability

ERASED_KEY = "erased"  # in a session: whoever came with it has been erased, and may be told so again
CHOICES = ("keep", "erase")


@require_safe
def my_data(request: ParticipantRequest) -> HttpResponse:
    """What is held of the person: how much of each kind, and the text they agreed to."""
    enrolment, now = request.enrolment, clock.now()
    tables = portability.tables_of(enrolment)
    records = ConsentRecord.objects.filter(enrolment=enrolment).order_by("pk")
    return _show(
        request,
        enrolment,
        "my_data",
        "mydata",
        title=_("Your data"),
        code=enrolment.pseudonym,
        held=[(portability.title_of(name), len(rows)) for name, rows in tables.items() if rows],
        consents=[
            {
                "text": rendered(record.text),
                "language": record.language,
                "at": moment(record.consented_at, enrolment.timezone, now),
                "statements": record.statements,
            }
            for record in records
        ],
        back_url=reverse("coaching:home"),
        has_left=enrolment.withdrawn_at is not None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: ParticipantRequest) -> HttpResponse:
    """Everything as a zip. It changes nothing, so a link will do as well as a form."""
    enrolment = request.enrolment
    response = HttpResponse(portability.archive(enrolment, now=clock.now()), content_type="application/zip")
    name = f"{enrolment.study.slug}-{enrolment.pseudonym}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: DoorRequest) -> HttpResponse:
    """Leaves the study. With nothing chosen about the data, asks again and changes nothing."""
    enrolment = request.enrolment
    if enrolment is None:
        return _nobody(request)
    choice = request.POST.get("data", "")
    if request.method != "POST" or choice not in CHOICES:
        problem = _("Choose what should happen to your answers.") if request.method == "POST" else ""
        return _show(
            request,
            enrolment,
            "withdraw",
            "home",
            status=422 if problem else 200,
            title=_("Leave the study"),
            problem=problem,
            errors=[{"id": "data", "text": problem}] if problem else [],
            back_url=reverse("coaching:home"),
        )
    erasure.leave(enrolment=enrolment, choice="erase" if choice == "erase" else "keep", now=clock.now())
    return _goodbye(request) if choice == "erase" else _go("coaching:home")


@require_POST
def erase(request: DoorRequest) -> HttpResponse:
    """Deletes all that is held of the person and signs the browser out."""
    enrolment = request.enrolment
    if enrolment is None:
        return _nobody(request)
    erasure.erase(enrolment=enrolment, by="participant", reason="participant", now=clock.now())
    return _goodbye(request)


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Says that all was erased, to the browser in which that was done; it needs nothing of the person any more."""
    if not _was_erased(request):
        return _go("coaching:mail_link")
    return render(request, "privacy/erased.html", {"screen": "withdrawn", "title": _("Everything is deleted")})


def _goodbye(request: DoorRequest) -> HttpResponse:
    # The session keeps its key: of a form that was sent twice, the second comes with the same one, and must find out
    # what the first has done.
    request.session.pop(SESSION_KEY, None)
    request.session[ERASED_KEY] = True
    return _go("privacy:erased")


def _nobody(request: HttpRequest) -> HttpResponse:
    """Where somebody goes whom this browser does not know: a repeated goodbye where the first one led."""
    return _go("privacy:erased" if _was_erased(request) else "coaching:mail_link")


def _was_erased(request: HttpRequest) -> bool:
    if request.session.get(ERASED_KEY):
        return True
    enrolment_id = request.session.get(SESSION_KEY)
    return enrolment_id is not None and Enrolment.objects.filter(pk=enrolment_id, erased_at__isnull=False).exists()


def _go(route: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(route), status=303)


def _show(
    request: HttpRequest, enrolment: Enrolment, template: str, screen: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of `templates/privacy/`, with the study's name and its contact around it."""
    study = declared(enrolment.version or latest_version(enrolment.study))
    language = enrolment.language or get_language() or study.languages[0]
    context |= {
        "screen": screen,
        "language": language,
        "where": study.title.to(language),
        "contact": study.contact,
    }
    return render(request, f"privacy/{template}.html", context, status=status)
