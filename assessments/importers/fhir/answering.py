"""How an item is answered in FHIR: as a code, a number, words or a date. Questionnaires and responses agree on it."""

from __future__ import annotations

from typing import Literal

from assessments.importers.declared import Number, Question, digits
from assessments.importers.fhir.wording import put
from assessments.importers.losses import Json
from assessments.importers.wording import Text

MAX_OPTIONS = 21

Way = Literal["coded", "slider", "integer", "decimal", "date", "string", "text"]


def way_of(question: Question) -> Way:
    """In what way a question is answered.

    A scale of few points is a list of codes, its points; a longer one of whole numbers is a slider.
    """
    if question.choices:
        return "coded"
    if question.scale:
        points = question.scale.points
        if len(points) <= MAX_OPTIONS:
            return "coded"
        return "slider" if all(isinstance(point, int) for point in points) else "decimal"
    if question.type == "number":
        low, high, step = question.bounds
        is_whole = step == 1 and all(isinstance(end, int) for end in (low, high) if end is not None)
        return "integer" if is_whole else "decimal"
    if question.type == "date":
        return "date"
    return "string" if question.of.get("lines") == "one" else "text"


def codes_of(question: Question) -> dict[str, tuple[Text, Number | None]]:
    """The words and the number of each code of a coded question."""
    if question.scale:
        labels = question.scale.labels
        return {digits(point): (labels.get(point, digits(point)), point) for point in question.scale.points}
    return {choice.id: (choice.text, choice.score) for choice in question.choices}


def coding(question: Question, code: str, languages: list[str]) -> Json:
    """One code of a question with its words."""
    words, _ = codes_of(question)[code]
    return put({"code": code}, "display", words, languages)
