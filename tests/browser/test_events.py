"""What happens in a session is told to the server: each event once, in its order, whatever the line does meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from imagery.models import Drawing, Rating, SessionEvent, SessionRun
from tests.browser.playing import ENGLISH, NO_VOICES_MS, Player

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAGES = {
    "shore": '{id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}',
    "in_what": "{id: in_what, form: How did it come, forms: [knowing, words, place, picture]}",
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
    "which": "{id: which, check: What was warm?, choices: [The sand, The sea], answer: 1}",
    "in_words": "{id: in_words, report: Say it in words}",
    "sketch": "{id: sketch, draw: Draw it., condition: imagery}",
    "unveiled": "{id: unveiled, reveal: media/umbrella.png, alt: A striped umbrella, credit: Drawn by Ada}",
    "how_close": "{id: how_close, compare: How near was it, scale: {min: 0, max: 100}}",
}
GIVEN = {"how_clear": "2", "in_what": "words", "which": "1", "in_words": "Warmth", "how_close": "40"}
TEN_MINUTES_S = 600


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url, STAGES, GIVEN | {"sketch": ""})
    for each in page.context.pages:
        each.goto("about:blank")


@contextmanager
def offline(context: BrowserContext) -> Iterator[None]:
    context.set_offline(True)
    yield
    context.set_offline(False)


def told(page: Page, *, at_least: str) -> list[SessionEvent]:
    """All that the server has, in order, once an event of the type `at_least` has come."""
    for _ in range(100):
        if SessionEvent.objects.filter(type=at_least).exists():
            break
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    found = list(SessionEvent.objects.exclude(seq=0).order_by("seq"))
    assert [event.type for event in found if event.type == at_least], at_least
    return found


def is_whole(events: list[SessionEvent]) -> bool:
    """Whether they are all there, each once: counted from 1 without a gap, the page's clock never going back."""
    times = [event.t_mono_ms for event in events]
    return [event.seq for event in events] == list(range(1, len(events) + 1)) and times == sorted(times)


def waiting(page: Page) -> int:
    """How many events this device still holds."""
    count: int = page.evaluate(
        """async () => {
          const base = await new Promise((found) => {
            const asked = indexedDB.open('potoo-session');
            asked.onsuccess = () => found(asked.result);
          });
          const asked = base.transaction('events').objectStore('events').count();
          const count = await new Promise((found) => { asked.onsuccess = () => found(asked.result); });
          base.close();
          return count;
        }"""
    )
    return count


# --- the whole of a session ------------------------------------------------------------------------------------------


def test_a_whole_session_is_told_and_nothing_of_it_is_refused(page: Page, player: Player) -> None:
    player.press_begin(voices=[ENGLISH])
    for _ in range(2):
        page.evaluate("spokenToTheEnd()")
        player.later(1.2)
    player.later(18)
    page.keyboard.press("l")
    player.later(3)
    page.keyboard.press("Space")
    player.later(7)
    page.keyboard.press("Space")
    page.keyboard.press("d")
    page.keyboard.press("d")
    player.out_of_sight(2)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/in_what/")
    for value in ("words", "picture"):
        page.locator(f"label.answer:has(input[value={value}])").click()
    page.locator("[data-primary]").click()
    page.wait_for_url("**/how_clear/")
    page.keyboard.press("4")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/which/")
    page.get_by_role("button", name="I would rather not say").click()
    page.wait_for_url("**/in_words/")
    page.locator("textarea").fill("Warm, and then a word for it")
    page.locator("[data-primary]").click()
    page.wait_for_url("**/sketch/")
    page.locator("[data-canvas][data-ready]").wait_for()
    draw_line(page)
    page.locator("[data-primary]").click()
    page.wait_for_url("**/unveiled/")
    page.evaluate("document.querySelector('main img').decode()")
    page.locator("[data-primary]").click()
    page.wait_for_url("**/how_close/")
    page.locator("input[type=range]").focus()
    page.keyboard.type("40")
    page.locator("[data-primary]").click()
    page.wait_for_url("**/me/**")
    events = told(page, at_least="session_end")
    assert is_whole(events), "one that is refused leaves a gap"
    assert SessionRun.objects.get().status == SessionRun.Status.COMPLETED
    kinds = [event.type for event in events]
    assert kinds[0] == "session_start"
    assert kinds[-1] == "session_end"
    states = [(event.stage, event.state) for event in events if event.type == "state_enter"]
    assert states == [
        ("shore", "guide"),
        ("shore", "quiet"),
        ("shore", "paused"),
        ("shore", "quiet"),
        ("in_what", "form"),
        ("how_clear", "rate"),
        ("which", "check"),
        ("in_words", "words"),
        ("sketch", "draw"),
        ("unveiled", "reveal"),
        ("how_close", "rate"),
    ]
    assert set(kinds) >= {
        *(
            "speech_start",
            "sentence",
            "speech_end",
            "longer",
            "pause",
            "continue",
            "mode",
            "hidden",
            "visible",
            "ready",
        ),
        *("rating_shown", "rating_change", "rating_saved", "words_save", "stroke_add", "reveal_shown", "reveal_hide"),
    }
    by_type = {event.type: json.loads(event.payload or "{}") for event in events}
    assert by_type["longer"] | {"ms_left": 0} == {"added_ms": 15_000, "count": 1, "ms_left": 0, "source": "key"}
    assert by_type["continue"]["duration_ms"] == pytest.approx(7000, abs=200)
    assert by_type["session_start"]["device"] == "desktop"
    saved = [json.loads(event.payload) for event in events if event.type == "rating_saved"]
    assert [(each.get("value"), each["status"]) for each in saved] == [
        (["words", "picture"], "answered"),
        (2, "answered"),
        (None, "rather_not_say"),
        (40, "answered"),
    ]
    assert saved[1]["changes"] == [4, 2]
    assert saved[1]["input"] == "key"
    assert [event.clock_offset_ms for event in events][0] is None
    assert events[-1].clock_offset_ms is not None, "the first answer told how far the clocks are apart"


