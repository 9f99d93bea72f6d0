"""Halves, bootstrap draws and permutations; every random choice comes from the generator that is given."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError

FloatArray: TypeAlias = npt.NDArray[np.float64]
IndexArray: TypeAlias = npt.NDArray[np.intp]


def split_halves(n: int, generator: np.random.Generator) -> tuple[IndexArray, IndexArray]:
    """Two random halves of 0 .. n - 1, each in rising order; with n odd one of them, by lot, holds one more.

    Raises:
        NotEnough: n is below 2.
    """
    if n < 2:
        raise NotEnough(f"{n} trials can't be split into halves.", "2 trials")
    order = generator.permutation(n)
    cut = n // 2 + (int(generator.integers(2)) if n % 2 else 0)
    return np.sort(order[:cut]), np.sort(order[cut:])


def split_halves_within(labels: IndexArray, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """True for what falls into the first half, each label's own entries being split for themselves.

    Args:
        labels: whose each entry is, shape (n,), whole numbers from 0.
        generator: where the chance comes from.

    A label with one entry has it in either half, by lot; one with an odd number has one more in either half, by lot.
    """
    order = np.lexsort((generator.random(labels.size), labels))
    counts = np.bincount(labels, minlength=int(labels.max()) + 1 if labels.size else 0)
    starts = np.cumsum(counts) - counts
    place = np.arange(labels.size) - np.repeat(starts, counts)
    cuts = counts // 2 + (counts % 2) * generator.integers(2, size=counts.size)
    is_first = np.empty(labels.size, dtype=np.bool_)
    is_first[order] = place < np.repeat(cuts, counts)
    return is_first


def spearman_brown(reliability: float, times: float = 2.0) -> float:
    """The reliability of a measurement that is so many times as long: k r / (1 + (k - 1) r).

    Args:
        reliability: of the short one, up to 1; NaN stays NaN, and where the formula has no end (-1 for halves) or
            lies beyond it, it is NaN too.
        times: how many times as long, above 0; 2 is from a half to the whole.

    Source: Spearman (1910), Brown (1910); the halves are taken as parallel.
    """
    below = 1 + (times - 1) * reliability
    return times * reliability / below if below > 0 else float("nan")


def bootstrap_indices(n: int, draws: int, generator: np.random.Generator) -> IndexArray:
    """Draws with replacement from 0 .. n - 1, shape (draws, n)."""
    _check(n, draws)
    return generator.integers(n, size=(draws, n))


def bootstrap_counts(n: int, draws: int, generator: np.random.Generator) -> IndexArray:
    """How often each of 0 .. n - 1 stands in each bootstrap draw, shape (draws, n); each row sums to n."""
    indices = bootstrap_indices(n, draws, generator) + n * np.arange(draws)[:, None]
    return np.bincount(indices.ravel(), minlength=draws * n).reshape(draws, n)


def permutations(n: int, draws: int, generator: np.random.Generator) -> IndexArray:
    """Random orders of 0 .. n - 1, shape (draws, n)."""
    _check(n, draws)
    return generator.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)


def permutations_within(labels: IndexArray, draws: int, generator: np.random.Generator) -> IndexArray:
    """Random orders that keep every entry among those of its own label, shape (draws, n).

    Args:
        labels: the class of each entry, shape (n,).
        draws: how many orders.
        generator: where the chance comes from.
    """
    _check(labels.size, draws)
    home = np.argsort(labels, kind="stable")
    orders = np.empty((draws, labels.size), dtype=np.intp)
    for row in orders:
        row[home] = np.lexsort((generator.random(labels.size), labels))
    return orders


def percentile_interval(values: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """The two limits between which that share of the values lies; NaN is left out, and of nothing both are NaN.

    Raises:
        RepresentationError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise RepresentationError(f"A level of {level} was found. Expected: between 0 and 1.")
    finite = values[np.isfinite(values)]
    if not finite.size:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check(n: int, draws: int) -> None:
    if n < 1 or draws < 1:
        raise RepresentationError(f"{draws} draws of {n} were asked for. Expected: at least 1 of each.")
