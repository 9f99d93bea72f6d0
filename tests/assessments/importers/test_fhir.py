"""What becomes of a FHIR Questionnaire's items, and what is said of the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given
from hypothesis import strategies as st

from assessments.importers.drafts import problems
from assessments.importers.fhir import Given, Scored, Sitting, from_questionnaire, to_observations, to_questionnaire
from assessments.importers.fhir import to_response as response_to
from assessments.importers.losses import Converted, ImportFaults
from tests.assessments.importers.made import Json, put_something_else, some

BASE = "http://hl7.org/fhir/StructureDefinition/"
CONTROL = {"system": "http://hl7.org/fhir/questionnaire-item-control"}


def questionnaire(*items: Json, **more: Any) -> bytes:
    resource = {"resourceType": "Questionnaire", "status": "active", "name": "Day", "title": "Day", "item": [*items]}
    return json.dumps(resource | more).encode("utf-8")


def converted(*items: Json, **more: Any) -> Converted:
    content = questionnaire(*items, **more)
    assert Questionnaire.model_validate_json(content)  # what is read here is what FHIR's models take
    return from_questionnaire(content)


def only(found: Converted) -> Json:
    (instrument,) = found.instruments.values()
    assert problems(instrument) == []
    return instrument


def items(*given: Json, **more: Any) -> list[Json]:
    return [item for section in only(converted(*given, **more))["sections"] for item in section["items"]]


def said(found: Converted, about: str) -> list[str]:
    return [f"{loss.severity}: {loss.what}" for loss in found.losses if loss.where.removeprefix("linkId ") == about]


def extension(name: str, **value: Any) -> Json:
    return {"url": f"{BASE}{name}", **value}


def asked(link: str, type: str = "boolean", **more: Any) -> Json:
    return {"linkId": link, "type": type, "text": link.capitalize(), "required": True, **more}


def option(code: str, ordinal: float | None = None) -> Json:
    ordered = {} if ordinal is None else {"extension": [extension("ordinalValue", valueDecimal=ordinal)]}
    return {"valueCoding": {"code": code, "display": code.capitalize()}, **ordered}


def test_groups_become_sections_and_what_is_displayed_leads_them() -> None:
    found = only(
        converted(
            {"linkId": "hello", "type": "display", "text": "Welcome."},
            {
                "linkId": "outer",
                "type": "group",
                "text": "The outer part",
                "item": [
                    {"linkId": "outer.say", "type": "display", "text": "Think of today."},
                    asked("a"),
                    {"linkId": "inner", "type": "group", "text": "The inner part", "item": [asked("b")]},
                    asked("c"),
                ],
            },
            asked("d"),
        )
    )

    assert found["about"] == "Welcome."
    assert [(s["id"], s.get("title"), s.get("lead"), [i["id"] for i in s["items"]]) for s in found["sections"]] == [
        ("outer", "The outer part", "Think of today.", ["a"]),
        ("inner", "The inner part", None, ["b"]),
        ("outer_2", "The outer part", None, ["c"]),
        ("part", None, None, ["d"]),
    ]


def test_codes_that_are_their_own_numbers_make_a_scale_and_others_choices_that_count() -> None:
    scale, choice, plain = items(
        asked("a", "choice", answerOption=[option(str(n), n) for n in (1, 2, 3)]),
        asked("b", "choice", answerOption=[option("never", 0), option("often", 2)]),
        asked("c", "choice", answerOption=[option("red"), {"valueString": "blue"}]),
    )

    assert scale == {"id": "a", "text": "A"}
    assert choice["choices"] == [
        {"id": "never", "text": "Never", "score": 0},
        {"id": "often", "text": "Often", "score": 2},
    ]
    assert plain["choices"] == [{"id": "red", "text": "Red"}, "blue"]


def test_a_value_set_within_the_file_is_read_and_one_elsewhere_is_a_loss() -> None:
    within = {
        "resourceType": "ValueSet",
        "id": "often",
        "status": "active",
        "compose": {"include": [{"concept": [{"code": "x", "display": "Never"}, {"code": "y", "display": "Often"}]}]},
    }
    given = [
        asked("a", "choice", answerValueSet="#often"),
        asked("b", "choice", answerValueSet="http://example.org/ValueSet/far"),
    ]
    found = converted(*given, contained=[within])

    assert [item["id"] for section in only(found)["sections"] for item in section["items"]] == ["a"]
    assert said(found, "b") == [
        "lost: answerValueSet: 'http://example.org/ValueSet/far'",
        "lost: the whole question: what may be chosen is in no set in the file",
    ]


def test_each_type_becomes_its_own() -> None:
    ends = [extension("minValue", valueInteger=1), extension("maxValue", valueInteger=9)]

    assert items(
        asked("a", "integer", extension=ends),
        asked("b", "decimal", extension=[extension("questionnaire-unit", valueCoding={"code": "kg"})]),
        asked("c", "date", extension=[extension("minValue", valueDate="2020-01-31")]),
        asked("d", "string", maxLength=80),
        asked("e", "text", required=False),
        asked("f", "choice", repeats=True, answerOption=[option("x"), option("y")]),
        asked("g"),
        asked("h", "time"),
    ) == [
        {"id": "a", "text": "A", "type": "number", "min": 1, "max": 9, "step": 1},
        {"id": "b", "text": "B", "type": "number", "unit": "kg"},
        {"id": "c", "text": "C", "type": "date", "min": "2020-01-31"},
        {"id": "d", "text": "D", "type": "text", "lines": "one", "longest": 80},
        {"id": "e", "text": "E", "type": "text", "optional": True},
        {"id": "f", "text": "F", "type": "multi", "choices": [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}]},
        {
            "id": "g",
            "text": "G",
            "type": "choice",
            "choices": [{"id": "true", "text": "Yes", "score": 1}, {"id": "false", "text": "No", "score": 0}],
        },
        {"id": "h", "text": "H", "type": "text", "lines": "one"},
    ]


def test_a_slider_is_a_scale_with_the_words_at_its_ends() -> None:
    def shown(code: str) -> Json:
        return extension("questionnaire-itemControl", valueCodeableConcept={"coding": [CONTROL | {"code": code}]})

    slider = asked(
        "a",
        "integer",
        extension=[shown("slider"), extension("minValue", valueInteger=0), extension("maxValue", valueInteger=10)],
        item=[
            {"linkId": f"a.{code}", "type": "display", "text": text, "extension": [shown(code)]}
            for code, text in (("lower", "Nothing"), ("upper", "Clear"))
        ],
    )

    assert only(converted(slider))["scale"] == {
        "min": 0,
        "max": 10,
        "labels": {"0": "Nothing", "10": "Clear"},
        "direction": "higher_is_more",
    }


def test_rules_become_when_those_of_a_group_with_each_of_its_questions() -> None:
    colours = asked("b", "choice", answerOption=[option("red"), option("blue")])
    both = [
        {"question": "a", "operator": "=", "answerBoolean": True},
        {"question": "b", "operator": "exists", "answerBoolean": True},
        {"question": "b", "operator": "!=", "answerCoding": {"code": "red"}},
    ]
    some = [
        {"question": "n", "operator": ">", "answerInteger": 3},
        {"question": "b", "operator": "=", "answerString": "Blue"},
    ]
    group = {
        "linkId": "g",
        "type": "group",
        "enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}],
        "item": [asked("e", enableWhen=some, enableBehavior="any"), asked("f")],
    }

    found = items(asked("a"), colours, asked("n", "integer"), asked("d", enableWhen=both), group)

    assert [item.get("when") for item in found] == [
        None,
        None,
        None,
        "a == true and b != red",
        "a == true and (n > 3 or b == blue)",
        "a == true",
    ]


def test_rules_that_when_cannot_say_are_losses() -> None:
    found = converted(
        asked("a"),
        asked("b", enableWhen=[{"question": "a", "operator": "exists", "answerBoolean": False}]),
        asked("c", enableWhen=[{"question": "a", "operator": "!=", "answerBoolean": True}]),
        asked("d", enableWhen=[{"question": "z", "operator": "=", "answerBoolean": True}]),
        asked("z"),
    )

    assert said(found, "b") == ["lost: enableWhen: asks whether 'a' has no answer; it is asked of everybody"]
    assert said(found, "c") == ["changed: enableWhen: while a has no answer FHIR enables it; here it isn't asked then"]
    assert said(found, "d") == ["lost: enableWhen: names 'z', which comes later; it is asked of everybody"]


def test_translations_stand_beside_the_words_and_what_lacks_one_is_said() -> None:
    german = extension(
        "translation",
        extension=[{"url": "lang", "valueCode": "de"}, {"url": "content", "valueString": "Sehen Sie es?"}],
    )
    found = converted(asked("a", _text={"extension": [german]}), asked("b"))

    first, second = only(found)["sections"][0]["items"]
    assert (first["text"], second["text"]) == ({"en": "A", "de": "Sehen Sie es?"}, {"en": "B", "de": "B"})
    assert said(found, "b") == ["changed: text is not said in de: it stands there in en"]


def test_every_key_without_a_place_here_is_said() -> None:
    found = converted(
        asked(
            "a",
            "open-choice",
            prefix="1.",
            code=[{"code": "x"}],
            initial=[{"valueString": "y"}],
            definition="http://example.org/d",
            answerOption=[option("x") | {"initialSelected": True}],
            extension=[
                extension("questionnaire-displayCategory", valueString="x"),
                extension("regex", valueString="x"),
            ],
        ),
        asked("c", "attachment"),
        asked("d", "integer", readOnly=True),
        asked("e", extension=[extension("questionnaire-hidden", valueBoolean=True)]),
        purpose="To test",
        publisher="A lab",
        date="2026-01-31",
    )

    assert sorted(said(found, "a")) == [
        "lost: code: \"[{'code': 'x'}]\"",
        "lost: definition: 'http://example.org/d'",
        "lost: extension questionnaire-displayCategory",
        "lost: extension regex",
        "lost: initial: \"[{'valueString': 'y'}]\"",
        "lost: initialSelected: that a choice is made beforehand",
        "lost: prefix: '1.'",
        "lost: type open-choice: that one may answer in words of one's own",
    ]
    assert [len(said(found, link)) for link in ("c", "d", "e")] == [1, 1, 1]
    assert {"lost: purpose: 'To test'", "lost: date: '2026-01-31'"} <= set(said(found, "the questionnaire"))
    assert only(found)["source"] == "FHIR Questionnaire: A lab"


def test_link_ids_that_nobody_would_say_are_counted() -> None:
    found = converted(asked("2bab9480-5251-4997-8a2e-937a1701cfe9"), asked("/69671-6"), asked("17"))

    ids = [item["id"] for section in only(found)["sections"] for item in section["items"]]

    assert ids == ["q1", "q_69671_6", "q2"]
    assert said(found, "17") == ["changed: its id is 'q2'"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"a" 1}', "the file, line 1, column 6: is no JSON: Expecting ':' delimiter"),
        (b"\xef\xbb\xbf{}", "the file, line 1, column 1: begins with a byte order mark; expected UTF-8 without one"),
        (b'{"a":\n "Gr\xf6"}', "the file, line 2, column 5: holds the byte 0xf6, which is not UTF-8"),
        (b'{"a": NaN}', "the file: holds NaN, which is no number"),
        (b"[]", "the file: holds 'list'; expected a resource of type Questionnaire"),
        (b'{"resourceType": "Bundle"}', "the file: holds 'Bundle'; expected a resource of type Questionnaire"),
        (questionnaire(), "the file, column item: has no question that can be asked"),
        (questionnaire(asked("a"), status=None), "the file, column status: is missing"),
        (questionnaire(asked("a"), asked("a")), "linkId a, column linkId: is 'a' again; expected each linkId once"),
        (questionnaire({"type": "text"}), "item 1, column linkId: is 'None'; expected a text"),
        (questionnaire(asked("a", "coding")), "linkId a, column type: is 'coding'; expected group, display"),
        (questionnaire(asked("a", enableWhen=5)), "linkId a, column enableWhen: is '5'; expected a list of mappings"),
        (
            questionnaire(asked("a", enableWhen=[{"question": "b", "operator": "=", "answerString": "x"}])),
            "linkId a, column enableWhen: names 'b'; expected the linkId of an item of this questionnaire",
        ),
        (
            questionnaire(
                *(
                    asked(link, enableWhen=[{"question": other, "operator": "=", "answerBoolean": True}])
                    for link, other in (("a", "b"), ("b", "a"))
                )
            ),
            "linkId a, column enableWhen: leads in a circle: a -> b -> a",
        ),
        (b'{"a":' * 100_000, "the file: is nested too deep"),
    ],
    ids=range(15),
)
def test_a_file_that_is_no_questionnaire_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(ImportFaults) as refused:
        from_questionnaire(content)

    assert str(refused.value.faults[0]).startswith(fault)


RICH = questionnaire(
    {"linkId": "hello", "type": "display", "text": "Welcome."},
    {
        "linkId": "g",
        "type": "group",
        "text": "Part",
        "item": [
            asked("a", "choice", answerOption=[option("1", 1), option("2", 2)], maxLength=3),
            asked("b", "choice", answerValueSet="#often", repeats=True),
            asked(
                "c",
                "integer",
                extension=[
                    extension("minValue", valueInteger=0),
                    extension("maxValue", valueInteger=9),
                    extension("questionnaire-unit", valueCoding={"code": "kg"}),
                    extension(
                        "questionnaire-itemControl", valueCodeableConcept={"coding": [CONTROL | {"code": "slider"}]}
                    ),
                ],
                enableWhen=[{"question": "a", "operator": "=", "answerCoding": {"code": "1"}}],
                item=[{"linkId": "c.l", "type": "display", "text": "low"}],
            ),
            asked("d", "date", extension=[extension("minValue", valueDate="2020-01-31")]),
            asked("e", enableWhen=[{"question": "c", "operator": ">", "answerInteger": 3}], enableBehavior="any"),
        ],
    },
    contained=[
        {
            "resourceType": "ValueSet",
            "id": "often",
            "status": "active",
            "compose": {"include": [{"concept": [{"code": "x", "display": "Never"}]}]},
        }
    ],
    copyright="free",
    _title={"extension": [{"url": f"{BASE}translation", "extension": [{"url": "lang", "valueCode": "de"}]}]},
)


@some
@given(st.data())
def test_whatever_stands_in_it_it_converts_or_says_why(data: st.DataObject) -> None:
    resource = json.loads(RICH)
    put_something_else(data, resource)

    try:
        found = from_questionnaire(json.dumps(resource).encode("utf-8"))
    except ImportFaults as refused:
        assert str(refused)  # noqa: PT017 - either is right
    else:
        assert found.instruments


# --- the other way -------------------------------------------------------------------------------------------------

SITTING = Sitting(
    "https://example.org/q|2", "K7QMPX", "https://example.org/s", "post", "2027-01-11T09:00:00Z", "completed"
)
INSTRUMENT: Json = {
    "id": "day",
    "title": "Day",
    "source": "made for the tests",
    "licence": "CC0-1.0",
    "recall": "7d",
    "scale": {"min": 1, "max": 5, "direction": "higher_is_less", "labels": {"1": "clear", "5": "nothing"}},
    "sections": [
        {
            "id": "one",
            "items": [
                {"id": "a", "text": "A", "reverse": True},
                {"id": "b", "text": "B", "type": "multi", "choices": ["x", "y", "z"], "na": True},
                {"id": "c", "text": "C", "type": "number", "min": 0, "step": 0.5},
                {"id": "d", "text": "D", "when": "a > 3 and (b == x or b == y)"},
                {"id": "e", "text": "E", "when": "a > 3"},
            ],
        }
    ],
    "scores": {"total": {"of": ["a"], "how": "sum"}},
}


def test_what_a_questionnaire_has_no_place_for_is_said_when_it_is_written() -> None:
    resource, found = to_questionnaire(INSTRUMENT, url="https://example.org/q", version="2", languages=[])

    assert Questionnaire.model_validate(resource)
    assert {(loss.where, loss.what.partition(":")[0]) for loss in found} == {
        ("day", "recall"),
        ("day", "direction"),
        ("day.total", "scores"),
        ("day.a", "reverse"),
        ("day.b", "na"),
        ("day.c", "step"),
        ("day.d", "when"),
    }


def test_an_answer_is_of_the_kind_that_the_questionnaire_asks_for() -> None:
    given = {
        "a": Given("answered", 5.0),
        "b": Given("answered", text="x;z"),
        "c": Given("answered", 1.5),
        "d": Given("not_due"),
        "e": Given("declined"),
    }

    response = response_to(INSTRUMENT, given, SITTING)

    assert QuestionnaireResponse.model_validate(response)
    assert response["questionnaire"] == "https://example.org/q|2"
    assert response["subject"] == {
        "type": "Patient",
        "identifier": {"system": "https://example.org/s", "value": "K7QMPX"},
    }
    assert response["item"][0]["item"] == [
        {"linkId": "a", "text": "A", "answer": [{"valueCoding": {"code": "5", "display": "nothing"}}]},
        {
            "linkId": "b",
            "text": "B",
            "answer": [{"valueCoding": {"code": code, "display": code}} for code in ("x", "z")],
        },
        {"linkId": "c", "text": "C", "answer": [{"valueDecimal": 1.5}]},
        {"linkId": "e", "text": "E", "extension": [extension("data-absent-reason", valueCode="asked-declined")]},
    ]


def test_a_score_without_a_value_says_so() -> None:
    with_value, without = to_observations(
        INSTRUMENT, [Scored("total", 12.0, 4, 0), Scored("other", None, 1, 3)], SITTING
    )

    assert with_value["valueQuantity"] == {"value": 12}
    assert "valueQuantity" not in without
    assert without["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert without["note"] == [{"text": "1 of 4 items answered"}]
    assert with_value["derivedFrom"] == [{"reference": f"urn:uuid:{SITTING.id}"}]
