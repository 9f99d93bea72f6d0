"""A session that is left at any of its stages and taken up on another device, by a fresh link that is mailed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.walk.client import Browser
from tests.walk.evenings import STAGES, begins, picture, stage_of
from tests.walk.hands import Plain
from tests.walk.journey import Person
from tests.walk.lab import Lab, Row
from tests.walk.test_session_walks import enters, fills_up, somebody

pytestmark = pytest.mark.once

GIVEN: Mapping[str, Mapping[str, Any]] = {
    "layer_1": {"layer_1": "0"},
    "layer_2": {"layer_2": "35"},
    "what_came": {"what_came": "A pillow.\n\nThen nothing & nothing."},
    "sketch": {"drawing-words": "round and dark", "sketch": picture()},
    "match": {"match": "10"},
}


def at_s1(lab: Lab, name: str) -> tuple[Person, str, Plain]:
    """Somebody who can begin the first session: who they are, their code, their hands."""
    for n in range(8):
        person = somebody("en", f"{n}-{name}@left.example", "Europe/London")
        fills_up(lab, person)
        hands = Plain(Browser(lab.url))
        code = enters(lab, hands, person)
        if code:
            hands.open("/me/")
            return person, code, hands
    raise AssertionError("eight in a row drew the other arm")


def on_another_device(lab: Lab, person: Person) -> Plain:
    """The first device is gone for good; a link is asked for on a new one, and followed to home."""
    lab.later(minutes=20)
    hands = Plain(Browser(lab.url))
    hands.open("/me/link/")
    hands.fill("email", person.email)
    before = len(lab.mails(person.email))
    hands.press()
    hands.open(lab.mailed_link(person.email, before + 1))
    assert hands.screen == "welcome"
    hands.press()
    assert hands.screen == "home"
    return hands


def rows(lab: Lab, code: str) -> dict[str, list[Row]]:
    """All that the API has of a person's sessions."""
    return {name: lab.rows(name, participant=code) for name in ("sessions", "ratings", "reports", "drawings")}


def gives(hands: Plain, stage: str) -> None:
    for name, value in GIVEN.get(stage, {}).items():
        hands.choose(name, value)
    hands.press()


def test_a_session_left_at_every_stage_goes_on_there_on_another_device(whole_lab: Lab) -> None:
    person, code, hands = at_s1(whole_lab, "everywhere")
    begins(hands)
    for n, stage in enumerate(STAGES):
        before = rows(whole_lab, code)
        hands = on_another_device(whole_lab, person)
        hands.press()
        if n:
            assert f"You stopped in part {n + 1} of 10" in hands.browser.page.words
            for later in STAGES[n:]:
                assert later not in hands.browser.page.words
        hands.press()
        assert stage_of(hands) == stage
        assert rows(whole_lab, code) == before, "taking it up stores nothing"
        if stage != "match":
            # What was given on other devices stands on the pages of this one; before its reveal it can be changed.
            here = hands.url
            for earlier in [each for each in STAGES[:n] if each in GIVEN]:
                hands.open(here.replace(f"/{stage}/", f"/{earlier}/"))
                for name, value in GIVEN[earlier].items():
                    assert isinstance(value, bytes) or hands.shown(name) == value
            hands.open(here)
        gives(hands, stage)
    assert hands.screen == "wait"
    found = rows(whole_lab, code)
    assert [[row["attempt"], row["status"], row["duration_s"] > 9 * 1200] for row in found["sessions"]] == [
        [1, "completed", True]
    ]
    assert [(row["stage"], row["rating"], row["status"], row["changes"]) for row in found["ratings"]] == [
        ("layer_1", 0, "answered", 0),
        ("layer_2", 35, "answered", 0),
        ("match", 10, "answered", 0),
    ]
    assert [row["text"] for row in found["reports"]] == [GIVEN["what_came"]["what_came"]]
    assert [(row["status"], row["words"]) for row in found["drawings"]] == [("uploaded", "round and dark")]


def test_a_session_begun_again_is_a_second_attempt_beside_the_first(whole_lab: Lab) -> None:
    person, code, hands = at_s1(whole_lab, "again")
    begins(hands)
    for stage in STAGES[:9]:
        gives(hands, stage)
    assert stage_of(hands) == "match"
    first = rows(whole_lab, code)
    whole_lab.later(hours=13)
    hands = on_another_device(whole_lab, person)
    hands.press()
    assert re.search(r"You stopped in part 10 of 10, on \w+", hands.browser.page.words)
    start = hands.browser.page.main.button("data-primary")
    assert start is not None
    assert start.name == "restart", "half a day later, beginning again is offered first"
    hands.press_twice()
    assert stage_of(hands) == STAGES[0]
    hands.press()
    hands.press()
    hands.choose("layer_1", "77")
    hands.press()
    both = rows(whole_lab, code)
    assert [(row["attempt"], row["status"]) for row in both["sessions"]] == [(1, "started"), (2, "started")]
    for name in ("ratings", "reports", "drawings"):
        assert [row for row in both[name] if row["attempt"] == 1] == first[name]
    assert [(row["stage"], row["rating"]) for row in both["ratings"] if row["attempt"] == 2] == [("layer_1", 77)]
    for stage in STAGES[3:]:
        gives(hands, stage)
    assert hands.screen == "wait"
    both = rows(whole_lab, code)
    assert [(row["attempt"], row["status"]) for row in both["sessions"]] == [(1, "started"), (2, "completed")]
    assert len(both["ratings"]) == 5, "two of the attempt that was left, three of the one that was finished"
    files = [row["file"] for row in both["drawings"]]
    assert len(set(files)) == 2
    for file in files:
        assert list((whole_lab.product.folder / "var").rglob(file))


def test_a_browser_that_lost_its_cookie_is_asked_who_it_is_and_stores_nothing(whole_lab: Lab) -> None:
    person, code, hands = at_s1(whole_lab, "cookie")
    begins(hands)
    gives(hands, "stage_1")
    gives(hands, "stage_2")
    address = hands.url
    hands.browser.cookies.clear()
    hands.open(address)
    assert hands.screen != "session"
    hands = on_another_device(whole_lab, person)
    assert rows(whole_lab, code)["ratings"] == []
    hands.open(address)
    assert stage_of(hands) == "layer_1", "the address that they had kept leads on as soon as they are known"
