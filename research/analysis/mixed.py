"""Arms over several times, with everybody's values as far as they go: a random intercept, fitted by REML.

Nobody has to be complete: a person with a value at one time counts with that one. This is unbiased while what is
missing depends on nothing but what was seen (missing at random).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array, varies
from research.analysis.distributions import Z95, p_of_z

STEP = 1e-3  # of the logarithm of the ratio of variances, to see how the likelihood curves
FLAT = 1e-7  # a gain in log likelihood that is none: the ratio is then at its bound, 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of one person at one time; None is missing."""

    person: str
    arm: str
    time: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient, in units of the outcome.

    `arm` and `time` say which: both empty, the reference arm at the first time; one of them, what it adds; both, by
    how much more the arm changed until then than the reference arm.

    `se` comes from the observed information, in which a coefficient shares its uncertainty with the variances; with
    values missing at random that is the one to use (Kenward & Molenberghs 1998, Statistical Science 13, 236-247), and
    statsmodels prints it. `se_expected` takes the variances as known; lme4, nlme and SAS print that. With everybody
    complete and `arm_by_time` they are the same. `z`, `p` and the limits are Wald's with `se`, for large samples: with
    a dozen people an arm, p is too small by a little.
    """

    arm: str
    time: str
    value: float
    se: float
    se_expected: float
    z: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mixed:
    """A fitted model.

    Attributes:
        terms: Its coefficients: the intercept, times, arms, arms by times.
        variance_between: Variance of people's own levels, at least 0.
        variance_within: Variance of the values about them.
        log_likelihood: The restricted one, with its constants.
        people: How many have a value.
        values: How many there are.
        left_out: How many values are missing.
    """

    terms: tuple[Term, ...]
    variance_between: float
    variance_within: float
    log_likelihood: float
    people: int
    values: int
    left_out: int

    def term(self, arm: str = "", time: str = "") -> Term:
        """The coefficient of that arm and time; a KeyError without one."""
        for term in self.terms:
            if (term.arm, term.time) == (arm, time):
                return term
        raise KeyError((arm, time))


def arm_by_time(values: Sequence[Measured], *, arms: Sequence[str], times: Sequence[str]) -> Mixed | NotComputable:
    """`value ~ arm * time`: arms may differ from the start, and in how they change.

    Args:
        values: A row a person and time, in any order.
        arms: The arms, the reference first.
        times: The times, the baseline first.

    Raises:
        ValueError: A row of another arm or time, two of one person at one time, a person in two arms, or a value that
            is not a finite number.

    Source: Laird & Ware (1982), Biometrics 38, 963-974; Patterson & Thompson (1971), Biometrika 58, 545-554.
    """
    wanted = [("", ""), *(("", time) for time in times[1:]), *((arm, "") for arm in arms[1:])]
    return _model(values, arms, times, [*wanted, *_changes(arms, times)])


def constrained(values: Sequence[Measured], *, arms: Sequence[str], times: Sequence[str]) -> Mixed | NotComputable:
    """The same with one common mean at the first time (cLDA), as randomised arms have it before they begin.

    Args:
        values: As in `arm_by_time`.
        arms: As there.
        times: As there; the first must lie before allocation.

    Raises:
        ValueError: As there.

    Source: Liang & Zeger (2000), Sankhya B 62, 134-148; Liu, Lu, Mogg, Mallick & Mehrotra (2009), Statistics in
    Medicine 28, 2509-2530.
    """
    wanted = [("", ""), *(("", time) for time in times[1:])]
    return _model(values, arms, times, [*wanted, *_changes(arms, times)])


def _changes(arms: Sequence[str], times: Sequence[str]) -> list[tuple[str, str]]:
    return [(arm, time) for arm in arms[1:] for time in times[1:]]


def _model(
    values: Sequence[Measured], arms: Sequence[str], times: Sequence[str], wanted: Sequence[tuple[str, str]]
) -> Mixed | NotComputable:
    _check(values, arms, times)
    if len(arms) < 2 or len(times) < 2:
        return NotComputable(Reason.FEW_GROUPS if len(arms) < 2 else Reason.FEW_TIMES)
    known = [row for row in values if row.value is not None]
    outcome = np.array([row.value for row in known], dtype=np.float64)
    if not np.isfinite(outcome).all():
        raise ValueError("a value is infinite or not a number; a missing one is None")
    columns = [[float(arm in ("", r.arm) and time in ("", r.time)) for arm, time in wanted] for r in known]
    design = np.array(columns, dtype=np.float64).reshape(len(known), len(wanted))
    places = {name: place for place, name in enumerate(dict.fromkeys(row.person for row in known))}
    person = np.array([places[row.person] for row in known], dtype=np.intp)
    if len(places) <= len(arms) or len(known) <= len(wanted):
        return NotComputable(Reason.FEW_PEOPLE)
    if np.linalg.matrix_rank(design) < len(wanted):
        return NotComputable(Reason.NOT_SEPARABLE)
    level = float(outcome.mean())  # taken off before and put back after, so that large values don't cost digits
    blocks = _Blocks(outcome - level, design, person)
    if not blocks.vary_within(outcome):
        return NotComputable(Reason.NOTHING_WITHIN)
    fit = _most_likely(blocks)
    coefficients = fit.coefficients + np.array([level, *(0.0 for _ in wanted[1:])])
    errors, expected = (np.sqrt(np.diag(matrix)).tolist() for matrix in (blocks.observed(fit), fit.covariance))
    return Mixed(
        terms=tuple(_term(*term) for term in zip(wanted, coefficients.tolist(), errors, expected, strict=True)),
        variance_between=fit.ratio * fit.variance,
        variance_within=fit.variance,
        log_likelihood=fit.log_likelihood,
        people=len(places),
        values=len(known),
        left_out=len(values) - len(known),
    )


def _check(values: Sequence[Measured], arms: Sequence[str], times: Sequence[str]) -> None:
    arm_of: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for row in values:
        if row.arm not in arms or row.time not in times:
            raise ValueError(f"{row.person}, {row.arm}, {row.time}: expected an arm and a time that are named")
        if arm_of.setdefault(row.person, row.arm) != row.arm:
            raise ValueError(f"{row.person} is in {arm_of[row.person]} and in {row.arm}: expected one arm")
        if (row.person, row.time) in seen:
            raise ValueError(f"{row.person} has two values at {row.time}: expected one")
        seen.add((row.person, row.time))


def _term(name: tuple[str, str], value: float, se: float, expected: float) -> Term:
    return Term(*name, value, se, expected, value / se, p_of_z(value / se), value - Z95 * se, value + Z95 * se)


@dataclass(frozen=True, slots=True)
class _Fit:
    ratio: float
    coefficients: Array
    covariance: Array
    variance: float
    log_likelihood: float


class _Blocks:
    """Outcomes by person; fitted for a given ratio of the variance between people to that within.

    A person's values have the covariance `1 + ratio` on the diagonal and `ratio` off it. Taking the share
    `1 - 1 / sqrt(1 + ratio * n)` of their mean off their n values makes them uncorrelated, and what is left to do is
    least squares.
    """

    def __init__(self, outcome: Array, design: Array, person: npt.NDArray[np.intp]) -> None:
        self.outcome, self.design, self.person = outcome, design, person
        self.counts = np.bincount(person).astype(np.float64)
        self.mean_outcome = np.bincount(person, outcome) / self.counts
        sums = np.zeros((len(self.counts), design.shape[1]))
        np.add.at(sums, person, design)
        self.mean_design = sums / self.counts[:, None]

    def vary_within(self, outcome: Array) -> bool:
        """Whether anything is left within people once times and arms are taken off."""
        within = self.outcome - self.mean_outcome[self.person]
        design = self.design - self.mean_design[self.person]
        return varies(outcome, outcome - within + design @ np.linalg.lstsq(design, within)[0])

    def fitted(self, ratio: float) -> _Fit:
        """The fit at this ratio, and its restricted log likelihood with the variance at its best."""
        share = (1 - 1 / np.sqrt(1 + ratio * self.counts))[self.person]
        outcome = self.outcome - share * self.mean_outcome[self.person]
        design = self.design - share[:, None] * self.mean_design[self.person]
        q, r = np.linalg.qr(design)
        coefficients = np.linalg.solve(r, q.T @ outcome)
        residuals = outcome - design @ coefficients
        df = len(outcome) - design.shape[1]
        variance = float(residuals @ residuals) / df
        determinants = float(np.log1p(ratio * self.counts).sum()) + 2 * float(np.log(np.abs(np.diag(r))).sum())
        inverse = np.linalg.inv(r)
        return _Fit(
            ratio=ratio,
            coefficients=np.asarray(coefficients, dtype=np.float64),
            covariance=np.asarray(variance * inverse @ inverse.T, dtype=np.float64),
            variance=variance,
            log_likelihood=-(df * (math.log(2 * math.pi * variance) + 1) + determinants) / 2,
        )

    def observed(self, fit: _Fit) -> Array:
        """The covariance of the coefficients with the ratio estimated beside them, from the observed information."""
        if fit.ratio == 0:
            return fit.covariance  # at its bound the ratio has no slope to share
        at = math.log(fit.ratio)
        around = [self.fitted(math.exp(at + step)).log_likelihood for step in (-STEP, STEP)]
        curvature = (2 * fit.log_likelihood - sum(around)) / STEP**2
        residuals = self.outcome - self.design @ fit.coefficients
        sums = np.bincount(self.person, residuals) * fit.ratio / (1 + fit.ratio * self.counts) ** 2
        shared = fit.covariance @ ((self.mean_design * self.counts[:, None]).T @ sums) / fit.variance
        return np.asarray(fit.covariance + np.outer(shared, shared) / curvature, dtype=np.float64)


def _most_likely(blocks: _Blocks) -> _Fit:
    """The fit of the largest restricted likelihood; its ratio is 0 where people differ no more than their values do."""

    def less_likely(log_ratio: float) -> float:
        return -blocks.fitted(math.exp(log_ratio)).log_likelihood

    steps = [step / 2 for step in range(-40, 41)]
    best = min(steps, key=less_likely)
    found = minimize_scalar(less_likely, bounds=(best - 0.5, best + 0.5), method="bounded", options={"xatol": 1e-10})
    within, without = blocks.fitted(math.exp(found.x)), blocks.fitted(0.0)
    return within if within.log_likelihood > without.log_likelihood + FLAT else without
