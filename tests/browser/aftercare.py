"""The pages of the gallery on which people are looked after: stopping, reporting, and how they are after a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from tests import world
from tests.browser.evenings import lend
from tests.imagery.aftercare import FILES
from tests.walk.client import Browser
from tests.walk.hands import Plain

if TYPE_CHECKING:
    from tests.browser.gallery import Gallery

SLUG = "aftercare"
GIVEN: dict[str, str] = {"shore": "", "clear": "3", "water": "", "ease": "0"}
UNWELL = {"distress": "8", "unwanted": "yes", "how_often": "once", "trouble": "5", "still": "no", "in_words": "A lake."}


def come(gallery: Gallery, upto: str) -> Plain:
    """Somebody new, as far as the stage, or the question after the session, that is called `upto`."""
    folder = gallery.lab.product.folder / SLUG
    if not folder.exists():
        gallery.lab.manage("load_study", str(world.written(FILES, folder)))
    hands = Plain(Browser(gallery.lab.url))
    hands.open(f"/join/{SLUG}/?lang=en")
    hands.press()
    hands.choose("take_part", "yes")
    for _ in range(3):  # the consent, the contact, the way to the session
        hands.press()
    if upto == "ready":
        return hands
    hands.press()
    for name, value in {**GIVEN, **UNWELL}.items():
        if name == upto:
            break
        if value:
            hands.choose(name, value)
        hands.press()
    return hands


def at(upto: str, then: Callable[[Page], None] | None = None) -> Callable[[Gallery, Page], None]:
    """Opens the page named `upto` to somebody who came so far."""

    def opens(gallery: Gallery, page: Page) -> None:
        hands = come(gallery, upto)
        lend(hands.browser, page)
        page.goto(hands.url)
        if then:
            then(page)

    return opens


def stops(page: Page) -> None:
    """Presses *Stop*."""
    with page.expect_navigation(url="**/stop/"):
        page.locator("[data-stop] button").click()


def tells(page: Page) -> None:
    """Goes to where something is reported."""
    with page.expect_navigation():
        page.locator("header .bar-tell").click()


def tells_nothing(page: Page) -> None:
    """Sends the form as it is."""
    tells(page)
    with page.expect_navigation():
        page.locator("main [data-primary]").click()


def has_told(page: Page) -> None:
    """Reports something."""
    tells(page)
    page.locator("label.answer").nth(1).click()
    page.locator("textarea").fill("It came back at night.")
    with page.expect_navigation():
        page.locator("main [data-primary]").click()
