"""Two groups compared by order alone, for scores that pile up at the floor of their scale.

Where many have the lowest value possible, means and their errors mislead; these use no more than who is above whom,
or (the permutation test) no more than that allocation was by chance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array, Pair, complete, present, varies
from research.analysis.distributions import Z95, p_of_t, p_of_z, t_point

Places = npt.NDArray[np.intp]

MOST_STEPS = 100
SETTLED = 1e-12  # what another step would still gain, in log likelihood
FURTHEST = 15.0  # logits: odds of three million to one are no estimate, but a sign that there is none


@dataclass(frozen=True, slots=True)
class LogOdds:
    """One coefficient as a log odds ratio, with Wald's test and limits."""

    value: float
    se: float
    z: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ProportionalOdds:
    """Odds of being above a value rather than not, the same for every value.

    Attributes:
        group: The first group against the other, at equal values before.
        odds_ratio: The same as a ratio; above 1 where the first group is higher.
        odds_ratio_low: Its lower limit.
        odds_ratio_high: Its upper limit.
        before: A point more before.
        log_likelihood: Of the fitted model.
        categories: How many values occur afterwards.
        people: How many of each group have both values.
        left_out: How many lack one.
    """

    group: LogOdds
    odds_ratio: float
    odds_ratio_low: float
    odds_ratio_high: float
    before: LogOdds
    log_likelihood: float
    categories: int
    people: tuple[int, int]
    left_out: int


def proportional_odds(one: Sequence[Pair], other: Sequence[Pair]) -> ProportionalOdds | NotComputable:
    """Group `one` against group `other` afterwards, adjusted for before, by ordinal logistic regression.

    Args:
        one: A pair (before, after) a person; None is missing. Every value that occurs afterwards is a category.
        other: The same of the other group.

    Raises:
        ValueError: A value is not a finite number.

    Source: McCullagh (1980), Journal of the Royal Statistical Society B 42, 109-142.
    """
    before, after, lost = complete(one)
    its_before, its_after, its_lost = complete(other)
    if not len(before) or not len(its_before):
        return NotComputable(Reason.EMPTY_GROUP)
    values, place = np.unique(np.concatenate([after, its_after]), return_inverse=True)
    if len(values) < 2:
        return NotComputable(Reason.ONE_OUTCOME)
    all_before = np.concatenate([before, its_before])
    group = np.repeat([1.0, 0.0], [len(before), len(its_before)])
    means = np.where(group == 1, before.mean(), its_before.mean())
    if not varies(all_before, means):
        return NotComputable(Reason.NO_VARIANCE_BEFORE)
    # In standard deviations from the mean, so that how far a step may go doesn't hang on the unit.
    unit = float(all_before.std())
    design = np.column_stack([group, (all_before - all_before.mean()) / unit])
    fit = _most_likely(design, np.asarray(place, dtype=np.intp), len(values))
    if fit is None:
        return NotComputable(Reason.SEPARATED)
    errors = np.sqrt(np.diag(np.linalg.inv(fit.curve)))
    effect = _log_odds(float(fit.parameters[-2]), float(errors[-2]))
    return ProportionalOdds(
        group=effect,
        odds_ratio=math.exp(effect.value),
        odds_ratio_low=math.exp(effect.low),
        odds_ratio_high=math.exp(effect.high),
        before=_log_odds(float(fit.parameters[-1]) / unit, float(errors[-1]) / unit),
        log_likelihood=fit.log_likelihood,
        categories=len(values),
        people=(len(before), len(its_before)),
        left_out=lost + its_lost,
    )


@dataclass(frozen=True, slots=True)
class Permutation:
    """The difference of two means against those that other allocations would have given.

    Attributes:
        difference: Mean of the first group minus that of the other, in points.
        p: The share of allocations with a difference at least as large, in either direction. Of drawn ones the
            observed counts as one more, so that p is never 0.
        allocations: How many allocations were looked at.
        is_exact: Whether these were all there are; otherwise drawn by the seed.
        people: How many of each group have a value.
        left_out: How many lack one.
    """

    difference: float
    p: float
    allocations: int
    is_exact: bool
    people: tuple[int, int]
    left_out: int


