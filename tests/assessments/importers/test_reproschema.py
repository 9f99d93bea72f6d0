"""Files of a ReproSchema protocol: what its own package takes, what comes back, and what is said of the rest."""

from __future__ import annotations

import csv
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import yaml
from fhir.resources.questionnaire import Questionnaire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reproschema.redcap2reproschema import redcap2reproschema
from reproschema.reproschema2fhir import convert_to_fhir
from reproschema.reproschema2redcap import reproschema2redcap

from assessments.importers.branching import Answers
from assessments.importers.declared import Question, questions
from assessments.importers.drafts import problems
from assessments.importers.losses import Converted, ImportFaults
from assessments.importers.redcap import to_dictionary
from assessments.importers.redcap.rows import COLUMNS
from assessments.importers.reproschema import from_reproschema, to_reproschema
from tests.assessments.importers.made import (
    LANGUAGES,
    Json,
    answers_to,
    instruments,
    is_asked,
    put_something_else,
    some,
)
from tests.assessments.importers.reproschema_world import are_valid, read, world, write

__all__ = ["world"]

with_world = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def exported(instrument: Json) -> dict[str, Json]:
    files, _ = to_reproschema(
        {instrument["id"]: instrument}, protocol="study", title="A study", version="3", languages=LANGUAGES
    )
    return files


def as_bytes(files: dict[str, Json]) -> dict[str, bytes]:
    return {path: json.dumps(document).encode("utf-8") for path, document in files.items()}


def through(instrument: Json) -> Json:
    return from_reproschema(as_bytes(exported(instrument)), "en").instruments[instrument["id"]]


@with_world
@given(instrument=instruments(several=True, scores=True), n=st.uuids())
def test_the_package_s_own_validator_takes_each_file(world: Path, instrument: Json, n: object) -> None:
    folder = world / str(n)

    write(exported(instrument), folder)

    assert are_valid(folder)


def test_the_validator_refuses_what_is_no_item(world: Path) -> None:
    files = exported(PLAIN)
    files["activities/day/items/a"]["ui"]["inputKind"] = "radio"
    write(files, world)

    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        are_valid(world)


@some
@given(instruments(several=True), st.data())
def test_items_choices_ends_and_branching_come_back(instrument: Json, data: st.DataObject) -> None:
    found = through(instrument)
    given_answers = {question.id: data.draw(answers_to(Answers.of(question))) for question in questions(instrument)}

    assert problems(found) == []
    for before, after in zip(questions(instrument), questions(found), strict=True):
        assert asked(after) == asked(before)
        assert is_asked(after, given_answers) == is_asked(before, given_answers)


def asked(question: Question) -> tuple[Any, ...]:
    """How a question is answered, in one form whatever the file's."""
    scale = question.scale
    points = [(point, in_all(text)) for point, text in scale.labels.items()] if scale else []
    return (
        question.id,
        in_all(question.text),
        question.type,
        [(choice.id, in_all(choice.text)) for choice in question.choices],
        (scale.min, scale.max, scale.step, points) if scale else (),
        question.bounds if question.type == "number" else (),
        question.of.get("optional", False),
    )


def in_all(text: str | Json) -> Json:
    return {language: text if isinstance(text, str) else text[language] for language in LANGUAGES}


PLAIN: Json = {
    "id": "day",
    "title": "Day",
    "source": "made for the tests",
    "licence": "CC0-1.0",
    "recall": "7d",
    "shuffle": "items",
    "scale": {"min": 1, "max": 5, "direction": "higher_is_less", "labels": {"1": "clear", "5": "nothing"}},
    "sections": [
        {
            "id": "one",
            "title": "One",
            "lead": "Think.",
            "items": [
                {"id": "a", "text": "A", "reverse": True},
                {"id": "b", "text": "B", "type": "multi", "choices": ["x", "y z"]},
                {"id": "c", "text": "C", "type": "number", "min": 0, "step": 0.5},
                {"id": "d", "text": "D", "when": "b == x and a > 3"},
                {"id": "e", "text": "E", "when": 'b == "y z"', "optional": True},
                {"id": "f", "text": "F", "type": "date", "min": "2020-01-31"},
                {"id": "g", "text": "G", "type": "choice", "choices": [{"id": "x", "text": "X", "score": 2}]},
                {"id": "h", "text": "H", "scale": {"min": 0, "max": 100, "labels": {"0": "no", "100": "all"}}},
            ],
        },
        {"id": "two", "items": [{"id": "i", "text": "I", "type": "text"}]},
    ],
    "scores": {
        "total": {"of": ["a", "d"], "how": "sum", "direction": "higher_is_more"},
        "middle": {"of": ["a", "d"], "how": "mean", "weights": {"d": 2}},
        "counts": {"of": ["g"], "how": "sum"},
    },
}


