"""Whether the items of one questionnaire, answered once, measure one thing: alpha, omega, item-rest correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import fdtri

from assessments.reliability.rows import SAME, Reason, Rows, Table, complete, is_constant, pearson


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of a sum of items, and what it rests on.

    Attributes:
        value: At most 1; below 0 where items run against each other. None with a `reason`.
        low: Lower limit of Feldt's interval.
        high: Upper limit of it.
        standardised: What alpha would be if all items had the same variance; None also where that is no number.
        mean_correlation: The mean of the correlations between items, from which `standardised` is made.
        items: How many items.
        people: How many people answered all of them.
        left_out: How many people were left out for a missing answer.
        constant_items: The places (from 0) of the items that all these people answered alike.
        reason: Why there is no value.
    """

    value: float | None
    low: float | None
    high: float | None
    standardised: float | None
    mean_correlation: float | None
    items: int
    people: int
    left_out: int
    constant_items: tuple[int, ...]
    reason: Reason


def alpha(rows: Rows) -> Alpha:
    """Cronbach's alpha, `k / (k - 1) * (1 - sum of item variances / variance of the sum)`, variances by n - 1.

    An item without variance makes it None, not lower: that item says nothing about this sample.

    Args:
        rows: A row a person, a value an item, all items turned the same way; None is missing.

    Raises:
        ValueError: The rows differ in length, or a value is not a finite number.

    Source: Cronbach (1951), Psychometrika 16, 297-334. Interval: Feldt, Woodruff & Salih (1987), Applied Psychological
    Measurement 11, 93-103, formulas 6 and 7.
    """
    table, left_out = complete(rows)
    people, items = table.shape
    constant = _constant_items(table)
    reason = _reason(table, constant, fewest_items=2)
    if reason:
        return Alpha(None, None, None, None, None, items, people, left_out, constant, reason)
    covariance = np.cov(table, rowvar=False)
    value = items / (items - 1) * (1 - float(np.trace(covariance)) / float(covariance.sum()))
    df, df_error = people - 1, (people - 1) * (items - 1)
    correlation = (float(np.corrcoef(table, rowvar=False).sum()) - items) / (items * (items - 1))
    return Alpha(
        value=value,
        low=1 - (1 - value) * float(fdtri(df, df_error, 0.975)),
        high=1 - (1 - value) * float(fdtri(df, df_error, 0.025)),
        standardised=spearman_brown(correlation, items),
        mean_correlation=correlation,
        items=items,
        people=people,
        left_out=left_out,
        constant_items=constant,
        reason=Reason.NONE,
    )


def spearman_brown(reliability: float, times: float) -> float | None:
    """The reliability of a test made `times` as long, `m * r / (1 + (m - 1) * r)`.

    None where the formula has no answer: a reliability of -1 / (m - 1) or below.

    Source: Spearman (1910) and Brown (1910), British Journal of Psychology 3, 271-295 and 296-322.
    """
    divisor = 1 + (times - 1) * reliability
    return times * reliability / divisor if divisor > SAME else None


