"""A researcher's first day, in the browser alone: from a one-time link on an empty installation to a row of data."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import world
from tests.browser.watch import watched
from tests.processes import Product, Served, database_of_its_own
from tests.walk.desk import Keyboard, Mouse

pytestmark = pytest.mark.browser


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[Product, Served]]:
    """An installation with nothing in it, served."""
    with database_of_its_own() as database:
        product = Product(tmp_path, database)
        product.environment["TICK_S"] = "1"
        assert product.manage("migrate", "--verbosity", "0").returncode == 0
        with product.served() as served:
            yield product, served


def zipped(files: world.Files, path: Path) -> Path:
    """A bundle as one file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("hands", [pytest.param(Mouse, marks=pytest.mark.slow), Keyboard])
def test_from_an_empty_installation_to_the_first_exported_row(
    empty: tuple[Product, Served], chromium: Browser, hands: type[Mouse] | type[Keyboard], tmp_path: Path
) -> None:
    product, served = empty
    made = product.manage("staff", "first@lab.example", "--creator", PUBLIC_URL=served.url)
    faulty = zipped(world.edited({"title: Tiny\n": "titel: Tiny\n"}, world.TINY), tmp_path / "faulty.zip")
    right = zipped(world.TINY, tmp_path / "tiny.zip")
    with watched(chromium, served.url, accept_downloads=True) as context:
        desk = hands(context.new_page())
        desk.open(json.loads(made.stdout)["url"])
        desk.go("Sign in", within="main")
        desk.go("New study", within="main")

        desk.attach("One zip of the folder", faulty)
        desk.go("Check and keep as a draft")
        assert desk.shows("Nothing was stored")
        expect(desk.page.locator("main")).to_contain_text("study.yaml:3")

        desk.attach("One zip of the folder", right)
        desk.go("Check and keep as a draft")
        desk.go("Study", within=".tabs")
        desk.go("Open the study")
        expect(desk.page.locator(".page-head")).to_contain_text("Open")

        desk.go("People", within=".tabs")
        desk.go("Add people", within="main")
        desk.go("Add this person")
        link = desk.page.locator("[data-copy] code").inner_text()

        code = _take_part(chromium, served.url, link)

        desk.go("Data", within=".tabs")
        expect(desk.page.locator("main table")).to_contain_text(code)
        with desk.page.expect_download() as download:
            desk.page.get_by_role("button", name="Download as csv").press("Enter")
        (row,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"), newline=""))
        assert (row["participant"], row["item"], row["value"], row["status"]) == (code, "q1", "1", "answered")


def _take_part(chromium: Browser, url: str, link: str) -> str:
    """Somebody with a browser of their own follows their link to the end; their code in the study."""
    with watched(chromium, url) as context:
        page = context.new_page()
        page.goto(link)
        for _ in range(8):
            screen = page.locator("main").get_attribute("data-screen")
            if screen == "consent" or screen == "question":
                page.locator("label.answer").first.click()
            elif screen in {"done", "wait"}:
                break
            with page.expect_navigation():
                page.locator("main [data-primary]").click()
        page.goto("/me/")
        return page.locator("main strong.mono").first.inner_text()
