"""The pages of the gallery on which a team looks after people: an alert, adverse events, what a safety board reads."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page

from tests.browser import aftercare
from tests.browser.gallery import Gallery, Shown, of_staff, press

DESK = f"/studies/{aftercare.SLUG}"
EVENT = {"term": "Unwanted images", "onset_on": "2026-01-02", "description": "At night, after the second session."}
CHOSEN = {
    **{"severity": "moderate", "serious": "no", "relatedness": "possible", "expected": "yes"},
    **{"action": "paused", "outcome": "recovering"},
}


def _reported(gallery: Gallery, page: Page) -> None:
    """Somebody new has reported that they are not well, and a coach is about to look at it."""
    hands = aftercare.come(gallery, "distress")
    hands.open("/me/report-something/")
    hands.choose("kind", "unwell")
    hands.press()
    gallery.staff(page, "/studies/")
    gallery.member(aftercare.SLUG, "owner")
    page.goto(f"{DESK}/today/")


def first_row(gallery: Gallery, page: Page) -> None:
    _reported(gallery, page)


def alert(gallery: Gallery, page: Page) -> None:
    _reported(gallery, page)
    with page.expect_navigation():
        page.locator("[data-need=alert] .btn.primary").first.click()


def alert_error(gallery: Gallery, page: Page) -> None:
    alert(gallery, page)
    press(page, "main form .primary")


def alert_looked_at(gallery: Gallery, page: Page) -> None:
    alert(gallery, page)
    page.locator("[name=done]").fill("Called; she is with her sister.")
    press(page, "main form .primary")


def event_form(gallery: Gallery, page: Page) -> None:
    alert(gallery, page)
    with page.expect_navigation():
        page.locator("a[href*='/events/new/']").click()


def event_form_error(gallery: Gallery, page: Page) -> None:
    event_form(gallery, page)
    press(page, "main form .primary")


def event(gallery: Gallery, page: Page) -> None:
    event_form(gallery, page)
    for name, text in EVENT.items():
        page.locator(f"[name={name}]").fill(text)
    for name, value in CHOSEN.items():
        page.locator(f"label.answer:has([name={name}][value={value}])").click()
    press(page, "main form .primary")


def event_change(gallery: Gallery, page: Page) -> None:
    event(gallery, page)
    with page.expect_navigation():
        page.locator("a[href$='/change/']").click()


def safety(gallery: Gallery, page: Page) -> None:
    event(gallery, page)
    page.goto(f"{DESK}/safety/")


CARE_PAGES: Mapping[str, Shown] = {
    "today_alert": first_row,
    "alert": alert,
    "alert_error": alert_error,
    "alert_looked_at": alert_looked_at,
    "event_form": event_form,
    "event_form_error": event_form_error,
    "event": event,
    "event_change": event_change,
    "safety": safety,
    "safety_none": of_staff("{study}/safety/"),
}
