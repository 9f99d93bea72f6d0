"""The reliability of a study's own data, as a program reads it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from coaching.models import StudyVersion
from tests import world
from tests.research import twice
from tests.research.calls import Caller, caller
from tests.research.test_reliability import ALPHA, Shown


@pytest.fixture
def version(db: None) -> StudyVersion:
    version = twice.published()
    twice.give(version, "four", "early", twice.four(twice.SIX_BY_FOUR), "2026-01-05T10:00:00Z")
    twice.give(version, "points", "early", twice.points([one for one, _ in twice.PAIRS]), "2026-01-05T10:00:00Z")
    twice.give(version, "points", "late", twice.points([other for _, other in twice.PAIRS]), "2026-01-19T10:00:00Z")
    return version


@pytest.fixture
def program(version: StudyVersion) -> Caller:
    return caller(version.study)


def score(found: Any, name: str, part: str = "scores") -> Any:
    [one] = [each for each in found[part] if each["score"] == name]
    return one


def test_the_numbers_are_the_pages_and_whole(version: StudyVersion, program: Caller) -> None:
    found = program.json("reliability/", instrument="four", timepoint="early")

    [everybody, *bands] = score(found, "total")["groups"]
    assert everybody["alpha"] == pytest.approx(0.966628, abs=5e-7)
    assert everybody["alpha_standardised"] == pytest.approx(0.970228, abs=5e-7)
    assert [item["item"] for item in everybody["items"]] == ["a1", "a2", "a3", "a4"]
    assert {group["by"] for group in bands} == {"band:", "band:floor"}
    page = Shown(
        world.browser_of_staff(world.staff(version.study, "researcher")),
        "/studies/twice/reliability/?instrument=four.1&timepoint=early",
    )
    assert page.table(ALPHA)["Everybody"][1] == f"{everybody['alpha']:.6f}"


def test_two_times_are_compared_where_a_second_is_named(program: Caller) -> None:
    alone = program.json("reliability/", instrument="points")
    assert (alone["second"], alone["repeated"]) == (None, [])

    found = program.json("reliability/", instrument="points", timepoint="late", second="early")

    again = score(found, "points", "repeated")
    assert again["icc_2_1"]["value"] == pytest.approx(0.987198, abs=5e-7)
    assert again["icc_3_1"]["value"] == pytest.approx(0.989073, abs=5e-7)
    assert (again["bias"], again["days"], again["people"]) == (1.625, 14.0, 8)  # late minus early, either way round
    assert [again["limit_low"], again["limit_high"]] == pytest.approx([-4.202264, 7.452264], abs=5e-7)
    assert again["sem_agreement"] == pytest.approx(2.277608, abs=5e-7)
    assert again["sdc95"] == pytest.approx(6.313208, abs=5e-7)
    assert again["kappas"][0]["value"] == pytest.approx(0.75)


def test_what_can_not_be_computed_is_null_and_says_why(program: Caller) -> None:
    [everybody, *_] = score(program.json("reliability/", instrument="points"), "points")["groups"]

    assert (everybody["alpha"], everybody["omega"], everybody["sem"]) == (None, None, None)
    assert everybody["not_computable"] == "There are fewer than two items."


def test_simulated_people_can_be_left_out(program: Caller) -> None:
    numbers = {
        asked: score(program.json("reliability/", instrument="four", synthetic=asked), "total")["groups"][0]["n"]
        for asked in ("true", "false")
    }
    assert numbers == {"true": 0, "false": 6}


def test_answers_are_as_they_are_described(program: Caller) -> None:
    document = Client().get("/api/v1/schema/").json()
    answers = document["paths"]["/api/v1/studies/{slug}/reliability/"]["get"]["responses"]["200"]
    schema = {**answers["content"]["application/json"]["schema"], "components": document["components"]}
    for asked in (
        {},
        {"instrument": "four", "by": "arm"},
        {"instrument": "points", "second": "late", "by": "band:halves"},
        {"instrument": "four", "timepoint": "later", "second": "early"},
    ):
        Draft202012Validator(schema).validate(program.json("reliability/", **asked))


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"instrument": "none"}, "instrument"),
        ({"instrument": "four", "version": "2"}, "version"),
        ({"instrument": "points", "timepoint": "later"}, "timepoint"),
        ({"instrument": "points", "second": "early"}, "second"),
        ({"instrument": "points", "by": "band:floor"}, "by"),
        ({"synthetic": "perhaps"}, "synthetic"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(asked: dict[str, str], where: str, program: Caller) -> None:
    answer = program.get("reliability/", **asked)

    assert answer.status_code == 400
    [fault] = answer.json()["errors"]
    assert fault["where"] == where


def test_a_study_that_makes_no_score_has_none(db: None) -> None:
    version = world.publish(
        world.edited({"scores:\n  total: {of: all, how: sum}\n": "scores: {}\n"}, world.TINY, "instruments/one.yaml")
    )

    assert caller(version.study).get("reliability/").status_code == 404


def test_it_asks_few_questions_of_the_database(program: Caller) -> None:
    address = {"instrument": "points", "second": "late"}
    program.json("reliability/", **address)

    with CaptureQueriesContext(connection) as queries:
        program.json("reliability/", **address)

    assert len(queries) <= 15
