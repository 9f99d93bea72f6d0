"""Categories as mean states at each layer of a network, and how well they answer for sentences they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError

Floats: TypeAlias = npt.NDArray[np.float64]
Floats32: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.intp]

LEAST_EXAMPLES = 10
FOLDS = 5
ROUND_OFF = 1e-6


def standardised(states: npt.NDArray[np.floating]) -> Floats32:
    """Each dimension of each layer with mean 0 and deviation 1 over the sentences; a constant one becomes 0.

    A few dimensions of such networks are a hundred times as large as the rest, and would alone decide a distance.
    The categories play no part in it.

    Args:
        states: (sentences, layers, dimensions), any scale.

    Raises:
        RepresentationError: not three axes, fewer than two layers, or a value that is no number.
    """
    if states.ndim != 3 or states.shape[1] < 2:
        raise RepresentationError(
            f"States of shape {states.shape} were found. Expected: (sentences, 2 or more layers, dimensions)."
        )
    scaled = np.zeros(states.shape, dtype=np.float32)
    if not len(states):
        return scaled
    for k in range(states.shape[1]):
        layer = np.asarray(states[:, k], dtype=np.float64)
        if not np.all(np.isfinite(layer)):
            at = int(np.argwhere(~np.isfinite(layer))[0, 0])
            raise RepresentationError(
                f"A state without a value was found in sentence {at}, layer {k}. Expected: a number everywhere."
            )
        centred = layer - layer.mean(axis=0)
        deviation = centred.std(axis=0)
        # What differs in the last bits of a 32-bit number only is constant: round-off must not be blown up to 1.
        varies = deviation > ROUND_OFF * np.abs(layer).max(axis=0)
        scaled[:, k] = np.divide(centred, deviation, out=np.zeros(layer.shape), where=varies)
    return scaled


def reduced(states: Floats32, dimensions: int) -> Floats32:
    """Each layer in its first principal axes, unscaled: distances stay what they were, but for what is left out.

    Args:
        states: (sentences, layers, dimensions) as `standardised` gives them.
        dimensions: how many axes to keep at most.

    Returns:
        (sentences, layers, axes).
    """
    layers = []
    for k in range(states.shape[1]):
        centred = states[:, k] - states[:, k].mean(axis=0)
        left, size, _ = np.linalg.svd(centred, full_matrices=False)
        layers.append((left * size)[:, :dimensions])
    return np.stack(layers, axis=1).astype(np.float32)


def fit(states: Floats32, codes: Ints, n_categories: int) -> Floats:
    """The mean state of each category at each layer, (layers, categories, dimensions).

    Args:
        states: (sentences, layers, dimensions).
        codes: (sentences,), each one's category; each category at least once.
        n_categories: how many there are.
    """
    return np.stack([states[codes == k].mean(axis=0, dtype=np.float64) for k in range(n_categories)], axis=1)


def probabilities(states: Floats32, prototypes: Floats) -> Floats:
    """What each layer holds of each category, (sentences, layers, categories), each row summing to 1.

    The softmax of minus the squared distance to the prototype, over the root of the number of dimensions: so the
    values neither saturate nor flatten when a network is wider. It stands for the paper's unembedding (ours [O]): a
    sentence encoder has no answer words.
    """
    scale = np.sqrt(states.shape[2])
    # |x - m|² less |x|², which is the same for each category.
    products = np.stack([states[:, k] @ layer.T for k, layer in enumerate(prototypes)], axis=1)
    logits = (2 * products - (prototypes**2).sum(axis=2)) / scale
    powers = np.exp(logits - logits.max(axis=2, keepdims=True))
    return np.asarray(powers / powers.sum(axis=2, keepdims=True))


def margins(chances: Floats) -> Floats:
    """How far the most probable category is ahead of the next one, from 0 to 1; chances (…, categories)."""
    ordered = np.sort(chances, axis=-1)
    return np.asarray(ordered[..., -1] - ordered[..., -2])


Plan: TypeAlias = Sequence[tuple[Ints, Ints]]
"""Pairs of what is learnt from and what is held out; within one plan nothing is held out twice."""


def folds(codes: Ints, n_categories: int, generator: np.random.Generator) -> Plan:
    """So many parts that each item is held out once and at least ten of each category are learnt from.

    Five, where there is enough for five; else as many as there are of the rarest category.

    Raises:
        NotEnough: a category has fewer than eleven.
    """
    counts = np.bincount(codes, minlength=n_categories)
    least = int(counts.min())
    if least <= LEAST_EXAMPLES:
        raise NotEnough(
            f"A category has {least} coded sentences; to hold one out, ten others must be there.",
            f"{LEAST_EXAMPLES + 1} of each category, better 20",
        )
    n_parts = FOLDS if least - -(-least // FOLDS) >= LEAST_EXAMPLES else least
    part = np.empty(len(codes), dtype=np.intp)
    for k in range(n_categories):
        members = generator.permutation(np.flatnonzero(codes == k))
        part[members] = np.arange(len(members)) % n_parts
    return [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(n_parts)]


def halving(codes: Ints, n_categories: int, examples: int, generator: np.random.Generator) -> Plan:
    """One part to learn from, with `examples` of each category drawn at random, and all others held out.

    Raises:
        NotEnough: a category has no more than that.
    """
    counts = np.bincount(codes, minlength=n_categories)
    if counts.min() <= examples:
        raise NotEnough(
            f"A category has {counts.min()} coded sentences, and {examples} are to be learnt from.",
            f"{examples + 1} of each category",
        )
    chosen = [generator.permutation(np.flatnonzero(codes == k))[:examples] for k in range(n_categories)]
    learnt = np.sort(np.concatenate(chosen))
    return [(learnt, np.setdiff1d(np.arange(len(codes)), learnt))]
