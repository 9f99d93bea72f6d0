"""The player of a guided session: time that is kept, a voice or words in time, and a person in charge of both.

The pages' clock is held still and moved by hand, so that every second here is exact and none is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from imagery.models import Rating, Report, SessionRun
from tests.browser.playing import BOTH_SENTENCES_MS, ENGLISH, GIVEN, NO_VOICES_MS, NOTHING_OPEN, STAGES, Player
from tests.browser.test_pages import AXE, FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS, SMALL_TARGETS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url)
    for each in page.context.pages:
        each.goto("about:blank")  # what it still had to tell is told before the database is emptied


# --- the quiet time --------------------------------------------------------------------------------------------------


def test_the_quiet_time_that_is_kept_is_the_time_that_was_planned(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(19.5)
    expect(player.timer).to_contain_text("5 seconds")
    player.later(0.5)
    expect(player.timer).to_contain_text("Take as long as you like")
    visit = player.go_on()
    assert visit.quiet_planned_ms == 20_000
    assert visit.quiet_actual_ms == pytest.approx(20_000, abs=200)
    assert (visit.longer_ms, visit.pauses, visit.paused_ms, visit.hidden_ms) == (0, 0, 0, 0)


def test_who_is_ready_early_goes_on_and_only_what_was_quiet_counts(player: Player) -> None:
    player.begin()
    player.later(3)
    assert player.go_on().quiet_actual_ms == 0, "the words were still being said"


def test_time_taken_after_the_end_is_quiet_time_too(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(20 + 7)
    assert player.go_on().quiet_actual_ms == pytest.approx(27_000, abs=200)


def test_the_time_left_is_told_in_whole_steps(player: Player) -> None:
    player.begin("breather")
    player.later(NO_VOICES_MS / 1000)
    seen = []
    for _ in range(110):
        text = player.timer.inner_text().split("\n")[0].strip()
        if text not in seen:
            seen.append(text)
        player.later(1)
    told = [text for text in seen if "second" in text or "minute" in text]
    assert told == ["about a minute", *(f"{n} seconds" for n in range(45, 0, -5))]


def test_longer_adds_fifteen_seconds_or_half_and_says_so(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(18)
    player.press("Longer please")
    expect(player.page.get_by_role("status").filter(has_text="15 more seconds")).to_be_visible()
    expect(player.timer).to_contain_text("20 seconds")
    player.later(16)
    expect(player.timer).to_contain_text("5 seconds")
    visit = player.go_on()
    assert visit.longer_ms == 15_000
    assert visit.quiet_actual_ms == pytest.approx(34_000, abs=200)


def test_longer_still_works_when_the_time_is_over(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(30)
    player.page.keyboard.press("l")
    player.later(1)
    expect(player.timer).to_contain_text("15 seconds")
    player.later(14)
    expect(player.timer).to_contain_text("Take as long as you like")


def test_nothing_counts_while_it_is_paused(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(5)
    player.page.keyboard.press("Space")
    expect(player.page.get_by_role("heading", name="Paused. Your place is kept.")).to_be_focused()
    player.later(60)
    player.page.keyboard.press("Space")
    expect(player.timer).to_contain_text("15 seconds")
    player.press("Pause")
    player.later(10)
    player.press("Continue")
    player.later(15)
    expect(player.timer).to_contain_text("Take as long as you like")
    visit = player.go_on()
    assert visit.pauses == 2
    assert visit.paused_ms == pytest.approx(70_000, abs=200)
    assert visit.quiet_actual_ms == pytest.approx(20_000, abs=200)


def test_a_pause_while_something_is_said_goes_on_at_that_sentence(player: Player) -> None:
    player.begin()
    player.later(NO_VOICES_MS / 1000 + 4 + 1 + 1)
    now = player.page.locator("[data-sentence].now")
    expect(now).to_have_text("The sand is warm.")
    player.press("Pause")
    player.later(30)
    player.press("Continue")
    expect(now).to_have_text("The sand is warm.")
    player.later(3.9)
    expect(now).to_have_count(1)
    player.later(1)
    expect(player.timer).to_contain_text("quiet time")


def test_turned_off_the_timer_never_ends_and_stays_off(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.press("Pause")
    player.press("Turn off timers")
    expect(player.timer).to_have_text("Take as long as you like")
    player.later(300)
    assert player.go_on().quiet_actual_ms == pytest.approx(300_000, abs=200)
    player.page.goto(f"{player.base}shore/")
    player.later(12)
    expect(player.timer).to_have_text("Take as long as you like")


def test_hidden_the_time_is_told_nowhere_and_on_no_later_part(player: Player) -> None:
    player.begin()
    player.press("Hide the time")
    player.listen_to_the_end()
    expect(player.timer).to_have_text("quiet time")
    assert "second" not in player.page.locator("main").inner_text()
    expect(player.page.locator("[data-arc]")).to_be_hidden()
    player.go_on()
    player.page.goto(f"{player.base}shore/")
    player.listen_to_the_end()
    expect(player.timer).to_have_text("quiet time")
    player.press("Show the time")
    expect(player.timer).to_contain_text("20 seconds")


def test_it_goes_on_by_itself_only_for_who_wants_that(player: Player) -> None:
    player.begin()
    player.page.locator("summary", has_text="Settings").click()
    player.page.get_by_label("Go on by itself when the quiet time ends").check()
    player.listen_to_the_end()
    player.later(20)
    assert player.page.url.endswith("/shore/")
    with player.page.expect_navigation():
        player.later(3.1)
    assert player.page.url.endswith("/how_clear/")


# --- out of sight ----------------------------------------------------------------------------------------------------


def test_a_page_out_of_sight_stands_still_from_the_moment_when_they_went(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(5)
    player.out_of_sight(40)
    expect(player.page.get_by_role("heading", name="Paused while you were away. Your place is kept.")).to_be_focused()
    player.later(2)
    player.press("Continue")
    expect(player.timer).to_contain_text("15 seconds")
    player.later(15)
    visit = player.go_on()
    assert visit.quiet_actual_ms == pytest.approx(20_000, abs=200)
    assert visit.hidden_ms == pytest.approx(40_000, abs=200)
    assert visit.paused_ms == pytest.approx(42_000, abs=200)
    assert visit.pauses == 1


def test_a_glance_elsewhere_stops_nothing(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.out_of_sight(2)
    player.later(18)
    expect(player.timer).to_contain_text("Take as long as you like")
    visit = player.go_on()
    assert (visit.pauses, visit.hidden_ms) == (0, pytest.approx(2000, abs=200))


def test_back_again_the_part_can_start_anew(player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(5)
    player.out_of_sight(10)
    player.press("Start this part again")
    expect(player.page.locator("[data-sentence].now")).to_have_text("You stand on a shore.")
    player.page.clock.run_for(BOTH_SENTENCES_MS)
    player.later(20)
    assert player.go_on().quiet_actual_ms == pytest.approx(20_000, abs=200)


# --- voice and words -------------------------------------------------------------------------------------------------


def test_each_sentence_is_spoken_when_the_one_before_has_ended(player: Player) -> None:
    player.begin(voices=[ENGLISH])
    spoken: Callable[[], list[str]] = lambda: player.page.evaluate("spoken()")  # noqa: E731
    assert spoken() == ["You stand on a shore."]
    player.later(5)
    assert len(spoken()) == 1, "the voice is not done"
    player.page.evaluate("spokenToTheEnd()")
    player.later(1)
    assert spoken() == ["You stand on a shore.", "The sand is warm."]
    player.page.evaluate("spokenToTheEnd()")
    player.later(0.6)
    expect(player.timer).not_to_contain_text("quiet time")
    player.later(0.2)
    expect(player.timer).to_contain_text("quiet time")


def test_a_voice_that_hangs_is_asked_once_more_and_then_the_words_take_over(player: Player) -> None:
    player.begin(voices=[ENGLISH])
    patience_s = 5 * 0.9 + 3
    player.later(patience_s + 0.1)
    assert player.page.evaluate("spoken()") == ["You stand on a shore."] * 2
    player.later(patience_s + 0.1)
    expect(player.page.get_by_role("switch", name="Voice off")).to_be_visible()
    player.page.clock.run_for(BOTH_SENTENCES_MS)
    expect(player.timer).to_contain_text("quiet time")
    assert len(player.page.evaluate("spoken()")) == 2
    player.page.reload()
    player.page.clock.run_for(BOTH_SENTENCES_MS)
    expect(player.timer).to_contain_text("quiet time")
    assert player.page.evaluate("spoken()") == [], "no later page waits for it again"


@pytest.mark.parametrize(
    "voice", [ENGLISH | {"lang": "de-DE"}, ENGLISH | {"localService": False}], ids=["of another language", "from afar"]
)
def test_a_voice_that_does_not_fit_is_not_used(player: Player, voice: dict[str, Any]) -> None:
    player.begin(voices=[voice])
    player.page.clock.run_for(BOTH_SENTENCES_MS)
    expect(player.timer).to_contain_text("quiet time")
    assert player.page.evaluate("spoken()") == []


def test_the_voice_stops_with_a_pause_and_says_the_sentence_again(player: Player) -> None:
    player.begin(voices=[ENGLISH])
    player.page.keyboard.press("Space")
    player.page.evaluate("spokenToTheEnd()")
    player.later(30)
    assert len(player.page.evaluate("spoken()")) == 1
    player.page.keyboard.press("Space")
    assert player.page.evaluate("spoken()") == ["You stand on a shore."] * 2


def test_the_words_can_be_off_only_while_there_is_a_voice(player: Player) -> None:
    player.begin(voices=[ENGLISH])
    words = player.page.locator(".player-say")
    player.page.keyboard.press("w")
    expect(words).to_have_css("clip-path", "inset(50%)")
    expect(player.page.get_by_role("switch", name="Words off")).to_be_visible()
    player.page.keyboard.press("v")
    expect(words).to_have_css("clip-path", "none")
    player.page.keyboard.press("w")
    expect(player.page.get_by_role("status").filter(has_text="The words stay on")).to_be_visible()
    expect(player.page.get_by_role("switch", name="Words on")).to_be_visible()


# --- keys and quietness ----------------------------------------------------------------------------------------------


def test_the_keyboard_alone_leads_from_the_first_part_to_the_last(page: Page, player: Player) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error"} else None)
    page.goto(player.base)
    page.keyboard.press("Tab")
    for _ in range(20):
        if page.evaluate("document.activeElement.matches('[data-primary]')"):
            break
        page.keyboard.press("Tab")

    def press(*keys: str) -> None:
        with page.expect_navigation():
            for key in keys:
                page.keyboard.press(key)

    def reach(selector: str) -> None:
        for _ in range(30):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not on the keyboard's way")

    press("Enter")
    page.locator("body.playing").wait_for()
    press("ArrowRight")
    page.locator("body.playing").wait_for()
    page.keyboard.press("2")
    press("Enter")
    page.locator("body.playing").wait_for()
    page.keyboard.press("Enter")
    assert page.url.endswith("/breather/"), "pressed twice on the page before, it does not pass over a part unseen"
    page.wait_for_timeout(800)
    press("Enter")
    reach("textarea")
    page.keyboard.type("warm light")
    page.keyboard.press("Tab")
    press("Enter")
    reach("[data-primary]")
    press("Enter")
    reach("input[type=range]")
    page.keyboard.type("40")
    press("Enter")
    run = SessionRun.objects.get()
    assert run.status == SessionRun.Status.COMPLETED
    assert dict(Rating.objects.values_list("stage", "value")) == {"how_clear": 2, "how_close": 40}
    assert Report.objects.get().text == "warm light"
    assert complaints == []


def test_single_keys_can_be_turned_off(player: Player) -> None:
    player.begin()
    player.page.locator("summary", has_text="Settings").click()
    player.page.get_by_label("Single keys").uncheck()
    player.page.keyboard.press("Escape")
    player.page.evaluate("document.activeElement.blur()")
    for key in ("l", "v", "Space", "ArrowRight"):
        player.page.keyboard.press(key)
    expect(player.page.get_by_role("button", name="Pause")).to_be_visible()
    assert player.page.url.endswith("/shore/")
    player.later(20)
    assert player.go_on().longer_ms == 0


def test_a_key_typed_into_words_is_a_letter(player: Player) -> None:
    player.begin("in_words")
    player.page.locator("textarea").press_sequentially("all vowels will do")
    expect(player.page.locator("textarea")).to_have_value("all vowels will do")


def test_left_alone_all_but_the_words_falls_back_and_never_goes(player: Player) -> None:
    player.begin()
    player.later(4.1)
    expect(player.page.locator(".player-controls")).to_have_css("opacity", "0.7")
    player.page.keyboard.press("Shift")
    expect(player.page.locator(".player-controls")).to_have_css("opacity", "1")


def test_with_reduced_motion_nothing_moves_but_the_ring_in_steps(player: Player) -> None:
    player.page.emulate_media(reduced_motion="reduce")
    player.begin("breather")
    player.later(NO_VOICES_MS / 1000 + 30)
    expect(player.page.locator(".player-controls")).to_have_css("opacity", "1")
    expect(player.page.locator(".ring-glow")).to_have_css("animation-name", "none")
    arc = player.page.locator("[data-arc]")
    places = set()
    for _ in range(20):
        places.add(arc.get_attribute("stroke-dashoffset"))
        player.later(0.5)
    assert len(places) in {2, 3}, "10 seconds, a step each 5"


# --- what comes later ------------------------------------------------------------------------------------------------


def test_nothing_of_a_later_part_is_in_a_page_before_its_time(page: Page, player: Player) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    telling = {
        "how_clear": ["How clear", "how_clear"],
        "breather": ["breather", "Rest for a while"],
        "in_words": ["Say it in words", "in_words"],
        "unveiled": ["unveiled", "umbrella", "Drawn by Ada", "/m/"],
        "how_close": ["How near", "how_close"],
    }
    page.goto(player.base)
    stages = list(STAGES)
    for n, stage in enumerate([None, *stages[:4]]):
        later = [text for each in stages[n:] if each != stage for text in telling.get(each, [])]
        if stage:
            page.goto(f"{player.base}{stage}/")
            page.locator("body.playing").wait_for()
        source = page.content() + page.evaluate("document.querySelector('template')?.innerHTML ?? ''")
        assert [text for text in later if text in source] == []
        assert [url for url in asked if "/m/" in url or "umbrella" in url] == []
        if stage is None:
            player.client.post(player.base)
        else:
            player.client.post(f"{player.base}{stage}/", {stage: GIVEN[stage]} if GIVEN[stage] else {})
    page.goto(f"{player.base}unveiled/")
    assert len([url for url in asked if "/m/" in url]) == 1, "the picture is fetched when it is its time"
    assert "umbrella" not in "".join(asked)


def test_the_picture_can_be_hidden(player: Player) -> None:
    player.begin("unveiled")
    picture = player.page.get_by_role("img", name="A striped umbrella")
    expect(picture).to_be_visible()
    player.press("Hide the picture")
    expect(picture).to_be_hidden()
    player.press("Show the picture")
    expect(picture).to_be_visible()


# --- answers ---------------------------------------------------------------------------------------------------------


def test_the_time_to_the_last_choice_is_measured(player: Player) -> None:
    player.begin("how_clear")
    player.later(3)
    player.page.keyboard.press("4")
    player.later(2)
    player.page.keyboard.press("1")
    player.later(30)
    player.go_on()
    rating = Rating.objects.get(stage="how_clear")
    assert rating.value == 1
    assert rating.response_time_ms == pytest.approx(5000, abs=200)


def test_what_is_being_written_survives_the_tab_and_is_forgotten_once_sent(page: Page, player: Player) -> None:
    player.begin("in_words", frozen=False)
    address = page.url
    page.locator("textarea").fill("A slow warm wind")
    expect(page.get_by_text("Kept on this device until you send it.")).to_be_visible()
    again = page.context.new_page()
    page.close()
    again.goto(address)
    expect(again.locator("textarea")).to_have_value("A slow warm wind")
    with again.expect_navigation():
        again.locator("[data-primary]").click()
    assert Report.objects.get().text == "A slow warm wind"
    again.locator("body.playing").wait_for()
    assert again.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('potoo-draft'))") == []


# --- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_part_is_for_everybody(player: Player, stage: str) -> None:
    page = player.page
    page.emulate_media(reduced_motion="reduce")
    player.begin(stage)
    page.evaluate(AXE.axe_script)
    looks: dict[str, Callable[[], None]] = {"": lambda: None}
    if stage == "shore":
        looks |= {
            "at rest": lambda: page.evaluate("document.body.classList.add('at-rest')"),
            "settings": page.locator("summary").click,
            "list of keys": lambda: page.keyboard.press("?"),
            "leaving": lambda: page.keyboard.press("Escape"),
            "paused": lambda: page.keyboard.press("Space"),
        }
    page.clock.resume()
    problems: dict[str, Any] = {}
    for look, act in looks.items():
        page.evaluate(NOTHING_OPEN)
        page.evaluate("document.activeElement.blur()")
        act()
        for theme in ("theme-dusk", "theme-paper"):
            page.evaluate("theme => { document.documentElement.className = theme }", theme)
            for width, height in ((1280, 800), (390, 844), (320, 640)):
                page.set_viewport_size({"width": width, "height": height})
                problems[f"axe {look} {theme} {width}"] = page.evaluate(FIND_VIOLATIONS, RULES)
                problems[f"targets {look} {width}"] = page.evaluate(SMALL_TARGETS)
                problems[f"sideways {look} {width}"] = page.evaluate(SCROLLS_SIDEWAYS)
    for size in ({"width": 320, "height": 200}, {"width": 844, "height": 390}):
        page.set_viewport_size(size)
        problems[f"sideways {size}"] = page.evaluate(SCROLLS_SIDEWAYS)
    assert {what: found for what, found in problems.items() if found} == {}
    assert page.locator("[data-primary]").count() == 1


@pytest.mark.slow
@pytest.mark.alone
def test_by_the_clock_on_the_wall_the_quiet_time_is_kept_too(page: Page, player: Player) -> None:
    player.begin(frozen=False)
    page.locator("[data-ring][data-state=quiet]").wait_for(timeout=20_000)
    page.locator("[data-ring][data-state=after]").wait_for(timeout=25_000)
    assert player.go_on().quiet_actual_ms == pytest.approx(20_000, abs=700)
