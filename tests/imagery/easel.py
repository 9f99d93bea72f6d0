"""Somebody at a drawing: a study whose one session is a drawing, its picture, and a drawing of the picture."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from PIL import Image

import clock
from coaching.models import Enrolment
from imagery.models import SessionRun
from imagery.services.runs import begin
from tests import world

SCRIPT = """\
slug: night_bird
title: A bird of the night
stages:
  - {id: sketch, draw: Draw it from memory., condition: memory}
  - {id: photo, reveal: media/owlet_of_the_wood.png, alt: A small owl on a branch, credit: CC0}
  - {id: copy_it, draw: Draw it once more., condition: copy}
"""


def picture(width: int = 40, height: int = 30, kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture file whose left half is dark."""
    image = Image.new("RGB", (width, height), "white")
    image.paste(Image.new("RGB", (width // 2, height), "black"), (0, 0))
    image = image.convert(mode)
    target = io.BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


PHOTO = picture(64, 48)


def files(slug: str = "easel") -> dict[str, str | bytes]:
    """The study's files."""
    before = {
        "slug: tiny\n": f"slug: {slug}\n",
        "{id: first, title: The first one, do: assess, instruments: [one]}": "{id: s1, title: An evening, do: session, "
        "script: night_bird}",
    }
    return world.edited(before, world.TINY) | {
        "scripts/night_bird.yaml": SCRIPT,
        "media/owlet_of_the_wood.png": PHOTO,
    }


def somebody(slug: str = "easel") -> Enrolment:
    """Somebody of the study, whose session is begun: they are at its first drawing."""
    person = world.consented(world.publish(files(slug)))
    begin(occasion=world.occasion(person, "s1"), now=clock.now(), language="en")
    return world.fresh(person)


def run_of(person: Enrolment) -> SessionRun:
    return SessionRun.objects.filter(occasion__enrolment=person).latest("attempt")


def address(person: Enrolment, stage: str = "sketch", name: str = "stage") -> str:
    """The address of a stage, or of its autosave (`strokes`)."""
    return reverse(f"imagery:{name}", args=[world.occasion(person, "s1").public_id, stage])


Point = Sequence[float | None]


def line(*points: Point, **more: Any) -> dict[str, Any]:
    """One line of a drawing; without points, three of them, a tenth of a second apart."""
    given = points or ((100, 100, 0), (200, 300, 100), (400, 320, 200))
    return (
        {"id": 1, "tool": "pen", "size": 8, "color": "ink", "pointer": "mouse", "mode": "free"}
        | more
        | {
            "pts": [list(each) for each in given],
            "removed_at": more.get("removed_at"),
        }
    )


def strokes(*lines: dict[str, Any], height: int = 1000, **more: Any) -> str:
    """A drawing as a page sends it."""
    numbered = [each | {"id": n} for n, each in enumerate(lines, start=1)]
    whole = {"v": 1, "canvas": {"w": 1000, "h": height}, "strokes": numbered, "words": [], "ops": []}
    return json.dumps(whole | more)
