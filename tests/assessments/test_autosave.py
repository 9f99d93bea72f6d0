"""A script's saves, and what a page turn costs."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

import clock
from assessments.models import Administration, Answer, AnswerRevision
from assessments.selectors import Refusal, question
from coaching.models import Enrolment
from coaching.services import people
from tests import world
from tests.assessments import kinds
from tests.assessments.papers import (
    DAY,
    NOW,
    T0,
    browser_at,
    choose,
    fill,
    give,
    page_of,
    scored,
    someone,
    start_url,
    statuses,
    stored,
    url,
)

# --- a script's saves ------------------------------------------------------------------------------------------------


def _save(browser: Client, place: str, rev: int, **posted: Any) -> Any:
    return browser.post(place, {"answer-rev": str(rev), **posted})


def test_a_save_stores_the_answer_moves_nowhere_and_finishes_nothing(person: Enrolment, browser: Client) -> None:
    fill(person, 2, 4)
    response = _save(browser, url(person, 3, name="autosave"), 1, birds="3")
    assert (response.status_code, list(response.json())) == (200, ["saved_at"])
    assert dt.datetime.fromisoformat(response.json()["saved_at"]).utcoffset() == dt.timedelta(0)
    assert stored(person, "birds").value == 3
    assert Administration.objects.get(instrument="short").finished_at is None
    assert choose(browser, url(person, 3), birds="3")["Location"] == start_url(person)
    assert (stored(person, "birds").changes, scored(person).value) == (0, 7)


def test_a_save_that_was_overtaken_is_refused_and_told_so(person: Enrolment, browser: Client) -> None:
    place = url(person, 1, name="autosave")
    assert _save(browser, place, 7, path="4").status_code == 200
    response = _save(browser, place, 6, path="2")
    assert (response.status_code, response.json()) == (409, {"refused": "stale"})
    assert stored(person, "path").value == 4
    assert 'name="answer-rev" value="7"' in page_of(browser.get(url(person, 1)))


def test_a_post_tells_which_saves_came_before_it(person: Enrolment, browser: Client) -> None:
    browser.post(url(person, 1), {"path": "5", "answer-rev": "9"})
    assert _save(browser, url(person, 1, name="autosave"), 8, path="2").status_code == 409
    assert stored(person, "path").value == 5


@pytest.mark.parametrize("posted", [{}, {"path": "6"}, {"path": "x"}, {"path": "3", "rather-not-say": "1"}])
def test_a_save_without_an_answer_is_refused(person: Enrolment, browser: Client, posted: dict[str, str]) -> None:
    response = browser.post(url(person, 1, name="autosave"), posted)
    assert (response.status_code, response.json()) == (422, {"refused": "no_answer"})
    assert not Administration.objects.exists()


def test_a_save_never_passes_an_optional_question(person: Enrolment, browser: Client) -> None:
    assert browser.post(url(person, 3, name="autosave"), {}).status_code == 422
    assert statuses(person) == {}


def test_a_post_that_says_what_its_page_saved_is_one_statement_and_makes_that_save_old(
    person: Enrolment, browser: Client
) -> None:
    choose(browser, url(person, 1), path="2")
    assert _save(browser, url(person, 2, name="autosave"), 7, fog="4").status_code == 200
    page, following = url(person, 2), url(person, 3)
    with CaptureQueriesContext(connection) as post:
        assert _save(browser, page, 8, fog="4")["Location"] == following
    assert [sql.split()[0] for sql in _statements(post)] == ["SELECT", "UPDATE"]
    assert (stored(person, "fog").revision, stored(person, "fog").changes) == (8, 0)
    assert _save(browser, url(person, 2, name="autosave"), 7, fog="1").json() == {"refused": "stale"}


def test_a_post_that_says_what_was_overtaken_meanwhile_is_the_last_answer_and_stands(person: Enrolment) -> None:
    give(person, 1, 2)
    read = question(person, world.occasion(person, "first").public_id, "short", 1)
    give(person, 1, 5)  # another tab, after this one's page was read
    give(person, 1, 2, revision=9, asked=read)
    assert (stored(person, "path").value, stored(person, "path").changes) == (2, 2)
    assert [r.value for r in AnswerRevision.objects.order_by("pk")] == [2, 5]


def test_a_post_that_says_what_was_stored_before_its_person_left_stores_nothing(person: Enrolment) -> None:
    give(person, 1, 2)
    read = question(person, world.occasion(person, "first").public_id, "short", 1)
    people.pause(enrolment=person, by="participant", now=T0)
    Answer.objects.all().delete()
    assert give(person, 1, 2, revision=9, asked=read) is Refusal.AWAY
    assert not Answer.objects.exists()


def test_saves_after_the_finish_the_close_or_a_pause_are_refused(settings: Any, person: Enrolment) -> None:
    fill(person, 2, 4, 5)
    browser = world.browser_of(person)
    assert _save(browser, url(person, 1, name="autosave"), 9, path="3").json() == {"refused": "finished"}
    second = url(person, 1, step="second", name="autosave")
    assert _save(browser, second, 1, path="3").json() == {"refused": "not_open"}
    late = browser_at(settings, person, T0 + 11 * DAY)
    assert _save(late, second, 1, path="3").json() == {"refused": "closed"}
    people.pause(enrolment=person, by="participant", now=clock.now())
    response = _save(late, second, 1, path="3")
    assert (response.status_code, response.json()) == (409, {"refused": "away"})
    assert not Answer.objects.filter(administration__occasion__key="second").exists()


@pytest.mark.parametrize(
    ("item", "values", "kept"),
    [
        ("age", ["41"], ("answered", 41, "")),
        ("always", ["unsure"], ("answered", None, "unsure")),
        ("ways", ["moving", "", "picture"], ("answered", None, "picture;moving")),
        ("pets", ["", "na"], ("not_applicable", None, "")),
        ("share", ["40"], ("answered", 40, "")),
        ("name", [" quick "], ("answered", None, "quick")),
    ],
)
def test_what_stands_on_a_page_of_any_kind_is_saved(
    settings: Any, db: None, item: str, values: list[str], kept: tuple[str, float | None, str]
) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    place = kinds.place(person, item, name="autosave")
    for rev in (1, 2):
        assert _save(browser, place, rev, **{item: values}).status_code == 200
    row = stored(person, item)
    assert (row.status, row.value, row.text) == kept
    assert (row.changes, row.revision) == (0, 2)


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("age", ["4"]),
        ("age", [""]),
        ("ways", [""]),
        ("ways", ["words", "none"]),
        ("pets", ["3", "na"]),
        ("name", [""]),
        ("name", ["x" * 41]),
    ],
)
def test_what_is_no_answer_yet_is_not_saved(settings: Any, db: None, item: str, values: list[str]) -> None:
    person = kinds.someone(settings)
    response = _save(world.browser_of(person), kinds.place(person, item, name="autosave"), 1, **{item: values})
    assert (response.status_code, response.json()) == (422, {"refused": "no_answer"})
    assert not Administration.objects.exists()


def test_a_field_that_was_emptied_is_not_saved_until_the_button_says_so(settings: Any, db: None) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    place = kinds.place(person, "name", name="autosave")
    assert _save(browser, place, 1, name="quick").status_code == 200
    assert _save(browser, place, 2, name="").status_code == 422
    assert stored(person, "name").text == "quick"


def test_a_save_of_a_question_that_fell_away_is_refused(settings: Any, db: None) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    kinds.post(browser, person, "always", "unsure")
    response = _save(browser, kinds.place(person, "since", name="autosave"), 1, since="2010-05-06")
    assert (response.status_code, response.json()) == (409, {"refused": "not_due"})
    assert statuses(person) == {"always": "answered"}


# --- at the same time, and how much it costs -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_last_submits_at_once_all_lead_to_the_one_finish(settings: Any) -> None:
    world.move_clock(settings, NOW)
    person = someone()
    fill(person, 2, 4)
    place, browsers = url(person, 3), [world.browser_of(person) for _ in range(50)]
    responses: list[tuple[int, str]] = []
    barrier = threading.Barrier(len(browsers))

    def submit(browser: Client) -> None:
        try:
            barrier.wait(timeout=30)
            response = browser.post(place, {"birds": "5"})
            responses.append((response.status_code, response.headers.get("Location", "")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert responses == [(303, start_url(person))] * 50
    assert (Answer.objects.count(), AnswerRevision.objects.count()) == (3, 0)
    assert scored(person).value == 9


def _statements(queries: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, without the session with its person, and the marks of transactions."""
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [q["sql"] for q in queries if not q["sql"].lstrip().upper().startswith(marks)]
    assert "coaching_browsersession" in statements[0]
    assert "coaching_enrolment" in statements[0]
    return statements[1:]


def test_a_page_turn_is_cheap(person: Enrolment, browser: Client) -> None:
    choose(browser, url(person, 1), path="2")  # the study is in memory, the questionnaire begun
    second = url(person, 2)
    with CaptureQueriesContext(connection) as post:
        response = choose(browser, second, fog="4")
    with CaptureQueriesContext(connection) as get:
        browser.get(response["Location"])
    with CaptureQueriesContext(connection) as again:
        choose(browser, second, fog="4")
    assert len(_statements(post)) <= 4, _statements(post)
    assert len(_statements(get)) <= 1, _statements(get)
    assert len(_statements(again)) <= 1, _statements(again)


def test_a_page_turn_of_a_questionnaire_that_branches_is_cheap_too(settings: Any, db: None) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    kinds.post(browser, person, "age", "41")
    second, third = kinds.place(person, "always"), kinds.place(person, "since")
    with CaptureQueriesContext(connection) as post:
        assert choose(browser, second, always="no_later")["Location"] == third
    with CaptureQueriesContext(connection) as get:
        browser.get(third)
    assert len(_statements(post)) <= 6, _statements(post)
    assert len(_statements(get)) <= 2, _statements(get)
