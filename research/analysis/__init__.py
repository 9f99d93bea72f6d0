"""What a trial's numbers say: one module a question, each from plain values to a frozen result. No database.

What can't be computed is a `NotComputable` with the reason, never a crash, a warning or a guess. A value that is
missing is None; the person is left out where it is needed, and `left_out` says how many were. Intervals and *p* are
two-sided, 95 %, unless said otherwise; none is corrected for how many were looked at (see `corrections`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a result is missing, as a plain sentence."""

    EMPTY_GROUP = "A group has nobody with all values."
    EMPTY_PHASE = "There are no values before, or none during the training."
    FEW_GROUPS = "There are fewer than two groups."
    FEW_PEOPLE = "There are too few people with all values."
    FEW_PAIRS = "There are fewer than two people with both values."
    FEW_POINTS = "There are fewer than two points."
    FEW_TIMES = "There are fewer than two times."
    NO_VARIANCE = "The values don't vary within the groups, so there is no error to measure against."
    NO_VARIANCE_BEFORE = "The values before don't vary within the groups."
    NO_VARIANCE_OF_CHANGE = "Everybody changed by the same amount."
    NO_VARIANCE_OF_DOSE = "Everybody had the same dose."
    NO_VARIANCE_OF_OUTCOME = "Everybody has the same outcome."
    NOT_SEPARABLE = "Some combination of group and time has no values, so its effect can't be told apart."
    NOTHING_WITHIN = "Each person keeps the same distance from their group, so nothing varies within people."
    SEPARATED = "The groups, or the values before, separate the outcomes completely, so that no estimate is finite."
    ONE_OUTCOME = "Everybody is in the same category."
    ALL_OR_NONE = "Either everybody or nobody improved, so there is nothing to tell apart."
    NO_EFFECT = "No number of people would find an effect of nothing."
    NOBODY_GUESSED = "Nobody was asked."
    ALL_ALIKE = "All guesses, or all people, are of one group, so chance can't be told from knowledge."


@dataclass(frozen=True, slots=True)
class NotComputable:
    """Stands in the place of a result that the values can't give."""

    reason: Reason