def draw_line(page: Page) -> None:
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 120, steps=3)
    page.mouse.up()


# --- a line that is lost ---------------------------------------------------------------------------------------------


def test_ten_minutes_without_a_line_in_the_quiet_time_lose_no_event(page: Page, player: Player) -> None:
    player.press_begin()
    player.listen_to_the_end()
    with offline(page.context):
        player.press("Longer please")
        player.later(3)
        player.press("Pause")
        page.clock.fast_forward(TEN_MINUTES_S * 1000)
        player.press("Continue")
        player.later(5)
        assert waiting(page) > 5, "they are kept on the device"
        assert not SessionEvent.objects.filter(type__in=["longer", "pause", "continue"]).exists()
    player.later(31)
    events = told(page, at_least="continue")
    assert is_whole(events)
    assert [event.type for event in events if event.type in {"net", "longer", "pause", "continue"}] == [
        *("net", "longer", "pause", "continue", "net"),
    ]
    [gone] = [json.loads(event.payload)["duration_ms"] for event in events if event.type == "continue"]
    assert gone == pytest.approx(TEN_MINUTES_S * 1000, abs=1000)
    expect_nothing_waits(page)


def test_ten_minutes_without_a_line_at_a_rating_lose_neither_it_nor_its_events(page: Page, player: Player) -> None:
    player.begin("how_clear")
    with offline(page.context):
        page.keyboard.press("5")
        page.keyboard.press("2")
        page.locator("[data-primary]").click()
        bar = page.get_by_text("You are offline. Your answer is kept on this device and will be sent.")
        expect(bar).to_be_visible()
        page.clock.fast_forward(TEN_MINUTES_S * 1000)
        expect(bar).to_be_visible()
        assert page.url.endswith("/how_clear/")
        assert not Rating.objects.filter(stage="how_clear").exists()
    page.wait_for_url("**/which/")
    expect(bar).to_be_hidden()
    rating = Rating.objects.get(stage="how_clear")
    assert (rating.value, rating.changes) == (2, 0)
    events = told(page, at_least="rating_saved")
    player.later(6)
    assert is_whole(list(SessionEvent.objects.exclude(seq=0).order_by("seq")))
    assert [event.type for event in events].count("rating_saved") == 1


def test_ten_minutes_without_a_line_while_drawing_lose_no_line_and_no_event(page: Page, player: Player) -> None:
    player.begin("sketch")
    page.locator("[data-canvas][data-ready]").wait_for()
    with offline(page.context):
        for _ in range(3):
            draw_line(page)
        page.clock.fast_forward(TEN_MINUTES_S * 1000)
        draw_line(page)
        page.locator("[data-primary]").click()
        expect(page.get_by_text("You are offline. Your answer is kept", exact=False)).to_be_visible()
    page.wait_for_url("**/unveiled/")
    drawing = Drawing.objects.get()
    assert len(json.loads(drawing.strokes)["strokes"]) == 4
    events = told(page, at_least="stroke_add")
    assert [event.type for event in events].count("stroke_add") == 4
    assert is_whole(events)


def test_what_a_page_could_not_send_is_sent_by_the_next_one(page: Page, player: Player) -> None:
    player.begin("shore")
    player.later(NO_VOICES_MS / 1000)
    with offline(page.context):
        page.keyboard.press("Space")
        again = page.context.new_page()
        page.close()
    again.clock.install()
    again.goto(f"{player.base}shore/")
    again.locator("body.playing").wait_for()
    told(again, at_least="pause")
    expect_nothing_waits(again)
    events = list(SessionEvent.objects.exclude(seq=0).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1)), "one count for the attempt"
    assert [event.type for event in events].count("resume") == 2


def test_an_attempt_that_takes_nothing_more_is_left_alone(page: Page, player: Player) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/events/") else None)
    player.begin("shore")
    player.later(NO_VOICES_MS / 1000)
    run = SessionRun.objects.get()
    run.events.all().delete()
    run.delete()  # another attempt than the page's is all that there is
    page.keyboard.press("Space")
    expect_nothing_waits(page)
    before = len(asked)
    page.keyboard.press("Space")
    player.later(60)
    assert len(asked) == before


def expect_nothing_waits(page: Page) -> None:
    for _ in range(40):
        if waiting(page) == 0:
            return
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    raise AssertionError("the device still holds events that the server has")


# --- what is never told ----------------------------------------------------------------------------------------------


def test_no_word_no_key_and_no_place_of_a_pointer_is_told(page: Page, player: Player) -> None:
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/events/"):
            sent.append(request.post_data or "")

    page.on("request", note)
    player.begin("in_words")
    page.locator("textarea").press_sequentially("marmalade")
    page.mouse.move(123, 321)
    page.mouse.move(234, 432)
    page.locator("[data-primary]").click()
    page.wait_for_url("**/sketch/")
    page.locator("[data-canvas][data-ready]").wait_for()
    draw_line(page)
    player.later(6)
    told(page, at_least="stroke_add")
    whole = "".join(sent)
    assert "words_save" in whole
    assert [text for text in ("marmalade", "Mozilla", "Headless", "clientX", "keydown") if text in whole] == []
    payloads = [json.loads(event.payload) for event in SessionEvent.objects.exclude(seq=0).exclude(payload="")]
    keys = {name for payload in payloads for name in payload}
    assert not {"x", "y", "pts", "text", "key", "user_agent", "languages", "fonts"} & keys
