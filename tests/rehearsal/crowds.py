"""Studies with every kind of question, filled with simulated people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from coaching.models import StudyVersion
from rehearsal.services import Simulated, simulate
from tests import world

STUDIES = Path(__file__).parents[1] / "studies"
EVERY_KIND, LIBRARY = STUDIES / "every_kind", STUDIES.parents[1] / "studies" / "instrument-library"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
START = dt.date(2027, 2, 1)


def fill(version: StudyVersion, participants: int = 60, seed: str = "7", start: dt.date = START) -> Simulated:
    return simulate(version=version, participants=participants, seed=seed, start=start, now=NOW, by="command")


def published(bundle: Path | world.Files = EVERY_KIND) -> StudyVersion:
    return world.publish(bundle, now=NOW - dt.timedelta(days=120))
