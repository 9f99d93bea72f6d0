"""Internal consistency, balanced thresholds, votes and what they are judged by: exact figures and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from representations.consistency import (
    accuracy_at,
    auroc,
    balanced,
    chance_consistency,
    internal_consistency,
    kappa,
    latent_answers,
    layer_agreement,
    weighted_mean,
    weighted_vote,
)
from representations.errors import RepresentationError

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("answers", "consistency"),
    [([2, 2, 2, 2, 2], 1.0), ([2, 0, 2, 1, 2], 0.5), ([0, 1, 0, 1, 2], 0.0), ([1, 1], 1.0), ([0, 1], 0.0)],
)
def test_consistency_is_the_share_of_earlier_layers_that_agree(answers: list[int], consistency: float) -> None:
    assert internal_consistency(np.array([answers])).tolist() == [consistency]


@pytest.mark.parametrize("n_categories", [2, 3, 5])
def test_random_layers_agree_by_chance(n_categories: int) -> None:
    answers = np.random.default_rng(4).integers(n_categories, size=(20_000, 7))
    assert abs(internal_consistency(answers).mean() - chance_consistency(n_categories)) < 0.005


def test_answers_come_from_the_largest_probability_of_each_layer() -> None:
    probabilities = np.array([[[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]]])
    assert latent_answers(probabilities).tolist() == [[1, 0, 0]]


@pytest.mark.parametrize("n_categories", [2, 3, 4])
def test_balanced_thresholds_name_each_category_equally_often(n_categories: int) -> None:
    """A layer that leans to one category by far names each for 1/C of the items all the same."""
    leaning = np.random.default_rng(5).dirichlet([9, *[1] * (n_categories - 1)], size=(120, 6))
    found = balanced(leaning)
    assert found.thresholds.shape == (6, n_categories)
    assert np.abs((found.scores > 0).mean(axis=0) - 1 / n_categories).max() <= 1 / 120
    assert ((found.consistency >= 0) & (found.consistency <= 1)).all()


def test_what_lies_on_a_threshold_counts_for_chance() -> None:
    found = balanced(np.full((4, 3, 2), 0.5))
    assert (found.scores == 0.5).all()
    assert (found.consistency == 0.5).all()


def test_balanced_answers_undo_a_lean() -> None:
    """Both categories are in half of the items; the last layer gives the first one always more."""
    lean = np.array([0.9, 0.88, 0.6, 0.58])
    probabilities = np.repeat(np.stack([lean, 1 - lean], axis=1)[:, None, :], 3, axis=1)
    assert latent_answers(probabilities)[:, -1].tolist() == [0, 0, 0, 0]
    assert balanced(probabilities).answers.tolist() == [0, 0, 1, 1]
    assert balanced(probabilities).consistency.tolist() == [1, 1, 1, 1]


def vote(answers: list[int], weights: list[float], seed: int = 0) -> int:
    generator = np.random.default_rng(seed)
    groups = np.zeros(len(answers), dtype=np.intp)
    return int(weighted_vote(groups, np.array(answers), np.array(weights), (1, 3), generator).answers[0])


def test_weight_decides_a_vote() -> None:
    assert vote([0, 0, 1], [1, 1, 1]) == 0
    assert vote([0, 0, 1], [0.2, 0.2, 1]) == 1


votes = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), min_size=1, max_size=9)


@given(votes, st.integers(0, 99), st.floats(0.01, 100))
def test_scaling_all_weights_changes_no_vote(ballots: list[tuple[int, int]], seed: int, times: float) -> None:
    answers, weights = [a for a, _ in ballots], [w / 6 for _, w in ballots]
    assert vote(answers, weights, seed) == vote(answers, [w * times for w in weights], seed)


@given(votes, st.floats(0.01, 100))
def test_equal_weights_are_the_plain_vote(ballots: list[tuple[int, int]], weight: float) -> None:
    answers = [a for a, _ in ballots]
    counts = np.bincount(answers, minlength=3)
    assert counts[vote(answers, [weight] * len(answers))] == counts.max()


@given(votes, st.integers(0, 99))
def test_more_weight_for_the_winner_keeps_it(ballots: list[tuple[int, int]], seed: int) -> None:
    answers, weights = [a for a, _ in ballots], [w / 6 for _, w in ballots]
    winner = vote(answers, weights, seed)
    raised = [w + (a == winner) for a, w in zip(answers, weights, strict=True)]
    assert vote(answers, raised, seed) == winner


def test_ties_fall_evenly_among_what_was_named_even_where_all_weigh_nothing() -> None:
    fallen = [vote([0, 2], [0, 0], seed) for seed in range(400)]
    assert set(fallen) == {0, 2}
    assert 150 < fallen.count(0) < 250
    # The sum of 0.1 and 0.2 is above 0.3 in its last bit.
    assert {vote([0, 0, 2], [0.1, 0.2, 0.3], seed) for seed in range(60)} == {0, 2}


def test_a_group_without_items_has_no_answer() -> None:
    found = weighted_vote(np.array([1]), np.array([0]), np.array([0.5]), (3, 2), np.random.default_rng(0))
    assert found.answers.tolist() == [-1, 0, -1]
    assert np.isnan(found.shares[0]).all()
    assert found.shares[1].tolist() == [1, 0]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_the_rank_sum_statistic(items: list[tuple[int, bool]]) -> None:
    scores, is_right = np.array([s for s, _ in items], dtype=float), np.array([r for _, r in items])
    found = float(auroc(scores, is_right))
    if is_right.all() or not is_right.any():
        assert np.isnan(found)
        return
    u = stats.mannwhitneyu(scores[is_right], scores[~is_right]).statistic
    assert found == pytest.approx(u / (is_right.sum() * (~is_right).sum()))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=12), st.data())
def test_counts_as_weights_say_the_same_as_items_written_out(
    items: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """The bootstrap's shortcut: a row of counts is the sample that it stands for."""
    counts = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(items), max_size=len(items))))
    if not counts.sum():
        counts[0] = 1
    table = np.array(items)
    written = np.repeat(table, counts, axis=0)
    weights = counts[None, :].astype(float)
    for short, long in (
        (auroc(table[:, 0], table[:, 1] > 0, weights), auroc(written[:, 0], written[:, 1] > 0)),
        (
            accuracy_at(table[:, 0].astype(float), table[:, 1] > 0, 0.4, weights),
            accuracy_at(written[:, 0].astype(float), written[:, 1] > 0, 0.4),
        ),
        (kappa(table[:, 1], table[:, 2], 3, weights), kappa(written[:, 1], written[:, 2], 3)),
        (weighted_mean(table[:, 1] > 0, weights), weighted_mean(written[:, 1] > 0)),
    ):
        assert short[0] == pytest.approx(float(long), nan_ok=True)


