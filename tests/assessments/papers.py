"""A study of two small questionnaires, with all that a question can be: reversed, optional, long, in half steps."""

from __future__ import annotations

import datetime as dt
import html
import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import connections
from django.test import Client
from django.urls import reverse

from assessments import services
from assessments.models import Answer, ScoreRow
from assessments.selectors import Refusal
from assessments.services import Given, Taken
from coaching.models import Enrolment, Occasion
from tests import world

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
NOW = T0 + 1.5 * MINUTE  # the product's clock in a browser, to the second; what a test stores itself came before

STUDY = """\
format: 1
slug: papers
title: Papers
languages: [en, de]
timezone: Europe/Berlin
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements:
    - {id: take_part, text: I take part., required: true}
before:
  - {id: first, title: {en: The first one, de: Der erste}, do: assess, instruments: [short, wide]}
  - {id: second, do: assess, instruments: [short], at: "consent + 7d", window: [0s, 3d], missed: skip}
  - {id: third, do: assess, instruments: [short, wide], at: "consent + 14d", window: [0s, 3d], missed: skip}
"""
SHORT = """\
id: short
title: {en: Short, de: Kurz}
about: {en: About this part., de: Zu diesem Teil.}
source: made for the tests
licence: CC0-1.0
scale: {min: 1, max: 5, step: 1, direction: higher_is_more, labels: {1: Nothing, 5: All of it}}
sections:
  - id: walk
    title: {en: A walk, de: Ein Weg}
    lead: {en: Think of a walk., de: Denken Sie an einen Weg.}
    items:
      - {id: path, text: {en: The path before you, de: Der Weg vor Ihnen}}
      - {id: fog, text: {en: The fog over it, de: Der Nebel darüber}, reverse: true}
  - id: rest
    items:
      - {id: birds, text: {en: The birds in the trees, de: Die Vögel in den Bäumen}, optional: true}
scores:
  total: {of: all, how: sum, missing: {allow: 1, how: prorate}}
  walk: {of: [walk], how: mean}
bands:
  total: {low: [3, 8], high: [9, 15]}
norms:
  - {score: total, population: nobody, n: 10, mean: 9, sd: 2, reliability: 0.5, kind: retest, source: invented}
"""
WIDE = """\
id: wide
title: {en: Wide, de: Weit}
source: made for the tests
licence: CC0-1.0
scale: {min: 0, max: 100, step: 1, direction: higher_is_less, labels: {0: As clear as seeing it, 100: Nothing}}
sections:
  - id: only
    items:
      - {id: line, text: {en: A long line, de: Eine lange Linie}}
      - id: half
        text: {en: In half steps, de: In halben Schritten}
        scale: {min: 0, max: 2, step: 0.5, direction: higher_is_more}
scores:
  line: {of: [line], how: sum}
"""
FILES: world.Files = {
    "study.yaml": STUDY,
    "welcome.md": "A study for the tests.\n",
    "consent.md": "You answer some questions.\n",
    "instruments/short.yaml": SHORT,
    "instruments/wide.yaml": WIDE,
}
SHORT_ITEMS = ("path", "fog", "birds")


def someone(now: dt.datetime = T0, **about: Any) -> Enrolment:
    """Somebody who consented to the study of two questionnaires."""
    return world.consented(world.publish(FILES, now=now), now, **about)


def give(
    person: Enrolment,
    position: int,
    given: Given | float,
    *,
    at: dt.datetime = T0,
    step: str = "first",
    instrument: str = "short",
    **more: Any,
) -> Taken | Refusal:
    """The outcome of one answer."""
    return services.answer(
        occasion=world.occasion(person, step),
        instrument=instrument,
        position=position,
        given=Given("answered", given) if isinstance(given, int | float) else given,
        now=at,
        language="en",
        **more,
    )


def fill(
    person: Enrolment, *givens: Given | float, at: dt.datetime = T0, step: str = "first", instrument: str = "short"
) -> None:
    """Answers to the first items of a questionnaire, one after the other."""
    for position, given in enumerate(givens, start=1):
        assert isinstance(give(person, position, given, at=at, step=step, instrument=instrument), Taken)


def stored(person: Enrolment, item: str, step: str = "first") -> Answer:
    """What the database has for one item."""
    return Answer.objects.get(administration__occasion__enrolment=person, administration__occasion__key=step, item=item)


def statuses(person: Enrolment, step: str = "first") -> dict[str, str]:
    """The status of every item that has a row."""
    rows = Answer.objects.filter(administration__occasion__enrolment=person, administration__occasion__key=step)
    return dict(rows.order_by("administration__place", "position").values_list("item", "status"))


def scored(person: Enrolment, score: str = "total", step: str = "first") -> ScoreRow:
    """One score of one timepoint."""
    return ScoreRow.objects.get(enrolment=person, score=score, administration__occasion__key=step)


def url(person: Enrolment, n: int, *, step: str = "first", instrument: str = "short", name: str = "item") -> str:
    """The address of one question."""
    return reverse(f"assessments:{name}", args=[world.occasion(person, step).public_id, instrument, n])


def start_url(person: Enrolment, step: str = "first") -> str:
    """The address at which a step begins or goes on."""
    return reverse("assessments:start", args=[world.occasion(person, step).public_id])


def browser_at(settings: Any, person: Enrolment, at: dt.datetime) -> Client:
    """The person's browser, with the product's clock at `at`."""
    world.move_clock(settings, at)
    return world.browser_of(person)


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """The outcomes of acts that all begin at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            outcomes[place] = act()
        except Exception as problem:  # shown by the assertion that reads the outcome
            outcomes[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, name=str(uuid4())) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    problems = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert problems == []
    return outcomes


def leads(outcome: object) -> int | None:
    """Where an answer that was taken leads."""
    assert isinstance(outcome, Taken), outcome
    return outcome.leads_to


def at_hand(person: Enrolment, step: str) -> Occasion:
    """A step of the person, with the person at hand."""
    occasion = world.occasion(person, step)
    occasion.enrolment = world.fresh(person)
    return occasion


def page_of(response: Any) -> str:
    """The page as a person would read its source."""
    return html.unescape(response.content.decode())


def screen_of(response: Any) -> str:
    """Which screen a page says that it is."""
    found = re.search(r'<main[^>]* data-screen="([a-z]+)"', response.content.decode())
    assert found is not None
    return found.group(1)


def choose(browser: Client, place: str, **posted: Any) -> Any:
    """What a post of these fields is answered with."""
    return browser.post(place, posted)
