"""What is recorded of a study, to read: codebook and audit log."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import AuditEntry, User
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from research import codebook as codebooks
from research.delivery import codebook_response
from research.views.words import act_word, actor_word

PER_PAGE = 100
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?\+00:00")  # as the log writes it
Variable = dict[str, Any]  # a row of the codebook
FORMAT_NAMES = {"json": "JSON", "csv": "CSV", "md": "Markdown"}  # names, the same in every language


@require_GET
def codebook(request: StudyRequest, slug: str) -> HttpResponse:
    """Columns of datasets, items, scores, stages, questionnaires and outcomes, to search, read and take away."""
    wanted, part = request.GET.get("q", "").strip()[:100], request.GET.get("part", "")
    book = codebooks.dictionary(request.study)
    variables = [*codebooks.variables(book), *codebooks.frame(book)]
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
        "places": _places(shown, variables),
        "found": len(shown),
        "of": len(variables),
        "conventions": book["conventions"],
        "wanted": wanted,
        "part": part,
        "parts": [(each, _part(each)) for each in parts],
        "formats": [(each, FORMAT_NAMES[each]) for each in codebooks.FORMATS],
    }
    return render(request, "research/codebook.html", context)


@require_GET
def codebook_file(request: StudyRequest, slug: str, file_format: str) -> HttpResponse:
    """The codebook as a file: the same as the API's."""
    if file_format not in codebooks.FORMATS:
        raise Http404
    return codebook_response(request.study, file_format)


def _places(shown: Iterable[Variable], variables: Iterable[Variable]) -> list[dict[str, Any]]:
    """The variables by where they are; the version is said where there are several of it."""

    def place(each: Variable) -> tuple[str, str, Any]:
        return each["part"], each["in"], each.get("version", "")

    several = Counter((part, where) for part, where, _version in {place(each) for each in variables})
    words = {
        "column": _("dataset"),
        "item": _("questionnaire"),
        "score": _("scores"),
        "stage": _("script"),
        "questionnaire": _("how it is given"),
        "outcome": _("outcomes"),
        "baseline": _("baseline"),
    }
    found = []
    for (part, where, version), rows in groupby(shown, key=place):
        kind = words.get(part, part)
        if several[part, where] > 1:
            kind = _("%(kind)s, version %(n)s") % {"kind": kind, "n": version}
        found.append({"name": where, "kind": kind, "rows": list(rows)})
    return found


def _part(part: str) -> str:
    return {
        "column": _("Columns of datasets"),
        "item": _("Items"),
        "score": _("Scores"),
        "stage": _("Stages of sessions"),
        "questionnaire": _("Questionnaires"),
        "outcome": _("Outcomes"),
        "baseline": _("Baseline"),
    }[part]


@require_GET
def audit(request: StudyRequest, slug: str) -> HttpResponse:
    """Who did what in the study and when, the latest first."""
    entries = AuditEntry.objects.filter(study=slug).order_by("-id")
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    names = _names([entry.actor for entry in page] + [entry.subject for entry in page])
    context = {
        "title": _("Audit log"),
        "nav": "studies",
        "tab": "audit",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "page": page,
        "rows": [
            {
                "at": entry.at,
                "who": names.get(entry.actor) or actor_word(entry.actor),
                "what": act_word(entry.action),
                "code": entry.action,
                "about": names.get(entry.subject, entry.subject),
                "details": [
                    (name, _told(value)) for name, value in json.loads(entry.detail).items() if value or value == 0
                ],
            }
            for entry in page
        ],
        "query": "",
    }
    return render(request, "research/audit.html", context)


def _names(actors: Iterable[str]) -> dict[str, str]:
    """The addresses of the accounts that these name by number; one that was taken away keeps its number."""
    numbered = {int(n): actor for actor in actors for kind, _colon, n in [actor.partition(":")] if kind == "staff"}
    return {numbered[pk]: email for pk, email in User.objects.filter(pk__in=numbered).values_list("pk", "email")}


def _told(value: Any) -> str:
    """A detail of an entry, short enough to be read in a row."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return value[:19].replace("T", " ")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
