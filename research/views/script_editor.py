"""The editor of a script. Everything works as a plain form: each button saves the draft, then does what it says."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from accounts.models import User
from coaching.http import StudyRequest
from coaching.language import named
from coaching.staff_pages import crumbs, tabs
from protocol.drafting import Misfit, Misfits
from research.editing.differing import differences
from research.editing.fields import NotAForm, added, moved, read, removed
from research.editing.measuring import measures, totals, unlike
from research.models import ScriptDraft
from research.scripts import drafts
from research.scripts.desk import Desk, checked, desk_of, kept_of
from research.scripts.drafts import Overtaken
from research.views import script_words
from research.views.script_changes import shown_parts
from research.views.script_form import form_of

Json = dict[str, Any]

_ON_STAGE = re.compile(r"(up|down|remove|add|files)-([0-9]{1,3})")
_TAKE = re.compile(r"take-([0-9]{1,18})")
# Buttons that lead to another page once the draft is saved.
_LEADS_TO = {
    "preview": "research:preview_script",
    "changes": "research:script_changes",
    "publish": "research:publish_script",
}
AUTOSAVE = "autosave"


@require_http_methods(["GET", "HEAD", "POST"])
def script(request: StudyRequest, slug: str, script: str) -> HttpResponse:
    """A script with everything that a file of it may hold; `?check=1` with what is wrong with it."""
    desk = _desk(request, script)
    if request.method == "POST":
        return _act(request, desk)
    if request.GET.get("check") != "1":
        return _page(request, desk, desk.script)
    misfits = misfits_of(desk)
    if not misfits:
        messages.success(request, _("No fault was found."))
    return _page(request, desk, desk.script, misfits=misfits)


def misfits_of(desk: Desk) -> tuple[Misfit, ...]:
    """What is wrong with a script as it is worked on, by the very check of a bundle."""
    try:
        checked(desk, desk.script)
    except Misfits as found:
        return found.misfits
    return ()


def _act(request: StudyRequest, desk: Desk) -> HttpResponse:
    act, posted = request.POST.get("act", ""), request.POST.dict()
    take = _TAKE.fullmatch(act)
    if take:
        return _take(request, desk, int(take[1]))
    on_stage = _ON_STAGE.fullmatch(act)
    if not on_stage and act not in {"save", "check", "aside", AUTOSAVE, *_LEADS_TO}:
        raise BadRequest
    try:
        mine = read({name: str(text) for name, text in posted.items()}, desk.slug, desk.languages)
    except NotAForm as problem:
        raise BadRequest from problem
    anchor, rev = "", _whole(request.POST.get("rev", ""))
    if on_stage:
        mine, anchor = _changed(mine, on_stage[1], int(on_stage[2]), request.POST)
    now = clock.now()
    try:
        draft = drafts.save(
            study=request.study, script=mine, rev=rev, by=request.user, now=now, over_theirs="over" in posted
        )
        if act == "aside":
            drafts.put_aside(
                study=request.study, slug=desk.slug, rev=draft.rev if draft else 0, by=request.user, now=now
            )
            messages.success(request, _("The draft is put aside. You can take it back below."))
            return _after_aside(request, desk)
    except Overtaken as overtaken:
        return _overtaken(request, overtaken.desk, mine, is_autosave=act == AUTOSAVE)
    if act == AUTOSAVE:
        return JsonResponse(_live(request, desk, mine, draft))
    return _onward(request, desk, act, anchor, draft)


def _changed(mine: Json, act: str, n: int, posted: Any) -> tuple[Json, str]:
    """The script with a stage moved, taken out or added; and where on the page that is."""
    if act in ("up", "down"):
        by = -1 if act == "up" else 1
        return moved(mine, n, by), f"stage-{n + by}"
    if act == "remove":
        return removed(mine, n), f"stage-{max(1, n - 1)}"
    if act == "add":
        return added(mine, n, posted.get(f"add-{n}-kind", "")), f"stage-{n + 1}"
    return mine, f"stage-{n}"


def _onward(request: StudyRequest, desk: Desk, act: str, anchor: str, draft: ScriptDraft | None) -> HttpResponse:
    """Where a button leads once the draft is saved."""
    here = [request.study.slug, desk.slug]
    if act == "preview":
        return _see_other(reverse(_LEADS_TO[act], args=[*here, desk.languages[0]]))
    if act in _LEADS_TO:
        return _see_other(reverse(_LEADS_TO[act], args=here))
    if act.startswith("files-"):
        return _see_other(f"{reverse('research:script_media', args=here)}?part={anchor.removeprefix('stage-')}")
    address = reverse("research:script", args=here)
    if act == "check":
        return _see_other(f"{address}?check=1")
    if act == "save":
        text = (
            _("The draft is saved.")
            if draft
            else _("Nothing differs from the published script, so nothing was stored.")
        )
        messages.success(request, text)
    return _see_other(f"{address}#{anchor}" if anchor else address)


def _after_aside(request: StudyRequest, desk: Desk) -> HttpResponse:
    if desk.published is None:
        return _see_other(reverse("research:scripts", args=[request.study.slug]))
    return _see_other(reverse("research:script", args=[request.study.slug, desk.slug]))


def _take(request: StudyRequest, desk: Desk, kept: int) -> HttpResponse:
    draft = drafts.take_back(study=request.study, slug=desk.slug, kept=kept, by=request.user, now=clock.now())
    if draft is None:
        raise BadRequest
    messages.success(request, _("That draft is back. What stood here before is kept below."))
    return _see_other(reverse("research:script", args=[request.study.slug, desk.slug]))


def _overtaken(request: StudyRequest, desk: Desk, mine: Json, *, is_autosave: bool) -> HttpResponse:
    """That somebody else was quicker: what was written is shown, and kept, and nothing of theirs is written over."""
    if is_autosave:
        return JsonResponse({"overtaken": _who_and_when(request, desk)}, status=HTTPStatus.CONFLICT)
    drafts.keep_aside(study=request.study, script=mine, by=request.user, now=clock.now())
    context: Json = {
        "overtaken": _who_and_when(request, desk),
        "apart": shown_parts(differences(desk.script, mine, desk.languages), desk.languages),
        "errors": [{"id": "", "text": _who_and_when(request, desk)}],
        "error_title": _("Your changes are not saved yet"),
    }
    return _page(request, desk, mine, status=HTTPStatus.CONFLICT, **context)


def _who_and_when(request: StudyRequest, desk: Desk) -> str:
    if desk.draft is None:
        return _("The draft was published or put aside after you opened this page.")
    said = _("%(who)s saved this script on %(when)s, after you opened this page.")
    return said % {"who": by_words(desk.draft.author, request), "when": _moment(desk.draft)}


def _live(request: StudyRequest, desk: Desk, mine: Json, draft: ScriptDraft | None) -> Json:
    """What the page shows of a script while it is written."""
    return {
        "rev": draft.rev if draft else 0,
        "saved": _saved(request, draft),
        "texts": {
            name: {"about": script_words.about_words(each), "flags": script_words.flag_words(each)}
            for name, each in measures(mine, desk.languages).items()
        },
        "totals": {
            f"{total.language}-{key}": figure
            for total in totals(mine, desk.languages)
            for key, _label, figure in script_words.total_facts(total)
        },
    }


def _saved(request: StudyRequest, draft: ScriptDraft | None) -> str:
    if draft is None:
        return _("As published")
    return _("Saved %(when)s, %(who)s") % {"when": _moment(draft), "who": by_words(draft.author, request)}


def _page(
    request: StudyRequest,
    desk: Desk,
    script: Json,
    *,
    misfits: tuple[Misfit, ...] = (),
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    languages, slug = desk.languages, request.study.slug
    sheet = form_of(script, languages, scripts=desk.content["scripts"], misfits=misfits)
    own_names = dict(named(languages))
    context = around(request, desk) | {
        "sheet": sheet,
        "rev": desk.rev,
        "saved": _saved(request, desk.draft),
        "totals": [
            (own_names[total.language], total.language, script_words.total_facts(total))
            for total in totals(script, languages)
        ],
        "matched_to": script.get("matched_to", ""),
        "unlike": _unlike(desk, script),
        "kinds": list(script_words.kind_words().items()),
        "kept": [(each, by_words(each.author, request)) for each in kept_of(request.study, desk.slug)],
        "may_publish": request.may_open("research:publish_script"),
        "has_moved_on": desk.has_moved_on,
        "errors": sheet.summary,
        "error_title": _("What is to be put right"),
        "here": reverse("research:script", args=[slug, desk.slug]),
    }
    return render(request, "research/scripts/editor.html", context | more, status=status)


def _unlike(desk: Desk, script: Json) -> list[tuple[str, str]] | None:
    """Where a control is not like its script, each with its language; None for a script that is matched to none."""
    matched = desk.content["scripts"].get(script.get("matched_to", ""))
    if matched is None:
        return None
    own_names = dict(named(desk.languages))
    found = unlike(script, matched, desk.languages)
    return [(own_names[language], script_words.unlike_words(each)) for language, each in found]


# --- what every page of a script knows -------------------------------------------------------------------------------


def around(request: StudyRequest, desk: Desk, last: str = "") -> Json:
    """Title, crumbs and tabs of a page about one script; `last` names the page below the editor."""
    slug = request.study.slug
    name = title_of(desk)
    way = [
        *crumbs(request, slug),
        {"url": reverse("research:scripts", args=[slug]), "text": _("Scripts")},
        {"url": reverse("research:script", args=[slug, desk.slug]) if last else "", "text": name},
    ]
    return {
        "title": last or name,
        "nav": "studies",
        "tab": "scripts",
        "study_tabs": tabs(request, slug),
        "crumbs": [*way, {"url": "", "text": last}] if last else way,
        "desk": desk,
        "name": name,
    }


def title_of(desk: Desk) -> str:
    """A script's title in the study's first language; its slug while it has none."""
    title = desk.script.get("title") or desk.slug
    text = title if isinstance(title, str) else next(iter(title.values()), "")
    return str(text) or desk.slug


def by_words(author: User, request: StudyRequest) -> str:
    """Who did something with a draft."""
    return _("you") if author == request.user else author.email


def _moment(draft: ScriptDraft) -> str:
    return date_format(localtime(draft.updated_at), "DATETIME_FORMAT")


def _desk(request: StudyRequest, script: str) -> Desk:
    found = desk_of(request.study, script)
    if found is None:
        raise Http404
    return found


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
