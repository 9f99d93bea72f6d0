"""Standard errors of a score and of a difference, and the bands made of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.error import (
    StandardError,
    conditional_error,
    difference_error,
    estimation_error,
    maassen_error,
    measurement_error,
    score_band,
    true_score_band,
)
from protocol.instrument import LevelError, Norm

RETEST = Norm("total", "made up", 100, 50.0, 10.0, 0.5, "retest", "invented")  # standard error of a difference: 10
LEAST, MOST = 16.0, 80.0

within = st.integers(16, 80).map(float)
norms = st.builds(
    lambda mean, sd, reliability: replace(RETEST, mean=mean, sd=sd / 100, reliability=reliability / 100),
    within,
    st.integers(1, 2_500),
    st.integers(0, 99),
)


@pytest.mark.parametrize("keys", [{"reliability": 1.0}, {"sd": 0.0}])
def test_without_error_of_measurement_there_is_no_standard_error_and_no_band(keys: dict[str, float]) -> None:
    faultless = replace(RETEST, **keys)  # type: ignore[arg-type]

    assert [make(faultless) for make in (measurement_error, difference_error, estimation_error)] == [None] * 3
    assert score_band(30.0, faultless) is None
    assert true_score_band(30.0, faultless) is None


def test_a_standard_error_names_its_norm() -> None:
    assert difference_error(RETEST) == StandardError(RETEST, Fraction(100), 10.0, 19.6)


def test_maassen_needs_the_spread_at_the_second_occasion() -> None:
    assert maassen_error(RETEST) is None
    assert maassen_error(replace(RETEST, sd_after=0.0)) is not None, "a spread of 0 was declared too"


def test_level_errors_hold_at_both_ends_of_their_level_and_not_between_two() -> None:
    norm = replace(RETEST, errors=(LevelError(16, 24, 3.0), LevelError(25, 80, 4.0)))

    assert conditional_error(norm, 16, 25) == conditional_error(norm, 24, 80) == conditional_error(norm, 80, 24)
    assert conditional_error(norm, 16, 25) == StandardError(norm, Fraction(25), 5.0, 9.8)
    assert conditional_error(norm, 16, 24.5) is None
    assert conditional_error(norm, 15.9, 30) is None
    assert conditional_error(RETEST, 16, 25) is None


@given(within, norms)
def test_a_band_holds_its_centre_and_stays_within_the_score(value: float, norm: Norm) -> None:
    for band in (score_band(value, norm, least=LEAST, most=MOST), true_score_band(value, norm, least=LEAST, most=MOST)):
        if band is not None:
            assert LEAST <= band.low <= band.centre <= band.high <= MOST
            assert band.norm is norm


@given(within, norms)
def test_the_estimated_true_score_lies_between_the_value_and_the_mean(value: float, norm: Norm) -> None:
    band = true_score_band(value, norm)
    if band is None:  # with reliability 0 nothing is estimated
        assert norm.reliability == 0
        return

    assert min(value, norm.mean) <= band.centre <= max(value, norm.mean)
