"""Whether raters agree, or one score taken twice: intraclass correlations, limits of agreement, error of a change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import fdtri

from assessments.reliability.internal_consistency import spearman_brown
from assessments.reliability.rows import CRITICAL, SAME, Reason, Rows, Table, complete, is_constant, pearson

_NOTHING = 1e-18  # a mean square below this share of the largest square is rounding


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number with its interval, each None where it can't be computed; `reason` then says why.

    A `low` that is None beside a `high` means that nothing bounds it from below.
    """

    value: float | None
    low: float | None
    high: float | None
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The six intraclass correlations of Shrout and Fleiss, at most 1 each.

    The first figure is the model: 1, each person is judged by raters of their own; 2, all by the same raters, drawn
    from many, so that differences between raters are error (*agreement*); 3, all by the same raters, who alone are of
    interest, so that they are not (*consistency*). The second says of what: one rating, or the mean of all k.

    `people` and `raters` say how many; `left_out` how many people were left out for a missing rating.
    """

    icc_1_1: Coefficient
    icc_2_1: Coefficient
    icc_3_1: Coefficient
    icc_1_k: Coefficient
    icc_2_k: Coefficient
    icc_3_k: Coefficient
    people: int
    raters: int
    left_out: int


def intraclass(rows: Rows) -> Intraclass:
    """All six, from a row a person and a value a rater (or an occasion); None is missing.

    Raises:
        ValueError: The rows differ in length, or a value is not a finite number.

    Source: Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428. The interval of the second model: McGraw & Wong
    (1996), Psychological Methods 1, 30-46, table 7.
    """
    return _intraclass(*complete(rows))


@dataclass(frozen=True, slots=True)
class Repeated:
    """One score taken twice of the same people; all in the score's units but for the correlations.

    Attributes:
        bias: The mean of second minus first: what mere repetition adds.
        sd_difference: The standard deviation (n - 1) of the differences.
        lower_limit: The lower limit of agreement, `bias - 1.96 * sd_difference`.
        upper_limit: The upper one.
        pearson: The correlation of first and second, -1 to 1.
        agreement: ICC(2,1), in which a shift of everybody is error.
        consistency: ICC(3,1), in which it is not.
        sem_agreement: The standard error of measurement, the shift between the occasions included.
        sdc95: The smallest detectable change of one person, `1.96 * sqrt(2) * sem_agreement`.
        people: How many people have both values.
        left_out: How many lack one.
        reason: Why all are None, or `pearson` alone.
    """

    bias: float | None
    sd_difference: float | None
    lower_limit: float | None
    upper_limit: float | None
    pearson: float | None
    agreement: Coefficient
    consistency: Coefficient
    sem_agreement: float | None
    sdc95: float | None
    people: int
    left_out: int
    reason: Reason


def repeated(pairs: Sequence[tuple[float | None, float | None]]) -> Repeated:
    """What two takings of one score say about its error, from a pair (first, second) a person; None is missing.

    The standard error of measurement joins the variance of the error and that of the occasions, as ICC(2,1) does:
    `sqrt(sd_difference**2 / 2 + max((MSC - MSE) / n, 0))`, with the mean squares of occasions and error.

    Raises:
        ValueError: A value is not a finite number.

    Source: Bland & Altman (1986), Lancet 327, 307-310; de Vet, Terwee, Knol & Bouter (2006), Journal of Clinical
    Epidemiology 59, 1033-1039.
    """
    table, left_out = complete(pairs, width=2)
    people = len(table)
    both = _intraclass(table, left_out)
    if people < 2:
        return Repeated(
            None, None, None, None, None, both.icc_2_1, both.icc_3_1, None, None, people, left_out, Reason.FEW_PEOPLE
        )
    difference = table[:, 1] - table[:, 0]
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    found = _mean_squares(table)
    sem = math.sqrt(sd**2 / 2 + max((found.raters - found.error) / people, 0))
    correlation = pearson(table[:, 0], table[:, 1])
    return Repeated(
        bias=bias,
        sd_difference=sd,
        lower_limit=bias - CRITICAL * sd,
        upper_limit=bias + CRITICAL * sd,
        pearson=correlation,
        agreement=both.icc_2_1,
        consistency=both.icc_3_1,
        sem_agreement=sem,
        sdc95=CRITICAL * math.sqrt(2) * sem,
        people=people,
        left_out=left_out,
        reason=Reason.CONSTANT_OCCASION if correlation is None else Reason.NONE,
    )


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    people: float
    raters: float
    error: float  # what neither explains
    within: float  # within people: raters and error together


def _intraclass(table: Table, left_out: int) -> Intraclass:
    people, raters = table.shape
    reason = Reason.FEW_PEOPLE if people < 2 else Reason.FEW_RATERS if raters < 2 else Reason.NONE
    if not reason and is_constant(table):
        reason = Reason.CONSTANT_VALUES
    if reason:
        none = Coefficient(None, None, None, reason)
        return Intraclass(none, none, none, none, none, none, people, raters, left_out)
    found = _mean_squares(table)
    own, own_mean = _one_error(found.people, found.within, people, raters, df=people * (raters - 1))
    drawn, drawn_mean = _two_errors(found, people, raters)
    fixed, fixed_mean = _one_error(found.people, found.error, people, raters, df=(people - 1) * (raters - 1))
    return Intraclass(own, drawn, fixed, own_mean, drawn_mean, fixed_mean, people, raters, left_out)


def _mean_squares(table: Table) -> _MeanSquares:
    people, raters = table.shape
    centred = table - table.mean()
    of_people, of_raters = centred.mean(axis=1), centred.mean(axis=0)
    rest = centred - of_people[:, None] - of_raters
    between_raters, error = people * float((of_raters**2).sum()), float((rest**2).sum())
    nothing = _NOTHING * float((table**2).max())

    def mean(squares: float, df: int) -> float:
        return squares / df if squares / df > nothing else 0.0

    return _MeanSquares(
        people=mean(raters * float((of_people**2).sum()), people - 1),
        raters=mean(between_raters, raters - 1),
        error=mean(error, (people - 1) * (raters - 1)),
        within=mean(between_raters + error, people * (raters - 1)),
    )


def _one_error(between: float, error: float, people: int, k: int, df: int) -> tuple[Coefficient, Coefficient]:
    """Of one rating, and of the mean of k, where all that is not between people is one error with `df`."""
    if error == 0:
        if between == 0:
            return (Coefficient(None, None, None, Reason.BELOW_CHANCE),) * 2
        return (Coefficient(1.0, None, None, Reason.NO_ERROR),) * 2
    if between == 0:
        lowest = Coefficient(-1 / (k - 1), None, None, Reason.BELOW_CHANCE)
        return lowest, Coefficient(None, None, None, Reason.BELOW_CHANCE)
    ratio = between / error
    low = ratio / float(fdtri(people - 1, df, 0.975))
    high = ratio * float(fdtri(df, people - 1, 0.975))
    one, its_low, its_high = ((f - 1) / (f + k - 1) for f in (ratio, low, high))
    return Coefficient(one, its_low, its_high), Coefficient(1 - 1 / ratio, 1 - 1 / low, 1 - 1 / high)


def _two_errors(found: _MeanSquares, people: int, k: int) -> tuple[Coefficient, Coefficient]:
    """Of one rating, and of the mean of k, where differences between raters are an error of their own."""
    signal, of_raters = found.people - found.error, (found.raters - found.error) / people
    total, total_of_mean = found.people + (k - 1) * found.error + k * of_raters, found.people + of_raters
    nothing = SAME * (found.people + found.raters + found.error)
    if total <= nothing:
        return (Coefficient(None, None, None, Reason.BELOW_CHANCE),) * 2
    value = signal / total
    low, high = _limits(value, found, people, k)
    reason = Reason.NONE
    if high is None:
        reason = Reason.BELOW_CHANCE if value < 0 else Reason.NO_ERROR
    one = Coefficient(value, low, high, reason)
    if total_of_mean <= nothing:
        return one, Coefficient(None, None, None, Reason.BELOW_CHANCE)
    low, high = (None if limit is None else spearman_brown(limit, k) for limit in (low, high))
    return one, Coefficient(signal / total_of_mean, low, high, reason)


def _limits(value: float, found: _MeanSquares, people: int, k: int) -> tuple[float | None, float | None]:
    """Limits of ICC(2,1): its two errors together are given one number of degrees of freedom (Satterthwaite).

    Below 0 the two can cancel each other and leave none, or limits that don't hold the value: there are none then.
    """
    of_raters = k * value * found.raters
    of_error = (people + value * (people * (k - 1) - k)) * found.error
    largest = k * abs(value) * found.raters + (people + abs(value) * (people * (k - 1) + k)) * found.error
    if abs(of_raters + of_error) <= SAME * largest:
        return None, None
    df = (of_raters + of_error) ** 2 / (of_raters**2 / (k - 1) + of_error**2 / ((people - 1) * (k - 1)))
    below, above = float(fdtri(people - 1, df, 0.975)), float(fdtri(df, people - 1, 0.975))
    errors = k * found.raters + (k * people - k - people) * found.error
    signal, error = people * found.people, people * found.error
    low, high = (
        (signal / below - error) / (errors + signal / below),
        (above * signal - error) / (errors + above * signal),
    )
    return (low, high) if low <= value <= high < math.inf else (None, None)
