"""An answer is kept as soon as it is chosen, and the page says truly whether it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.evenings import lend
from tests.browser.gallery import Gallery, come, press
from tests.browser.watch import watched
from tests.walk.client import Browser as PlainBrowser
from tests.walk.lab import SLUG

pytestmark = pytest.mark.browser


@contextmanager
def asked(gallery: Gallery, chromium: Browser, forgiven: str = "") -> Iterator[tuple[BrowserContext, Page]]:
    """Somebody's browser, at their first question."""
    with watched(chromium, gallery.lab.url, forgiven=forgiven) as context:
        page = context.new_page()
        gallery.participant(page, "question")
        yield context, page


def choose(page: Page, item: str, value: int) -> None:
    page.locator(f"label.answer:has(input[name={item}][value='{value}'])").click()


def is_chosen(page: Page, url: str, value: int) -> bool:
    """Whether an answer is there now; what a closed tab sent may still be on its way, so this is asked again."""
    page.wait_for_timeout(250)
    page.goto(url)
    return page.locator(f"input[name=h1][value='{value}']").is_checked()


def test_an_answer_chosen_as_the_tab_is_closed_is_there_when_the_person_comes_back(
    gallery: Gallery, chromium: Browser
) -> None:
    with asked(gallery, chromium) as (context, page):
        url = page.url
        choose(page, "h1", 4)
        page.close(run_before_unload=True)
        again = context.new_page()
        assert any(is_chosen(again, url, 4) for _ in range(40))
        again.goto("/me/next/")
        assert again.url.endswith("/2/"), "the way goes on at the first question without an answer"


def test_the_last_of_several_quick_choices_stands_and_is_one_answer(gallery: Gallery, chromium: Browser) -> None:
    with asked(gallery, chromium) as (_, page):
        with page.expect_response(lambda response: response.url.endswith("/autosave/")) as saved:
            for value in (1, 2, 5):
                choose(page, "h1", value)
        assert saved.value.status == 200
        expect(page.locator("[data-save-status]")).to_contain_text("Saved")
        page.reload()
        expect(page.locator("input[name=h1][value='5']")).to_be_checked()


def test_offline_the_page_says_that_nothing_is_saved_and_saves_when_the_line_is_back(
    gallery: Gallery, chromium: Browser
) -> None:
    with asked(gallery, chromium, forgiven="ERR_INTERNET_DISCONNECTED") as (context, page):
        status = page.locator("[data-save-status]")
        context.set_offline(True)
        choose(page, "h1", 2)
        expect(status).to_have_text("Not saved yet. We will try again.")
        with page.expect_response(lambda response: response.url.endswith("/autosave/")):
            context.set_offline(False)
        expect(status).to_contain_text("Saved")
        page.reload()
        expect(page.locator("input[name=h1][value='2']")).to_be_checked()


def test_whoever_loses_their_cookie_midway_comes_back_by_link_to_the_same_question(
    gallery: Gallery, chromium: Browser
) -> None:
    _, link = gallery.lab.invite()
    with watched(chromium, gallery.lab.url) as context:
        page = context.new_page()
        invited = PlainBrowser(gallery.lab.url)
        invited.open(link)
        invited.press()
        come(invited, "question")
        lend(invited, page)
        page.goto(invited.page.url)
        for item, value in (("h1", 3), ("h2", 1)):
            choose(page, item, value)
            press(page)
        third = page.url
        context.clear_cookies(name="potoo_session")
        choose(page, "d1", 5)
        expect(page.locator("[data-save-status]")).to_have_text("Not saved yet. Press the button to save.")
        press(page)
        assert page.locator("main").get_attribute("data-screen") != "question", "nobody is known here any more"
        page.goto(link)
        press(page)
        press(page)
        assert page.url == third
        for n, item, value in ((2, "h2", 1), (1, "h1", 3)):
            page.get_by_role("link", name="Back").click()
            page.wait_for_url(f"**/{n}/")
            expect(page.locator(f"input[name={item}][value='{value}']")).to_be_checked()


def test_a_chosen_theme_stays(gallery: Gallery, chromium: Browser) -> None:
    with watched(chromium, gallery.lab.url, color_scheme="light") as context:
        page = context.new_page()
        page.goto(f"/join/{SLUG}/")
        page.locator("summary", has_text="Colours").click()
        press(page, "button[value=dusk]")
        for _ in range(2):
            assert page.locator("html").get_attribute("class") == "theme-dusk"
            press(page)
