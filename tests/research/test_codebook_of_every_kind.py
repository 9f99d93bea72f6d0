"""The codebook and the API's description of a study that asks for everything that can be asked."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from assessments.models import ArmGuess
from coaching.models import Enrolment, StudyVersion
from rehearsal.services import simulate
from research.catalogue import tables
from research.codebook import as_csv, as_markdown, codebook
from tests import world
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
MARKED = {
    "reliability: 0.8, kind: retest": "reliability: 0.8, selected: true, tag: unverified, kind: retest",
}


@pytest.fixture
def version() -> StudyVersion:
    changed = world.edited(MARKED, world.files(EVERY_KIND), "instruments/pictures.yaml")
    return world.publish(changed, now=NOW - dt.timedelta(days=120))


@pytest.fixture
def book(version: StudyVersion) -> dict[str, Any]:
    return codebook(version.study)


def named(entries: Any, kind: str, name: str) -> Any:
    [found] = [each for each in entries if each[kind] == name]
    return found


def item(book: Mapping[str, Any], place: str) -> Any:
    instrument, _, id = place.partition(".")
    return named(named(book["instruments"], "instrument", instrument)["items"], "item", id)


def lines(book: dict[str, Any], part: str) -> list[dict[str, str]]:
    every = csv.DictReader(io.StringIO(as_csv(book), newline=""))
    return [line for line in every if line["part"] == part]


# --- items and scores ------------------------------------------------------------------------------------------------


def test_every_item_and_every_score_says_its_direction(book: dict[str, Any]) -> None:
    items = {f"{i['instrument']}.{e['item']}": e["direction"] for i in book["instruments"] for e in i["items"]}
    scores = {f"{i['instrument']}.{e['score']}": e["direction"] for i in book["instruments"] for e in i["scores"]}

    without = {place for place, direction in items.items() if direction == "none"}
    assert without == {
        *("person.always", "person.since", "person.how", "person.ways", "person.name"),
        *("belief.guess", "belief.why"),
    }
    assert {items[place] for place in items.keys() - without} == {"higher_is_more"}
    assert scores["pictures.total_high_is_vivid"] == "higher_is_more"
    assert scores["pictures.total_low_is_vivid"] == "higher_is_less"
    for part in ("item", "score"):
        assert [line["direction"] for line in lines(book, part)] == list((items if part == "item" else scores).values())


def test_an_old_scale_that_runs_the_other_way_says_so() -> None:
    reverse = world.edited(
        {"direction: higher_is_more": "direction: higher_is_less"}, world.TINY, "instruments/one.yaml"
    )
    book = codebook(world.publish(reverse, now=NOW).study)

    assert item(book, "one.q1")["direction"] == "higher_is_less"
    assert "1 to 3 by 1, higher is less: 1 = Nothing" in as_markdown(book)
    assert {line["direction"] for line in (*lines(book, "item"), *lines(book, "score"))} == {"higher_is_less"}


def test_a_number_a_date_and_words_say_what_can_be_given(book: dict[str, Any]) -> None:
    age, since, name = item(book, "person.age"), item(book, "person.since"), item(book, "person.name")

    assert (age["type"], age["min"], age["max"], age["step"], age["unit"]) == ("number", 18, 99, 1, "years")
    assert (since["type"], since["min"], since["max"]) == ("date", "1930-01-01", "2026-12-31")
    assert (name["type"], name["optional"], name["choices"]) == ("text", True, [])


def test_choices_have_their_words_and_what_they_count(book: dict[str, Any]) -> None:
    assert item(book, "person.prior")["choices"] == [
        {"choice": "yes", "text": "Yes", "score": 1},
        {"choice": "no", "text": "No", "score": 0},
    ]
    assert item(book, "person.ways")["choices"][3] == {
        "choice": "none of these",
        "text": "None of these",
        "score": None,
    }
    told = {line["name"]: line["values"] for line in lines(book, "item") if line["in"] == "person"}
    assert told["prior"] == "yes = Yes (counts 1); no = No (counts 0); higher is more"
    assert told["always"].startswith("yes_always = Yes, always; no_later =")
    assert told["age"] == "18 to 99 by 1, years, higher is more"
    assert told["since"] == "1930-01-01 to 2026-12-31"


def test_conditions_not_applicable_and_checks_are_told(book: dict[str, Any]) -> None:
    hours, share, check = item(book, "person.hours"), item(book, "person.share"), item(book, "pictures.check")

    assert hours["when"] == "prior == yes and (ways != picture or age > 60)"
    assert (share["na"], hours["na"]) == (True, False)
    assert check["catch"] == "1"
    page = as_markdown(book)
    for told in ("asked when always == no_later", "may say that it does not apply", "attention check, expected 1"):
        assert told in page


def test_each_questionnaire_says_how_it_is_given_and_what_may_be_concluded(book: dict[str, Any]) -> None:
    pictures = named(book["instruments"], "instrument", "pictures")
    then, person = (named(book["instruments"], "instrument", name) for name in ("pictures_then", "person"))

    assert (pictures["version"], pictures["eyes"], pictures["licence"]) == (1, "closed", "CC0-1.0")
    assert pictures["forms"] == {"a": ["shore"], "b": ["room"]}
    assert (then["then_of"], person["recall"]) == ("pictures", "7d")
    rows = {line["name"]: line for line in lines(book, "questionnaire")}
    page = as_markdown(book)
    for told in ("Eyes: closed", "Form a: shore", "What may be concluded: It tells how vivid you said it was."):
        assert told in rows["pictures"]["values"]
        assert told in page
    assert rows["pictures"]["source"].endswith("Licence: CC0-1.0")
    assert "Then-test of: pictures" in rows["pictures_then"]["values"]
    assert "Looks back on: 7d" in rows["person"]["values"]


def test_scores_have_weights_schemes_and_norms_with_their_marks(book: dict[str, Any]) -> None:
    scores = named(book["instruments"], "instrument", "pictures")["scores"]
    total, weighed = named(scores, "score", "total_high_is_vivid"), named(scores, "score", "weighed")

    assert weighed["weights"] == {"b1": 2}
    assert [(each["scheme"], each["version"], each["source"]) for each in total["schemes"]] == [
        ("strict", "1", "invented for the tests"),
        ("wide", "2024", "invented for the tests"),
    ]
    [norm] = total["norms"]
    assert (norm["selected"], norm["unverified"], norm["sd_after"], norm["practice_gain"]) == (True, True, 5, 0.5)
    assert norm["errors"] == [{"low": 4, "high": 8, "sem": 1}, {"low": 9, "high": 25, "sem": 2}]
    [line] = [
        line for line in lines(book, "score") if line["name"] == "total_high_is_vivid" and line["in"] == "pictures"
    ]
    assert line["source"] == (
        "nobody, for the tests: n 100, mean 12, sd 4, retest 0.8 over two weeks, sd at the second occasion 5, gain by "
        "practice 0.5, error of measurement 1 from 4 to 8, 2 from 9 to 25 (invented for the tests) "
        "[selected, unverified]"
    )
    assert "strict 1 (invented for the tests): floor = 4 to 5" in line["values"]
    assert line["source"] in as_markdown(book)


def test_outcomes_have_their_roles_and_the_baseline_is_named(book: dict[str, Any]) -> None:
    assert book["baseline"] == ["again", "first"]
    assert book["outcomes"][0] == {
        "outcome": "vividness",
        "role": "primary",
        "timepoint": "end",
        "instrument": "pictures",
        "score": "total_high_is_vivid",
    }
    assert [
        (line["name"], line["type"], line["description"], line["direction"]) for line in lines(book, "outcome")
    ] == [
        ("vividness", "primary", "pictures.total_high_is_vivid at end", "higher_is_more"),
        ("hope", "demand", "belief.expectancy at end", "higher_is_more"),
    ]
    assert [line["values"] for line in lines(book, "baseline")] == ["again; first"]
    page = as_markdown(book)
    assert "| vividness | primary | pictures.total_high_is_vivid at end | more |" in page
    assert "at which a person has the score: again, first." in page


def test_a_study_that_declares_none_of_it_has_no_empty_headings() -> None:
    book = codebook(world.publish(world.TINY, now=NOW).study)

    assert (book["baseline"], book["outcomes"]) == ([], [])
    assert "## Outcomes" not in as_markdown(book)
    assert "## Baseline" not in as_markdown(book)
    assert lines(book, "outcome") == lines(book, "baseline") == []


# --- the API's description -------------------------------------------------------------------------------------------


def test_rows_of_every_dataset_are_as_the_api_describes_them(version: StudyVersion) -> None:
    simulate(version=version, participants=12, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    for person in Enrolment.objects.filter(study=version.study)[:2]:
        ArmGuess.objects.create(enrolment=person, role="coach", guess="dont_know", made_at=NOW)
    document = Client().get("/api/v1/schema/").json()
    path = document["paths"]["/api/v1/studies/{slug}/datasets/{dataset}/"]["get"]
    page = path["responses"]["200"]["content"]["application/json"]["schema"]
    described = {each["title"]: each for each in page["properties"]["results"]["items"]["anyOf"]}
    program = caller(version.study)

    assert described.keys() == tables(version.study).keys()
    for dataset in tables(version.study):
        rows = program.rows(dataset)
        validator = Draft202012Validator({**described[dataset], "components": document["components"]})
        for row in rows:
            validator.validate(row)
    for dataset in ("responses", "scheme_bands", "judgements", "guesses"):
        assert program.rows(dataset), dataset


# --- the pages -------------------------------------------------------------------------------------------------------


def test_the_page_says_how_questionnaires_are_given_and_what_the_study_is_about(version: StudyVersion) -> None:
    browser = world.browser_of_staff(world.staff(version.study, "researcher"))
    page = browser.get("/studies/every-kind/codebook/").content.decode()

    for told in ("Eyes: closed", "What may be concluded: It tells how vivid", "pictures.total_high_is_vivid at end"):
        assert told in page
    assert "again; first" in page
    for part in ("questionnaire", "outcome", "baseline"):
        assert browser.get("/studies/every-kind/codebook/", {"part": part}).status_code == 200
