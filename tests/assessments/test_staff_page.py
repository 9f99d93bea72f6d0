"""What staff read of a person's answers."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.selectors import own_rows
from assessments.services import DECLINED
from coaching.models import Enrolment
from config.tick import turn
from tests import world
from tests.assessments import kinds
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


# --- every kind of question ------------------------------------------------------------------------------------------


@pytest.fixture
def answered(settings: Any, db: None) -> Enrolment:
    """Somebody who went from the top of the scale to its floor, with one attention check missed."""
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    kinds.post(browser, person, "always", "no_later")
    kinds.post(browser, person, "since", "2010-05-06")
    kinds.post(browser, person, "how", "A fall.\nThen <b>nothing</b>.")
    kinds.post(browser, person, "ways", "words", "picture")
    kinds.post(browser, person, "ways", "moving")
    kinds.finish_about(browser, person)
    kinds.walk_pictures(browser, person, "first", dict.fromkeys(kinds.PICTURES, "1") | {"b2": "5"})
    world.move_clock(settings, kinds.NOW + 2 * DAY)
    kinds.walk_pictures(browser, person, "again", dict.fromkeys(kinds.PICTURES, "5") | {"b2": "1"})
    return person


def test_staff_read_answers_of_every_kind_as_they_were_given(settings: Any, db: None) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    kinds.post(browser, person, "age", "41")
    kinds.post(browser, person, "always", "no_later")
    kinds.post(browser, person, "since", "2010-05-06")
    kinds.post(browser, person, "how", "A fall.\nThen <b>nothing</b>.")
    kinds.post(browser, person, "ways", "words", "picture")
    kinds.post(browser, person, "ways", "moving")
    kinds.post(browser, person, "pets", "na")
    page = _rows(world.browser_of_staff(world.staff(person.study, "coach")).get(_answers_url(person)))
    assert page["age"].startswith("41 years")
    assert page["always"].startswith("no_later No, it came later")
    assert page["since"].startswith("2010-05-06")
    assert page["how"].startswith("A fall. Then <b>nothing</b>.")
    assert page["ways"].startswith("moving By moving through it picture;words")
    assert page["pets"].startswith("Does not apply")
    assert page["name"].startswith("Not answered yet")


def _rows(response: Any) -> dict[str, str]:
    """What is said of each answer, by item."""
    source = response.content.decode()
    assert "A fall.<br>" in source
    rows = re.findall(r'<small class="mono">([a-z0-9]+)[^<]*</small></th>(.*?)</tr>', source, re.DOTALL)
    return {item: html.unescape(" ".join(re.sub("<[^>]+>", " ", cells).split())) for item, cells in rows}


def test_staff_read_which_scheme_spoke_and_by_which_method_and_sample_a_change_was_judged(answered: Enrolment) -> None:
    page = page_of(world.browser_of_staff(world.staff(answered.study, "coach")).get(_answers_url(answered)))
    plain = " ".join(re.sub("<[^>]+>", " ", page).split())
    for text in (
        "floor (by strict, 1) low (by wide, 2024)",
        "total_low_is_vivid higher means less",
        "total_high_is_vivid higher means more",
        "Reliable change (Jacobson and Truax 1991) total_high_is_vivid nobody, for the tests: n 100",
        "Reliable change (Maassen 2004)",
        "Reliable change, corrected for practice",
        "By the error at this level",
        "Smallest detectable change",
        "Off the floor, twice in a row total_high_is_vivid the study's own rule: above the floor on at least 2 items",
        "Decreased The value that it is measured from was at an end of the scale",
        "Not off the floor by this rule",
        "eyes closed",
        "Not due",
        "check · attention check 5 As clear as seeing (not what it asks for)",
        "check · attention check 1 Nothing –",
    ):
        assert text in plain, text
    assert {"form a", "form b"} <= set(re.findall(r"form [ab]", plain))
    assert "recover" not in plain.lower()


def test_a_person_reads_the_same_words_in_their_own_data(answered: Enrolment) -> None:
    tables = own_rows(world.fresh(answered))
    answers = {row["item"]: row for row in tables["answers"] if row["instrument"] == "person"}
    assert (answers["ways"]["value"], answers["ways"]["meaning"]) == ("words", "In words")
    assert (answers["age"]["value"], answers["age"]["meaning"]) == (41, "years")
    assert (answers["pets"]["value"], answers["pets"]["status"]) == (None, "not_applicable")
    assert (answers["hours"]["value"], answers["hours"]["status"]) == (None, "not_due")
    earlier = [row["meaning"] for row in tables["earlier_answers"] if row["item"] == "ways"]
    assert earlier == ["As a picture; In words", "By moving through it"]
    bands = {row["bands"] for row in tables["scores"] if row["score"] == "total_high_is_vivid"}
    assert bands == {"strict 1: floor; wide 2024: low", "strict 1: above; wide 2024: high"}


def test_a_page_of_every_kind_is_cheap_however_much_was_judged(answered: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(answered.study, "coach"))
    browser.get(_answers_url(answered))
    with CaptureQueriesContext(connection) as queries:
        browser.get(_answers_url(answered))
    assert len(queries) <= 14
