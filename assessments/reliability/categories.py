"""Whether two judges put the same things into the same categories: kappa."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assessments.reliability.rows import CRITICAL, SAME, Reason, Table

Weights = Literal["none", "linear", "quadratic"]
Pairs = Sequence[tuple[Hashable | None, Hashable | None]]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement of two judges beyond chance.

    Attributes:
        value: -1 to 1; None with a `reason`.
        se: Its standard error for an interval, which is not the one of a test against 0.
        low: `value - 1.96 * se`, not below -1.
        high: `value + 1.96 * se`, not above 1.
        agreement: The share on which they agree (near ones in part, by the weights), 0 to 1.
        judged: How many things both have judged.
        left_out: How many lack a judgement.
        reason: Why there is no value.
    """

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    agreement: float | None
    judged: int
    left_out: int
    reason: Reason


def kappa(pairs: Pairs, *, categories: Sequence[Hashable] = (), weights: Weights = "none") -> Kappa:
    """Cohen's kappa, from a pair (one judge, the other) for each thing judged; None is missing.

    Args:
        pairs: The judgements.
        categories: All categories in their order, which only weights need. Empty means those that occur.
        weights: *none* counts equal categories alone. *linear* and *quadratic* count near ones in part, less by each
            step between them, or by its square.

    Raises:
        ValueError: Weights without `categories`, a category twice, or a judgement that is none of them.

    Source: Cohen (1960), Educational and Psychological Measurement 20, 37-46; (1968), Psychological Bulletin 70,
    213-220. Standard error: Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72, 323-327.
    """
    judged = [(one, other) for one, other in pairs if one is not None and other is not None]
    left_out = len(pairs) - len(judged)
    places = _places(judged, categories, weights)
    if not judged:
        return Kappa(None, None, None, None, None, 0, left_out, Reason.NO_PAIRS)
    shares = np.zeros((len(places), len(places)))
    for one, other in judged:
        shares[places[one], places[other]] += 1 / len(judged)
    weight = _WEIGHTS[weights](np.abs(np.subtract.outer(np.arange(len(places)), np.arange(len(places)))))
    of_one, of_other = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float((weight * shares).sum()), float(of_one @ weight @ of_other)
    if 1 - chance <= SAME:
        return Kappa(None, None, None, None, observed, len(judged), left_out, Reason.ONE_CATEGORY)
    value = (observed - chance) / (1 - chance)
    spread = weight - np.add.outer(weight @ of_other, of_one @ weight) * (1 - value)
    variance = float((shares * (spread - float((shares * spread).sum())) ** 2).sum())
    se = math.sqrt(variance / len(judged)) / (1 - chance)
    return Kappa(
        value=value,
        se=se,
        low=max(value - CRITICAL * se, -1.0),
        high=min(value + CRITICAL * se, 1.0),
        agreement=observed,
        judged=len(judged),
        left_out=left_out,
        reason=Reason.NONE,
    )


def _places(
    judged: Sequence[tuple[Hashable, Hashable]], categories: Sequence[Hashable], weights: Weights
) -> dict[Hashable, int]:
    if weights != "none" and not categories:
        raise ValueError(f"{weights} weights need the categories in their order, and none were given")
    used = dict.fromkeys(category for pair in judged for category in pair)
    places = {category: place for place, category in enumerate(categories or used)}
    if categories and len(places) < len(categories):
        raise ValueError(f"a category stands twice among {', '.join(map(str, categories))}")
    strange = [str(category) for category in used if category not in places]
    if strange:
        raise ValueError(f"{', '.join(strange)}: none of the categories {', '.join(map(str, categories))}")
    return places


def _none(apart: Table) -> Table:
    return np.asarray(apart == 0, dtype=np.float64)


def _linear(apart: Table) -> Table:
    return np.asarray(1 - apart / max(len(apart) - 1, 1), dtype=np.float64)


def _quadratic(apart: Table) -> Table:
    return np.asarray(1 - (apart / max(len(apart) - 1, 1)) ** 2, dtype=np.float64)


_WEIGHTS = {"none": _none, "linear": _linear, "quadratic": _quadratic}
