"""Rehearsals within a test: the templates, played in the test's own database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from coaching.models import StudyVersion
from config.management.commands.rehearse import START
from config.tick import turn
from privacy.erasure import erase
from rehearsal.rehearse import Rehearsed, rehearse
from tests import world

TEMPLATES = Path(__file__).parents[2] / "studies" / "templates"
NAMES = ("active-control", "eight-sessions", "multiple-baseline", "strategy-training", "wait-list-crossover")


def published(bundle: Path | world.Files) -> StudyVersion:
    return world.publish(bundle, now=START)


def played(version: StudyVersion, people: int, **changes: Any) -> Rehearsed:
    """A rehearsal of a study that is published; `changes` put something in place of what is handed in."""
    given: dict[str, Any] = {"turn": turn, "erase": erase, "sink": Path(settings.EMAIL_FILE_PATH), "seed": "1"}
    return rehearse(version=version, people=people, start=START, **given | changes)
