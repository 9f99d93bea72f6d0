"""The error of measurement of a score: how far off one value may be, and the difference of two.

Every error is made of the numbers of one reference sample and names it, since another sample gives another error. The
variances are exact fractions and a root is taken once, at the end: nothing that lies exactly at a margin is pushed past
it by rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from assessments.scoring import exact
from protocol.instrument import Norm

CRITICAL = 1.96
"""Two-sided 5 % point of the normal distribution; a change is reliable beyond it, not at it (Jacobson & Truax 1991)."""

Kind = Literal["alpha", "retest"]
Refusal = Literal["selected", "unverified"]


def first_norm(norms: Sequence[Norm], score: str, kind: Kind = "retest") -> Norm | None:
    """The first norm of the score with that kind of reliability, in the order of the file."""
    return next((norm for norm in norms if norm.score == score and norm.kind == kind), None)


def refusal(norm: Norm, *, selected_norms: bool = False) -> Refusal | None:
    """Why the norm's SD may not speak of a person; None where it may.

    Args:
        norm: The norm.
        selected_norms: Whether the study allows the SD of a sample that was selected by this very score: such an SD
            is that of the selection (4 in a group picked at the floor, 22 in one picked at both ends).
    """
    if norm.unverified:
        return "unverified"
    return "selected" if norm.selected and not selected_norms else None


def reference(norms: Sequence[Norm], score: str, *, kind: Kind = "retest", selected_norms: bool = False) -> Norm | None:
    """The first norm of that kind, if it may speak. A later one never stands in for a first that is refused.

    Otherwise the order of the file would say one thing and the verdicts another, and a norm that is marked later would
    silently change every verdict instead of taking it back.
    """
    norm = first_norm(norms, score, kind)
    return None if norm is None or refusal(norm, selected_norms=selected_norms) else norm


# --- Standard errors -------------------------------------------------------------------------------------------------
# Those of a difference are asked for with every change of every person, and norms are few: they are reckoned once.


@dataclass(frozen=True, slots=True)
class StandardError:
    """A standard error in points of the score, and the norm that it is made of.

    Attributes:
        norm: Whose numbers they are.
        variance: Its exact square, above 0.
        value: The standard error.
        margin: 1.96 of it: half of a 95 % band; of a difference, the change beyond which one is reliable.
    """

    norm: Norm
    variance: Fraction
    value: float
    margin: float


def measurement_error(norm: Norm) -> StandardError | None:
    """The standard error of measurement (SEM) of one value, `sd * sqrt(1 - reliability)`.

    Returns:
        None where the norm leaves no error (sd 0 or reliability 1).
    """
    return _error(norm, _unreliable(norm) * exact(norm.sd) ** 2)


def estimation_error(norm: Norm) -> StandardError | None:
    """The standard error of an estimated true score, `sd * sqrt(reliability * (1 - reliability))`; None as for SEM.

    Source: Lord & Novick (1968), Statistical Theories of Mental Test Scores, chapter 3.
    """
    return _error(norm, _unreliable(norm) * exact(norm.reliability) * exact(norm.sd) ** 2)


@lru_cache(maxsize=256)
def difference_error(norm: Norm) -> StandardError | None:
    """The standard error of a difference of two values, `sqrt(2) * SEM`; None as for SEM.

    Source: Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59, 12-19.
    """
    return _error(norm, _unreliable(norm) * exact(norm.sd) ** 2 * 2)


@lru_cache(maxsize=256)
def maassen_error(norm: Norm) -> StandardError | None:
    """The same where the spread changes, `sqrt((sd ** 2 + sd_after ** 2) * (1 - reliability))`.

    Returns:
        None without `sd_after`, or as for SEM.

    Source: Maassen (2004), Journal of the International Neuropsychological Society 10, 888-893.
    """
    if norm.sd_after is None:
        return None
    return _error(norm, _unreliable(norm) * (exact(norm.sd) ** 2 + exact(norm.sd_after) ** 2))


@lru_cache(maxsize=4096)
def conditional_error(norm: Norm, first: float, value: float) -> StandardError | None:
    """The same by the levels of the two values, `sqrt(sem_first ** 2 + sem_value ** 2)`.

    Near the floor of a score one error for all levels is false: who sees nothing answers so each time.

    Returns:
        None where one of the two values is at no level of the norm; one that lies between two levels is at none.

    Source: Feldt, Steffen & Gupta (1985), Applied Psychological Measurement 9, 351-361.
    """
    one, other = _level_variance(norm, first), _level_variance(norm, value)
    return None if one is None or other is None else _error(norm, one + other)


# --- Bands of a score ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """Where the true score lies, 95 %: from `low` to `high` around `centre`, in points of the score."""

    norm: Norm
    centre: float
    standard_error: float
    low: float
    high: float


def score_band(value: float, norm: Norm, *, least: float | None = None, most: float | None = None) -> ScoreBand | None:
    """The value give and take 1.96 standard errors of measurement.

    Args:
        value: The score's value.
        norm: Whose error it is; which one may speak is `reference`'s to say.
        least: The least that the score can be, below which the band does not go; None leaves it open.
        most: The most that it can be.

    Returns:
        None where the norm leaves no error of measurement.
    """
    return _band(exact(value), measurement_error(norm), least, most)


def true_score_band(
    value: float, norm: Norm, *, least: float | None = None, most: float | None = None
) -> ScoreBand | None:
    """The estimated true score, `mean + reliability * (value - mean)`, and 1.96 of its standard errors around it.

    It lies nearer the sample's mean than the value does, so it is true only of someone from that population. Arguments
    and result as of `score_band`.

    Source: Kelley (1927), Interpretation of Educational Measurements; Lord & Novick (1968), chapter 3.
    """
    mean = exact(norm.mean)
    return _band(mean + exact(norm.reliability) * (exact(value) - mean), estimation_error(norm), least, most)


def _band(centre: Fraction, error: StandardError | None, least: float | None, most: float | None) -> ScoreBand | None:
    if error is None:
        return None
    low, high = float(centre) - error.margin, float(centre) + error.margin
    return ScoreBand(
        norm=error.norm,
        centre=float(centre),
        standard_error=error.value,
        low=low if least is None else max(low, least),
        high=high if most is None else min(high, most),
    )


def _error(norm: Norm, variance: Fraction) -> StandardError | None:
    if variance <= 0:
        return None
    return StandardError(norm, variance, _root(variance), _root(variance * exact(CRITICAL) ** 2))


def _unreliable(norm: Norm) -> Fraction:
    return 1 - exact(norm.reliability)


def _level_variance(norm: Norm, value: float) -> Fraction | None:
    return next((exact(level.sem) ** 2 for level in norm.errors if level.low <= value <= level.high), None)


def _root(square: Fraction) -> float:
    """The square root, and the decimal itself where it is one: the root of a rounded square may lie just beside it."""
    above, below = math.isqrt(square.numerator), math.isqrt(square.denominator)
    if above**2 == square.numerator and below**2 == square.denominator:
        return above / below
    return math.sqrt(square)
