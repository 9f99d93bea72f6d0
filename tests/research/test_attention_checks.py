"""Attention checks that were missed are flags that say what was expected and what was given; no scale, no floor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from assessments.models import Administration, Answer
from coaching.models import Enrolment, StudyVersion
from research import quality
from research.flags import Flag, flags_of
from research.quality import Check
from tests import world

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
QUESTIONNAIRE = """\
id: one
title: One
source: made for the tests
licence: CC0-1.0
scale: {min: 1, max: 5, step: 1, direction: higher_is_more}
sections:
  - id: all
    items:
      - {id: s1, text: How much came}
      - {id: s2, text: How much came}
      - {id: s3, text: How much came}
      - {id: s4, text: How much came}
      - {id: s5, text: How much came}
      - {id: s6, text: How much came}
      - {id: s7, text: How much came}
      - {id: s8, text: How much came}
      - {id: three, text: Please choose 3, catch: 3}
      - {id: half, type: number, text: Please write a half, min: 0, max: 1, catch: 0.5}
      - {id: blue, type: choice, choices: [red, blue], text: Please choose blue, catch: blue}
      - {id: age, type: number, text: How old are you, min: 0}
      - {id: why, type: text, text: Why, optional: true}
scores:
  total: {of: all, how: sum}
"""
RIGHT: Mapping[str, Any] = {"three": 3.0, "half": 0.5, "blue": "blue"}


@pytest.fixture
def version(db: None) -> StudyVersion:
    return world.publish({**world.TINY, "instruments/one.yaml": QUESTIONNAIRE}, now=NOW)


def sheet(version: StudyVersion, scales: float | None = None, **given: Any) -> Enrolment:
    """Somebody's closed questionnaire: numbers, texts or (in brackets) statuses, by item; all scales alike."""
    person = world.consented(version, NOW)
    made = Administration.objects.create(
        occasion=world.occasion(person, "first"), instrument="one", instrument_version=1, place=0, closed_at=NOW
    )
    alike = {f"s{n}": scales for n in range(1, 9)} if scales is not None else {}
    for position, (item, value) in enumerate({**alike, **given}.items(), start=1):
        row = Answer(administration=made, item=item, position=position, status="answered")
        if isinstance(value, float | int):
            row.value = value
        elif value.startswith("("):
            row.status = value.strip("()")
        else:
            row.text = value
        row.save()
    return person


def flag_of(person: Enrolment, rule: str = "catch") -> Flag | None:
    return next((each for each in flags_of(person.study, enrolment=person) if each.rule.name == rule), None)


def test_whoever_answers_as_asked_has_no_flag(version: StudyVersion) -> None:
    assert flags_of(sheet(version, **RIGHT).study) == []


def test_a_missed_check_says_what_was_expected_and_what_was_given(version: StudyVersion) -> None:
    flag = flag_of(sheet(version, **{**RIGHT, "three": 5.0, "blue": "red"}))

    assert flag is not None
    assert flag.missed == (Check("three", "3", "5"), Check("blue", "blue", "red"))
    assert flag.numbers == {"failed": 2, "asked": 3}
    assert (flag.timepoint, flag.part) == ("first", "one")


def test_a_check_of_a_number_is_compared_as_a_number(version: StudyVersion) -> None:
    flag = flag_of(sheet(version, **{**RIGHT, "half": 0.25}))

    assert flag is not None
    assert flag.missed == (Check("half", "0.5", "0.25"),)


def test_no_answer_to_a_check_is_no_missed_check(version: StudyVersion) -> None:
    assert flag_of(sheet(version, three="(declined)", half="(not_reached)", blue="(lost)")) is None


def test_checks_that_were_not_shown_are_not_among_those_asked(version: StudyVersion) -> None:
    flag = flag_of(sheet(version, three=1.0, half="(declined)", blue="(not_due)"))

    assert flag is not None
    assert flag.numbers == {"failed": 1, "asked": 2}


def test_each_persons_checks_are_their_own(version: StudyVersion) -> None:
    missed, right = sheet(version, **{**RIGHT, "three": 1.0}), sheet(version, **RIGHT)

    assert [each.pseudonym for each in flags_of(version.study)] == [missed.pseudonym]
    assert flag_of(right) is None


def test_an_unfinished_questionnaire_is_not_looked_at(version: StudyVersion) -> None:
    person = sheet(version, **{**RIGHT, "three": 1.0})
    Administration.objects.update(closed_at=None)

    assert flag_of(person) is None


def test_a_new_version_with_another_expectation_leaves_old_answers_as_they_were(version: StudyVersion) -> None:
    person = sheet(version, **RIGHT)
    changed = QUESTIONNAIRE.replace("Please choose 3, catch: 3", "Please choose 4, catch: 4")
    world.publish({**world.TINY, "instruments/one.yaml": changed}, now=NOW + dt.timedelta(days=1))

    assert flag_of(person) is None


def test_flags_ask_the_database_a_fixed_number_of_times(
    version: StudyVersion, django_assert_max_num_queries: Any
) -> None:
    for n in range(4):
        sheet(version, **{**RIGHT, "three": 1.0 + n % 2})
    with django_assert_max_num_queries(6):
        assert len(flags_of(version.study)) == 4


@pytest.mark.parametrize("given", [{"age": 1.0}, {"age": 40.0, "why": "because"}, {"three": 5.0, "blue": "red"}])
def test_what_has_no_scale_neither_makes_nor_hides_the_floor(version: StudyVersion, given: dict[str, Any]) -> None:
    person = sheet(version, 1.0, **{**RIGHT, **given})

    flag = flag_of(person, "floor")
    assert flag is not None
    assert flag.numbers == {"answered": 8}


def test_the_same_answer_is_looked_for_on_scales_alone(version: StudyVersion) -> None:
    person = sheet(version, 4.0, **RIGHT, age=40.0, why="because")

    flag = flag_of(person, "same")
    assert flag is not None
    assert flag.numbers == {"answered": 8, "value": 4}


def test_does_not_apply_is_no_answer_on_a_scale(version: StudyVersion) -> None:
    person = sheet(version, 1.0, **RIGHT, s8="(not_applicable)")

    assert flags_of(person.study, enrolment=person) == []


def test_the_rule_itself_counts_what_was_shown_and_names_what_was_missed() -> None:
    right, wrong, empty = Check("a", "1", "1"), Check("b", "1", "2"), Check("c", "1", "")

    assert list(quality.of_checks([right, empty])) == []
    [seen] = quality.of_checks([right, wrong, empty])
    assert (seen.numbers, seen.missed) == ({"failed": 1, "asked": 3}, (wrong,))


def test_the_page_says_what_was_expected_and_what_was_given(version: StudyVersion) -> None:
    person = sheet(version, **{**RIGHT, "three": 5.0})
    browser = world.browser_of_staff(world.staff(version.study, "researcher"))

    page = browser.get("/studies/tiny/quality/").content.decode()
    one = browser.get(f"/studies/tiny/quality/{person.pseudonym}/catch/first/one/").content.decode()
    for html in (page, one):
        assert "1 of 3 attention checks" in html
        assert "three expects 3, and 5 was given." in html
