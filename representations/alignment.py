"""How far two representations are aligned, by three kinds of measure.

The functions are for two arrays of any origin; `CrossAlignment` is for many people's dissimilarities at once, under
weights, as a bootstrap over items needs it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from representations.dissimilarity import squared_up
from representations.errors import NotEnough, RepresentationError
from representations.resampling import FloatArray, IndexArray

Measure: TypeAlias = Literal["pearson", "spearman", "cosine", "cka", "imbalance"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
CORRELATIONS: tuple[Measure, ...] = ("pearson", "spearman", "cosine")
"""The measures that noise lowers by a factor, so that the factor can be divided out."""
NAMES: dict[Measure, str] = {
    "pearson": "Pearson correlation of dissimilarities",
    "spearman": "Spearman correlation of dissimilarities",
    "cosine": "cosine of dissimilarities",
    "cka": "linear CKA",
    "imbalance": "1 - information imbalance",
}
FEWEST_CELLS = 6
"""Two people who share fewer pairs than this are not compared."""

SOURCE = (
    "Umar and Laio, arXiv 2605.26973v1 [P: that alignment rises with the signal-to-noise ratio and is least near the "
    "interpolation threshold]; information imbalance: arXiv 2510.06401 [P]; closed form and disattenuation: ours [O]."
)


# --- two representations ---------------------------------------------------------------------------------------------


def linear_cka(first: FloatArray, second: FloatArray) -> float:
    """Linear centred kernel alignment of two layers, 0 to 1; unmoved by rotation, scaling and shift of either.

    Args:
        first: shape (items, dimensions), finite.
        second: shape (the same items, its own dimensions).

    Raises:
        RepresentationError: other shapes, or a number that is not finite.
        NotEnough: fewer than 3 items, or a layer that is the same for all of them.

    Source: Kornblith and others (2019) [R]: the squared Frobenius norm of first'second over those of first'first and
    second'second, columns centred.
    """
    one, other = (_checked(layer, len(first)) for layer in (first, second))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    norms = float(np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other))
    if norms == 0:
        raise NotEnough("A layer is the same for all items.", "a layer that differs between items")
    return float(np.linalg.norm(one.T @ other) ** 2) / norms


def distances(layer: FloatArray) -> FloatArray:
    """Euclidean distances of each two items, shape (items, items), from a layer of shape (items, dimensions)."""
    return np.sqrt(np.maximum(_squared_distances(_checked(layer, len(layer))), 0.0))


def rdm_correlation(first: FloatArray, second: FloatArray, measure: Measure = "pearson") -> float:
    """The Pearson, Spearman or cosine similarity of two dissimilarity matrices, -1 to 1 (cosine: 0 to 1).

    Args:
        first: upper triangle, shape (pairs,), finite.
        second: the same pairs of the other.
        measure: `pearson`, `spearman` (tied values share their mean rank) or `cosine`.

    Raises:
        RepresentationError: other shapes, another measure, or a number that is not finite.
        NotEnough: fewer than 3 pairs, or dissimilarities that are all the same.
    """
    if measure not in CORRELATIONS:
        raise RepresentationError(f"Measure {measure} was found. Expected: one of {', '.join(CORRELATIONS)}.")
    one, other = (_checked(cells[:, None], len(first))[:, 0] for cells in (first, second))
    if measure == "spearman":
        one, other = rankdata(one), rankdata(other)
    if measure != "cosine":
        one, other = one - one.mean(), other - other.mean()
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    if norms <= 1e-14 * one.size:
        raise NotEnough("All dissimilarities are the same.", "some that differ")
    return float(one @ other) / norms


def information_imbalance(first: FloatArray, second: FloatArray) -> float:
    """How badly nearness in the first says who is near in the second: 2/n to about 1 (unrelated), up to 2.

    2/n^2 times the sum over items of the rank, in the second, of the item that is nearest in the first. With no ties
    it is exactly 2/n of a representation with itself. Ties count by their mean.

    Args:
        first: distances, shape (items, items), finite, 0 on the diagonal.
        second: the same items' distances in the other.

    Raises:
        RepresentationError: other shapes, or a number that is not finite.
        NotEnough: fewer than 3 items.

    Source: arXiv 2510.06401 [P: abstract]; Glielmo and others (2022) [R].
    """
    n = len(first)
    one, other = _checked(first, n), _checked(second, n)
    if one.shape != (n, n) or other.shape != (n, n):
        raise RepresentationError(f"Distances of shapes {one.shape} and {other.shape} were found. Expected: square.")
    return float(2 / n**2 * (_nearest(one[None]) * _ranks(other[None])).sum())


def imbalance_similarity(first: FloatArray, second: FloatArray) -> float:
    """1 minus the mean of the two information imbalances: about 0 (unrelated) to 1 - 2/n; arguments as there."""
    return 1 - (information_imbalance(first, second) + information_imbalance(second, first)) / 2


# --- many people -----------------------------------------------------------------------------------------------------


class CrossAlignment:
    """The alignment of everybody in one set with everybody in another, again and again under weights.

    Args:
        first: upper triangles, shape (people, pairs), NaN where nothing is known.
        second: the same pairs of the others, shape (others, pairs).
        measure: which of `MEASURES`.

    Raises:
        RepresentationError: the two hold different pairs, or their number is none of a triangle's.
        NotEnough: CKA or the imbalance with a gap: these need every pair.

    Somebody whose dissimilarities are all the same is aligned with nobody (NaN), and so are two who share fewer than
    `FEWEST_CELLS` pairs. Ranks (Spearman) are taken over all that each one has.
    """

    def __init__(self, first: FloatArray, second: FloatArray, measure: Measure) -> None:
        pairs = first.shape[1]
        self.n = round((1 + np.sqrt(1 + 8 * pairs)) / 2)
        if second.shape[1] != pairs or self.n * (self.n - 1) // 2 != pairs:
            raise RepresentationError(
                f"Dissimilarities of {pairs} and {second.shape[1]} pairs were found. Expected: n (n - 1) / 2 in both."
            )
        self.measure = measure
        self.is_whole = bool(np.all(np.isfinite(first)) and np.all(np.isfinite(second)))
        if measure in ("cka", "imbalance") and not self.is_whole:
            gaps = int((~np.isfinite(first)).sum())
            raise NotEnough(
                f"{NAMES[measure]} needs every pair, and {gaps} of {first.size} were never judged.",
                "a trial for each pair and person in either half of the trials, or features to fit them by",
            )
        self._above = np.triu_indices(self.n, 1)
        # In units of each one's greatest value, which no measure sees, so that round-off is of one size for everybody.
        self._first, self._second = (_in_units_of_greatest(values) for values in (first, second))
        if measure == "spearman":
            self._codes = [_rank_codes(values) for values in (first, second)]
        elif measure == "cka":
            self._grams = [-0.5 * squared_up(values, self.n) ** 2 for values in (self._first, self._second)]

    def __call__(self, item_counts: IndexArray | None = None, people: IndexArray | None = None) -> FloatArray:
        """Alignment of each with each, shape (people, others).

        Args:
            people: the numbers of those wanted, of both sets; all where it is not given.
            item_counts: how often each item stands in a bootstrap draw, shape (items,); once each where it is not
                given. A pair of an item with itself is no pair. The imbalance takes none: an item that stands there
                twice is its own nearest neighbour.
        """
        own = slice(None) if people is None else people
        if self.measure == "imbalance":
            return self._imbalance[own][:, own]
        counts = np.ones(self.n) if item_counts is None else item_counts.astype(np.float64)
        if self.measure == "cka":
            one, other = (_centred_grams(gram[own], counts) for gram in self._grams)
            return _unit(one) @ _unit(other).T
        weights = counts[self._above[0]] * counts[self._above[1]]
        one, other = self._first[own], self._second[own]
        if self.measure == "spearman":
            one, other = (_weighted_ranks(codes[own], weights) for codes in self._codes)
        return _correlations(one, other, weights, is_centred=self.measure != "cosine", is_whole=self.is_whole)

    @cached_property
    def _imbalance(self) -> FloatArray:
        one, other = squared_up(self._first, self.n), squared_up(self._second, self.n)
        flat = [(_nearest(d).reshape(len(d), -1), _ranks(d).reshape(len(d), -1)) for d in (one, other)]
        there = flat[0][0] @ flat[1][1].T
        back = (flat[1][0] @ flat[0][1].T).T
        constant = [np.ptp(values, axis=1) == 0 for values in (self._first, self._second)]
        similarity = 1 - (there + back) / self.n**2
        similarity[constant[0][:, None] | constant[1][None, :]] = np.nan
        return np.asarray(similarity, dtype=np.float64)


def _correlations(
    one: FloatArray, other: FloatArray, weights: FloatArray, *, is_centred: bool, is_whole: bool
) -> FloatArray:
    if not weights.any():  # one item alone was drawn
        return np.full((len(one), len(other)), np.nan)
    if is_whole:
        if is_centred:
            one, other = (x - (x @ weights / weights.sum())[:, None] for x in (one, other))
        root = np.sqrt(weights)
        return _unit(one * root) @ _unit(other * root).T
    known = [np.isfinite(x).astype(np.float64) for x in (one, other)]
    x, y = (np.where(k > 0, x, 0.0) for k, x in zip(known, (one, other), strict=True))
    if is_centred:  # near the middle already, so that the sums of squares below lose no figures
        x, y = (
            np.where(k > 0, v - (v @ weights / np.maximum(k @ weights, 1e-300))[:, None], 0.0)
            for k, v in zip(known, (x, y), strict=True)
        )
    shared = (known[0] * (weights > 0)) @ known[1].T
    total = (known[0] * weights) @ known[1].T
    with np.errstate(invalid="ignore", divide="ignore"):
        xy = (x * weights) @ y.T
        xx, yy = (x * x * weights) @ known[1].T, (known[0] * weights) @ (y * y).T
        if is_centred:
            x_sum, y_sum = (x * weights) @ known[1].T, (known[0] * weights) @ y.T
            xy, xx, yy = xy - x_sum * y_sum / total, xx - x_sum**2 / total, yy - y_sum**2 / total
        scale = np.sqrt(np.maximum(xx, 0) * np.maximum(yy, 0))
        found = np.clip(xy / scale, -1, 1)
    found[(shared < FEWEST_CELLS) | ~(scale > 1e-14)] = np.nan
    return np.asarray(found, dtype=np.float64)


def _in_units_of_greatest(values: FloatArray) -> FloatArray:
    greatest = np.abs(np.where(np.isfinite(values), values, 0.0)).max(axis=1, initial=0.0, keepdims=True)
    return np.asarray(values / np.where(greatest > 0, greatest, 1.0), dtype=np.float64)


def _unit(rows: FloatArray) -> FloatArray:
    """Each row at length 1; a row of nothing is NaN."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths <= 1e-13 * np.sqrt(rows.shape[1])] = np.nan
    return np.asarray(rows / lengths, dtype=np.float64)


