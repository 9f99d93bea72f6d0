"""How far people agree, within groups and between them, and how far each agrees with themselves.

Noise lowers the agreement of two people as it lowers that of a person's two halves; the one over the other is what the
agreement would be without noise. Groups take the ratio of means, which is steadier than the mean of ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from representations.alignment import CORRELATIONS, CrossAlignment, Measure
from representations.dissimilarity import Dissimilarities, averaged, fitted
from representations.judgements import Judgements
from representations.resampling import (
    FloatArray,
    IndexArray,
    bootstrap_counts,
    permutations,
    permutations_within,
)
from representations.result import Progress

BOOTSTRAP_SPLITS = 4
"""How many of the splits into halves each bootstrap draw looks at."""


@dataclass(frozen=True)
class Material:
    """Everybody's dissimilarities from all trials, and from random halves of them.

    Attributes:
        whole: from all trials.
        halves: for each split, the two halves, each of shape (people, pairs).
    """

    whole: Dissimilarities
    halves: Sequence[tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Figures:
    """Means over people, by group (.., groups) and two groups (.., groups, groups), NaN where there are none.

    Attributes:
        raw: alignment of two different people.
        half: correlation of a person's two halves, not stepped up.
        free: alignment with the noise divided out: of one person's half with another's, over `half` (of two groups:
            over the root of the product of theirs).
    """

    raw: FloatArray
    half: FloatArray
    free: FloatArray

    @property
    def raw_gap(self) -> FloatArray:
        """The first group's raw alignment minus the second's, shape (.., groups, groups)."""
        return _less(self.raw)

    @property
    def gap(self) -> FloatArray:
        """The same with the noise divided out: do the people of one group agree with one another more?"""
        return _less(self.free)

    @property
    def structure(self) -> FloatArray:
        """The mean of the two groups' own alignment minus that between them, noise divided out: 0 for one structure."""
        own = np.diagonal(self.free, axis1=-2, axis2=-1)
        return (own[..., :, None] + own[..., None, :]) / 2 - self.free


def measured(
    judgements: Judgements,
    features: FloatArray | None,
    splits: int,
    generator: np.random.Generator,
    progress: Progress | None = None,
) -> Material:
    """Dissimilarities from all trials and from so many splits of them, fitted on features where these are given."""
    halves = []
    for split in range(splits):
        rows = judgements.first_half(generator)
        halves.append((_values(judgements, features, rows), _values(judgements, features, ~rows)))
        if progress:
            progress(split + 1, splits)
    whole = averaged(judgements) if features is None else fitted(judgements, features)
    return Material(whole, halves)


def _values(judgements: Judgements, features: FloatArray | None, rows: npt.NDArray[np.bool_]) -> FloatArray:
    return (averaged(judgements, rows) if features is None else fitted(judgements, features, rows)).values


def of_people(material: Material, measure: Measure) -> tuple[FloatArray, FloatArray]:
    """Alignment of each two people, from all trials, and from one's half with the other's; both (people, people).

    The diagonal of the second is how far each one's halves agree, by the mean over splits.
    """
    whole = CrossAlignment(material.whole.values, material.whole.values, measure)()
    crossed = [CrossAlignment(first, second, measure)() for first, second in material.halves]
    return whole, _mean_of(crossed)


def figures(raw: FloatArray, crossed: FloatArray, membership: FloatArray) -> Figures:
    """Means by group.

    Args:
        raw: as `of_people` gives it.
        crossed: the same.
        membership: how often each person counts for each group, shape (groups, people). A person is never compared
            with themselves, however often they count.
    """
    half = np.diagonal(crossed)
    is_known = np.isfinite(half)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_half = (membership @ np.where(is_known, half, 0.0)) / (membership @ is_known)
        steady = np.where(mean_half > 0, mean_half, np.nan)
        free = _block_means(crossed, membership) / np.sqrt(steady[:, None] * steady[None, :])
    return Figures(_block_means(raw, membership), mean_half, free)


