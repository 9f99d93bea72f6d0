"""A researcher's studies, and one study in numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import clock
from coaching.http import StaffRequest, StudyRequest
from coaching.models import Membership, Role, Study
from coaching.roles import MATRIX, MEANS
from coaching.selectors import progress
from coaching.selectors.people import people_in
from coaching.selectors.studies import declared, latest_version, studies_of
from coaching.staff_pages import crumbs, tabs
from research.selectors import flow
from research.views.words import role_word


@require_GET
def list_studies(request: StaffRequest) -> HttpResponse:
    """Every study in which this account has a role."""
    rows = []
    roles: dict[int, list[str]] = {}
    for study_id, role in Membership.objects.filter(user=request.user).values_list("study_id", "role"):
        roles.setdefault(study_id, []).append(role)
    for study in studies_of(request.user):
        version = latest_version(study)
        rows.append(
            {
                "slug": study.slug,
                "title": declared(version).title.to(get_language() or "en"),
                "version": version.n,
                "roles": ", ".join(role_word(role) for role in sorted(roles[study.pk])),
                "consented": people_in(study).filter(consented_at__isnull=False).count(),
            }
        )
    return render(request, "research/studies.html", {"rows": rows, "nav": "studies", "title": _("Studies")})


@require_GET
def overview(request: StudyRequest, slug: str) -> HttpResponse:
    """The study in numbers: who came, who is where, what was answered."""
    now, language = clock.now(), get_language() or "en"
    version = latest_version(request.study)
    declaration = declared(version)
    numbers = flow(request.study)
    arms = [
        {"title": arm.title.to(language) if arm.title else arm.name, **numbers["arms"][arm.name]}
        for arm in declaration.arms
        if arm.name in numbers["arms"]
    ]
    excluded = list(numbers["excluded"].items())
    excluded_total = sum(n for _reason, n in excluded)
    people = people_in(request.study)
    context = {
        "title": declaration.title.to(language),
        "nav": "studies",
        "tab": "overview",
        "study_tabs": tabs(request, slug),
        "crumbs": [{"url": reverse("research:studies"), "text": _("Studies")}, {"url": "", "text": slug}],
        "lead": _lead(declaration, version.n),
        "kpis": [
            {"label": _("Consented"), "number": numbers["consented"], "rest": ""},
            {"label": _("Allocated"), "number": numbers["allocated"], "rest": ""},
            {"label": _("Completed"), "number": people.filter(completed_at__isnull=False).count(), "rest": ""},
            {"label": _("Left"), "number": people.filter(withdrawn_at__isnull=False).count(), "rest": ""},
        ],
        "flow": numbers,
        "arms": arms,
        "excluded": excluded,
        "excluded_total": excluded_total,
        "unfinished": numbers["assessed"] - excluded_total - numbers["consented"],
        "live": date_format(now, "SHORT_DATETIME_FORMAT"),
        "weeks": _weeks(request.study),
        "steps": _steps(request.study, declaration, language),
        "synthetic": people.filter(synthetic=True).count(),
    }
    return render(request, "research/study.html", context)


@require_GET
def team(request: StudyRequest, slug: str) -> HttpResponse:
    """Who has which role in the study."""
    members = Membership.objects.filter(study=request.study).select_related("user").order_by("user__email", "role")
    context = {
        "title": _("Team"),
        "nav": "studies",
        "tab": "team",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "members": [{"email": m.user.email, "role": role_word(m.role), "since": m.created_at} for m in members],
    }
    return render(request, "research/team.html", context)


@require_GET
def roles(request: StaffRequest) -> HttpResponse:
    """What each role may do: the same table that the product obeys."""
    rows = [
        {"means": MEANS[capability], "cells": [role in MATRIX[capability] for role in Role.values]}
        for capability in MATRIX
    ]
    context = {"title": _("Roles"), "nav": "studies", "roles": [role_word(role) for role in Role.values], "rows": rows}
    return render(request, "research/roles.html", context)


def _lead(declaration: Any, n: int) -> str:
    if declaration.is_cohort:
        return _("A cohort without groups. Version %(n)d.") % {"n": n}
    ratio = " : ".join(str(arm.ratio) for arm in declaration.arms)
    return _("%(arms)d groups, %(ratio)s. Version %(n)d.") % {"arms": len(declaration.arms), "ratio": ratio, "n": n}


def _weeks(study: Study) -> list[dict[str, Any]]:
    """Bars of how many consented in each week."""
    weeks = progress.consents_by_week(study)
    longest = max((n for _monday, n in weeks), default=1)
    return [
        {"label": date_format(monday, "DATE_FORMAT"), "n": n, "percent": round(100 * n / longest), "series": 1}
        for monday, n in weeks
    ]


def _steps(study: Study, declaration: Any, language: str) -> list[dict[str, Any]]:
    """For each timepoint how many are done, open, to come, missed or cancelled."""
    titles = {step.id: step.title.to(language) if step.title else step.id for step in declaration.steps()}
    return [
        {
            "key": key,
            "title": titles.get(key, key),
            **{state: states.get(state, 0) for state in ("done", "open", "waiting", "missed", "cancelled")},
        }
        for key, states in progress.counts_by_step(study)
    ]
