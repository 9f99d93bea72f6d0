"""The whole study, from the door to the last row, in each of the ways in which people use it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.watch import watched
from tests.walk.client import Browser
from tests.walk.hands import Hands, Keyboard, Mouse, Plain
from tests.walk.journey import Person, answers_first, answers_later, check_rows, comes_in
from tests.walk.lab import SLUG, Lab


def walk(lab: Lab, hands: Hands, person: Person, *, link: str = "", is_timed: bool = False) -> str:
    """The whole way, to the last row; the answer is the person's code."""
    people = len(lab.rows("participants"))
    began = lab.now().isoformat(timespec="milliseconds")
    hands.open(link or f"/join/{SLUG}/")
    if link:
        assert hands.screen == "welcome"
        hands.press_twice()
    comes_in(hands, person, is_invited=bool(link))
    code = hands.code
    answers_first(hands, person)

    lab.later(days=14)
    comes_back(lab, hands, person, link)
    answers_later(hands, person.post)
    assert hands.screen == "wait"

    lab.later(days=28)
    comes_back(lab, hands, person, link)
    if person.day28:
        answers_later(hands, person.day28)
    if len(person.day28) < 4:
        lab.later(days=8)
    hands.open("/me/next/")
    assert hands.screen == "done"

    ended = lab.now().isoformat(timespec="milliseconds")
    check_rows(lab, person, code, is_timed=is_timed, window=(began, ended))
    assert len(lab.rows("participants")) == people + 1, "no submit made somebody twice"
    return code


def comes_back(lab: Lab, hands: Hands, person: Person, link: str) -> None:
    """By the invitation's link, by a fresh one that is mailed, or as the browser knows them still."""
    if link or person.email:
        hands.open(link or mailed(lab, hands, person.email))
        assert hands.screen == "welcome"
        hands.press()
    else:
        hands.open("/me/")
    assert hands.screen == "home"


def mailed(lab: Lab, hands: Hands, address: str) -> str:
    hands.open("/me/link/")
    hands.fill("email", address)
    hands.press()
    return lab.mailed_link(address)


@pytest.mark.browser
def test_the_study_is_walked_to_its_end_by_mouse(lab: Lab, chromium: Chromium) -> None:
    person = Person("en", "mouse@walk.example", "Europe/Lisbon", (2, 3, 2, 5), 4, (3, 3, 2, 4), (5, 5, 5, 5))
    with watched(chromium, lab.url, locale="en-GB") as context:
        walk(lab, Mouse(context.new_page()), person, is_timed=True)


@pytest.mark.browser
def test_the_study_is_walked_to_its_end_by_keyboard_alone(lab: Lab, chromium: Chromium) -> None:
    person = Person("de", "tasten@walk.example", "Europe/Berlin", (5, 3, 1, 5), 4, (1, 1, 2, 1), (4, 5, 5, 5))
    code, link = lab.invite("--email", person.email, "--timezone", person.timezone)
    with watched(chromium, lab.url, locale="de-DE") as context:
        assert walk(lab, Keyboard(context.new_page()), person, link=link, is_timed=True) == code


def test_the_study_is_walked_to_its_end_without_javascript(lab: Lab) -> None:
    person = Person("en", "plain@walk.example", "Asia/Kolkata", (3, 2, 5, 4), 1, (5, 4, 5, 5), ())
    code, link = lab.invite("--email", person.email, "--timezone", person.timezone)
    assert walk(lab, Plain(Browser(lab.url, language="en")), person, link=link) == code


def test_a_last_questionnaire_that_its_window_cuts_short_has_a_row_for_every_item(lab: Lab) -> None:
    person = Person("de", "", "Europe/Vienna", (1, 2, 2, 1), 1, (1, 1, 1, 1), (1, 2))
    walk(lab, Plain(Browser(lab.url, language="de,en;q=0.5")), person)
