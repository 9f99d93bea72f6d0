"""One person by themselves: whether the days of training lie above the days before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.analysis import NotComputable, Reason
from research.analysis.cases import present


@dataclass(frozen=True, slots=True)
class Nonoverlap:
    """Nonoverlap of all pairs: of all pairs of a day before and a day of training, the share that rose.

    Attributes:
        value: 0 to 1; 0.5 where training changed nothing. Ties count half.
        before: How many values before.
        during: How many of the training.
        left_out: How many are missing.
    """

    value: float
    before: int
    during: int
    left_out: int


def nonoverlap(before: Sequence[float | None], during: Sequence[float | None]) -> Nonoverlap | NotComputable:
    """NAP of one person's values before and during training, of a measure that is to rise.

    Raises:
        ValueError: A value is not a finite number.

    Source: Parker & Vannest (2009), Behavior Therapy 40, 357-367.
    """
    (first, lost), (then, its_lost) = present(before), present(during)
    if not len(first) or not len(then):
        return NotComputable(Reason.EMPTY_PHASE)
    apart = np.subtract.outer(then, first)
    rose = float(np.count_nonzero(apart > 0) + np.count_nonzero(apart == 0) / 2)
    return Nonoverlap(rose / apart.size, len(first), len(then), lost + its_lost)