def test_scores_are_reckoned_by_javascript_where_they_can_be() -> None:
    files, losses = to_reproschema({"day": PLAIN}, protocol="s", title="S", version="1", languages=["en"])

    assert files["activities/day/day_schema"]["compute"] == [
        {"variableName": "total", "jsExpression": "a + (6 - d)"},
        {"variableName": "middle", "jsExpression": "((6 - a) + 2 * d) / 3"},
    ]
    assert "day.counts" in {loss.where for loss in losses if loss.severity == "lost"}


def test_what_an_activity_has_no_place_for_is_said_when_it_is_written() -> None:
    _, losses = to_reproschema({"day": PLAIN}, protocol="s", title="S", version="1", languages=["en"])

    assert {(loss.where, loss.what.partition(":")[0]) for loss in losses} == {
        ("day", "licence"),
        ("day", "shuffle"),
        ("day", "recall"),
        ("day", "direction"),
        ("day.one", "section"),
        ("day.two", "section"),
        ("day.total", "scores"),
        ("day.middle", "scores"),
        ("day.counts", "scores"),
        ("day.a", "reverse"),
        ("day.c", "step"),
        ("day.e", "when"),
        ("day.f", "min"),
        ("day.g", "that the choice 'x' counts 2"),
        ("day.i", "lines"),
    }


# --- from elsewhere ------------------------------------------------------------------------------------------------


def activity(items: dict[str, Json], properties: dict[str, Json] | None = None, **more: Any) -> dict[str, bytes]:
    """The files of one activity."""
    files: dict[str, Json] = {
        "day/day_schema": {
            "category": "reproschema:Activity",
            "id": "day_schema",
            "prefLabel": {"en": "Day"},
            "ui": {
                "order": [f"items/{id}" for id in items],
                "addProperties": [
                    {"isAbout": f"items/{id}", "variableName": id, "isVis": True, "valueRequired": True}
                    | (properties or {}).get(id, {})
                    for id in items
                ],
            },
            **more,
        }
    }
    for id, item in items.items():
        files[f"day/items/{id}"] = {"category": "reproschema:Item", "id": id, "question": {"en": id.upper()}} | item
    return as_bytes(files)


def radio(*values: Any, **more: Any) -> Json:
    choices = [{"name": {"en": f"is {value}"}, "value": value} for value in values]
    return {"ui": {"inputType": "radio"}, "responseOptions": {"choices": choices, **more}}


def shown(input_type: str, **options: Any) -> Json:
    return {"ui": {"inputType": input_type}, "responseOptions": options}


def items_of(found: Converted) -> list[Json]:
    (instrument,) = found.instruments.values()
    assert problems(instrument) == []
    return [item for section in instrument["sections"] for item in section["items"]]


def said(found: Converted, about: str) -> list[str]:
    return [f"{loss.severity}: {loss.what}" for loss in found.losses if loss.where == about]


def test_each_input_type_becomes_its_own() -> None:
    found = from_reproschema(
        activity(
            {
                "a": radio(1, 2, 3),
                "b": radio("x", "y"),
                "c": radio("x", "y", multipleChoice=True),
                "d": shown("slider", minValue=0, maxValue=10),
                "e": shown("number", minValue=1, maxValue=9),
                "f": shown("float"),
                "g": shown("date"),
                "h": shown("text"),
                "i": shown("email"),
            }
        )
    )

    items = items_of(found)
    assert [item.get("type", "scale") for item in items] == [
        "scale", "choice", "multi", "scale", "number", "number", "date", "text", "text",
    ]  # fmt: skip
    assert items[3]["scale"] == {"min": 0, "max": 10}
    assert (items[4]["min"], items[4]["max"], items[4]["step"]) == (1, 9, 1)
    assert said(found, "i") == ["changed: inputType email: it is answered in words"]


def test_preambles_make_sections_and_static_items_lead_them() -> None:
    found = from_reproschema(
        activity(
            {
                "a": shown("text") | {"preamble": {"en": "The last week"}},
                "b": shown("text") | {"preamble": {"en": "The last week"}},
                "say": shown("static") | {"question": {"en": "Now think.\n\nTake time."}},
                "c": shown("text"),
            },
            preamble={"en": "About you"},
        )
    )

    (instrument,) = found.instruments.values()
    assert instrument["about"] == "About you"
    assert [(s.get("title"), s.get("lead"), [i["id"] for i in s["items"]]) for s in instrument["sections"]] == [
        ("The last week", None, ["a", "b"]),
        (None, "Now think.\n\nTake time.", ["c"]),
    ]


def test_what_is_visible_becomes_when() -> None:
    visible = {
        "c": "a == 1 && (b___x == 1 || n > 3)",
        "d": "a === 2",
        "e": "a.includes('x')",
        "f": "late == 1",
        "g": "a != ''",
    }
    given = {"a": radio(1, 2, 3), "b": radio("x", "y", multipleChoice=True), "n": shown("number")}
    every = given | {id: shown("text") for id in visible} | {"late": shown("number")}
    found = from_reproschema(activity(every, {id: {"isVis": js} for id, js in visible.items()}))

    assert {item["id"]: item["when"] for item in items_of(found) if "when" in item} == {
        "c": "a == 1 and (b == x or n > 3)",
        "d": "a == 2",
        "g": "a == 1 or a != 1",
    }
    assert [len(said(found, id)) for id in ("e", "f")] == [1, 1]


