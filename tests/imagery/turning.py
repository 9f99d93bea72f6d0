"""The pages of the round of stages: their addresses, what each is given, and what is stored."""

from __future__ import annotations

from django.urls import reverse

from coaching.models import Enrolment
from imagery.models import Drawing, Rating, Report, SessionRun, StageVisit
from tests import world
from tests.pages import Screen

WORDS = {
    "clear": {"clear": "7"},
    "road": {"road": "1"},
    "easy": {"easy": "2"},
    "words": {"words": "one two three"},
    "sketch": {"drawing-words": "round and dark"},
    "match": {"match": "3"},
    "after": {"after": "a bird"},
}


def start_url(person: Enrolment, step: str = "first") -> str:
    return reverse("imagery:start", args=[world.occasion(person, step).public_id])


def url(person: Enrolment, stage: str, step: str = "first") -> str:
    return reverse("imagery:stage", args=[world.occasion(person, step).public_id, stage])


def stage_of(screen: Screen) -> str:
    return screen.url.rstrip("/").rsplit("/", 1)[-1]


def rows() -> list[int]:
    return [table.objects.count() for table in (SessionRun, StageVisit, Rating, Report, Drawing)]