def _centred_grams(grams: FloatArray, counts: FloatArray) -> FloatArray:
    """Gram matrices with the weighted mean at the origin, as weighted rows of shape (people, items^2)."""
    share = counts / counts.sum()
    row = grams @ share
    middle = row @ share
    centred = grams - row[:, :, None] - row[:, None, :] + middle[:, None, None]
    root = np.sqrt(counts)
    return np.asarray(centred * root[:, None] * root[None, :], dtype=np.float64).reshape(len(grams), -1)


def _rank_codes(values: FloatArray) -> IndexArray:
    """Which value in rising order each entry has in its row, from 0, shape as given; -1 for NaN."""
    codes = np.where(np.isfinite(values), rankdata(values, method="dense", axis=1, nan_policy="omit") - 1, -1)
    return codes.astype(np.intp)


def _weighted_ranks(codes: IndexArray, weights: FloatArray) -> FloatArray:
    """Mean ranks where every entry counts as often as its weight; NaN where there is none."""
    rows, pairs = codes.shape
    known = codes >= 0
    place = np.where(known, codes, 0) + pairs * np.arange(rows)[:, None]
    heavy = np.where(known, weights, 0.0)
    own = np.bincount(place.ravel(), weights=heavy.ravel(), minlength=rows * pairs).reshape(rows, pairs)
    middle = np.cumsum(own, axis=1) - own / 2
    return np.where(known, middle.ravel()[place], np.nan)


