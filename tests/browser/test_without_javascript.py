"""A recording is heard by whoever has no script too: the browser's own player, from our own host, with its captions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.playing import Player
from tests.browser.test_pages import FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS, SMALL_TARGETS
from tests.browser.test_recording import CAPTIONS, FILES, SECONDS, STAGES
from tests.browser.watch import watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[False])
def bare(
    page: Page, chromium: Browser, live_server: Any, settings: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page of a part with a recording, in a browser without scripts; `True`: that has some, and is sent none."""
    settings.DATA_DIR = tmp_path
    player = Player(page, live_server.url, STAGES, {}, FILES)
    player.client.post(player.base)
    with watched(chromium, live_server.url, java_script_enabled=request.param) as context:
        context.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        bare = context.new_page()
        answer = bare.goto(f"{player.base}shore/")
        assert answer is not None
        assert "media-src 'self'" in answer.headers["content-security-policy"].split("; ")
        yield bare


def test_the_browsers_own_player_is_there_and_plays(bare: Page) -> None:
    audio = bare.locator("main audio[controls][preload=none]")
    expect(audio).to_be_visible()
    expect(audio).to_have_accessible_name("Listen")
    expect(bare.locator("[data-sentence]").first).to_be_visible()
    audio.evaluate("each => { each.muted = true; each.play(); }")
    for _ in range(100):
        if audio.evaluate("each => each.currentTime > 0.2"):
            break
        bare.wait_for_timeout(50)
    assert audio.evaluate("each => each.currentTime") > 0.2
    assert audio.evaluate("each => each.duration") == SECONDS


def test_its_captions_are_in_the_language_of_what_is_said(bare: Page) -> None:
    track = bare.locator("main audio track[kind=captions]")
    assert track.get_attribute("srclang") == bare.locator(".said").get_attribute("lang") == "en"
    address = track.get_attribute("src") or ""
    assert address.startswith("/a/"), "our own host"
    found = bare.context.request.get(address)
    assert (found.status, found.headers["content-type"].split(";")[0]) == (200, "text/vtt")
    assert found.text() == CAPTIONS


@pytest.mark.parametrize("bare", [True], indirect=True)  # what looks at the page is a script
def test_the_page_is_for_everybody(bare: Page) -> None:
    expect(bare.locator("main audio[controls]")).to_be_visible()
    bare.evaluate(Axe().axe_script)
    problems: dict[str, Any] = {"axe": bare.evaluate(FIND_VIOLATIONS, RULES)}
    for width, height in ((1280, 800), (320, 640), (320, 200)):
        bare.set_viewport_size({"width": width, "height": height})
        problems[f"targets {width}"] = bare.evaluate(SMALL_TARGETS)
        problems[f"sideways {width}"] = bare.evaluate(SCROLLS_SIDEWAYS)
    assert {what: found for what, found in problems.items() if found} == {}
