"""What two views of the same things share, and what each has alone: regularised canonical correlation.

Source: Gonzalez-Garcia, van de Weijer and Bengio, NeurIPS 2018, arXiv 1805.09730 [C] splits a pair of pictures into a
shared and two exclusive parts by a network. This is the linear closed form of the same split, our own: the shared
part is the subspace in which the two sides go together on pairs that the fit has not seen; the exclusive part of a
side is what its shared code leaves unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from representations.errors import NotEnough
from representations.retrieval import cosines, ranks

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Shuffle = Callable[[Indices, np.random.Generator], Indices]
"""From the places of some pairs, an order of them (of as many) in which they belong together no more."""

RIDGES = (0.01, 0.1, 1.0)
MOST_COMPONENTS = 100
ROUND_OFF = 1e-10


@dataclass(frozen=True)
class Side:
    """One side of the pairs, in its principal axes.

    Attributes:
        mean: (features,).
        axes: (features, components), of unit length, the strongest first.
        variances: (components,), along each axis.
    """

    mean: Floats
    axes: Floats
    variances: Floats

    def scores(self, values: Floats) -> Floats:
        """The values (n, features) along the axes: (n, components)."""
        return (values - self.mean) @ self.axes

    def whitening(self, ridge: float) -> Floats:
        """What each axis is divided by, (components,): its spread, with a share of the mean variance added."""
        return np.sqrt(self.variances + ridge * float(self.variances.mean()))


@dataclass(frozen=True)
class Part:
    """What a fit knows of one side.

    Attributes:
        mean: (features,).
        weights: (features, related): the related code is (values - mean) @ weights; the shared code is its beginning.
        own: (shared, features): the shared part of the values, from the side's own shared code.
        other: (shared, features): the same, from the other side's shared code.
        foretold: (related, features): what the other side's related code says of the values.
        exclusive_axes: (features, e): the axes of what is left, the strongest first.
    """

    mean: Floats
    weights: Floats
    own: Floats
    other: Floats
    foretold: Floats
    exclusive_axes: Floats

    def related_code(self, values: Floats) -> Floats:
        """(n, features) to (n, related)."""
        return (values - self.mean) @ self.weights

    def shared_code(self, values: Floats) -> Floats:
        """(n, features) to (n, shared)."""
        return self.related_code(values)[:, : len(self.own)]

    def left_over(self, values: Floats) -> Floats:
        """What the side's own shared code does not explain: (n, features)."""
        return values - self.mean - self.shared_code(values) @ self.own

    def exclusive_code(self, values: Floats) -> Floats:
        """(n, features) to (n, e)."""
        return self.left_over(values) @ self.exclusive_axes


@dataclass(frozen=True)
class Split:
    """Two sides split into what they share and what each has alone.

    Attributes:
        drawing, photograph: the two sides.
        strength: (related,), how far each related dimension is trusted: its correlation on pairs that were held out.
        shared: how many of them, from the first, are taken for shared.
        ridge: the share of the mean variance that was added to every axis.
    """

    drawing: Part
    photograph: Part
    strength: Floats
    shared: int
    ridge: float

    def likeness(self, drawings: Floats, photographs: Floats) -> Floats:
        """How alike each two are, (drawings, photographs): cosines of the related codes, weighted by their strength."""
        return cosines(
            self.drawing.related_code(drawings) * self.strength,
            self.photograph.related_code(photographs) * self.strength,
        )

    def swapped_drawings(self, photographs: Floats, drawings: Floats) -> Floats:
        """G(S_photo, E_drawer): each photograph's shared part in the hand of the drawing beside it, (n, features)."""
        return _swapped(self.drawing, self.photograph.shared_code(photographs), drawings)

    def swapped_photographs(self, drawings: Floats, photographs: Floats) -> Floats:
        """G(S_drawing, E_photo): each drawing's shared part in the manner of the photograph beside it."""
        return _swapped(self.photograph, self.drawing.shared_code(drawings), photographs)


@dataclass(frozen=True)
class Choice:
    """How many dimensions go together, and by how much the axes were regularised.

    Attributes:
        related: how many leading dimensions go together on held-out pairs above the null; 0 and more.
        shared: how many of these, from the first, go together so closely that most of their variance is shared.
        ridge: which of the ridges found the held-out pairs best.
        correlations: (components,), on the held-out pairs, in the fit's order.
        null: (shuffles,), the highest correlation of any dimension and ridge after each shuffle.
        threshold: what a dimension's correlation has to be above.
    """

    related: int
    shared: int
    ridge: float
    correlations: Floats
    null: Floats
    threshold: float


