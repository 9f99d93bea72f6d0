"""Whether arms differ afterwards between people who were alike before: analysis of covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array, Pair, complete, varies
from research.analysis.distributions import p_of_f, p_of_t, t_point

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient of the regression, in units of the outcome.

    `se_hc3` is the standard error that doesn't assume equal variances (HC3); None where one person decides a
    coefficient alone (leverage 1). `t`, `p` and the limits rest on `se`.
    """

    value: float
    se: float
    t: float
    p: float
    low: float
    high: float
    se_hc3: float | None


@dataclass(frozen=True, slots=True)
class Ancova:
    """`after = intercept + arm + slope * before`, fitted by least squares.

    Attributes:
        arms: Each other arm minus the reference arm, at equal values before.
        slope: What a point more before adds after.
        intercept: What the line of the reference arm predicts at 0 before.
        df: Degrees of freedom of the error, and of every t.
        f: Of the arms together, with `df_arms` and `df`.
        p: Of that F.
        partial_eta_squared: Of what `before` leaves, the share that the arms explain, 0 to 1.
        adjusted_means: By arm, what the line predicts at `at`.
        at: The mean before, of everybody who is in it.
        people: By arm, how many have both values.
        left_out: How many lack one.
    """

    arms: Mapping[str, Estimate]
    slope: Estimate
    intercept: float
    df: int
    df_arms: int
    f: float
    p: float
    partial_eta_squared: float
    adjusted_means: Mapping[str, float]
    at: float
    people: Mapping[str, int]
    left_out: int


def ancova(arms: Mapping[str, Sequence[Pair]], *, reference: str) -> Ancova | NotComputable:
    """Arms compared afterwards, adjusted for before.

    Args:
        arms: By arm, a pair (before, after) a person; None is missing.
        reference: The arm that the others are compared with.

    Raises:
        ValueError: `reference` is none of the arms, or a value is not a finite number.

    Source: Vickers & Altman (2001), BMJ 323, 1123-1124. HC3: MacKinnon & White (1985), Journal of Econometrics 29,
    305-325; Long & Ervin (2000), American Statistician 54, 217-224.
    """
    if reference not in arms:
        raise ValueError(f"{reference} is none of the arms {', '.join(arms)}")
    names = [reference, *(name for name in arms if name != reference)]
    found = [complete(arms[name]) for name in names]
    if len(names) < 2:
        return NotComputable(Reason.FEW_GROUPS)
    if any(not len(before) for before, _, _ in found):
        return NotComputable(Reason.EMPTY_GROUP)
    before, after = (np.concatenate([each[side] for each in found]) for side in (0, 1))
    arm = np.repeat(np.arange(len(names)), [len(each[0]) for each in found])
    if not varies(before, _means(before, arm)):
        return NotComputable(Reason.NO_VARIANCE_BEFORE)
    if len(before) <= len(names) + 1:
        return NotComputable(Reason.FEW_PEOPLE)
    return _fitted(names, arm, before, after, sum(each[2] for each in found))


def _fitted(names: Sequence[str], arm: Places, before: Array, after: Array, left_out: int) -> Ancova | NotComputable:
    at = float(before.mean())
    # Measured from its mean, so that large values before don't cost digits.
    design = np.column_stack([np.ones(len(arm)), *(arm == place for place in range(1, len(names))), before - at])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ after
    fitted = design @ coefficients
    if not varies(after, fitted):
        return NotComputable(Reason.NO_VARIANCE)
    residuals = after - fitted
    df = len(after) - design.shape[1]
    variance = float(residuals @ residuals) / df
    robust = _hc3(design, inverse, residuals)

    def estimate(place: int) -> Estimate:
        value, se = float(coefficients[place]), float(np.sqrt(variance * inverse[place, place]))
        reach = t_point(df) * se
        hc3 = None if robust is None else float(robust[place])
        return Estimate(value, se, value / se, p_of_t(value / se, df), value - reach, value + reach, hc3)

    df_arms = len(names) - 1
    effects = coefficients[1:-1]
    explained = float(effects @ np.linalg.solve(inverse[1:-1, 1:-1], effects))
    f = explained / df_arms / variance
    slope, level = float(coefficients[-1]), float(coefficients[0])
    return Ancova(
        arms={name: estimate(place) for place, name in enumerate(names) if place},
        slope=estimate(len(names)),
        intercept=level - slope * at,
        df=df,
        df_arms=df_arms,
        f=f,
        p=p_of_f(f, df_arms, df),
        partial_eta_squared=explained / (explained + variance * df),
        adjusted_means={
            name: level + (float(coefficients[place]) if place else 0.0) for place, name in enumerate(names)
        },
        at=at,
        people={name: int((arm == place).sum()) for place, name in enumerate(names)},
        left_out=left_out,
    )


def _means(values: Array, arm: Places) -> Array:
    """Of each value, the mean of its arm."""
    return np.asarray([values[arm == place].mean() for place in arm], dtype=np.float64)


def _hc3(design: Array, inverse: Array, residuals: Array) -> Array | None:
    """Standard errors from each person's own squared residual, blown up by their leverage."""
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    if (1 - leverage < 1e-9).any():
        return None
    meat = design.T @ (design * ((residuals / (1 - leverage)) ** 2)[:, None])
    return np.asarray(np.sqrt(np.diag(inverse @ meat @ inverse)), dtype=np.float64)
