"""Coders judged on sentences that they have not learnt from, with intervals by drawing the sentences anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.consistency import (
    accuracy_at,
    auroc,
    balanced,
    internal_consistency,
    kappa,
    latent_answers,
    weighted_mean,
)
from representations.prototypes import Floats32, Plan, fit, margins, probabilities
from representations.resampling import percentile_interval
from representations.word_counts import Rows, likeness

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
Drawn: TypeAlias = Mapping[tuple[str, str], Floats]
"""A coder's figure, by coder and figure, in each draw."""

LAST, LAST_MARGIN = "last layer, by consistency", "last layer, by margin"
ALL, ALL_MARGIN = "all layers, by consistency", "all layers, by margin"
WORDS = "words, by margin"

FIGURES = {
    "accuracy": "share of sentences given the human code",
    "kappa": "Cohen's kappa with the human code",
    "auroc": "probability that a sentence coded right comes before one coded wrong",
    "first_half": "accuracy of the half that the coder is surer of",
    "gain": "first_half less accuracy",
    "order_right": "mean of what the coder orders by, over sentences coded right",
    "order_wrong": "the same over sentences coded wrong",
    "auroc_over_margin": "auroc less that of the same answers ordered by margin",
    "accuracy_over_words": "accuracy less that of the coder that counts words",
}


@dataclass(frozen=True)
class Coder:
    """One way to code: its answers, (items,), and its order, (items,), the surest highest."""

    answers: Ints
    order: Floats


@dataclass(frozen=True)
class Answers:
    """What the coders say of sentences: each coder by its name, and each layer's answer, (sentences, layers)."""

    coders: Mapping[str, Coder]
    layers: Ints


def answer(states: Floats32, prototypes: Floats, *, is_balanced: bool) -> Answers:
    """The network's coders on sentences.

    `LAST` is the paper's: the last layer's category, ordered by the internal consistency; with balanced thresholds
    where asked for. `LAST_MARGIN` orders the same answers by the last layer's margin. `ALL` takes the mean of all
    layers' probabilities and the share of layers that answer so, `ALL_MARGIN` the margin of that mean; both are
    ours [O], for a sentence encoder whose last layer is made for topics.

    Args:
        states: (sentences, layers, dimensions), standardised.
        prototypes: (layers, categories, dimensions).
        is_balanced: whether `LAST` answers by thresholds.
    """
    chances = probabilities(states, prototypes)
    layers = latent_answers(chances)
    mean = chances.mean(axis=1)
    of_all = np.argmax(mean, axis=1)
    if is_balanced and len(states):
        by_threshold = balanced(chances)
        last = Coder(by_threshold.answers, by_threshold.consistency)
    else:
        last = Coder(layers[:, -1], internal_consistency(layers))
    coders = {
        LAST: last,
        LAST_MARGIN: Coder(last.answers, margins(chances[:, -1])),
        ALL: Coder(of_all, (layers == of_all[:, None]).mean(axis=1)),
        ALL_MARGIN: Coder(of_all, margins(mean)),
    }
    return Answers(coders, layers)


def answer_by_words(rows: Rows, learnt: Rows, codes: Ints, n_categories: int) -> Coder:
    """The coder that counts words, ordered by its margin."""
    like = likeness(rows, learnt, codes, n_categories)
    return Coder(np.argmax(like, axis=1), margins(like))


@dataclass(frozen=True)
class Judgements:
    """Answers for held-out sentences, with who they are about.

    Attributes:
        items: (judgements,), the sentence.
        runs: (judgements,), the plan in which it was held out; a figure is reckoned in each and averaged.
        truth: (judgements,), its human code.
        answers: the coders' and layers' answers.
    """

    items: Ints
    runs: Ints
    truth: Ints
    answers: Answers


