"""What a page does with the voice of its device before anything is said: a stand-in takes the voice's place here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.playing import ENGLISH, NO_VOICES_MS, Player

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

# A browser that has thousands of voices: it begins to look for them when it is first asked, and has them a while later.
KNOWN_AFTER_MS = 5000
SLOW_VOICES = f"""
const voices = speechSynthesis.getVoices();
let asked = null;
speechSynthesis.getVoices = () => {{
  asked ??= performance.now();
  return performance.now() - asked < {KNOWN_AFTER_MS} ? [] : voices;
}};
"""


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url)
    page.goto("about:blank")


def test_a_stand_in_for_the_voice_speaks_after_the_first_press(player: Player) -> None:
    """Some voices never speak again after an utterance without a letter."""
    player.press_begin(voices=[ENGLISH])
    assert player.page.evaluate("spoken()") == ["You stand on a shore."]


def test_the_voices_are_looked_for_at_the_door_and_known_when_the_first_part_begins(player: Player) -> None:
    page = player.page
    player.hold_clock([ENGLISH])
    page.add_init_script(SLOW_VOICES)
    page.goto(player.base)
    page.locator("[data-ready]:not([hidden])").wait_for()
    player.later(KNOWN_AFTER_MS / 1000)  # as long as it takes to read what stands there
    player.press("Begin")
    page.locator("body.playing").wait_for()
    player.later(NO_VOICES_MS / 1000)
    assert page.evaluate("spoken()") == ["You stand on a shore."]
