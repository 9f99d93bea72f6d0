"""Pages of a session that was left, is over or is another's; its picture; and what staff read of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import clock
from coaching.models import Enrolment
from coaching.services import people
from config.tick import turn
from imagery.models import Rating, SessionRun, StageVisit
from tests import world
from tests.imagery.rounds import DAY, MINUTE, SLOWLY, begin, go, rounds
from tests.imagery.turning import WORDS, rows, stage_of, start_url, url
from tests.pages import Screen, submit, visit

pytestmark = pytest.mark.django_db

# --- leaving and coming back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", list(SLOWLY)[1:])
def test_a_session_left_at_any_stage_is_taken_up_there_on_another_device(person: Enrolment, stage: str) -> None:
    at = clock.now()
    go(person, until=stage, at=at - 30 * MINUTE)
    other = world.browser_of(person)
    screen = visit(other, reverse("coaching:next"))
    place = list(SLOWLY).index(stage) + 1
    assert f"You stopped in part {place} of 12, on " in screen.text
    assert "Start this session again" in screen.html
    assert stage_of(submit(other, screen)) == stage
    assert SessionRun.objects.count() == 1


def test_a_session_begun_but_not_gone_on_with_is_offered_as_new(person: Enrolment, browser: Client) -> None:
    begin(person, at=clock.now())
    screen = visit(browser, start_url(person))
    assert "You stopped" not in screen.text
    assert stage_of(submit(browser, screen)) == "stage_1"


def test_starting_again_makes_the_second_attempt(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now() - MINUTE)
    screen = visit(browser, start_url(person))
    restart = next(field for field in screen.form.fields if field.name == "restart")
    response = browser.post(start_url(person), {"restart": restart.value})
    assert response["Location"] == url(person, "stage_1")
    assert SessionRun.objects.count() == 2
    assert browser.post(start_url(person), {"restart": restart.value})["Location"] == url(person, "stage_1")
    assert SessionRun.objects.count() == 2


def test_after_twelve_hours_starting_again_is_offered_first(person: Enrolment, browser: Client) -> None:
    go(person, until="words", at=clock.now() - dt.timedelta(hours=11, minutes=40))
    assert visit(browser, start_url(person)).primaries[0]["name"] == "carry-on"
    StageVisit.objects.update(entered_at=clock.now() - dt.timedelta(hours=12, minutes=1))
    screen = visit(browser, start_url(person))
    assert (screen.primaries[0]["name"], screen.primaries[0]["value"]) == ("restart", "1")
    assert "Carry on" in screen.html


def test_a_stage_that_was_not_reached_leads_to_where_the_person_is(person: Enrolment, browser: Client) -> None:
    assert browser.get(url(person, "clear"))["Location"] == start_url(person)
    go(person, until="road", at=clock.now())
    for stage in ("stage_4", "photo", "after"):
        for response in (browser.get(url(person, stage)), browser.post(url(person, stage), WORDS.get(stage, {}))):
            assert (response.status_code, response["Location"]) == (303, url(person, "road"))
    browser.post(url(person, "road"), {"road": "2"})
    assert browser.get(url(person, "stage_4"))["Location"] == url(person, "words")


def test_what_was_given_before_a_picture_stands_and_is_said_to(person: Enrolment, browser: Client) -> None:
    go(person, until="match", at=clock.now())
    screen = Screen(browser.post(url(person, "clear"), {"clear": "90"}))
    assert (screen.status, screen.name) == (409, "error")
    assert "This was not saved." in screen.text
    assert screen.primaries[0]["href"] == url(person, "match")
    assert Rating.objects.get(stage="clear").value == 0


# --- refusals --------------------------------------------------------------------------------------------------------


def test_after_completion_a_post_says_that_nothing_was_stored(person: Enrolment, browser: Client) -> None:
    go(person, at=clock.now())
    before = rows()
    screen = Screen(browser.post(url(person, "clear"), {"clear": "90"}))
    assert (screen.status, screen.name) == (409, "error")
    assert "This was not saved." in screen.text
    assert "You have finished this session" in visit(browser, url(person, "clear")).text
    assert browser.post(url(person, "after"), {"after": ""})["Location"] == reverse("coaching:next")
    assert browser.get(start_url(person))["Location"] == reverse("coaching:next")
    assert browser.post(start_url(person), {"restart": "1"})["Location"] == reverse("coaching:next")
    assert rows() == before


def test_after_the_window_a_post_says_that_nothing_was_stored(
    person: Enrolment, browser: Client, settings: Any
) -> None:
    go(person, until="easy", at=clock.now())
    before = rows()
    now = world.move_clock(settings, clock.now() + 7 * DAY)
    for _ in range(2):
        screen = Screen(browser.post(url(person, "easy"), {"easy": "2"}))
        assert (screen.status, screen.name) == (409, "error")
        assert "closed" in visit(browser, url(person, "easy")).text
        assert Screen(browser.post(start_url(person))).status == 409
        assert rows()[2:] == before[2:] or Rating.objects.filter(status="not_reached").exists()
        turn(now=now)
    assert Rating.objects.get(stage="easy").status == "not_reached"


def test_whoever_is_paused_or_has_left_is_led_home(person: Enrolment, browser: Client) -> None:
    go(person, until="clear", at=clock.now())
    people.pause(enrolment=person, by="participant", now=clock.now())
    for response in (
        browser.get(start_url(person)),
        browser.post(start_url(person)),
        browser.get(url(person, "clear")),
        browser.post(url(person, "clear"), {"clear": "3"}),
        browser.post(url(person, "clear"), {}),
    ):
        assert response["Location"] == reverse("coaching:home")
    assert not Rating.objects.exists()


def test_a_session_that_is_not_open_leads_to_what_is_next(person: Enrolment, browser: Client) -> None:
    for response in (browser.get(start_url(person, "second")), browser.post(start_url(person, "second"))):
        assert response["Location"] == reverse("coaching:next")
    assert browser.get(url(person, "clear", "second"))["Location"] == reverse("coaching:next")


def test_anothers_session_and_unknown_addresses_are_not_found(person: Enrolment, browser: Client) -> None:
    other = world.consented(rounds(now=clock.now()), clock.now())
    go(other, until="clear", at=clock.now())
    questions = world.occasion(person, "last")
    for address in (
        start_url(other),
        url(other, "stage_1"),
        reverse("imagery:start", args=[uuid4()]),
        url(person, "nowhere"),
        reverse("imagery:start", args=[questions.public_id]),
        reverse("imagery:stage", args=[questions.public_id, "q1"]),
    ):
        for response in (browser.get(address), browser.post(address, {"clear": "1"})):
            assert response.status_code == 404, address
    assert SessionRun.objects.filter(occasion__enrolment=person).count() == 0


def test_a_session_needs_its_person(person: Enrolment) -> None:
    assert Client().get(start_url(person))["Location"] == reverse("coaching:mail_link")


def test_a_page_turn_of_a_session_stays_cheap(person: Enrolment, browser: Client) -> None:
    go(person, until="easy", at=clock.now())
    with CaptureQueriesContext(connection) as queries:
        response = browser.post(url(person, "easy"), {"easy": "2"})
        assert browser.get(response["Location"]).status_code == 200
    assert len(queries) <= 19, [query["sql"][:90] for query in queries.captured_queries]


# --- the picture -----------------------------------------------------------------------------------------------------


def test_the_picture_is_in_the_page_of_its_reveal_and_can_be_fetched_from_there(
    person: Enrolment, browser: Client
) -> None:
    go(person, until="photo", at=clock.now())
    page = visit(browser, url(person, "photo"))
    found = re.search(r'<img src="(/m/[^"]+/)" alt="A brown bird on a branch"', page.html)
    assert found is not None
    response = browser.get(found[1])
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert b"".join(response.streaming_content) == world.files()["media/potoo.png"]  # type: ignore[arg-type]
    stranger = world.browser_of(world.consented(rounds(now=clock.now()), clock.now()))
    assert stranger.get(found[1]).status_code == 404


# --- staff -----------------------------------------------------------------------------------------------------------


def test_staff_read_sessions_ratings_words_and_drawings(person: Enrolment) -> None:
    go(person, at=clock.now())
    address = reverse("imagery:person", args=[person.study.slug, person.pseudonym])
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = browser.get(address).content.decode()
    for text in (
        "The potoo of the night",
        "Session one",
        "Completed",
        "nothing at all came",
        "a dark shape",
        "How close",
        "Slowly",
    ):
        assert text in page, text
    fragment = browser.get(address + "?fragment=1").content.decode()
    assert "nothing at all came" in fragment
    assert "<html" not in fragment


def test_sessions_are_for_those_who_may_see_answers_and_words_for_those_who_may_see_words(
    person: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(person, at=clock.now())
    address = reverse("imagery:person", args=[person.study.slug, person.pseudonym])
    assert world.browser_of_staff(world.staff(person.study, "observer")).get(address).status_code == 403
    stranger = world.browser_of_staff(world.staff(world.tiny().study, "owner"))
    assert stranger.get(address).status_code == 404
    assert stranger.get(reverse("imagery:person", args=["tiny", person.pseudonym])).status_code == 404
    # No role of today reads answers without words; one that did would read no words here.
    monkeypatch.setitem(__import__("coaching.roles", fromlist=["MATRIX"]).MATRIX, "words", frozenset({"owner"}))
    page = world.browser_of_staff(world.staff(person.study, "coach")).get(address).content.decode()
    assert "How close" in page
    assert "nothing at all came" not in page
    assert "a dark shape" not in page


def test_the_page_of_a_person_leads_to_their_sessions(person: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = browser.get(reverse("coaching:person", args=[person.study.slug, person.pseudonym])).content.decode()
    assert reverse("imagery:person", args=[person.study.slug, person.pseudonym]) in page
