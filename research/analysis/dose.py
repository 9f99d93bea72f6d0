"""Whether more practice goes with more: a straight line through doses and outcomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from research.analysis import NotComputable, Reason
from research.analysis.cases import Pair, complete, varies
from research.analysis.distributions import p_of_t, t_point


@dataclass(frozen=True, slots=True)
class Slope:
    """The t test of a slope; `low` and `high` are its limits."""

    se: float
    t: float
    df: int
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """`outcome = intercept + slope * dose`, fitted by least squares.

    Attributes:
        slope: Outcome per unit of dose.
        intercept: What the line says of no dose.
        r_squared: The share of the outcome's variance that the line explains, 0 to 1.
        test: How sure the slope is; None with two points, and where all lie on the line.
        points: How many points have both values.
        left_out: How many lack one.
    """

    slope: float
    intercept: float
    r_squared: float
    test: Slope | None
    points: int
    left_out: int


def line(points: Sequence[Pair]) -> Line | NotComputable:
    """The line through points (dose, outcome): sessions of one person, or people.

    People choose how much they practise, so over people it says what goes together and not what causes what. The
    sessions of one person are not independent, and their p is too small.

    Raises:
        ValueError: A value is not a finite number.
    """
    dose, outcome, left_out = complete(points)
    if len(dose) < 2:
        return NotComputable(Reason.FEW_POINTS)
    if not varies(dose, dose.mean()):
        return NotComputable(Reason.NO_VARIANCE_OF_DOSE)
    if not varies(outcome, outcome.mean()):
        return NotComputable(Reason.NO_VARIANCE_OF_OUTCOME)
    across, up = dose - dose.mean(), outcome - outcome.mean()
    slope = float(across @ up) / float(across @ across)
    off, df = up - slope * across, len(dose) - 2
    test = _test(slope, float(off @ off), float(across @ across), df) if df and varies(up, slope * across) else None
    return Line(
        slope=slope,
        intercept=float(outcome.mean()) - slope * float(dose.mean()),
        r_squared=1 - float(off @ off) / float(up @ up),
        test=test,
        points=len(dose),
        left_out=left_out,
    )


def _test(slope: float, error: float, spread: float, df: int) -> Slope:
    se = math.sqrt(error / df / spread)
    reach = t_point(df) * se
    return Slope(se, slope / se, df, p_of_t(slope / se, df), slope - reach, slope + reach)
