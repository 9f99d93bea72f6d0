"""How reliable a study's own numbers are: within a questionnaire, from one occasion to the next, between raters.

Everything here takes rows of numbers and gives frozen results. What can't be computed is None and says why in
`reason`; at the floor of a scale, where everybody answers alike, that is the ordinary case and no fault. A row with a
missing value is left out, and how many were is said. Intervals are 95 %.
"""

from assessments.reliability.agreement import Coefficient, Intraclass, Repeated, intraclass, repeated
from assessments.reliability.categories import Kappa, Weights, kappa
from assessments.reliability.internal_consistency import (
    Alpha,
    Omega,
    alpha,
    item_rest,
    omega,
    omega_of,
    spearman_brown,
)
from assessments.reliability.rows import Reason

__all__ = [
    "Alpha",
    "Coefficient",
    "Intraclass",
    "Kappa",
    "Omega",
    "Reason",
    "Repeated",
    "Weights",
    "alpha",
    "intraclass",
    "item_rest",
    "kappa",
    "omega",
    "omega_of",
    "repeated",
    "spearman_brown",
]
