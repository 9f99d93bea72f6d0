"""Change of a score since a person's first value, and whether it is more than the error of measurement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assessments.scoring import exact
from protocol.study import Norm

Verdict = Literal["increased", "decreased", "no_reliable_change"]

CRITICAL = 1.96
"""Two-sided 5 % point of the normal distribution; a change is reliable beyond it, not at it (Jacobson & Truax 1991)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One timepoint of one score of one person.

    `change` is None where there is no value, at the reference itself, and before it. `reliable_change` and `verdict`
    are None also where the instrument has no retest norm of the score. A verdict speaks of the number, not of the
    person: with a scale on which higher is less, *increased* is less of what was asked.
    """

    timepoint: str
    value: float | None
    change: float | None
    reliable_change: float | None
    verdict: Verdict | None


def changes(series: Iterable[tuple[str, float | None]], norms: Sequence[Norm], score: str) -> tuple[Change, ...]:
    """One row a timepoint, measured against the first timepoint that has a value.

    Args:
        series: The person's values of one score as (timepoint, value), in the study's order, whatever the order in
            which they were answered.
        norms: The instrument's norms, in the order of the file.
        score: The name of the score.
    """
    reference: float | None = None
    rows = []
    for timepoint, value in series:
        moved = change(value, reference)
        index = reliable_change(moved, norms, score)
        rows.append(Change(timepoint, value, moved, index, verdict(index)))
        reference = value if reference is None else reference
    return tuple(rows)


def change(value: float | None, first: float | None) -> float | None:
    """`value` minus `first`, None where either is missing."""
    if value is None or first is None:
        return None
    return float(exact(value) - exact(first))


def reliable_change(change: float | None, norms: Sequence[Norm], score: str) -> float | None:
    """The reliable change index, `change / (sd * sqrt(2 * (1 - reliability)))`, in standard errors of a difference.

    Only the first retest norm of the score is used, never a later one and never an alpha: internal consistency says
    nothing about how steady an unchanged person's score is from one occasion to the next.

    Returns:
        None without a change or a retest norm, or where that norm leaves no error to measure against (sd 0 or
        reliability 1).

    Source: Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59, 12-19.
    """
    norm = next((norm for norm in norms if norm.score == score and norm.kind == "retest"), None)
    if change is None or norm is None:
        return None
    variance = exact(norm.sd) ** 2 * 2 * (1 - exact(norm.reliability))
    if variance <= 0:
        return None
    # One root of an exact ratio: dividing by a rounded root can push a change at the threshold past it
    # (19.6 / 10 is 1.9600000000000002 in floats).
    return math.copysign(math.sqrt(exact(change) ** 2 / variance), change)


def verdict(index: float | None) -> Verdict | None:
    """What a reliable change index says at 1.96; None without one."""
    if index is None:
        return None
    if abs(index) <= CRITICAL:
        return "no_reliable_change"
    return "increased" if index > 0 else "decreased"
