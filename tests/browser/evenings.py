"""A study of the gallery with one session that has a stage of every kind, and a person at each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from tests import world
from tests.walk.client import Browser
from tests.walk.evenings import picture, stage_of
from tests.walk.hands import Plain

if TYPE_CHECKING:
    from tests.browser.gallery import Gallery

SLUG = "evenings"
SCRIPT = """\
slug: evening
title: Something round
voice: {rate: 0.9, pause: 1s}
stages:
  - id: shape
    say: "Begin with a shape: a small upright pillow, rounded at the top. Cover it with feathers, speckled like bark."
    hold: 20s
  - {id: clear, rate: vividness, scale: {min: 1, max: 5}}
  - {id: line, rate: vividness, scale: {min: 0, max: 100}}
  - {id: ease, rate: ease, scale: {min: 0, max: 10}}
  - id: road
    choose: How do you go on?
    options: [{label: Down to the water}, {label: Along the dry path above it, goto: breather}]
  - {id: breather, rest: 90s}
  - {id: words, report: "What came to you: a picture, words, a feeling, nothing?", min_words: 3}
  - {id: sketch, draw: Draw it from your imagination., seconds: 120, condition: imagery}
  - id: photo
    reveal: media/potoo.png
    alt: A brown bird with large dark eyes on a branch, drawn in flat shapes
    credit: Drawn for this example, CC0
  - {id: match, compare: How close was what came to you?, scale: {min: 0, max: 10}}
"""
GIVEN: dict[str, dict[str, str | bytes]] = {
    "clear": {"clear": "1"},
    "line": {"line": "35"},
    "ease": {"ease": "4"},
    "road": {"road": "1"},
    "words": {"words": "A pillow with feathers, then only the word for it."},
    "sketch": {"sketch": picture(), "drawing-words": "round, dark eyes"},
    "match": {"match": "6"},
}
ROUNDS = ("shape", "clear", "line", "ease", "road", "breather", "words", "sketch", "photo", "match")


def files() -> dict[str, str | bytes]:
    """The study: the session twice, the second a day after the first."""
    step = "do: session, script: evening, window: [0s, 7d]"
    steps = f"""{{id: first, title: The first evening, {step}, at: "consent + 0s", remind: [1d, 3d]}}
  - {{id: second, title: The second evening, {step}, at: "first + 1d", remind: [0s]}}"""
    study = world.edited(
        {
            "slug: tiny": f"slug: {SLUG}",
            "title: Tiny": "title: Evenings",
            "{id: first, title: The first one, do: assess, instruments: [one]}": steps,
        },
        world.TINY,
    )
    return study | {"scripts/evening.yaml": SCRIPT, "media/potoo.png": world.files()["media/potoo.png"]}


def come(gallery: Gallery, upto: str, email: str = "") -> Plain:
    """Somebody new, as far as the page or stage named `upto`."""
    hands = Plain(Browser(gallery.lab.url))
    hands.open(f"/join/{SLUG}/?lang=en")
    hands.press()
    hands.choose("take_part", "yes")
    hands.press()
    if email:
        hands.fill("email", email)
    hands.press()
    assert hands.screen == "home"
    hands.press()
    if upto == "ready":
        return hands
    hands.press()
    for stage in ROUNDS:
        assert stage_of(hands) == stage
        if stage == upto:
            return hands
        for name, value in GIVEN.get(stage, {}).items():
            hands.choose(name, value)
        hands.press()
    return hands


def at(upto: str, then: Callable[[Page], None] | None = None) -> Callable[[Gallery, Page], None]:
    """Opens the page named `upto` to somebody who came so far."""

    def opens(gallery: Gallery, page: Page) -> None:
        gallery.evenings()
        hands = come(gallery, upto)
        lend(hands.browser, page)
        page.goto(hands.url)
        if then:
            then(page)

    return opens


def resume(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    hands = come(gallery, "road")
    lend(hands.browser, page)
    page.goto("/me/next/")


def resume_late(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    hands = come(gallery, "road")
    gallery.lab.later(hours=14)
    lend(hands.browser, page)
    page.goto("/me/next/")


def over(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    hands = come(gallery, "match")
    address = hands.url
    hands.choose("match", "6")
    hands.press()
    lend(hands.browser, page)
    page.goto(address)


def sealed(gallery: Gallery, page: Page) -> None:
    gallery.evenings()
    hands = come(gallery, "match")
    lend(hands.browser, page)
    page.goto(hands.url.replace("/match/", "/words/"))
    page.locator("textarea").fill("something else by now")
    with page.expect_navigation():
        page.locator("main [data-primary]").click()


def lend(browser: Browser, page: Page) -> None:
    """Gives a plain client's cookies to a real browser."""
    page.context.add_cookies([{"name": c.name, "value": c.value or "", "url": browser.base} for c in browser.cookies])
