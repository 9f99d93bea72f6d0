"""A questionnaire in a browser: by mouse, by keyboard, without JavaScript; what JavaScript adds takes nothing away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessments.models import Administration, Answer, AnswerRevision
from coaching.models import Enrolment
from tests import world
from tests.assessments import kinds
from tests.assessments.papers import NOW, someone, start_url, statuses, stored, url
from tests.browser.watch import watched


def _lend(person: Enrolment, context: BrowserContext, live_server: Any) -> None:
    session = world.browser_of(person).cookies[configured.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])


@pytest.fixture
def person(transactional_db: None, settings: Any, page: Any, live_server: Any) -> Enrolment:
    """Somebody whose first step is open, in this browser."""
    world.move_clock(settings, NOW)
    person = someone()
    _lend(person, page.context, live_server)
    return person


def test_a_choice_is_saved_at_once_and_the_button_alone_moves_on(person: Enrolment, page: Any) -> None:
    page.goto(start_url(person))
    assert page.locator("input:checked").count() == 0
    with page.expect_response("**/autosave/") as saved:
        page.keyboard.press("2")
    assert saved.value.ok
    answer = stored(person, "path")
    assert (answer.value, answer.response_time_ms is not None) == (2, True)
    assert page.url.endswith(url(person, 1))
    page.locator("[data-primary]").click()
    page.wait_for_url(f"**{url(person, 2)}")
    page.locator("[data-skip]").click()
    page.wait_for_url(f"**{url(person, 3)}")
    page.locator("[data-primary]").click()  # optional, with nothing chosen
    page.wait_for_url(f"**{url(person, 1, instrument='wide')}")
    assert statuses(person) == {"path": "answered", "fog": "declined", "birds": "skipped"}
    assert stored(person, "path").changes == 0
    assert Administration.objects.get(instrument="short").finished_at is not None


def test_the_line_has_no_answer_until_it_is_touched(person: Enrolment, page: Any) -> None:
    page.goto(url(person, 1, instrument="wide"))
    line = page.locator("input[type=range]")
    assert line.get_attribute("data-touched") == "false"
    page.locator("[data-primary]").click()
    page.wait_for_selector("[data-error-summary]")
    assert statuses(person) == {}
    with page.expect_response("**/autosave/"):
        line.click(position={"x": 30, "y": 20})
    page.locator("[data-primary]").click()
    page.wait_for_url(f"**{url(person, 2, instrument='wide')}")
    assert 0 <= (stored(person, "line").value or 0) < 50
    assert stored(person, "line").status == "answered"


# --- every kind of question ------------------------------------------------------------------------------------------


@pytest.fixture
def asked(transactional_db: None, settings: Any, page: Page, live_server: Any) -> Enrolment:
    """Somebody who is to be asked every kind of question, in this browser."""
    return _asked(settings, page.context, live_server)


def _asked(settings: Any, context: BrowserContext, live_server: Any) -> Enrolment:
    person = kinds.someone(settings)
    _lend(person, context, live_server)
    return person


def question(page: Page, person: Enrolment, item: str) -> None:
    page.goto(kinds.place(person, item))


def of(page: Page, item: str, value: str = "") -> Any:
    """The input of an item: the one with a value where it has several, else its field."""
    named = f"[name='{item}']"
    return page.locator(f"main {named}[value='{value}']" if value else f"main .field {named}")


def press(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main [data-primary]").click()


def by_mouse(page: Page, item: str, kind: str, values: tuple[str, ...]) -> None:
    if kind == "chosen":
        for value in values:
            page.locator(f"label.answer:has([name='{item}'][value='{value}'])").click()
    elif kind == "line":
        line = page.locator("input[type=range]")
        box = line.bounding_box()
        assert box
        line.click(position={"x": 0.4 * box["width"], "y": box["height"] / 2})
    else:
        of(page, item).fill(values[0])
    press(page)


def without_javascript(page: Page, item: str, kind: str, values: tuple[str, ...]) -> None:
    assert page.locator("input[type=range]").count() == 0
    by_mouse(page, item, "typed" if kind == "line" else kind, values)


def by_keyboard(page: Page, item: str, kind: str, values: tuple[str, ...]) -> None:
    if kind == "chosen" and of(page, item, values[0]).get_attribute("type") == "radio":
        _go_to(page, f"[name='{item}']")
        page.keyboard.press("Space")
        while not of(page, item, values[0]).is_checked():
            page.keyboard.press("ArrowDown")
    elif kind == "chosen":
        for value in values:
            _go_to(page, f"[name='{item}'][value='{value}']")
            page.keyboard.press("Space")
    elif kind == "date":
        _go_to(page, f"[name='{item}']")
        year, month, day = values[0].split("-")
        assert month == day, "which of them is typed first hangs on the machine"
        page.keyboard.type(month + day + year)
    else:
        _go_to(page, "input[type=range]" if kind == "line" else f".field [name='{item}']")
        page.keyboard.type(values[0])
    if page.locator("textarea").count():
        _go_to(page, "[data-primary]")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _go_to(page: Page, selector: str) -> None:
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {selector}")


WALK = (
    ("age", "typed", "61"),
    ("always", "chosen", "no_later"),
    ("since", "date", "2010-05-05"),
    ("how", "typed", "A fall, from a ladder."),
    ("ways", "chosen", "picture", "moving"),
    ("pets", "chosen", "na"),
    ("share", "line", "40"),
    ("name", "typed", "quick"),
    ("prior", "chosen", "yes"),
    ("hours", "typed", "2.5"),
)


@pytest.mark.browser
@pytest.mark.parametrize("gives", [by_mouse, by_keyboard, without_javascript])
def test_every_kind_of_question_is_answered(
    gives: Callable[[Page, str, str, tuple[str, ...]], None],
    transactional_db: None,
    settings: Any,
    chromium: Browser,
    live_server: Any,
) -> None:
    has_script = gives is not without_javascript
    with watched(chromium, live_server.url, java_script_enabled=has_script) as context:
        person = _asked(settings, context, live_server)
        page = context.new_page()
        page.goto(start_url(person))
        for item, kind, *values in WALK:
            assert page.url.endswith(kinds.place(person, item)), page.url
            assert page.locator("main input:checked").count() == 0
            assert page.evaluate("document.activeElement.tagName") == "BODY"
            gives(page, item, kind, tuple(values))
        expect(page.locator("main h1")).to_be_visible()
        assert Administration.objects.get(instrument="person").finished_at is not None

    rows = {row.item: row for row in Answer.objects.filter(administration__instrument="person")}
    assert {item: row.text for item, row in rows.items() if row.text} == {
        "always": "no_later",
        "since": "2010-05-05",
        "how": "A fall, from a ladder.",
        "ways": "picture;moving",
        "name": "quick",
        "prior": "yes",
    }
    assert (rows["age"].value, rows["hours"].value) == (61, 2.5)
    assert 35 <= (rows["share"].value or 0) <= 45
    assert rows["pets"].status == "not_applicable"
    assert {row.changes for row in rows.values()} == {0}
    assert {row.response_time_ms is not None for row in rows.values()} == {has_script}


@pytest.mark.parametrize(
    ("item", "typed", "kept"),
    [("age", "41", ("answered", 41, "")), ("name", "quick", ("answered", None, "quick"))],
)
def test_what_is_typed_is_saved_when_the_typing_pauses(
    item: str, typed: str, kept: tuple[str, float | None, str], asked: Enrolment, page: Page
) -> None:
    question(page, asked, item)
    with page.expect_response("**/autosave/"):
        of(page, item).press_sequentially(typed, delay=20)
    row = stored(asked, item)
    assert (row.status, row.value, row.text) == kept
    assert row.changes == 0
    page.reload()
    assert of(page, item).input_value() == typed


def test_the_boxes_that_are_ticked_are_saved_together(asked: Enrolment, page: Page) -> None:
    question(page, asked, "ways")
    with page.expect_response("**/autosave/"):
        for value in ("moving", "picture", "words", "words"):
            of(page, "ways", value).click()
    assert stored(asked, "ways").text == "picture;moving"
    assert not AnswerRevision.objects.exists()
    page.reload()
    ticked = page.locator("main input:checked").all()
    assert [each.get_attribute("value") for each in ticked] == ["picture", "moving"]


def test_a_page_that_is_left_keeps_what_was_typed(asked: Enrolment, page: Page) -> None:
    question(page, asked, "name")
    of(page, "name").fill("quick")
    page.locator("a", has_text="Back").click()
    page.wait_for_url(f"**{kinds.place(asked, 'share')}")
    for _ in range(100):  # the save goes its own way
        if Answer.objects.exists():
            break
        page.wait_for_timeout(50)
    assert stored(asked, "name").text == "quick"


def test_an_answer_takes_back_that_the_question_does_not_apply_and_the_other_way_round(
    asked: Enrolment, page: Page
) -> None:
    question(page, asked, "pets")
    of(page, "pets").fill("4.5")
    with page.expect_response("**/autosave/"):
        page.get_by_label("I have none").check()
    assert of(page, "pets").input_value() == ""
    assert stored(asked, "pets").status == "not_applicable"

    page.get_by_label("I have none").uncheck()
    assert of(page, "pets").input_value() == "4.5"
    page.get_by_label("I have none").check()
    with page.expect_response("**/autosave/"):
        of(page, "pets").press_sequentially("3")
    assert not page.get_by_label("I have none").is_checked()
    assert stored(asked, "pets").value == 3


def test_the_line_follows_that_the_question_does_not_apply(asked: Enrolment, page: Page) -> None:
    question(page, asked, "share")
    line = page.locator("input[type=range]")
    line.click(position={"x": 100, "y": 20})
    page.get_by_label("This does not apply to me").check()
    assert line.get_attribute("data-touched") == "false"
    line.click(position={"x": 100, "y": 20})
    assert not page.get_by_label("This does not apply to me").is_checked()
    press(page)
    assert stored(asked, "share").status == "answered"


def test_how_many_characters_are_left_is_told_near_the_end_and_nothing_is_cut(asked: Enrolment, page: Page) -> None:
    question(page, asked, "name")
    told = page.locator("[data-letters-left]")
    expect(told).to_have_text("")
    of(page, "name").fill("x" * 33)
    expect(told).to_have_text("Characters left: 7")
    of(page, "name").fill("y" * 43)
    expect(told).to_have_text("Characters too many: 3")
    press(page)
    assert of(page, "name").input_value() == "y" * 43
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.locator("[role=status][data-letters-left]").count() == 1
    page.locator("[data-error-summary] a").click()
    expect(of(page, "name")).to_be_focused()


def test_the_way_to_what_is_to_be_mended_leads_to_the_first_box(asked: Enrolment, page: Page) -> None:
    question(page, asked, "ways")
    press(page)
    page.locator("[data-error-summary] a").click()
    expect(of(page, "ways", "picture")).to_be_focused()


def test_what_is_cleared_on_an_optional_question_is_taken_back(asked: Enrolment, page: Page) -> None:
    question(page, asked, "name")
    with page.expect_response("**/autosave/"):
        of(page, "name").press_sequentially("a secret", delay=10)
    of(page, "name").fill("")
    press(page)
    assert (stored(asked, "name").status, stored(asked, "name").text) == ("skipped", "")
