"""Whether people (or coaches, or raters) knew the arm: Bang's index of each arm, and James's of all.

Ask after the primary outcome and before anybody is told, with confidence and reason. A right guess has two
explanations: the blinding failed, or the training worked and people drew their conclusion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array
from research.analysis.distributions import Z95, Z95_ONE_SIDED

LARGEST_BLINDED = 0.2
"""By convention an arm counts as blinded while Bang's index lies within -0.2 and 0.2."""


@dataclass(frozen=True, slots=True)
class Bang:
    """Bang's index of one arm.

    Attributes:
        value: -1 (all name the other arm) to 1 (all know); 0 is what guessing gives.
        se: Its standard error.
        low: Lower two-sided limit, not below -1.
        high: Upper two-sided limit, not above 1.
        low_one_sided: The 95 % limit that the index lies above, to judge whether more than guessing was known.
        high_one_sided: The 95 % limit that it lies below.
        correct: How many named their arm.
        incorrect: How many named another.
        dont_know: How many said that they don't know.
    """

    value: float
    se: float
    low: float
    high: float
    low_one_sided: float
    high_one_sided: float
    correct: int
    incorrect: int
    dont_know: int


def bang(correct: int, incorrect: int, dont_know: int) -> Bang | NotComputable:
    """The index of an arm, `(correct - incorrect) / everybody asked`.

    Its variance is that of the difference of two shares of one multinomial sample,
    `(p1 * (1 - p1) + p2 * (1 - p2) + 2 * p1 * p2) / n`.

    Raises:
        ValueError: A count is below 0.

    Source: Bang, Ni & Davis (2004), Controlled Clinical Trials 25, 143-156.
    """
    if min(correct, incorrect, dont_know) < 0:
        raise ValueError(f"{correct}, {incorrect}, {dont_know}: a count can't be below 0")
    people = correct + incorrect + dont_know
    if not people:
        return NotComputable(Reason.NOBODY_GUESSED)
    right, wrong = correct / people, incorrect / people
    value = (correct - incorrect) / people
    se = math.sqrt((right * (1 - right) + wrong * (1 - wrong) + 2 * right * wrong) / people)
    return Bang(
        value=value,
        se=se,
        low=max(value - Z95 * se, -1.0),
        high=min(value + Z95 * se, 1.0),
        low_one_sided=max(value - Z95_ONE_SIDED * se, -1.0),
        high_one_sided=min(value + Z95_ONE_SIDED * se, 1.0),
        correct=correct,
        incorrect=incorrect,
        dont_know=dont_know,
    )


@dataclass(frozen=True, slots=True)
class James:
    """James's index of all arms together.

    Attributes:
        value: 0 (everybody knows) to 1 (nobody knows anything); 0.5 is what guessing gives.
        se: Its standard error.
        low: Lower two-sided limit, not below 0.
        high: Upper two-sided limit, not above 1; below 0.5 it suggests that the blinding failed.
        people: How many were asked.
    """

    value: float
    se: float
    low: float
    high: float
    people: int


def james(guesses: Mapping[str, Mapping[str, int]], dont_know: Mapping[str, int]) -> James | NotComputable:
    """The index over all arms, which counts *don't know* as blinded.

    A guess weighs 0 where it is right, 0.5 where it is wrong, and *don't know* 1. With everybody saying *don't know*
    the index is 1 by definition, without an error.

    Args:
        guesses: By the arm that people are in: by the arm that they named, how many. An arm not named is 0.
        dont_know: By the arm that people are in, how many said that they don't know.

    Raises:
        ValueError: A count is below 0, or an arm is named that nobody can be in.

    Source: James, Bloch, Lee, Kraemer & Fuller (1996), Statistics in Medicine 15, 1421-1434; its variance here by the
    delta method over the table's cells, which is what the authors' formula comes to.
    """
    table, unknown = _table(guesses, dont_know)
    people = int(table.sum() + unknown)
    if not people:
        return NotComputable(Reason.NOBODY_GUESSED)
    if unknown == people:
        return James(1.0, 0.0, 1.0, 1.0, people)
    shares = table / people  # a row an arm named, a column the arm they are in
    weight = 0.5 * (1 - np.eye(len(table)))
    named, are = shares.sum(axis=1), shares.sum(axis=0)
    known = float(shares.sum())
    observed, chance = float((weight * shares).sum()), float(named @ weight @ are)
    if chance <= 0:
        return NotComputable(Reason.ALL_ALIKE)
    value = 1 - known + observed * known**2 / (2 * chance)
    # How the index changes with the share of each cell.
    by_chance = np.add.outer(weight @ are, named @ weight)
    slope = -1 + (weight * known**2 + 2 * observed * known - observed * known**2 / chance * by_chance) / (2 * chance)
    variance = float((shares * slope**2).sum()) - float((shares * slope).sum()) ** 2
    se = math.sqrt(max(variance, 0.0) / people)
    return James(value, se, max(value - Z95 * se, 0.0), min(value + Z95 * se, 1.0), people)


def _table(guesses: Mapping[str, Mapping[str, int]], dont_know: Mapping[str, int]) -> tuple[Array, int]:
    """Guesses as counts (a row an arm named, a column the arm they are in), and how many made none."""
    arms = list(dict.fromkeys([*guesses, *dont_know]))
    strange = sorted({named for by_named in guesses.values() for named in by_named if named not in arms})
    if strange:
        raise ValueError(f"{', '.join(strange)}: named, and none of the arms {', '.join(arms)}")
    table = np.array([[guesses.get(arm, {}).get(named, 0) for arm in arms] for named in arms], dtype=np.float64)
    if (table < 0).any() or any(count < 0 for count in dont_know.values()):
        raise ValueError("a count can't be below 0")
    return table.reshape(len(arms), len(arms)), sum(dont_know.values())
