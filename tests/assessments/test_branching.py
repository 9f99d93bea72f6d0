"""Which questions one person gets, and in which parallel form: what holds whatever is answered."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from assessments.branching import branches, due, form_at, items_of_form
from assessments.models import Administration, Answer
from coaching.models import Enrolment
from protocol.bundle import read_bundle
from protocol.conditions import Given, comparisons
from protocol.instrument import Instrument
from tests import world
from tests.assessments import kinds
from tests.assessments.papers import start_url

STUDY = read_bundle(kinds.FOLDER).study
PERSON, PICTURES = STUDY.instruments["person"], STUDY.instruments["pictures"]
# What can be given to the items on which others hang, and None for an answer without a value.
ANSWERS: dict[str, list[Given]] = {
    "age": [18.0, 60.0, 61.0, None],
    "always": ["yes_always", "no_later", "unsure", None],
    "since": ["1999-12-31", "2000-01-01", None],
    "ways": [("picture",), ("picture", "moving"), ("words",), None],
    "prior": ["yes", "no", None],
}
some_answers = st.fixed_dictionaries({}, optional={item: st.sampled_from(each) for item, each in ANSWERS.items()})


# --- conditions ------------------------------------------------------------------------------------------------------


@given(some_answers)
def test_an_item_without_a_condition_is_always_due(answers: dict[str, Given]) -> None:
    found = due(PERSON, "", answers)
    assert all(found[item.id] for item in PERSON.items() if item.when is None)


@given(some_answers)
def test_it_is_open_only_while_something_that_is_due_has_no_answer_yet(answers: dict[str, Given]) -> None:
    found = due(PERSON, "", answers)
    for item in PERSON.items():
        if found[item.id] is None:
            assert item.when is not None
            named = {comparison.item for comparison in comparisons(item.when)}
            assert any(found[each] is None or (found[each] and each not in answers) for each in named)


@given(some_answers, st.randoms(use_true_random=False))
def test_the_order_in_which_answers_come_does_not_matter(answers: dict[str, Given], chance: Any) -> None:
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert due(PERSON, "", dict(shuffled)) == due(PERSON, "", answers)


@given(some_answers)
def test_what_was_given_to_an_item_that_is_not_due_changes_nothing(answers: dict[str, Given]) -> None:
    found = due(PERSON, "", answers)
    counting = {item: value for item, value in answers.items() if found[item]}
    assert due(PERSON, "", counting) == found


@given(some_answers, st.sampled_from(list(ANSWERS)))
def test_what_is_settled_stays_when_more_is_answered(answers: dict[str, Given], item: str) -> None:
    fewer = {id: value for id, value in answers.items() if id != item}
    before, after = due(PERSON, "", fewer), due(PERSON, "", answers)
    assert {id: after[id] for id, is_due in before.items() if is_due is not None} == {
        id: is_due for id, is_due in before.items() if is_due is not None
    }


# --- parallel forms --------------------------------------------------------------------------------------------------


def test_a_form_asks_its_own_sections_and_those_of_none() -> None:
    assert items_of_form(PICTURES, "a") == {"s1", "s2", "s3", "b1", "b2", "check"}
    assert items_of_form(PICTURES, "b") == {"r1", "r2", "r3", "b1", "b2", "check"}
    assert items_of_form(PERSON, "") == set(kinds.ABOUT)


def test_what_stands_in_another_form_is_not_due_whatever_is_answered() -> None:
    found = due(PICTURES, "b", {"s1": 5.0})
    assert {id for id, is_due in found.items() if is_due is False} == {"s1", "s2", "s3"}


def test_only_what_not_everybody_gets_branches() -> None:
    assert branches(PERSON)
    assert branches(PICTURES)
    assert not branches(_of_forms(0))


def _of_forms(count: int) -> Instrument:
    sections = "\n".join(f"  - {{id: part_{n}, items: [{{id: q{n}, text: Q}}]}}" for n in range(max(count, 1)))
    forms = "".join(f"form_{n}: [part_{n}], " for n in range(count))
    one = f"""\
