"""Takes pictures of every page, in the light and the dark: no test, so that it is run by name alone.

`POTOO_SHOTS=FOLDER .venv/bin/python -m pytest tests/browser/shoot.py [-k NAME]`
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.gallery import Gallery
from tests.browser.pages import PAGES

FOLDER = Path(os.environ.get("POTOO_SHOTS") or Path(tempfile.gettempdir()) / "potoo-shots")
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_is_taken(gallery: Gallery, chromium: Browser, name: str, colours: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    context = chromium.new_context(base_url=gallery.lab.url, reduced_motion="reduce", color_scheme=colours)
    page = context.new_page()
    PAGES[name](gallery, page)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=FOLDER / f"{name}-{colours}-{size}.png", full_page=True)
    context.close()