def permutation(
    one: Sequence[float | None], other: Sequence[float | None], *, seed: int, draws: int = 10_000
) -> Permutation | NotComputable:
    """Group `one` minus group `other`, of values afterwards or of changes, tested by allocating anew.

    All allocations are looked at where there are no more than `draws`, else so many, drawn by `seed`: the same seed
    gives the same p.

    Raises:
        ValueError: A value is not a finite number, or `draws` is below 1.

    Source: Fisher (1935), The design of experiments, section 21; Phipson & Smyth (2010), Statistical Applications in
    Genetics and Molecular Biology 9, article 39, for the one more.
    """
    if draws < 1:
        raise ValueError(f"{draws} draws: expected at least 1")
    (first, lost), (second, its_lost) = present(one), present(other)
    if not len(first) or not len(second):
        return NotComputable(Reason.EMPTY_GROUP)
    pooled, n = np.concatenate([first, second]), len(first)
    is_exact = math.comb(len(pooled), n) <= draws
    sums = _every_sum(pooled, n) if is_exact else _drawn_sums(pooled, n, seed, draws)
    middle = float(pooled.mean()) * n
    # Sums of the same values in another order differ by rounding: such an allocation is as far out, not less.
    reach = abs(float(first.sum()) - middle) - 1e-9 * float(np.abs(pooled).sum())
    beyond = int(np.count_nonzero(np.abs(sums - middle) >= reach))
    p = beyond / len(sums) if is_exact else (beyond + 1) / (len(sums) + 1)
    difference = float(first.mean() - second.mean())
    return Permutation(difference, p, len(sums), is_exact, (n, len(second)), lost + its_lost)


