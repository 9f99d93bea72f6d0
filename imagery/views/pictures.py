"""Pictures, each sent to those alone who may see it; and the strokes of a drawing, saved while it is made."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

import clock
from coaching.http import ParticipantRequest, StudyRequest
from coaching.models import Enrolment
from coaching.selectors.people import people_in
from imagery import forms, selectors
from imagery.models import Drawing, DrawingRevision
from imagery.services.drafts import save_draft
from imagery.services.files import on_disk
from imagery.services.pictures import PictureFault
from imagery.views.addresses import visit_behind
from imagery.views.sending import TYPES, sent, sent_of_run

STROKES = "drawing-strokes"
REV = "drawing-rev"


@require_safe
def picture(request: ParticipantRequest, name: str) -> HttpResponseBase:
    """The picture of a reveal that this person has come to."""
    visit = visit_behind(request.enrolment, name, clock.now())
    if visit is None:
        raise Http404
    occasion = visit.run.occasion
    occasion.enrolment = request.enrolment
    script = selectors.script_of(occasion)
    stage = next((stage for stage in script.stages if stage.id == visit.stage), None) if script else None
    if stage is None or stage.media is None:
        raise Http404
    return sent_of_run(request, request.enrolment, visit.run, stage.media)


@require_safe
def drawing(request: ParticipantRequest, name: str) -> HttpResponseBase:
    """A drawing of the person's own; `?size=small` for its thumbnail."""
    return _drawing(request, request.enrolment, name)


@require_safe
def drawing_of_person(request: StudyRequest, slug: str, pseudonym: str, name: str) -> HttpResponseBase:
    """A drawing of somebody of the study, for staff who may see drawings; `?size=small` for its thumbnail."""
    enrolment = get_object_or_404(people_in(request.study), pseudonym=pseudonym)
    return _drawing(request, enrolment, name)


@require_POST
def strokes(request: ParticipantRequest, occasion: UUID, stage: str) -> HttpResponse:
    """Keeps the strokes of a drawing as they are now; the page sends them every few seconds."""
    session = selectors.session(request.enrolment, occasion)
    here = session.stage(stage) if session else None
    if session is None or here is None or here.kind != "draw":
        raise Http404
    now = clock.now()
    try:
        why = save_draft(
            occasion=session.occasion,
            stage=stage,
            attempt=forms.attempt(request.POST),
            strokes_text=request.POST.get(STROKES, ""),
            rev=_rev(request.POST.get(REV, "")),
            now=now,
        )
    except PictureFault as fault:
        return JsonResponse({"refused": str(fault)}, status=fault.http_status)
    if why is not None:
        return JsonResponse({"refused": why.value}, status=HTTPStatus.CONFLICT)
    return JsonResponse({"saved_at": now.isoformat(timespec="milliseconds")})


def _drawing(request: HttpRequest, enrolment: Enrolment, name: str) -> HttpResponseBase:
    drawings = Drawing.objects.filter(run__occasion__enrolment=enrolment, file=name)
    earlier = DrawingRevision.objects.filter(drawing__run__occasion__enrolment=enrolment, file=name)
    row = (drawings.first() or earlier.first()) if name else None
    path = on_disk(row, small=request.GET.get("size") == "small") if row else None
    if path is None:
        raise Http404
    return sent(request, path, TYPES[".png"])


def _rev(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
