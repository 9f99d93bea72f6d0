"""The pages on which scripts are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.browser.gallery import Gallery, Shown, of_staff, press

POTOO = "{study}/scripts/potoo/"
SAID = "#stage-1-say-en"


def begun(gallery: Gallery, page: Page, role: str = "owner") -> None:
    """The editor of a script with a fresh draft of it."""
    gallery.staff(page, POTOO, role)
    if page.locator("button[value=aside]").count():
        press(page, "button[value=aside]")
    page.locator(SAID).fill("Begin with a shape. You see it in your mind’s eye: a small upright pillow.")
    press(page)


def _after(act: str, wait: str = "") -> Shown:
    """What a button of the editor leads to."""

    def shown(gallery: Gallery, page: Page) -> None:
        begun(gallery, page)
        press(page, f"button[value={act}]")

    return shown


def faults(gallery: Gallery, page: Page) -> None:
    begun(gallery, page)
    page.locator("#stage-3-scale-max").fill("none")
    page.locator("#stage-2-say-de").fill("")
    press(page, "button[value=check]")


def overtaken(gallery: Gallery, page: Page) -> None:
    """Somebody else saved in between."""
    begun(gallery, page)
    assert page.context.browser
    beside = page.context.browser.new_context(base_url=gallery.lab.url)
    desk = beside.new_page()
    gallery.staff(desk, POTOO, "researcher")
    desk.locator(SAID).fill("Begin with a place, in the words of somebody else.")
    press(desk)
    beside.close()
    page.locator("form[data-script-editor]").evaluate("form => form.setAttribute('data-no-autosave', '')")
    page.locator(SAID).fill("Begin with a shape, in my own words.")
    press(page)


def kept(gallery: Gallery, page: Page) -> None:
    begun(gallery, page)
    press(page, "button[value=aside]")


def publish_error(gallery: Gallery, page: Page) -> None:
    _after("publish")(gallery, page)
    press(page)


def preview(stage: str) -> Callable[[Gallery, Page], None]:
    """A page of the preview."""

    def shown(gallery: Gallery, page: Page) -> None:
        begun(gallery, page)
        page.goto(f"{page.url.partition('#')[0]}preview/en/{stage}")

    return shown


SCRIPT_PAGES: Mapping[str, Shown] = {
    "scripts": of_staff("{study}/scripts/"),
    "scripts_observed": of_staff("{study}/scripts/", "observer"),
    "scripts_none": of_staff("/studies/tiny/scripts/"),
    "new_script": of_staff("{study}/scripts/new/"),
    "script_editor": begun,
    "script_kept": kept,
    "script_faults": faults,
    "script_overtaken": overtaken,
    "script_files": of_staff(f"{POTOO}files/?part=1"),
    "script_picture": of_staff(f"{POTOO}files/?part=9"),
    "script_changes": _after("changes"),
    "script_publish": _after("publish"),
    "script_publish_error": publish_error,
    "script_preview": preview(""),
    "script_preview_say": preview("stage_1/"),
    "script_preview_end": preview("end-of-preview/"),
}
