"""A session runs in one window at a time, and the person says in which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from imagery.models import Rating, SessionRun
from tests.browser.playing import ENGLISH, Player
from tests.browser.test_pages import FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAGES = {
    "shore": '{id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}',
    "how_clear": "{id: how_clear, rate: vividness, scale: {min: 1, max: 5}}",
    "breather": "{id: breather, rest: 90s}",
}
GIVEN = {"how_clear": "2"}
ELSEWHERE = "This session is open in another window"
MOVED = "You went on in another window"


@pytest.fixture
def player(page: Page, live_server: Any) -> Iterator[Player]:
    yield Player(page, live_server.url, STAGES, GIVEN)
    for each in page.context.pages:
        each.goto("about:blank")


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name)


def second(page: Page, address: str) -> Page:
    """Another window of the same browser, at that address."""
    other = page.context.new_page()
    other.goto(address)
    return other


def test_the_second_window_asks_and_the_first_one_stands_still_for_it(page: Page, player: Player) -> None:
    player.begin(voices=[ENGLISH])
    other = second(page, page.url)
    player.later(1)
    expect(heading(other, ELSEWHERE)).to_be_focused()
    assert other.evaluate("window.spoken?.() ?? []") == []
    expect(other.locator(".player-controls")).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    other.get_by_role("button", name="Use it here").click()
    other.locator("body.playing").wait_for()
    expect(heading(page, MOVED)).to_be_focused()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.evaluate("spokenToTheEnd()")
    page.clock.run_for(120_000)
    assert page.evaluate("spoken()") == ["You stand on a shore."], "its voice and its time have stopped"
    expect(heading(other, ELSEWHERE)).to_have_count(0)


def test_whoever_goes_on_in_the_second_window_is_where_they_were(page: Page, player: Player) -> None:
    player.begin("shore", frozen=False)
    late = page.url
    page.locator("[data-primary]").click()
    page.wait_for_url("**/how_clear/")
    page.keyboard.press("4")
    page.locator("[data-primary]").click()
    page.wait_for_url("**/breather/")
    other = second(page, late)
    other.get_by_role("button", name="Use it here").click()
    other.wait_for_url("**/breather/")
    other.locator("body.playing").wait_for()
    other.locator("[data-primary]").click()
    other.wait_for_url("**/me/**")
    assert SessionRun.objects.get().status == SessionRun.Status.COMPLETED
    assert Rating.objects.get().value == 4


def test_the_first_window_can_take_it_back(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    page.keyboard.press("3")
    other = second(page, page.url)
    other.get_by_role("button", name="Use it here").click()
    other.locator("body.playing").wait_for()
    page.get_by_role("button", name="Use it here").click()
    page.locator("body.playing").wait_for()
    expect(heading(other, MOVED)).to_be_visible()
    expect(page.locator("input[value='3']")).to_be_checked()


def test_a_window_that_is_closed_or_reloaded_holds_nothing(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    address = page.url
    for _ in range(3):
        page.reload()
        page.locator("body.playing").wait_for()
    other = page.context.new_page()
    page.close()
    other.goto(address)
    other.locator("body.playing").wait_for()
    expect(heading(other, ELSEWHERE)).to_have_count(0)


def test_a_window_that_does_not_answer_cannot_keep_it(page: Page, player: Player) -> None:
    player.begin("how_clear", frozen=False)
    other = second(page, page.url)
    # A window that was put to sleep hears nothing.
    other.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    other.get_by_role("button", name="Use it here").click()
    other.locator("body.playing").wait_for()
    expect(heading(page, MOVED)).to_be_visible()


def test_both_notices_are_for_everybody(page: Page, player: Player) -> None:
    page.emulate_media(reduced_motion="reduce")
    player.begin("how_clear", frozen=False)
    other = second(page, page.url)
    heading(other, ELSEWHERE).wait_for()
    problems: dict[str, Any] = {}
    for name, each in (("elsewhere", other), ("moved", page)):
        if name == "moved":
            other.get_by_role("button", name="Use it here").click()
            heading(page, MOVED).wait_for()
        each.evaluate(Axe().axe_script)
        for width in (1280, 320):
            each.set_viewport_size({"width": width, "height": 640})
            problems[f"{name} {width}"] = each.evaluate(FIND_VIOLATIONS, RULES) + each.evaluate(SCROLLS_SIDEWAYS)
    assert {what: found for what, found in problems.items() if found} == {}
