"""A study that asks after each session how people are, and short ways to a session's end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.test import Client

from assessments.models import Administration, Answer
from coaching.models import Enrolment, StudyVersion
from imagery import services
from imagery.services import PASSED, Given, Rated, Taken
from tests import world

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
T0 = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
INSTRUMENT = Path(__file__).parents[2] / "studies" / "instrument-library" / "instruments" / "after_session.yaml"
ITEMS = ("distress", "unwanted", "how_often", "trouble", "still", "in_words")
SUPPORT = "Call the listening line on 116 123."
EXIT = "Open your eyes. Name five things around you."
NOTE = "It is about a lake. It may touch memories."

STUDY = """\
format: 1
slug: aftercare
title: Aftercare
languages: [en, de]
timezone: UTC
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements:
    - {id: take_part, text: I take part., required: true}
before:
  - id: first
    title: {en: Session one, de: Erste Sitzung}
    do: session
    script: lake
    at: "consent + 0s"
    window: [0s, 7d]
allocation: {method: simple}
arms:
  training:
    steps: [{id: s1, do: session, script: lake, at: "allocation + 1d", window: [0s, 7d], missed: skip}]
  control:
    steps: [{id: c1, do: session, script: words, at: "allocation + 1d", missed: skip}]
after:
  - {id: post, title: The end, do: assess, instruments: [one], at: "allocation + 20d", window: [0s, 7d], optional: true}
safety:
  ask: {instrument: after_session, after: session}
  support: {en: "Call the listening line on 116 123.", de: "Rufen Sie 116 123 an."}
  to: care@example.org
"""
SCRIPT = """\
slug: lake
title: {en: A hidden lake, de: Ein See}
safety:
  note: {en: "It is about a lake. It may touch memories.", de: "Es geht um einen See."}
  exit: {en: "Open your eyes. Name five things around you.", de: "Öffnen Sie die Augen."}
stages:
  - {id: shore, say: {en: Think of a shore., de: Denken Sie an ein Ufer.}, hold: 20s}
  - {id: clear, rate: vividness, scale: {min: 0, max: 10}}
  - {id: water, say: {en: Secret water., de: Geheimes Wasser.}, hold: 20s}
  - {id: ease, rate: ease, scale: {min: 0, max: 10}}
"""
WORDS = """\
slug: words
title: {en: Words, de: Worte}
stages:
  - {id: listen, say: {en: Listen to a word., de: Hören Sie ein Wort.}, hold: 20s}
"""
FILES: world.Files = {
    "study.yaml": STUDY,
    "scripts/lake.yaml": SCRIPT,
    "scripts/words.yaml": WORDS,
    "welcome.md": "A study of sessions.\n",
    "consent.md": "You go through sessions.\n",
    "instruments/after_session.yaml": INSTRUMENT.read_text(),
    "instruments/one.yaml": str(world.TINY["instruments/one.yaml"]),
}
GIVEN: dict[str, Given] = {"shore": PASSED, "clear": Rated(3), "water": PASSED, "ease": Rated(0), "listen": PASSED}


def aftercare(*changes: tuple[str, str], now: dt.datetime = T0) -> StudyVersion:
    """The study, published, with pieces of its study.yaml replaced."""
    return world.publish(world.edited(dict(changes), FILES), now=now)


def someone(*changes: tuple[str, str], now: dt.datetime = T0, **about: Any) -> Enrolment:
    """Somebody who consented to it."""
    return world.consented(aftercare(*changes, now=now), now, **about)


def begin(person: Enrolment, step: str = "first", at: dt.datetime = T0) -> None:
    """Their session begun."""
    services.begin(occasion=world.occasion(person, step), now=at, language="en")


def go(person: Enrolment, step: str = "first", *, until: str = "", at: dt.datetime = T0) -> Enrolment:
    """Through a session to its end, or to the stage `until`; the person as they stand then."""
    begin(person, step, at)
    stages = ("listen",) if step == "c1" else ("shore", "clear", "water", "ease")
    for stage in stages:
        if stage == until:
            break
        taken = services.submit(
            occasion=world.occasion(person, step),
            stage=stage,
            given=GIVEN[stage],
            now=at,
            language="en",
            timing=services.UNTIMED,
            attempt=None,
        )
        assert isinstance(taken, Taken), (stage, taken)
    return world.fresh(person)


def in_arm(person: Enrolment, arm: str) -> Enrolment:
    """The person, given that arm a moment after the first session: by chance it may be the other."""
    found = world.fresh(person)
    if found.arm != arm:
        found.occasions.filter(key__in=("s1", "c1")).delete()
        Enrolment.objects.filter(pk=person.pk).update(arm=arm)
        found = world.fresh(person)
    return found


def browser_at(settings: Any, person: Enrolment, at: dt.datetime) -> Client:
    """The person's browser, with the product's clock at `at`."""
    world.move_clock(settings, at)
    return world.browser_of(person)


def statuses(person: Enrolment, step: str = "first") -> dict[str, str]:
    """The status of each item of the questionnaire after a session that has a row."""
    rows = Answer.objects.filter(administration__occasion__enrolment=person, administration__occasion__key=step)
    return dict(rows.order_by("position").values_list("item", "status"))


def sheet(person: Enrolment, step: str = "first") -> Administration | None:
    """The questionnaire after a session."""
    return Administration.objects.filter(occasion__enrolment=person, occasion__key=step).first()
