"""A file that is no data dictionary: row and column are named, and nothing is imported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.importers.redcap import from_dictionary
from tests.assessments.importers.dictionaries import dictionary, faults

CHOICES = "Choices, Calculations, OR Slider Labels"
LOGIC = "Branching Logic (Show field only if...)"
GOOD = dictionary({"name": "a"})


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            b"\xef\xbb\xbf" + GOOD,
            "row 1, column 1: begins with a UTF-8 byte order mark; expected plain UTF-8 without one",
        ),
        (
            GOOD.decode().encode("utf-16"),
            "row 1, column 1: begins with a UTF-16 byte order mark; expected plain UTF-8 without one",
        ),
        (
            dictionary({"name": "a"}, {"name": "b", "label": "Gr\u00f6\u00dfe"}).decode().encode("latin-1"),
            "row 4, column Field Label: holds the byte 0xf6, which is not UTF-8 (in Latin-1 it is 'ö')",
        ),
        (
            dictionary({"name": "a", "label": "A\x07"}),
            "row 3, column Field Label: holds the control character U+0007; expected text",
        ),
        (
            GOOD.replace(b",", b";"),
            "row 1: has 1 columns; expected 18; the cells are divided by something else than commas",
        ),
        (
            b"field_name,form_name\r\n",
            "row 1: has 2 columns; expected 18; this is the API's export: download the data dictionary from the "
            "project's page",
        ),
        (b",".join([b"x"] * 5000), "row 1: has 5,000 columns; expected 18"),
        (b"", "row 1: has 0 columns; expected 18"),
        (GOOD.replace(b"Field Type", b"Kind"), "row 1, column 4: is 'Kind'; expected 'Field Type'"),
        (GOOD + b"b,day\r\n", "row 4: has 2 cells; expected 18"),
        (GOOD.splitlines(keepends=True)[0], "row 2: the file has no fields"),
        (
            GOOD + b'"b,day',
            "line 4: can't be read as comma-separated values: unexpected end of data; expected cells in quotes, "
            "quotes in them doubled",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_file_that_is_no_dictionary_is_refused(content: bytes, fault: str) -> None:
    assert faults(content)[0] == fault


@pytest.mark.parametrize(
    ("field", "column", "fault"),
    [
        ({"name": "B"}, "Variable / Field Name", "is 'B'; expected a small letter, then"),
        ({"name": "a"}, "Variable / Field Name", "is 'a' again, the name of row 3"),
        ({"name": "b", "form": ""}, "Form Name", "is empty; expected the name of the form"),
        ({"name": "b", "type": "select"}, "Field Type", "is 'select'; expected text, notes, radio"),
        (
            {"name": "b", "type": "radio", "choices": "1 yes | 2, no"},
            CHOICES,
            "holds '1 yes' as choice 1; expected a code, a comma and a label",
        ),
        (
            {"name": "b", "type": "radio", "choices": "1, yes | 1, no"},
            CHOICES,
            "has the code '1' twice; expected each code once",
        ),
        ({"name": "b", "type": "radio", "choices": "1, yes | "}, CHOICES, "holds '' as choice 2"),
        ({"name": "b", "type": "dropdown"}, CHOICES, "is empty; expected choices such as"),
        (
            {"name": "b", "validation": "integer", "min": "n/a"},
            "Text Validation Min",
            "is 'n/a'; expected a number such as 3 or -0.5",
        ),
        (
            {"name": "b", "validation": "number", "min": "5", "max": "1"},
            "Text Validation Max",
            "is 1; expected more than",
        ),
        (
            {"name": "b", "validation": "date_ymd", "max": "2026-02-30"},
            "Text Validation Max",
            "is '2026-02-30'; expected",
        ),
        (
            {"name": "b", "type": "slider", "max": "0.5"},
            "Text Validation Max",
            "is 0.5; expected a whole number above 0",
        ),
        ({"name": "b", "logic": "[nobody] = '1'"}, LOGIC, "names 'nobody'; expected a field of this dictionary"),
        ({"name": "b", "logic": "[b] = '1'"}, LOGIC, "leads in a circle: b -> b"),
        ({"name": "b", "logic": "([a] = '1'"}, LOGIC, "has nothing more where a closing parenthesis was expected"),
        ({"name": "b", "logic": "[a] = '1' and"}, LOGIC, "has nothing more where a field or a value was expected"),
        ({"name": "b", "logic": "[a] = '1"}, LOGIC, "has ' at \"'1\" that is never closed"),
    ],
)
def test_a_cell_that_is_wrong_is_named(field: dict[str, str], column: str, fault: str) -> None:
    found = faults(dictionary({"name": "a"}, field))

    assert found[0].startswith(f"row 4, column {column}: {fault}")


def test_a_circle_over_several_fields_is_told_as_it_runs() -> None:
    fields = [{"name": name, "logic": f"[{other}] = '1'"} for name, other in (("a", "b"), ("b", "c"), ("c", "a"))]

    assert faults(dictionary(*fields)) == [f"row 3, column {LOGIC}: leads in a circle: a -> b -> c -> a"]


def test_the_rows_of_a_form_stand_together() -> None:
    content = dictionary({"name": "a"}, {"name": "b", "form": "night"}, {"name": "c"})

    assert faults(content) == [
        "row 5, column Form Name: is 'day' again; expected the rows of a form one after the other"
    ]


def test_too_many_fields_are_refused() -> None:
    assert faults(dictionary(*({"name": f"q{n}"} for n in range(2_001)))) == [
        "row 2002: the file has more than 2,000 fields"
    ]


def test_all_faults_are_told_at_once() -> None:
    content = dictionary(
        {"name": "a", "type": "radio", "choices": "x"},
        {"name": "b", "validation": "number", "min": "x"},
        {"name": "c", "logic": "[d] = 1"},
    )

    assert [fault.partition(",")[0] for fault in faults(content)] == ["row 3", "row 4", "row 5"]


def test_a_dictionary_without_a_question_is_refused() -> None:
    assert faults(dictionary({"name": "a", "type": "file"})) == ["the file: has no field that can be asked"]


@given(st.data())
def test_whatever_the_bytes_are_it_converts_or_says_why(data: st.DataObject) -> None:
    good = dictionary({"name": "a", "type": "radio", "choices": "1, x | 2, y"}, {"name": "b", "logic": "[a] = '1'"})
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)))
    content = good[:start] + data.draw(st.binary(max_size=8)) + good[end:]

    assert faults(content) or from_dictionary(content, "en").instruments
