"""Every kind of question as a plain form: what is shown, what is posted, what is stored, and what is not asked."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from assessments.models import Administration, Answer, AnswerRevision, ChangeJudgement, SchemeBand, ScoreRow
from assessments.services import close_occasion
from coaching.models import Enrolment
from tests import world
from tests.assessments.papers import start_url, statuses, stored, url

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 3, 1, 10, 0, tzinfo=dt.UTC)
ABOUT = ["age", "always", "since", "how", "ways", "pets", "share", "name", "prior", "hours"]


@pytest.fixture
def person(settings: Any, db: None) -> Enrolment:
    world.move_clock(settings, NOW)
    return world.consented(world.publish(EVERY_KIND, now=NOW), NOW - dt.timedelta(minutes=2))


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


def ask(browser: Client, person: Enrolment, item: str) -> Any:
    return browser.get(url(person, ABOUT.index(item) + 1, instrument="person"))


def post(browser: Client, person: Enrolment, item: str, *values: str, **more: str) -> Any:
    return browser.post(url(person, ABOUT.index(item) + 1, instrument="person"), {item: list(values), **more})


def leads_to(response: Any) -> str:
    assert response.status_code == 303, response.content.decode()[:500]
    n = int(response.headers["Location"].rstrip("/").rpartition("/")[2])
    return ABOUT[n - 1]


def test_a_number_is_stored_as_a_number_and_a_choice_as_its_text(browser: Client, person: Enrolment) -> None:
    assert leads_to(post(browser, person, "age", "41")) == "always"
    assert leads_to(post(browser, person, "always", "yes_always")) == "ways"

    assert (stored(person, "age").value, stored(person, "age").text) == (41, "")
    assert (stored(person, "always").value, stored(person, "always").text) == (None, "yes_always")


@pytest.mark.parametrize(
    ("item", "value", "says"),
    [
        ("age", "17", "from 18 to 99"),
        ("age", "41.5", "from 18 to 99"),
        ("age", "nan", "from 18 to 99"),
        ("age", "", "Give an answer"),
        ("always", "perhaps", "Choose the answer"),
        ("ways", "", "Choose the answer"),
        ("pets", "-1", "at least 0"),
        ("share", "101", "from 0 to 100"),
        ("prior", "1", "Choose the answer"),
    ],
)
def test_what_can_not_be_given_is_asked_for_again(
    item: str, value: str, says: str, browser: Client, person: Enrolment
) -> None:
    answered = post(browser, person, item, value)

    assert answered.status_code == 422
    assert says in answered.content.decode()
    assert not Answer.objects.exists()


def test_a_question_that_is_not_due_is_neither_shown_nor_stored(browser: Client, person: Enrolment) -> None:
    post(browser, person, "age", "41")
    post(browser, person, "always", "yes_always")

    assert leads_to(ask(browser, person, "since")) == "ways"
    assert leads_to(post(browser, person, "since", "2001-02-03")) == "ways"
    assert not Answer.objects.filter(item="since").exists()


def test_one_condition_hangs_on_the_answer_to_another(browser: Client, person: Enrolment) -> None:
    assert leads_to(post(browser, person, "always", "no_later")) == "since"
    assert leads_to(post(browser, person, "since", "1999-12-31")) == "ways"
    assert leads_to(post(browser, person, "since", "2000-01-01")) == "how"


@pytest.mark.parametrize("value", ["2026-13-01", "1.2.2000", "1929-12-31", "2027-01-01", "yesterday"])
def test_only_a_date_within_its_ends_is_a_date(value: str, browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "no_later")

    assert post(browser, person, "since", value).status_code == 422
    assert not Answer.objects.filter(item="since").exists()


def test_several_choices_are_stored_in_declared_order(browser: Client, person: Enrolment) -> None:
    post(browser, person, "ways", "moving", "picture")

    assert stored(person, "ways").text == "picture;moving"
    shown = ask(browser, person, "ways").content.decode()
    assert re.findall(r'value="([^"]+)" checked', shown) == ["picture", "moving"]


def test_that_it_does_not_apply_is_an_answer_of_its_own(browser: Client, person: Enrolment) -> None:
    assert "I have none" in ask(browser, person, "pets").content.decode()

    assert leads_to(post(browser, person, "pets", "", "na")) == "share"

    assert stored(person, "pets").status == "not_applicable"
    both = post(browser, person, "pets", "4.5", "na")
    assert both.status_code == 422
    assert "either an answer or" in both.content.decode()
    assert stored(person, "pets").status == "not_applicable"


def test_words_are_kept_as_written_and_not_cut(browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "no_later")
    post(browser, person, "since", "2010-05-06")

    assert post(browser, person, "how", "x" * 201).status_code == 422
    assert leads_to(post(browser, person, "how", "  A fall.\r\nThen <b>nothing</b>.  ")) == "ways"

    assert stored(person, "how").text == "A fall.\nThen <b>nothing</b>."
    assert "&lt;b&gt;nothing" in ask(browser, person, "how").content.decode()


def test_the_count_and_the_way_back_are_of_the_questions_that_are_due(browser: Client, person: Enrolment) -> None:
    post(browser, person, "age", "41")
    post(browser, person, "always", "yes_always")
    shown = ask(browser, person, "ways").content.decode()

    assert "Question 3 of" in shown
    assert url(person, 2, instrument="person") in shown


def test_nothing_is_chosen_beforehand_whatever_the_kind(browser: Client, person: Enrolment) -> None:
    for item in ("age", "always", "ways", "pets", "share", "name", "prior"):
        shown = ask(browser, person, item).content.decode()
        form = shown[shown.index("<form") : shown.index("</form>")]
        assert " checked" not in form
        assert "autofocus" not in form
        assert not re.search(rf'name="{item}"[^>]* value="[^"na]', form.replace('type="radio"', "").split("<label")[0])


def finish_about(browser: Client, person: Enrolment) -> Any:
    for item, *values in (
        ("age", "41"),
        ("always", "no_later"),
        ("since", "2010-05-06"),
        ("how", "A fall."),
        ("ways", "words"),
        ("pets", "na"),
        ("share", "20"),
        ("name", ""),
        ("prior", "no"),
    ):
        last = post(browser, person, item, *values)
    return last


def test_the_last_question_that_is_due_finishes_the_questionnaire(browser: Client, person: Enrolment) -> None:
    last = finish_about(browser, person)

    assert last.headers["Location"] == start_url(person)
    found = statuses(person)
    assert [found[item] for item in ABOUT] == [
        "answered",
        "answered",
        "answered",
        "answered",
        "answered",
        "not_applicable",
        "answered",
        "skipped",
        "answered",
        "not_due",
    ]
    assert ScoreRow.objects.get(score="trained").value == 0


def test_an_answer_that_is_not_due_any_more_goes_to_its_history(browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "no_later")
    post(browser, person, "since", "2010-05-06")
    post(browser, person, "how", "A fall.")
    for item, value in (("age", "41"), ("always", "yes_always"), ("ways", "words"), ("pets", "3"), ("share", "20")):
        post(browser, person, item, value)
    post(browser, person, "name", "quick")
    post(browser, person, "prior", "no")

    assert statuses(person)["since"] == "not_due"
    assert (stored(person, "since").text, stored(person, "since").changes) == ("", 1)
    assert AnswerRevision.objects.get(answer=stored(person, "since")).text == "2010-05-06"


def test_a_questionnaire_that_closes_tells_not_reached_from_not_due(settings: Any, person: Enrolment) -> None:
    world.move_clock(settings, NOW)
    fill_about = world.browser_of(person)
    finish_about(fill_about, person)
    occasion = world.occasion(person, "first")
    occasion.enrolment = person
    browser = world.browser_of(person)
    post(browser, person, "age", "41")
    close_occasion(occasion, NOW)

    found = statuses(person)
    assert found["check"] == "not_reached"
    assert found["s3"] in {"not_reached", "not_due"}
    form = Administration.objects.get(instrument="pictures").form
    assert found["s3"] == ("not_reached" if form == "a" else "not_due")  # nobody knows yet whether it would be due


def walk_pictures(browser: Client, person: Enrolment, step: str, values: dict[str, str]) -> None:
    """Answers what is asked of the questionnaire of pictures, by what the pages themselves show."""
    response = browser.get(start_url(person, step), follow=True)
    for _ in range(20):
        shown = response.content.decode()
        name = re.search(r'<input type="radio" name="([a-z0-9]+)"', shown)
        if name is None or name[1] not in values:
            break
        place = response.redirect_chain[-1][0] if response.redirect_chain else response.request["PATH_INFO"]
        response = browser.post(place, {name[1]: values[name[1]]}, follow=True)


def test_parallel_forms_are_given_in_turn_and_what_is_left_out_is_not_due(
    settings: Any, browser: Client, person: Enrolment
) -> None:
    finish_about(browser, person)
    walk_pictures(
        browser, person, "first", dict.fromkeys(("s1", "s2", "s3", "r1", "r2", "r3", "b1", "b2", "check"), "1")
    )

    sheet = Administration.objects.get(instrument="pictures", occasion__key="first")
    others = {"a": ("r1", "r2", "r3"), "b": ("s1", "s2", "s3")}[sheet.form]
    found = statuses(person)
    assert {found[item] for item in others} == {"not_due"}
    assert sheet.eyes == "closed"
    world.move_clock(settings, NOW + dt.timedelta(days=2))
    walk_pictures(
        browser, person, "again", dict.fromkeys(("s1", "s2", "s3", "r1", "r2", "r3", "b1", "b2", "check"), "4")
    )
    second = Administration.objects.get(instrument="pictures", occasion__key="again")
    assert second.form == {"a": "b", "b": "a"}[sheet.form]


def test_the_floor_has_the_lowest_band_of_every_scheme(browser: Client, person: Enrolment) -> None:
    finish_about(browser, person)
    lowest = dict.fromkeys(("s1", "s2", "s3", "r1", "r2", "r3", "b1", "check"), "1") | {"b2": "5"}
    walk_pictures(browser, person, "first", lowest)

    scores = {row.score: row for row in ScoreRow.objects.filter(administration__instrument="pictures")}
    form = Administration.objects.get(instrument="pictures").form
    items = 4 if form == "a" else 5  # s3 is asked only of whom the line of the water was clear to
    assert scores["total_high_is_vivid"].value == items
    assert scores["total_low_is_vivid"].value == items * 5
    assert scores["total_low_is_vivid"].direction == "higher_is_less"
    assert set(SchemeBand.objects.values_list("scheme", "band")) == {("strict", "floor"), ("wide", "low")}


def test_change_is_measured_against_the_declared_baseline_and_judged_by_every_method(
    settings: Any, browser: Client, person: Enrolment
) -> None:
    finish_about(browser, person)
    every = ("s1", "s2", "s3", "r1", "r2", "r3", "b1", "check")
    walk_pictures(browser, person, "first", dict.fromkeys(every, "1") | {"b2": "5"})
    world.move_clock(settings, NOW + dt.timedelta(days=2))
    walk_pictures(browser, person, "again", dict.fromkeys(every, "5") | {"b2": "1"})

    first, again = (
        ScoreRow.objects.get(score="total_high_is_vivid", administration__occasion__key=key)
        for key in ("first", "again")
    )
    assert again.change is None
    assert first.value is not None
    assert again.value is not None
    assert first.change == first.value - again.value
    methods = set(ChangeJudgement.objects.filter(score=first).values_list("method", flat=True))
    assert methods >= {"jacobson_truax", "maassen", "practice_corrected", "smallest_detectable", "off_the_floor"}
