"""Change of a score since a person's first value, and whether it is more than the error of measurement.

Several published ways to judge it stand side by side, and each says by whose numbers it judges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assessments.error import (
    CRITICAL,
    Refusal,
    StandardError,
    conditional_error,
    difference_error,
    maassen_error,
    reference,
    refusal,
)
from assessments.scoring import exact
from protocol.instrument import Norm

Verdict = Literal["increased", "decreased", "no_reliable_change"]
Method = Literal["jacobson_truax", "maassen", "practice_corrected", "conditional", "smallest_detectable"]
Category = Literal["crossed", "reliably_higher", "no_reliable_change", "reliably_lower"]


# --- A person's series -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One timepoint of one score of one person.

    `change` is None where there is no value, at the reference itself, and everywhere without a reference;
    `reliable_change` and `verdict` also where no retest norm of the score may speak. A verdict speaks of the number,
    not of the person: with a scale on which higher is less, *increased* is less of what was asked.
    """

    timepoint: str
    value: float | None
    change: float | None
    reliable_change: float | None
    verdict: Verdict | None


def changes(
    series: Iterable[tuple[str, float | None]],
    norms: Sequence[Norm],
    score: str,
    *,
    baseline: Sequence[str] = (),
    selected_norms: bool = False,
) -> tuple[Change, ...]:
    """One row a timepoint, each value measured against the one at the reference.

    Args:
        series: The person's values of one score as (timepoint, value), in the study's order, whatever the order in
            which they were answered.
        norms: The instrument's norms, in the order of the file.
        score: The name of the score.
        baseline: The timepoints that may be the reference: the first of them, in this order, that has a value. Values
            from before it are measured against it too, and if none of them has a value there is no change at all: the
            study has said what counts, and another timepoint does not stand in. Empty: the first of the series that
            has a value.
        selected_norms: Whether the study allows the SD of a sample that was selected by the score.
    """
    rows = list(series)
    place = _reference_place(rows, baseline)
    first = None if place is None else rows[place][1]
    error = _reference_error(norms, score, selected_norms)
    moves = [None if n == place else change(value, first) for n, (_, value) in enumerate(rows)]
    indices = [_index(moved, error) for moved in moves]
    cells = zip(rows, moves, indices, strict=True)
    return tuple(Change(timepoint, value, moved, index, verdict(index)) for (timepoint, value), moved, index in cells)


def change(value: float | None, first: float | None) -> float | None:
    """`value` minus `first`, None where either is missing."""
    if value is None or first is None:
        return None
    return float(exact(value) - exact(first))


def reliable_change(
    change: float | None, norms: Sequence[Norm], score: str, *, selected_norms: bool = False
) -> float | None:
    """The reliable change index, `change / (sd * sqrt(2 * (1 - reliability)))`, in standard errors of a difference.

    Only the first retest norm of the score is used, never a later one and never an alpha: internal consistency says
    nothing about how steady an unchanged person's score is from one occasion to the next.

    Returns:
        None without a change or a retest norm; where that norm is unverified, or selected and the study does not
        allow `selected_norms`; or where it leaves no error to measure against (sd 0 or reliability 1).

    Source: Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59, 12-19.
    """
    return _index(change, _reference_error(norms, score, selected_norms))


def verdict(index: float | None) -> Verdict | None:
    """What a reliable change index says at 1.96; None without one."""
    if index is None:
        return None
    if abs(index) <= CRITICAL:
        return "no_reliable_change"
    return "increased" if index > 0 else "decreased"


