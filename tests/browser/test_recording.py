"""A part that was recorded is heard as it was recorded, its words on the screen; how much of it was heard is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from imagery.models import SessionEvent, StageVisit
from tests.browser.playing import ENGLISH, Player
from tests.listening import wave

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 4.0
SAID = '"You stand on a shore. The sand is warm. The sea comes and goes."'
STAGES = {
    "shore": f"{{id: shore, say: {SAID}, hold: 20s, audio: media/shore.wav, captions: media/shore.vtt}}",
    "waves": f"{{id: waves, say: {SAID}, hold: 20s, audio: media/shore.wav}}",
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
}
# Cut as it pleased whoever timed them: the second begins in the middle of a sentence.
CAPTIONS = """\
WEBVTT

00:00.000 --> 00:00.800
You stand

00:00.800 --> 00:01.400
on a shore.

00:01.400 --> 00:02.800
The sand is warm. The sea

00:02.800 --> 00:04.000
comes and goes.
"""
FILES = {"media/shore.wav": wave(SECONDS), "media/shore.vtt": CAPTIONS}
AUDIO = "document.querySelector('[data-player-audio]')"


@pytest.fixture
def player(page: Page, live_server: Any, settings: Any, tmp_path: Path) -> Iterator[Player]:
    settings.DATA_DIR = tmp_path
    yield Player(page, live_server.url, STAGES, {}, FILES)
    for each in page.context.pages:
        each.goto("about:blank")


def heard_until(page: Page, seconds: float) -> None:
    """Waits until the recording has come so far."""
    for _ in range(200):
        if page.evaluate(f"{AUDIO}.currentTime") >= seconds:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it stands at {page.evaluate(f'{AUDIO}.currentTime')}")


def now_said(page: Page) -> str:
    return page.locator("[data-sentence].now").inner_text()


def test_it_is_heard_through_and_its_words_are_followed(page: Page, player: Player) -> None:
    player.press_begin(voices=[ENGLISH])
    expect(page.locator("[data-sentence].now")).to_have_text("You stand on a shore.")
    heard_until(page, 1.5)
    expect(page.locator("[data-sentence].now")).to_have_text("The sand is warm.")
    heard_until(page, SECONDS)
    expect(page.locator("[data-sentence].now")).to_have_text("The sea comes and goes.")
    player.later(0.9)
    expect(player.timer).to_contain_text("quiet time")
    player.later(20)
    visit = player.go_on()
    assert visit.voice == "recording"
    assert visit.audio_ms == SECONDS * 1000
    assert visit.audio_heard_ms == pytest.approx(SECONDS * 1000, abs=150)
    assert visit.quiet_actual_ms == pytest.approx(20_000, abs=200)
    assert [text for text in page.evaluate("spoken()") if text] == [], "nobody speaks over it"


def test_a_second_that_is_heard_twice_counts_once(page: Page, player: Player) -> None:
    player.press_begin()
    heard_until(page, 2)
    player.out_of_sight(10)
    player.press("Start this part again")
    assert page.evaluate(f"{AUDIO}.currentTime") < 0.5
    heard_until(page, 1.4)
    visit = player.go_on()
    assert 1900 < (visit.audio_heard_ms or 0) < 3000
    assert visit.audio_ms == SECONDS * 1000


def test_a_pause_stops_it_and_it_goes_on_where_it_stood(page: Page, player: Player) -> None:
    player.press_begin()
    heard_until(page, 1)
    page.keyboard.press("Space")
    assert page.evaluate(f"{AUDIO}.paused")
    stood_at = page.evaluate(f"{AUDIO}.currentTime")
    player.later(60)
    page.wait_for_timeout(300)
    assert page.evaluate(f"{AUDIO}.currentTime") == stood_at
    page.keyboard.press("Space")
    heard_until(page, stood_at + 0.2)
    expect(page.locator("[data-ring][data-state=guide]")).to_be_attached()
    assert player.go_on().voice == "recording"


def test_its_speed_is_the_persons(page: Page, player: Player) -> None:
    player.press_begin()
    page.locator("summary", has_text="Settings").click()
    page.get_by_label("Speed of the voice").select_option("Slower")
    assert page.evaluate(f"{AUDIO}.playbackRate") == 0.85
    page.keyboard.press("Escape")
    player.go_on()
    heard_until(page, 0.2)
    assert page.evaluate(f"{AUDIO}.playbackRate") == 0.85, "at the next part too"
    for _ in range(40):
        if told := list(SessionEvent.objects.filter(type="mode").values_list("stage", "payload")):
            break
        player.later(1)
        page.wait_for_timeout(50)
    assert told == [("shore", '{"name":"speed","new":"slower","old":"planned"}')]
    begun = json.loads(SessionEvent.objects.get(type="session_start").payload)
    assert begun["settings"]["speed"] == "planned"


def test_a_recording_that_does_not_come_is_spoken_by_the_device(page: Page, player: Player) -> None:
    page.route("**/a/**", lambda route: route.abort())
    player.press_begin(voices=[ENGLISH])
    for text in ("You stand on a shore.", "The sand is warm.", "The sea comes and goes."):
        expect(page.locator("[data-sentence].now")).to_have_text(text)
        page.wait_for_timeout(100)
        assert page.evaluate("spoken().at(-1)") == text
        page.evaluate("spokenToTheEnd()")
        player.later(1.1)
    expect(player.timer).to_contain_text("quiet time")
    visit = player.go_on()
    assert (visit.voice, visit.audio_ms, visit.audio_heard_ms) == ("device", None, 0)


def test_a_recording_that_stops_coming_is_gone_on_with_at_the_same_sentence(page: Page, player: Player) -> None:
    player.press_begin(voices=[ENGLISH])
    heard_until(page, 1.5)
    # The line is lost: nothing comes any more, and nothing says so.
    page.evaluate(f"{AUDIO}.pause()")
    player.later(8.1)
    assert page.evaluate("spoken().at(-1)") == "The sand is warm."
    page.evaluate("spokenToTheEnd()")
    visit = player.go_on()
    assert visit.voice == "device"
    assert 1300 < (visit.audio_heard_ms or 0) < 2500


def test_without_recording_and_voice_there_are_the_words(page: Page, player: Player) -> None:
    page.route("**/a/**", lambda route: route.abort())
    player.press_begin()
    expect(page.get_by_role("status").filter(has_text="There is no voice for this here.")).to_be_visible()
    player.later(3 * 4 + 2 + 0.9)
    expect(player.timer).to_contain_text("quiet time")
    assert player.go_on().voice == "words"


def test_voice_off_is_words_and_voice_on_the_recording_again(page: Page, player: Player) -> None:
    player.press_begin()
    heard_until(page, 0.5)
    page.keyboard.press("v")
    assert page.evaluate(f"{AUDIO}.paused")
    expect(page.get_by_role("switch", name="Voice off")).to_be_visible()
    page.keyboard.press("v")
    heard_until(page, 0.7)
    assert player.go_on().voice == "recording"


def test_without_captions_all_of_it_counts_as_being_said(page: Page, player: Player) -> None:
    player.begin("waves")
    page.locator("main").click()
    if page.get_by_role("button", name="Continue").is_visible():
        player.press("Continue")
    heard_until(page, 0.5)
    expect(page.locator("[data-sentence].past")).to_have_count(2)
    assert player.go_on().voice == "recording"


def test_closed_eyes_hear_it_without_any_voice_of_the_device(page: Page, player: Player) -> None:
    player.hold_clock()
    page.goto(player.base)
    page.get_by_label("Eyes closed", exact=False).check()
    player.press("Begin")
    page.locator("body.playing").wait_for()
    player.later(1.3)
    heard_until(page, 1.5)
    expect(page.get_by_role("region", name="Eyes closed").get_by_text("The sand is warm.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/waves/")
    assert StageVisit.objects.get(stage="shore").voice == "recording"


def test_it_falls_silent_when_its_part_is_left_in_any_way(page: Page, player: Player) -> None:
    player.press_begin()
    player.go_on()
    player.go_on()
    page.wait_for_url("**/how_clear/")
    page.go_back()
    page.wait_for_url("**/waves/")
    heard_until(page, 0.3)
    page.go_forward()
    page.get_by_role("heading", name="How clear was any picture in your mind?").wait_for()
    assert page.evaluate(f"{AUDIO}.paused")
    assert page.evaluate(f"{AUDIO}.hasAttribute('src')") is False


def test_how_it_was_said_is_told(page: Page, player: Player) -> None:
    player.press_begin()
    heard_until(page, 2)
    player.go_on()
    for _ in range(40):
        if SessionEvent.objects.filter(type="sentence", stage="shore").count() >= 2:
            break
        player.later(1)
        page.wait_for_timeout(50)
    told = SessionEvent.objects.filter(type="sentence", stage="shore").order_by("seq")
    assert [event.payload for event in told][:2] == [
        '{"index":0,"voice":"recording"}',
        '{"index":1,"voice":"recording"}',
    ]


def test_without_javascript_it_has_controls_of_its_own(page: Page, player: Player, live_server: Any) -> None:
    player.client.post(player.base)
    assert page.context.browser
    plain = page.context.browser.new_context(java_script_enabled=False, base_url=live_server.url)
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    bare = plain.new_page()
    bare.goto(f"{player.base}shore/")
    audio = bare.locator("main audio[controls]")
    expect(audio).to_be_visible()
    assert (audio.get_attribute("src") or "").startswith("/a/")
    assert (audio.locator("track").get_attribute("src") or "").startswith("/a/")
    plain.close()


def test_no_later_recording_is_fetched_or_named(page: Page, player: Player) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/a/" in request.url else None)
    player.press_begin()
    heard_until(page, 0.3)
    addresses = {url.split("?")[0] for url in asked}
    assert len(addresses) == 2, "the recording and its captions"
    assert "shore.wav" not in page.content()