def _nearest(d: FloatArray) -> FloatArray:
    """1 where the second item is the nearest of the first, shared among ties, shape (.., items, items)."""
    others = _without_self(d)
    is_nearest = others == others.min(axis=-1, keepdims=True)
    return np.asarray(is_nearest / is_nearest.sum(axis=-1, keepdims=True), dtype=np.float64)


def _ranks(d: FloatArray) -> FloatArray:
    """The rank of each item among the others of the first, from 1, ties by their mean; itself 0."""
    ranks = rankdata(_without_self(d), axis=-1)
    ranks[..., np.arange(d.shape[-1]), np.arange(d.shape[-1])] = 0.0
    return ranks


def _without_self(d: FloatArray) -> FloatArray:
    others = d.copy()
    others[..., np.arange(d.shape[-1]), np.arange(d.shape[-1])] = np.inf
    return others


def _squared_distances(layer: FloatArray) -> FloatArray:
    centred = layer - layer.mean(axis=0)
    squares = (centred**2).sum(axis=1)
    found = squares[:, None] + squares[None, :] - 2 * centred @ centred.T
    np.fill_diagonal(found, 0.0)
    return np.asarray(found, dtype=np.float64)


def _checked(layer: npt.ArrayLike, n: int) -> FloatArray:
    table = np.asarray(layer, dtype=np.float64)
    if table.ndim != 2 or len(table) != n or not np.all(np.isfinite(table)):
        raise RepresentationError(
            f"An array of shape {table.shape} with {int((~np.isfinite(table)).sum())} gaps was found. "
            f"Expected: {n} rows, numbers throughout."
        )
    if n < 3:
        raise NotEnough(f"There are {n} rows.", "3 or more")
    return table
