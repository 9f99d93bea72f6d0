"""What the player weighs: what a browser that has nothing of it yet is sent, by the production server, as it is sent.

The product is served as for a real study, behind a proxy that speaks https. Each page is opened by a browser with an
empty cache; counted is what came over the line, answer by answer, heads included, as Chromium's own network log has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from conftest import CHROMIUM, CHROMIUM_SWITCHES
from tests import world
from tests.listening import loaded
from tests.processes import Product
from tests.proof.https import HOST, PUBLIC_URL, proxied

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.browser]

MOST_BYTES = 150_000
MEDIA = {"Media", "Image"}
COMPRESSED = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")
SHORT = 700  # what is shorter is not made shorter by much
HTTPS = {
    "PUBLIC_URL": PUBLIC_URL,
    "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
    "SECRET_KEY": "a-passphrase-that-nobody-else-would-ever-think-of",
    "DATA_KEY": "another-passphrase-that-nobody-else-would-think-of",
}
SCRIPT = """\
slug: evening
title: An evening
stages:
  - {id: shore, say: "You stand on a shore. The sand is warm.", hold: 20s}
  - {id: how_clear, rate: vividness, scale: {min: 1, max: 5}}
  - {id: sketch, draw: Draw it., condition: imagery}
"""
STEP = {"do: assess, instruments: [one]": "do: session, script: evening"}
PAGES = {"the door": "", "a guided part": "shore/", "a rating": "how_clear/", "a drawing": "sketch/"}


@dataclass(frozen=True)
class Came:
    """One answer, as it came over the line."""

    path: str
    kind: str
    media_type: str
    encoding: str
    size: int


@pytest.fixture
def https(chromium: Browser, product: Product, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser for which the product's name leads to its proxy; somebody in it has come to their session's door."""
    bundle = world.written(world.edited(STEP, world.TINY) | {"scripts/evening.yaml": SCRIPT}, tmp_path / "bundle")
    product.environment |= HTTPS
    loaded(product, bundle)
    with product.served() as served, proxied(int(served.url.rpartition(":")[2]), tmp_path) as port:
        switches = [*CHROMIUM_SWITCHES, f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{port}"]
        browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=switches)
        try:
            yield browser.new_context(base_url=PUBLIC_URL, ignore_https_errors=True)
        finally:
            browser.close()


def _comes_to_the_door(page: Page) -> str:
    """The session's address."""
    page.goto("/join/tiny/")
    for _ in range(12):
        if "/s/" in page.url:
            break
        consent = page.locator("main input[name=take_part][value=yes]")
        if consent.count():
            consent.check(force=True)
        page.locator("main .btn.primary").first.click()
        page.wait_for_load_state()
    assert "/s/" in page.url, page.url
    return page.url


def _goes_on(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("body.playing, [data-ready]:not([hidden])").first.wait_for()
    if page.locator("main label.answer").count():
        page.locator("main label.answer").first.click()
    page.locator("main .btn.primary").first.click()
    page.wait_for_url(lambda now: now != url)


def _cold(context: BrowserContext, url: str) -> list[Came]:
    """All that comes for a page to a browser that knows who is there, and has nothing else."""
    browser = context.browser
    assert browser
    fresh = browser.new_context(ignore_https_errors=True, storage_state=context.storage_state())
    page = fresh.new_page()
    answers: dict[str, dict[str, Any]] = {}
    came: list[Came] = []
    network = fresh.new_cdp_session(page)
    network.on("Network.responseReceived", lambda told: answers.__setitem__(told["requestId"], told))

    def arrived(told: dict[str, Any]) -> None:
        answer = answers[told["requestId"]]["response"]
        assert not answer.get("fromDiskCache"), answer["url"]
        heads = {name.lower(): value for name, value in answer["headers"].items()}
        came.append(
            Came(
                path=answer["url"].removeprefix(PUBLIC_URL),
                kind=answers[told["requestId"]]["type"],
                media_type=heads.get("content-type", "").partition(";")[0],
                encoding=heads.get("content-encoding", ""),
                size=int(told["encodedDataLength"]),
            )
        )

    network.on("Network.loadingFinished", arrived)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url)
    page.wait_for_load_state("networkidle")
    assert page.url == url
    fresh.close()
    return came


def _told(name: str, came: list[Came]) -> None:
    print(f"\n{name}: {sum(each.size for each in came):,} bytes in {len(came)} answers")
    for each in sorted(came, key=lambda each: -each.size):
        print(f"  {each.size:>7,}  {each.encoding or '-':<5} {each.kind:<11} {each.path}")


def test_a_player_that_nobody_has_yet_weighs_less_than_150_kb(https: BrowserContext) -> None:
    page = https.new_page()
    door = _comes_to_the_door(page)
    weights = {}
    before = None
    for name, stage in PAGES.items():
        if before is not None:
            _goes_on(page, door + before)
        before = stage
        came = _cold(https, door + stage)
        _told(name, came)
        weights[name] = sum(each.size for each in came if each.kind not in MEDIA)
        assert len(came) > 20, "the player came"
        loose = [each for each in came if each.media_type in COMPRESSED and not each.encoding and each.size > SHORT]
        assert loose == [], "each is compressed as it is sent"
    assert {name: weight for name, weight in weights.items() if weight >= MOST_BYTES} == {}
