"""A newcomer before the demonstration: through each of its three doors, by mouse and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watch import watched
from tests.processes import Product, database_of_its_own
from tests.walk.desk import Keyboard, Mouse

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE_NAME = re.compile(r"^[A-Z][A-Z0-9]{6}$")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of what `make demo` serves."""
    with database_of_its_own() as database:
        product = Product(tmp_path_factory.mktemp("newcomer"), database)
        for command in (("migrate", "--verbosity", "0"), ("demo",)):
            done = product.manage(*command)
            assert done.returncode == 0, done.stderr
        with product.served() as served:
            yield served.url


@pytest.mark.parametrize("hands", [Mouse, Keyboard], ids=["mouse", "keyboard"])
def test_three_doors_open_on_what_they_promise(demonstration: str, chromium: Browser, hands: type[Mouse]) -> None:
    with watched(chromium, demonstration, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        newcomer = hands(page)
        page.goto("/")
        expect(page.locator("h1")).to_be_visible()

        newcomer.follow(page.get_by_role("button", name="Come in as a researcher"))
        assert urlsplit(page.url).path == "/studies/"
        newcomer.follow(page.locator("main a[href='/studies/potoo-demo/']").first)
        expect(page.get_by_role("heading", name="Participant flow")).to_be_visible()
        _back_to_the_beginning(page)

        newcomer.follow(page.get_by_role("button", name="Come in as a coach"))
        assert urlsplit(page.url).path == "/studies/potoo-demo/today/"
        somebody = page.locator("main").get_by_role("link", name=CODE_NAME).first
        code = somebody.inner_text()
        newcomer.follow(somebody)
        assert urlsplit(page.url).path == f"/studies/potoo-demo/people/{code}/"
        expect(page.locator("main h1")).to_contain_text(code)
        _back_to_the_beginning(page)

        newcomer.follow(page.get_by_role("button", name="Come in as a participant"))
        assert _screen(page) == "welcome"
        _up_to_the_first_question(newcomer)
        expect(page.locator("main legend").first).to_be_visible()
        newcomer.choose(page.locator("main input[type=radio]").first)
        newcomer.follow(page.locator("main [data-primary]"))
        assert "Question 2" in page.locator("header").inner_text()


def _up_to_the_first_question(newcomer: Mouse) -> None:
    page = newcomer.page
    for _ in range(8):
        screen = _screen(page)
        if screen == "question":
            return
        if page.locator("main [name=age]").count():
            newcomer.write(page.locator("main [name=age]"), "34")
        elif screen == "eligibility":
            newcomer.choose(page.locator("main input[type=radio]").first)
        elif screen == "consent":
            for box in page.locator("main input[type=checkbox]").all():
                newcomer.choose(box)
        newcomer.follow(page.locator("main [data-primary]").first)
    raise AssertionError(f"the door ends at {page.url}")


def _screen(page: Page) -> str:
    return page.locator("main").get_attribute("data-screen") or ""


def _back_to_the_beginning(page: Page) -> None:
    """By the browser's own button, which everybody knows."""
    for _ in range(6):
        if urlsplit(page.url).path == "/":
            return
        page.go_back()
    raise AssertionError(f"back leads to {page.url}")
