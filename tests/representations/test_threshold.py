import numpy as np
import pytest

from representations.errors import RepresentationError
from representations.threshold import (
    excess_error,
    expected_alignment,
    is_near,
    snr_from_reliability,
    trials_for,
)

pytestmark = pytest.mark.once


def test_the_published_figures_of_the_derivation():
    trials = [20, 40, 60, 80, 90, 100, 110, 120, 150, 200, 400]
    wanted = [0.760, 0.702, 0.609, 0.432, 0.265, 0, 0.265, 0.432, 0.662, 0.798, 0.923]
    assert expected_alignment(trials, 100, 4) == pytest.approx(wanted, abs=6e-4)
    assert excess_error([40, 160], 100, 4) == pytest.approx([0.769, 0.424], abs=6e-4)


def test_alignment_mirrors_at_the_threshold_exactly_and_errors_do_not():
    gap = np.arange(1, 100)
    for snr in (0.5, 1, 4, 16):
        below, above = expected_alignment(100 - gap, 100, snr), expected_alignment(100 + gap, 100, snr)
        assert np.array_equal(below, above)
        one, other = excess_error(100 - gap[1:], 100, snr), excess_error(100 + gap[1:], 100, snr)
        same = np.isclose(one, other, rtol=1e-9)
        assert set(gap[1:][same]) <= {1 + 100 / snr}, "they cross once"
        assert np.all((one > other)[gap[1:] > 1 + 100 / snr])


def test_alignment_rises_with_the_ratio_at_every_number_of_trials():
    trials = np.setdiff1d(np.arange(1, 400), [99, 100, 101])
    found = expected_alignment(trials[None, :], 100, np.array([0.1, 0.5, 1, 4, 16, 256])[:, None])
    assert np.all(np.diff(found, axis=0) > 0)
    assert np.all((found > 0) & (found < 1))


def test_inputs_of_their_own_lower_it_below_the_threshold_alone():
    own = expected_alignment([40, 160], 100, 4, common_inputs=False)
    assert own == pytest.approx(expected_alignment([40, 160], 100, 4) * [0.4, 1])


def test_planning_is_the_inverse():
    for wanted in (0.3, 0.7, 0.9):
        assert expected_alignment(trials_for(wanted, 30, 2.5), 30, 2.5) == pytest.approx(wanted)
    half = float(expected_alignment(60, 30, 1.7))
    assert snr_from_reliability(half, 120, 30) == pytest.approx(1.7)


def test_near_is_within_thirty_per_cent():
    assert is_near([20, 21, 30, 39, 40], 30).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize(
    "call",
    [
        lambda: expected_alignment(10, 0, 1),
        lambda: expected_alignment(10, 5, 0),
        lambda: expected_alignment(-1, 5, 1),
        lambda: expected_alignment(10, 5, np.nan),
        lambda: trials_for(1, 5, 1),
        lambda: snr_from_reliability(1, 120, 30),
        lambda: snr_from_reliability(0.5, 62, 30),
    ],
)
def test_numbers_out_of_range_are_said(call):
    with pytest.raises(RepresentationError, match="Expected"):
        call()
