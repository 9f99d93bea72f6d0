"""Recordings of what is said, and their captions: each sent to somebody who has come to that stage."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

import clock
from coaching.http import ParticipantRequest
from coaching.selectors.occasions import version_of
from imagery.models import StageVisit
from imagery.selectors.versions import script_of_run
from imagery.timeline import stage_called
from imagery.views.addresses import recording_address, recording_behind
from imagery.views.sending import sent_of_run
from protocol.script import Stage


@require_safe
def recording(request: ParticipantRequest, name: str) -> HttpResponseBase:
    """The recording, or the captions, of a stage that this person has come to."""
    heard = recording_behind(request.enrolment, name, clock.now())
    if heard is None:
        raise Http404
    run = heard.visit.run
    script = script_of_run(version_of(request.enrolment), run)
    stage = stage_called(script, heard.visit.stage) if script else None
    path = heard.path(stage) if stage else None
    if path is None:
        raise Http404
    return sent_of_run(request, request.enrolment, run, path)


def recording_urls(visit: StageVisit | None, stage: Stage, language: str, now: datetime) -> dict[str, str]:
    """Where a stage's recording and its captions are, as `audio_url` and `captions_url`; empty without one.

    `visit` is that of the person who has come to the stage; without it (a preview) there is neither.
    """
    named = {"audio_url": stage.audio, "captions_url": stage.captions}
    return {
        key: recording_address(visit, stage, text.to(language), now) if visit and text else ""
        for key, text in named.items()
    }
