"""Pictures of scores: nobody is left out of them, and nothing lies outside."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.reliability_figures import (
    BOTTOM,
    LEFT,
    MOST_BINS,
    MOST_DOTS,
    RIGHT,
    TOP,
    Bin,
    bins,
    cloud,
    histogram,
)

ONE = Fraction(1)
SUMS = st.lists(st.integers(16, 80).map(float), min_size=1, max_size=60)
NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 4)), min_size=1, max_size=60)


@given(SUMS)
def test_everybody_is_in_one_bin_of_a_score_with_ends(values: list[float]) -> None:
    found = bins(values, 16, 80, ONE)
    assert [(each.low, each.high) for each in found] == [(low, low + 4) for low in range(16, 80, 4)]
    for each in found[:-1]:
        assert each.n == sum(each.low <= value < each.high for value in values)
    assert sum(each.n for each in found) == len(values)


@given(NUMBERS)
def test_everybody_is_in_one_bin_of_a_score_without_ends(values: list[float]) -> None:
    found = bins(values, None, None)
    assert sum(each.n for each in found) == len(values)
    assert len(found) <= MOST_BINS + 1
    assert found[0].low <= min(values)
    assert found[-1].high >= max(values)
    assert all(one.high == other.low for one, other in pairwise(found))


def test_a_score_of_few_values_has_a_bin_for_each() -> None:
    assert bins([1, 3, 3], 1, 3, ONE) == (Bin(1, 1, 1), Bin(2, 2, 0), Bin(3, 3, 2))
    assert [each.low for each in bins([1.25, 2], 1, 2, ONE / 4)] == [1, 1.25, 1.5, 1.75, 2]


def test_thirds_and_the_like_are_values_too() -> None:
    """A mean of three items is 4/3 as near as a computer has it."""
    found = bins([4 / 3, 5 / 3, 5 / 3, 2], 1, 2, ONE / 3)
    assert [each.n for each in found] == [0, 1, 2, 1]


def test_a_prorated_value_between_the_others_is_in_a_bin_too() -> None:
    found = bins([1, 2.3, 5], 1, 5, ONE)
    assert sum(each.n for each in found) == 3
    assert all(each.low < each.high for each in found)


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0]])
def test_one_value_alone_makes_one_bin(values: list[float]) -> None:
    assert bins(values, None, None) == (Bin(3, 3, len(values)),)
    [bar] = histogram(bins(values, None, None), 3).bars
    assert LEFT <= bar.x < bar.x + bar.width <= RIGHT


def test_no_values_make_no_bins() -> None:
    assert bins([], 16, 80, ONE) == ()


@given(st.one_of(SUMS, NUMBERS))
def test_the_bars_stand_inside_the_picture_and_beside_each_other(values: list[float]) -> None:
    found = bins(values, None, None)
    picture = histogram(found, sum(values) / len(values))
    assert len(picture.bars) == len(found)
    for bar in picture.bars:
        assert LEFT - 0.1 <= bar.x <= bar.x + bar.width <= RIGHT + 0.1
        assert bar.y >= TOP
        assert bar.y + bar.height == pytest.approx(BOTTOM, abs=0.11)
    assert all(one.x + one.width <= other.x for one, other in pairwise(picture.bars))
    assert 2 <= len(picture.marks) <= 13 or len(found) == 1
    assert LEFT - 0.1 <= picture.mean <= RIGHT + 0.1


PAIRS = st.lists(st.tuples(st.integers(0, 100).map(float), st.integers(0, 100).map(float)), min_size=1, max_size=60)


@given(PAIRS, st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(-200, 200)))
def test_everybody_is_in_the_picture_of_two_times(pairs: list[tuple[float, float]], levels: tuple[float, ...]) -> None:
    upper, middle, lower = sorted(levels, reverse=True)
    picture = cloud(pairs, (upper, middle, lower), 0, 100)
    assert sum(dot.n for dot in picture.dots) == len(pairs)
    for at, y in [(dot.x, dot.y) for dot in picture.dots]:
        assert LEFT <= at <= RIGHT
        assert TOP - 0.1 <= y <= BOTTOM + 0.1
    assert all(TOP - 0.1 <= level.y <= BOTTOM + 0.1 for level in picture.levels)
    assert all(other.words_y - one.words_y >= 19.9 for one, other in pairwise(picture.levels))
    assert len(picture.rows) >= 2
    assert picture.columns


def test_many_places_share_dots_and_lose_nobody() -> None:
    pairs = [(n / 7, n % 31 + n / 9) for n in range(2_000)]
    picture = cloud(pairs, (40.0, 10.0, -20.0))
    assert len(picture.dots) <= 40 * 24 + 65
    assert sum(dot.n for dot in picture.dots) == 2_000 > MOST_DOTS
    assert max(dot.r for dot in picture.dots) <= 9


def test_people_of_one_place_are_one_greater_dot() -> None:
    picture = cloud([(1, 2), (1, 2), (3, 3)], (1.5, 0.5, -0.5))
    assert [(dot.mean, dot.difference, dot.n) for dot in picture.dots] == [(1.5, 1, 2), (3, 0, 1)]
    assert picture.dots[0].r > picture.dots[1].r
