"""Looking after people, in a browser: Stop by keyboard, reporting from any page and back; and all without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import clock
from assessments.models import Answer
from coaching.models import Enrolment, SafetyReport
from imagery.models import SessionEvent, SessionRun
from tests import world
from tests.browser.test_pages import AXE, FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS, SMALL_TARGETS
from tests.imagery.aftercare import SUPPORT, go, someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = ({"width": 1280, "height": 800}, {"width": 320, "height": 640})


@pytest.fixture
def person() -> Enrolment:
    return someone(now=clock.now())


def come(page: Page, url: str, person: Enrolment) -> str:
    """Makes a page this person's; the address of their session."""
    cookies = world.browser_of(person).cookies.values()
    page.context.add_cookies([{"name": each.key, "value": each.value, "url": url} for each in cookies])
    return f"/s/{world.occasion(person, 'first').public_id}/"


def check(page: Page) -> None:
    """What holds for every page."""
    page.evaluate(AXE.axe_script)
    for size in SIZES:
        page.set_viewport_size(size)
        found = [page.evaluate(FIND_VIOLATIONS, RULES), page.evaluate(SMALL_TARGETS), page.evaluate(SCROLLS_SIDEWAYS)]
        assert found == [[], [], []]


# --- Stop ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["shore", "clear"])
def test_stop_is_in_sight_and_in_reach_of_the_keyboard_at_every_stage(
    page: Page, live_server: Any, person: Enrolment, stage: str
) -> None:
    go(person, until=stage, at=clock.now())
    page.goto("about:blank")
    base = come(page, live_server.url, person)
    page.goto(f"{base}{stage}/")
    page.locator("body.playing").wait_for()
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible()
    for size in SIZES:
        page.set_viewport_size(size)
        box = stop.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
    stop.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/stop/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You have stopped. Your place is kept.")
    assert page.title().startswith("You have stopped. Your place is kept.")
    expect(page.locator("[data-grounding]")).to_contain_text("Name five things")
    expect(page.locator("main")).to_contain_text(SUPPORT)
    assert SessionEvent.objects.filter(type="leave", stage=stage, payload__contains="stop").count() == 1
    check(page)
    page.locator("main [data-primary]").click()
    page.wait_for_url(f"**/{stage}/")


def test_from_the_stop_page_the_session_can_be_ended_and_help_is_read(
    page: Page, live_server: Any, person: Enrolment
) -> None:
    go(person, until="clear", at=clock.now())
    base = come(page, live_server.url, person)
    page.goto(f"{base}stop/")
    page.get_by_role("button", name="End this session here").click()
    page.wait_for_url("**/after_session/1/")
    run = SessionRun.objects.get()
    assert (run.status, run.ended_at_stage) == ("completed", "clear")
    page.locator("[name=distress][value='7'], [name=distress]").first.wait_for()
    check(page)


# --- how they are ----------------------------------------------------------------------------------------------------


def test_after_the_session_it_is_asked_and_every_answer_leads_to_where_help_is(
    page: Page, live_server: Any, person: Enrolment
) -> None:
    go(person, at=clock.now())
    come(page, live_server.url, person)
    page.goto("/me/")
    expect(page.locator(".next")).to_contain_text("After this session")
    page.locator("main [data-primary]").click()
    page.wait_for_url("**/after_session/1/")
    for _ in range(2):  # how upset they are, and whether pictures came that they did not want
        assert page.locator("main input:checked").count() == 0
        with page.expect_navigation():
            page.locator("[data-skip]").click()
    expect(page.locator("main")).to_contain_text("Your answers are saved.")
    expect(page.locator("main")).to_contain_text(SUPPORT)
    assert set(Answer.objects.exclude(status="not_due").values_list("status", flat=True)) == {"declined"}
    check(page)


# --- reporting -------------------------------------------------------------------------------------------------------


def report(page: Page) -> None:
    """Fills in the form that is open, and sends it."""
    page.get_by_label("I feel upset or unwell").check(force=True)
    page.get_by_label("In your own words").fill("It came back at night.")
    page.get_by_label("Yes").check(force=True)
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your report is kept.")


def test_in_the_middle_of_a_question_a_report_leads_back_and_loses_no_answer(
    page: Page, live_server: Any, person: Enrolment
) -> None:
    go(person, at=clock.now())
    come(page, live_server.url, person)
    page.goto("/me/next/")
    question = page.url
    with page.expect_response(lambda response: response.url.endswith("/autosave/")):
        page.locator("label.answer").nth(3).click()
    link = page.get_by_role("link", name="Report something")
    for size in SIZES:
        page.set_viewport_size(size)
        expect(link).to_be_in_viewport()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/report-something/**")
    assert page.locator("main input:checked").count() == 0
    check(page)
    report(page)
    check(page)
    page.locator("main [data-primary]").click()
    page.wait_for_url(question)
    assert page.locator("main input:checked").count() == 1
    made = SafetyReport.objects.get()
    assert (made.screen, made.kind, made.wants_contact, made.text) == (
        "question",
        "unwell",
        True,
        "It came back at night.",
    )


def test_a_report_that_lacks_something_asks_again_with_all_that_was_given(
    page: Page, live_server: Any, person: Enrolment
) -> None:
    come(page, live_server.url, person)
    page.goto("/me/report-something/?from=/me/&at=home")
    page.get_by_label("In your own words").fill("It came back at night.")
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("In your own words")).to_have_value("It came back at night.")
    check(page)
    report(page)
    assert page.locator("main [data-primary]").get_attribute("href") == "/me/"


def test_it_all_works_without_scripts(chromium: Browser, live_server: Any, person: Enrolment) -> None:
    go(person, until="clear", at=clock.now())
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    base = come(page, live_server.url, person)
    page.goto(f"{base}clear/")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("link", name="Report something").last.click()
    page.locator("input[value=unwanted]").check(force=True)
    page.locator("textarea").fill("A lake.")
    page.get_by_role("button", name="Send").click()
    assert page.locator("main [data-primary]").get_attribute("href") == f"{base}stop/"
    page.locator("main [data-primary]").click()
    page.get_by_role("button", name="End this session here").click()
    assert page.locator("main").get_attribute("data-screen") == "question"
    assert SafetyReport.objects.get().screen == "session"
    context.close()
