"""The study with every kind of question, and a person at each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from tests.browser.evenings import lend
from tests.walk.client import Browser
from tests.walk.hands import Plain

if TYPE_CHECKING:
    from tests.browser.gallery import Gallery

FOLDER = Path(__file__).resolve().parents[1] / "studies" / "every_kind"
SLUG = "every-kind"
# What brings a person from each question to the next, in the order in which the first questionnaire asks them.
GIVEN = {
    "age": "41",
    "always": "no_later",
    "since": "2010-05-06",
    "how": "A fall, from a ladder.",
    "ways": "words",
    "pets": "na",
    "share": "na",
    "name": "quick",
    "prior": "yes",
    "hours": "2.5",
}


def come(gallery: Gallery, upto: str, language: str = "en") -> Plain:
    """Somebody new, at the question named `upto`; `pictures` is the first of the questionnaire after them."""
    hands = Plain(Browser(gallery.lab.url, language=language))
    hands.open(f"/join/{gallery.kinds()}/?lang={language}")
    hands.press()
    hands.choose("take_part", "yes")
    hands.press()
    hands.press()
    assert hands.screen == "home"
    hands.press()
    for item, value in GIVEN.items():
        if item == upto:
            return hands
        hands.choose(item, value)
        hands.press()
    assert upto == "pictures"
    assert hands.screen == "question"
    return hands


def at(
    upto: str, then: Callable[[Page], None] | None = None, *, language: str = "en"
) -> Callable[[Gallery, Page], None]:
    """Opens the question named `upto` to somebody who came so far."""

    def opens(gallery: Gallery, page: Page) -> None:
        hands = come(gallery, upto, language)
        lend(hands.browser, page)
        page.goto(hands.url)
        if then:
            then(page)

    return opens
