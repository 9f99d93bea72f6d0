"""How large a difference is: in points, and in standard deviations that are named each time.

A standardised effect is only as clear as its denominator: the same 4.5 points are 2.14 standard deviations of the
changes and 0.98 of the scores before. So each result says in `denominator` which one it was divided by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array, Pair, complete, present, varies
from research.analysis.distributions import p_of_t, t_point

CRITICAL = 1.96
"""What the limits of g are made with, as meta-analyses print them; everything else here is exact."""

Denominator = Literal[
    "pooled_sd",  # of the two groups' values, each squared weighed by its n - 1
    "pooled_sd_before",  # the same of the values before
    "sd_of_differences",  # of after minus before, in one group
    "mean_of_both_sds",  # (SD before + SD after) / 2, in one group
]
"""What a difference was divided by; every SD with n - 1."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """The difference of two groups' means in pooled standard deviations.

    Attributes:
        d: Cohen's d, which is too large in small samples.
        j: What corrects it, just below 1.
        g: Hedges' g, `j * d`.
        se: Standard error of g.
        low: `g - 1.96 * se`.
        high: `g + 1.96 * se`.
        denominator: Always *pooled_sd*.
        sd: That denominator, in units of the values.
        means: The two groups' means.
        sds: Their standard deviations.
        people: How many of each group have a value.
        left_out: How many lack one.
    """

    d: float
    j: float
    g: float
    se: float
    low: float
    high: float
    denominator: Denominator
    sd: float
    means: tuple[float, float]
    sds: tuple[float, float]
    people: tuple[int, int]
    left_out: int


def standardised(one: Sequence[float | None], other: Sequence[float | None]) -> Standardised | NotComputable:
    """Group `one` minus group `other`, of values afterwards or of changes, whichever are given.

    The standard error is `sqrt((n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2)))`.

    Raises:
        ValueError: A value is not a finite number.

    Source: Hedges & Olkin (1985), Statistical methods for meta-analysis, chapter 5.
    """
    first, second, left_out = _both(one, other)
    if min(len(first), len(second)) < 2:
        return NotComputable(Reason.FEW_PEOPLE)
    sd = _pooled_sd(first, second)
    if sd is None:
        return NotComputable(Reason.NO_VARIANCE)
    n1, n2 = len(first), len(second)
    d, j = float(first.mean() - second.mean()) / sd, hedges_j(n1 + n2 - 2)
    g = j * d
    se = math.sqrt((n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2)))
    return Standardised(
        d=d,
        j=j,
        g=g,
        se=se,
        low=g - CRITICAL * se,
        high=g + CRITICAL * se,
        denominator="pooled_sd",
        sd=sd,
        means=(float(first.mean()), float(second.mean())),
        sds=(float(first.std(ddof=1)), float(second.std(ddof=1))),
        people=(n1, n2),
        left_out=left_out,
    )


def hedges_j(df: int) -> float:
    """The correction of d for small samples, `1 - 3 / (4 * df - 1)`, as reports and meta-analyses commonly use it.

    It approximates `hedges_j_exact`: at 10 degrees of freedom it is 0.923077 and the other 0.922746. At least 1
    degree of freedom is needed.
    """
    return 1 - 3 / (4 * df - 1)


def hedges_j_exact(df: int) -> float:
    """The correction of d by gamma functions, `G(df / 2) / (sqrt(df / 2) * G((df - 1) / 2))`, for 2 and more.

    Source: Hedges (1981), Journal of Educational Statistics 6, 107-128.
    """
    return math.exp(float(gammaln(df / 2)) - float(gammaln((df - 1) / 2))) / math.sqrt(df / 2)


@dataclass(frozen=True, slots=True)
class Divided:
    """One standardised effect that comes without a standard error, and what it was divided by."""

    value: float
    denominator: Denominator
    sd: float
    people: tuple[int, ...]
    left_out: int


def controlled_change(one: Sequence[Pair], other: Sequence[Pair]) -> Divided | NotComputable:
    """Morris's d_ppc2: the difference of two groups' changes in pooled SDs *before*, corrected as g is.

    Args:
        one: A pair (before, after) a person; None is missing.
        other: The same of the group that is taken off.

    Raises:
        ValueError: A value is not a finite number.

    Source: Morris (2008), Organizational Research Methods 11, 364-386.
    """
    before, after, lost = complete(one)
    its_before, its_after, its_lost = complete(other)
    if min(len(before), len(its_before)) < 2:
        return NotComputable(Reason.FEW_PEOPLE)
    sd = _pooled_sd(before, its_before)
    if sd is None:
        return NotComputable(Reason.NO_VARIANCE_BEFORE)
    more = float((after - before).mean() - (its_after - its_before).mean())
    people = (len(before), len(its_before))
    return Divided(hedges_j(sum(people) - 2) * more / sd, "pooled_sd_before", sd, people, lost + its_lost)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in points and its t test; `low` and `high` are the limits of the difference."""

    value: float
    se: float
    t: float
    df: float
    p: float
    low: float
    high: float
    people: tuple[int, ...]
    left_out: int


