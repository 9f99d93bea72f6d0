"""Questionnaires hold what FHIR's own models ask for, and read again they ask the same."""

from __future__ import annotations

from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given
from hypothesis import strategies as st

from assessments.importers.branching import Answers
from assessments.importers.declared import Question, questions
from assessments.importers.fhir import (
    Given,
    Scored,
    Sitting,
    from_questionnaire,
    to_bundle,
    to_observations,
    to_questionnaire,
    to_response,
)
from tests.assessments.importers.made import LANGUAGES, Json, answers_to, instruments, is_asked, some

URL = "https://example.org/Questionnaire/made"


def exported(instrument: Json) -> tuple[Json, list[str]]:
    """The Questionnaire as FHIR's own models write it, and where something was lost or changed on the way."""
    resource, losses = to_questionnaire(instrument, url=URL, version="3", languages=LANGUAGES)
    checked = Questionnaire.model_validate(resource)
    return resource, [loss.where for loss in losses] if checked else []


def through(instrument: Json) -> tuple[Json, list[str]]:
    resource, where = exported(instrument)
    text = Questionnaire.model_validate(resource).model_dump_json()
    return from_questionnaire(text.encode("utf-8"), "en").instruments[instrument["id"]], where


def asked(question: Question) -> tuple[Any, ...]:
    scale = question.scale
    return (
        question.id,
        in_all(question.text),
        question.type,
        [(choice.id, in_all(choice.text), choice.score) for choice in question.choices],
        (scale.min, scale.max, scale.step, ends(question)) if scale else question.bounds,
        question.of.get("optional", False),
        question.of.get("lines", "many"),
    )


def in_all(text: str | Json) -> Json:
    """A text as it is read in each language."""
    return {language: text if isinstance(text, str) else text[language] for language in LANGUAGES}


def ends(question: Question) -> dict[float, Json]:
    """The labels of a scale; of one with many points those at its ends, for a slider has no others."""
    assert question.scale
    points = question.scale.points
    kept = points if len(points) <= 21 else (points[0], points[-1])
    return {point: in_all(text) for point, text in question.scale.labels.items() if point in kept}


@some
@given(instruments(several=True))
def test_items_choices_ends_and_translations_come_back(instrument: Json) -> None:
    found, _ = through(instrument)

    assert [asked(question) for question in questions(found)] == [asked(question) for question in questions(instrument)]
    assert [section["id"] for section in found["sections"]] == [section["id"] for section in instrument["sections"]]
    assert (found["source"], found["licence"]) == (instrument["source"], instrument["licence"])


@some
@given(instruments(), st.data())
def test_who_is_asked_comes_back_or_is_said(instrument: Json, data: st.DataObject) -> None:
    found, said = through(instrument)
    given_answers = {question.id: data.draw(answers_to(Answers.of(question))) for question in questions(instrument)}

    for before, after in zip(questions(instrument), questions(found), strict=True):
        if f"made.{before.id}" not in said:
            assert is_asked(before, given_answers) == is_asked(after, given_answers)


@some
@given(instruments(several=True, scores=True), st.data())
def test_responses_and_scores_are_resources_with_the_questionnaire_s_link_ids(
    instrument: Json, data: st.DataObject
) -> None:
    sitting = Sitting(
        f"{URL}|3", "K7QMPX", "https://example.org/studies/s", "post", "2027-01-11T09:00:00Z", "completed"
    )
    stored = {question.id: data.draw(stored_answers(question)) for question in questions(instrument)}

    response = to_response(instrument, stored, sitting, languages=LANGUAGES)
    observations = to_observations(
        instrument,
        [Scored("total", data.draw(st.none() | st.floats(0, 99)), 3, 1, True, "low")],
        sitting,
        language="en",
    )

    assert QuestionnaireResponse.model_validate(response)
    assert all(Observation.model_validate(observation) for observation in observations)
    assert Bundle.model_validate(to_bundle([response, *observations], "b1"))
    assert set(links(response)) <= set(links(exported(instrument)[0]))
    answered = {question for question, answer in stored.items() if answer.status == "answered"}
    assert {item["linkId"] for item in leaves(response) if "answer" in item} == answered
    not_due = {question for question, answer in stored.items() if answer.status == "not_due"}
    assert not not_due & set(links(response))


@st.composite
def stored_answers(draw: st.DrawFn, question: Question) -> Given:
    status = draw(
        st.sampled_from(["answered", "declined", "skipped", "not_applicable", "not_reached", "not_due", "lost"])
    )
    if status != "answered":
        return Given(status)
    value = draw(answers_to(Answers.of(question)).filter(lambda value: value is not None))
    if isinstance(value, float):
        return Given(status, value)
    return Given(status, text=";".join(value) if isinstance(value, tuple) else value)


def links(resource: Json) -> list[str]:
    return [link for item in resource.get("item", []) for link in (item["linkId"], *links(item))]


def leaves(resource: Json) -> list[Json]:
    return [leaf for item in resource.get("item", []) for leaf in ([item] if "item" not in item else leaves(item))]
