"""What can be given to an item of each type: read from a posted text or a file's cell, checked, and said again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from assessments.points import chosen_point, is_point, shown
from assessments.scoring import exact
from protocol.conditions import Given
from protocol.grammar import DATE
from protocol.instrument import Choice, Item, ItemType
from protocol.nodes import UNFIT

NA = "na"
"""What is posted for *does not apply*."""
BETWEEN = ";"
"""What stands between the choices of one stored answer."""

# Python's float() would also take "nan", "1e3", "1_0" and other scripts' digits.
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)


class Problem(StrEnum):
    """Why a text gives no answer to an item."""

    NOTHING = "nothing"
    SEVERAL = "several"
    OFF_SCALE = "off_scale"
    NO_NUMBER = "no_number"
    OUT_OF_BOUNDS = "out_of_bounds"
    NO_CHOICE = "no_choice"
    NO_DATE = "no_date"
    TOO_EARLY_OR_LATE = "too_early_or_late"
    TOO_LONG = "too_long"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as chosen: a number (`value`), or a choice, words or a date (`text`), never both."""

    value: float | None = None
    text: str = ""


def read_entry(item: Item, texts: Sequence[str]) -> Entry | Problem:
    """The entry that the texts posted for an item give; blank ones don't count."""
    given = [text.strip() for text in texts if text.strip()]
    if not given:
        return Problem.NOTHING
    if item.type == "multi":
        return _several(item, given)
    return _READERS[item.type](item, given[0]) if len(given) == 1 else Problem.SEVERAL


def is_possible(item: Item, entry: Entry) -> bool:
    """Whether an entry can be given to an item, as it would be stored."""
    if (entry.value is None) == (not entry.text):
        return False
    if item.scale is not None:
        return entry.value is not None and is_point(item.scale, entry.value)
    if item.type == "number":
        return entry.value is not None and _is_within(item, exact(entry.value))
    texts = entry.text.split(BETWEEN) if item.type == "multi" else [entry.text]
    return read_entry(item, texts) == entry


def as_given(item: Item, value: float | None, text: str) -> Given:
    """What conditions compare: a number, words, or the several that were chosen; None without an answer."""
    if value is not None:
        return value
    if not text:
        return None
    return tuple(text.split(BETWEEN)) if item.type == "multi" else text


def counted(item: Item, value: float | None, text: str) -> float | None:
    """The number that an answer counts in scores; None without one."""
    if value is not None or item.type != "choice" or not text:
        return value
    return next((choice.score for choice in item.choices if choice.id == text), None)


def is_missed(item: Item, value: float | None, text: str) -> bool:
    """Whether an answer to an attention check is another than it asks for; never without an answer."""
    if item.catch is None or (value is None and not text):
        return False
    return text != item.catch if value is None else value != float(item.catch)


def written(value: float | None, text: str) -> str:
    """An answer as its input posts it; empty without one. The several of a `multi` stand between semicolons."""
    return shown(value) if value is not None else text


def said(item: Item, value: float | None, text: str, language: str) -> str:
    """What an answer is labelled in a language; empty without a label of its own."""
    if value is not None:
        label = item.scale.labels.get(value) if item.scale else item.unit
        return label.to(language) if label else ""
    choices: Mapping[str, Choice] = {choice.id: choice for choice in item.choices}
    words = [choices[id].text.to(language) for id in text.split(BETWEEN) if id in choices]
    return "; ".join(word for word, id in zip(words, text.split(BETWEEN), strict=False) if word != id)


# --- readers ---------------------------------------------------------------------------------------------------------


def _point(item: Item, text: str) -> Entry | Problem:
    value = chosen_point(item.scale, text) if item.scale else None
    return Problem.OFF_SCALE if value is None else Entry(value)


def _number(item: Item, text: str) -> Entry | Problem:
    if not _NUMBER.fullmatch(text):
        return Problem.NO_NUMBER
    return Entry(float(text)) if _is_within(item, Fraction(text)) else Problem.OUT_OF_BOUNDS


def _is_within(item: Item, value: Fraction) -> bool:
    low, high, step = item.bounds.min, item.bounds.max, item.bounds.step
    if (low is not None and value < exact(low)) or (high is not None and value > exact(high)):
        return False
    return step is None or (value - exact(low or 0)) % exact(step) == 0


def _choice(item: Item, text: str) -> Entry | Problem:
    return Entry(text=text) if text in {choice.id for choice in item.choices} else Problem.NO_CHOICE


def _several(item: Item, texts: Sequence[str]) -> Entry | Problem:
    chosen = set(texts)
    ordered = [choice.id for choice in item.choices if choice.id in chosen]
    return Entry(text=BETWEEN.join(ordered)) if len(ordered) == len(chosen) else Problem.NO_CHOICE


def _words(item: Item, text: str) -> Entry | Problem:
    text = text.replace("\r\n", "\n")
    if UNFIT.search(text):
        return Problem.UNFIT
    return Entry(text=text) if len(text) <= item.longest else Problem.TOO_LONG


def _date(item: Item, text: str) -> Entry | Problem:
    try:
        date = dt.date.fromisoformat(text) if re.fullmatch(DATE, text, re.ASCII) else None
    except ValueError:
        date = None
    if date is None:
        return Problem.NO_DATE
    if (item.earliest and date < item.earliest) or (item.latest and date > item.latest):
        return Problem.TOO_EARLY_OR_LATE
    return Entry(text=text)


_READERS: Mapping[ItemType, Callable[[Item, str], Entry | Problem]] = {
    "scale": _point,
    "number": _number,
    "choice": _choice,
    "text": _words,
    "date": _date,
}
