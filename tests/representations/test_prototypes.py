"""Categories as mean states: scaling, answers, and what is held out."""

import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.prototypes import (
    LEAST_EXAMPLES,
    fit,
    folds,
    halving,
    margins,
    probabilities,
    reduced,
    standardised,
)

pytestmark = pytest.mark.once


def test_each_dimension_is_brought_to_one_scale_and_a_constant_one_to_nothing() -> None:
    states = np.random.default_rng(1).normal(5, [1, 300, 0], size=(50, 2, 3))
    found = standardised(states)
    assert found.dtype == np.float32
    assert np.abs(found.mean(axis=0)).max() < 1e-5
    assert np.allclose(found.std(axis=0), [1, 1, 0], atol=1e-5)
    assert standardised(states[:0]).shape == (0, 2, 3)


def test_round_off_of_a_constant_is_not_blown_up() -> None:
    states = np.full((7, 2, 1), 0.1, dtype=np.float32)
    states[3] = np.nextafter(np.float32(0.1), np.float32(1))
    assert (standardised(states) == 0).all()


def test_fewer_axes_keep_distances_but_for_what_is_left_out() -> None:
    generator = np.random.default_rng(2)
    flat = (generator.normal(size=(30, 2, 4)) @ generator.normal(size=(4, 60))).astype(np.float32)
    found = reduced(flat, 4)
    assert found.shape == (30, 2, 4)
    for k in range(2):
        whole = np.linalg.norm(flat[:, None, k] - flat[None, :, k], axis=2)
        assert np.allclose(np.linalg.norm(found[:, None, k] - found[None, :, k], axis=2), whole, atol=1e-3)


def test_the_nearest_prototype_is_the_most_probable() -> None:
    generator = np.random.default_rng(3)
    states = generator.normal(size=(40, 3, 5)).astype(np.float32)
    codes = np.arange(40) % 3
    prototypes = fit(states, codes, 3)
    assert prototypes.shape == (3, 3, 5)
    chances = probabilities(states, prototypes)
    distances = np.linalg.norm(states[:, :, None] - prototypes[None], axis=3)
    assert (chances.argmax(axis=2) == distances.argmin(axis=2)).all()
    assert np.allclose(chances.sum(axis=2), 1)
    assert np.allclose(margins(np.array([0.2, 0.7, 0.1])), 0.5)


def test_a_probability_falls_with_the_squared_distance_over_the_root_of_the_dimensions() -> None:
    """Squared distances of 0 and 4 in four dimensions: exp(0) against exp(-4 / 2)."""
    chances = probabilities(np.ones((1, 2, 4), dtype=np.float32), np.stack([np.ones((2, 4)), np.zeros((2, 4))], axis=1))
    assert chances[0, 0, 1] == pytest.approx(np.exp(-2) / (1 + np.exp(-2)))


@pytest.mark.parametrize(("each", "parts"), [(11, 11), (12, 12), (13, 5), (40, 5)])
def test_each_item_is_held_out_once_and_ten_of_a_category_are_left(each: int, parts: int) -> None:
    codes = np.repeat([0, 1, 2], each)
    plan = folds(codes, 3, np.random.default_rng(4))
    assert len(plan) == parts
    assert sorted(np.concatenate([held for _, held in plan]).tolist()) == list(range(3 * each))
    for learnt, held in plan:
        assert not set(learnt) & set(held)
        assert np.bincount(codes[learnt], minlength=3).min() >= LEAST_EXAMPLES


def test_too_few_to_hold_one_out_says_what_would_be_enough() -> None:
    with pytest.raises(NotEnough) as fault:
        folds(np.repeat([0, 1], [30, 10]), 2, np.random.default_rng(0))
    assert "10 coded sentences" in fault.value.missing
    assert "11 of each" in fault.value.enough
    with pytest.raises(NotEnough):
        halving(np.repeat([0, 1], [30, 8]), 2, 8, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("states", "words"), [(np.zeros((3, 4)), "(3, 4)"), (np.full((2, 2, 2), np.nan), "sentence 0, layer 0")]
)
def test_states_that_are_none_are_refused(states: np.ndarray, words: str) -> None:
    with pytest.raises(RepresentationError) as fault:
        standardised(states)
    assert words in str(fault.value)
