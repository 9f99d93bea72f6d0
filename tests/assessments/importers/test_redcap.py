"""What becomes of a data dictionary's fields, and what is said of the rest."""

from __future__ import annotations

from assessments.importers.drafts import problems
from assessments.importers.redcap import to_dictionary
from tests.assessments.importers.dictionaries import converted, items, losses, whens

OFTEN = "1, never | 2, sometimes | 3, always"


def test_a_form_becomes_an_instrument_that_the_checker_takes() -> None:
    found = converted({"name": "a", "form": "day"}, {"name": "b", "form": "night"})

    assert list(found.instruments) == ["day", "night"]
    assert [problems(instrument) for instrument in found.instruments.values()] == [[], []]
    assert found.instruments["day"]["scores"] == {}


def test_the_record_s_name_is_not_asked() -> None:
    assert [item["id"] for item in items({"name": "mood"})] == ["mood"]
    assert losses({"name": "mood"}, about="record_id") == ["lost: the record's name: people have pseudonyms here"]


def test_section_headers_become_sections_and_a_descriptive_field_their_lead() -> None:
    (instrument,) = converted(
        {"name": "a"},
        {"name": "b", "section": "The evening"},
        {"name": "intro", "type": "descriptive", "label": "<p>Think of <b>today</b>.</p><p>Take time.</p>"},
        {"name": "c"},
    ).instruments.values()

    assert [
        (s["id"], s.get("title"), s.get("lead"), [i["id"] for i in s["items"]]) for s in instrument["sections"]
    ] == [
        ("day", None, None, ["a"]),
        ("the_evening", "The evening", None, ["b"]),
        ("intro", None, "Think of today.\n\nTake time.", ["c"]),
    ]


def test_radio_codes_that_follow_each_other_make_a_scale_and_it_is_said() -> None:
    field = {"name": "calm", "type": "radio", "choices": OFTEN}

    (instrument,) = converted(field).instruments.values()

    assert instrument["scale"] == {
        "direction": "higher_is_more",
        "min": 1,
        "max": 3,
        "labels": {"1": "never", "2": "sometimes", "3": "always"},
    }
    assert instrument["sections"][0]["items"] == [{"id": "calm", "text": "Calm"}]
    assert losses(field, about="calm")[0].startswith("changed: its codes 1 to 3 follow each other: it is a scale")


def test_other_codes_are_choices_under_their_codes() -> None:
    (item,) = items({"name": "drink", "type": "radio", "choices": "1, tea, green | 2, water | 99, nothing"})

    assert item["type"] == "choice"
    assert item["choices"] == [
        {"id": "1", "text": "tea, green"},
        {"id": "2", "text": "water"},
        {"id": "99", "text": "nothing"},
    ]


def test_two_way_fields_count_their_one_and_their_nought() -> None:
    (item,) = items({"name": "slept", "type": "yesno"})

    assert item["choices"] == [{"id": "1", "text": "Yes", "score": 1}, {"id": "0", "text": "No", "score": 0}]


def test_the_words_of_two_way_fields_are_of_the_language() -> None:
    (instrument,) = converted({"name": "slept", "type": "yesno"}, language="de").instruments.values()

    assert [choice["text"] for choice in instrument["sections"][0]["items"][0]["choices"]] == ["Ja", "Nein"]


def test_a_checkbox_is_a_multi() -> None:
    (item,) = items({"name": "seen", "type": "checkbox", "choices": "x, a cup | y, a tree"})

    assert (item["type"], item["choices"]) == ("multi", [{"id": "x", "text": "a cup"}, {"id": "y", "text": "a tree"}])


def test_validation_makes_numbers_and_dates() -> None:
    assert items(
        {"name": "age", "validation": "integer", "min": "18", "max": "99"},
        {"name": "height", "validation": "number", "min": "0.5"},
        {"name": "born", "validation": "date_mdy", "min": "1900-01-31", "max": "12/31/2020"},
        {"name": "words"},
        {"name": "more", "type": "notes"},
    ) == [
        {"id": "age", "text": "Age", "type": "number", "min": 18, "max": 99, "step": 1},
        {"id": "height", "text": "Height", "type": "number", "min": 0.5},
        {"id": "born", "text": "Born", "type": "date", "min": "1900-01-31", "max": "2020-12-31"},
        {"id": "words", "text": "Words", "type": "text", "lines": "one"},
        {"id": "more", "text": "More", "type": "text"},
    ]


