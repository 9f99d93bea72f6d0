"""What simulated people give where vividness decides nothing: choices, numbers, words, dates and checks. Pure.

Everything here can be given to its item as it stands: the page and an import would take it too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from assessments.entries import BETWEEN, Entry, is_possible
from assessments.scoring import exact
from protocol.instrument import Choice, Item, ItemType

NONE_OF_THESE = 0.4  # share of people who choose nothing else, where that is offered
FAILS_CHECKS = 0.2  # share of attention checks that somebody without any diligence fails
RECENT_D = 60  # how far back a date lies that may be any
LATER_D = 30  # how far ahead, where it may be none that has come
REACH = 120  # how far numbers go up that have no end, or one that nobody comes near

_NONE = ("none", "nothing", "neither", "keine", "keines", "keins", "nichts")

# By language; people of another one write English. Nobody is quoted.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "I went through it step by step.",
        "The sound of it came first.",
        "I thought of a place that I know well.",
        "It was different from one day to the next.",
        "It came by itself.",
        "Hard to put into words.",
        "Nothing out of the ordinary.",
    ),
    "de": (
        "Ich bin es Schritt für Schritt durchgegangen.",
        "Zuerst kam der Klang.",
        "Ich dachte an einen Ort, den ich gut kenne.",
        "Es war von Tag zu Tag verschieden.",
        "Es kam von selbst.",
        "Schwer in Worte zu fassen.",
        "Nichts Ungewöhnliches.",
    ),
}
_LINES: Mapping[str, tuple[str, ...]] = {
    "en": ("in words", "step by step", "by feel", "in lists", "all at once"),
    "de": ("in Worten", "Schritt für Schritt", "nach Gefühl", "in Listen", "alles auf einmal"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """In which language, and on which day of theirs, somebody answers."""

    language: str
    day: dt.date


def said(item: Item, setting: Setting, rng: Random) -> Entry:
    """A plausible answer to an item, whoever is asked.

    Choices are drawn evenly, but *none of these* stands alone. Numbers keep to the lower half of what can be given, and
    to `REACH` above its least. Dates lie before the day on which they are given where one of these can be; those that
    may be any lie within `RECENT_D` days of it.
    """
    return _SAYS[item.type](item, setting, rng)


def checked(item: Item, setting: Setting, diligence: float, rng: Random) -> Entry:
    """The answer to an attention check: what it asks for, or another. `diligence`, 0 to 1, says how likely each is."""
    expected = item.catch or ""
    right = Entry(text=expected) if item.type == "choice" else Entry(float(expected))
    if rng.random() >= FAILS_CHECKS * (1 - diligence):
        return right
    others = [Entry(text=choice.id) for choice in item.choices]
    others += [Entry(float(point)) for point in item.scale.points] if item.scale else []
    others = [each for each in others or [said(item, setting, rng)] if each != right]
    return rng.choice(others or [right])


def at_the_door(item: Item, eligibility: Mapping[str, int | bool | str]) -> Entry | None:
    """What was said to the study's question of the same name, such as `age`; None where that is no answer to this."""
    known = eligibility.get(item.id)
    if known is None or isinstance(known, bool):
        return None
    entry = Entry(text=known) if isinstance(known, str) else Entry(float(known))
    return entry if is_possible(item, entry) else None


def _scale(item: Item, _setting: Setting, rng: Random) -> Entry:
    return Entry(float(rng.choice(item.scale.points)) if item.scale else None)


def _choice(item: Item, _setting: Setting, rng: Random) -> Entry:
    return Entry(text=rng.choice(item.choices).id)


def _multi(item: Item, setting: Setting, rng: Random) -> Entry:
    none = [choice.id for choice in item.choices if _says_none(choice, setting.language)]
    some = [choice.id for choice in item.choices if choice.id not in none]
    if none and (not some or rng.random() < NONE_OF_THESE):
        return Entry(text=none[0])
    count = min(len(some), rng.choice((1, 1, 2, 2, 3)))
    return Entry(text=BETWEEN.join(some[place] for place in sorted(rng.sample(range(len(some)), count))))


def _says_none(choice: Choice, language: str) -> bool:
    first_words = (re.split(r"[\W_]", text.casefold(), maxsplit=1)[0] for text in (choice.id, choice.text.to(language)))
    return any(word in _NONE for word in first_words)


def _number(item: Item, _setting: Setting, rng: Random) -> Entry:
    bounds = item.bounds
    step = exact(bounds.step) if bounds.step is not None else Fraction(1)
    most = exact(bounds.max) if bounds.max is not None else None
    least = exact(bounds.min) if bounds.min is not None else _least_below(most, step)
    reach = max(Fraction(REACH), 4 * step)
    span = reach if most is None else min(most - least, reach)
    if bounds.step is None and span < 10:
        step = span / 20  # a share, or a measure as fine
    return Entry(float(least + step * round(int(span / step) * rng.betavariate(2, 3))))


def _least_below(most: Fraction | None, step: Fraction) -> Fraction:
    """Where numbers without a least begin: at 0, or else far enough below the greatest, on a step from 0."""
    if most is None or most >= 0:
        return Fraction(0)
    return step * ((most - REACH) // step)


def _text(item: Item, setting: Setting, rng: Random) -> Entry:
    of = _LINES if item.is_line else _WORDS
    known = of.get(setting.language.partition("-")[0], of["en"])
    fitting = [text for text in known if len(text) <= item.longest]
    return Entry(text=rng.choice(fitting) if fitting else rng.choice(known)[: item.longest].strip())


def _date(item: Item, setting: Setting, rng: Random) -> Entry:
    day = setting.day.toordinal()
    earliest = item.earliest.toordinal() if item.earliest else None
    latest = item.latest.toordinal() if item.latest else None
    last = day if latest is None else min(latest, day)
    if earliest is None:
        return _dated(last - int(RECENT_D * rng.betavariate(1, 3)))
    if earliest > last:  # only days that are still to come
        last = earliest + LATER_D if latest is None else min(earliest + LATER_D, latest)
    return _dated(rng.randint(earliest, last))


def _dated(ordinal: int) -> Entry:
    first, last = dt.date.min.toordinal(), dt.date.max.toordinal()
    return Entry(text=dt.date.fromordinal(min(max(ordinal, first), last)).isoformat())


_SAYS: Mapping[ItemType, Callable[[Item, Setting, Random], Entry]] = {
    "scale": _scale,
    "choice": _choice,
    "multi": _multi,
    "number": _number,
    "text": _text,
    "date": _date,
}
