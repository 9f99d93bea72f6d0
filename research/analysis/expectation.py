"""What people expected, and how their yardstick moved: means with intervals, response shift, correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.analysis.cases import Array, complete, present, varies
from research.analysis.distributions import Z95, t_point

FEWEST_TO_CORRELATE = 3
"""Two points always lie on a line."""

Triple = tuple[float | None, float | None, float | None]
"""One person's value before, looking back at before, and after."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Values of a group.

    Attributes:
        n: How many.
        mean: None without any.
        sd: With n - 1; None for fewer than two.
        low: Lower 95 % limit of the mean, by Student's t; None for fewer than two.
        high: The upper one.
    """

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


def spread(values: Sequence[float | None]) -> Spread:
    """Mean, SD and interval of the values that are there.

    Raises:
        ValueError: A value is not a finite number.
    """
    return _spread(present(values)[0])


def _spread(found: Array) -> Spread:
    n = len(found)
    if not n:
        return Spread(0, None, None, None, None)
    mean = float(found.mean())
    if n < 2:
        return Spread(n, mean, None, None, None)
    sd = float(found.std(ddof=1)) if varies(found, mean) else 0.0
    half = t_point(n - 1) * sd / math.sqrt(n)
    return Spread(n, mean, sd, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class Shift:
    """A then-test: how people judge afterwards what they were like before.

    Attributes:
        before, then, after: The three values.
        shift: Then minus before, the response shift: how far the yardstick moved (or memory fails).
        observed: After minus before, the change as it is usually told.
        own: After minus then, the change by the yardstick of afterwards; `observed` is the sum of both.
        left_out: How many lack one of the three values or more.
    """

    before: Spread
    then: Spread
    after: Spread
    shift: Spread
    observed: Spread
    own: Spread
    left_out: int


def shift(people: Sequence[Triple]) -> Shift:
    """The three values and their differences, of the people who have all three, so that the differences add up.

    Raises:
        ValueError: A value is not a finite number.

    Source: Howard et al. (1979), Applied Psychological Measurement 3, 1-23 (the then-test).
    """
    full = np.array([person for person in people if None not in person], dtype=np.float64).reshape(-1, 3)
    before, then, after = (present(list(column))[0] for column in full.T)
    return Shift(
        before=_spread(before),
        then=_spread(then),
        after=_spread(after),
        shift=_spread(then - before),
        observed=_spread(after - before),
        own=_spread(after - then),
        left_out=len(people) - len(full),
    )


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation of `n` pairs; `r` is None for fewer than three, and where one side never varies.

    `low` and `high` are its 95 % limits by Fisher's transformation; None for fewer than four, and for -1 and 1.
    """

    n: int
    r: float | None
    low: float | None = None
    high: float | None = None


def correlation(pairs: Sequence[tuple[float | None, float | None]]) -> Correlation:
    """How two values go together, of those who have both.

    Raises:
        ValueError: A value is not a finite number.

    Source: Fisher (1921), Metron 1, 3-32 (the limits).
    """
    one, other, _left_out = complete(pairs)
    n = len(one)
    if n < FEWEST_TO_CORRELATE or not varies(one, float(one.mean())) or not varies(other, float(other.mean())):
        return Correlation(n, None)
    r = float(np.corrcoef(one, other)[0, 1])
    if n <= FEWEST_TO_CORRELATE or abs(r) >= 1 - 1e-12:
        return Correlation(n, r)
    z, half = math.atanh(r), Z95 / math.sqrt(n - 3)
    return Correlation(n, r, math.tanh(z - half), math.tanh(z + half))
