"""The picture of means with their intervals as shapes: a line of its own for each group at each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LEFT, RIGHT, TOP = 14, 486, 8
ROW, FOOT = 46, 34


class Interval(Protocol):
    """A value with its limits; each None where there is none."""

    @property
    def mean(self) -> float | None:
        """What the dot shows."""

    @property
    def low(self) -> float | None:
        """The lower limit."""

    @property
    def high(self) -> float | None:
        """The upper limit."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """A mean (x) with its interval from x1 to x2; the words stand above it. Without an interval x1 is x2."""

    words_y: float
    y: float
    x: float
    x1: float
    x2: float


@dataclass(frozen=True, slots=True)
class Whiskers:
    """The lines from above, and the axis below them with its two ends."""

    height: float
    axis: float
    lines: tuple[Whisker, ...]
    least: float
    greatest: float


def whiskers(groups: Sequence[Interval], ends: tuple[float, float] | None) -> Whiskers | None:
    """The picture of groups that have a mean; None without any.

    The axis runs over all that the score can be, or, where that has no ends, over all that is drawn; an interval that
    goes beyond the scale is cut off there.
    """
    means = [(each.mean, each.low, each.high) for each in groups if each.mean is not None]
    if not means:
        return None
    drawn = [value for each in means for value in each if value is not None]
    least, greatest = ends or (min(drawn), max(drawn))
    span = (greatest - least) or 1

    def x(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (min(max(value, least), greatest) - least) / span, 1)

    lines = tuple(
        Whisker(
            words_y=TOP + n * ROW + 16,
            y=TOP + n * ROW + 32,
            x=x(mean),
            x1=x(mean if low is None else low),
            x2=x(mean if high is None else high),
        )
        for n, (mean, low, high) in enumerate(means)
    )
    axis = TOP + len(lines) * ROW + 2
    return Whiskers(axis + FOOT, axis, lines, least, greatest)
