"""With closed eyes: a black screen with two zones, a voice, chimes, and each turn said for a screen reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from imagery.models import Rating, SessionEvent, SessionRun, StageVisit
from tests.browser.playing import ENGLISH, Player
from tests.browser.test_pages import FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS, SMALL_TARGETS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAGES = {
    "shore": '{id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}',
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
    "breather": "{id: breather, rest: 30s}",
    "waves": '{id: waves, say: "The sea comes and goes.", hold: 10s}',
}
GIVEN = {"how_clear": "2"}
INTRODUCTION = (
    "Close your eyes. I will read each part aloud. Two soft chimes mean it is time to open them. "
    "To stop, tap high on the screen. Then tap low."
)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    page.set_viewport_size(PHONE)
    yield Player(page, live_server.url, STAGES, GIVEN)
    for each in page.context.pages:
        each.goto("about:blank")


def begin(player: Player, voices: list[dict[str, Any]] | None = None) -> None:
    """Chooses closed eyes at the door, and begins."""
    page = player.page
    player.hold_clock([ENGLISH] if voices is None else voices)
    page.goto(player.base)
    page.get_by_label("Eyes closed", exact=False).check()
    player.press("Begin")
    page.locator("body.playing").wait_for()


def layer(page: Page) -> Locator:
    return page.get_by_role("region", name="Eyes closed")


def says(page: Page) -> Locator:
    """What a screen reader is told."""
    return layer(page).get_by_role("status")


def spoken(page: Page) -> list[str]:
    return [text for text in page.evaluate("spoken()") if text]


def speak(player: Player, *texts: str) -> None:
    """Lets the voice come to the end of what it says, once it says each of these."""
    for text in texts:
        for _ in range(20):
            if spoken(player.page)[-1:] == [text]:
                break
            player.later(0.2)
        assert spoken(player.page)[-1] == text
        player.page.evaluate("spokenToTheEnd()")


def rang(player: Player, *expected: tuple[str, int]) -> None:
    """Whether these chimes rang, and no other: each by its kind and its strokes."""
    heard: list[tuple[str, int]] = []
    for _ in range(40):
        found = SessionEvent.objects.filter(type="chime").order_by("seq")
        heard = [(each["kind"], each["strokes"]) for each in (json.loads(event.payload) for event in found)]
        if len(heard) >= len(expected):
            break
        player.later(0.5)
        player.page.wait_for_timeout(50)
    assert heard == list(expected)


def test_a_whole_way_with_closed_eyes_is_said_and_goes_on_by_itself(page: Page, player: Player) -> None:
    begin(player)
    expect(layer(page)).to_be_visible()
    expect(says(page)).to_have_text(INTRODUCTION)
    speak(player, INTRODUCTION, "You stand on a shore.")
    expect(layer(page).get_by_text("You stand on a shore.")).to_be_visible()
    speak(player, "The sand is warm.")
    player.later(1)
    expect(says(page)).to_have_text("Quiet time: 20 seconds.")
    player.later(20)
    expect(says(page)).to_have_text("The quiet time is over. Going on in a moment.")
    player.later(3.1)
    page.wait_for_url("**/how_clear/")
    expect(page.get_by_role("heading", name="How clear was any picture in your mind?")).to_be_focused()
    player.later(1.3)
    expect(layer(page)).to_be_hidden()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/breather/")
    expect(layer(page)).to_be_visible()
    expect(says(page)).to_have_text("The next part.")
    speak(player, "Rest for a while.", "There is nothing to do now.")
    player.later(1 + 30 + 3.1)
    page.wait_for_url("**/waves/")
    speak(player, "The sea comes and goes.")
    player.later(1 + 10 + 3.1)
    page.wait_for_url("**/me/**")
    assert SessionRun.objects.get().status == SessionRun.Status.COMPLETED
    assert Rating.objects.get().value == 2
    assert INTRODUCTION not in spoken(page)[1:]
    rang(player, ("open", 2), ("next", 1), ("next", 1))
    assert {visit.voice for visit in StageVisit.objects.exclude(kind="rate")} == {"device"}


def test_the_screen_is_black_with_two_zones_and_the_rest_is_out_of_reach(page: Page, player: Player) -> None:
    begin(player)
    expect(layer(page)).to_have_css("background-color", "rgb(0, 0, 0)")
    upper, lower = (layer(page).get_by_role("button", name=name) for name in ("Tap up here", "Tap down here"))
    expect(upper).to_have_css("color", "rgb(138, 133, 119)")
    expect(layer(page).locator("[data-eyes-head]")).to_have_css("color", "rgb(163, 157, 141)")
    for zone, share in ((upper, 0.70), (lower, 0.22)):
        box = zone.bounding_box()
        assert box
        assert box["height"] / PHONE["height"] == pytest.approx(share, abs=0.03)
        assert box["width"] / PHONE["width"] > 0.9
    assert page.locator("body > :not([data-keeps]):not([inert])").count() == 0
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.closest('[data-eyes]') !== null || document.activeElement.tagName")
        )
    assert reached <= {True, "BODY"}


def test_zones_found_by_feel_pause_go_on_and_make_it_longer(page: Page, player: Player) -> None:
    begin(player)
    speak(player, INTRODUCTION)
    page.touchscreen.tap(40, 60) if page.evaluate("'ontouchstart' in window") else page.mouse.click(40, 60)
    expect(says(page)).to_have_text("Paused. Your place is kept.")
    expect(layer(page).get_by_role("button", name="Tap up here to go on")).to_be_visible()
    said = len(spoken(page))
    player.later(60)
    assert len(spoken(page)) == said
    page.mouse.click(350, 500)
    expect(layer(page).get_by_role("button", name="Tap up here to pause")).to_be_visible()
    speak(player, "You stand on a shore.", "The sand is warm.")
    player.later(1)
    page.mouse.click(200, 700)
    expect(says(page)).to_have_text("15 more seconds")
    player.later(21)
    assert page.url.endswith("/shore/")
    player.later(17.1)
    page.wait_for_url("**/how_clear/")
    visit = StageVisit.objects.get(stage="shore")
    assert (visit.pauses, visit.longer_ms) == (1, 15_000)
    assert visit.paused_ms == pytest.approx(60_000, abs=200)


def test_keys_do_all_of_it(page: Page, player: Player) -> None:
    player.press_begin(voices=[ENGLISH])
    page.keyboard.press("e")
    expect(layer(page)).to_be_visible()
    expect(layer(page).get_by_role("button", name="Tap up here to pause")).to_be_focused()
    page.keyboard.press("Space")
    expect(says(page)).to_have_text("Paused. Your place is kept.")
    page.keyboard.press("Space")
    expect(layer(page).get_by_role("button", name="Tap up here to pause")).to_be_focused()
    page.keyboard.press("l")
    expect(says(page)).to_have_text("15 more seconds")
    page.keyboard.press("Escape")
    expect(layer(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/how_clear/")
    player.later(1.3)
    expect(layer(page)).to_be_hidden()


def test_the_person_may_go_on_or_back_to_the_words_by_a_button(page: Page, player: Player) -> None:
    begin(player)
    layer(page).get_by_role("button", name="Back to words on the screen").click()
    expect(layer(page)).to_be_hidden()
    expect(page.locator("[data-sentence].now")).to_have_text("You stand on a shore.")
    assert page.locator("[inert]").count() == 0
    page.get_by_role("switch", name="Eyes closed").click()
    layer(page).get_by_role("button", name="I am ready to go on").click()
    page.wait_for_url("**/how_clear/")


def stopped(player: Player) -> None:
    """Whether the page is that on which somebody stopped, and told to whoever has their eyes closed."""
    page = player.page
    page.wait_for_url("**/stop/")
    expect(page.locator("main h1")).to_be_focused()
    assert page.locator("[inert]").count() == 0
    player.later(1.3)
    expect(layer(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Carry on")).to_be_visible()
    rang(player, ("open", 2))
    assert SessionRun.objects.get().status == SessionRun.Status.STARTED, "nothing is lost by it"


def test_two_taps_found_by_feel_stop_it_and_the_first_words_say_so(page: Page, player: Player) -> None:
    begin(player)
    expect(says(page)).to_contain_text("To stop, tap high on the screen. Then tap low.")
    speak(player, INTRODUCTION, "You stand on a shore.")
    page.mouse.click(40, 60)
    expect(layer(page).get_by_role("button", name="Tap down here to stop")).to_be_visible()
    page.mouse.click(200, 700)
    stopped(player)
    page.get_by_role("link", name="Carry on").click()
    page.wait_for_url("**/shore/")
    expect(layer(page)).to_be_visible()
    expect(layer(page).get_by_role("button", name="Tap down here for longer")).to_be_visible()


def test_a_button_on_the_black_screen_stops_it_for_keys_and_screen_readers(page: Page, player: Player) -> None:
    begin(player)
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Stop":
            break
    expect(layer(page).get_by_role("button", name="Stop", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    stopped(player)


def test_without_a_timer_the_lower_zone_goes_on(page: Page, player: Player) -> None:
    player.hold_clock([ENGLISH])
    page.goto(player.base)
    page.get_by_label("Eyes closed", exact=False).check()
    page.get_by_label("Quiet time").select_option("No timer")
    player.press("Begin")
    speak(player, INTRODUCTION, "You stand on a shore.", "The sand is warm.")
    player.later(600)
    assert page.url.endswith("/shore/")
    layer(page).get_by_role("button", name="Tap down here to go on to the next part").click()
    page.wait_for_url("**/how_clear/")


def test_it_opens_slowly_and_at_once_for_who_wants_no_movement(page: Page, player: Player) -> None:
    begin(player)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/how_clear/")
    black = page.locator("[data-eyes]")
    expect(black).to_have_css("animation-duration", "1.2s")
    assert page.locator("[inert]").count() == 0, "whoever is quick need not wait"
    player.later(1.3)
    expect(black).to_be_hidden()
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/breather/")
    expect(black).to_be_visible()
    page.go_back()
    expect(black).to_be_hidden()


def test_without_any_voice_three_chimes_lead_back_to_the_words(page: Page, player: Player) -> None:
    begin(player, voices=[])
    player.later(1.5)
    expect(page.get_by_role("status").filter(has_text="There is no voice for this here.")).to_be_visible()
    player.later(1.3)
    expect(layer(page)).to_be_hidden()
    expect(page.locator("[data-sentence].now")).to_have_text("You stand on a shore.")
    rang(player, ("words", 3))


def test_a_voice_that_falls_silent_leads_back_to_the_words_too(page: Page, player: Player) -> None:
    begin(player)
    speak(player, INTRODUCTION)
    player.later(2 * (5 * 0.9 + 3) + 0.5)
    expect(page.get_by_role("status").filter(has_text="There is no voice for this here.")).to_be_visible()
    player.later(1.3)
    expect(layer(page)).to_be_hidden()
    rang(player, ("words", 3))


def test_the_black_screen_is_for_everybody(page: Page, player: Player) -> None:
    page.emulate_media(reduced_motion="reduce")
    begin(player)
    page.evaluate(Axe().axe_script)
    page.clock.resume()
    problems: dict[str, Any] = {}
    for look in ("running", "paused"):
        if look == "paused":
            page.keyboard.press("Space")
        for width, height in ((1280, 800), (390, 844), (320, 640), (844, 390), (320, 200)):
            page.set_viewport_size({"width": width, "height": height})
            problems[f"axe {look} {width} {height}"] = page.evaluate(FIND_VIOLATIONS, RULES)
            problems[f"targets {look} {width} {height}"] = page.evaluate(SMALL_TARGETS)
            problems[f"sideways {look} {width} {height}"] = page.evaluate(SCROLLS_SIDEWAYS)
    assert {what: found for what, found in problems.items() if found} == {}
