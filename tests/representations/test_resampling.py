import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.resampling import (
    bootstrap_counts,
    bootstrap_indices,
    percentile_interval,
    permutations,
    permutations_within,
    spearman_brown,
    split_halves,
    split_halves_within,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize("n", [2, 3, 10, 11])
def test_halves_hold_everything_once_and_are_as_large_as_can_be(n):
    sizes = set()
    for seed in range(40):
        first, second = split_halves(n, np.random.default_rng(seed))
        assert sorted([*first, *second]) == list(range(n))
        assert abs(len(first) - len(second)) == n % 2
        sizes.add(len(first))
    assert sizes == ({n // 2} if n % 2 == 0 else {n // 2, n // 2 + 1}), "the odd one falls to either half"


def test_one_trial_has_no_halves():
    with pytest.raises(NotEnough, match="2 trials"):
        split_halves(1, np.random.default_rng(0))


def test_halves_within_halve_each_label_for_itself():
    labels = np.array([2, 0, 0, 1, 2, 0, 0, 2, 2, 1])
    seen = set()
    for seed in range(30):
        is_first = split_halves_within(labels, np.random.default_rng(seed))
        assert [int(is_first[labels == k].sum()) for k in range(3)] == [2, 1, 2]
        seen.add(tuple(is_first))
    assert len(seen) > 20
    lone = {bool(split_halves_within(np.array([0]), np.random.default_rng(seed))[0]) for seed in range(20)}
    assert lone == {True, False}


def test_spearman_brown():
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(spearman_brown(0.4, 3), 1 / 3) == pytest.approx(0.4)
    assert spearman_brown(1.0, 7) == 1.0
    assert np.isnan(spearman_brown(-1.0))
    assert np.isnan(spearman_brown(float("nan")))


def test_bootstrap_draws_with_replacement_and_counts_say_the_same():
    indices = bootstrap_indices(6, 500, np.random.default_rng(1))
    counts = bootstrap_counts(6, 500, np.random.default_rng(1))
    assert indices.shape == counts.shape == (500, 6)
    assert np.all(counts.sum(axis=1) == 6)
    assert np.array_equal(counts, np.stack([np.bincount(row, minlength=6) for row in indices]))
    assert counts.max() >= 4


def test_permutations_hold_everything_once():
    orders = permutations(7, 200, np.random.default_rng(2))
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(7), (200, 1)))
    assert len({tuple(row) for row in orders}) > 190


def test_permutations_within_keep_the_classes_and_move_the_rest():
    labels = np.array([1, 0, 1, 0, 1, 2])
    orders = permutations_within(labels, 200, np.random.default_rng(3))
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(6), (200, 1)))
    assert np.all(labels[orders] == labels)
    assert len({tuple(row) for row in orders}) == 2 * 6, "every order that the classes allow, of 200"


def test_chance_comes_from_the_seed_alone():
    one, other = (permutations(9, 5, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one, other)


def test_percentile_interval():
    assert percentile_interval(np.arange(1001.0)) == pytest.approx((25, 975))
    assert percentile_interval(np.array([np.nan, 3.0])) == (3.0, 3.0)
    assert np.all(np.isnan(percentile_interval(np.array([np.nan]))))
    with pytest.raises(RepresentationError, match="between 0 and 1"):
        percentile_interval(np.arange(3.0), 95)


def test_nothing_to_draw_from_is_said():
    for draw in (bootstrap_indices, permutations):
        with pytest.raises(RepresentationError, match="at least 1"):
            draw(0, 10, np.random.default_rng(0))
