"""What is recorded of a study, to read and to take away: codebook, files, audit log."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import clock
from accounts.models import AuditEntry
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from research.catalogue import datasets, tables
from research.delivery import file_response
from research.writers import FORMATS

PER_PAGE = 100


@require_GET
def codebook(request: StudyRequest, slug: str) -> HttpResponse:
    """Every column of every dataset, as the API's catalogue tells of it."""
    context = {
        "title": _("Codebook"),
        "nav": "studies",
        "tab": "codebook",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "tables": datasets(request.study),
    }
    return render(request, "research/codebook.html", context)


@require_GET
def export(request: StudyRequest, slug: str) -> HttpResponse:
    """The datasets with their files, and the same as API calls."""
    api = f"{settings.PUBLIC_URL}{reverse('api:rows', args=[slug, 'responses'])}"
    context = {
        "title": _("Data"),
        "nav": "studies",
        "tab": "export",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "tables": datasets(request.study),
        "formats": list(FORMATS),
        "token_command": f"manage.py api_token {request.user.email} --study {slug} --scopes export:read",
        "curl": f'curl -H "Authorization: Bearer $TOKEN" "{api}?page_size=100"',
    }
    return render(request, "research/export.html", context)


@require_POST
def export_file(request: StudyRequest, slug: str, dataset: str) -> StreamingHttpResponse:
    """A dataset as a file: the same bytes as the API's."""
    table = tables(request.study).get(dataset)
    file_format = FORMATS.get(request.POST.get("format", "csv"))
    if table is None or file_format is None:
        raise Http404
    return file_response(study=request.study, table=table, file_format=file_format, by=request.user, now=clock.now())


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
