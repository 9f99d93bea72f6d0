"""The pictures of drawings that are kept: read from disk, or made again from their strokes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coaching.models import Enrolment
from imagery.drawings.pictures import render
from imagery.drawings.strokes import read_strokes
from imagery.models import Drawing, DrawingRevision
from imagery.services.pictures import path_of, write


def files_of(enrolment: Enrolment) -> Iterator[tuple[str, bytes]]:
    """Every picture of a person's drawings, earlier ones included, by its name."""
    drawings = Drawing.objects.filter(run__occasion__enrolment=enrolment)
    earlier = DrawingRevision.objects.filter(drawing__in=drawings)
    for rows in (drawings.order_by("pk"), earlier.order_by("pk")):
        for drawing in rows.exclude(file=""):
            path = on_disk(drawing)
            if path is not None:
                yield drawing.file, path.read_bytes()


def on_disk(drawing: Drawing | DrawingRevision, *, small: bool = False) -> Path | None:
    """Where the picture of a drawing lies, made from its strokes if it was not there yet; None without either.

    Simulated people's drawings are strokes, and become pictures when somebody looks at them.
    """
    path = path_of(drawing.file, small=small)
    if path.exists():
        return path
    if drawing.status != Drawing.Status.DRAWN:
        return None
    write(drawing.file, render(read_strokes(drawing.strokes)))
    return path
