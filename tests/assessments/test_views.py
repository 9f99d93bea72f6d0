"""A questionnaire in a browser without JavaScript, one question a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Administration, Answer
from coaching.models import Enrolment, Occasion
from coaching.services import people
from tests import world
from tests.assessments.papers import (
    NOW,
    T0,
    choose,
    fill,
    give,
    page_of,
    scored,
    screen_of,
    someone,
    start_url,
    statuses,
    stored,
    url,
)

GOES_ON = "Choose the answer that fits best"


# --- the way through -------------------------------------------------------------------------------------------------


def test_a_person_goes_through_a_step_by_what_each_page_offers(person: Enrolment, browser: Client) -> None:
    page = browser.get(reverse("coaching:next"), follow=True)
    seen = []
    for answer in ("2", "4", None, "40", "1.5"):
        assert (page.status_code, screen_of(page)) == (200, "question")
        assert len(re.findall(r"data-primary", page_of(page))) == 1
        assert len(re.findall(r"data-skip", page_of(page))) == 1
        name = re.search(
            r'<input[^>]* name="([a-z][a-z0-9_]*)"', page_of(page).split("page-id")[-1].split("<fieldset")[1]
        )
        assert name is not None
        seen.append(name.group(1))
        place = page.request["PATH_INFO"]
        response = browser.post(place, {} if answer is None else {name.group(1): answer})
        assert response.status_code == 303
        page = browser.get(response["Location"], follow=True)
    assert seen == ["path", "fog", "birds", "line", "half"]
    assert world.occasion(person, "first").state == Occasion.State.DONE
    assert screen_of(page) == "wait"
    assert statuses(person)["birds"] == "skipped"
    assert stored(person, "half").value == 1.5


def test_a_question_says_what_it_is_about_and_where_one_is(person: Enrolment, browser: Client) -> None:
    first, last = browser.get(url(person, 1)), browser.get(url(person, 3))
    for text in ("The path before you", "A walk", "Think of a walk.", "About this part.", "Question 1 of 3", "Short"):
        assert text in page_of(first), text
    assert "About this part." not in page_of(last)
    assert "Question 3 of 3" in page_of(last)
    assert reverse("coaching:home") in page_of(first)
    assert url(person, 2) in page_of(last)


def test_every_point_is_a_card_with_its_number_and_nothing_is_chosen_beforehand(
    person: Enrolment, browser: Client
) -> None:
    page = page_of(browser.get(url(person, 1)))
    assert re.findall(r'type="radio" name="path" value="(\d)"', page) == ["1", "2", "3", "4", "5"]
    assert page.count('name="path"') == 5  # no button posts it too
    assert "All of it" in page
    assert "checked" not in page
    assert not re.search(r"\bstyle=|\bon[a-z]+=|<script>", page)


def test_a_long_scale_is_a_number_field_without_a_value(person: Enrolment, browser: Client) -> None:
    field = re.search(r'<input[^>]*name="line"[^>]*>', page_of(browser.get(url(person, 1, instrument="wide"))))
    assert field is not None
    for part in ('type="number"', 'min="0"', 'max="100"', 'step="1"'):
        assert part in field.group()
    assert " value=" not in field.group()
    assert page_of(browser.get(url(person, 1, instrument="wide"))).count('name="line"') == 1
    halves = page_of(browser.get(url(person, 2, instrument="wide")))
    assert re.findall(r'type="radio" name="half" value="([\d.]+)"', halves) == ["0", "0.5", "1", "1.5", "2"]


def test_numbers_are_written_with_a_point_in_every_language(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    german = someone(language="de")
    page = page_of(world.browser_of(german).get(url(german, 2, instrument="wide")))
    assert re.findall(r'type="radio" name="half" value="([\d.,]+)"', page) == ["0", "0.5", "1", "1.5", "2"]
    assert "In halben Schritten" in page
    assert 'lang="de"' in page
    assert "In half steps" not in page


def test_nothing_of_another_question_is_in_a_page(person: Enrolment, browser: Client) -> None:
    page = page_of(browser.get(url(person, 1)))
    for text in ("The fog", "fog", "The birds", "birds", "A long line", "wide"):
        assert text not in page, text


def test_a_get_writes_nothing(person: Enrolment, browser: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for place in (start_url(person), url(person, 1), url(person, 3), url(person, 1, instrument="wide")):
            browser.get(place)
            browser.head(place)
    assert not [q["sql"] for q in queries if not q["sql"].lstrip().upper().startswith("SELECT")]
    assert not Administration.objects.exists()


def test_start_leads_to_the_first_question_without_an_answer(person: Enrolment, browser: Client) -> None:
    assert browser.get(start_url(person))["Location"] == url(person, 1)
    give(person, 1, 3)
    give(person, 3, 3)
    assert browser.get(start_url(person))["Location"] == url(person, 2)
    give(person, 2, 3)
    assert browser.get(start_url(person))["Location"] == url(person, 3)  # answered, but not finished
    give(person, 3, 3)
    assert browser.get(start_url(person))["Location"] == url(person, 1, instrument="wide")
    fill(person, 40, 1, instrument="wide")
    assert browser.get(start_url(person))["Location"] == reverse("coaching:next")


def test_start_of_a_step_that_is_not_open_leads_to_what_is_next(person: Enrolment, browser: Client) -> None:
    assert browser.get(start_url(person, "second"))["Location"] == reverse("coaching:next")
    people.pause(enrolment=person, by="participant", now=T0)
    assert browser.get(start_url(person))["Location"] == reverse("coaching:home")


# --- what a post stores ----------------------------------------------------------------------------------------------


def test_going_back_shows_what_was_chosen_and_clears_nothing(person: Enrolment, browser: Client) -> None:
    choose(browser, url(person, 1), path="2")
    page = page_of(browser.get(url(person, 1)))
    assert re.findall(r'value="(\d)" checked', page) == ["2"]
    assert "Saved 10:01" in page  # nine in London, ten on the person's wall in Berlin
    assert choose(browser, url(person, 1), path="2")["Location"] == url(person, 2)
    assert choose(browser, url(person, 1), path="4")["Location"] == url(person, 2)
    assert (stored(person, "path").value, stored(person, "path").changes) == (4, 1)


def test_a_number_that_was_given_is_there_on_going_back(person: Enrolment, browser: Client) -> None:
    choose(browser, url(person, 1, instrument="wide"), line="0")
    assert re.search(r'name="line"[^>]* value="0"', page_of(browser.get(url(person, 1, instrument="wide"))))


def test_i_would_rather_not_say_is_stored_as_that_whatever_was_chosen(person: Enrolment, browser: Client) -> None:
    choose(browser, url(person, 1), path="2")
    response = browser.post(url(person, 1), {"path": "3", "rather-not-say": "1"})
    assert response["Location"] == url(person, 2)
    assert (stored(person, "path").status, stored(person, "path").value) == ("declined", None)
    page = page_of(browser.get(url(person, 1)))
    assert "checked" not in page
    assert "You said that you would rather not say." in page


@pytest.mark.parametrize("posted", [{}, {"path": ""}, {"path": "  "}, {"fog": "3"}])
def test_the_main_action_with_nothing_chosen_stores_nothing_and_asks_again(
    person: Enrolment, browser: Client, posted: dict[str, str]
) -> None:
    response = browser.post(url(person, 1), posted)
    assert (response.status_code, screen_of(response)) == (422, "question")
    assert "The path before you" in page_of(response)
    assert GOES_ON in page_of(response)
    assert "<title>Error:" in page_of(response)
    assert not Administration.objects.exists()


def test_an_error_leaves_the_earlier_answer_shown_and_stored(person: Enrolment, browser: Client) -> None:
    choose(browser, url(person, 1), path="2")
    page = page_of(browser.post(url(person, 1), {}))
    assert re.findall(r'value="(\d)" checked', page) == ["2"]
    assert (stored(person, "path").value, stored(person, "path").changes) == (2, 0)


@pytest.mark.parametrize(
    "value", ["0", "6", "2.5", "-1", "two", "nan", "1e0", "３", "1;2", "<b>", ["1", "2"], ["3", "3"], "9" * 5000]
)
def test_what_is_no_point_of_the_scale_stores_nothing(
    person: Enrolment, browser: Client, value: str | list[str]
) -> None:
    response = browser.post(url(person, 1), {"path": value})
    assert response.status_code == 422
    assert "Give a whole number from 1 to 5." in page_of(response)
    assert not Administration.objects.exists()


def test_a_number_off_the_scale_stays_to_be_mended(person: Enrolment, browser: Client) -> None:
    response = browser.post(url(person, 1, instrument="wide"), {"line": "150"})
    assert response.status_code == 422
    assert re.search(r'name="line"[^>]* value="150"', page_of(response))


def test_an_optional_question_goes_on_with_nothing_chosen(person: Enrolment, browser: Client) -> None:
    fill(person, 2, 4)
    assert choose(browser, url(person, 3))["Location"] == start_url(person)
    assert statuses(person)["birds"] == "skipped"
    assert scored(person).prorated


def test_an_optional_question_with_text_that_is_no_number_is_not_passed(person: Enrolment, browser: Client) -> None:
    assert choose(browser, url(person, 3), birds="many").status_code == 422
    assert statuses(person) == {}


def test_the_time_that_the_page_measured_is_kept_and_nonsense_is_not(person: Enrolment, browser: Client) -> None:
    for n, (item, time) in enumerate([("path", "2150"), ("fog", "-3"), ("birds", "9" * 30)], start=1):
        browser.post(url(person, n), {item: "2", "response-time-ms": time})
    kept = Answer.objects.order_by("position").values_list("response_time_ms", flat=True)
    assert list(kept) == [2150, None, None]


def test_the_answer_names_the_language_it_was_read_in(settings: Any, db: None) -> None:
    world.move_clock(settings, NOW)
    german = someone(language="de")
    choose(world.browser_of(german), url(german, 1), path="3")
    assert (stored(german, "path").language, Administration.objects.get(instrument="short").language) == ("de", "de")


def test_whoever_jumped_ahead_is_led_back_to_what_is_missing(person: Enrolment, browser: Client) -> None:
    assert choose(browser, url(person, 3), birds="3")["Location"] == url(person, 1)
    assert choose(browser, url(person, 1), path="3")["Location"] == url(person, 2)
    assert choose(browser, url(person, 2), fog="3")["Location"] == url(person, 3)
    assert choose(browser, url(person, 3), birds="3")["Location"] == start_url(person)
