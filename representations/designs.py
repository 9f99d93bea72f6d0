"""A lab's own design, played with people whose representations are known: items, features, pairs, trials and noise."""

from __future__ import annotations

import numpy as np

from representations.dissimilarity import pair_features
from representations.errors import NotEnough, RepresentationError
from representations.judgements import Judgements, from_pair_ratings
from representations.resampling import FloatArray, IndexArray


def drawn_features(items: int, dimensions: int, generator: np.random.Generator) -> FloatArray:
    """Features of items that nothing is known of: standard normal, shape (items, dimensions).

    Raises:
        NotEnough: fewer than 4 items.
        RepresentationError: fewer than 1 dimension.
    """
    if items < 4:
        raise NotEnough(f"There are {items} items.", "4 items or more")
    if dimensions < 1:
        raise RepresentationError(f"{dimensions} dimensions were found. Expected: 1 or more.")
    return generator.standard_normal((items, dimensions))


def drawn_weights(common: FloatArray, people: int, variability: float, generator: np.random.Generator) -> FloatArray:
    """Weights of people around common ones, shape (people, dimensions).

    Args:
        common: shape (dimensions,).
        people: how many.
        variability: the standard deviation of a person's own part of a weight, in units of the root mean square of
            the common weights; at 1 half of the variance is common.
        generator: where the chance comes from.
    """
    spread = variability * float(np.sqrt((common**2).mean()))
    return common + spread * generator.standard_normal((people, common.size))


def chosen_pairs(cells: int, trials: int, generator: np.random.Generator) -> IndexArray:
    """The pairs of one person's trials, by number, shape (trials,): all pairs in random order, again and again."""
    rounds = -(-trials // cells)
    return np.concatenate([generator.permutation(cells) for _ in range(rounds)])[:trials]


def played(
    features: FloatArray,
    weights: FloatArray,
    snr: float | FloatArray,
    trials: int,
    generator: np.random.Generator,
    prefix: str = "P",
) -> Judgements:
    """The pair ratings that people with such weights would give; fitted by `dissimilarity.fitted` they come back.

    Args:
        features: shape (items, dimensions).
        weights: shape (people, dimensions).
        snr: the variance of a person's dissimilarities over pairs by that of their noise; one number, or one a person.
        trials: how many pairs each one rates.
        generator: where the chance comes from.
        prefix: what the people's names begin with.

    Returns:
        Ratings without steps, moved up so that the least is 0.

    Raises:
        RepresentationError: an SNR that is not above 0, or fewer than 1 trial.
    """
    ratios = np.broadcast_to(np.asarray(snr, dtype=np.float64), (len(weights),))
    if trials < 1 or np.any(~(ratios > 0)):
        raise RepresentationError(f"{trials} trials at an SNR of {snr} were found. Expected: from 1, above 0.")
    truth = weights @ pair_features(features).T
    i, j = np.triu_indices(len(features), 1)
    cells = np.stack([chosen_pairs(i.size, trials, generator) for _ in weights])
    spread = truth.std(axis=1) / np.sqrt(ratios)
    said = np.take_along_axis(truth, cells, axis=1)
    said = said + spread[:, None] * generator.standard_normal(cells.shape)
    width, places = len(str(len(weights))), len(str(len(features)))
    items = [f"item{k:0{places}d}" for k in range(1, len(features) + 1)]
    person = [f"{prefix}{k:0{width}d}" for k in range(1, len(weights) + 1) for _ in range(trials)]
    flat = cells.ravel()
    a, b = [items[k] for k in i[flat]], [items[k] for k in j[flat]]
    return from_pair_ratings(person, a, b, said.ravel() - said.min(), items=items)


def joined(first: Judgements, second: Judgements) -> Judgements:
    """Two sets of judgements of the same items by different people, as one.

    Raises:
        RepresentationError: other items, or somebody who is in both.
    """
    both = set(first.people) & set(second.people)
    if first.items != second.items or both:
        raise RepresentationError(f"Other items, or people in both ({len(both)}), were found. Expected: neither.")
    return Judgements(
        first.people + second.people,
        first.items,
        np.concatenate([first.person, second.person + len(first.people)]),
        np.concatenate([first.trial, second.trial + int(first.trial.max()) + 1]),
        np.concatenate([first.first, second.first]),
        np.concatenate([first.second, second.second]),
        np.concatenate([first.value, second.value]),
        first.unit,
    )
