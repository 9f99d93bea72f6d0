"""How a picture or a recording goes to the one who may have it: as data, kept by nobody on the way."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from coaching import blobs
from coaching.models import BundleFile, Enrolment
from coaching.ranges import file_response
from coaching.selectors.occasions import version_of
from imagery.models import SessionRun
from imagery.selectors.versions import version_of_run

# A file is data: whatever a browser takes it for, nothing in it runs or asks for anything.
POLICY = "sandbox; default-src 'none'"
OPEN_END_BYTES = 2 * 1024 * 1024
"""Of a recording that is asked for from some place on, without an end: two minutes of speech as it is mostly packed."""

TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
    ".vtt": "text/vtt; charset=utf-8",
}


def sent_of_run(request: HttpRequest, enrolment: Enrolment, run: SessionRun, path: str) -> HttpResponseBase:
    """A file of the person's session, by its path in the bundle that the session was begun with.

    Raises:
        Http404: That bundle has no such file.
    """
    file = get_object_or_404(BundleFile, version=version_of_run(version_of(enrolment), run), path=path)
    return sent(request, blobs.path_of(file.sha256), TYPES[Path(file.path).suffix])


def sent(request: HttpRequest, path: Path, content_type: str) -> HttpResponseBase:
    """A file, or the part of it that is asked for.

    Raises:
        Http404: There is none at that place.
    """
    is_heard = content_type.startswith("audio/")
    try:
        response = file_response(
            request,
            path,
            content_type=content_type,
            # Where it lies goes by its content, or by a name that is given once.
            etag=path.name,
            open_end=OPEN_END_BYTES if is_heard else None,
        )
    except FileNotFoundError as problem:
        raise Http404 from problem
    # Inline, without the name that it has on disk.
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