def test_kappa_of_a_worked_table() -> None:
    """20 both yes, 5 and 10 apart, 15 both no: 0.70 seen, 0.50 by chance, so 0.40."""
    one = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    other = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert float(kappa(one, other, 2)) == pytest.approx(0.4)
    assert np.isnan(kappa(np.zeros(3, dtype=int), np.zeros(3, dtype=int), 2))


def test_accuracy_at_a_share_takes_the_mean_of_a_tie() -> None:
    """Half of four: the first for sure, and one of three equal ones, of which one is right."""
    scores, is_right = np.array([0.9, 0.5, 0.5, 0.5]), np.array([True, True, False, False])
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        assert float(accuracy_at(scores[order], is_right[order], 0.5)) == pytest.approx((1 + 1 / 3) / 2)
    assert float(accuracy_at(scores, is_right, 1.0)) == 0.5


def test_agreement_of_layers_is_even_and_whole_with_itself() -> None:
    found = layer_agreement(np.array([[0, 0, 1], [1, 0, 1]]))
    assert np.allclose(found, [[1, 0.5, 0.5], [0.5, 1, 0], [0.5, 0, 1]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: internal_consistency(np.zeros((3, 1), dtype=int)), "2 or more layers"),
        (lambda: latent_answers(np.zeros((3, 2))), "(items, layers, categories)"),
        (lambda: latent_answers(np.full((1, 2, 2), np.nan)), "at (0, 0, 0)"),
        (lambda: balanced(np.zeros((0, 3, 2))), "No items"),
        (lambda: accuracy_at(np.zeros(2), np.array([True, False]), 0.0), "coverage of 0.0"),
        (lambda: auroc(np.array([np.nan, 1]), np.array([True, False])), "score without a value"),
        (lambda: vote([0, 1], [1, -1]), "weight below 0"),
    ],
)
def test_what_cant_be_reckoned_is_said(call, words: str) -> None:
    with pytest.raises(RepresentationError) as fault:
        call()
    assert words in str(fault.value)
