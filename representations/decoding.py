"""How well a linear read-out tells a picture's turn from a layer's responses: the selection rule as an experiment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from representations.polar import Floats
from representations.resampling import permutations
from representations.symmetry import Numbers, check_responses

RIDGE = 1e-10
"""Of the size of the responses. Without it, round-off of 1e-16 "decodes" orientation from a layer that has none."""
FOLDS = 4
FEWEST_TURNS = 3


@dataclass(frozen=True, slots=True)
class Decoded:
    """R² of the turn's cosine and sine, by a linear read-out for each item alone; means over items.

    Attributes:
        fitted: on the turns that the read-out was made from, 0 to 1: whether there is anything to be read. With more
            features than turns it is 1 for chance too.
        held_out: on turns that it was not made from, up to 1; below 0 is worse than none.
    """

    fitted: float
    held_out: float


def decode_orientation(
    responses: npt.ArrayLike, generator: np.random.Generator, shuffles: int = 0
) -> tuple[Decoded, Decoded]:
    """How well the turn is read out, and how well with the turns shuffled within each item (NaN without shuffles).

    Every fourth turn is held out, together with its opposite, so that a layer that half a turn does not change gives 0
    and not chance.

    Args:
        responses: (n, items, features) at n equal turns, at least 3.
        generator: of the shuffles.
        shuffles: how often; their mean is given.

    Raises:
        NotEnough: fewer than 3 turns, no item or no feature.
        RepresentationError: the array has another shape, or a value that is no number.

    Source: ours [O]; that the ridge is needed was measured [M].
    """
    array = check_responses(responses, fewest=FEWEST_TURNS)
    turns, items, _ = array.shape
    dealt = [permutations(turns, items, generator) for _ in range(shuffles)]
    labels = np.stack([np.tile(np.arange(turns), (items, 1)), *dealt], axis=-1)  # (items, turns, 1 + shuffles)
    targets = np.exp(2j * np.pi * labels / turns)  # cosine and sine at once
    by_item = array.transpose(1, 0, 2)
    # Of the responses as they are: what is left of an invariant layer after centring is round-off, and so is its size.
    ridge = np.maximum(RIDGE * (np.abs(by_item) ** 2).sum(axis=(1, 2)), np.finfo(np.float64).tiny)
    by_item = by_item - by_item.mean(axis=1, keepdims=True)
    products = by_item @ by_item.conj().transpose(0, 2, 1)
    every = np.arange(turns)
    fitted = _r_squared(_said(products, targets, ridge, every, every), targets)
    fold = (every % (turns // 2) if turns % 2 == 0 else every) % FOLDS
    said = np.empty_like(targets)
    for one in np.unique(fold):
        said[:, fold == one] = _said(products, targets, ridge, every[fold != one], every[fold == one])
    held_out = _r_squared(said, targets)
    true = Decoded(float(fitted[0]), float(held_out[0]))
    if not shuffles:
        return true, Decoded(float("nan"), float("nan"))
    return true, Decoded(float(fitted[1:].mean()), float(held_out[1:].mean()))


def _said(
    products: Numbers, targets: Numbers, ridge: Floats, known: npt.NDArray[np.intp], asked: npt.NDArray[np.intp]
) -> Numbers:
    """What ridge regression on the known turns says of the asked ones, from the inner products of responses alone."""
    if not len(known):
        return np.zeros_like(targets[:, asked])
    inner = products[:, known[:, None], known]
    across = products[:, asked[:, None], known]
    column = inner.mean(axis=2, keepdims=True)
    mean = column.mean(axis=1, keepdims=True)
    centred = inner - column - column.conj().transpose(0, 2, 1) + mean
    beside = across - across.mean(axis=2, keepdims=True) - column.conj().transpose(0, 2, 1) + mean
    wanted = targets[:, known]
    level = wanted.mean(axis=1, keepdims=True)
    # Of real features the weights are complex only as the cosine's and the sine's stand side by side in them.
    system = centred + ridge[:, None, None] * np.eye(len(known))
    found: Numbers = level + beside @ np.linalg.solve(system, (wanted - level).astype(np.complex128))
    return found


def _r_squared(said: Numbers, targets: Numbers) -> Floats:
    """By column, the mean over items; the targets' own level is 0."""
    left = (np.abs(said - targets) ** 2).sum(axis=1)
    return np.asarray((1 - left / targets.shape[1]).mean(axis=0))
