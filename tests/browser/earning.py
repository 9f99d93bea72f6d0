"""The pages of the gallery for people of a panel: the way back in, codes, payment, leaving a part; the ledger."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Page

from tests import world
from tests.browser.evenings import lend
from tests.browser.gallery import Gallery, Shown, of_staff, press
from tests.walk.client import Browser
from tests.walk.hands import Plain

SLUG = "quiet-pictures"
PROGRAMME = Path(__file__).resolve().parents[1] / "protocol" / "programme"
CHANGES = {"languages: [en]": "languages: [en, de]", "offer: [training, data]": "offer: [training, contact, data]"}
LEDGER = f"/studies/{SLUG}/payments/"
IDS = (f"5f2a0c{n:04}" for n in itertools.count())


def _loaded(gallery: Gallery) -> None:
    folder = gallery.lab.product.folder / SLUG
    if not folder.exists():
        files = world.edited(CHANGES, world.files(PROGRAMME))
        gallery.lab.manage("load_study", str(world.written(files, folder)))


def come(gallery: Gallery, language: str = "en") -> tuple[Plain, str]:
    """Somebody of a panel who has done the first step, where that led them; and their id there."""
    _loaded(gallery)
    hands, panel_id = Plain(Browser(gallery.lab.url, language=language)), next(IDS)
    hands.open(f"/join/{SLUG}/?PROLIFIC_PID={panel_id}&lang={language}")
    hands.press()
    hands.choose("take_part", "yes")
    for _ in range(3):  # the consent, the contact, the way to the first step
        hands.press()
    for item, value in (("s1", "1"), ("s2", "2")):
        hands.choose(item, value)
        hands.press()
    return hands, panel_id


def at(path: str = "", language: str = "en", then: Callable[[Page], None] | None = None) -> Shown:
    """Opens a page of theirs; without a path, the one to which the first step led."""

    def opens(gallery: Gallery, page: Page) -> None:
        hands, _ = come(gallery, language)
        lend(hands.browser, page)
        page.goto(path or hands.url)
        if then:
            then(page)

    return opens


def panel_again(gallery: Gallery, page: Page) -> None:
    """In another browser, from the panel's own page."""
    _, panel_id = come(gallery)
    page.goto(f"/join/{SLUG}/?PROLIFIC_PID={panel_id}&lang=en")


def _unfold(page: Page) -> None:
    page.locator("main details > summary").last.click()


def _silent(page: Page) -> None:
    press(page)
    page.goto("/me/leave/")


def messages_again(gallery: Gallery, page: Page) -> None:
    """Messages stopped, and sent again."""
    at("/me/leave/contact/", then=_silent)(gallery, page)
    press(page, "[data-action=allow-contact] button")


OWN_PAGES: Mapping[str, Shown] = {
    "panel_again": panel_again,
    "code": at(),
    "code_german": at(language="de"),
    "earned": at("/me/"),
    "leave": at("/me/leave/", then=_unfold),
    "leave_german": at("/me/leave/", "de"),
    "leave_silent": at("/me/leave/contact/", then=_silent),
    "leave_training": at("/me/leave/training/"),
    "leave_contact": at("/me/leave/contact/"),
    "leave_data": at("/me/leave/data/"),
    "left_training": at("/me/leave/training/", then=press),
    "messages_again": messages_again,
}


def _ledger(query: str = "", then: Callable[[Page], None] | None = None) -> Shown:
    """The ledger with two entries at least, as somebody who may change it."""

    def opens(gallery: Gallery, page: Page) -> None:
        for language in ("en", "de"):
            come(gallery, language)
        gallery.staff(page, "/studies/")
        gallery.member(SLUG, "owner")
        page.goto(LEDGER + query)
        if then:
            then(page)

    return opens


def _nothing_chosen(page: Page) -> None:
    press(page, "button[value=approve]")


def _approved(page: Page) -> None:
    _nothing_chosen(page)
    page.goto(f"{LEDGER}?state=approved&chosen=all")


def _without_reference(page: Page) -> None:
    press(page, "button[value=paid]")


def _faulty_file(page: Page) -> None:
    file = {"name": "paid.csv", "mimeType": "text/csv", "buffer": b"participant,reference\nNOBODY7,R1\n"}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    press(page, "form[action$='/upload/'] button")


LEDGER_PAGES: Mapping[str, Shown] = {
    "payments": _ledger(),
    "payments_chosen": _ledger("?state=due&chosen=all"),
    "payments_approved": _ledger("?state=due&chosen=all", _approved),
    "payments_chosen_error": _ledger("?state=due", _nothing_chosen),
    "payments_reference_error": _ledger("?chosen=all", _without_reference),
    "payments_file_error": _ledger("", _faulty_file),
    "payments_none": of_staff("{study}/payments/"),
}