def describe_side(values: Floats, name: str, most: int = MOST_COMPONENTS) -> Side:
    """The principal axes of one side.

    Args:
        values: (n, features).
        name: what the side is, for the message.
        most: how many axes at the most.

    Raises:
        NotEnough: every row is the same.
    """
    mean = values.mean(axis=0)
    centred = values - mean
    n, features = centred.shape
    few = min(most, n, features)
    if features <= n:
        last = (features - few, features - 1)
        variances, axes = eigh(centred.T @ centred / n, subset_by_index=last)
    else:
        variances, turned = eigh(centred @ centred.T / n, subset_by_index=(n - few, n - 1))
        axes = centred.T @ turned
        length = np.linalg.norm(axes, axis=0)
        axes = np.divide(axes, length, out=np.zeros_like(axes), where=length > 0)
    variances, axes = variances[::-1], axes[:, ::-1]
    kept = variances > max(ROUND_OFF * float(variances[0]), (ROUND_OFF * (1.0 + float(np.abs(mean).max()))) ** 2)
    if not kept.any():
        raise NotEnough(f"All {n} {name} are the same: no feature varies.", f"{name} that differ from one another")
    return Side(mean, np.ascontiguousarray(axes[:, kept]), variances[kept])


def fit_split(
    drawings: Floats,
    photographs: Floats,
    *,
    related: int,
    shared: int | None = None,
    ridge: float,
    strength: Floats | None = None,
    exclusive: int = 8,
    sides: tuple[Side, Side] | None = None,
) -> Split:
    """The split of pairs (n, features of each side) into shared and exclusive parts.

    Args:
        drawings: (n, features).
        photographs: (n, features), the row beside each drawing its own.
        related: how many dimensions two things are found by.
        shared: how many of these, from the first, are taken out of the exclusive parts; all where None.
        ridge: the share of the mean variance that is added to every axis.
        strength: (related or more,), how far to trust each; the fit's own correlations where None.
        exclusive: how many axes of what is left each side keeps (8 in the paper [C]).
        sides: the two sides, where they have been described already.
    """
    side_x, side_y = sides or (describe_side(drawings, "drawings"), describe_side(photographs, "photographs"))
    scores = side_x.scores(drawings), side_y.scores(photographs)
    turned_x, turned_y, correlations = _turned((side_x, side_y), *scores, ridge)
    k = min(related, len(correlations))
    few = k if shared is None else min(shared, k)
    weights_x = side_x.axes @ turned_x[:, :k]
    weights_y = side_y.axes @ turned_y[:, :k]
    weights_x, code_x = _unit_variance(weights_x, drawings - side_x.mean)
    weights_y, code_y = _unit_variance(weights_y, photographs - side_y.mean)
    trusted = correlations[:k] if strength is None else np.asarray(strength, dtype=float)[:k]
    return Split(
        _part(side_x.mean, weights_x, drawings, code_x, code_y, few, exclusive),
        _part(side_y.mean, weights_y, photographs, code_y, code_x, few, exclusive),
        np.clip(trusted, 0.0, None),
        few,
        ridge,
    )


class Finder:
    """Recall alone, for many orders of the same pairs: all in the principal axes, which no order changes.

    Attributes:
        sides: the axes of either side.
        fitted: scores of the pairs that are fitted, one array a side.
        kept: scores of the pairs that are not.
    """

    def __init__(self, drawings: Floats, photographs: Floats, held_out: npt.NDArray[np.bool_]) -> None:
        values = drawings[~held_out], photographs[~held_out]
        self.sides = describe_side(values[0], "drawings"), describe_side(values[1], "photographs")
        self.fitted = self.sides[0].scores(values[0]), self.sides[1].scores(values[1])
        self.kept = self.sides[0].scores(drawings[held_out]), self.sides[1].scores(photographs[held_out])

    def correlations(self, ridge: float, order: Indices | None = None, kept: Indices | None = None) -> Floats:
        """Of each dimension on the kept pairs, with the photographs of either part in another order where given."""
        turned_x, turned_y = self._fit(ridge, order)
        photographs = self.kept[1] if kept is None else self.kept[1][kept]
        return _correlated(self.kept[0] @ turned_x, photographs @ turned_y)

    def codes(self, ridge: float, strength: Floats, order: Indices | None = None) -> tuple[Floats, Floats]:
        """Codes of the kept pairs in as many dimensions as strengths, each of its strength; one array a side."""
        turned = self._fit(ridge, order)
        few = len(strength)
        codes = []
        for side, scores, turn in zip(self.sides, self.kept, turned, strict=True):
            spread = np.sqrt((turn[:, :few] ** 2 * side.variances[:, None]).sum(axis=0))
            codes.append(scores @ turn[:, :few] * (np.clip(strength, 0.0, None) / np.maximum(spread, ROUND_OFF)))
        return codes[0], codes[1]

    def _fit(self, ridge: float, order: Indices | None) -> tuple[Floats, Floats]:
        photographs = self.fitted[1] if order is None else self.fitted[1][order]
        return _turned(self.sides, self.fitted[0], photographs, ridge)[:2]


