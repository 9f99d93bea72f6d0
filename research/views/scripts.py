"""The scripts of a study: those of its newest version, and drafts of them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.staff_pages import crumbs, tabs
from protocol.grammar import SLUG
from research.editing.measuring import Totals, totals
from research.scripts import drafts
from research.scripts.desk import Desk, drafts_of, people_on, published_totals
from research.views import script_words
from research.views.script_editor import by_words, title_of

Json = dict[str, Any]


@require_GET
def list_scripts(request: StudyRequest, slug: str) -> HttpResponse:
    """Each script of the newest version: how long, how it reads, who is on it; its draft for who may write one."""
    version = request.study.versions.select_related("study").latest("n")
    may_draft = request.access.may("draft")
    open_drafts = drafts_of(request.study) if may_draft else {}
    on = people_on(request.study)
    lies = Desk(request.study, "", version, None)
    published = lies.content["scripts"]
    desks = [
        Desk(request.study, name, version, open_drafts.get(name)) for name in dict.fromkeys([*published, *open_drafts])
    ]
    context = {
        "title": _("Scripts"),
        "nav": "studies",
        "tab": "scripts",
        "study_tabs": tabs(request, slug),
        "crumbs": [*crumbs(request, slug), {"url": "", "text": _("Scripts")}],
        "version": version,
        "rows": [_row(request, desk, published.get(desk.slug), on.get(desk.slug, {})) for desk in desks],
        "may_draft": may_draft,
    }
    return render(request, "research/scripts/list.html", context)


def _row(request: StudyRequest, desk: Desk, published: Json | None, on: dict[int, int]) -> Json:
    """One script as it is published; as its draft has it where it is new."""
    script = published or desk.script
    every = published_totals(desk.version, desk.slug) if published else totals(script, desk.languages)
    total = _total(every)
    purpose = str(script.get("purpose", "training"))
    layers = dict.fromkeys(stage["layer"] for stage in script["stages"] if "layer" in stage)
    sentence, grade = total.reading.words_a_sentence, total.reading.grade
    return {
        "slug": desk.slug,
        "title": title_of(Desk(desk.study, desk.slug, desk.version, None) if published else desk),
        "is_new": published is None,
        "purpose": script_words.purpose_words().get(purpose, purpose),
        "minutes": script_words.minutes_words(total),
        "parts": len(script["stages"]),
        "layers": ", ".join(map(str, layers)),
        "sentence": f"{sentence:.1f}",
        "grade": f"{max(0.0, grade):.1f}" if grade is not None else "",
        "flagged": total.found,
        "flagged_words": script_words.flagged_words(total.found),
        "people": [_people(n, count) for n, count in sorted(on.items(), reverse=True)],
        "draft": desk.draft,
        "by": by_words(desk.draft.author, request) if desk.draft else "",
    }


def _total(every: tuple[Totals, ...]) -> Totals:
    """The figures in the reader's language, where the study has it."""
    return next((total for total in every if total.language == get_language()), every[0])


def _people(n: int, count: int) -> str:
    text = ngettext("%(count)d person on that of version %(n)d", "%(count)d people on that of version %(n)d", count)
    return text % {"count": count, "n": n}


@require_http_methods(["GET", "HEAD", "POST"])
def new_script(request: StudyRequest, slug: str) -> HttpResponse:
    """Begins the draft of a new script, blank or as a copy."""
    version = request.study.versions.latest("n")
    known = list(Desk(request.study, "", version, None).content["scripts"])
    name, like = request.POST.get("script", "").strip(), request.POST.get("like", "")
    error = ""
    if request.method == "POST":
        error = _not_a_name(name) or _not_a_copy(like, known)
        if not error:
            try:
                drafts.begin(study=request.study, slug=name, like=like, by=request.user, now=clock.now())
                return HttpResponseRedirect(reverse("research:script", args=[slug, name]), status=HTTPStatus.SEE_OTHER)
            except drafts.SlugTaken:
                error = _("There is a script of that name, or a draft of one. Choose another name.")
    context = {
        "title": _("New script"),
        "nav": "studies",
        "tab": "scripts",
        "study_tabs": tabs(request, slug),
        "crumbs": [
            *crumbs(request, slug),
            {"url": reverse("research:scripts", args=[slug]), "text": _("Scripts")},
            {"url": "", "text": _("New script")},
        ],
        "typed": name[:100],
        "like": like if like in known else "",
        "known": [(each, each) for each in known],
        "error": error,
        "errors": [{"id": "script", "text": error}] if error else [],
    }
    return render(request, "research/scripts/new.html", context, status=422 if error else 200)


def _not_a_name(name: str) -> str:
    if re.fullmatch(SLUG, name):
        return ""
    return _("Give it a name of small letters, digits, - and _, at most 24. It begins with a letter.")


def _not_a_copy(like: str, known: list[str]) -> str:
    return "" if not like or like in known else _("Choose the script to copy from the list.")
