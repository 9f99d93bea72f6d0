"""A script as a participant would be led through it, by the very pages of a session; nothing of it is stored.

Nothing given is kept from one page to the next: a choice leads its way, and every other answer is read and forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import clock
from coaching.http import StudyRequest
from coaching.language import interface_language, named
from coaching.models import Occasion
from imagery import forms
from imagery.models import SessionRun, StageVisit
from imagery.selectors import Session
from imagery.services import Chosen
from imagery.timeline import about_min, first_stage, following, place_of, stage_called
from imagery.views.pages import page_of
from protocol.drafting import Misfits
from protocol.script import Script, Stage
from protocol.study import Study as Declared
from research.scripts.desk import Desk, checked, desk_of, files_of
from research.views.script_editor import title_of

Json = dict[str, Any]
STOP = "stop"  # no stage can be called so
END = "end-of-preview"
STROKES = "strokes"
NOBODYS = UUID(int=0)


@require_http_methods(["GET", "HEAD", "POST"])
def ready(request: StudyRequest, slug: str, script: str, language: str) -> HttpResponse:
    """The page before a session begins; its post leads to the first part."""
    desk = _desk(request, script, language)
    found = _declared(request, desk)
    if isinstance(found, HttpResponse):
        return found
    shown = found.scripts[script]
    if request.method == "POST":
        first = first_stage(shown)
        return _see_other("research:preview_stage", slug, script, language, first.id if first else END)
    note = shown.safety.note
    more = {"minutes": about_min(shown, language), "note": note.to(language) if note else ""}
    return _show(request, desk, found, language, "imagery/ready.html", {"title": title_of(desk), **more})


@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: StudyRequest, slug: str, script: str, language: str, stage: str) -> HttpResponse:
    """One part; its post leads on as a participant's would, and stores nothing."""
    desk = _desk(request, script, language)
    found = _declared(request, desk)
    if isinstance(found, HttpResponse):
        return found
    shown = found.scripts[script]
    if stage in (STOP, END):
        return _apart(request, desk, found, language, stage)
    here = stage_called(shown, stage)
    if here is None:
        raise Http404
    if request.method != "POST":
        return _page(request, desk, found, language, here)
    if STROKES in request.GET:
        return JsonResponse({"saved_at": clock.now().isoformat(timespec="milliseconds")})
    # A drawing would be put on disk to be read.
    given = None if here.kind == "draw" else forms.read_stage(here, request.POST, request.FILES, "")
    if isinstance(given, forms.Fault):
        return _page(request, desk, found, language, here, given)
    coming = following(shown, here, given.option if isinstance(given, Chosen) and here.kind == "choose" else None)
    return _see_other("research:preview_stage", slug, script, language, coming.id if coming else END)


def _page(
    request: StudyRequest,
    desk: Desk,
    study: Declared,
    language: str,
    here: Stage,
    fault: forms.Fault | None = None,
) -> HttpResponse:
    script = study.scripts[desk.slug]
    with translation.override(interface_language(language)):
        part = _("Part %(n)d of %(count)d") % {"n": place_of(script, here.id), "count": len(script.stages)}
        context: Json = {
            "screen": "draw" if here.kind == "draw" else "session",
            "title": part,
            "where_detail": part,
            "stage": here.id,
            "kind": here.kind,
            "attempt": 1,
            "voice_rate": script.voice.rate,
            "voice_pause_s": script.voice.pause.nominal_s,
            "is_sealed": False,
        }
        context |= page_of(_session_of_nobody(script, here), here, language, clock.now())
    context |= _files(request, desk, here, language)
    if fault is not None:
        context |= {"errors": [{"id": fault.id, "text": fault.text}], "error": fault.text, "was_short": fault.is_short}
        context["given"] = request.POST.get(here.id, "")
    status = HTTPStatus.OK if fault is None else fault.status
    return _show(request, desk, study, language, f"imagery/{here.kind}.html", context, status)


def _session_of_nobody(script: Script, here: Stage) -> Session:
    """A session in which nothing was given: its run is in no table, so that whatever is asked of it finds nothing."""
    run = SessionRun(pk=0, attempt=1, script=script.slug, script_version=0)
    visits = {here.id: StageVisit(pk=0)} if here.kind == "reveal" else {}
    return Session(Occasion(pk=0, public_id=NOBODYS), script, run, visits)


def _files(request: StudyRequest, desk: Desk, here: Stage, language: str) -> Mapping[str, str]:
    """Where this preview finds what a participant is sent from elsewhere."""
    known = files_of(desk)

    def address(path: str) -> str:
        return reverse("research:script_file", args=[request.study.slug, desk.slug, known[path][0]])

    found = {}
    if here.kind == "draw":
        args = [request.study.slug, desk.slug, language, here.id]
        found["strokes_url"] = f"{reverse('research:preview_stage', args=args)}?{STROKES}=1"
    if here.media:
        found["picture_url"] = address(here.media)
    for key, text in (("audio_url", here.audio), ("captions_url", here.captions)):
        if text is not None:
            found[key] = address(text.to(language))
    return found


def _apart(request: StudyRequest, desk: Desk, study: Declared, language: str, which: str) -> HttpResponse:
    """Where *Stop* leads to, and what comes after the last part."""
    leave = study.scripts[desk.slug].safety.exit
    with translation.override(interface_language(language)):
        title = _("Stopped") if which == STOP else _("That is the end of the script")
    context = {
        "screen": "session",
        "title": title,
        "is_stop": which == STOP,
        "grounding": leave.to(language) if leave else "",
    }
    return _show(request, desk, study, language, "research/scripts/preview_apart.html", context)


def _show(
    request: StudyRequest,
    desk: Desk,
    study: Declared,
    language: str,
    template: str,
    context: Json,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """A page of a session in its language, below the bar that says in the reader's own that it is a preview."""
    slug = request.study.slug
    others = [(name, code) for code, name in named(desk.languages) if code != language]
    bar = {
        "says": _("Preview. Nothing is stored, and time goes four times as fast."),
        "label": _("Preview"),
        "back": _("Back to the editor"),
        "back_url": reverse("research:script", args=[slug, desk.slug]),
        "others": [(name, reverse("research:preview_script", args=[slug, desk.slug, code])) for name, code in others],
    }
    around = {
        "inner": template,
        "bar": bar,
        "lang": language,
        "language": interface_language(language),
        "where": title_of(desk),
        "contact": study.contact,
        "leave_url": bar["back_url"],
        "leave_text": bar["back"],
        "start_url": reverse("research:preview_script", args=[slug, desk.slug, language]),
    }
    with translation.override(interface_language(language)):
        return render(request, "research/scripts/preview.html", around | context, status=status)


def _declared(request: StudyRequest, desk: Desk) -> Declared | HttpResponse:
    """The study with the script in it; with faults, the way back to where they are shown."""
    try:
        return checked(desk, desk.script).study
    except Misfits:
        messages.warning(request, _("Put this right first: a script with faults can't be shown."))
        address = reverse("research:script", args=[request.study.slug, desk.slug])
        return HttpResponseRedirect(f"{address}?check=1", status=HTTPStatus.SEE_OTHER)


def _desk(request: StudyRequest, script: str, language: str) -> Desk:
    found = desk_of(request.study, script)
    if found is None or language not in found.languages:
        raise Http404
    return found


def _see_other(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=HTTPStatus.SEE_OTHER)