def item_rest(rows: Rows) -> tuple[float | None, ...]:
    """The correlation of each item with the sum of the others, -1 to 1, over the people who answered all.

    None where the item, or the sum of the others, is the same for everybody; all None with fewer than two people or
    two items.

    Raises:
        ValueError: As for `alpha`.
    """
    table, _ = complete(rows)
    people, items = table.shape
    if people < 2 or items < 2:
        return tuple(None for _ in range(items))
    sums = table.sum(axis=1)
    return tuple(pearson(table[:, place], sums - table[:, place]) for place in range(items))


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega of a sum of items that measure one factor.

    `loadings` and `errors` (the items' own variances) follow the items, in their units; both are empty where `value`
    is None. The rest is as in `Alpha`.
    """

    value: float | None
    loadings: tuple[float, ...]
    errors: tuple[float, ...]
    items: int
    people: int
    left_out: int
    constant_items: tuple[int, ...]
    reason: Reason


def omega(rows: Rows) -> Omega:
    """McDonald's omega, `(sum of loadings)**2 / variance of the sum`, at least 0.

    The factor is fitted to the covariance matrix by minimum residuals: least squares off the diagonal. The
    denominator is the observed variance of the sum. The variance that the model implies, which is the denominator of
    `omega_of`, would give 0.971095 for the six-by-four example of the tests where this gives 0.970869; fitted to the
    correlations, it would be 0.970444.

    Raises:
        ValueError: As for `alpha`.

    Source: McDonald (1999), Test theory: a unified treatment; Harman & Jones (1966), Psychometrika 31, 351-368.
    """
    table, left_out = complete(rows)
    people, items = table.shape
    constant = _constant_items(table)
    reason = _reason(table, constant, fewest_items=3)
    covariance = np.zeros((0, 0)) if reason else np.cov(table, rowvar=False)
    loadings = None if reason else _one_factor(covariance)
    if loadings is None:
        return Omega(None, (), (), items, people, left_out, constant, reason or Reason.NO_FACTOR)
    return Omega(
        value=float(loadings.sum() ** 2 / covariance.sum()),
        loadings=tuple(loadings.tolist()),
        errors=tuple((np.diag(covariance) - loadings**2).tolist()),
        items=items,
        people=people,
        left_out=left_out,
        constant_items=constant,
        reason=Reason.NONE,
    )


def omega_of(loadings: Sequence[float]) -> float | None:
    """Omega of published standardised loadings, `(sum l)**2 / ((sum l)**2 + sum(1 - l**2))`, 0 to 1.

    None without loadings, and where one is beyond 1, since its error would be negative.
    """
    if not loadings or any(abs(loading) > 1 for loading in loadings):
        return None
    common = math.fsum(loadings) ** 2
    own = math.fsum(1 - loading**2 for loading in loadings)
    return common / (common + own) if common + own > 0 else None


def _constant_items(table: Table) -> tuple[int, ...]:
    return tuple(place for place, column in enumerate(table.T) if len(table) and is_constant(column))


def _reason(table: Table, constant: tuple[int, ...], fewest_items: int) -> Reason:
    """What stands in the way of a coefficient that needs so many items."""
    people, items = table.shape
    if items < fewest_items:
        return Reason.FEW_ITEMS if items < 2 else Reason.FEW_ITEMS_FOR_A_FACTOR
    if people < 2:
        return Reason.FEW_PEOPLE
    if constant:
        return Reason.CONSTANT_ITEM
    # Measured against the items: of items that cancel each other the sum is rounding about 0, and so is its spread.
    is_level = np.ptp(table.sum(axis=1)) <= SAME * np.abs(table).sum(axis=1).max()
    return Reason.CONSTANT_SUM if is_level else Reason.NONE


def _one_factor(covariance: Table) -> Table | None:
    """Loadings of one factor by minimum residuals; None where they don't settle or leave an item less than no error."""
    scale = math.sqrt(float(np.diag(covariance).mean()))  # so that the unit has no say in when the fit has settled
    target = covariance / scale**2
    one, other = np.triu_indices(len(target), 1)
    pairs = np.arange(len(one))

    def residuals(loadings: Table) -> Table:
        return target[one, other] - loadings[one] * loadings[other]

    def slopes(loadings: Table) -> Table:
        jacobian = np.zeros((len(pairs), len(loadings)))
        jacobian[pairs, one] = -loadings[other]
        jacobian[pairs, other] = -loadings[one]
        return jacobian

    values, vectors = np.linalg.eigh(target)
    start = vectors[:, -1] * math.sqrt(values[-1])
    fit = least_squares(residuals, start, jac=slopes, method="lm", xtol=1e-13, ftol=1e-13, gtol=1e-13)
    loadings = np.asarray(fit.x, dtype=np.float64)
    if not fit.success or bool((loadings**2 > np.diag(target) * (1 + 1e-9)).any()):
        return None
    return np.asarray(loadings * scale * (1 if loadings.sum() >= 0 else -1), dtype=np.float64)
