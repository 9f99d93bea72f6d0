"""A small study of what people expect: hope before, pictures before and after, looking back, and guesses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from assessments.services import Given, Taken, answer
from coaching.models import Enrolment, StudyVersion
from tests import world

NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
_HEAD = "source: made for the tests\nlicence: CC0-1.0\n"
_ITEM = "sections: [{id: all_of_it, items: [{id: clear, text: How clear?}]}]\nscores: {total: {of: all, how: sum}}\n"
FILES: world.Files = {
    "welcome.md": "A study for the tests.\n",
    "consent.md": "You answer some questions.\n",
    "study.yaml": """\
format: 1
slug: hoping
title: Hoping
languages: [en]
timezone: Europe/London
contact: lab@example.org
summary: welcome.md
consent:
  version: "1"
  text: consent.md
  statements: [{id: take_part, text: I take part.}]
before:
  - {id: first, title: The first one, do: assess, instruments: [hope, pics]}
allocation: {method: blocks, blocks: [2]}
arms:
  train: {title: Training, steps: []}
  wait: {title: Waiting, steps: []}
after:
  - {id: end, title: The last one, do: assess, instruments: [pics, pics_then, told]}
baseline: [first]
outcomes: [{id: clearer, score: pics.total, timepoint: end, role: primary}]
demand:
  credibility: [hope.sense]
  expectancy: [hope.gain]
  guess: {item: told.guess, arms: {the training: train, the waiting: wait}, confidence: told.sure}
""",
    "instruments/pics.yaml": f"""\
id: pics
title: Pictures
{_HEAD}scale: {{min: 0, max: 10, step: 1, direction: higher_is_more}}
{_ITEM}""",
    "instruments/pics_then.yaml": f"""\
id: pics_then
title: Pictures, looking back
{_HEAD}scale: {{min: 0, max: 10, step: 1, direction: higher_is_more}}
then_of: pics
{_ITEM}""",
    "instruments/hope.yaml": f"""\
id: hope
title: What you hope
{_HEAD}scale: {{min: 1, max: 9, step: 1, direction: higher_is_more}}
sections:
  - id: all_of_it
    items:
      - {{id: sense, text: How much sense does it make?}}
      - {{id: gain, text: "How much will it change, in percent?", scale: {{min: 0, max: 100, step: 10}}}}
scores: {{sense: {{of: [sense], how: sum}}, gain: {{of: [gain], how: sum}}}}
""",
    "instruments/told.yaml": f"""\
id: told
title: Your guess
{_HEAD}scale: {{min: 0, max: 10, step: 1, direction: higher_is_more}}
sections:
  - id: all_of_it
    items:
      - {{id: guess, type: choice, text: Which group?, choices: [the training, the waiting, no idea]}}
      - {{id: sure, text: How sure?}}
scores: {{}}
""",
}


def someone(version: StudyVersion, arm: str, hope: tuple[float, float], before: float) -> Enrolment:
    """Somebody who answered the first step and is in this arm."""
    person = world.consented(version, NOW)
    _give(person, "first", "hope", *hope)
    _give(person, "first", "pics", before)
    Enrolment.objects.filter(pk=person.pk).update(arm=arm)
    return world.fresh(person)


def at_the_end(person: Enrolment, after: float, then: float, guess: str, sure: float) -> None:
    """The answers to the last step."""
    _give(person, "end", "pics", after)
    _give(person, "end", "pics_then", then)
    _give(person, "end", "told", guess, sure)


def _give(person: Enrolment, step: str, instrument: str, *values: Any) -> None:
    for position, value in enumerate(values, start=1):
        given = Given("answered", None, value) if isinstance(value, str) else Given("answered", value)
        taken = answer(
            occasion=world.occasion(person, step),
            instrument=instrument,
            position=position,
            given=given,
            now=NOW,
            language="en",
        )
        assert isinstance(taken, Taken), taken


def small_study() -> StudyVersion:
    """The study with six people, three in each arm; one of each arm has not come to the end."""
    version = world.publish(FILES, now=NOW)
    people = [
        # arm, (sense, gain), before, after, then, guess, sure
        ("train", (8, 60), 2, 6, 1, "the training", 9),
        ("train", (6, 40), 3, 5, 3, "no idea", 0),
        ("train", (7, 80), 1, 7, 2, "the waiting", 4),
        ("wait", (5, 20), 2, 2, 2, "the waiting", 7),
        ("wait", (3, 40), 4, 5, 3, "the waiting", 5),
    ]
    for arm, hope, before, after, then, guess, sure in people:
        at_the_end(someone(version, arm, hope, before), after, then, guess, sure)
    someone(version, "wait", (4, 30), 3)
    return version