# --- Every way to judge one change -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one method says of one change.

    Attributes:
        method: Which way it was judged: `jacobson_truax`; `maassen`, by the spread at both occasions;
            `practice_corrected`, less what people gain who were not trained (Chelune and others 1993); `conditional`,
            by the errors at the levels of the two values; `smallest_detectable`, by `1.96 * sqrt(2) * SEM` (de Vet and
            others 2006), which is the first method under its other name.
        norm: The reference sample whose numbers judge.
        standard_error: Of a difference, in points of the score.
        index: How many of them the change, less `expected`, comes to.
        threshold: The minimum change: 1.96 standard errors. A change is reliable where it lies further than this from
            `expected`, not at it.
        verdict: What the index says.
        expected: The change to be expected of people who were not trained; 0 except where practice is corrected for.
        one_sided: Whether the first value is an end of the score: it could move in one direction only, and one error
            for all levels is doubtful there.
        refused: Why the method does not speak, None where it does: the norm is `unverified`; its sample was `selected`
            by the score; or it gives `no_error` for these values. Then standard error, index, threshold and verdict
            are None.
    """

    method: Method
    norm: Norm
    standard_error: float | None
    index: float | None
    threshold: float | None
    verdict: Verdict | None
    expected: float = 0.0
    one_sided: bool = False
    refused: Refusal | Literal["no_error"] | None = None


def judged(
    first: float | None,
    value: float | None,
    norms: Sequence[Norm],
    score: str,
    *,
    selected_norms: bool = False,
    least: float | None = None,
    most: float | None = None,
) -> tuple[Judgement, ...]:
    """What every method says of the change from `first` to `value`, for which the score's norms declare the numbers.

    Each method goes by the first retest norm that declares what it needs (`sd_after`, `practice_gain`, `errors`;
    the others need nothing more), and where that one is refused no later one stands in. Level errors hold at their
    level however a sample was come by, so a selected sample does not silence the conditional method.

    Args:
        first: The value at the reference.
        value: The later value.
        norms: The instrument's norms, in the order of the file.
        score: The name of the score.
        selected_norms: Whether the study allows the SD of a sample that was selected by the score.
        least: The lowest number that the score can be, None where that is not known.
        most: The highest number that it can be.

    Returns:
        The judgements in the order of `Method`; none where a value is missing.
    """
    if first is None or value is None:
        return ()
    one_sided = first in (least, most)
    retests = [norm for norm in norms if norm.score == score and norm.kind == "retest"]
    declaring = ((way, next(filter(way.is_declared_by, retests), None)) for way in _WAYS)
    return tuple(
        _judgement(way, norm, first, value, selected_norms=selected_norms, one_sided=one_sided)
        for way, norm in declaring
        if norm is not None
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """How a method works: which norm declares what it needs, and the standard error that it makes of it."""

    method: Method
    is_declared_by: Callable[[Norm], bool]
    error: Callable[[Norm, float, float], StandardError | None]
    by_sd: bool = True
    expected: Callable[[Norm], float] = lambda _norm: 0.0


def _by_norm_alone(
    error: Callable[[Norm], StandardError | None],
) -> Callable[[Norm, float, float], StandardError | None]:
    return lambda norm, _first, _value: error(norm)


_WAYS = (
    _Way("jacobson_truax", lambda _norm: True, _by_norm_alone(difference_error)),
    _Way("maassen", lambda norm: norm.sd_after is not None, _by_norm_alone(maassen_error)),
    _Way(
        "practice_corrected",
        lambda norm: norm.practice_gain is not None,
        _by_norm_alone(difference_error),
        expected=lambda norm: norm.practice_gain or 0.0,
    ),
    _Way("conditional", lambda norm: bool(norm.errors), conditional_error, by_sd=False),
    _Way("smallest_detectable", lambda _norm: True, _by_norm_alone(difference_error)),
)


def _judgement(
    way: _Way, norm: Norm, first: float, value: float, *, selected_norms: bool, one_sided: bool
) -> Judgement:
    expected = way.expected(norm)
    refused = refusal(norm, selected_norms=selected_norms or not way.by_sd)
    error = None if refused else way.error(norm, first, value)
    if error is None:
        return Judgement(way.method, norm, None, None, None, None, expected, one_sided, refused or "no_error")
    index = _index(change(value, first), error, expected)
    return Judgement(way.method, norm, error.value, index, error.margin, verdict(index), expected, one_sided)


# --- Cut-offs between two groups -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CutOffs:
    """Where a low group ends and the reference group begins, in three ways; `c` weighs both means by the spreads."""

    low: Norm
    reference: Norm
    a: float
    b: float
    c: float

    @property
    def is_circular(self) -> bool:
        """Whether a group was selected by this very score, so that the cut-offs say how it was selected and no more."""
        return self.low.selected or self.reference.selected

    @property
    def is_unverified(self) -> bool:
        """Whether a group's numbers are unverified; then nobody is put into a category by them."""
        return self.low.unverified or self.reference.unverified

    @property
    def is_upward(self) -> bool:
        """Whether the reference group has the higher numbers; it has the lower ones where higher is less."""
        return self.reference.mean > self.low.mean


def cut_offs(low: Norm, reference: Norm) -> CutOffs | None:
    """The cut-offs a, b and c of a clinically significant change, from the low group towards the reference group.

    `a` is the low group's mean and two of its SDs towards the reference; `b` the reference group's mean and two of its
    SDs towards the low group; `c` is `(sd_ref * mean_low + sd_low * mean_ref) / (sd_ref + sd_low)`.

    Returns:
        None where the two means are the same, or neither group has a spread.

    Raises:
        ValueError: The norms are of two different scores.

    Source: Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59, 12-19.
    """
    if low.score != reference.score:
        raise ValueError(f"norms of {low.score!r} and {reference.score!r}; expected two of one score")
    mean_low, mean_ref, sd_low, sd_ref = map(exact, (low.mean, reference.mean, low.sd, reference.sd))
    if mean_low == mean_ref or sd_low + sd_ref == 0:
        return None
    towards = 1 if mean_ref > mean_low else -1
    return CutOffs(
        low=low,
        reference=reference,
        a=float(mean_low + 2 * towards * sd_low),
        b=float(mean_ref - 2 * towards * sd_ref),
        c=float((sd_ref * mean_low + sd_low * mean_ref) / (sd_ref + sd_low)),
    )


