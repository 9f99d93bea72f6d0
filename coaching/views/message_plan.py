"""Every message that a study would send, to look over, to print, and to hand to an ethics board."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from coaching.http import StudyRequest
from coaching.message_plan import as_html, as_markdown, plan_of, shown
from coaching.selectors.studies import declared, latest_version
from coaching.staff_pages import crumbs, tabs

_FORMATS = {"html": (as_html, "text/html"), "md": (as_markdown, "text/markdown")}


@require_safe
def message_plan(request: StudyRequest, slug: str) -> HttpResponse:
    """The messages of the newest version, with sample values."""
    version = latest_version(request.study)
    context = {
        "title": _("Every message of the study"),
        "nav": "people",
        "tab": "messages",
        "study_tabs": tabs(request, slug),
        "crumbs": [
            *crumbs(request, slug),
            {"url": reverse("coaching:messages", args=[slug]), "text": _("Messages")},
        ],
        "plan": shown(plan_of(declared(version))),
        "version": version.n,
    }
    return render(request, "coaching/staff/message_plan.html", context)


@require_safe
def plan_file(request: StudyRequest, slug: str, plan_format: str) -> HttpResponse:
    """The same as one file."""
    if plan_format not in _FORMATS:
        raise Http404
    version = latest_version(request.study)
    made, kind = _FORMATS[plan_format]
    response = HttpResponse(made(plan_of(declared(version))), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-v{version.n}-messages.{plan_format}"'
    return response
