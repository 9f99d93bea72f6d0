"""Keys of the player beyond the first three, the boxes they open, and the screen that is dimmed or stays on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from imagery.models import StageVisit
from tests.browser.playing import ENGLISH, Player

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SLEEPY = """() => {
  Object.defineProperty(navigator, 'wakeLock', { value: {
    request: () => Promise.reject(new DOMException('battery', 'NotAllowedError')),
  } });
}"""


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url)
    for each in page.context.pages:
        each.goto("about:blank")


def test_d_dims_in_four_steps_and_the_step_stays(page: Page, player: Player) -> None:
    player.begin()
    veil = page.locator(".veil")
    expect(veil).to_be_hidden()
    for opacity in ("0.2", "0.4", "0.6"):
        page.keyboard.press("d")
        expect(veil).to_have_css("opacity", opacity)
    player.press("Pause")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    player.press("Continue")
    player.go_on()
    expect(veil).to_have_css("opacity", "0.6")
    page.keyboard.press("d")
    expect(veil).to_be_hidden()


def test_a_question_mark_lists_the_keys_and_stops_the_time_meanwhile(page: Page, player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(5)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    for key in ("Space", "L", "V", "W", "E", "D", "Esc"):
        expect(keys.get_by_text(key, exact=True)).to_be_visible()
    player.later(60)
    page.keyboard.press("l")
    page.keyboard.press("ArrowRight")
    assert page.url.endswith("/shore/")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(player.timer).to_contain_text("15 seconds")
    player.go_on()
    visit = StageVisit.objects.get(stage="shore")
    assert (visit.longer_ms, visit.pauses) == (0, 1)


def test_escape_asks_before_it_leaves_and_closes_what_lies_on_top_first(page: Page, player: Player) -> None:
    player.begin()
    page.locator("summary", has_text="Settings").click()
    page.keyboard.press("Escape")
    box = page.get_by_role("dialog", name="Do you want to leave?")
    expect(box).to_be_hidden()
    expect(page.locator("details[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.keyboard.press("Escape")
    box.get_by_role("link", name="Leave, keep my place").click()
    page.wait_for_url("**/me/")


def test_escape_is_no_single_key_and_the_others_are_off_with_their_switch(page: Page, player: Player) -> None:
    player.begin(voices=[ENGLISH])
    page.locator("summary", has_text="Settings").click()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    for key in ("d", "e", "?", "v", "w", "l", "Space", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".veil")).to_be_hidden()
    expect(page.get_by_role("region", name="Eyes closed")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("switch", name="Voice on")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Do you want to leave?")).to_be_visible()


def test_a_key_beside_an_answer_works_and_in_a_field_is_a_letter(page: Page, player: Player) -> None:
    player.begin("how_clear")
    page.keyboard.press("2")
    page.keyboard.press("d")
    expect(page.locator(".veil")).to_have_css("opacity", "0.2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/breather/")
    player.later(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/in_words/")
    page.locator("textarea").press_sequentially("deed, led: v?")
    expect(page.locator("textarea")).to_have_value("deed, led: v?")
    expect(page.locator(".veil")).to_have_css("opacity", "0.2")


@pytest.mark.whole_browser
def test_whether_the_screen_stays_on_is_said(page: Page, player: Player) -> None:
    player.begin()
    page.locator("summary", has_text="Settings").click()
    expect(page.locator(".menu-panel").get_by_text("Screen stays on")).to_be_visible()


def test_a_screen_that_may_switch_off_is_told_of_once(page: Page, player: Player) -> None:
    page.add_init_script(f"({SLEEPY})()")
    player.begin()
    words = page.get_by_role("status").filter(has_text="Your screen may switch off.")
    expect(words).to_be_visible()
    player.go_on()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/breather/")
    player.later(1)
    expect(words).to_have_count(0)


def test_a_least_quiet_time_is_kept_and_the_button_says_so(page: Page, player: Player) -> None:
    """No script asks for one yet; the page that does says so in an attribute."""
    page.route(
        "**/shore/",
        lambda route: route.fulfill(
            response=(got := route.fetch()), body=got.text().replace("data-player ", 'data-player data-min-s="8" ')
        ),
    )
    player.begin()
    player.listen_to_the_end()
    ready = page.get_by_role("button", name="Ready in a moment")
    ready.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="Ready in a moment")).to_be_visible()
    assert page.url.endswith("/shore/")
    player.later(8.1)
    expect(page.get_by_role("button", name="I am ready to go on")).to_be_focused()
    player.go_on()


def test_the_sound_is_tried_before_it_begins(page: Page, player: Player) -> None:
    player.hold_clock([ENGLISH])
    page.goto(player.base)
    player.press("Try the sound")
    expect(page.get_by_role("status").filter(has_text="This is the voice.")).to_be_visible()
    assert page.evaluate("spoken().at(-1)") == "This is the voice. Make it as loud as you like."
    page.get_by_label("Read each part aloud").uncheck()
    page.get_by_label("Quiet time").select_option("Twice as long")
    player.press("Begin")
    page.locator("body.playing").wait_for()
    expect(page.get_by_role("switch", name="Voice off")).to_be_visible()
    expect(player.timer).to_contain_text("40 seconds")


def test_what_nobody_has_touched_asks_for_a_touch_before_it_speaks(page: Page, player: Player) -> None:
    player.begin(voices=[ENGLISH])
    page.evaluate("spokenNotAllowed()")
    expect(page.get_by_role("heading", name="Press Continue to turn the sound on.")).to_be_visible()
    player.press("Continue")
    assert page.evaluate("spoken()") == ["You stand on a shore."] * 2
    expect(page.get_by_role("switch", name="Voice on")).to_be_visible()
