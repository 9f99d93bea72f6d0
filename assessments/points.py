"""Which numbers can be chosen on a scale, and what a posted text chooses."""

from __future__ import annotations

import re
from fractions import Fraction

from assessments.scoring import exact
from protocol.instrument import Scale

# What a radio or a number field posts. Python's float() would also take "nan", "1e3", "1_0" and other scripts' digits.
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)

CARDS_AT_MOST = 11
"""The longest scale that is shown as one card a point."""


def chosen_point(scale: Scale, text: str) -> float | None:
    """The point of `scale` that `text` names; None for anything else."""
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        return None
    value = Fraction(number)
    return float(value) if _is_point(scale, value) else None


def is_point(scale: Scale, value: float) -> bool:
    """Whether `value` can be chosen on `scale`."""
    try:
        return _is_point(scale, exact(value))
    except ValueError:
        return False


def point_count(scale: Scale) -> int:
    """How many values can be chosen."""
    return int((exact(scale.max) - exact(scale.min)) / exact(scale.step)) + 1


def is_of_cards(scale: Scale) -> bool:
    """Whether a scale is shown as one card a point, and not as a line with a field for the number."""
    return point_count(scale) <= CARDS_AT_MOST


def plain(value: float) -> float:
    """A value as it is written: a whole number without a fraction."""
    return int(value) if float(value).is_integer() else float(value)


def shown(value: float) -> str:
    """The text that stands for a value, and that its input posts."""
    return str(plain(value))


def _is_point(scale: Scale, value: Fraction) -> bool:
    low, high, step = exact(scale.min), exact(scale.max), exact(scale.step)
    return low <= value <= high and (value - low) % step == 0
