"""Single keys on the list of who needs somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.gallery import Gallery
from tests.browser.pages import PAGES
from tests.browser.watch import watched


@pytest.fixture
def today(gallery: Gallery, chromium: Browser) -> Iterator[Page]:
    with watched(chromium, gallery.lab.url) as context:
        page = context.new_page()
        PAGES["today"](gallery, page)
        yield page


def _names(page: Page) -> list[str]:
    return page.locator("[data-open]").all_inner_texts()


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText"))


@pytest.mark.browser
def test_j_and_k_go_down_and_up_the_list_and_stay_at_its_ends(today: Page) -> None:
    names = _names(today)
    came = []
    for key in "jjjkkk":
        today.keyboard.press(key)
        came.append(_focused(today))
    assert came == [names[n] for n in (0, 1, 2, 1, 0, 0)]


@pytest.mark.browser
def test_enter_opens_the_person_and_m_leads_to_their_messages(today: Page) -> None:
    name = _names(today)[0]
    today.keyboard.press("j")
    today.keyboard.press("Enter")
    expect(today).to_have_url(re.compile(rf"/people/{name}/$"))
    today.go_back()
    today.keyboard.press("j")
    today.keyboard.press("m")
    expect(today).to_have_url(re.compile(rf"/people/{name}/messages/$"))


@pytest.mark.browser
def test_turned_off_single_keys_do_nothing_there_and_after_a_reload(today: Page) -> None:
    today.locator("summary", has_text="How this list is ordered").click()
    today.get_by_role("button", name="Turn single keys off").click()
    for _ in range(2):
        today.keyboard.press("j")
        assert _focused(today) not in _names(today)
        today.reload()
