"""The datasets of answers and scores as they are handed over, and what a person may take along."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Answer
from assessments.said_tables import GUESSES, JUDGEMENTS, SCHEME_BANDS
from assessments.selectors import own_rows
from assessments.services import DECLINED, SKIPPED
from assessments.tables import RESPONSES, SCORES, TABLES
from coaching.models import Enrolment
from coaching.services import people
from config.tick import turn
from protocol.columns import Table
from tests import world
from tests.assessments.papers import DAY, MINUTE, T0, fill, give, scored, someone

RESPONSES_FIRST = [
    "participant",
    "study",
    "arm",
    "timepoint",
    "instrument",
    "instrument_version",
    "item",
    "value",
    "status",
    "answered_at",
    "response_time_ms",
    "changes",
    "position",
    "language",
]
SCORES_FIRST = [
    "participant",
    "study",
    "arm",
    "timepoint",
    "instrument",
    "instrument_version",
    "score",
    "value",
    "items_answered",
    "items_missing",
    "prorated",
    "band",
    "change",
    "reliable_change",
    "reliable_change_verdict",
]


def _rows(table: Table, study: Any) -> list[dict[str, Any]]:
    rows = table.queryset(study).values_list(*(column.expression for column in table.columns))
    return [dict(zip((column.name for column in table.columns), row, strict=True)) for row in rows]


def _of(rows: list[dict[str, Any]], **about: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if about.items() <= row.items()]
    return found


@pytest.fixture
def person(db: None) -> Enrolment:
    """Somebody who filled in the first questionnaire, missed the second, and began the third."""
    person = someone()
    fill(person, 2, 4, SKIPPED, at=T0 + MINUTE)
    give(person, 1, 40, instrument="wide", response_time_ms=900)
    give(person, 1, 41, instrument="wide", response_time_ms=1200, at=T0 + MINUTE)
    turn(now=T0 + 11 * DAY)
    fill(person, 5, DECLINED, 4, at=T0 + 14 * DAY, step="third")
    return person


OF_SCORE = ["participant", "study", "arm", "timepoint", "instrument", "instrument_version", "score", "value"]
SCHEME_BANDS_FIRST = [*OF_SCORE, "scheme", "scheme_version", "band"]
JUDGEMENTS_FIRST = [*OF_SCORE, "change", "method", "reference"]
GUESSES_FIRST = ["participant", "study", "arm", "role", "guess", "confidence", "reason", "made_at"]


@pytest.mark.parametrize(
    ("table", "first"),
    [
        (RESPONSES, [*RESPONSES_FIRST, "synthetic", "form", "eyes", "imported"]),
        (SCORES, [*SCORES_FIRST, "synthetic", "scored_at", "direction", "form"]),
        (SCHEME_BANDS, SCHEME_BANDS_FIRST),
        (JUDGEMENTS, JUDGEMENTS_FIRST),
        (GUESSES, GUESSES_FIRST),
    ],
)
def test_the_first_columns_and_their_order_are_a_promise(table: Table, first: list[str]) -> None:
    assert [column.name for column in table.columns][: len(first)] == first


def test_a_judgement_holds_its_figures_and_what_it_says() -> None:
    names = {column.name for column in JUDGEMENTS.columns}
    assert names >= {"standard_error", "index", "threshold", "verdict", "one_sided", "refused", "expected"}


@pytest.mark.parametrize("table", [*TABLES, SCHEME_BANDS, JUDGEMENTS, GUESSES])
def test_every_column_is_described_and_filters_name_columns(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert table.time is None or table.time in names
    assert set(table.filters.values()) <= set(names)
    for column in table.columns:
        assert column.means.endswith("."), column.name
        assert len(column.means.split()) > 2, column.name
        assert not column.nullable or "mpty" in column.means, column.name


@pytest.mark.parametrize("table", TABLES)
def test_only_columns_that_may_be_empty_are(person: Enrolment, table: Table) -> None:
    rows = _rows(table, person.study)
    assert rows
    for column in table.columns:
        values = {row[column.name] for row in rows}
        assert column.nullable or not values & {None, ""}, column.name
        assert "" not in values, column.name
        assert not column.levels or values <= {*column.levels, None}, column.name


def test_a_response_is_as_it_was_chosen(person: Enrolment) -> None:
    rows = _rows(RESPONSES, person.study)
    assert _of(rows, timepoint="first", item="fog") == {
        "participant": person.pseudonym,
        "study": "papers",
        "arm": None,
        "timepoint": "first",
        "instrument": "short",
        "instrument_version": 1,
        "item": "fog",
        "value": 4,  # reversed in scoring, not here
        "status": "answered",
        "answered_at": T0 + MINUTE,
        "response_time_ms": None,
        "changes": 0,
        "position": 2,
        "language": "en",
        "synthetic": False,
        "form": None,
        "eyes": None,
        "imported": False,
    }
    changed = _of(rows, timepoint="first", item="line")
    assert (changed["value"], changed["changes"], changed["response_time_ms"]) == (41, 1, 1200)


def test_each_kind_of_missing_is_its_own(person: Enrolment) -> None:
    rows = _rows(RESPONSES, person.study)
    for about, status in (
        ({"timepoint": "first", "item": "birds"}, "skipped"),
        ({"timepoint": "second", "item": "path"}, "not_reached"),
        ({"timepoint": "third", "item": "fog"}, "declined"),
    ):
        row = _of(rows, **about)
        assert (row["status"], row["value"]) == (status, None)
    never = _of(rows, timepoint="second", item="path")
    assert (never["answered_at"], never["language"], never["response_time_ms"]) == (None, None, None)
    assert not [row for row in rows if row["timepoint"] == "third" and row["instrument"] == "wide"]  # not begun, open


def test_a_score_is_one_row_once_its_questionnaire_is_over(person: Enrolment) -> None:
    rows = _rows(SCORES, person.study)
    places = [(row["timepoint"], row["instrument"], row["score"]) for row in rows]
    assert sorted(places) == [
        ("first", "short", "total"),
        ("first", "short", "walk"),
        ("second", "short", "total"),
        ("second", "short", "walk"),
        ("third", "short", "total"),
        ("third", "short", "walk"),
    ]
    first, second, third = (_of(rows, timepoint=step, score="total") for step in ("first", "second", "third"))
    assert (first["value"], first["prorated"], first["band"], first["change"]) == (6, True, "low", None)
    assert (second["value"], second["items_answered"], second["items_missing"]) == (None, 0, 3)
    assert (second["band"], second["change"], second["reliable_change_verdict"]) == (None, None, None)
    assert (third["value"], third["change"], third["reliable_change"]) == (13.5, 7.5, 3.75)
    assert (third["reliable_change_verdict"], third["band"]) == ("increased", "high")
    assert (first["scored_at"], third["scored_at"]) == (T0 + MINUTE, T0 + 14 * DAY)
    assert {(row["direction"], row["form"]) for row in rows} == {("higher_is_more", None)}


@pytest.mark.django_db
def test_the_arm_is_empty_until_allocation_and_then_on_every_row() -> None:
    person = world.consented(world.example(), T0)
    for position in (1, 2, 3):
        give(person, position, 5, step="baseline", instrument="scenes_4")
    assert {row["arm"] for row in _rows(RESPONSES, person.study)} == {None}
    give(person, 4, 5, step="baseline", instrument="scenes_4")
    arm = world.fresh(person).arm
    assert arm
    assert {row["arm"] for table in TABLES for row in _rows(table, person.study)} == {arm}


def test_rows_are_those_of_one_study_without_erased_people_and_in_order(person: Enrolment) -> None:
    gone, other = someone(), world.consented(world.tiny(now=T0), T0)
    fill(gone, 1, 1, 1)
    give(other, 1, 2, step="first", instrument="one")
    assert [row["participant"] for row in _rows(RESPONSES, other.study)] == [other.pseudonym]
    Enrolment.objects.filter(pk=gone.pk).update(erased_at=T0)
    for table in TABLES:
        assert {row["participant"] for row in _rows(table, person.study)} == {person.pseudonym}
        keys = list(table.queryset(person.study).values_list("pk", flat=True))
        assert keys == sorted(keys)
        assert keys == list(table.queryset(person.study_id).values_list("pk", flat=True))


# --- what a person may take along ------------------------------------------------------------------------------------


def test_a_persons_own_rows_hold_every_answer_its_history_and_every_score(person: Enrolment) -> None:
    other = someone()
    fill(other, 1, 1, 1)
    own = own_rows(person)
    assert list(own) == ["questionnaires", "answers", "earlier_answers", "scores"]
    assert len(own["answers"]) == Answer.objects.filter(administration__occasion__enrolment=person).count() == 10
    answer = _of(own["answers"], timepoint="third", item="path")
    assert (answer["question"], answer["value"], answer["meaning"]) == ("The path before you", 5, "All of it")
    (earlier,) = own["earlier_answers"]
    assert (earlier["item"], earlier["value"], earlier["replaced_at"]) == ("line", 40, T0 + MINUTE)
    assert _of(own["scores"], timepoint="third", score="total")["value"] == scored(person, step="third").value
    assert [(row["timepoint"], row["instrument"]) for row in own["questionnaires"]] == [
        ("first", "short"),
        ("first", "wide"),
        ("second", "short"),
        ("third", "short"),
        ("third", "wide"),
    ]
    for rows in own.values():
        assert all(row.keys() == rows[0].keys() for row in rows)
        plain = (str, int, float, type(None), type(T0))
        assert all(isinstance(value, plain) for row in rows for value in row.values())


@pytest.mark.django_db
def test_own_rows_are_in_the_language_that_was_read_and_for_anybody() -> None:
    german = someone(language="de")
    turn(now=T0 + 11 * DAY)
    (row, *_) = own_rows(german)["answers"]
    assert (row["question"], row["status"]) == ("Der Weg vor Ihnen", "not_reached")
    invited, _ = world.invited(german.study, now=T0)
    assert own_rows(invited) == {"questionnaires": [], "answers": [], "earlier_answers": [], "scores": []}
    people.withdraw(enrolment=german, choice="keep", by="participant", now=T0)
    assert own_rows(german)["answers"]
