"""Every kind of question as a plain form: what is shown, what is posted, what is stored, and what is not asked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from assessments.models import Administration, Answer, AnswerRevision, ChangeJudgement, SchemeBand, ScoreRow
from assessments.services import close_occasion
from coaching.models import Enrolment
from tests import world
from tests.assessments.kinds import (
    ABOUT,
    NOW,
    PICTURES,
    ask,
    finish_about,
    leads_to,
    place,
    post,
    someone,
    walk_pictures,
)
from tests.assessments.papers import start_url, statuses, stored, url


@pytest.fixture
def person(settings: Any, db: None) -> Enrolment:
    return someone(settings)


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)


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
    assert re.search(r'name="pets"[^>]* value="4.5"', both.content.decode())
    assert re.search(r'name="pets" value="na" checked', both.content.decode())
    assert stored(person, "pets").status == "not_applicable"


OPTIONAL_WAYS = {"        type: multi\n": "        type: multi\n        optional: true\n        na: true\n"}


def test_several_choices_and_that_it_does_not_apply_exclude_each_other(settings: Any, db: None) -> None:
    person = someone(settings, OPTIONAL_WAYS)
    browser = world.browser_of(person)
    shown = ask(browser, person, "ways").content.decode()
    assert re.findall(r'type="checkbox" name="ways" value="([^"]+)"', shown)[-1] == "na"
    assert "This does not apply to me" in shown

    both = post(browser, person, "ways", "words", "na")
    assert both.status_code == 422
    assert "either an answer or that it does not apply" in both.content.decode()
    assert re.findall(r'value="([^"]+)" checked', both.content.decode()) == ["words", "na"]
    assert not Answer.objects.exists()

    post(browser, person, "ways", "na")
    assert (stored(person, "ways").status, stored(person, "ways").text) == ("not_applicable", "")
    assert re.findall(r'value="([^"]+)" checked', ask(browser, person, "ways").content.decode()) == ["na"]


def test_boxes_that_are_all_unticked_take_back_an_optional_answer(settings: Any, db: None) -> None:
    person = someone(settings, OPTIONAL_WAYS)
    browser = world.browser_of(person)
    post(browser, person, "ways", "words")

    assert leads_to(browser.post(place(person, "ways"), {})) == "pets"
    assert stored(person, "ways").text == "words", "nothing at all says nothing of it"
    assert leads_to(post(browser, person, "ways", "")) == "pets"
    assert (stored(person, "ways").status, stored(person, "ways").text) == ("skipped", "")
    assert AnswerRevision.objects.get().text == "words"


def test_words_that_are_deleted_are_taken_back_and_a_repeat_changes_nothing(browser: Client, person: Enrolment) -> None:
    post(browser, person, "name", "quick")

    for _ in range(2):
        assert leads_to(post(browser, person, "name", "")) == "prior"

    assert (stored(person, "name").status, stored(person, "name").text, stored(person, "name").changes) == (
        "skipped",
        "",
        1,
    )


def test_an_empty_field_does_not_undo_that_somebody_would_rather_not_say(browser: Client, person: Enrolment) -> None:
    browser.post(place(person, "name"), {"name": "", "rather-not-say": "1"})

    assert leads_to(post(browser, person, "name", "")) == "prior"
    assert (stored(person, "name").status, stored(person, "name").changes) == ("declined", 0)


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


def test_back_leads_to_the_last_question_that_is_due(browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "no_later")
    post(browser, person, "since", "2010-05-06")
    assert place(person, "how") in ask(browser, person, "ways").content.decode()

    post(browser, person, "always", "unsure")
    shown = ask(browser, person, "ways").content.decode()
    assert place(person, "always") in shown
    assert place(person, "how") not in shown


def test_nothing_of_a_later_question_is_on_a_page(browser: Client, person: Enrolment) -> None:
    shown = ask(browser, person, "always").content.decode()

    for text in ("Since when", "What happened then", "remember a place", "picture"):
        assert text not in shown, text


def test_what_was_answered_stays_while_a_later_thought_may_still_bring_it_back(
    browser: Client, person: Enrolment
) -> None:
    post(browser, person, "always", "no_later")
    post(browser, person, "since", "2010-05-06")
    post(browser, person, "always", "unsure")

    assert leads_to(ask(browser, person, "since")) == "ways"
    assert leads_to(post(browser, person, "since", "2011-05-06")) == "ways"
    assert (stored(person, "since").text, stored(person, "since").changes) == ("2010-05-06", 0)

    post(browser, person, "always", "no_later")
    assert 'value="2010-05-06"' in ask(browser, person, "since").content.decode()


def test_a_post_that_was_on_its_way_when_its_question_fell_away_leads_on(browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "unsure")

    for posted in ({"since": "2010-05-06"}, {"since": "never"}, {}, {"rather-not-say": "1"}):
        assert leads_to(browser.post(place(person, "since"), posted)) == "ways"
    assert statuses(person) == {"always": "answered"}


def test_a_page_says_what_time_it_asks_about_and_how_to_answer(browser: Client, person: Enrolment) -> None:
    shown = ask(browser, person, "ways").content.decode()
    assert "Think of the last 7 days." in shown
    assert "Choose all that fit." in shown
    assert "eyes" not in shown

    finish_about(browser, person)
    pictures = browser.get(start_url(person), follow=True).content.decode()
    assert "Close your eyes for this, then open them to answer." in pictures
    assert "Think of the last" not in pictures


def test_fields_say_what_fits_in_the_persons_way(browser: Client, person: Enrolment) -> None:
    post(browser, person, "always", "no_later")
    since = ask(browser, person, "since").content.decode()
    assert "From 1 Jan 1930 to 31 Dec 2026" in since
    assert 'min="1930-01-01"' in since
    assert 'placeholder="2026-01-31"' in since, "for a browser that has no field for dates"
    post(browser, person, "since", "2010-05-06")
    how = ask(browser, person, "how").content.decode()
    assert "At most 200 characters." in how
    assert "<kbd" not in how, "there Enter begins a new line"
    assert "maxlength" not in how, "a browser would cut what is pasted"
    assert re.search(r'type="number"[^>]* step="0.5"[^>]* min="0.5"', ask_hours(browser, person))


def ask_hours(browser: Client, person: Enrolment) -> str:
    """The page of the question that hangs on two others."""
    post(browser, person, "ways", "words")
    post(browser, person, "prior", "yes")
    shown: str = ask(browser, person, "hours").content.decode()
    return shown


def test_a_then_test_asks_in_its_own_words_and_stores_rows_of_its_own(
    settings: Any, browser: Client, person: Enrolment
) -> None:
    finish_about(browser, person)
    walk_pictures(browser, person, "first", dict.fromkeys(PICTURES, "1"))
    world.move_clock(settings, NOW + dt.timedelta(days=2))
    walk_pictures(browser, person, "again", dict.fromkeys(PICTURES, "1"))
    world.move_clock(settings, NOW + dt.timedelta(days=17))
    now = world.browser_of(person)
    shown = now.get(url(person, 1, step="end", instrument="pictures_then")).content.decode()
    assert "Answer as you were before the study." in shown
    walk_pictures(now, person, "end", dict.fromkeys(PICTURES, "4"))

    found = Answer.objects.filter(administration__occasion__key="end", item="b1")
    assert dict(found.values_list("administration__instrument", "value")) == {"pictures": 4, "pictures_then": 4}


def test_nothing_is_chosen_beforehand_whatever_the_kind(browser: Client, person: Enrolment) -> None:
    for item in ("age", "always", "ways", "pets", "share", "name", "prior"):
        shown = ask(browser, person, item).content.decode()
        form = shown[shown.index("<form") : shown.index("</form>")]
        assert " checked" not in form
        assert "autofocus" not in form
        assert not re.search(rf'name="{item}"[^>]* value="[^"na]', form.replace('type="radio"', "").split("<label")[0])


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


def test_parallel_forms_are_given_in_turn_and_what_is_left_out_is_not_due(
    settings: Any, browser: Client, person: Enrolment
) -> None:
    finish_about(browser, person)
    walk_pictures(browser, person, "first", dict.fromkeys(PICTURES, "1"))

    sheet = Administration.objects.get(instrument="pictures", occasion__key="first")
    others = {"a": ("r1", "r2", "r3"), "b": ("s1", "s2", "s3")}[sheet.form]
    found = statuses(person)
    assert {found[item] for item in others} == {"not_due"}
    assert sheet.eyes == "closed"
    world.move_clock(settings, NOW + dt.timedelta(days=2))
    walk_pictures(browser, person, "again", dict.fromkeys(PICTURES, "4"))
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
