"""How far a network's layers agree with its last one, and what that agreement is worth as a sign of being right.

Source: Xie, Guo, Yu and Li, NeurIPS 2024, arXiv 2405.18711: internal consistency, balanced thresholds and weighted
votes [C, from the authors' code; the form 1/(L-1) of the mean is R]. Interpolation within ties is ours [O].

Throughout: `probabilities` are (items, layers, categories), each row over the categories from 0 to 1; `answers` are
(items, layers), a category's number each, the last layer's in the last column; `weights` are counts of how often an
item is drawn, (…, items), so that one call reckons all draws of a bootstrap: what comes back has the shape (…).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import RepresentationError

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
Booleans: TypeAlias = npt.NDArray[np.bool_]

SAME = 1e-12
"""Sums of weights that are nearer than this are a tie: round-off decides nothing."""


def latent_answers(probabilities: Floats) -> Ints:
    """The most probable category at each layer, (items, layers); of equal ones the first.

    Raises:
        RepresentationError: not three axes, fewer than two layers or categories, or a value that is no number.
    """
    return np.asarray(np.argmax(_checked(probabilities), axis=2))


def internal_consistency(answers: Ints) -> Floats:
    """The share of the layers before the last whose answer is the last one's, (items,), from 0 to 1.

    IC = 1/(L-1) sum over l < L of [answer_l = answer_L]; no items give no values. Source: Eq. 2 [R for L-1; C].

    Raises:
        RepresentationError: not two axes, or fewer than two layers.
    """
    if answers.ndim != 2 or answers.shape[1] < 2:
        raise RepresentationError(f"Answers of shape {answers.shape} were found. Expected: (items, 2 or more layers).")
    return np.asarray((answers[:, :-1] == answers[:, -1:]).mean(axis=1))


def chance_consistency(n_categories: int) -> float:
    """What layers give that answer evenly and know nothing of one another: 1/C."""
    return 1.0 / n_categories


def layer_agreement(answers: Ints) -> Floats:
    """The share of items on which two layers answer alike, (layers, layers), from 0 to 1, ones on the diagonal."""
    alike = [(answers == answers[:, [k]]).mean(axis=0) for k in range(answers.shape[1])]
    return np.array(alike)


@dataclass(frozen=True)
class Balanced:
    """Answers of layers that each would name every category equally often.

    Attributes:
        thresholds: (layers, categories), the (C-1)/C quantile of the probability over the items.
        scores: (items, layers, categories): 1 above the threshold, 1/C on it, 0 below.
        answers: (items,), the last layer's category with the highest score.
        consistency: (items,), the mean score of that category over the layers before the last, from 0 to 1.
    """

    thresholds: Floats
    scores: Floats
    answers: Ints
    consistency: Floats


def balanced(probabilities: Floats) -> Balanced:
    """Answers by thresholds instead of by the largest probability, for layers that lean to one category.

    Where the last layer gives several categories the same score, that one is named whose probability is furthest
    above its threshold (ours [O]; the authors take the first). Source: the authors' calibrated predictions [C].

    Raises:
        RepresentationError: as `latent_answers`; or no items.
    """
    values = _checked(probabilities)
    if not len(values):
        raise RepresentationError("No items were found. Expected: at least one, for a threshold is a share of them.")
    n_categories = values.shape[2]
    thresholds = np.quantile(values, (n_categories - 1) / n_categories, axis=0)
    scores = (values > thresholds) + (values == thresholds) / n_categories
    above = values[:, -1] - thresholds[-1]
    best = scores[:, -1] == scores[:, -1].max(axis=1, keepdims=True)
    answers = np.argmax(np.where(best, above, -np.inf), axis=1)
    consistency = np.take_along_axis(scores[:, :-1], answers[:, None, None], axis=2)[:, :, 0].mean(axis=1)
    return Balanced(thresholds, scores, answers, consistency)


@dataclass(frozen=True)
class Votes:
    """What groups of items decided.

    Attributes:
        answers: (groups,), the category with the most weight; -1 for a group without items.
        shares: (groups, categories), each category's share of the weight; NaN for a group without weight.
    """

    answers: Ints
    shares: Floats


def weighted_vote(
    groups: Ints, answers: Ints, weights: Floats, size: tuple[int, int], generator: np.random.Generator
) -> Votes:
    """For each group the category with the largest sum of weights among its items' answers.

    Ties fall at random, among categories that an item named; so does a group whose weights are all 0.

    Args:
        groups: (items,), each item's group.
        answers: (items,), each item's category.
        weights: (items,), not negative: all equal is the plain vote, the internal consistency the weighted one.
        size: how many groups and categories there are.
        generator: for the ties.

    Source: the authors' path weighting, argmax over y of the sum of IC_i [y_i = y] [C].

    Raises:
        RepresentationError: a weight is negative or no number.
    """
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise RepresentationError("A weight below 0 or without a value was found. Expected: 0 or more for each item.")
    sums, named = np.zeros(size), np.zeros(size, dtype=bool)
    np.add.at(sums, (groups, answers), weights)
    named[groups, answers] = True
    ahead = named & (sums >= np.where(named, sums, -np.inf).max(axis=1, keepdims=True) - SAME)
    winners = np.argmax(np.where(ahead, generator.random(size), -1.0), axis=1)
    total = sums.sum(axis=1, keepdims=True)
    shares = np.divide(sums, total, out=np.full(size, np.nan), where=total > 0)
    return Votes(np.where(named.any(axis=1), winners, -1), shares)


def auroc(scores: Floats, is_right: Booleans, weights: Floats | None = None) -> Floats:
    """The probability that an item that is right has a higher score than one that is wrong, ties counted half.

    From 0 to 1; 0.5 for a score that knows nothing; NaN where all are right, all are wrong, or there are none.
    """
    runs = _runs(scores, descending=False)
    right, wrong = runs.sums(is_right, weights), runs.sums(~is_right, weights)
    below = np.cumsum(wrong, axis=-1) - wrong
    pairs = right.sum(axis=-1) * wrong.sum(axis=-1)
    return _ratio((right * (below + wrong / 2)).sum(axis=-1), pairs)


def weighted_mean(values: Floats | Booleans, weights: Floats | None = None) -> Floats:
    """The mean over the items; of what is right or wrong, the accuracy; NaN where there are no items."""
    of = np.ones(values.shape) if weights is None else weights
    return _ratio((of * values).sum(axis=-1), of.sum(axis=-1))


def accuracy_at(scores: Floats, is_right: Booleans, coverage: float, weights: Floats | None = None) -> Floats:
    """How many are right of the share `coverage` with the highest scores, from 0 to 1; NaN where there are no items.

    Of items with the same score, of which only some are among them, the mean counts: the order of a file must not
    decide (ours [O]).

    Raises:
        RepresentationError: the coverage is not above 0 and at most 1.
    """
    if not 0 < coverage <= 1:
        raise RepresentationError(f"A coverage of {coverage} was found. Expected: above 0, at most 1.")
    runs = _runs(scores, descending=True)
    mass, right = runs.sums(np.ones(is_right.shape, dtype=bool), weights), runs.sums(is_right, weights)
    before = np.cumsum(mass, axis=-1) - mass
    room = coverage * mass.sum(axis=-1)
    taken = np.clip(room[..., None] - before, 0, mass)
    share = np.divide(taken, mass, out=np.zeros(mass.shape), where=mass > 0)
    return _ratio((share * right).sum(axis=-1), room)


def kappa(one: Ints, other: Ints, n_categories: int, weights: Floats | None = None) -> Floats:
    """Cohen's kappa of two codings, at most 1; 0 is what their shares alone give; NaN where these leave no room.

    Source: Cohen, Educational and Psychological Measurement, 1960 [R].
    """
    of = np.ones(one.shape) if weights is None else weights
    total = of.sum(axis=-1)
    seen = _ratio((of * (one == other)).sum(axis=-1), total)
    shares = [
        _ratio((of * (one == k)).sum(axis=-1), total) * _ratio((of * (other == k)).sum(axis=-1), total)
        for k in range(n_categories)
    ]
    by_chance = np.sum(shares, axis=0)
    return _ratio(seen - by_chance, 1 - by_chance)


@dataclass(frozen=True)
class _Runs:
    """Items in the order of their scores, and where each run of equal scores begins."""

    order: Ints
    starts: Ints

    def sums(self, chosen: Booleans, weights: Floats | None) -> Floats:
        """The weight of the chosen items in each run, (…, runs)."""
        of = chosen.astype(np.float64) if weights is None else weights * chosen
        return np.add.reduceat(of[..., self.order], self.starts, axis=-1) if len(self.order) else of


def _runs(scores: Floats, *, descending: bool) -> _Runs:
    if np.any(np.isnan(scores)):
        raise RepresentationError("A score without a value was found. Expected: a number for each item.")
    order = np.argsort(-scores if descending else scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.nan) != 0)
    return _Runs(order, starts)


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=np.abs(below) > SAME))


def _checked(probabilities: Floats) -> Floats:
    values = np.asarray(probabilities, dtype=np.float64)
    if values.ndim != 3 or values.shape[1] < 2 or values.shape[2] < 2:
        raise RepresentationError(
            f"Probabilities of shape {values.shape} were found. Expected: (items, layers, categories), two or more."
        )
    if not np.all(np.isfinite(values)):
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(values))[0])
        raise RepresentationError(f"A probability without a value was found at {where}. Expected: a number everywhere.")
    return values
