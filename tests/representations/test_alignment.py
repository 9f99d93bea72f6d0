import json
from pathlib import Path

import numpy as np
import pytest

from representations.alignment import (
    CORRELATIONS,
    FEWEST_CELLS,
    MEASURES,
    CrossAlignment,
    distances,
    imbalance_similarity,
    information_imbalance,
    linear_cka,
    rdm_correlation,
)
from representations.errors import NotEnough, RepresentationError

pytestmark = pytest.mark.once
STORED = json.loads((Path(__file__).parent / "alignment_vectors.json").read_text())
ABOVE = np.triu_indices(10, 1)


def layers(seed=0, n=10, noise=0.8):
    generator = np.random.default_rng(seed)
    first = generator.normal(size=(n, 4))
    return first, first[:, :3] + noise * generator.normal(size=(n, 3))


def rotation(d, seed=3):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


# --- against other libraries -----------------------------------------------------------------------------------------


def stored():
    return np.array(STORED["first"]), np.array(STORED["second"])


def test_distances_are_those_of_rsatoolbox():
    for layer, name in zip(stored(), ("first", "second"), strict=True):
        theirs = np.array(STORED["squared_euclidean_by_features"][name])
        assert distances(layer)[ABOVE] ** 2 / layer.shape[1] == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(("measure", "theirs"), [("pearson", "corr"), ("cosine", "cosine"), ("spearman", "spearman")])
def test_correlations_are_those_of_rsatoolbox(measure, theirs):
    squared = [distances(layer)[ABOVE] ** 2 for layer in stored()]
    assert rdm_correlation(*squared, measure) == pytest.approx(STORED["compare"][theirs], rel=1e-12)


def test_linear_cka_is_the_whitened_cosine_of_rsatoolbox():
    assert linear_cka(*stored()) == pytest.approx(STORED["compare"]["cosine_cov"], rel=1e-12)


def test_information_imbalance_is_that_of_dadapy():
    first, second = (distances(layer) for layer in stored())
    theirs = STORED["information_imbalance"]
    assert information_imbalance(first, second) == pytest.approx(theirs["first_to_second"], rel=1e-12)
    assert information_imbalance(second, first) == pytest.approx(theirs["second_to_first"], rel=1e-12)
    assert information_imbalance(first, first) == pytest.approx(theirs["first_to_itself"], rel=1e-12)


def test_the_stored_numbers_say_whose_they_are():
    assert STORED["versions"]["rsatoolbox"] == "0.3.2"
    assert STORED["versions"]["dadapy"] == "0.3.4"


# --- what must hold whatever the input --------------------------------------------------------------------------------


def test_cka_is_whole_under_rotation_scaling_and_shift():
    first, second = layers()
    assert linear_cka(first, 7 * first @ rotation(4) + 3) == pytest.approx(1, abs=1e-12)
    assert linear_cka(3 * first + 1, second @ rotation(3)) == pytest.approx(linear_cka(first, second), rel=1e-12)


def test_imbalance_with_itself_is_two_by_n_exactly():
    for n in (5, 10, 37):
        d = distances(layers(n=n)[0])
        assert information_imbalance(d, d) == 2 / n
        assert information_imbalance(d, 5 * d) == 2 / n


def test_imbalance_of_the_unrelated_is_about_one():
    found = [information_imbalance(*(distances(layers(seed + k, 60)[0]) for k in (0, 500))) for seed in range(40)]
    assert np.mean(found) == pytest.approx(1, abs=0.05)


def test_ties_count_by_their_mean():
    alike = 1.0 - np.eye(6)
    assert information_imbalance(alike, alike) == pytest.approx(2 / 36 * 6 * 3), "mean rank of five is three"


@pytest.mark.parametrize("measure", MEASURES)
def test_people_at_once_are_as_two_alone(measure):
    first, second = layers()
    d = [distances(layer) for layer in (first, second)]
    cells = np.stack([one[ABOVE] for one in d])
    found = CrossAlignment(cells, cells, measure)()
    alone = {
        "cka": lambda: linear_cka(first, second),
        "imbalance": lambda: imbalance_similarity(*d),
    }.get(measure, lambda: rdm_correlation(*cells, measure))()
    assert found[0, 1] == pytest.approx(alone, rel=1e-12)
    assert found == pytest.approx(found.T)
    assert np.diag(found) == pytest.approx(1 - 2 / 10 if measure == "imbalance" else 1)
    assert CrossAlignment(cells, cells, measure)(None, np.array([1]))[0, 0] == pytest.approx(found[1, 1])


