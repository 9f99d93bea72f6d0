"""Stopping in the middle of a session: always there, noted, and with every way on."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from coaching.models import Enrolment
from coaching.services import people
from config.tick import turn
from imagery import services
from imagery.models import Rating, SessionEvent, SessionRun, StageVisit
from tests import world
from tests.hostile.cast import nothing_changes
from tests.imagery import aftercare, rounds
from tests.imagery.aftercare import DAY, EXIT, HOUR, NOTE, SUPPORT, T0, begin, browser_at, go
from tests.imagery.rounds import SLOWLY
from tests.pages import Form, Screen, visit

pytestmark = pytest.mark.django_db


def start(person: Enrolment, step: str = "first") -> str:
    return f"/s/{world.occasion(person, step).public_id}/"


def location(response: Any) -> str:
    return str(response.headers.get("Location", ""))


def press(browser: Client, person: Enrolment, **more: str) -> Any:
    return browser.post(f"{start(person)}stop/", {"attempt": "1", "stop-key": str(uuid.uuid4())} | more)


def events(person: Enrolment) -> list[tuple[str, str]]:
    rows = SessionEvent.objects.filter(run__occasion__enrolment=person, type="leave").order_by("pk")
    return list(rows.values_list("type", "stage"))


def stop_form(page: Screen) -> Form:
    return next(form for form in page.forms if form.action.endswith("/stop/"))


@pytest.fixture
def person() -> Enrolment:
    return aftercare.someone()


# --- it is always there ----------------------------------------------------------------------------------------------


def test_every_stage_of_every_kind_has_it(settings: Any) -> None:
    person = rounds.someone()
    browser = browser_at(settings, person, rounds.T0 + HOUR)
    rounds.begin(person)
    seen = set()
    for stage in SLOWLY:
        page = visit(browser, f"{start(person)}{stage}/")
        form = stop_form(page)
        assert (form.method, form.action) == ("post", f"{start(person)}stop/")
        assert "Stop" in page.text
        seen.add(StageVisit.objects.get(run__occasion__enrolment=person, stage=stage).kind)
        rounds.give(person, stage)
    assert seen == {"say", "rate", "choose", "rest", "report", "draw", "reveal", "compare"}


def test_pressing_it_leads_to_a_calm_page_with_every_way_on(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    stage = visit(browser, f"{start(person)}clear/")
    form = stop_form(stage)
    response = browser.post(form.action, {field.name: field.value for field in form.fields})
    assert (response.status_code, location(response)) == (303, f"{start(person)}stop/")
    page = visit(browser, location(response))
    assert (page.name, page.status) == ("session", 200)
    assert "You have stopped. Your place is kept." in page.text
    assert EXIT in page.text
    assert SUPPORT in page.text
    assert "not for emergencies" in page.text
    assert [each.get("href") for each in page.primaries] == [f"{start(person)}clear/"]
    links = page.links
    assert {"/me/", "/me/messages/"} <= set(links)
    assert any(link.startswith("/me/report-something/?from=%2Fs%2F") for link in links)
    assert "end" in {field.name for field in stop_form(page).fields}
    # Nothing of what is still to come, and not the script's title.
    assert "Secret water" not in page.html
    assert "hidden lake" not in page.html


def test_our_own_words_stand_where_the_script_has_none(settings: Any, person: Enrolment) -> None:
    aftercare.go(person)
    aftercare.in_arm(person, "control")
    turn(now=T0 + DAY)
    begin(person, "c1", T0 + DAY)
    page = visit(browser_at(settings, person, T0 + DAY + HOUR), f"{start(person, 'c1')}stop/")
    assert "Name five things in the room." in page.text
    assert "Feel your feet on the floor." in page.text


def test_in_their_own_language(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    people.choose_language(enrolment=person, language="de")
    page = visit(browser_at(settings, person, T0 + HOUR), f"{start(person)}stop/")
    assert "Öffnen Sie die Augen." in page.text
    assert "Rufen Sie 116 123 an." in page.text


# --- what it notes ---------------------------------------------------------------------------------------------------


def test_a_press_is_noted_at_the_stage_where_it_came(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    press(browser, person)
    noted = SessionEvent.objects.get(type="leave")
    assert (noted.stage, json.loads(noted.payload), noted.t_mono_ms) == ("clear", {"reason": "stop"}, None)
    assert abs((noted.happened_at - (T0 + HOUR)).total_seconds()) < 60


def test_looking_at_the_page_notes_nothing(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    with nothing_changes():
        browser.get(f"{start(person)}stop/")


def test_a_press_that_arrives_twice_is_noted_once(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    key = str(uuid.uuid4())
    for _ in range(2):
        assert press(browser, person, **{"stop-key": key}).status_code == 303
    assert events(person) == [("leave", "clear")]
    press(browser, person)
    assert len(events(person)) == 2


@pytest.mark.parametrize("key", ["", "no key", "9" * 400])
def test_a_press_without_a_name_counts_too(settings: Any, person: Enrolment, key: str) -> None:
    go(person, until="clear")
    assert press(browser_at(settings, person, T0 + HOUR), person, **{"stop-key": key}).status_code == 303
    assert events(person) == [("leave", "clear")]


def test_a_press_on_the_page_of_an_attempt_that_was_left_is_not_noted(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    services.begin(occasion=world.occasion(person, "first"), now=T0, language="en", again=1)
    assert press(browser_at(settings, person, T0 + HOUR), person).status_code == 303
    assert events(person) == []


def test_the_session_stands_where_it_stood(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    with nothing_changes(but=frozenset({"imagery_sessionevent"})):
        press(browser, person)
        browser.get(f"{start(person)}stop/")
    assert location(browser.post(start(person), {"carry-on": "1"})) == f"{start(person)}clear/"


# --- ending it -------------------------------------------------------------------------------------------------------


def test_it_can_be_ended_there_and_then_it_is_asked_how_they_are(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    browser = browser_at(settings, person, T0 + HOUR)
    page = visit(browser, f"{start(person)}stop/")
    form = stop_form(page)
    posted = {field.name: field.value for field in form.fields if field.name in {"attempt"}} | {"end": "1"}
    response = browser.post(form.action, posted)
    assert (response.status_code, location(response)) == (303, "/me/next/")
    run = SessionRun.objects.get()
    assert (run.status, run.ended_at_stage) == ("completed", "clear")
    assert dict(Rating.objects.values_list("stage", "status")) == {"clear": "not_reached", "ease": "not_reached"}
    assert location(browser.get("/me/next/")).startswith("/q/")
    # Sent once more, it leads where it led.
    assert location(browser.post(form.action, posted)) == "/me/next/"


def test_the_end_of_an_attempt_that_was_left_ends_nothing(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    services.begin(occasion=world.occasion(person, "first"), now=T0, language="en", again=1)
    browser = browser_at(settings, person, T0 + HOUR)
    assert location(browser.post(f"{start(person)}stop/", {"attempt": "1", "end": "1"})) == start(person)
    assert set(SessionRun.objects.values_list("status", flat=True)) == {"started"}


# --- where there is nothing to stop ----------------------------------------------------------------------------------


def test_before_it_is_begun_and_once_it_is_over_there_is_nothing_to_stop(settings: Any, person: Enrolment) -> None:
    browser = browser_at(settings, person, T0 + HOUR)
    assert location(browser.get(f"{start(person)}stop/")) == start(person)
    press(browser, person)
    go(person)
    assert location(browser.get(f"{start(person)}stop/")) == start(person)
    assert press(browser, person).status_code == 303
    assert location(browser.post(f"{start(person)}stop/", {"attempt": "1", "end": "1"})) == start(person)
    assert events(person) == []
    assert SessionRun.objects.get().ended_at_stage == ""


def test_a_pause_and_a_closed_window_lead_elsewhere(settings: Any, person: Enrolment) -> None:
    go(person, until="clear")
    people.pause(enrolment=person, by="participant", now=T0)
    browser = browser_at(settings, person, T0 + HOUR)
    assert location(browser.get(f"{start(person)}stop/")) == start(person)
    assert visit(browser, start(person)).name == "paused"
    people.resume(enrolment=person, by="participant", now=T0)
    browser = browser_at(settings, person, T0 + 8 * DAY)
    assert location(browser.get(f"{start(person)}stop/")) == start(person)
    press(browser, person)
    assert events(person) == []


def test_nobody_stops_another(person: Enrolment) -> None:
    go(person, until="clear")
    other = world.browser_of(world.consented(person.version, T0))  # type: ignore[arg-type]
    assert other.get(f"{start(person)}stop/").status_code == 404
    assert other.post(f"{start(person)}stop/", {"end": "1"}).status_code == 404
    assert Client().get(f"{start(person)}stop/").status_code == 302
    assert world.browser_of(person).get(f"/s/{uuid.uuid4()}/stop/").status_code == 404


# --- what a session may touch ----------------------------------------------------------------------------------------


def test_what_a_session_may_touch_is_said_before_it_begins(settings: Any, person: Enrolment) -> None:
    page = visit(browser_at(settings, person, T0 + HOUR), start(person))
    assert NOTE in page.text
    assert "hidden lake" not in page.html


def test_a_script_that_says_nothing_of_it_shows_nothing(settings: Any) -> None:
    person = rounds.someone()
    page = visit(browser_at(settings, person, rounds.T0 + HOUR), start(person))
    assert "data-content-note" not in page.html
