import numpy as np
import pytest

from representations.designs import drawn_features, joined, played
from representations.dissimilarity import averaged, fitted, pair_features, squared_up
from representations.errors import NotEnough, RepresentationError
from representations.judgements import from_pair_ratings

pytestmark = pytest.mark.once


def rated():
    return from_pair_ratings(
        ["p"] * 3 + ["q"], ["cat", "fox", "fox", "cat"], ["fox", "cat", "owl", "owl"], [1, 3, 7, 5], scale=(0, 7)
    )


def test_each_value_is_the_mean_of_its_trials_with_their_number():
    found = averaged(rated())
    assert found.counts.tolist() == [[2, 0, 1], [0, 1, 0]]
    assert found.values[0].tolist()[::2] == [2, 7]
    assert np.isnan(found.values[0, 1])
    assert found.free_weights == 3
    assert found.square(0)[1].tolist() == [2, 0, 7]


def test_some_of_the_judgements():
    found = averaged(rated(), np.array([False, True, False, True]))
    assert found.counts.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert found.values[0, 0] == 3


def test_squared_up_is_symmetric():
    whole = squared_up(np.arange(6.0) + 1, 4)
    assert np.array_equal(whole, whole.T)
    assert whole[0].tolist() == [0, 1, 2, 3]


def test_pair_features_are_centred_and_scaled():
    found = pair_features(np.random.default_rng(0).normal(size=(7, 3)))
    assert found.shape == (21, 3)
    assert found.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert found.std(axis=0) == pytest.approx(np.ones(3))
    with pytest.raises(NotEnough, match="Feature 2"):
        pair_features(np.column_stack([np.arange(5.0), np.ones(5)]))
    with pytest.raises(RepresentationError, match="1 gaps"):
        pair_features(np.array([[1.0], [np.nan], [2.0]]))


def test_fitting_gives_back_what_was_played_without_noise():
    generator = np.random.default_rng(1)
    features = drawn_features(12, 5, generator)
    weights = generator.normal(size=(3, 5))
    found = fitted(played(features, weights, 1e20, 20, generator), features)
    truth = weights @ pair_features(features).T
    assert found.values - found.values.mean(axis=1, keepdims=True) == pytest.approx(truth, abs=1e-8)
    assert found.free_weights == 5
    assert found.counts.sum(axis=1).tolist() == [20, 20, 20]


def test_fitting_with_one_judgement_gives_nothing_and_with_other_items_an_error():
    assert np.all(np.isnan(fitted(rated(), np.array([[1.0], [2.0], [4.0]])).values[1]))
    with pytest.raises(RepresentationError, match="Features of 5 items.*3 that were judged"):
        fitted(rated(), np.arange(5.0)[:, None])


def test_two_sets_of_people_become_one():
    generator = np.random.default_rng(2)
    features = drawn_features(6, 2, generator)
    one, other = (played(features, generator.normal(size=(3, 2)), 4, 10, generator, name) for name in "AB")
    both = joined(one, other)
    assert both.trials.tolist() == [10] * 6
    assert np.array_equal(both.of([3, 4, 5]).value, other.value)
    with pytest.raises(RepresentationError, match="people in both \\(3\\)"):
        joined(one, one)
