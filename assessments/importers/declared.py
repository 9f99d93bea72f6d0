"""An instrument's file as exporters read it: what was left out is filled in, what has several forms has one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessments.importers.losses import Json, Ledger
from assessments.importers.wording import Text

Number = int | float


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale with its labels by point, ascending."""

    min: Number
    max: Number
    step: Number
    direction: str
    labels: Mapping[Number, Text]

    @property
    def points(self) -> list[Number]:
        """Every value that can be chosen, ascending."""
        low, step = Fraction(str(self.min)), Fraction(str(self.step))
        count = round((Fraction(str(self.max)) - low) / step)
        return [number(float(low + n * step)) for n in range(count + 1)]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice; `score` is None where it counts nothing."""

    id: str
    text: Text
    score: Number | None


@dataclass(frozen=True, slots=True)
class Question:
    """One item; `scale` is set of `scale` alone, `choices` are there of `choice` and `multi`."""

    id: str
    section: str
    type: str
    text: Text
    scale: Scale | None
    choices: tuple[Choice, ...]
    of: Json

    @property
    def bounds(self) -> tuple[Any, Any, Number | None]:
        """The ends and the step of a `number`, the ends of a `date`; None where one is open."""
        ends = self.of.get("scale", self.of)
        return ends.get("min"), ends.get("max"), ends.get("step", 1 if "scale" in self.of else None)


def questions(instrument: Json) -> list[Question]:
    """Every item of an instrument, in the order of the file."""
    return [question for section in instrument["sections"] for question in questions_of(section, instrument)]


def questions_of(section: Json, instrument: Json) -> list[Question]:
    """Every item of one section."""
    return [question_of(item, section["id"], instrument["scale"]) for item in section["items"]]


def question_of(item: Json, section: str, scale: Json) -> Question:
    """One item; `scale` is the instrument's."""
    type = item.get("type", "scale")
    return Question(
        id=item["id"],
        section=section,
        type=type,
        text=item["text"],
        scale=_scale(item.get("scale", scale), scale["direction"]) if type == "scale" else None,
        choices=tuple(_choices(item.get("choices", ()))),
        of=item,
    )


def _scale(scale: Json, direction: str) -> Scale:
    return Scale(
        min=scale["min"],
        max=scale["max"],
        step=scale.get("step", 1),
        direction=scale.get("direction", direction),
        labels=labels_of(scale),
    )


def labels_of(scale: Json) -> dict[Number, Text]:
    """The labels of a scale by point, ascending, whichever way round the file has them."""
    labels = scale.get("labels", {})
    by_point: dict[Number, Text] = {}
    if labels and all(isinstance(of, dict) and not _is_point(key) for key, of in labels.items()):
        for language, of in labels.items():
            for point, text in of.items():
                texts = by_point.setdefault(number(float(point)), {})
                if isinstance(texts, dict):
                    texts[language] = text
    else:
        by_point = {number(float(point)): text for point, text in labels.items()}
    return dict(sorted(by_point.items()))


def _is_point(key: object) -> bool:
    return not isinstance(key, str) or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", key) is not None


def _choices(choices: Json | Iterable[str | Json]) -> Iterator[Choice]:
    if isinstance(choices, dict):
        for id, text in choices.items():
            yield Choice(id, text, None)
        return
    for choice in choices:
        if isinstance(choice, str):
            yield Choice(choice, choice, None)
        else:
            yield Choice(choice["id"], choice.get("text") or choice["id"], choice.get("score"))


def number(value: float) -> Number:
    """The number, whole ones as int."""
    return int(value) if float(value).is_integer() else round(float(value), 9)


def digits(value: Number) -> str:
    """A number as it is written: without an exponent, whole ones without a point."""
    value = number(value)
    return str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0")


def texts_of(instrument: Json) -> Iterator[Text]:
    """Every text of an instrument that may be in several languages."""
    parts = [instrument, *instrument["sections"]]
    for part in parts:
        yield from (part[key] for key in ("title", "about", "lead", "recall", "interpretation") if key in part)
    yield from labels_of(instrument["scale"]).values()
    for question in questions(instrument):
        yield question.text
        yield from (question.of[key] for key in ("unit", "na") if isinstance(question.of.get(key), str | dict))
        yield from (choice.text for choice in question.choices)
        yield from question.scale.labels.values() if question.scale else ()


def languages_of(instrument: Json) -> list[str]:
    """The languages in which an instrument has texts, the first the first that is met; none where all is one string."""
    return list(dict.fromkeys(key for text in texts_of(instrument) if isinstance(text, dict) for key in text))


# What no other program's file of questions has a place for, with what that is.
_OF_INSTRUMENT = {
    "shuffle": "that the order is each person's own",
    "eyes": "whether it is answered with eyes open or closed",
    "recall": "the time that it looks back on",
    "then_of": "that it is a then-test",
    "forms": "its parallel forms: all sections are there",
    "bands": "its bands",
    "schemes": "its band schemes",
    "norms": "its norms",
    "interpretation": "what may be concluded from it",
}
_OF_ITEM = {
    "reverse": "that it is reversed",
    "na": "that one may say that it does not apply",
    "catch": "that it is an attention check, and its expected answer",
}


def note_what_stays(instrument: Json, ledger: Ledger, carried: Iterable[str] = ()) -> None:
    """Notes the keys of an instrument that no exporter carries, but for those that this one does."""
    kept = frozenset(carried)
    for key, meaning in _OF_INSTRUMENT.items():
        if key not in kept and instrument.get(key) not in (None, {}, [], "none"):
            ledger.lost(instrument["id"], f"{key}: {meaning}")
    for score in instrument["scores"]:
        if "scores" not in kept:
            ledger.lost(f"{instrument['id']}.{score}", "scores: how it is reckoned")
    for question in questions(instrument):
        for key, meaning in _OF_ITEM.items():
            if key not in kept and question.of.get(key) not in (None, False):
                ledger.lost(f"{instrument['id']}.{question.id}", f"{key}: {meaning}")
