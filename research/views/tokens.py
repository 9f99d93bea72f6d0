"""A study's API tokens: made for a while, shown once, taken back at any time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from research.forms import TokenForm
from research.models import ApiToken
from research.selectors import tokens_of
from research.services import SCOPES, AlreadyMade, create_token
from research.services import revoke_token as revoke

# How long a token that no longer works is still listed.
LISTED_FOR = timedelta(days=90)


@require_GET
def list_tokens(request: StudyRequest, slug: str) -> HttpResponse:
    """One's own tokens of the study; an owner sees everybody's."""
    return _tokens_page(request, slug)


@sensitive_variables("text", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def make_token(request: StudyRequest, slug: str) -> HttpResponse:
    """A new token, whose text is on this one page and nowhere else."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("research:tokens", args=[slug]))
    form = TokenForm(_scopes(request), request.POST)
    if not form.is_valid():
        return _tokens_page(request, slug, form=form)
    now = clock.now()
    try:
        token, text = create_token(
            user=request.user,
            study=request.study,
            scopes=form.cleaned_data["scopes"],
            by=request.user,
            now=now,
            expires_at=now + timedelta(days=int(form.cleaned_data["days"])),
            form_key=form.cleaned_data["key"],
        )
    except AlreadyMade:
        messages.warning(
            request,
            _(
                "This form was sent before, and made one token. If you did not save its text, revoke it and make "
                "another."
            ),
        )
        return HttpResponseRedirect(reverse("research:tokens", args=[slug]))
    context = _around(request, slug) | {"token": token, "secret": text, "call": _call(slug, "$TOKEN")}
    return render(request, "research/token_made.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: StudyRequest, slug: str) -> HttpResponse:
    """Ends a token at once; ending it twice is ending it once."""
    back = HttpResponseRedirect(reverse("research:tokens", args=[slug]))
    prefix = request.POST.get("token", "") if request.method == "POST" else ""
    if not prefix:
        return back
    token = _mine(request).filter(prefix=prefix).first()
    if token is None:
        raise Http404
    revoke(token=token, by=request.user, now=clock.now())
    messages.success(request, _("The token %(prefix)s works no longer.") % {"prefix": token.prefix})
    return back


def _mine(request: StudyRequest) -> Any:
    """The tokens that this account may see and end."""
    return tokens_of(request.study, None if request.access.may("team") else request.user)


def _scopes(request: StudyRequest) -> list[tuple[str, str]]:
    """The scopes that this account's roles allow, in words."""
    words = {
        "export:read": _("Data under codes (export:read)"),
        "contact:read": _("Email addresses and external ids (contact:read)"),
        "unblind:read": _("Groups of a masked study (unblind:read)"),
    }
    return [(scope, words[scope]) for scope, needs in SCOPES.items() if request.access.may(needs)]


def _call(slug: str, token: str) -> str:
    """A first call to try."""
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('api:study', args=[slug])}"
    return f'curl -H "Authorization: Bearer {token}" "{address}"'


def _state(token: ApiToken, now: datetime) -> tuple[str, str]:
    """Whether a token works, and the look of its tag."""
    if token.revoked_at:
        return _("Revoked"), ""
    if token.expires_at and token.expires_at <= now:
        return _("Run out"), "warn"
    return _("In use"), "good"


def _around(request: StudyRequest, slug: str) -> dict[str, Any]:
    return {
        "title": _("API tokens"),
        "nav": "studies",
        "tab": "tokens",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
    }


def _tokens_page(request: StudyRequest, slug: str, *, form: TokenForm | None = None) -> HttpResponse:
    now = clock.now()
    since = now - LISTED_FOR
    listed = [t for t in _mine(request) if min(t.revoked_at or now, t.expires_at or now) > since]
    states = [_state(token, now) for token in listed]
    context = _around(request, slug) | {
        "rows": [
            {"token": token, "state": state, "is_good": state[1] == "good"}
            for token, state in zip(listed, states, strict=True)
        ],
        "sees_all": request.access.may("team"),
        "form": form or TokenForm(_scopes(request), key=secrets.token_urlsafe(24)),
        "call": _call(slug, "$TOKEN"),
    }
    return render(request, "research/tokens.html", context, status=422 if form else 200)
