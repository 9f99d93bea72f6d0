"""What a draft changes, word by word, and its publication as the study's next version."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.selectors.moving import Standing, standings
from protocol.drafting import Misfits
from research.editing.differing import differences
from research.outline import change_words
from research.scripts import drafts
from research.scripts.desk import Desk, blank, checked, desk_of
from research.views.script_changes import shown_parts
from research.views.script_editor import around

Json = dict[str, Any]
LONGEST_NOTE = 500
WHO = ("newcomers", "everybody")


@require_GET
def changes(request: StudyRequest, slug: str, script: str) -> HttpResponse:
    """How the draft differs from what is published."""
    desk = _desk(request, script)
    context = around(request, desk, last=_("Changes")) | _apart(desk)
    context["may_publish"] = request.may_open("research:publish_script")
    return render(request, "research/scripts/changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: StudyRequest, slug: str, script: str) -> HttpResponse:
    """Looks a draft over and publishes it: with a note, and with who goes over to the new version."""
    desk = _desk(request, script)
    editor = reverse("research:script", args=[slug, script])
    if desk.draft is None or desk.says_the_same(desk.script):
        messages.info(request, _("Nothing differs from the published script, so there is nothing to publish."))
        return _see_other(editor)
    try:
        content = checked(desk, desk.script).content
    except Misfits:
        messages.warning(request, _("Put this right first: a script with faults can't be published."))
        return _see_other(f"{editor}?check=1")
    on = standings(request.study, content)
    if request.method != "POST":
        return _page(request, desk, on)
    note, who = request.POST.get("note", "").strip(), request.POST.get("who", "")
    errors = _faults(note, who, on)
    if errors:
        return _page(request, desk, on, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        version = drafts.publish_draft(
            study=request.study,
            slug=script,
            rev=_whole(request.POST.get("rev", "")),
            onto=_whole(request.POST.get("onto", "")),
            note=note,
            takes_over=who == "everybody",
            by=request.user,
            now=clock.now(),
        )
    except drafts.Overtaken as overtaken:
        text = _(
            "The draft, or the study's newest version, has changed since you opened this page. Look it over again."
        )
        if overtaken.desk.draft is None:
            messages.warning(request, text)
            return _see_other(editor)
        return _page(request, overtaken.desk, on, errors=[{"id": "", "text": text}], status=HTTPStatus.CONFLICT)
    messages.success(request, _published(version.n, who))
    return _see_other(reverse("research:version", args=[slug, version.n]))


def _faults(note: str, who: str, on: list[Standing]) -> list[dict[str, str]]:
    found = []
    if not note:
        found.append({"id": "note", "text": _("Say why there is a new version.")})
    elif len(note) > LONGEST_NOTE:
        found.append({"id": "note", "text": _("Say it in at most %(n)d characters.") % {"n": LONGEST_NOTE}})
    if who not in WHO:
        found.append({"id": "who-newcomers", "text": _("Choose who is to have the new version.")})
    elif who == "everybody" and on and all(each.hindered_by for each in on):
        text = _("Nobody can go over to it: more than sessions differs from each version that people are on.")
        found.append({"id": "who-newcomers", "text": text})
    return found


def _published(n: int, who: str) -> str:
    if who == "everybody":
        text = _("Version %(n)d is stored. Whoever comes in from now on has it, and the others where they can.")
    else:
        text = _("Version %(n)d is stored. Whoever comes in from now on has it.")
    return text % {"n": n}


def _page(
    request: StudyRequest,
    desk: Desk,
    on: list[Standing],
    *,
    errors: list[dict[str, str]] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    own = {each["id"]: each["text"] for each in errors or ()}
    context = around(request, desk, last=_("Publish")) | _apart(desk)
    context |= {
        "rev": desk.rev,
        "next": desk.version.n + 1,
        "note": request.POST.get("note", ""),
        "note_error": own.get("note", ""),
        "who": request.POST.get("who", "newcomers"),
        "who_error": own.get("who-newcomers", ""),
        "on": [_standing(each) for each in on],
        "errors": errors or [],
    }
    return render(request, "research/scripts/publish.html", context, status=status)


def _standing(each: Standing) -> Json:
    """Who is on a version, and whether they can go over; where not, why."""
    n = each.people
    return {
        "n": each.version.n,
        "people": ngettext("%(n)d person", "%(n)d people", n) % {"n": n},
        "can": not each.hindered_by,
        "why": change_words(each.hindered_by),
    }


def _apart(desk: Desk) -> Json:
    """What differs, part by part."""
    found = differences(desk.published or blank(desk.slug), desk.script, desk.languages)
    return {"parts": shown_parts(found, desk.languages), "has_moved_on": desk.has_moved_on}


def _desk(request: StudyRequest, script: str) -> Desk:
    found = desk_of(request.study, script)
    if found is None:
        raise Http404
    return found


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
