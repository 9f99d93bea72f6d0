"""Who works on a study: roles given and taken, and the one-time links by which new colleagues come in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

import clock
from accounts.models import User
from coaching.http import StaffRequest, StudyRequest
from coaching.models import Membership, Role
from coaching.roles import MATRIX, MEANS
from coaching.selectors.studies import declared, is_link_ours, latest_version, roles_of
from coaching.services import team as services
from coaching.staff_pages import crumbs, tabs
from research.forms import MemberForm
from research.views.words import role_word


@require_GET
def team(request: StudyRequest, slug: str) -> HttpResponse:
    """Who has which role in the study."""
    return _team_page(request, slug)


@require_http_methods(["GET", "HEAD", "POST"])
def invite_member(request: StudyRequest, slug: str) -> HttpResponse:
    """Gives somebody a role; one who never used an account gets a one-time link, shown this once."""
    if request.method != "POST":
        return _back(slug)
    form = _form(request.POST)
    if not form.is_valid():
        return _team_page(request, slug, form=form)
    email, role, now = form.cleaned_data["email"], form.cleaned_data["role"], clock.now()
    user, url = services.invite_member(email=email, role=role, study=request.study, by=request.user, now=now)
    if not url and is_link_ours(user, request.study):
        # The same form again, or another role for somebody who has not come in yet: the link that is seen is the last.
        url = services.fresh_link(user=user, study=request.study, by=request.user, now=now)
    if url:
        return _team_page(request, slug, link=_link(request, user, url))
    messages.success(
        request,
        _("%(email)s has the role now: %(role)s. This account is in use, so its owner signs in as always.")
        % {"email": user.email, "role": role_word(role)},
    )
    return _back(slug)


@require_http_methods(["GET", "HEAD", "POST"])
def fresh_link(request: StudyRequest, slug: str) -> HttpResponse:
    """Another one-time link for a colleague who never came in, shown this once."""
    member = _member(request) if request.method == "POST" else None
    if member is None:
        return _gone(request, slug)
    try:
        url = services.fresh_link(user=member.user, study=request.study, by=request.user, now=clock.now())
    except services.LinkRefused:
        text = _("This account is in use: its owner signs in as always. No link was made.")
        return _team_page(request, slug, errors=[{"id": "", "text": text}])
    return _team_page(request, slug, link=_link(request, member.user, url))


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_role(request: StudyRequest, slug: str) -> HttpResponse:
    """Takes a role away, at once; one's own is asked about first."""
    member = _member(request, role=request.POST.get("role", "")) if request.method == "POST" else None
    if member is None:
        return _gone(request, slug)
    if member.user_id == request.user.pk and request.POST.get("sure") != "yes":
        return render(request, "research/leave_team.html", _around(request, slug) | {"member": _row(member, request)})
    try:
        services.revoke_role(membership=member, by=request.user, now=clock.now())
    except services.LastOwner:
        text = _("Somebody must stay who can give roles. Make somebody else an owner first. Nothing was changed.")
        return _team_page(request, slug, errors=[{"id": "", "text": text}])
    messages.success(
        request,
        _("%(email)s no longer has the role: %(role)s.") % {"email": member.user.email, "role": role_word(member.role)},
    )
    return _back(slug) if "owner" in roles_of(request.user, request.study) else _to_studies()


@require_GET
def roles(request: StaffRequest) -> HttpResponse:
    """What each role may do: the same table that the product obeys."""
    rows = [
        {"means": MEANS[capability], "cells": [role in MATRIX[capability] for role in Role.values]}
        for capability in MATRIX
    ]
    context = {"title": _("Roles"), "nav": "studies", "roles": [role_word(role) for role in Role.values], "rows": rows}
    return render(request, "research/roles.html", context)


def _back(slug: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("research:team", args=[slug]))


def _to_studies() -> HttpResponse:
    return HttpResponseRedirect(reverse("research:studies"))


def _gone(request: StudyRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        messages.warning(request, _("Nobody here has this role any more. Nothing was changed."))
    return _back(slug)


def _form(data: Any = None) -> MemberForm:
    return MemberForm([(role, role_word(role)) for role in Role.values], data)


def _member(request: StudyRequest, **of: str) -> Membership | None:
    """The role of this study that a form names: by the account's address, which is no number of a row."""
    email = request.POST.get("email", "")
    found = Membership.objects.filter(study=request.study, user__email=email, **of).select_related("user", "study")
    return found.order_by("pk").first()


def _link(request: StudyRequest, user: User, url: str) -> dict[str, str]:
    """A one-time link, and a mail that the owner's own mail program sends."""
    version = latest_version(request.study)
    title = declared(version).title.to(declared(version).languages[0])
    subject = _("Your access to the study %(title)s") % {"title": title}
    body = _(
        "Hello,\n\nwith this link you come in, once and within seven days:\n\n%(url)s\n\nSet a password then, so that "
        "you can sign in again."
    ) % {"url": url}
    return {
        "email": user.email,
        "url": url,
        "mailto": f"mailto:{quote(user.email, safe='@')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}",
    }


def _row(member: Membership, request: StudyRequest) -> dict[str, Any]:
    has_come = member.user.last_login is not None
    return {
        "email": member.user.email,
        "role": member.role,
        "role_word": role_word(member.role),
        "since": member.created_at,
        "is_me": member.user_id == request.user.pk,
        "has_come": has_come,
        "may_have_link": not has_come and is_link_ours(member.user, request.study),
    }


def _around(request: StudyRequest, slug: str) -> dict[str, Any]:
    return {
        "title": _("Team"),
        "nav": "studies",
        "tab": "team",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
    }


def _team_page(
    request: StudyRequest,
    slug: str,
    *,
    form: MemberForm | None = None,
    errors: list[dict[str, str]] | None = None,
    link: dict[str, str] | None = None,
) -> HttpResponse:
    members = Membership.objects.filter(study=request.study).select_related("user").order_by("user__email", "role")
    context = _around(request, slug) | {
        "members": [_row(member, request) for member in members],
        "form": form or _form(),
        "errors": errors or [],
        "link": link,
    }
    return render(request, "research/team.html", context, status=422 if form or errors else 200)
