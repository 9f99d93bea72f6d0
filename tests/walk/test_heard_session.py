"""A session gone through by ears and keys alone, and in plain pages: every state speaks, and the rows are the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

import clock
from coaching.models import StudyVersion
from imagery.models import SessionEvent
from tests import world
from tests.browser.playing import VOICES
from tests.browser.watch import watched
from tests.research.calls import caller
from tests.walk.client import Browser
from tests.walk.evenings import stage_of
from tests.walk.hands import Plain
from tests.walk.listener import Listener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCRIPT = """\
slug: walk
title: A walk
voice: {rate: 0.9, pause: 1s}
stages:
  - {id: shore, say: "You stand on a shore. The sand is warm.", hold: 60s}
  - {id: in_what, form: In what form did it come?, forms: [knowing, words, picture]}
  - {id: how_clear, rate: vividness, scale: {min: 1, max: 5}}
  - {id: effort, rate: effort, scale: {min: 0, max: 100}}
  - {id: in_words, report: "What came to you, if anything?"}
  - {id: sketch, draw: Draw what came., condition: imagery}
  - {id: unveiled, reveal: media/umbrella.png, alt: A striped umbrella, credit: Drawn by Ada}
  - {id: how_close, compare: How close was it?, scale: {min: 0, max: 10}}
  - {id: breather, rest: 20s}
  - id: road
    choose: How do you go on?
    options: [{label: Down to the water}, {label: Along the dry path, goto: attending}]
  - {id: waves, say: "The sea comes and goes."}
  - {id: attending, check: Where was it?, choices: [In a wood, By a shore, In a street], answer: 2}
  - {id: back, say: "Look around the room."}
