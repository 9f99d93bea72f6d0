"""Rows of answers as a table of complete cases, and the reasons why a coefficient can't be computed from one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]
Rows = Sequence[Sequence[float | None]]

CRITICAL = 1.96
"""What the field multiplies a standard error by for 95 %: limits of agreement and SDC95 are published with it."""

SAME = 1e-12
"""As a share of the largest value: what is closer together than this differs by rounding alone."""


class Reason(StrEnum):
    """Why a number is missing, as a plain sentence; empty where nothing is."""

    NONE = ""
    FEW_PEOPLE = "Fewer than two people have all values."
    FEW_ITEMS = "There are fewer than two items."
    FEW_ITEMS_FOR_A_FACTOR = "There are fewer than three items, and a factor needs three."
    FEW_RATERS = "There are fewer than two raters."
    CONSTANT_ITEM = "Everybody gave the same answer to an item."
    CONSTANT_SUM = "Everybody has the same sum."
    CONSTANT_VALUES = "All values are the same."
    CONSTANT_OCCASION = "Everybody has the same value on one of the occasions."
    NO_ERROR = "The raters never differ, so there is no error to make an interval of."
    BELOW_CHANCE = "People differ less from each other than error alone would make them."
    NO_FACTOR = "No single factor fits: it would leave an item less than no error of its own."
    ONE_CATEGORY = "Only one category was used, so chance alone explains all agreement."
    NO_PAIRS = "Nothing was judged twice."


def complete(rows: Rows, width: int = 0) -> tuple[Table, int]:
    """The rows in which nothing is missing as a table, and how many had a value missing.

    Args:
        rows: A row a person; None is missing.
        width: How wide the table is when there are no rows to tell.

    Raises:
        ValueError: The rows differ in length, or a value is not a finite number.
    """
    width = len(rows[0]) if rows else width
    for place, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"row {place} has {len(row)} values, and the first has {width}")
    full = [row for row in rows if None not in row]
    table = np.array(full, dtype=np.float64).reshape(len(full), width)
    if not np.isfinite(table).all():
        raise ValueError("a value is infinite or not a number; a missing one is None")
    return table, len(rows) - len(full)


def is_constant(values: Table) -> bool:
    """Whether the values differ by no more than rounding."""
    return bool(np.ptp(values) <= SAME * np.abs(values).max())


def pearson(one: Table, other: Table) -> float | None:
    """The correlation, -1 to 1; None where either is constant."""
    if is_constant(one) or is_constant(other):
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
