"""What simulated people say where no scale is asked for: choices, numbers, words and dates. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from assessments.entries import BETWEEN
from assessments.scoring import exact
from protocol.study import Item, ItemType

NOT_APPLICABLE = 0.12  # share of people to whom a question does not apply that may not
READS_CHECKS = 0.97  # share of attention checks that a diligent person passes

_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "It was more a knowing than a seeing.",
        "I went through it step by step.",
        "Hardly anything, only words.",
        "The sound of it came first.",
        "A short flicker, then it was gone.",
        "I thought of a place that I know well.",
    ),
    "de": (
        "Es war mehr ein Wissen als ein Sehen.",
        "Ich bin es Schritt für Schritt durchgegangen.",
        "Kaum etwas, nur Wörter.",
        "Zuerst kam der Klang.",
        "Ein kurzes Flackern, dann war es fort.",
        "Ich dachte an einen Ort, den ich gut kenne.",
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A number, or a text; neither where the question does not apply."""

    value: float | None = None
    text: str = ""


def said(item: Item, language: str, rng: Random) -> Said:
    """A plausible answer to an item that has no scale, or of which one may say that it does not apply."""
    if item.na is not None and rng.random() < NOT_APPLICABLE:
        return Said()
    return _SAYS[item.type](item, language, rng)


def checked(item: Item, rng: Random) -> Said:
    """The answer to an attention check: what it asks for, or whatever was next."""
    passes = rng.random() < READS_CHECKS
    expected = item.catch or ""
    if item.type == "choice":
        return Said(text=expected if passes else rng.choice(item.choices).id)
    if item.scale is None:
        return Said(float(expected)) if passes else _number(item, "", rng)
    return Said(float(expected) if passes else float(rng.choice(item.scale.points)))


def _choice(item: Item, _language: str, rng: Random) -> Said:
    return Said(text=rng.choice(item.choices).id)


def _multi(item: Item, _language: str, rng: Random) -> Said:
    count = min(len(item.choices), rng.choice((1, 1, 2, 2, 3)))
    chosen = sorted(rng.sample(range(len(item.choices)), count))
    return Said(text=BETWEEN.join(item.choices[place].id for place in chosen))


def _number(item: Item, _language: str, rng: Random) -> Said:
    low = item.bounds.min if item.bounds.min is not None else 0
    high = item.bounds.max if item.bounds.max is not None else low + 100
    step = exact(item.bounds.step) if item.bounds.step is not None else exact(1)
    steps = int((exact(high) - exact(low)) / step)
    return Said(float(exact(low) + step * round(steps * rng.betavariate(2, 3))))


def _text(item: Item, language: str, rng: Random) -> Said:
    words = rng.choice(_WORDS.get(language.partition("-")[0], _WORDS["en"]))
    return Said(text=words[: item.longest].strip())


def _date(item: Item, _language: str, rng: Random) -> Said:
    first = item.earliest or dt.date(1990, 1, 1)
    last = item.latest or max(first, dt.date(2026, 1, 1))
    return Said(text=(first + dt.timedelta(days=rng.randrange((last - first).days + 1))).isoformat())


def _scale(item: Item, _language: str, rng: Random) -> Said:
    return Said(float(rng.choice(item.scale.points)) if item.scale else None)


_SAYS: Mapping[ItemType, Callable[[Item, str, Random], Said]] = {
    "scale": _scale,
    "choice": _choice,
    "multi": _multi,
    "number": _number,
    "text": _text,
    "date": _date,
}
