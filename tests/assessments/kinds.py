"""The study with every kind of question: somebody in it, and their browser without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.test import Client

from coaching.models import Enrolment
from tests import world
from tests.assessments.papers import start_url, url

FOLDER = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 3, 1, 10, 0, tzinfo=dt.UTC)
ABOUT = ("age", "always", "since", "how", "ways", "pets", "share", "name", "prior", "hours")
PICTURES = ("s1", "s2", "s3", "r1", "r2", "r3", "b1", "b2", "check")


def someone(settings: Any, changes: Mapping[str, str] | None = None) -> Enrolment:
    """Somebody who has just come into the study, by the product's clock.

    `changes` are pieces of text of the first questionnaire that are replaced.
    """
    world.move_clock(settings, NOW)
    files = world.edited(changes or {}, world.files(FOLDER), "instruments/person.yaml")
    return world.consented(world.publish(files, now=NOW), NOW - dt.timedelta(minutes=2))


def place(person: Enrolment, item: str, name: str = "item") -> str:
    """The address of one question of the first questionnaire."""
    return url(person, ABOUT.index(item) + 1, instrument="person", name=name)


def ask(browser: Client, person: Enrolment, item: str) -> Any:
    """The page of one question of the first questionnaire."""
    return browser.get(place(person, item))


def post(browser: Client, person: Enrolment, item: str, *values: str, **more: str) -> Any:
    """What a post of these values of one question is answered with."""
    return browser.post(place(person, item), {item: list(values), **more})


def leads_to(response: Any) -> str:
    """The question to which a post leads."""
    assert response.status_code == 303, response.content.decode()[:500]
    n = int(response.headers["Location"].rstrip("/").rpartition("/")[2])
    return ABOUT[n - 1]


def finish_about(browser: Client, person: Enrolment) -> Any:
    """Answers the first questionnaire to its end; what its last post is answered with."""
    for item, *values in (
        ("age", "41"),
        ("always", "no_later"),
        ("since", "2010-05-06"),
        ("how", "A fall."),
        ("ways", "words"),
        ("pets", "na"),
        ("share", "20"),
        ("name", ""),
        ("prior", "no"),
    ):
        last = post(browser, person, item, *values)
    return last


def walk_pictures(browser: Client, person: Enrolment, step: str, values: dict[str, str]) -> None:
    """Answers what is asked of the questionnaire of pictures, by what the pages themselves show."""
    response = browser.get(start_url(person, step), follow=True)
    for _ in range(20):
        shown = response.content.decode()
        name = re.search(r'<input type="radio" name="([a-z0-9]+)"', shown)
        if name is None or name[1] not in values:
            break
        where = response.redirect_chain[-1][0] if response.redirect_chain else response.request["PATH_INFO"]
        response = browser.post(where, {name[1]: values[name[1]]}, follow=True)
