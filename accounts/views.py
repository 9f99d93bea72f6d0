"""The staff's door: a one-time link or a password."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

import clock
from accounts import services, throttle
from accounts.forms import PasswordForm, SignInForm
from accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Address and password; the same answer whatever was wrong, and a pause after too many failures."""
    form = SignInForm(request.POST or None)
    status, now = 200, clock.now()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            email = form.cleaned_data["email"]
            keys = (("sign_in:account", email), ("sign_in:address", request.META.get("REMOTE_ADDR", "")))
            if any(throttle.exceeded(kind, key, now) for kind, key in keys):
                form.add_error(None, _("Too many tries. Wait a quarter of an hour, or ask for a new one-time link."))
                status = 429
            else:
                user = authenticate(request, username=email, password=form.cleaned_data["password"])
                if isinstance(user, User):
                    login(request, user, backend=BACKEND)
                    services.note_sign_in(user=user, now=now)
                    return HttpResponseRedirect(_next(request))
                for kind, key in keys:
                    throttle.fail(kind, key, now)
                form.add_error(None, _("This email and password do not go together."))
    response = render(request, "accounts/sign_in.html", {"form": form, "next": _next(request)}, status=status)
    if status == 429:
        response["Retry-After"] = str(throttle.retry_after_s(now))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button: opening the address alone uses nothing up, for mail scanners open it too."""
    now = clock.now()
    if request.method == "POST":
        user = services.use_sign_in_link(token=token, now=now)
        if user is not None:
            login(request, user, backend=BACKEND)
            if not user.has_usable_password():
                _offer_a_password(request)
            return HttpResponseRedirect(reverse("staff_home"))
    status = 200 if services.is_good(token, now=now) else _refused(request, now)
    response = render(request, "accounts/one_time_link.html", {"good": status == 200}, status=status)
    if status == 429:
        response["Retry-After"] = str(throttle.retry_after_s(now))
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return HttpResponseRedirect(reverse("landing"))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Sets a password, so that the next sign-in needs no link."""
    user = request.user
    if not isinstance(user, User):  # the access table lets nobody else in
        raise PermissionDenied
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_password(user=user, password=form.cleaned_data["password"], now=clock.now())
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is set."))
        return HttpResponseRedirect(reverse("staff_home"))
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


def _offer_a_password(request: HttpRequest) -> None:
    """Says, on the page that comes next, that the link is used up; whoever likes goes on without a password."""
    text = _("You are in, and your link is used up. With a password you can sign in again without one.")
    link = format_html('<a class="standalone" href="{}">{}</a>', reverse("accounts:password"), _("Set a password"))
    messages.info(request, format_html("{} {}", text, link))


def _refused(request: HttpRequest, now: datetime) -> int:
    """The status for a link that opens nothing. A link that works is never held up by others that don't."""
    kind, address = "one_time_link:address", request.META.get("REMOTE_ADDR", "")
    if throttle.exceeded(kind, address, now):
        return 429
    throttle.fail(kind, address, now)
    return 404


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: only ever an address of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("staff_home")
