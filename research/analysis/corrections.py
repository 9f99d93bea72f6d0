"""Values of *p* corrected for how many were looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def holm(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Each p so corrected that the chance of even one false finding stays at the level, in the given order.

    The smallest is multiplied by how many there are, the next by one less, and so on; none is corrected to less than
    a smaller one, nor above 1. A None is a test that was not made: it stays None and is not counted.

    Raises:
        ValueError: A p outside 0 to 1.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    return _stepped(p, lambda rank, count: count - rank, rising=True)


def benjamini_hochberg(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Each p so corrected that the expected share of false findings among the findings stays at the level.

    The largest is left as it is, the next is multiplied by count / (count - 1), and so on down; none is corrected to
    more than a larger one. None as in `holm`.

    Raises:
        ValueError: A p outside 0 to 1.

    Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    return _stepped(p, lambda rank, count: count / (rank + 1), rising=False)


def _stepped(
    p: Sequence[float | None], factor: Callable[[int, int], float], *, rising: bool
) -> tuple[float | None, ...]:
    """Each times its factor (by its rank from 0, and their count), made to rise with the ranks, from either end."""
    ranked = sorted((value, place) for place, value in enumerate(p) if value is not None)
    for value, place in ranked:
        if not 0 <= value <= 1:
            raise ValueError(f"p number {place + 1} is {value}, and a p lies between 0 and 1")
    corrected: list[float | None] = [None] * len(p)
    steps = list(enumerate(ranked))
    bound = 0.0 if rising else 1.0
    for rank, (value, place) in steps if rising else reversed(steps):
        scaled = value * factor(rank, len(ranked))
        bound = min(max(bound, scaled), 1.0) if rising else min(bound, scaled)
        corrected[place] = bound
    return tuple(corrected)
