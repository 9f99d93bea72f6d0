"""How many improved, by group: difference and ratios of shares, number needed to treat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from research.analysis import NotComputable, Reason
from research.analysis.distributions import Z95


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, 0 to 1, with Wilson's interval."""

    value: float
    low: float
    high: float
    responders: int
    people: int


@dataclass(frozen=True, slots=True)
class Responders:
    """Two groups' shares compared.

    Attributes:
        one: The share of the first group.
        other: That of the second.
        difference: `one` minus `other`, -1 to 1.
        low: Lower limit of the difference by Newcombe's method 10 (from the limits of both shares).
        high: Upper limit of it.
        ratio: `one` over `other`; None where nobody of the other group improved.
        odds_ratio: The ratio of the odds; None where a cell that it divides by is 0.
        number_needed: One over the difference: how many more are to be in the first group for one more to improve.
            Negative where fewer improve there; None without a difference.
        number_needed_reported: The same rounded away from 0, as it is reported.
        fisher_p: Fisher's exact test, two-sided: all tables no likelier than this one.
    """

    one: Share
    other: Share
    difference: float
    low: float
    high: float
    ratio: float | None
    odds_ratio: float | None
    number_needed: float | None
    number_needed_reported: int | None
    fisher_p: float


def responders(one: tuple[int, int], other: tuple[int, int]) -> Responders | NotComputable:
    """Two groups compared, each given as (how many improved, how many there are).

    Raises:
        ValueError: A count is below 0, or more improved than there are.

    Source: Newcombe (1998), Statistics in Medicine 17, 857-872 (one share) and 873-890 (their difference); Fisher
    (1935), Journal of the Royal Statistical Society 98, 39-82.
    """
    for found, people in (one, other):
        if not 0 <= found <= people:
            raise ValueError(f"{found} of {people} improved: expected 0 to {people}")
    if not one[1] or not other[1]:
        return NotComputable(Reason.EMPTY_GROUP)
    first, second = wilson(*one), wilson(*other)
    (a, n1), (c, n2) = one, other
    b, d = n1 - a, n2 - c
    difference = Fraction(a, n1) - Fraction(c, n2)
    needed = 1 / difference if difference else None
    return Responders(
        one=first,
        other=second,
        difference=float(difference),
        low=float(difference) - math.hypot(first.value - first.low, second.high - second.value),
        high=float(difference) + math.hypot(first.high - first.value, second.value - second.low),
        ratio=float(Fraction(a * n2, n1 * c)) if c else None,
        odds_ratio=float(Fraction(a * d, b * c)) if b and c else None,
        number_needed=None if needed is None else float(needed),
        number_needed_reported=None if needed is None else int(math.copysign(math.ceil(abs(needed)), needed)),
        fisher_p=_fisher(a, b, c, d),
    )


def wilson(found: int, people: int) -> Share:
    """A share with Wilson's score interval, which keeps within 0 to 1 and has a width even at 0 and 1.

    Raises:
        ValueError: There is nobody, or more are found than there are.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if people < 1 or not 0 <= found <= people:
        raise ValueError(f"{found} of {people}: expected 0 to {people} of at least 1")
    share, square = found / people, Z95**2
    middle = (share + square / (2 * people)) / (1 + square / people)
    reach = Z95 * math.sqrt(share * (1 - share) / people + square / (4 * people**2)) / (1 + square / people)
    # At 0 and 1 the limit is the share itself, and rounding must not push it past.
    low, high = (0.0 if not found else middle - reach), (1.0 if found == people else middle + reach)
    return Share(share, low, high, found, people)


def _fisher(a: int, b: int, c: int, d: int) -> float:
    """In whole numbers, so that a table as likely as the observed one is never lost to rounding."""
    improved, first, second = a + c, a + b, c + d
    least, most = max(0, improved - second), min(improved, first)
    ways = [math.comb(first, k) * math.comb(second, improved - k) for k in range(least, most + 1)]
    observed = ways[a - least]
    return float(Fraction(sum(way for way in ways if way <= observed), sum(ways)))