"""
WORDS = "Warmth, and the word for it."
DRAWN = "Round. Grey at the top."
# What is given at each stage, as a form sends it; where nothing is, it is gone on from.
GIVEN: dict[str, dict[str, str]] = {
    "shore": {},
    "in_what": {"in_what": "words"},
    "how_clear": {"how_clear": "2"},
    "effort": {"effort": "35"},
    "in_words": {"in_words": WORDS},
    "sketch": {"drawing-words": DRAWN},
    "unveiled": {},
    "how_close": {"how_close": "6"},
    "breather": {},
    "road": {"road": "2"},
    "attending": {"attending": "2"},
    "back": {},
}
# What is heard of each state as it comes: of those that the log knows, and of what is no state of its own.
SPOKEN = {
    "ready": "The first one · Potoo, RootWebArea",
    "guide": "Part 1 of 13, heading",
    "quiet": "Quiet time: about a minute.",
    "half of it": "Half of the quiet time is left.",
    "its end": "The quiet time is over. Take as long as you like.",
    "longer": "30 more seconds",
    "paused": "Paused. Your place is kept., heading",
    "stop is offered": "Stop, button",
    "stopped": "You have stopped. Your place is kept., heading",
    "form": "In what form did it come?, heading",
    "a form chosen": "In words, checkbox, checked true",
    "rate": "How clear was any picture in your mind?, heading",
    "a rating chosen": "2 Very faint, radio, checked true",
    "kept": "Kept on this device until you send it.",
    "saved": "Saved.",
    "words": "What came to you, if anything?",
    "draw": "Draw what came., heading",
    "reveal": "Here is the picture, heading",
    "compare": "How close was it?, heading",
    "rest": "Quiet time: 20 seconds.",
    "choose": "How do you go on?, heading",
    "check": "Where was it?, heading",
    "the last part": "Part 13 of 13, heading",
    "end": "That was the last part · Tiny · Potoo, RootWebArea",
}
# Whose row it is, and when it came about: two people, one after the other.
THEIR_OWN = {
    "participant",
    *("started_at", "completed_at", "duration_s", "shown_at", "answered_at", "written_at", "saved_at"),
}
# What nobody can measure without a script: the page's own clock does, and it tells an empty value from nought.
MEASURED: dict[str, set[str]] = {
    "sessions": {"quiet_actual_s", "pauses", "hidden_s", "longer_s", "paused_s"},
    "ratings": {"response_time_ms"},
    "reports": set(),
    "drawings": set(),
}


@pytest.fixture
def version() -> StudyVersion:
    return world.publish(
        world.edited({"do: assess, instruments: [one]": "do: session, script: walk"}, world.TINY)
        | {"scripts/walk.yaml": SCRIPT, "media/umbrella.png": world.files()["media/potoo.png"]}
    )


def test_a_session_by_ears_and_keys_gives_the_rows_that_plain_pages_give(
    version: StudyVersion, chromium: Chromium, live_server: Any
) -> None:
    heard, (plain, token) = world.consented(version), world.invited(version.study)
    world.consented(version, enrolment=plain)
    with watched(chromium, live_server.url) as context:
        cookies = world.browser_of(heard).cookies.values()
        context.add_cookies([{"name": each.key, "value": each.value, "url": live_server.url} for each in cookies])
        page = context.new_page()
        page.add_init_script(f"({VOICES})([])")
        start = clock.now()
        page.clock.install(time=start)
        page.goto("/me/next/")
        page.clock.pause_at(start + timedelta(minutes=1))
        ears = Listener(page)
        ears.look()
        by_ear(ears)
        assert [state for state, words in SPOKEN.items() if not ears.heard(words)] == [], ears.said
        page.goto("about:blank")
    passed = SessionEvent.objects.filter(type="state_enter").values_list("state", flat=True)
    assert {"guide", "quiet", "paused", "draw"} <= set(passed) <= set(SPOKEN), "a state that is not listened for"
    by_forms(live_server.url, token)
    read = caller(version.study)
    for dataset, measured in MEASURED.items():
        mine, theirs = (read.rows(dataset, participant=each.pseudonym) for each in (heard, plain))
        assert mine, dataset
        assert [without(row, measured) for row in mine] == [without(row, measured) for row in theirs]
        assert {name for row in theirs for name in measured if row[name] is not None} == set()
        assert {name for name in measured if any(row[name] is not None for row in mine)} == measured


def without(row: dict[str, Any], measured: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in THEIR_OWN | measured}


def by_forms(url: str, token: str) -> None:
    """Gives the same without JavaScript."""
    hands = Plain(Browser(url))
    hands.open(f"/p/{token}/")
    hands.press()
    assert hands.screen == "home"
    hands.press()
    hands.press()
    for stage, given in GIVEN.items():
        assert stage_of(hands) == stage
        for name, value in given.items():
            hands.fill(name, value)
        hands.press()
    assert hands.screen == "done"


def by_ear(ears: Listener) -> None:
    """A whole session, with every turn that a person may take in it."""
    ears.activate("button", "Begin", SPOKEN["guide"])
    assert "You stand on a shore. The sand is warm." in ears.text(), "whoever reads on hears the words"
    ears.later(12)
    ears.activate("button", "Longer please", SPOKEN["longer"])
    ears.activate("button", "Pause", SPOKEN["paused"])
    ears.activate("button", "Continue", "Pause, button")
    ears.later(92)
    ears.activate("button", "Stop", SPOKEN["stopped"])
    ears.activate("link", "Carry on", SPOKEN["guide"])
    ears.activate("button", "I am ready to go on", SPOKEN["form"])
    ears.go_to("checkbox", "In words")
    ears.press("Space")
    ears.hears(SPOKEN["kept"])
    ears.activate("button", "Save and go on", SPOKEN["rate"], SPOKEN["saved"])
    ears.choose("2 Very faint")
    ears.activate("button", "Save and go on", "How much effort did it take?, heading", SPOKEN["saved"])
    ears.go_to("slider", "")
    ears.type("35")
    ears.activate("button", "Save and go on", SPOKEN["words"], SPOKEN["saved"])
    ears.go_to("textbox", SPOKEN["words"])
    ears.type(WORDS)
    ears.activate("button", "Save and go on", SPOKEN["draw"], SPOKEN["saved"])
    ears.activate("button", "Describe it in words instead")
    ears.go_to("textbox", "Words beside your drawing")
    ears.type(DRAWN)
    ears.activate("button", "I have finished", SPOKEN["reveal"], SPOKEN["saved"])
    assert "A striped umbrella" in ears.pictures()
    ears.activate("button", "Go on", SPOKEN["compare"])
    ears.choose("6")
    ears.activate("button", "Save and go on", "Part 9 of 13, heading", SPOKEN["saved"])
    ears.later(22)
    assert ears.heard(SPOKEN["rest"])
    ears.activate("button", "I am ready to go on", SPOKEN["choose"])
    ears.choose("Along the dry path")
    ears.activate("button", "Save and go on", SPOKEN["check"], SPOKEN["saved"])
    ears.choose("By a shore")
    ears.activate("button", "Save and go on", SPOKEN["the last part"], SPOKEN["saved"])
    ears.activate("button", "I am ready to go on", SPOKEN["end"])
