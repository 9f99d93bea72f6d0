"""What one person answered as FHIR R4B resources: a QuestionnaireResponse, and an Observation for each score."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assessments.importers.declared import Number, Question, digits, number, questions_of
from assessments.importers.fhir.answering import codes_of, coding, way_of
from assessments.importers.fhir.terms import ABSENT, ABSENT_REASONS
from assessments.importers.fhir.wording import put
from assessments.importers.losses import Json
from assessments.importers.wording import said

BETWEEN = ";"  # what stands between the choices of one stored answer
# Why there is no answer, in FHIR's words. What is not due is left out: a question that isn't enabled has no item.
_REASONS = {
    "declined": "asked-declined",
    "skipped": "unknown",
    "not_applicable": "not-applicable",
    "not_reached": "not-asked",
    "lost": "error",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One item's answer as stored: a number, or words, choices or a date; or the status that says why there is none."""

    status: str
    value: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One score; `value` is None where it could not be reckoned."""

    score: str
    value: float | None
    answered: int
    missing: int
    prorated: bool = False
    band: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who answered which questionnaire when.

    Attributes:
        questionnaire: Its canonical address and version, `url|version`.
        participant: The pseudonym.
        study: The address of the study, within which pseudonyms mean something.
        timepoint: The step's id.
        authored: When, in ISO 8601; empty where it was never begun.
        status: Whether all of it was gone through.
    """

    questionnaire: str
    participant: str
    study: str
    timepoint: str
    authored: str
    status: Literal["completed", "in-progress", "stopped"]

    @property
    def id(self) -> str:
        """An id of its own that is the same each time."""
        name = "\n".join((self.questionnaire, self.study, self.participant, self.timepoint))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    @property
    def name(self) -> str:
        """The person and the timepoint."""
        return f"{self.participant}.{self.timepoint}"

    @property
    def subject(self) -> Json:
        """The person, by the pseudonym alone."""
        return {"type": "Patient", "identifier": {"system": self.study, "value": self.participant}}


def to_response(
    instrument: Json, given: Mapping[str, Given], sitting: Sitting, *, languages: Sequence[str] = ()
) -> Json:
    """The QuestionnaireResponse of one sitting, with the linkIds of the instrument's Questionnaire.

    An item without an answer says why, by the extension `data-absent-reason`; one that was not due is not there.
    """
    tags = list(languages)
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": sitting.id,
        **({"language": tags[0]} if tags else {}),
        "identifier": {"system": sitting.study, "value": sitting.name},
        "questionnaire": sitting.questionnaire,
        "status": sitting.status,
        "subject": sitting.subject,
        **({"authored": sitting.authored} if sitting.authored else {}),
    }
    groups = []
    for section in instrument["sections"]:
        asked = [question for question in questions_of(section, instrument) if question.id in given]
        items = [_item(each, given[each.id], tags) for each in asked if given[each.id].status != "not_due"]
        if items:
            group: Json = {"linkId": section["id"]}
            groups.append(put(group, "text", section["title"], tags[:1]) if "title" in section else group)
            group["item"] = items
    return response | ({"item": groups} if groups else {})


def _item(question: Question, given: Given, languages: list[str]) -> Json:
    item = put({"linkId": question.id}, "text", question.text, languages[:1])
    if given.status != "answered":
        item["extension"] = [{"url": ABSENT, "valueCode": _REASONS.get(given.status, "unknown")}]
        return item
    item["answer"] = [_answer(question, given, text, languages[:1]) for text in _several(question, given)]
    return item


def _several(question: Question, given: Given) -> list[str]:
    return given.text.split(BETWEEN) if question.type == "multi" else [given.text]


def _answer(question: Question, given: Given, text: str, languages: list[str]) -> Json:
    way = way_of(question)
    value = number(given.value) if given.value is not None else None
    if way == "coded":
        code = digits(value) if value is not None else text
        known = code in codes_of(question)
        return {"valueCoding": coding(question, code, languages) if known else {"code": code}}
    if value is not None:
        return (
            {"valueInteger": value}
            if way in ("integer", "slider") and isinstance(value, int)
            else {"valueDecimal": value}
        )
    return {"valueDate" if way == "date" else "valueString": text}


def to_observations(instrument: Json, scores: Iterable[Scored], sitting: Sitting, *, language: str = "") -> list[Json]:
    """An Observation for each score of one sitting; one without a value says that it is unknown."""
    title = said(instrument["title"], language)
    return [_observation(instrument["id"], title, score, sitting) for score in scores]


def _observation(instrument: str, title: str, scored: Scored, sitting: Sitting) -> Json:
    address = sitting.questionnaire.partition("|")[0]
    value: Number | None = None if scored.value is None else number(scored.value)
    items = scored.answered + scored.missing
    notes = [f"{scored.answered} of {items} items answered"] if scored.missing else []
    notes += ["prorated: the value stands for all items though some are missing"] if scored.prorated else []
    absent = {"coding": [{"system": ABSENT_REASONS, "code": "unknown"}]}
    return {
        "resourceType": "Observation",
        "id": str(uuid.uuid5(uuid.UUID(sitting.id), scored.score)),
        "status": "final" if sitting.status == "completed" else "preliminary",
        "category": [{"text": "survey"}],
        "code": {
            "coding": [{"system": address, "code": f"{instrument}.{scored.score}"}],
            "text": f"{title}: {scored.score}",
        },
        "subject": sitting.subject,
        **({"effectiveDateTime": sitting.authored} if sitting.authored else {}),
        **({"dataAbsentReason": absent} if value is None else {"valueQuantity": {"value": value}}),
        **({"interpretation": [{"text": scored.band}]} if scored.band else {}),
        **({"note": [{"text": "; ".join(notes)}]} if notes else {}),
        "derivedFrom": [{"reference": f"urn:uuid:{sitting.id}"}],
    }


def to_bundle(resources: Iterable[Json], id: str) -> Json:
    """A collection of resources, each under the address by which the others name it."""
    entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "id": id, "type": "collection", "entry": entries}