id: one
title: One
source: made for the tests
licence: CC0-1.0
scale: {{min: 1, max: 3, direction: higher_is_more}}
sections:
{sections}
scores: {{}}
{f"forms: {{{forms}}}" if count else ""}
"""
    with tempfile.TemporaryDirectory() as folder:
        files = dict(world.TINY) | {"instruments/one.yaml": one}
        return read_bundle(world.written(files, Path(folder))).study.instruments["one"]


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_each_form_is_as_often_first_second_and_third_as_any_other(count: int) -> None:
    instrument = _of_forms(count)
    people = 6 * count * 7
    for use in range(count):
        given_out = Counter(form_at(instrument, place, use) for place in range(people))
        assert set(given_out.values()) == {people // count}, (use, given_out)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_nobody_gets_a_form_again_before_they_had_them_all(count: int) -> None:
    instrument = _of_forms(count)
    for place in range(2 * count):
        assert len({form_at(instrument, place, use) for use in range(count)}) == count
        assert form_at(instrument, place, count) == form_at(instrument, place, 0)


def test_without_forms_there_is_none_to_give() -> None:
    assert form_at(PERSON, 3, 1) == ""


# --- the way through -------------------------------------------------------------------------------------------------

POSTED: dict[str, list[list[str]]] = {
    "age": [["41"], ["61"]],
    "always": [["yes_always"], ["no_later"], ["unsure"]],
    "since": [["1999-12-31"], ["2010-05-06"]],
    "how": [["A fall."], [""]],
    "ways": [["picture"], ["picture", "words"], ["none of these"]],
    "pets": [["3"], ["na"]],
    "share": [["0"], ["na"]],
    "name": [["quick"], [""]],
    "prior": [["yes"], ["no"]],
    "hours": [["2.5"]],
}


@pytest.mark.parametrize("seed", range(8))
def test_whoever_follows_the_pages_comes_to_the_end_and_every_row_agrees_with_the_conditions(
    settings: Any, db: None, seed: int
) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    visited = _walked(browser, person, seed)

    sheet = Administration.objects.get(instrument="person", occasion__key="first")
    assert sheet.finished_at is not None
    rows = {row.item: row for row in Answer.objects.filter(administration=sheet)}
    assert set(rows) == set(kinds.ABOUT)
    given_to = {row.item: _given(row) for row in rows.values() if row.status != "not_due"}
    assert due(PERSON, "", given_to) == {id: row.status != "not_due" for id, row in rows.items()}
    assert visited >= {id for id, row in rows.items() if row.status != "not_due"}


def _walked(browser: Client, person: Enrolment, seed: int) -> set[str]:
    """The items whose pages were shown on a way that goes back twice."""
    response = browser.get(start_url(person), follow=True)
    visited = set()
    for turn in range(40):
        where = response.request["PATH_INFO"]
        if "/person/" not in where:
            return visited
        item = kinds.ABOUT[int(where.rstrip("/").rpartition("/")[2]) - 1]
        visited.add(item)
        said = re.search(r"Question (\d+) of (\d+)", response.content.decode())
        assert said is not None
        assert 1 <= int(said[1]) <= int(said[2]) <= len(kinds.ABOUT)
        if turn in (3 + seed % 3, 7):  # a second thought on what decides
            where = kinds.place(person, "always")
            item = "always"
        offered = POSTED[item]
        response = browser.post(where, {item: offered[(seed + turn) % len(offered)]}, follow=True)
        assert response.status_code == 200, response.content.decode()[:500]
    raise AssertionError("the way has no end")


def _given(row: Answer) -> Given:
    if row.value is not None:
        return row.value
    return (tuple(row.text.split(";")) if row.item == "ways" else row.text) if row.text else None


def test_an_answer_that_makes_the_rest_not_due_finishes_the_questionnaire(settings: Any, db: None) -> None:
    person = kinds.someone(settings)
    browser = world.browser_of(person)
    for item, *values in (
        ("age", "61"),
        ("always", "unsure"),
        ("ways", "words"),
        ("pets", "na"),
        ("share", "na"),
        ("name", ""),
    ):
        kinds.post(browser, person, item, *values)
    assert kinds.leads_to(kinds.post(browser, person, "prior", "yes")) == "hours"

    outcome = kinds.post(browser, person, "prior", "no")

    assert outcome.headers["Location"] == start_url(person)
    assert Administration.objects.get(instrument="person").finished_at is not None
    again = kinds.post(browser, person, "prior", "no")
    assert again.headers["Location"] == start_url(person), "a repeat leads where the first did"
