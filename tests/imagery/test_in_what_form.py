"""In what form it came, whether somebody attended, what does not apply, and a session that is ended early."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coaching.models import Enrolment
from imagery.models import Rating, SessionRun
from imagery.selectors import Refusal
from imagery.services import DECLINED, NOT_APPLICABLE, PASSED, Chosen, Forms, Given, Rated, end_early
from tests import world
from tests.imagery.rounds import FILES, MINUTE, T0, begin, give, run, session
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

SCRIPT = """\
slug: night-bird
title: {en: A tree, de: Ein Baum}
stages:
  - {id: hello, say: Hello}
  - {id: came, form: {en: "In what form did it come?", de: "In welcher Form kam es?"}, forms: [knowing, sound, picture]}
  - id: clear
    rate: clarity
    scale: {min: 1, max: 5}
    na: {en: There was nothing to rate, de: Es gab nichts}
  - {id: wide, rate: ease, scale: {min: 0, max: 100}, na: {en: Nothing there, de: Nichts da}}
  - id: heard
    check: {en: "What fell?", de: "Was fiel?"}
    choices: [{en: A leaf, de: Ein Blatt}, {en: A stone, de: Ein Stein}]
    answer: 2
  - {id: bye, say: Good bye}
"""


@pytest.fixture
def person(settings: Any) -> Enrolment:
    world.move_clock(settings, T0 + MINUTE)
    files = dict(FILES) | {"scripts/night-bird.yaml": SCRIPT}
    return world.consented(world.publish(files, now=T0), T0)


@pytest.fixture
def browser(person: Enrolment) -> Client:
    begin(person)
    give(person, "hello", PASSED)
    return world.browser_of(person)


def address(person: Enrolment, stage: str) -> str:
    return f"/s/{world.occasion(person, 'first').public_id}/{stage}/"


def row(person: Enrolment, stage: str) -> Rating:
    return Rating.objects.get(run=run(person), stage=stage)


# --- in what form -----------------------------------------------------------------------------------------------------


def test_several_forms_can_be_chosen_and_nothing_comes_first(person: Enrolment, browser: Client) -> None:
    page = browser.get(address(person, "came")).content.decode()
    assert (
        page.index("Nothing came") < page.index("I just knew it") < page.index("As sound") < page.index("As a picture")
    )
    assert "checked" not in page

    answer = browser.post(address(person, "came"), {"came": ["", "picture", "knowing"]})

    assert answer.headers["Location"] == address(person, "clear")
    came = row(person, "came")
    assert (came.kind, came.forms, came.value, came.status) == ("form", "knowing;picture", 2, "answered")
    assert (came.scale_min, came.scale_max) == (0, 3)
    again = browser.get(address(person, "came")).content.decode()
    assert again.count("checked") == 2


def test_nothing_came_is_an_answer(person: Enrolment, browser: Client) -> None:
    browser.post(address(person, "came"), {"came": ["", "nothing"]})
    assert (row(person, "came").forms, row(person, "came").value, row(person, "came").status) == ("", 0, "answered")
    assert 'value="nothing" checked' in browser.get(address(person, "came")).content.decode()


@pytest.mark.parametrize("posted", [[], [""], ["dream"], ["nothing", "picture"], ["words"], ["picture;sound"]], ids=str)
def test_what_is_no_form_stores_nothing_and_asks_again(person: Enrolment, browser: Client, posted: list[str]) -> None:
    answer = browser.post(address(person, "came"), {"came": posted})
    assert answer.status_code == 422
    assert 'aria-describedby="came-about came-error"' in answer.content.decode()
    assert not Rating.objects.exists()


def test_a_changed_form_keeps_what_was_said_before(person: Enrolment, browser: Client) -> None:
    give(person, "came", Forms(("sound",)))
    give(person, "came", Forms(("sound",)))
    give(person, "came", Forms(("picture", "knowing")))
    came = row(person, "came")
    assert (came.forms, came.changes) == ("knowing;picture", 1)
    assert [each.forms for each in came.revisions.all()] == ["sound"]


# --- what does not apply ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["clear", "wide"])
def test_where_there_is_nothing_to_rate_one_says_so(person: Enrolment, browser: Client, stage: str) -> None:
    give(person, "came", Forms(()))
    if stage == "wide":
        give(person, "clear", NOT_APPLICABLE)
    assert "checked" not in browser.get(address(person, stage)).content.decode()

    browser.post(address(person, stage), {stage: ["na"] if stage == "clear" else ["", "na"]})

    assert (row(person, stage).status, row(person, stage).value) == ("not_applicable", None)
    assert 'value="na" checked' in browser.get(address(person, stage)).content.decode()


def test_both_a_number_and_that_it_does_not_apply_is_neither(person: Enrolment, browser: Client) -> None:
    give(person, "came", Forms(()))
    give(person, "clear", NOT_APPLICABLE)
    assert browser.post(address(person, "wide"), {"wide": ["50", "na"]}).status_code == 422
    assert not Rating.objects.filter(stage="wide").exists()


def test_where_it_always_applies_na_is_no_answer(person: Enrolment) -> None:
    begin(person)
    give(person, "hello", PASSED)
    with pytest.raises(ValueError, match="takes no NotApplicable"):
        give(person, "came", NOT_APPLICABLE)


# --- attending --------------------------------------------------------------------------------------------------------


def to_the_check(person: Enrolment) -> None:
    for stage, given in (("came", Forms(())), ("clear", Rated(1)), ("wide", Rated(0))):
        give(person, stage, given)


def test_a_check_does_not_tell_its_right_answer(person: Enrolment, browser: Client) -> None:
    to_the_check(person)
    page = browser.get(address(person, "heard")).content.decode()
    assert ("A leaf" in page, "A stone" in page, "checked" in page) == (True, True, False)

    browser.post(address(person, "heard"), {"heard": "1"})

    assert (row(person, "heard").kind, row(person, "heard").value) == ("check", 1)
    assert browser.post(address(person, "heard"), {"heard": "3"}).status_code == 422


# --- rows -------------------------------------------------------------------------------------------------------------


def test_the_ratings_say_forms_and_what_does_not_apply(person: Enrolment, browser: Client) -> None:
    for stage, given in (
        ("came", Forms(("sound",))),
        ("clear", NOT_APPLICABLE),
        ("wide", DECLINED),
        ("heard", Chosen(2)),
    ):
        give(person, stage, given)
    rows = caller(person.study).rows("ratings")
    found = [(each["stage"], each["kind"], each["rating"], each["status"], each["forms"]) for each in rows]
    assert found == [
        ("came", "form", 1, "answered", "sound"),
        ("clear", "clarity", None, "not_applicable", None),
        ("wide", "ease", None, "declined", None),
        ("heard", "check", 2, "answered", None),
    ]


# --- ended early ------------------------------------------------------------------------------------------------------


def test_a_session_can_be_ended_where_one_is(person: Enrolment) -> None:
    begin(person)
    give(person, "hello", PASSED)
    give(person, "came", Forms(()))

    assert end_early(occasion=world.occasion(person, "first"), now=T0 + MINUTE) is None

    ended = run(person)
    assert (ended.status, ended.ended_at_stage, ended.completed_at) == ("completed", "clear", T0 + MINUTE)
    statuses = dict(Rating.objects.filter(run=ended).values_list("stage", "status"))
    assert statuses == {"came": "answered", "clear": "not_reached", "wide": "not_reached", "heard": "not_reached"}
    assert world.occasion(person, "first").state == "done"


def test_ending_it_twice_is_ending_it_once(person: Enrolment) -> None:
    begin(person)
    for minutes in (1, 5):
        assert end_early(occasion=world.occasion(person, "first"), now=T0 + minutes * MINUTE) is None
    assert (run(person).completed_at, SessionRun.objects.count()) == (T0 + MINUTE, 1)
    assert Rating.objects.count() == 4


@pytest.mark.parametrize("attempt", [None, 1])
def test_what_was_not_begun_or_is_over_is_not_ended(person: Enrolment, attempt: int | None) -> None:
    assert end_early(occasion=world.occasion(person, "first"), now=T0, attempt=attempt) is Refusal.ELSEWHERE
    begin(person)
    path: dict[str, Given] = {
        "hello": PASSED,
        "came": Forms(()),
        "clear": Rated(1),
        "wide": Rated(0),
        "heard": Chosen(1),
    }
    for stage, given in (path | {"bye": PASSED}).items():
        give(person, stage, given)
    why = end_early(occasion=world.occasion(person, "first"), now=T0 + MINUTE, attempt=attempt)
    assert why is Refusal.FINISHED
    assert run(person).ended_at_stage == ""


def test_a_page_of_an_attempt_that_was_left_ends_nothing(person: Enrolment) -> None:
    begin(person)
    give(person, "hello", PASSED)
    begin(person, again=1)
    assert end_early(occasion=world.occasion(person, "first"), now=T0, attempt=1) is Refusal.ELSEWHERE
    assert session(person).begun.attempt == 2