def judge(
    states: Floats32, rows: Rows, codes: Ints, n_categories: int, plans: Sequence[Plan], *, is_balanced: bool = False
) -> Judgements:
    """Every coder on every sentence that a plan holds out.

    Args:
        states: (sentences, layers, dimensions), standardised.
        rows: (sentences, terms), as `word_counts.tf_idf` gives them.
        codes: (sentences,), the human codes.
        n_categories: how many there are.
        plans: what is learnt from and what is held out.
        is_balanced: as `answer` takes it.
    """
    parts: list[Answers] = []
    items: list[Ints] = []
    runs: list[Ints] = []
    for run, plan in enumerate(plans):
        for learnt, held in plan:
            prototypes = fit(states[learnt], codes[learnt], n_categories)
            found = answer(states[held], prototypes, is_balanced=is_balanced)
            by_words = answer_by_words(rows[held], rows[learnt], codes[learnt], n_categories)
            parts.append(Answers({**found.coders, WORDS: by_words}, found.layers))
            items.append(held)
            runs.append(np.full(len(held), run))
    coders = {
        name: Coder(
            np.concatenate([part.coders[name].answers for part in parts]),
            np.concatenate([part.coders[name].order for part in parts]),
        )
        for name in parts[0].coders
    }
    which = np.concatenate(items)
    answers = Answers(coders, np.concatenate([part.layers for part in parts]))
    return Judgements(which, np.concatenate(runs), codes[which], answers)


def figures(judged: Judgements, n_categories: int, weights: Floats) -> dict[tuple[str, str], Floats]:
    """Each coder's figures, by coder and figure; each (draws,).

    Args:
        judged: the answers.
        n_categories: how many there are.
        weights: (draws, sentences), how often each sentence is drawn; a row of ones gives the estimate itself.
    """
    found: dict[tuple[str, str], list[Floats]] = {}
    for run in np.unique(judged.runs):
        here = judged.runs == run
        truth, of = judged.truth[here], weights[:, judged.items[here]]
        for name, coder in judged.answers.coders.items():
            answers, order = coder.answers[here], coder.order[here]
            is_right = answers == truth
            all_of_them, half = weighted_mean(is_right, of), accuracy_at(order, is_right, 0.5, of)
            each = {
                "accuracy": all_of_them,
                "kappa": kappa(answers, truth, n_categories, of),
                "auroc": auroc(order, is_right, of),
                "first_half": half,
                "gain": half - all_of_them,
                "order_right": weighted_mean(order, of * is_right),
                "order_wrong": weighted_mean(order, of * ~is_right),
            }
            for figure, value in each.items():
                found.setdefault((name, figure), []).append(value)
    each_figure = {key: _mean(values) for key, values in found.items()}
    for name, margin in ((LAST, LAST_MARGIN), (ALL, ALL_MARGIN)):
        each_figure[name, "auroc_over_margin"] = each_figure[name, "auroc"] - each_figure[margin, "auroc"]
        each_figure[name, "accuracy_over_words"] = each_figure[name, "accuracy"] - each_figure[WORDS, "accuracy"]
    return each_figure


def coverage_curve(judged: Judgements, coder: str, at: Floats, weights: Floats) -> Floats:
    """The accuracy of the surest share of a coder's answers, (draws, points), for the shares `at`."""
    curves = []
    for run in np.unique(judged.runs):
        here = judged.runs == run
        one = judged.answers.coders[coder]
        is_right, of = one.answers[here] == judged.truth[here], weights[:, judged.items[here]]
        curves.append(np.stack([accuracy_at(one.order[here], is_right, float(share), of) for share in at], axis=-1))
    return _mean(curves)


def limits(drawn: Floats) -> tuple[Floats, Floats]:
    """The limits between which 95 % of the draws lie, over the first axis; NaN where no draw has a value."""
    columns = drawn.reshape(len(drawn), -1).T
    pairs = np.array([percentile_interval(column) for column in columns])
    return pairs[:, 0].reshape(drawn.shape[1:]), pairs[:, 1].reshape(drawn.shape[1:])


def _mean(values: Sequence[Floats]) -> Floats:
    """The mean over the runs that have a value; NaN where none has."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    n = known.sum(axis=0)
    total = np.where(known, stacked, 0).sum(axis=0)
    return np.asarray(np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0))