def test_a_slider_is_a_scale_with_labels_at_its_ends_and_its_middle() -> None:
    (instrument,) = converted({"name": "clear", "type": "slider", "choices": "not | so so | very"}).instruments.values()

    assert instrument["scale"]["labels"] == {"0": "not", "50": "so so", "100": "very"}
    assert (instrument["scale"]["min"], instrument["scale"]["max"]) == (0, 100)


def test_a_matrix_is_a_section_of_scale_items() -> None:
    matrix = {"type": "radio", "choices": "0, no | 1, yes", "matrix": "scenes"}
    (instrument,) = converted(
        {"name": "a"}, {"name": "b", "section": "Scenes", **matrix}, {"name": "c", **matrix}, {"name": "d"}
    ).instruments.values()

    assert [(s["id"], [i["id"] for i in s["items"]]) for s in instrument["sections"]] == [
        ("day", ["a"]),
        ("scenes", ["b", "c"]),
        ("day_2", ["d"]),
    ]
    assert (instrument["scale"]["min"], instrument["scale"]["max"]) == (0, 1)


def test_a_field_that_is_not_required_is_optional() -> None:
    assert [item.get("optional") for item in items({"name": "a"}, {"name": "b", "required": ""})] == [None, True]


def test_an_identifier_is_left_out_with_a_warning() -> None:
    (said,) = losses({"name": "a"}, {"name": "surname", "identifier": "y"}, about="surname")

    assert said.startswith("lost: the whole field: it is marked as an identifier")
    assert [item["id"] for item in items({"name": "a"}, {"name": "surname", "identifier": "y"})] == ["a"]


def test_every_cell_without_a_place_here_is_said() -> None:
    field = {
        "name": "a",
        "type": "dropdown",
        "choices": "1, <i>tea</i> | 5, water",
        "note": "one only",
        "validation": "autocomplete",
        "alignment": "RH",
        "number": "3b",
        "ranking": "y",
        "annotation": "@NONEOFTHEABOVE=5",
        "label": "What do you drink at [b]?",
    }

    assert losses(field, {"name": "b"}, about="a") == [
        "lost: Field Label: what is piped or embedded from 'b' stands there by its name",
        "changed: Field Note: it stands in parentheses after the label",
        "changed: Choices, Calculations, OR Slider Labels: its HTML is plain text here",
        "lost: Custom Alignment: 'RH'",
        "lost: Question Number (surveys only): '3b'",
        "lost: Matrix Ranking?: 'y'",
        "lost: Field Annotation: '@NONEOFTHEABOVE=5'",
        "lost: Text Validation Type OR Show Slider Number: 'autocomplete'",
    ]


def test_fields_that_nobody_answers_are_lost_by_name() -> None:
    fields = [
        {"name": "a"},
        {"name": "bmi", "type": "calc", "choices": "[a] * 2"},
        {"name": "scan", "type": "file"},
        {"name": "centre", "type": "sql", "choices": "select 1"},
    ]

    assert [item["id"] for item in items(*fields)] == ["a"]
    assert [len(losses(*fields, about=name)) for name in ("bmi", "scan", "centre")] == [1, 1, 1]


def test_long_names_keep_their_end_and_it_is_said() -> None:
    fields = [{"name": f"of_a_very_long_common_beginning_{n}"} for n in ("one", "two")]

    assert [item["id"] for item in items(*fields)] == ["common_beginning_one", "common_beginning_two"]
    assert losses(*fields, about=fields[0]["name"]) == [
        "changed: its id is 'common_beginning_one': ids have at most 24 characters"
    ]


# --- branching -----------------------------------------------------------------------------------------------------


def test_branching_logic_becomes_when() -> None:
    asked = [
        {"name": "sex", "type": "radio", "choices": "1, f | 5, m | 9, other"},
        {"name": "ill", "type": "checkbox", "choices": "1, eyes | 2, ears"},
        {"name": "age", "validation": "integer"},
        {"name": "born", "validation": "date_ymd"},
    ]
    logics = {
        "[sex] = '1'": "sex == 1",
        '[sex]="1" AND [ill(2)] = 1': "sex == 1 and ill == 2",
        "([sex] = '1' or [sex] = '9') and [age] >= 18": "(sex == 1 or sex == 9) and age >= 18",
        "[ill(1)] = '0'": "ill != 1",
        "[sex] <> '' and [sex] <> '5'": "sex != 5",
        "[age] <> ''": "age == 0 or age != 0",
        "'18' < [age]": "age > 18",
        "[sex] > 1": "sex != 1",
        "[sex] >= 9": "sex == 9",
        "[born] > '2000-01-31'": "born > 2000-01-31",
    }

    found = whens(*asked, *({"name": f"q{n}", "logic": logic} for n, logic in enumerate(logics)))

    assert found[len(asked) :] == list(logics.values())


