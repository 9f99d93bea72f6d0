"""Studies with every kind of question, filled with simulated people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from assessments.models import Administration
from coaching.models import StudyVersion
from rehearsal.services import Simulated, simulate
from tests import world

STUDIES = Path(__file__).parents[1] / "studies"
EVERY_KIND, LIBRARY = STUDIES / "every_kind", STUDIES.parents[1] / "studies" / "instrument-library"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
START = dt.date(2027, 2, 1)
# Of a crowd: those who came so long ago that some have finished, and others so lately that many are in the middle.
LONG_AGO, LATELY = 120, 80
LATELY_FROM = dt.date(2026, 11, 2)


def fill(version: StudyVersion, participants: int = 60, seed: str = "7", start: dt.date = START) -> Simulated:
    return simulate(version=version, participants=participants, seed=seed, start=start, now=NOW, by="command")


def published(bundle: Path | world.Files = EVERY_KIND) -> StudyVersion:
    return world.publish(bundle, now=NOW - dt.timedelta(days=120))


def sheets() -> Iterator[Administration]:
    """Every questionnaire that somebody was given, with its answers."""
    found = Administration.objects.select_related("occasion__enrolment__version").prefetch_related("answers")
    yield from found.order_by("pk")