def test_what_has_no_place_here_is_said() -> None:
    found = from_reproschema(
        activity(
            {
                "a": radio(1, 2) | {"audio": "a.mp3", "additionalNotesObj": [{"source": "redcap"}]},
                "b": shown("audioRecord"),
                "c": shown("number") | {"ui": {"inputType": "number", "readonlyValue": True}},
                "total": shown("number"),
                "e": shown("text"),
            },
            {"a": {"limit": "P2D"}, "e": {"isVis": False}},
            compute=[{"variableName": "total", "jsExpression": "a + 1"}],
            messages=[{"message": {"en": "Hm"}}],
        )
    )

    assert [item["id"] for item in items_of(found)] == ["a"]
    assert said(found, "day/day_schema")[0].startswith("lost: messages: ")
    assert [one.partition(":")[2].partition(":")[0].strip() for one in said(found, "a")][:3] == [
        "limit",
        "audio",
        "additionalNotesObj",
    ]
    assert [said(found, id)[-1].startswith("lost: the whole item") for id in ("b", "c", "total", "e")] == [True] * 4


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"a.txt": b"x"}, "the files: hold no activity; expected a document of category reproschema:Activity"),
        ({"day_schema": b'{"a":'}, "day_schema, line 1, column 6: is no JSON: Expecting value"),
        (
            {"day/day_schema": b'{"category": "reproschema:Activity", "ui": {"order": ["items/a"]}}'},
            "day/day_schema, column order: names 'items/a'; expected an item among the files, at day/items/a",
        ),
        (
            {"day_schema": b'{"category": "reproschema:Activity"}'},
            "day_schema, column order: has no items; expected their paths",
        ),
        (activity({"a": shown("save")}), "the files: have no question that can be asked"),
    ],
    ids=range(5),
)
def test_files_that_are_no_activity_are_refused(files: dict[str, bytes], fault: str) -> None:
    with pytest.raises(ImportFaults) as refused:
        from_reproschema(files)

    assert str(refused.value.faults[0]) == fault


def test_an_end_that_is_no_number_is_said() -> None:
    found = from_reproschema(activity({"a": shown("number", minValue=1, maxValue=float("nan"))}))

    assert (items_of(found)[0]["min"], said(found, "a")) == (1, ["lost: maxValue: 'NaN' is no number"])


@some
@given(st.data())
def test_whatever_stands_in_them_they_convert_or_say_why(data: st.DataObject) -> None:
    files = exported(PLAIN)
    put_something_else(data, files[data.draw(st.sampled_from([path for path in files if "activities" in path]))])

    try:
        found = from_reproschema(as_bytes(files))
    except ImportFaults as refused:
        assert str(refused)  # noqa: PT017 - either is right
    else:
        assert found.instruments


# --- the package's own converters ----------------------------------------------------------------------------------


def test_a_dictionary_of_ours_goes_through_the_package_s_converter_and_comes_back(world: Path) -> None:
    dictionary, _ = to_dictionary({"day": PLAIN}, "en")
    (world / "dictionary.csv").write_bytes(dictionary)
    (world / "config.yaml").write_text(
        yaml.safe_dump({"protocol_name": "s", "protocol_display_name": "S", "source_version": "1"}), encoding="utf-8"
    )

    redcap2reproschema(str(world / "dictionary.csv"), str(world / "config.yaml"), str(world / "made"))

    folder = next(path.parent for path in (world / "made").rglob("activities"))
    assert are_valid(folder)
    items = {item["id"]: item for item in items_of(from_reproschema(read(folder)))}
    assert {id: item.get("type", "scale") for id, item in items.items()} == {
        "a": "scale", "b": "multi", "c": "number", "d": "scale", "e": "scale", "f": "date", "g": "choice", "h": "scale",
        "i": "text", "record_id": "text",
    }  # fmt: skip
    assert items["d"]["when"] == "b == 1 and a > 3"


def test_files_of_ours_go_through_the_package_s_converter_to_redcap(world: Path) -> None:
    write(exported(PLAIN), world)

    reproschema2redcap(world, world / "dictionary.csv")

    with (world / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert [row[0] for row in rows][:4] == ["a", "b", "c", "d"]


def test_files_of_ours_go_through_the_package_s_converter_to_fhir() -> None:
    files = exported(PLAIN)
    of_activity = OrderedDict(
        (path.removeprefix("activities/day/"), document) for path, document in files.items() if "activities" in path
    )

    resource = convert_to_fhir(of_activity)

    assert Questionnaire.model_validate(resource)
    assert [item["linkId"] for item in resource["item"]] == list("abcdefghi")
