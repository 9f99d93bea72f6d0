"""What is recorded of a study, to read: codebook and audit log."""

from __future__ import annotations

from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import AuditEntry
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from research import codebook as codebooks
from research.delivery import codebook_response

PER_PAGE = 100


@require_GET
def codebook(request: StudyRequest, slug: str) -> HttpResponse:
    """Every variable: columns of datasets, items, scores and stages, to search, read and take away."""
    wanted, part = request.GET.get("q", "").strip()[:100], request.GET.get("part", "")
    book = codebooks.dictionary(request.study)
    variables = list(codebooks.variables(book))
    parts = list(dict.fromkeys(each["part"] for each in variables))
    shown = [
        each
        for each in variables
        if (not part or each["part"] == part)
        and all(word in " ".join(str(value) for value in each.values()).lower() for word in wanted.lower().split())
    ]
    context = {
        "title": _("Codebook"),
        "nav": "studies",
        "tab": "codebook",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "places": [(place, list(rows)) for place, rows in groupby(shown, key=lambda each: (each["part"], each["in"]))],
        "found": len(shown),
        "of": len(variables),
        "conventions": book["conventions"],
        "wanted": wanted,
        "part": part,
        "parts": [(each, _part(each)) for each in parts],
        "formats": list(codebooks.FORMATS),
    }
    return render(request, "research/codebook.html", context)


@require_GET
def codebook_file(request: StudyRequest, slug: str, file_format: str) -> HttpResponse:
    """The codebook as a file: the same as the API's."""
    if file_format not in codebooks.FORMATS:
        raise Http404
    return codebook_response(request.study, file_format)


def _part(part: str) -> str:
    return {
        "column": _("Columns of datasets"),
        "item": _("Items"),
        "score": _("Scores"),
        "stage": _("Stages of sessions"),
        "timepoint": _("Timepoints"),
        "group": _("Groups"),
    }.get(part, part)


@require_GET
def audit(request: StudyRequest, slug: str) -> HttpResponse:
    """Who did what in the study and when, the latest first."""
    entries = AuditEntry.objects.filter(study=slug).order_by("-id")
    context = {
        "title": _("Audit log"),
        "nav": "studies",
        "tab": "audit",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": Paginator(entries, PER_PAGE).get_page(request.GET.get("page")),
        "query": "",
    }
    return render(request, "research/audit.html", context)
