"""How many people an arm needs for a difference to be found."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import nctdtr, stdtrit

from research.analysis import NotComputable, Reason


@dataclass(frozen=True, slots=True)
class PerArm:
    """People in each of two arms: `exact`, and `people`, the whole number from there up."""

    exact: float
    people: int


def per_arm(d: float, *, power: float = 0.8, alpha: float = 0.05, correlation: float = 0.0) -> PerArm | NotComputable:
    """How many in each of two equal arms, for a two-sided t test of a difference of `d` standard deviations.

    With the score before as a covariate the error variance shrinks to `1 - correlation**2` of itself, and so does the
    number. People who will be lost come on top.

    Args:
        d: The smallest difference worth finding, in pooled standard deviations.
        power: The chance of finding it.
        alpha: The chance of finding what is not there.
        correlation: Of the score before with the score after, within arms; 0 for a comparison without a covariate.

    Raises:
        ValueError: A chance that is not between 0 and 1 (power also not above alpha), or a correlation not between
            -1 and 1.

    Source: Cohen (1988), Statistical power analysis, by the noncentral t distribution; Borm, Fransen & Lemmens (2007),
    Journal of Clinical Epidemiology 60, 1234-1238, for the covariate.
    """
    if not 0 < alpha < power < 1:
        raise ValueError(f"alpha {alpha} and power {power}: expected 0 < alpha < power < 1")
    if not -1 < correlation < 1:
        raise ValueError(f"a correlation of {correlation}: expected between -1 and 1")
    if d == 0:
        return NotComputable(Reason.NO_EFFECT)

    def beyond(people: float) -> float:
        return power_of(people, abs(d), alpha) - power

    most = 2.0
    while beyond(most) < 0:
        most *= 2
    found = 2.0 if most == 2 else float(brentq(beyond, most / 2, most, xtol=1e-9))
    exact = max(found * (1 - correlation**2), 2.0)
    return PerArm(exact, math.ceil(exact - 1e-6))  # what the search leaves beside a whole number is no person


def power_of(people: float, d: float, alpha: float = 0.05) -> float:
    """The chance that a two-sided t test with so many (at least 2) in each arm finds a difference of `d`, 0 to 1."""
    df, shift = 2 * (people - 1), d * math.sqrt(people / 2)
    point = float(stdtrit(df, 1 - alpha / 2))
    return 1 - float(nctdtr(df, shift, point)) + float(nctdtr(df, shift, -point))
