"""What consistency is worth on sentences that were written for this, by their stored states; and how it is reckoned.

Everything that could be chosen was chosen on the sentences of the half `settings`; the figures here are of the other.
"""

import csv

import numpy as np
import pytest

from representations.consistency import weighted_mean
from representations.held_out import (
    ALL,
    FIGURES,
    LAST,
    LAST_MARGIN,
    WORDS,
    Judgements,
    answer,
    coverage_curve,
    figures,
    judge,
    limits,
)
from representations.prototypes import fit, folds, halving
from representations.resampling import bootstrap_counts
from representations.word_counts import tf_idf
from tests.representations.make_states import SENTENCES, STATES

pytestmark = pytest.mark.once

NAMES = ("dim", "none", "vivid")


@pytest.fixture(scope="module")
def half() -> tuple[np.ndarray, np.ndarray, list[str]]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of = [k for k, row in enumerate(rows) if row["half"] == "report"]
    states = np.load(STATES)["states"].astype(np.float32)[of]
    return states, np.array([NAMES.index(rows[k]["category"]) for k in of]), [rows[k]["text"] for k in of]


@pytest.fixture(scope="module")
def judged(half: tuple[np.ndarray, np.ndarray, list[str]]) -> Judgements:
    states, codes, texts = half
    generator = np.random.default_rng(2)
    plans = [halving(codes, 3, 10, generator) for _ in range(60)]
    return judge(states, tf_idf(texts), codes, 3, plans)


def test_the_halves_are_even_and_share_no_sentence() -> None:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["text"] for row in rows}) == len(rows) == 180
    for half, n in (("settings", 24), ("report", 36)):
        assert [sum(r["half"] == half and r["category"] == name for r in rows) for name in NAMES] == [n, n, n]
    assert SENTENCES.stat().st_size + STATES.stat().st_size < 500_000


def test_consistency_finds_the_wrong_labels_and_the_margin_does_not(judged: Judgements) -> None:
    weights = bootstrap_counts(108, 200, np.random.default_rng(3)).astype(float)
    found, spread = figures(judged, 3, np.ones((1, 108))), figures(judged, 3, weights)
    assert found[LAST, "auroc"][0] > 0.70
    assert found[LAST, "auroc"][0] > found[LAST_MARGIN, "auroc"][0]
    assert limits(spread[LAST, "auroc_over_margin"])[0] > 0
    assert found[LAST, "gain"][0] >= 0.10
    assert found[LAST, "order_right"][0] > found[LAST, "order_wrong"][0]


def test_shuffled_codes_leave_nothing_to_find(half: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    states, codes, texts = half
    generator = np.random.default_rng(4)
    rows, found = tf_idf(texts), []
    for _ in range(40):
        mixed = generator.permutation(codes)
        found.append(figures(judge(states, rows, mixed, 3, [folds(mixed, 3, generator)]), 3, np.ones((1, 108))))
    for figure, value, near in (("accuracy", 1 / 3, 0.05), ("kappa", 0, 0.08), ("auroc", 0.5, 0.05)):
        assert abs(np.mean([each[LAST, figure] for each in found]) - value) < near


def test_no_sentence_is_judged_by_what_was_learnt_from_it() -> None:
    """States that say nothing but which sentence it is: whoever learnt from it would know it, and nobody else can."""
    states = np.repeat(np.eye(40, dtype=np.float32)[:, None], 3, axis=1)
    codes = np.arange(40) % 2
    learnt = answer(states, fit(states, codes, 2), is_balanced=False)
    assert (learnt.coders[LAST].answers == codes).all()
    judged = judge(states, tf_idf([""] * 40), codes, 2, [folds(codes, 2, np.random.default_rng(5))])
    assert weighted_mean(judged.answers.coders[LAST].answers == judged.truth) <= 0.6


def test_every_figure_of_every_coder_is_there_and_words_stand_beside(judged: Judgements) -> None:
    found = figures(judged, 3, np.ones((2, 108)))
    assert {coder for coder, _ in found} == {*judged.answers.coders}
    assert {figure for _, figure in found} == {*FIGURES}
    assert all(value.shape == (2,) for value in found.values())
    assert found[WORDS, "accuracy"][0] > 1 / 3


def test_the_curve_ends_at_the_accuracy(judged: Judgements) -> None:
    curve = coverage_curve(judged, ALL, np.array([0.5, 1.0]), np.ones((1, 108)))
    found = figures(judged, 3, np.ones((1, 108)))
    assert curve[0, 1] == pytest.approx(found[ALL, "accuracy"][0])
    assert curve[0, 0] == pytest.approx(found[ALL, "first_half"][0])