@pytest.mark.parametrize("measure", [*CORRELATIONS, "cka"])
def test_a_weighted_item_is_as_the_item_put_there_again(measure):
    generator = np.random.default_rng(5)
    first, second = layers()
    if measure == "spearman":  # with ties
        first, second = np.round(first[:, :1]), np.round(second[:, :1])
    counts = np.bincount(generator.integers(10, size=10), minlength=10)
    again = np.repeat(np.arange(10), counts)
    d = [distances(layer) for layer in (first, second)]
    cells = np.stack([one[ABOVE] for one in d])
    i, j = np.triu_indices(10, 1)
    differ = again[i] != again[j]
    if measure == "cka":
        wanted = linear_cka(first[again], second[again])
    else:
        wanted = rdm_correlation(*(one[again[i], again[j]][differ] for one in d), measure)
    assert CrossAlignment(cells, cells, measure)(counts)[0, 1] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("measure", ["pearson", "cosine"])
def test_what_two_people_share_is_what_is_compared(measure):
    cells = np.stack([distances(layer)[ABOVE] for layer in layers()])
    cells[0, 3] = cells[1, [7, 9]] = np.nan
    shared = np.all(np.isfinite(cells), axis=0)
    found = CrossAlignment(cells, cells, measure)()
    assert found[0, 1] == pytest.approx(rdm_correlation(*cells[:, shared], measure), rel=1e-10)
    counts = np.array([2, 0, 1, 1, 3, 1, 0, 1, 0, 1])
    weights = (counts[ABOVE[0]] * counts[ABOVE[1]])[shared]
    again = np.repeat(np.arange(weights.size), weights)
    wanted = rdm_correlation(*cells[:, shared][:, again], measure)
    assert CrossAlignment(cells, cells, measure)(counts)[0, 1] == pytest.approx(wanted, rel=1e-10)


def test_too_little_shared_and_nothing_that_differs_is_empty():
    cells = np.stack([distances(layer)[ABOVE] for layer in layers()])
    cells[0, FEWEST_CELLS - 1 :] = np.nan
    assert np.isnan(CrossAlignment(cells, cells, "pearson")()[0, 1])
    assert np.all(np.isnan(CrossAlignment(cells, cells, "pearson")(np.array([10] + 9 * [0])))), "one item has no pairs"
    counts = np.array([2, 0, 1, 1, 3, 1, 0, 1, 0, 1])
    for flat in (
        np.full(45, 1.0),
        np.full(45, 0.1),
        np.full(45, 1e6 / 3),
        np.where(np.arange(45) == 3, np.nan, 1e6 / 3),
    ):
        both = np.stack([cells[1], flat])
        for measure in ("pearson", "spearman", "imbalance") if np.isfinite(flat[3]) else ("pearson", "spearman"):
            assert np.isnan(CrossAlignment(both, both, measure)()[0, 1]), measure
            assert np.isnan(CrossAlignment(both, both, measure)(counts)[0, 1]), measure


def test_what_can_not_be_compared_is_said():
    first, second = layers()
    with pytest.raises(RepresentationError, match="10 rows"):
        linear_cka(first, second[:8])
    with pytest.raises(RepresentationError, match="1 gaps"):
        linear_cka(first, np.where(np.arange(30).reshape(10, 3) == 4, np.nan, second))
    with pytest.raises(NotEnough, match="same for all"):
        linear_cka(first, np.ones((10, 2)))
    with pytest.raises(NotEnough, match="3 or more"):
        linear_cka(first[:2], second[:2])
    with pytest.raises(NotEnough, match="All dissimilarities are the same"):
        rdm_correlation(np.ones(6), np.arange(6.0))
    with pytest.raises(RepresentationError, match="Measure cka"):
        rdm_correlation(np.arange(6.0), np.arange(6.0), "cka")
    with pytest.raises(RepresentationError, match="square"):
        information_imbalance(first, second)
    with pytest.raises(RepresentationError, match="n \\(n - 1\\) / 2"):
        CrossAlignment(np.ones((2, 7)), np.ones((2, 7)), "pearson")
    gap = np.array([[1.0, 2, np.nan, 4, 5, 6]])
    with pytest.raises(NotEnough, match="1 of 6 were never judged"):
        CrossAlignment(gap, gap, "cka")
