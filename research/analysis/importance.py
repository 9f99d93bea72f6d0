"""Which change matters: by the spread of the scores, and by what people themselves say.

No published minimal important difference was found for the questionnaires of this field, so a report names which of
these it used, and that it is the study's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.analysis import NotComputable, Reason
from research.analysis.cases import Array, present


def half_sd(sd: float) -> float:
    """Half a standard deviation before, in points.

    Source: Norman, Sloan & Wyrwich (2003), Medical Care 41, 582-592.
    """
    return sd / 2


def one_sem(sd: float, reliability: float) -> float:
    """One standard error of measurement, `sd * sqrt(1 - reliability)`, in points.

    Raises:
        ValueError: A reliability outside 0 to 1.

    Source: Wyrwich, Tierney & Wolinsky (1999), Journal of Clinical Epidemiology 52, 861-873.
    """
    if not 0 <= reliability <= 1:
        raise ValueError(f"a reliability of {reliability}: expected 0 to 1")
    return sd * math.sqrt(1 - reliability)


@dataclass(frozen=True, slots=True)
class Cut:
    """A change from which on somebody counts as improved, and how that agrees with what they say.

    `sensitivity`: of those who say so, the share at or above it. `specificity`: of the others, the share below it.
    `youden`: their sum - 1.
    """

    at: float
    sensitivity: float
    specificity: float
    youden: float


@dataclass(frozen=True, slots=True)
class Anchored:
    """The change that goes with people saying that they improved.

    Attributes:
        mean_difference: Mean change of those who say so, minus that of the others, in points.
        cut: The change that separates the two best (the largest Youden index); of equally good ones the most
            sensitive, so that nobody's improvement is missed.
        tied: All equally good cuts, from below.
        improved: How many say that they improved.
        others: How many don't.
        left_out: How many have no change, or said nothing.
    """

    mean_difference: float
    cut: Cut
    tied: tuple[Cut, ...]
    improved: int
    others: int
    left_out: int


def anchored(changes: Sequence[float | None], improved: Sequence[bool | None]) -> Anchored | NotComputable:
    """The change that matters by an anchor: each person's change, and whether they say that they improved.

    Only changes that occurred are tried as cuts. A scale on which lower is more has to be turned first.

    Raises:
        ValueError: The two differ in length, or a change is not a finite number.

    Source: Revicki, Hays, Cella & Sloan (2008), Journal of Clinical Epidemiology 61, 102-109; Youden (1950), Cancer 3,
    32-35.
    """
    both = zip(changes, improved, strict=True)
    known = [(change, said) for change, said in both if change is not None and said is not None]
    yes, _ = present([change for change, said in known if said])
    no, _ = present([change for change, said in known if not said])
    if not len(yes) or not len(no):
        return NotComputable(Reason.ALL_OR_NONE)
    cuts = [_cut(float(at), yes, no) for at in np.unique(np.concatenate([yes, no]))]
    # In whole numbers of people: two cuts tie by counts, not by how 1 + 5/6 - 1 was rounded.
    score = [round((cut.sensitivity + cut.specificity) * len(yes) * len(no)) for cut in cuts]
    tied = tuple(cut for cut, points in zip(cuts, score, strict=True) if points == max(score))
    return Anchored(
        mean_difference=float(yes.mean() - no.mean()),
        cut=max(tied, key=lambda cut: (cut.sensitivity, -cut.at)),
        tied=tied,
        improved=len(yes),
        others=len(no),
        left_out=len(changes) - len(known),
    )


def _cut(at: float, yes: Array, no: Array) -> Cut:
    sensitivity, specificity = float((yes >= at).mean()), float((no < at).mean())
    return Cut(at, sensitivity, specificity, sensitivity + specificity - 1)