def test_what_when_cannot_say_is_asked_of_everybody_and_said() -> None:
    asked = [{"name": "a"}, {"name": "n", "validation": "integer", "max": "10"}, {"name": "c", "type": "calc"}]
    reasons = {
        "[a] = ''": "asks whether 'a' has no answer",
        "datediff([a], 'today', 'y') > 3": "has 'datediff', a function",
        "[n] + 1 > 3": "more than comparisons",
        "[first_arm_1][a] = '1'": "another event",
        "[event-name] = 'x'": "a word of REDCap's own",
        "[late] = '1'": "comes later",
        "[c] > 2": "isn't asked here",
        "[n] > 10": "which no answer is",
        "[n] = 11": "can't be answered",
        "[a] > 'x'": "no order",
        "[n] = [a]": "two fields",
        "[other] = '1'": "of another form",
        "[day_complete] = 2": "whether a form is complete",
    }
    fields = [{"name": f"q{n}", "logic": logic} for n, logic in enumerate(reasons)]
    every = [*asked, *fields, {"name": "late"}, {"name": "other", "form": "night"}]

    instrument = converted(*every).instruments["day"]

    assert all("when" not in item for section in instrument["sections"] for item in section["items"])
    for field, reason in zip(fields, reasons.values(), strict=True):
        (said,) = losses(*every, about=field["name"])
        assert reason in said, field
        assert said.startswith("lost: ")
        assert said.endswith("it is asked of everybody")


def test_a_difference_that_redcap_also_sees_in_no_answer_is_said() -> None:
    asked = {"name": "sex", "type": "radio", "choices": "1, f | 5, m"}
    guarded = {"name": "q", "logic": "[sex] <> '' and [sex] <> '5'"}

    assert losses(asked, {"name": "q", "logic": "[sex] <> '5'"}, about="q") == [
        "changed: Branching Logic (Show field only if...): while sex has no answer REDCap asks it; here it isn't asked "
        "then"
    ]
    assert losses(asked, guarded, about="q") == []


def test_two_fields_that_exclude_each_other_are_no_circle() -> None:
    fields = [{"name": "a", "logic": "[b] = ''"}, {"name": "b", "logic": "[a] = ''"}]

    assert whens(*fields) == [None, None]


# --- the other way -------------------------------------------------------------------------------------------------


def test_what_a_dictionary_has_no_place_for_is_said_when_it_is_written() -> None:
    instrument = {
        "id": "full",
        "title": {"en": "Full", "de": "Voll"},
        "source": "made for the tests",
        "licence": "CC0-1.0",
        "recall": "7d",
        "eyes": "closed",
        "shuffle": "items",
        "interpretation": "Not much.",
        "scale": {"min": 1, "max": 5, "direction": "higher_is_less"},
        "sections": [
            {
                "id": "one",
                "title": "One",
                "items": [
                    {"id": "a", "text": "A", "reverse": True, "na": True},
                    {"id": "b", "text": "B", "catch": 2},
                    {"id": "c", "text": "C", "type": "choice", "choices": ["to sit", "to go"]},
                    {"id": "d", "text": "D", "type": "choice", "choices": [{"id": "x", "score": 3}]},
                    {"id": "e", "text": "E", "type": "number", "step": 0.5, "unit": "kg"},
                    {"id": "f", "text": "F", "type": "text", "longest": 80},
                    {"id": "g", "text": "G", "scale": {"min": 0, "max": 1, "step": 0.25}},
                ],
            }
        ],
        "scores": {"total": {"of": ["a"], "how": "sum"}},
        "bands": {"total": {"low": [1, 5]}},
        "norms": [{"score": "total"}],
    }

    _, found = to_dictionary({"full": instrument}, "en")

    assert {(loss.where, loss.what.partition(":")[0]) for loss in found} == {
        ("full", "title"),
        ("full", "source"),
        ("full", "licence"),
        ("full", "its texts in de"),
        ("full", "shuffle"),
        ("full", "eyes"),
        ("full", "recall"),
        ("full", "bands"),
        ("full", "norms"),
        ("full", "interpretation"),
        ("full", "direction"),
        ("full.total", "scores"),
        ("full.one", "the section's id"),
        ("full.a", "reverse"),
        ("full.a", "na"),
        ("full.b", "catch"),
        ("full.c", "choices"),
        ("full.d", "that the choice 'x' counts 3"),
        ("full.e", "step"),
        ("full.e", "unit"),
        ("full.f", "longest"),
        ("full.g", "scale"),
    }