def category(
    first: float | None,
    value: float | None,
    says: Verdict | None,
    cuts: CutOffs,
    cut: Literal["a", "b", "c"] = "c",
) -> Category | None:
    """What a change is beside a cut-off: *crossed* where it is reliable and leads past it from the low group's side.

    Past is beyond the cut-off, not at it. The other way over it is a reliable change and no more. None of the words
    says that anybody recovered: aphantasia is no illness.

    Args:
        first: The value at the reference.
        value: The later value.
        says: The verdict of a method.
        cuts: The cut-offs; show them with their notes (`is_circular`, `is_unverified`).
        cut: Which of the three counts.

    Returns:
        None without both values or a verdict, or where the cut-offs are unverified.
    """
    if first is None or value is None or says is None or cuts.is_unverified:
        return None
    at = {"a": cuts.a, "b": cuts.b, "c": cuts.c}[cut]
    if cuts.is_upward:
        has_crossed = says == "increased" and first <= at < value
    else:
        has_crossed = says == "decreased" and value < at <= first
    return "crossed" if has_crossed else _CATEGORY[says]


_CATEGORY: Mapping[Verdict, Category] = {
    "increased": "reliably_higher",
    "decreased": "reliably_lower",
    "no_reliable_change": "no_reliable_change",
}


# --- Off the floor ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OffTheFloor:
    """Whether a person is off the floor at each occasion, and whether twice in a row.

    Attributes:
        is_off: One entry an occasion; None where that can't be said.
        is_met: Whether two occasions in a row are off. None where a missing occasion could have made it so; False where
            it could not.
        met_at: The place, from 0, of the second of the first two such occasions: from here on the rule is met, whatever
            follows. None where it is not met, or not known to be.
    """

    is_off: tuple[bool | None, ...]
    is_met: bool | None
    met_at: int | None


def off_the_floor(items_above: Sequence[int | None], k: int) -> OffTheFloor:
    """The rule *off the floor on at least `k` items at two consecutive occasions*, to be declared beforehand.

    A missing occasion breaks the row: two that are off with a missing one between them are not consecutive, and what
    the rule is there for is not to count a single one. Nor does it speak against the rule (`is_met`).

    Args:
        items_above: On how many items the answer is above the item's least end, an occasion each in the study's order;
            None where that is missing or can't be said.
        k: How many items it takes.

    Raises:
        ValueError: `k` is below 1; with 0 everybody would be off the floor.
    """
    if k < 1:
        raise ValueError(f"off the floor on {k} items; expected at least 1")
    is_off = tuple(None if above is None else above >= k for above in items_above)
    met_at = next((n for n, pair in enumerate(pairwise(is_off), start=1) if all(pair)), None)
    could_be = any(one is not False and other is not False for one, other in pairwise(is_off))
    if met_at is not None:
        return OffTheFloor(is_off, True, met_at)
    return OffTheFloor(is_off, None if could_be else False, None)


# --- What they share -------------------------------------------------------------------------------------------------


def _reference_place(rows: Sequence[tuple[str, float | None]], baseline: Sequence[str]) -> int | None:
    """Where the value stands that the others are measured against."""
    places = [n for n, (_, value) in enumerate(rows) if value is not None]
    if not baseline:
        return next(iter(places), None)
    return next((n for timepoint in baseline for n in places if rows[n][0] == timepoint), None)


def _reference_error(norms: Sequence[Norm], score: str, selected_norms: bool) -> StandardError | None:
    norm = reference(norms, score, selected_norms=selected_norms)
    return None if norm is None else difference_error(norm)


def _index(change: float | None, error: StandardError | None, expected: float = 0.0) -> float | None:
    """The change less the expected one, in standard errors."""
    if change is None or error is None:
        return None
    moved = exact(change) - exact(expected) if expected else exact(change)
    # One root of an exact ratio: dividing by a rounded root can push a change at the threshold past it
    # (19.6 / 10 is 1.9600000000000002 in floats). Python rounds the quotient of two whole numbers once.
    (a, b), (c, d) = moved.as_integer_ratio(), error.variance.as_integer_ratio()
    return math.copysign(math.sqrt(a**2 * d / (b**2 * c)), a)
