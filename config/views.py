"""Pages that belong to no room."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

import clock
from accounts.models import User
from coaching.http import ParticipantRequest, StaffRequest
from coaching.models import Membership, Role
from coaching.services.walking import go_ahead
from config.context import THEMES
from config.tick import CLOSERS
from rehearsal import demo

RETRY_AFTER_S = 30


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What the product is, and its three doors."""
    return render(request, "landing.html", {"is_demo": demo.is_here()})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """`ok` while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme in a cookie (none: forgets it) and goes back to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=365 * 86_400, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    elif not chosen:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
def staff_home(request: StaffRequest) -> HttpResponse:
    """Where somebody's work is: the people for those who only look after them, the studies for everybody else."""
    roles = set(Membership.objects.filter(user=request.user).values_list("role", flat=True))
    only_people = bool(roles) and roles <= {Role.COACH, Role.OBSERVER}
    return HttpResponseRedirect(reverse("coaching:today_of_all" if only_people else "research:studies"))


@require_POST
def ahead(request: ParticipantRequest) -> HttpResponse:
    """Puts a test person's own clock to the next moment. It is here since the rooms' closers are known here."""
    person, seen = request.enrolment, request.POST.get("ahead-s", "")
    if person.ahead_s is None:
        raise Http404
    if seen == str(person.ahead_s):
        by = request.user if isinstance(request.user, User) else "participant"
        go_ahead(enrolment=person, seen_s=person.ahead_s, closers=CLOSERS, by=by, now=clock.now())
    return HttpResponseRedirect(reverse("coaching:home"), status=303)


def broken(request: HttpRequest) -> HttpResponse:
    """The page for an error of ours: a 503 where the database is away, full or too busy, for that passes."""
    is_database = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    response = HttpResponse(render_to_string("500.html"), status=503 if is_database else 500)
    if is_database:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
