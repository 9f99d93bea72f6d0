"""A session stays in one document, from the first press to the last answer; and it does not matter if it can't."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Response, expect

from imagery.models import Drawing, Rating, RatingRevision, Report, SessionRun
from tests.browser.playing import ENGLISH, Player

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAGES = {
    "shore": '{id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}',
    "how_far": "{id: how_far, rate: clarity, scale: {min: 0, max: 100}, na: There was nothing to rate}",
    "in_what": "{id: in_what, form: How did it come, forms: [knowing, words, place, picture]}",
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
    "in_words": "{id: in_words, report: Say it in words, min_words: 3}",
    "sketch": "{id: sketch, draw: Draw it., condition: imagery}",
    "once_more": "{id: once_more, draw: Draw it again., condition: imagery}",
    "waves": '{id: waves, say: "The sea comes and goes.", hold: 10s}',
}
GIVEN = {
    "how_far": "30",
    "in_what": "words",
    "how_clear": "2",
    "in_words": "It was warm",
    "sketch": "",
    "once_more": "",
}
PHONE = {"width": 390, "height": 844}
OFFLINE = "You are offline. Your answer is kept on this device and will be sent."


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url, STAGES, GIVEN)
    for each in page.context.pages:
        each.goto("about:blank")


def go_on(page: Page, stage: str) -> None:
    page.locator("main [data-primary]").click()
    page.wait_for_url(f"**/{stage}/")


def choose(page: Page, value: str) -> None:
    page.locator(f"label.answer:has(input[value='{value}'])").click()


def draw_line(page: Page) -> None:
    page.locator("[data-canvas][data-ready]").wait_for()
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 120, steps=3)
    page.mouse.up()


def is_same_document(page: Page) -> bool:
    return bool(page.evaluate("window.since === 'begin'"))


# --- one document ----------------------------------------------------------------------------------------------------


def test_from_the_first_press_to_the_last_answer_the_document_is_one(page: Page, player: Player) -> None:
    page.goto(player.base)
    page.locator("[data-ready]:not([hidden])").wait_for()
    page.evaluate("window.since = 'begin'")
    player.press("Begin")
    page.wait_for_url("**/shore/")
    expect(page).to_have_title("Part 1 of 8 · The first one · Potoo")
    go_on(page, "how_far")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("slider").click(position={"x": 90, "y": 20})
    go_on(page, "in_what")
    choose(page, "words")
    go_on(page, "how_clear")
    page.keyboard.press("2")
    go_on(page, "in_words")
    page.locator("textarea").fill("too short")
    page.locator("main [data-primary]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("too short")
    assert page.title().startswith("Error:")
    go_on(page, "sketch")
    draw_line(page)
    go_on(page, "once_more")
    draw_line(page)
    draw_line(page)
    go_on(page, "waves")
    assert is_same_document(page)
    page.locator("main [data-primary]").click()
    page.wait_for_url("**/me/**")
    assert not is_same_document(page), "what is no page of the session is come to in the ordinary way"
    assert SessionRun.objects.get().status == SessionRun.Status.COMPLETED
    assert dict(Rating.objects.values_list("stage", "value"))["how_clear"] == 2
    assert Report.objects.get().text == "too short"
    assert [drawing.strokes.count('"pts"') for drawing in Drawing.objects.order_by("place")] == [1, 2]


def test_back_forward_and_reload_lead_where_they_always_led(page: Page, player: Player) -> None:
    player.begin("in_what", frozen=False)
    choose(page, "place")
    go_on(page, "how_clear")
    page.keyboard.press("4")
    go_on(page, "in_words")
    page.go_back()
    expect(page.locator("input[value='4']")).to_be_checked()
    page.go_back()
    expect(page.locator("input[value=place]")).to_be_checked()
    page.go_forward()
    expect(page.locator("input[value='4']")).to_be_checked()
    page.reload()
    expect(page.locator("input[value='4']")).to_be_checked()
    page.locator("body.playing").wait_for()
    page.keyboard.press("3")
    go_on(page, "in_words")
    assert Rating.objects.get(stage="how_clear").value == 3
    assert RatingRevision.objects.get().value == 4


def test_a_link_within_the_page_takes_nobody_away(page: Page, player: Player) -> None:
    player.begin("in_what", frozen=False)
    page.evaluate("window.since = 'begin'")
    page.locator("main [data-primary]").click()
    page.locator("[data-error-summary] a").click()
    expect(page.locator("input[value=nothing]")).to_be_focused()
    page.keyboard.press("Home")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert is_same_document(page)
    expect(page.locator("[data-error-summary]")).to_be_visible()


def test_nothing_of_a_part_goes_on_once_it_is_left(page: Page, player: Player) -> None:
    player.begin(voices=[ENGLISH])
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/how_far/")
    page.evaluate("spokenToTheEnd()")
    player.later(120)
    assert page.evaluate("spoken()") == ["You stand on a shore."]
    expect(page.locator("body")).not_to_have_class("at-rest")
    page.go_back()
    expect(page.locator("[data-sentence].now")).to_have_text("You stand on a shore.")
    page.keyboard.press("l")
    expect(page.get_by_role("status").filter(has_text="15 more seconds")).to_be_visible()
    page.go_forward()
    page.get_by_role("heading", name="How clear was it?").wait_for()
    page.evaluate("spokenToTheEnd()")
    player.later(120)
    assert page.evaluate("spoken()") == ["You stand on a shore."] * 2


def test_stopping_and_carrying_on_stay_in_the_document(page: Page, player: Player) -> None:
    player.begin(frozen=False)
    page.evaluate("window.since = 'begin'")
    player.press("Stop")
    expect(page.get_by_role("heading", name="You have stopped. Your place is kept.")).to_be_focused()
    expect(page.locator("body")).not_to_have_class("playing")
    page.get_by_role("link", name="Carry on").click()
    page.locator("body.playing").wait_for()
    assert is_same_document(page)


def test_the_session_never_flashes_white(page: Page, player: Player) -> None:
    player.begin(frozen=False)
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            seen.add(getComputedStyle(document.documentElement).backgroundColor);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    go_on(page, "how_far")
    player.press("I would rather not say")
    page.wait_for_url("**/in_what/")
    assert page.evaluate("[...seen]") == ["rgb(14, 22, 27)"]


# --- answers that go with no other -----------------------------------------------------------------------------------


def test_nothing_came_takes_the_others_back_and_they_take_it_back(page: Page, player: Player) -> None:
    player.begin("in_what", frozen=False)
    for value in ("words", "place"):
        choose(page, value)
    choose(page, "nothing")
    assert checked(page) == ["nothing"]
    choose(page, "picture")
    assert checked(page) == ["picture"]


def test_that_there_is_nothing_to_rate_takes_the_number_back(page: Page, player: Player) -> None:
    player.begin("how_far", frozen=False)
    page.get_by_role("slider").focus()
    page.keyboard.type("40")
    page.get_by_label("There was nothing to rate").check()
    expect(page.locator("#how_far")).to_have_value("")
    go_on(page, "in_what")
    assert Rating.objects.get(stage="how_far").status == Rating.Status.NOT_APPLICABLE


def checked(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('main input:checked')].map((each) => each.value)")
    return found


# --- longer, a moment too late ---------------------------------------------------------------------------------------


def test_longer_asked_for_just_after_the_end_leads_back_to_the_quiet_time(page: Page, player: Player) -> None:
    player.begin()
    player.listen_to_the_end()
    player.later(20)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/how_far/")
    player.later(9)
    page.keyboard.press("l")
    page.wait_for_url("**/shore/")
    expect(player.timer).to_contain_text("15 seconds")
    player.later(15.5)
    expect(player.timer).to_contain_text("Take as long as you like")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/how_far/")
    player.later(11)
    page.keyboard.press("l")
    page.wait_for_timeout(500)
    assert page.url.endswith("/how_far/"), "by now it is another part"


# --- a line that is lost, a tab that is closed -----------------------------------------------------------------------


def test_an_answer_that_waits_survives_the_tab_and_is_sent_once(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    address = page.url
    page.context.set_offline(True)
    page.keyboard.press("5")
    page.locator("main [data-primary]").click()
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    again = page.context.new_page()
    page.close()
    page.context.set_offline(False)
    again.goto(address)
    again.wait_for_url("**/in_words/")
    rating = Rating.objects.get(stage="how_clear")
    assert (rating.value, rating.changes) == (5, 0)
    again.go_back()
    again.goto(player.base)
    again.wait_for_timeout(300)
    assert Rating.objects.get(stage="how_clear").changes == 0
    assert RatingRevision.objects.count() == 0


def test_who_carries_on_later_finds_the_answer_that_waited(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    page.context.set_offline(True)
    page.keyboard.press("5")
    page.locator("main [data-primary]").click()
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    again = page.context.new_page()
    page.close()
    page.context.set_offline(False)
    again.goto(player.base)
    expect(again.get_by_text("You stopped in part 5 of 8")).to_be_visible()
    assert Rating.objects.get(stage="how_clear").value == 5


def test_what_is_changed_while_the_line_is_lost_is_what_is_sent(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    page.context.set_offline(True)
    page.keyboard.press("5")
    page.locator("main [data-primary]").click()
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    page.keyboard.press("1")
    page.context.set_offline(False)
    page.wait_for_url("**/in_words/")
    assert Rating.objects.get(stage="how_clear").value == 1


def test_an_answer_of_somebody_who_is_signed_out_comes_when_they_are_back(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    address = page.url
    cookies = page.context.cookies()
    page.context.clear_cookies(name="potoo_session")
    page.keyboard.press("5")
    page.locator("main [data-primary]").click()
    page.wait_for_url("**/me/link/**")
    assert not Rating.objects.filter(stage="how_clear").exists()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_url("**/in_words/")
    assert Rating.objects.get(stage="how_clear").value == 5


def kill(page: Page) -> Page:
    """The browser takes the tab's process away, as a phone without memory does; another tab.

    By the browser's own address for that: by number also a process would go that waits for the next tab, and the tab
    that is given it never comes.
    """
    context = page.context
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://kill")
    page.close()
    again = context.new_page()
    again.set_viewport_size(PHONE)
    return again


# The last part is of the first one's kind.
@pytest.mark.parametrize(
    "stage", [pytest.param(stage, marks=[pytest.mark.slow] if stage == "waves" else []) for stage in STAGES]
)
def test_a_tab_that_is_killed_twice_in_any_part_loses_nothing(page: Page, player: Player, stage: str) -> None:
    page.set_viewport_size(PHONE)
    player.begin(stage, frozen=False)
    for n in range(2):
        give(page, stage, n)
        page = kill(page)
        page.goto(player.base)
        if stage != "shore":
            expect(page.get_by_text(f"You stopped in part {list(STAGES).index(stage) + 1} of 8")).to_be_visible()
        page.locator("main form[data-begin] button[name=carry-on], main form[data-begin] [data-primary]").first.click()
        page.wait_for_url(f"**/{stage}/")
        page.locator("body.playing").wait_for()
        is_there(page, stage, n)
    earlier = list(STAGES)[: list(STAGES).index(stage)]
    given = {"how_far": 30, "how_clear": 2}
    stored = dict(Rating.objects.filter(stage__in=given).values_list("stage", "value"))
    assert stored == {each: given[each] for each in earlier if each in given}
    player.page = page


def give(page: Page, stage: str, n: int) -> None:
    """Something that is not sent."""
    if stage == "how_far":
        page.get_by_role("slider").focus()
        page.keyboard.type(f"{4 + n}")
    elif stage == "in_what":
        choose(page, ["place", "picture"][n])
    elif stage == "how_clear":
        choose(page, str(3 + n))
    elif stage == "in_words":
        page.locator("textarea").fill(f"A slow wind, {n}")
        expect(page.get_by_text("Kept on this device until you send it.")).to_be_visible()
    elif stage in {"sketch", "once_more"}:
        draw_line(page)
        page.wait_for_timeout(200)


def is_there(page: Page, stage: str, n: int) -> None:
    if stage == "how_far":
        expect(page.locator("#how_far")).to_have_value(str(4 + n))
    elif stage == "in_what":
        assert checked(page) == ["place", "picture"][: n + 1]
    elif stage == "how_clear":
        assert checked(page) == [str(3 + n)]
    elif stage == "in_words":
        expect(page.locator("textarea")).to_have_value(f"A slow wind, {n}")
    elif stage in {"sketch", "once_more"}:
        expect(page.get_by_text("Your drawing is back.")).to_be_attached()
        before = Drawing.objects.count()
        assert before == (1 if stage == "once_more" else 0)
    else:
        expect(page.locator("[data-sentence].now")).to_be_visible()


# --- weight ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["shore", "how_far", "sketch"])
def test_a_page_comes_quickly_over_a_slow_line(page: Page, player: Player, stage: str) -> None:
    """HTML, styles and scripts, each compressed as it is sent: 150 kB at most on the first visit."""
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))
    player.begin(stage, frozen=False)
    page.wait_for_load_state("networkidle")
    kinds = ("text/html", "text/css", "javascript", "image/svg")
    sizes = {
        each.url: len(gzip.compress(each.body()))
        for each in loaded
        if each.request.method == "GET" and any(kind in each.headers.get("content-type", "") for kind in kinds)
    }
    assert len(sizes) > 20
    assert sum(sizes.values()) < 150_000
