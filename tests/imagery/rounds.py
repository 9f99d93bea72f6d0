"""A study with one session that has a stage of every kind, and short ways to go through it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from coaching.models import Enrolment, StudyVersion
from imagery import services
from imagery.models import (
    Drawing,
    DrawingRevision,
    Rating,
    RatingRevision,
    Report,
    ReportRevision,
    SessionRun,
    StageVisit,
)
from imagery.selectors import Refusal, Session, session_of
from imagery.services import PASSED, Chosen, Drawn, Given, Rated, Reported, Taken, Timing
from imagery.services.pictures import keep
from protocol.bundle import study_from_content
from protocol.script import Script
from tests import world

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
T0 = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)

STUDY = """\
format: 1
slug: rounds
title: Rounds
languages: [en, de]
timezone: UTC
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements:
    - {id: take_part, text: {en: I take part., de: Ich mache mit.}, required: true}
before:
  - id: first
    title: {en: Session one, de: Erste Sitzung}
    do: session
    script: night-bird
    at: "consent + 0s"
    window: [0s, 7d]
  - {id: second, do: session, script: night-bird, at: "consent + 8d", window: [0s, 7d], missed: skip}
  - {id: last, do: assess, instruments: [one], at: "consent + 20d"}
"""
SCRIPT = """\
slug: night-bird
title: {en: The potoo of the night, de: Der Tagschläfer der Nacht}
voice: {rate: 0.9, pause: 2s}
stages:
  - {say: {en: "Begin with a shape. It is round.", de: "Beginnen Sie mit einer Form. Sie ist rund."}, hold: 20s}
  - {id: clear, rate: vividness, scale: {min: 0, max: 100}}
  - id: road
    choose: {en: "How do you go on?", de: "Wie weiter?"}
    options: [{label: {en: Slowly, de: Langsam}}, {label: {en: At once, de: Sofort}, goto: words}]
  - {say: {en: "Pink mouth.", de: "Rosa Schnabel."}, hold: 30s}
  - {id: easy, rate: ease, scale: {min: 1, max: 5}}
  - {rest: 1m}
  - {id: words, report: {en: "What came, if anything?", de: "Was kam, wenn etwas kam?"}, min_words: 3}
  - {id: sketch, draw: {en: "Draw what came.", de: "Zeichnen Sie, was kam."}, seconds: 120, condition: imagery}
  - {rest: 30s}
  - id: photo
    reveal: media/potoo.png
    alt: {en: "A brown bird on a branch", de: "Ein brauner Vogel auf einem Ast"}
    credit: "Drawn for the tests, CC0"
  - {id: match, compare: {en: "How close was it?", de: "Wie nah war es?"}, scale: {min: 0, max: 10}}
  - {id: after, report: {en: "And now?", de: "Und jetzt?"}}
"""
FILES: world.Files = {
    "study.yaml": STUDY,
    "scripts/night-bird.yaml": SCRIPT,
    "media/potoo.png": world.files()["media/potoo.png"],
    "welcome.md": "A study of sessions.\n",
    "consent.md": "You go through two sessions.\n",
    "instruments/one.yaml": str(world.TINY["instruments/one.yaml"])
    .replace("title: One", "title: {en: One, de: Eins}")
    .replace("text: How much came", "text: {en: How much came, de: Wie viel kam}")
    .replace("{1: Nothing, 2: Something, 3: All}", "{1: {en: Nothing, de: Nichts}, 3: {en: All, de: Alles}}"),
}
# The whole of it by the slow road, in order: what is given at each stage.
SLOWLY: dict[str, Given] = {
    "stage_1": PASSED,
    "clear": Rated(0),
    "road": Chosen(1),
    "stage_4": PASSED,
    "easy": Rated(3),
    "stage_6": PASSED,
    "words": Reported("nothing at all came"),
    "sketch": Drawn(keep(strokes_text="", upload=None, words="a dark shape", reason="")),
    "stage_9": PASSED,
    "photo": PASSED,
    "match": Rated(4),
    "after": Reported(""),
}


def rounds(*, now: dt.datetime = T0) -> StudyVersion:
    """The study, published."""
    return world.publish(FILES, now=now)


def script(version: StudyVersion) -> Script:
    """Its script."""
    return study_from_content(version.content).scripts["night-bird"]


def someone(now: dt.datetime = T0, **kwargs: Any) -> Enrolment:
    """Somebody who consented to it."""
    return world.consented(rounds(), now, **kwargs)


def session(person: Enrolment, step: str = "first") -> Session:
    """A session as the database has it now."""
    occasion = world.occasion(person, step)
    occasion.enrolment = world.fresh(person)
    found = session_of(occasion)
    assert found is not None
    return found


def begin(person: Enrolment, step: str = "first", at: dt.datetime = T0, again: int | None = None) -> Session | Refusal:
    """The session begun."""
    return services.begin(occasion=world.occasion(person, step), now=at, language="en", again=again)


def give(
    person: Enrolment,
    stage: str,
    given: Given | None = None,
    *,
    at: dt.datetime = T0,
    step: str = "first",
    timing: Timing = services.UNTIMED,
    attempt: int | None = None,
) -> Taken | Refusal:
    """What came of giving that at a stage; without `given`, what the slow road gives there."""
    return services.submit(
        occasion=world.occasion(person, step),
        stage=stage,
        given=SLOWLY[stage] if given is None else given,
        now=at,
        language="en",
        timing=timing,
        attempt=attempt,
    )


def go(person: Enrolment, *, until: str | None = None, at: dt.datetime = T0, step: str = "first") -> dt.datetime:
    """Begins the session and goes by the slow road to the stage `until`, or to the end, a minute a stage."""
    begin(person, step, at)
    for stage in SLOWLY:
        if stage == until:
            break
        at += MINUTE
        outcome = give(person, stage, at=at, step=step)
        assert isinstance(outcome, Taken), (stage, outcome)
    return at


def run(person: Enrolment, step: str = "first", attempt: int = 1) -> SessionRun:
    """One attempt as the database has it now."""
    return SessionRun.objects.get(occasion=world.occasion(person, step), attempt=attempt)


def leads(outcome: Taken | Refusal) -> str | None:
    """Where a post that was taken leads."""
    assert isinstance(outcome, Taken), outcome
    return outcome.leads_to


def ratings(person: Enrolment, step: str = "first") -> dict[str, tuple[str, float | None]]:
    rows = Rating.objects.filter(run__occasion=world.occasion(person, step))
    return {stage: (status, value) for stage, status, value in rows.values_list("stage", "status", "value")}


def everything() -> list[int]:
    tables = (SessionRun, StageVisit, Rating, RatingRevision, Report, ReportRevision, Drawing, DrawingRevision)
    return [table.objects.count() for table in tables]


def drawn(text: str = "", words: str = "", reason: str = "") -> Drawn:
    return Drawn(keep(strokes_text=text, upload=None, words=words, reason=reason))


def line(y: int) -> str:
    pen = {"id": 1, "tool": "pen", "size": 8, "color": "ink", "pointer": "mouse", "mode": "free"}
    stroke = pen | {"pts": [[100, y, 0], [300, y, 400]]}
    return json.dumps({"v": 1, "canvas": {"w": 1000, "h": 1000}, "strokes": [stroke]})
