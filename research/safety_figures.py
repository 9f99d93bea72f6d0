"""How often something happened, with exact intervals: shares of people, and counts in the time that they were followed.

Nothing here is an approximation by the normal distribution: adverse events are rare, and zero is the usual count.

Sources:
    Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the case of the binomial.
    Biometrika 26, 404–413.
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437–442. (The same limits in terms
    of chi-square: Ulm K (1990), American Journal of Epidemiology 131, 373–375.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

HALVINGS = 200
"""More than enough to come to the last bit of a float."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a rate with its limits; `value` is None where there is nothing to divide by."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def mean(self) -> float | None:
        """The value, by the name by which the picture of intervals asks for it."""
        return self.value


NONE = Estimate(None, None, None)


def share(count: int, people: int, level: float = 0.95) -> Estimate:
    """The share of `people` that `count` are, from 0 to 1, with the limits of Clopper and Pearson.

    Each limit is the share at which a count as far off as this one, or further, has the probability (1 - level) / 2.
    With `count` 0 the lower limit is 0, with `count` equal to `people` the upper one is 1.

    Raises:
        ValueError: A count below 0, more than there are people, or a level that is not between 0 and 1.
    """
    _check(count, level)
    if count > people:
        raise ValueError(f"{count} of {people} people; expected at most {people}")
    if people == 0:
        return NONE
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _root(lambda p: 1 - _binomial(count - 1, people, p) - tail, 0.0, 1.0)
    high = 1.0 if count == people else _root(lambda p: tail - _binomial(count, people, p), 0.0, 1.0)
    return Estimate(count / people, low, high)


def rate(count: int, exposure: float, level: float = 0.95) -> Estimate:
    """Events in a unit of exposure, with the exact limits of a Poisson count (Garwood).

    `exposure` is what the count is divided by, such as hundreds of person-weeks. With `count` 0 the lower limit is 0.

    Raises:
        ValueError: A count or an exposure below 0, or a level that is not between 0 and 1.
    """
    _check(count, level)
    if not (math.isfinite(exposure) and exposure >= 0):
        raise ValueError(f"an exposure of {exposure}; expected a number from 0 on")
    if exposure == 0:
        return NONE
    tail = (1 - level) / 2
    # Past this the upper tail is far below any level that is asked for.
    most = count + 12 * math.sqrt(count + 1) - 2 * math.log(tail) + 12
    low = 0.0 if count == 0 else _root(lambda mu: 1 - _poisson(count - 1, mu) - tail, 0.0, float(count))
    high = _root(lambda mu: tail - _poisson(count, mu), float(count), most)
    return Estimate(count / exposure, low / exposure, high / exposure)


def _check(count: int, level: float) -> None:
    if count < 0:
        raise ValueError(f"a count of {count}; expected 0 or more")
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}; expected one between 0 and 1")


def _binomial(count: int, people: int, p: float) -> float:
    """The probability of at most `count` of `people`."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 1.0 if count >= people else 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    whole = math.lgamma(people + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(people - k + 1) + k * log_p + (people - k) * log_q)
        for k in range(count + 1)
    )


def _poisson(count: int, mean: float) -> float:
    """The probability of at most `count`."""
    if mean <= 0:
        return 1.0
    log_mean = math.log(mean)
    return math.fsum(math.exp(k * log_mean - mean - math.lgamma(k + 1)) for k in range(count + 1))


def _root(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises from below 0 to above it is 0, between two ends."""
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rises(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
