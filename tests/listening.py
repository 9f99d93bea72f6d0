"""A study with a recording, and somebody who has come to it: with a real browser's requests to a real server."""

from __future__ import annotations

import http.client
import math
import struct
import urllib.parse
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from tests import world
from tests.processes import Product, Served
from tests.walk.client import Browser

SLUG = "tiny"
SCRIPT = """\
slug: evening
title: An evening
stages:
  - {id: shape, say: "Begin with a shape. It is round.", hold: 20s, audio: media/shape.wav, captions: media/shape.vtt}
  - {id: clear, rate: vividness, scale: {min: 1, max: 5}}
"""
CAPTIONS = """\
WEBVTT

00:00.000 --> 00:00.500
Begin with a shape.

00:00.500 --> 00:01.000
It is round.
"""


def wave(seconds: float = 1.0, rate: int = 8_000) -> bytes:
    """A tone of 440 Hz, as a WAVE file with one channel of 16 bits."""
    heights = (round(8_000 * math.sin(n * 440 * 2 * math.pi / rate)) for n in range(round(seconds * rate)))
    return as_wave(b"".join(struct.pack("<h", height) for height in heights), rate)


def as_wave(samples: bytes, rate: int = 8_000) -> bytes:
    """A WAVE file of these samples."""
    shape = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE")
    return head + shape + struct.pack("<4sI", b"data", len(samples)) + samples


def recorded(samples: bytes, captions: str = CAPTIONS) -> dict[str, str | bytes]:
    """The files of a study whose one step is a session that begins with a recording of these samples."""
    step = "{id: first, title: The first one, do: session, script: evening}"
    study = world.edited({"{id: first, title: The first one, do: assess, instruments: [one]}": step}, world.TINY)
    media = {"media/shape.wav": as_wave(samples), "media/shape.vtt": captions}
    return study | media | {"scripts/evening.yaml": SCRIPT}


def loaded(product: Product, bundle: Path) -> None:
    """The bundle in the product's database."""
    for command in (("migrate", "--verbosity", "0"), ("load_study", str(bundle))):
        done = product.manage(*command)
        assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


class Listener:
    """Somebody at the first stage of their session, whose recording is in the study's files."""

    def __init__(self, product: Product, served: Served, slug: str = SLUG, bundle: Path | None = None) -> None:
        self.product = product
        self.served = served
        self.content = ((bundle or product.folder / "bundle") / "media" / "shape.wav").read_bytes()
        self.browser = Browser(served.url)
        self.browser.open(f"/join/{slug}/")
        for _ in range(12):
            page = self.browser.page
            if page.screen == "session" and "/shape/" in page.url:
                break
            offered = (
                {each.name for each in page.main.inputs} if any(form.has_primary for form in page.forms) else set()
            )
            self.browser.press(**({"take_part": "yes"} if "take_part" in offered else {}))
        assert "/shape/" in self.browser.page.url, self.browser.page.url

    @property
    def cookie(self) -> str:
        """What the browser sends along."""
        return "; ".join(f"{each.name}={each.value}" for each in self.browser.cookies)

    def address(self, path: str) -> str:
        """Where a file of the stage is, as the product's own code says."""
        occasion = self.browser.page.url.split("/s/")[1].partition("/")[0]
        script = (
            "import clock; from imagery.models import StageVisit; from imagery.selectors import session_of; "
            "from imagery.views.addresses import recording_address; "
            "visit = StageVisit.objects.select_related('run__occasion__enrolment').get("
            f"stage='shape', run__occasion__public_id={occasion!r}); "
            "stage = session_of(visit.run.occasion).stage(visit.stage); "
            f"print(recording_address(visit, stage, {path!r}, clock.now()))"
        )
        done = self.product.manage("shell", "--no-imports", "-c", script)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def get(self, url: str, method: str = "GET", **headers: str) -> Answer:
        """One request of this browser's, with headers such as `If_Range`."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.served.url).netloc, timeout=60)
        try:
            connection.request(method, url, headers=asked | {"Cookie": self.cookie})
            answer: Any = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
