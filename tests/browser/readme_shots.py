"""Takes the README's pictures, from the demonstration as it stands after `make demo`: no test, so run by name alone.

`.venv/bin/python -m pytest tests/browser/readme_shots.py` writes docs/pictures/*.png, or into POTOO_SHOTS. It is noon
of one fixed day for them, and the people are the same every time, so that a picture changes only where a page does.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.gallery import press
from tests.processes import Product

FOLDER = Path(os.environ.get("POTOO_SHOTS") or Path(__file__).resolve().parents[2] / "docs" / "pictures")
LARGEST = 150_000  # bytes
COLOURS = 128
NOON = dt.datetime(2027, 3, 10, 12, tzinfo=dt.UTC)
DESKTOP, PHONE = (1200, 780), (390, 780)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    product = Product(tmp_path_factory.mktemp("readme"))
    product.environment["CLOCK"] = _stopped_clock()
    for command in (("migrate", "--verbosity", "0"), ("demo",)):
        done = product.manage(*command)
        assert done.returncode == 0, done.stderr
    with product.served() as served:
        yield served.url


def _enter(page: Page, who: str) -> None:
    page.goto("/")
    press(page, f"form[action='/demo/{who}/'] button")


def landing(page: Page) -> None:
    page.goto("/")


def study(page: Page) -> None:
    _enter(page, "researcher")
    page.goto("/studies/potoo-demo/")


def today(page: Page) -> None:
    _enter(page, "coach")
    page.goto("/studies/potoo-demo/today/")


def data(page: Page) -> None:
    _enter(page, "researcher")
    page.goto("/studies/potoo-demo/export/")


def _walk(page: Page) -> None:
    """Home, as a new test person: what they answer is marked, so that no picture makes a row that counts."""
    page.goto("/studies/potoo-demo/walk/")
    press(page, "#begin-walk")
    while (screen := page.locator("main").get_attribute("data-screen")) != "home":
        if page.locator("[name=age]").count():
            page.locator("[name=age]").fill("34")
        elif screen in {"eligibility", "consent"}:
            for answer in page.locator("label.answer").all()[: 1 if screen == "eligibility" else None]:
                answer.click()
        press(page)


def question(page: Page) -> None:
    _enter(page, "researcher")
    _walk(page)
    press(page)
    page.locator("label.answer").nth(1).click()
    page.locator("[data-save-status]:not(:empty)").wait_for()
    _without_bar(page)


def session(page: Page) -> None:
    _enter(page, "researcher")
    for _ in range(8):
        _walk(page)
        press(page, "[data-action=fill-in] button")
        # Nobody chooses the group: a walk that came into the other one is left for a new one.
        if page.locator("[data-action=fill-in]").count():
            press(page)
            press(page)
            _without_bar(page)
            return
    raise AssertionError("no walk came into the group with sessions")


def _without_bar(page: Page) -> None:
    """As a participant sees the page: only a test person has the bar."""
    page.evaluate("document.querySelector('.walk-bar').remove(); document.body.classList.remove('walked')")


PICTURES: dict[str, tuple[Callable[[Page], None], tuple[int, int], str]] = {
    "landing": (landing, DESKTOP, "light"),
    "study": (study, DESKTOP, "light"),
    "today": (today, DESKTOP, "light"),
    "data": (data, DESKTOP, "light"),
    "question": (question, PHONE, "light"),
    "session": (session, PHONE, "dark"),
}


@pytest.mark.browser
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_readme_is_taken(demonstration: str, chromium: Browser, name: str) -> None:
    show, (width, height), colours = PICTURES[name]
    context = chromium.new_context(
        base_url=demonstration,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        color_scheme=colours,  # type: ignore[arg-type]
        locale="en-GB",
    )
    page = context.new_page()
    show(page)
    page.mouse.move(0, 0)
    picture = small(page.screenshot())
    context.close()
    assert len(picture) <= LARGEST
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(picture)


def _stopped_clock() -> str:
    """The offset that makes it noon of one fixed day now."""
    return f"{round((NOON - dt.datetime.now(dt.UTC)).total_seconds()):+d}s"


def small(png: bytes) -> bytes:
    """The same picture with few colours."""
    image = (
        Image.open(io.BytesIO(png))
        .convert("RGB")
        .quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    )
    target = io.BytesIO()
    image.save(target, format="PNG", optimize=True)
    return target.getvalue()