def choose_dimensions(
    drawings: Floats,
    photographs: Floats,
    held_out: npt.NDArray[np.bool_],
    shuffle: Shuffle,
    generator: np.random.Generator,
    *,
    ridges: Sequence[float] = RIDGES,
    shuffles: int = 100,
    level: float = 0.01,
    least: float = 0.5,
    ticked: Callable[[], None] = lambda: None,
) -> Choice:
    """How many dimensions two sides share, judged on pairs that the fit has not seen.

    A fit finds high correlations in any pairs, and the more features the higher. So the dimensions are fitted to one
    part of the pairs and correlated on the other, and the same is done with the pairs of both parts shuffled, each
    within itself. A dimension is related as long as it, and every one before it, is above what the best of all
    dimensions and ridges reaches after shuffling; it is shared from `least` on. The ridge is the one whose dimensions
    find the held-out pairs best.

    Args:
        drawings: (n, features).
        photographs: (n, features).
        held_out: (n,), which pairs are kept from the fit.
        shuffle: gives an order of a part's pairs in which they belong together no more.
        generator: where the shuffles come from.
        ridges: to choose among.
        shuffles: how often; at least 1 / level, for fewer can't tell.
        level: how often nothing may be taken for a related dimension.
        least: the correlation from which a related dimension is shared. Where both sides hold the same part of
            it, beside noise of their own, that part is the correlation: from 0.5, most of it is shared.
        ticked: called after each shuffle.
    """
    finder = Finder(drawings, photographs, held_out)
    places = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    null = np.empty(shuffles)
    for k in range(shuffles):
        orders = shuffle(places[0], generator), shuffle(places[1], generator)
        null[k] = max(float(finder.correlations(ridge, *orders).max()) for ridge in ridges)
        ticked()
    # The place of the level among the shuffles and the truth, which is one of them where nothing is shared.
    place = min(int(np.ceil((1.0 - level) * (shuffles + 1))) - 1, shuffles - 1)
    threshold = float(np.sort(null)[place])
    judged = []
    for ridge in ridges:
        found = finder.correlations(ridge)
        related = int(np.argmin(np.append(found > threshold, False)))
        judged.append((_found_again(*finder.codes(ridge, found[:related])), ridge, found, related))
    _, ridge, found, related = max(judged, key=lambda one: one[0])
    shared = int(np.argmin(np.append(found[:related] >= least, False)))
    return Choice(related, shared, ridge, found, null, threshold)


def _found_again(drawings: Floats, photographs: Floats) -> float:
    """The mean of 1 / rank with which pairs of codes find each other; photographs that are equal tie."""
    likeness = cosines(drawings, photographs)
    right = np.arange(len(likeness))
    return float(np.mean(1.0 / ranks(likeness, right).rank) + np.mean(1.0 / ranks(likeness.T, right).rank)) / 2.0


def _turned(
    sides: tuple[Side, Side], scores_x: Floats, scores_y: Floats, ridge: float
) -> tuple[Floats, Floats, Floats]:
    """How to turn each side's scores so that the two go together, and the fit's own correlations, highest first."""
    by_x, by_y = sides[0].whitening(ridge), sides[1].whitening(ridge)
    across = (scores_x / by_x).T @ (scores_y / by_y) / len(scores_x)
    left, strength, right = np.linalg.svd(across, full_matrices=False)
    return left / by_x[:, None], right.T / by_y[:, None], strength


def _unit_variance(weights: Floats, centred: Floats) -> tuple[Floats, Floats]:
    code = centred @ weights
    spread = code.std(axis=0)
    spread = np.where(spread > ROUND_OFF, spread, 1.0)
    return weights / spread, code / spread


def _part(
    mean: Floats, weights: Floats, values: Floats, own_code: Floats, other_code: Floats, shared: int, exclusive: int
) -> Part:
    centred = values - mean
    own = _line(own_code[:, :shared], centred)
    other = _line(other_code[:, :shared], centred)
    foretold = _line(other_code, centred)
    left = centred - own_code[:, :shared] @ own
    few = min(exclusive, *left.shape)
    axes = np.zeros((values.shape[1], 0))
    if few and float(np.abs(left).max()) > ROUND_OFF * (1.0 + float(np.abs(centred).max())):
        axes = describe_side(left, "left-over parts", few).axes
    return Part(mean, weights, own, other, foretold, axes)


def _line(code: Floats, values: Floats) -> Floats:
    """The least squares from a code of unit spreads to values, by way of the code's few products."""
    return np.asarray(np.linalg.lstsq(code.T @ code, code.T @ values, rcond=None)[0], dtype=np.float64)


def _swapped(part: Part, other_code: Floats, values: Floats) -> Floats:
    return part.mean + other_code @ part.other + part.exclusive_code(values) @ part.exclusive_axes.T


def _correlated(a: Floats, b: Floats) -> Floats:
    """The correlation of each column of a with the same of b; 0 where one does not vary."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    length = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    return np.asarray(np.divide((a * b).sum(axis=0), length, out=np.zeros_like(length), where=length > ROUND_OFF))