def paired(pairs: Sequence[Pair]) -> Difference | NotComputable:
    """The mean change within one group, with the paired t test.

    It speaks of the change, not of its cause: without a control group practice and regression to the mean are in it.

    Raises:
        ValueError: A value is not a finite number.
    """
    before, after, left_out = complete(pairs)
    if len(before) < 2:
        return NotComputable(Reason.FEW_PAIRS)
    change = after - before
    if not _spread(change, before, after):
        return NotComputable(Reason.NO_VARIANCE_OF_CHANGE)
    se = float(change.std(ddof=1)) / math.sqrt(len(change))
    return _difference(float(change.mean()), se, len(change) - 1, (len(change),), left_out)


def d_z(pairs: Sequence[Pair]) -> Divided | NotComputable:
    """The mean change in standard deviations of the changes; it grows with the correlation of before and after.

    Raises:
        ValueError: A value is not a finite number.

    Source: Lakens (2013), Frontiers in Psychology 4, 863.
    """
    before, after, left_out = complete(pairs)
    if len(before) < 2:
        return NotComputable(Reason.FEW_PAIRS)
    change = after - before
    if not _spread(change, before, after):
        return NotComputable(Reason.NO_VARIANCE_OF_CHANGE)
    sd = float(change.std(ddof=1))
    return Divided(float(change.mean()) / sd, "sd_of_differences", sd, (len(change),), left_out)


def d_av(pairs: Sequence[Pair]) -> Divided | NotComputable:
    """The mean change in the mean of the two standard deviations, before and after.

    Raises:
        ValueError: A value is not a finite number.

    Source: Lakens (2013), Frontiers in Psychology 4, 863.
    """
    before, after, left_out = complete(pairs)
    if len(before) < 2:
        return NotComputable(Reason.FEW_PAIRS)
    if not varies(before, before.mean()) and not varies(after, after.mean()):
        return NotComputable(Reason.NO_VARIANCE)
    sd = float(before.std(ddof=1) + after.std(ddof=1)) / 2
    return Divided(float((after - before).mean()) / sd, "mean_of_both_sds", sd, (len(before),), left_out)


def welch(one: Sequence[float | None], other: Sequence[float | None]) -> Difference | NotComputable:
    """Group `one` minus group `other` in points, with a t test that doesn't assume equal variances.

    Raises:
        ValueError: A value is not a finite number.

    Source: Welch (1947), Biometrika 34, 28-35.
    """
    first, second, left_out = _both(one, other)
    if min(len(first), len(second)) < 2:
        return NotComputable(Reason.FEW_PEOPLE)
    if not varies(first, first.mean()) and not varies(second, second.mean()):
        return NotComputable(Reason.NO_VARIANCE)
    squares = [float(values.var(ddof=1)) / len(values) for values in (first, second)]
    df = sum(squares) ** 2 / sum(s**2 / (len(v) - 1) for s, v in zip(squares, (first, second), strict=True))
    more = float(first.mean() - second.mean())
    return _difference(more, math.sqrt(sum(squares)), df, (len(first), len(second)), left_out)


def _difference(value: float, se: float, df: float, people: tuple[int, ...], left_out: int) -> Difference:
    reach = t_point(df) * se
    return Difference(value, se, value / se, df, p_of_t(value / se, df), value - reach, value + reach, people, left_out)


def _both(one: Sequence[float | None], other: Sequence[float | None]) -> tuple[Array, Array, int]:
    (first, lost), (second, its_lost) = present(one), present(other)
    return first, second, lost + its_lost


def _pooled_sd(one: Array, other: Array) -> float | None:
    """None where neither group varies."""
    if not varies(one, one.mean()) and not varies(other, other.mean()):
        return None
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in (one, other))
    return math.sqrt(squares / (len(one) + len(other) - 2))


def _spread(change: Array, before: Array, after: Array) -> bool:
    """Whether the changes differ by more than the rounding of the values that they were taken from."""
    largest = max(np.abs(before).max(), np.abs(after).max())
    return bool(np.abs(change - change.mean()).max() > 1e-12 * largest)
