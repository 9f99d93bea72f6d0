"""Recordings, captions and pictures of a script's parts: chosen among those that are there, or uploaded."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

import clock
from coaching import blobs
from coaching.http import StudyRequest
from coaching.language import named
from imagery.views.sending import TYPES, sent
from research.editing.fields import joined, words_fields
from research.editing.layout import kind_of
from research.scripts import drafts
from research.scripts.desk import Desk, desk_of, files_of
from research.views import script_words
from research.views.script_editor import around

Json = dict[str, Any]
# What a part can have, by its kind.
KEYS = {"say": ("audio", "captions"), "reveal": ("reveal",)}


@require_http_methods(["GET", "HEAD", "POST"])
def media(request: StudyRequest, slug: str, script: str) -> HttpResponse:
    """The files of one part, `?part=N`; its post stores what was chosen or uploaded, in the draft."""
    desk = _desk(request, script)
    n = _part(request.POST.get("part", "") if request.method == "POST" else request.GET.get("part", ""), desk)
    if n is None:
        if request.method == "POST":
            raise BadRequest
        return HttpResponseRedirect(reverse("research:script", args=[slug, script]))
    if request.method != "POST":
        return _page(request, desk, n, {})
    chosen, errors = _chosen(request, desk, n)
    if errors:
        return _page(request, desk, n, errors, chosen=chosen, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    stage = _with(desk.script["stages"][n - 1], chosen, desk)
    stages = [*desk.script["stages"][: n - 1], stage, *desk.script["stages"][n:]]
    rev = request.POST.get("rev", "")
    try:
        drafts.save(
            study=request.study,
            script={**desk.script, "stages": stages},
            rev=int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 10 else 0,
            by=request.user,
            now=clock.now(),
        )
    except drafts.Overtaken:
        text = _("Somebody saved this script after you opened this page. Your files are kept: look at the parts again.")
        return _page(request, desk, n, {"": text}, status=HTTPStatus.CONFLICT)
    messages.success(request, _("The draft is saved."))
    return HttpResponseRedirect(
        f"{reverse('research:script', args=[slug, script])}#stage-{n}", status=HTTPStatus.SEE_OTHER
    )


@require_safe
def file(request: StudyRequest, slug: str, script: str, file: str) -> HttpResponseBase:
    """A file that the script may name, by its digest: to look at and to listen to."""
    desk = _desk(request, script)
    path = next((path for path, (sha256, _size) in files_of(desk).items() if sha256 == file), None)
    kind = TYPES.get(PurePosixPath(path).suffix.lower()) if path else None
    if kind is None:
        raise Http404
    return sent(request, blobs.path_of(file), kind)


def _chosen(request: StudyRequest, desk: Desk, n: int) -> tuple[dict[str, str], dict[str, str]]:
    """The path that each field comes to, and what is wrong with what was uploaded."""
    chosen, errors = {}, {}
    known = files_of(desk)
    for name, key in _fields(desk, n):
        upload: UploadedFile[Any] | None = request.FILES.get(f"{name}-file")
        if upload is None:
            path = request.POST.get(name, "")
            chosen[name] = path if path in known and _fits(path, key) else ""
            continue
        try:
            chosen[name] = drafts.add_file(
                study=request.study,
                slug=desk.slug,
                key=key,
                name=upload.name or "",
                source=cast(BinaryIO, upload),
                size=upload.size or 0,
                by=request.user,
                now=clock.now(),
            )
        except drafts.NotAFile as problem:
            errors[name] = str(problem)
    return chosen, errors


def _with(stage: Json, chosen: dict[str, str], desk: Desk) -> Json:
    """The part with the files that were chosen."""
    changed = dict(stage)
    for key in KEYS[kind_of(stage)]:
        if key == "reveal":
            changed[key] = chosen[key]
            continue
        paths = {language: chosen[f"{key}-{language}"] for language in desk.languages}
        named = joined(paths, stage["say"], desk.languages)
        changed.pop(key, None)
        if named is not None:
            changed[key] = named
    return changed


def _fields(desk: Desk, n: int) -> list[tuple[str, str]]:
    """The name and the key of each field."""
    stage = desk.script["stages"][n - 1]
    return [
        (key if key == "reveal" else f"{key}-{language}", key)
        for language in (desk.languages if kind_of(stage) == "say" else ("",))
        for key in KEYS[kind_of(stage)]
    ]


def _page(
    request: StudyRequest,
    desk: Desk,
    n: int,
    errors: dict[str, str],
    *,
    chosen: dict[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    stage = desk.script["stages"][n - 1]
    known = files_of(desk)
    stands = _standing(desk, stage) | (chosen or {})
    labels, own_names = script_words.label_words(), dict(named(desk.languages))
    boxes = []
    for name, key in _fields(desk, n):
        path, language = stands.get(name, ""), name.partition("-")[2]
        label = labels[key]
        if len(desk.languages) > 1 and language:
            label = _("%(label)s, %(language)s") % {"label": label, "language": own_names[language]}
        boxes.append(
            {
                "name": name,
                "key": key,
                "label": label,
                "value": path,
                "options": [(each, each) for each in sorted(known) if _fits(each, key)],
                "url": _address(request, desk, known[path][0]) if path in known else "",
                "accept": ",".join(f".{suffix}" for suffix in drafts.SUFFIXES[key]),
                "error": errors.get(name, ""),
            }
        )
    title = _("Part %(n)d: %(kind)s") % {"n": n, "kind": script_words.kind_words()[kind_of(stage)]}
    context = around(request, desk, last=title) | {
        "n": n,
        "rev": desk.rev,
        "boxes": boxes,
        "said": _said(stage, desk),
        "errors": [{"id": name and f"{name}-file", "text": text} for name, text in errors.items()],
    }
    return render(request, "research/scripts/media.html", context, status=status)


def _standing(desk: Desk, stage: Json) -> dict[str, str]:
    """The file of each field, as the part names it."""
    stands: dict[str, str] = {"reveal": str(stage.get("reveal", ""))}
    for key in ("audio", "captions"):
        stands |= dict(words_fields(key, stage.get(key), desk.languages))
    return stands


def _said(stage: Json, desk: Desk) -> list[tuple[str, str]]:
    """What the part says, in each language: what the recording must say, and the captions word for word."""
    return [
        (name.partition("-")[2], text)
        for name, text in words_fields("say", stage.get("say", stage.get("alt")), desk.languages)
        if text
    ]


def _fits(path: str, key: str) -> bool:
    return PurePosixPath(path).suffix.removeprefix(".").lower() in drafts.SUFFIXES[key]


def _address(request: StudyRequest, desk: Desk, sha256: str) -> str:
    return reverse("research:script_file", args=[request.study.slug, desk.slug, sha256])


def _part(text: str, desk: Desk) -> int | None:
    """The number of a part that has files; None for any other."""
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= len(desk.script["stages"])):
        return None
    return int(text) if kind_of(desk.script["stages"][int(text) - 1]) in KEYS else None


def _desk(request: StudyRequest, script: str) -> Desk:
    found = desk_of(request.study, script)
    if found is None:
        raise Http404
    return found