@dataclass(frozen=True, slots=True)
class Superiority:
    """The chance that somebody of the first group is above somebody of the other.

    Attributes:
        value: 0 to 1, ties counting half; 0.5 where neither is higher.
        low: Lower limit, made on the logit scale and so within 0 to 1; None, like the rest, where one group lies
            wholly above the other or nobody differs.
        high: Upper limit.
        p: Of 0.5, by Brunner and Munzel's test.
        people: How many of each group have a value.
        left_out: How many lack one.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    people: tuple[int, int]
    left_out: int


def superiority(one: Sequence[float | None], other: Sequence[float | None]) -> Superiority | NotComputable:
    """Group `one` against group `other`, of values afterwards or of changes.

    Raises:
        ValueError: A value is not a finite number.

    Source: Brunner & Munzel (2000), Biometrical Journal 42, 17-25; Vargha & Delaney (2000), Journal of Educational and
    Behavioral Statistics 25, 101-132.
    """
    (first, lost), (second, its_lost) = present(one), present(other)
    if not len(first) or not len(second):
        return NotComputable(Reason.EMPTY_GROUP)
    above, below = _shares_below(first, second), _shares_below(second, first)
    value = float(above.mean())
    people, left_out = (len(first), len(second)), lost + its_lost
    if min(people) < 2:
        return Superiority(value, None, None, None, people, left_out)
    squares = [float(shares.var(ddof=1)) / len(shares) for shares in (above, below)]
    if not 0 < value < 1 or sum(squares) == 0:
        return Superiority(value, None, None, None, people, left_out)
    se = math.sqrt(sum(squares))
    df = sum(squares) ** 2 / sum(square**2 / (n - 1) for square, n in zip(squares, people, strict=True))
    reach = t_point(df) * se / (value * (1 - value))
    low, high = (float(expit(logit(value) + side * reach)) for side in (-1, 1))
    return Superiority(value, low, high, p_of_t((value - 0.5) / se, df), people, left_out)


# --- the arithmetic --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fit:
    """Thresholds and coefficients, their log likelihood, its slope there and (negative) its curvature."""

    parameters: Array
    log_likelihood: float
    slope: Array
    curve: Array


def _log_odds(value: float, se: float) -> LogOdds:
    return LogOdds(value, se, value / se, p_of_z(value / se), value - Z95 * se, value + Z95 * se)


def _shares_below(values: Array, others: Array) -> Array:
    """Of each value the share of the others that lie below it, equal ones counting half."""
    ranked = np.sort(others)
    below = np.searchsorted(ranked, values, side="left") + np.searchsorted(ranked, values, side="right")
    return np.asarray(below / 2 / len(others), dtype=np.float64)


def _every_sum(pooled: Array, n: int) -> Array:
    """The sum of the first group in every allocation that there is."""
    return np.array([sum(chosen) for chosen in itertools.combinations(pooled.tolist(), n)], dtype=np.float64)


def _drawn_sums(pooled: Array, n: int, seed: int, draws: int) -> Array:
    """The same in so many allocations by chance."""
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(pooled)[:n].sum() for _ in range(draws)], dtype=np.float64)


def _most_likely(design: Array, place: Places, categories: int) -> _Fit | None:
    """The fit with the largest likelihood; None where it grows without end.

    Newton's steps, halved until they gain: the log likelihood is concave (Pratt 1981, Journal of the American
    Statistical Association 76, 103-106), so that a maximum that exists is found from anywhere.
    """
    shares = np.cumsum(np.bincount(place, minlength=categories))[:-1] / len(place)
    now = _likelihood(np.concatenate([logit(shares), np.zeros(design.shape[1])]), design, place)
    for _ in range(MOST_STEPS):
        if now is None or np.abs(now.parameters[categories - 1 :]).max() > FURTHEST:
            return None
        try:
            step = np.asarray(np.linalg.solve(now.curve, now.slope), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
        if float(now.slope @ step) < SETTLED:
            return now
        now = _climbed(now, step, design, place)
    return None


def _climbed(now: _Fit, step: Array, design: Array, place: Places) -> _Fit | None:
    """A step up, halved as often as it needs; None where no part of it gains."""
    for halved in range(40):
        there = _likelihood(now.parameters + step / 2**halved, design, place)
        if there is not None and there.log_likelihood >= now.log_likelihood:
            return there
    return None


def _likelihood(parameters: Array, design: Array, place: Places) -> _Fit | None:
    """The log likelihood at thresholds and coefficients; None where the thresholds cross or a chance is 0.

    Somebody in category y is in it by the chance `F(threshold y - x b) - F(threshold y-1 - x b)`, F the logistic
    distribution and the outermost thresholds infinite.
    """
    thresholds = len(parameters) - design.shape[1]
    bounds = np.concatenate([[-np.inf], parameters[:thresholds], [np.inf]])
    if (np.diff(bounds) <= 0).any():
        return None
    linear = design @ parameters[thresholds:]
    upper, lower = bounds[place + 1] - linear, bounds[place] - linear
    # Of the two equal differences, the one of small numbers: 1 - 1e-17 is 1.
    chance = np.where(lower > 0, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
    if (chance <= 0).any():
        return None
    of_upper, of_lower = _columns(place, design, thresholds), _columns(place - 1, design, thresholds)
    high, low = expit(upper) * expit(-upper), expit(lower) * expit(-lower)
    slopes = (of_upper * high[:, None] - of_lower * low[:, None]) / chance[:, None]
    bend_high, bend_low = (-d * np.tanh(at / 2) / chance for d, at in ((high, upper), (low, lower)))
    curve = slopes.T @ slopes - (of_upper.T * bend_high) @ of_upper + (of_lower.T * bend_low) @ of_lower
    return _Fit(parameters, float(np.log(chance).sum()), slopes.sum(axis=0), curve)


def _columns(place: Places, design: Array, thresholds: int) -> Array:
    """How a bound that is the threshold at `place` changes with each parameter; the outermost have none."""
    columns = np.zeros((len(place), thresholds))
    inside = (place >= 0) & (place < thresholds)
    columns[np.flatnonzero(inside), place[inside]] = 1
    return np.hstack([columns, -design])
