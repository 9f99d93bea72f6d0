"""A questionnaire in a browser with JavaScript: what it adds takes nothing away."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured

from assessments.models import Administration
from coaching.models import Enrolment
from tests import world
from tests.assessments.papers import NOW, someone, start_url, statuses, stored, url


@pytest.fixture
def person(transactional_db: None, settings: Any, page: Any, live_server: Any) -> Enrolment:
    """Somebody whose first step is open, in this browser."""
    world.move_clock(settings, NOW)
    person = someone()
    session = world.browser_of(person).cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
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
