"""What is missing: the table of all measures and timepoints, and the page of one cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coaching.http import StudyRequest
from coaching.selectors.studies import declared
from coaching.staff_pages import crumbs, tabs
from research.counts import (
    DRAWINGS,
    RATINGS,
    SESSIONS,
    Place,
    Versions,
    design_of,
    missing_counts,
    versions_of,
    without_answer,
)
from research.sums import KINDS, Cell, percent_text
from research.views.choosing import Chosen, chosen_in
from research.views.words import kind_word

PER_PAGE = 50


def step_titles(versions: Versions, language: str) -> dict[str, str]:
    """The title of every step of any version, in the study's order; the newest version's wording."""
    titles: dict[str, str] = {}
    for version in versions:
        for step in declared(version).steps():
            titles.setdefault(step.id, step.title.to(language) if step.title else step.id)
    return titles


def measure_titles(versions: Versions, language: str) -> dict[str, str]:
    """The title of every measure of any version: questionnaires, then what sessions hold."""
    titles: dict[str, str] = {}
    for version in versions:
        for id, instrument in declared(version).instruments.items():
            titles.setdefault(id, instrument.title.to(language))
    return titles | {SESSIONS: _("Sessions"), RATINGS: _("Ratings in sessions"), DRAWINGS: _("Drawings")}


def matrix(slug: str, versions: Versions, cells: Mapping[Place, Cell], choice: Chosen, language: str) -> dict[str, Any]:
    """The table: a column for each timepoint, a row for each measure that the design has anywhere."""
    design = set(design_of(versions))
    used = {key for key, _measure in design}, {measure for _key, measure in design}
    columns = [(key, title) for key, title in step_titles(versions, language).items() if key in used[0]]
    measures = [(id, title) for id, title in measure_titles(versions, language).items() if id in used[1]]
    rows = [
        {
            "title": title,
            "cells": [
                _cell(slug, (key, id), cells.get((key, id)), choice) if (key, id) in design else None
                for key, _title in columns
            ],
        }
        for id, title in measures
    ]
    missing, due = sum(cell.missing for cell in cells.values()), sum(cell.due for cell in cells.values())
    return {
        "columns": [title for _key, title in columns],
        "rows": rows,
        "words": _worst(cells, step_titles(versions, language), measure_titles(versions, language)),
        "missing": missing,
        "due": due,
    }


def _cell(slug: str, place: Place, cell: Cell | None, choice: Chosen) -> dict[str, Any]:
    if cell is None or cell.percent is None:
        return {"text": "", "shade": 0, "url": ""}
    address = reverse("research:missing", args=[slug, *place])
    return {
        "text": percent_text(cell.percent),
        "shade": cell.shade,
        "url": address + (f"?people={choice.people}" if choice.is_asked else ""),
        "missing": cell.missing,
        "due": cell.due,
    }


def _worst(cells: Mapping[Place, Cell], steps: Mapping[str, str], measures: Mapping[str, str]) -> str:
    """The table in a sentence."""
    due = [(cell.percent, place) for place, cell in cells.items() if cell.percent is not None]
    if not due:
        return _("Nothing was due yet.")
    percent, (key, measure) = max(due, key=lambda each: each[0] or 0)
    if not percent:
        return _("Nothing that was due is missing.")
    told = {
        "percent": percent_text(percent),
        "measure": measures.get(measure, measure),
        "step": steps.get(key, key),
    }
    return _("Most is missing here: %(measure)s, %(step)s, %(percent)s %% of what was due.") % told


# --- one cell --------------------------------------------------------------------------------------------------------


@require_GET
def missing(request: StudyRequest, slug: str, timepoint: str, measure: str) -> HttpResponse:
    """One cell: how many rows of each kind, and whose are without an answer."""
    language = get_language() or "en"
    versions = versions_of(request.study)
    place = (timepoint, measure)
    if place not in design_of(versions):
        raise Http404
    choice = chosen_in(request, request.study)
    cells, _given = missing_counts(request.study, choice.synthetic, versions, timepoint)
    cell = cells.get(place, Cell({}))
    kind = request.GET.get("kind", "")
    if kind and kind not in KINDS:
        raise Http404
    page = Paginator(without_answer(request.study, place, choice.synthetic, kind), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "title": measure_titles(versions, language).get(measure, measure),
        "lead": step_titles(versions, language).get(timepoint, timepoint),
        "nav": "studies",
        "tab": "overview",
        "study_tabs": tabs(request, slug),
        "crumbs": crumbs(request, slug),
        "cell": cell,
        "percent": percent_text(cell.percent) if cell.percent is not None else "",
        "kinds": [(kind_word(kind), cell.counts.get(kind, 0)) for kind in KINDS],
        "kind": kind,
        "kind_options": [(kind, kind_word(kind)) for kind in KINDS if kind != "answered"],
        "rows": [{"pseudonym": pseudonym, "kind": kind_word(kind), "n": n} for pseudonym, kind, n in page],
        "page": page,
        "query": f"{choice.query}&kind={kind}" if kind else choice.query,
        "is_drawings": measure == DRAWINGS,
        "people_asked": choice.people if choice.is_asked else "",
        **choice.context(),
    }
    return render(request, "research/missing.html", context)