def bootstrapped(
    material: Material,
    measure: Measure,
    membership: FloatArray,
    draws: int,
    generator: np.random.Generator,
    progress: Progress | None = None,
) -> Figures:
    """The same for so many draws of people, each group for itself, and of items; arrays lead with the draws.

    CKA and the imbalance are drawn over people alone: an item that stands there twice is no second item to them, and
    fewer items raise CKA by themselves. Drawing people and items at once errs on the side of wide intervals.
    """
    groups, n_people = membership.shape
    n_items = len(material.whole.items)
    whole = CrossAlignment(material.whole.values, material.whole.values, measure)
    parts = [CrossAlignment(first, second, measure) for first, second in material.halves[: BOOTSTRAP_SPLITS * 4]]
    items = bootstrap_counts(n_items, draws, generator)
    people = np.zeros((draws, groups, n_people))
    for g in range(groups):
        own = np.flatnonzero(membership[g])
        people[:, g, own] = bootstrap_counts(own.size, draws, generator)
    found = []
    for draw in range(draws):
        there = np.flatnonzero(people[draw].any(axis=0))
        some = [parts[(draw * BOOTSTRAP_SPLITS + k) % len(parts)] for k in range(min(BOOTSTRAP_SPLITS, len(parts)))]
        drawn = items[draw] if measure in CORRELATIONS else None
        crossed = _mean_of([part(drawn, there) for part in some])
        found.append(figures(whole(drawn, there), crossed, people[draw][:, there]))
        if progress:
            progress(draw + 1, draws)
    return Figures(*(np.stack([getattr(one, name) for one in found]) for name in ("raw", "half", "free")))


def pair_draws(values: FloatArray, measure: Measure, draws: int, generator: np.random.Generator) -> FloatArray:
    """The alignment of each two people under draws of items, shape (draws, pairs of people)."""
    whole = CrossAlignment(values, values, measure)
    above = np.triu_indices(len(values), 1)
    found = np.empty((draws, above[0].size))
    for row, counts in enumerate(bootstrap_counts(whole.n, draws, generator)):
        found[row] = whole(counts)[above]
    return found


def shuffled(
    values: FloatArray,
    measure: Measure,
    membership: FloatArray,
    draws: int,
    generator: np.random.Generator,
    categories: IndexArray | None = None,
) -> FloatArray:
    """Mean raw alignment of each two groups when everybody's items are shuffled, shape (draws, groups, groups).

    Args:
        values: shape (people, pairs).
        measure: which.
        membership: as for `figures`.
        draws: how many shuffles.
        generator: where the chance comes from.
        categories: the class of each item; items are then shuffled within classes alone, so that what the classes say
            stays and what they don't say goes.
    """
    n = round((1 + np.sqrt(1 + 8 * values.shape[1])) / 2)
    i, j = np.triu_indices(n, 1)
    cell = np.zeros((n, n), dtype=np.intp)
    cell[i, j] = cell[j, i] = np.arange(i.size)
    found = []
    for _ in range(draws):
        orders = (
            permutations(n, len(values), generator)
            if categories is None
            else permutations_within(categories, len(values), generator)
        )
        moved = np.take_along_axis(values, cell[orders[:, i], orders[:, j]], axis=1)
        found.append(_block_means(CrossAlignment(moved, moved, measure)(), membership))
    return np.stack(found)


def partialled(material: Material, other: FloatArray, measure: Measure) -> Material:
    """What is left of everybody's dissimilarities when a given matrix has been taken out by least squares.

    Args:
        material: of which all is taken.
        other: upper triangle of the matrix, shape (pairs,), finite.
        measure: with `spearman` ranks are taken of both first.

    Compare what comes out by `pearson`.
    """
    against = rankdata(other) if measure == "spearman" else other

    def left(values: FloatArray) -> FloatArray:
        if measure == "spearman":
            values = rankdata(values, axis=1, nan_policy="omit")
        known = np.isfinite(values)
        counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
        x = np.where(known, against, 0.0)
        x = np.where(known, x - x.sum(axis=1, keepdims=True) / counts, 0.0)
        y = np.where(known, values, 0.0)
        y = np.where(known, y - y.sum(axis=1, keepdims=True) / counts, 0.0)
        slope = (x * y).sum(axis=1, keepdims=True) / np.maximum((x * x).sum(axis=1, keepdims=True), 1e-300)
        return np.where(known, y - slope * x, np.nan)

    whole = material.whole
    rest = Dissimilarities(whole.people, whole.items, left(whole.values), whole.counts, whole.free_weights)
    return Material(rest, [(left(first), left(second)) for first, second in material.halves])


def _block_means(matrix: FloatArray, membership: FloatArray) -> FloatArray:
    """Means over different people of each two groups, both ways of a pair taken together."""
    is_known = np.isfinite(matrix)
    np.fill_diagonal(is_known, val=False)
    sums = membership @ np.where(is_known, matrix, 0.0) @ membership.T
    counts = membership @ is_known @ membership.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((sums + sums.T) / (counts + counts.T))


def _mean_of(matrices: Sequence[FloatArray]) -> FloatArray:
    """The mean of what is known at each place."""
    stack = np.stack(matrices)
    known = np.isfinite(stack)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, stack, 0.0).sum(axis=0) / known.sum(axis=0))


def _less(blocks: FloatArray) -> FloatArray:
    own = np.diagonal(blocks, axis1=-2, axis2=-1)
    return np.asarray(own[..., :, None] - own[..., None, :])
