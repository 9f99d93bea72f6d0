"""What staff read of a person's answers."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.services import DECLINED
from coaching.models import Enrolment
from config.tick import turn
from tests import world
from tests.assessments.papers import (
    DAY,
    T0,
    fill,
    give,
    page_of,
)

# --- what staff see --------------------------------------------------------------------------------------------------


def _answers_url(person: Enrolment) -> str:
    return reverse("assessments:person", args=[person.study.slug, person.pseudonym])


def test_staff_read_answers_their_history_and_scores(person: Enrolment) -> None:
    fill(person, 1, 4)
    give(person, 1, 2)
    give(person, 2, DECLINED)
    give(person, 3, 5)
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = page_of(browser.get(_answers_url(person)))
    for text in ("The first one", "The path before you", "Would rather not say", "All of it", "reversed in scoring"):
        assert text in page, text
    assert "(prorated)" in page  # 2 + 5 of two items, for three
    assert "10.5" in page
    assert re.search(r"Earlier answers.>1<", page)
    fragment = page_of(browser.get(_answers_url(person) + "?fragment=1"))
    assert "The path before you" in fragment
    assert "<main" not in fragment
    assert "<html" not in fragment


def test_answers_are_for_those_who_may_see_them(person: Enrolment) -> None:
    other = world.tiny().study
    give(person, 1, 2)
    allowed = {role: world.staff(person.study, role) for role in ("owner", "researcher", "coach", "data_manager")}
    for user in allowed.values():
        assert world.browser_of_staff(user).get(_answers_url(person)).status_code == 200
    observer = world.browser_of_staff(world.staff(person.study, "observer"))
    assert observer.get(_answers_url(person)).status_code == 403
    stranger = world.browser_of_staff(world.staff(other, "owner"))
    assert stranger.get(_answers_url(person)).status_code == 404
    within = reverse("assessments:person", args=[other.slug, person.pseudonym])
    assert stranger.get(within).status_code == 404
    assert Client().get(_answers_url(person)).status_code == 302


def test_a_page_of_answers_is_cheap_however_many_there_are(settings: Any, person: Enrolment) -> None:
    fill(person, 2, 4, 5)
    fill(person, 40, 1.5, instrument="wide")
    turn(now=T0 + 18 * DAY)
    world.move_clock(settings, T0 + 18 * DAY)
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    browser.get(_answers_url(person))
    with CaptureQueriesContext(connection) as queries:
        page = page_of(browser.get(_answers_url(person)))
    assert page.count("<caption>Scores") == 5
    assert "Closed before it was finished" in page
    assert len(queries) <= 12
