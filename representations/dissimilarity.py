"""How unlike each two items are to each person, with how many trials stand behind every number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError
from representations.judgements import Judgements
from representations.resampling import FloatArray, IndexArray


@dataclass(frozen=True)
class Dissimilarities:
    """A matrix a person, as its upper triangle read by rows.

    Attributes:
        people: names, one a row of `values`.
        items: names; the pairs are (0, 1), (0, 2) .. (n - 2, n - 1).
        values: shape (people, n (n - 1) / 2), in the unit of the judgements; NaN where no trial told.
        counts: how many trials stand behind each value, the same shape; for fitted ones, how many saw that very pair.
        free_weights: how many numbers were free for each person: the pairs, or the features that were fitted.
    """

    people: tuple[str, ...]
    items: tuple[str, ...]
    values: FloatArray
    counts: IndexArray
    free_weights: int

    def square(self, person: int) -> FloatArray:
        """One person's whole matrix, shape (items, items), 0 down the middle."""
        return squared_up(self.values[person], len(self.items))


def squared_up(cells: FloatArray, n: int) -> FloatArray:
    """Upper triangles read by rows, shape (.., n (n - 1) / 2), as symmetric matrices (.., n, n), diagonal 0."""
    whole = np.zeros((*cells.shape[:-1], n, n))
    above = np.triu_indices(n, 1)
    whole[..., above[0], above[1]] = cells
    whole[..., above[1], above[0]] = cells
    return whole


def averaged(judgements: Judgements, rows: npt.NDArray[np.bool_] | None = None) -> Dissimilarities:
    """The mean over trials of each pair, for each person; `rows` picks some of the judgements, as `first_half` does."""
    person, cell, value = judgements.person, judgements.cell, judgements.value
    if rows is not None:
        person, cell, value = person[rows], cell[rows], value[rows]
    shape = (len(judgements.people), judgements.n_cells)
    place = person * shape[1] + cell
    counts = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(place, weights=value, minlength=shape[0] * shape[1]).reshape(shape)
    values = np.full(shape, np.nan)
    np.divide(sums, counts, out=values, where=counts > 0)
    return Dissimilarities(judgements.people, judgements.items, values, counts, judgements.n_cells)


def pair_features(features: FloatArray) -> FloatArray:
    """How unlike each two items are on each feature, centred and of variance 1 over pairs, shape (pairs, features).

    Args:
        features: shape (items, features), finite.

    Raises:
        RepresentationError: another shape, or numbers that are not finite.
        NotEnough: a feature that is the same for all items.
    """
    table = np.asarray(features, dtype=np.float64)
    if table.ndim != 2 or not np.all(np.isfinite(table)):
        raise RepresentationError(
            f"Features of shape {table.shape} with {int((~np.isfinite(table)).sum())} gaps were found. "
            "Expected: (items, features), numbers throughout."
        )
    i, j = np.triu_indices(len(table), 1)
    unlike = (table[i] - table[j]) ** 2
    spread = unlike.std(axis=0)
    flat = np.flatnonzero(spread <= 1e-12 * np.maximum(unlike.max(axis=0, initial=0.0), 1e-300))
    if flat.size:
        raise NotEnough(f"Feature {flat[0] + 1} tells no pair from another.", "features that differ between items")
    return np.asarray((unlike - unlike.mean(axis=0)) / spread, dtype=np.float64)


def fitted(judgements: Judgements, features: FloatArray, rows: npt.NDArray[np.bool_] | None = None) -> Dissimilarities:
    """Every pair's dissimilarity by a weight for each feature and person, where people judged only some of the pairs.

    Each person's judgements are fitted by least squares on `pair_features`, with a level of their own; with fewer
    trials than features it is the solution of least norm. Alignment then dips where trials and features are as many.

    Args:
        judgements: of which at least 2 a person are needed, else the person's values are NaN.
        features: shape (items, features), in the order of `judgements.items`.
        rows: which judgements to use; all where it is not given.

    Raises:
        RepresentationError: features of other items than those judged.

    Source: the linear model of paper A's threshold, arXiv 2605.26973 [P], applied to weighted features [O]: there the
    weights are a network's, here they stand in for a person's.
    """
    if len(features) != len(judgements.items):
        raise RepresentationError(
            f"Features of {len(features)} items were found. Expected: of the {len(judgements.items)} that were judged."
        )
    design = pair_features(features)
    plain = averaged(judgements, rows)
    use = np.ones(judgements.person.size, dtype=np.bool_) if rows is None else rows
    cell = judgements.cell
    values = np.full_like(plain.values, np.nan)
    for person in range(len(judgements.people)):
        own = np.flatnonzero(use & (judgements.person == person))
        if own.size < 2:
            continue
        seen, said = design[cell[own]], judgements.value[own]
        middle, level = seen.mean(axis=0), said.mean()
        weights = np.linalg.lstsq(seen - middle, said - level, rcond=None)[0]
        values[person] = level + (design - middle) @ weights
    return Dissimilarities(judgements.people, judgements.items, values, plain.counts, design.shape[1])
