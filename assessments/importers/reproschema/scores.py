"""Scores as the JavaScript by which a ReproSchema activity reckons them."""

from __future__ import annotations

from assessments.importers.declared import Question, digits, number, questions
from assessments.importers.losses import Json


def expression_of(score: Json, instrument: Json) -> str | None:
    """A sum or a mean of the answers, items mirrored and weighted as the score has them; None where choices count."""
    counted = _counted(score, instrument)
    if any(question.type not in ("scale", "number") for question in counted):
        return None
    weights = score.get("weights", {})
    direction = score.get("direction", instrument["scale"]["direction"])
    terms = [_term(question, number(weights.get(question.id, 1)), direction) for question in counted]
    total = " + ".join(terms)
    if score["how"] == "sum":
        return total
    return f"({total}) / {digits(sum(weights.get(question.id, 1) for question in counted))}"


def _counted(score: Json, instrument: Json) -> list[Question]:
    every = questions(instrument)
    if score["of"] == "all":
        return [question for question in every if "catch" not in question.of and _has_number(question)]
    named = set(score["of"])
    return [question for question in every if question.id in named or question.section in named]


def _has_number(question: Question) -> bool:
    if question.type == "choice":
        return all(choice.score is not None for choice in question.choices)
    return question.type in ("scale", "number")


def _term(question: Question, weight: int | float, direction: str) -> str:
    is_against = question.scale is not None and question.scale.direction != direction
    term = question.id
    if is_against != bool(question.of.get("reverse")):
        low, high = (question.scale.min, question.scale.max) if question.scale else question.bounds[:2]
        term = f"({digits(low + high)} - {question.id})"
    return term if weight == 1 else f"{digits(weight)} * {term}"
