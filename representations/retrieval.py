"""How well one of two things finds the other among many: ranks and recall, with ties paid for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from representations.errors import RepresentationError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
TIE = 1e-12


@dataclass(frozen=True)
class Ranks:
    """Where the right one came, one entry a query.

    Attributes:
        rank: 1 is first; those that tie with the right one count half, so that a code that says nothing comes in
            the middle.
        recall: 1 where the right one is first, 0 where another is before it, 1 / t where t tie for first.
        gallery: how many there were to choose from.
    """

    rank: Floats
    recall: Floats
    gallery: int

    @property
    def chance(self) -> float:
        """What guessing gives: 1 / gallery."""
        return 1.0 / self.gallery


def cosines(queries: Floats, gallery: Floats) -> Floats:
    """The cosine of every query (q, k) with every one of the gallery (g, k), as (q, g); 0 with a vector of length 0."""
    return _unit(queries) @ _unit(gallery).T


def ranks(likeness: Floats, right: Indices) -> Ranks:
    """Where the right one comes among all, the likest first.

    Args:
        likeness: (queries, gallery), higher is likelier.
        right: (queries,), the place of each query's right one in the gallery.

    Raises:
        RepresentationError: there are fewer than two to choose from, or a place is none of the gallery's.
    """
    queries, gallery = likeness.shape
    if gallery < 2:
        raise RepresentationError(f"A gallery of {gallery} was found. Expected: at least 2 to choose from.")
    if right.shape != (queries,) or (queries and not 0 <= int(right.min()) <= int(right.max()) < gallery):
        raise RepresentationError(f"Expected one place below {gallery} for each of {queries} queries.")
    own = likeness[np.arange(queries), right][:, None]
    better = (likeness > own + TIE).sum(axis=1)
    tied = (np.abs(likeness - own) <= TIE).sum(axis=1) - 1
    return Ranks(1.0 + better + tied / 2.0, np.where(better == 0, 1.0 / (1.0 + tied), 0.0), gallery)


def mean_by_name(codes: Floats, names: npt.NDArray[np.str_]) -> tuple[list[str], Floats]:
    """The names, each once and in order, and the mean code of each: (names, k)."""
    distinct, where = np.unique(names, return_inverse=True)
    total = np.zeros((len(distinct), codes.shape[1]))
    np.add.at(total, where, codes)
    return [str(name) for name in distinct], total / np.bincount(where)[:, None]


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > TIE)
    return unit
