"""An instrument written as a data dictionary and read again asks the same, but for what was reported."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from assessments.importers.branching import Answers
from assessments.importers.declared import Question, questions
from assessments.importers.redcap import from_dictionary, to_dictionary
from assessments.importers.redcap.rows import COLUMNS, NAME
from tests.assessments.importers.made import Json, answers_to, instruments, is_asked, some


def through(instrument: Json) -> Json:
    dictionary, _ = to_dictionary({instrument["id"]: instrument}, "en")
    return from_dictionary(dictionary, "en").instruments[instrument["id"]]


def asked(question: Question) -> tuple[object, ...]:
    """How a question is answered, in one form whatever the file's."""
    scale = question.scale
    return (
        question.id,
        question.text,
        question.type,
        [(choice.id, choice.text) for choice in question.choices],
        (scale.min, scale.max, scale.step, dict(scale.labels)) if scale else question.bounds,
        question.of.get("optional", False),
        question.of.get("lines", "many"),
    )


@some
@given(instruments(), st.data())
def test_choices_ends_and_branching_come_back(instrument: Json, data: st.DataObject) -> None:
    given_answers = {question.id: data.draw(answers_to(Answers.of(question))) for question in questions(instrument)}

    for before, after in zip(questions(instrument), questions(through(instrument)), strict=True):
        assert asked(after) == asked(before)
        assert is_asked(after, given_answers) == is_asked(before, given_answers)


@some
@given(instruments())
def test_sections_come_back_by_their_marks(instrument: Json) -> None:
    def shape(of: Json) -> list[tuple[object, ...]]:
        return [(s.get("title"), s.get("lead"), [i["id"] for i in s["items"]]) for s in of["sections"]]

    assert shape(through(instrument)) == shape(instrument)


@some
@given(instruments(), instruments(id="other"))
def test_a_dictionary_has_eighteen_columns_and_each_name_once(one: Json, other: Json) -> None:
    dictionary, _ = to_dictionary({"made": one, "other": other}, "en")

    header, *rows = csv.reader(io.StringIO(dictionary.decode("utf-8"), newline=""))

    names = [row[header.index(NAME)] for row in rows]
    assert tuple(header) == COLUMNS
    assert {len(row) for row in rows} == {18}
    assert names[0] == "record_id"
    assert len(set(names)) == len(names)
    assert all(name == name.lower() for name in names)
