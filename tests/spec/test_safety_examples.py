"""How often something happened: worked examples of exact intervals, from the papers and from arithmetic by hand."""

from __future__ import annotations

import math

import pytest

from research.safety_figures import rate, share

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("count", "people", "low", "high"),
    [
        # None of n: the upper limit is 1 - (0.025)^(1/n), by hand from the definition. With n = 20: 0.16843.
        (0, 20, 0.0, 1 - 0.025 ** (1 / 20)),
        (0, 1, 0.0, 0.975),
        # All of n: the lower limit is (0.025)^(1/n).
        (20, 20, 0.025 ** (1 / 20), 1.0),
        # Clopper and Pearson's limits for 5 of 20 and 10 of 100, as tables give them to four places.
        (5, 20, 0.0866, 0.4910),
        (10, 100, 0.0490, 0.1762),
        (1, 10, 0.0025, 0.4450),
    ],
)
def test_shares_of_people_after_clopper_and_pearson(count: int, people: int, low: float, high: float) -> None:
    found = share(count, people)
    assert found.value == count / people
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        # None: the upper limit is -ln(0.025) = 3.6889, from the definition by hand ("the rule of three", two-sided).
        (0, 0.0, -math.log(0.025)),
        # Garwood's table of 95 % limits of a Poisson mean.
        (1, 0.0253, 5.5716),
        (2, 0.2422, 7.2247),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (20, 12.2165, 30.8884),
    ],
)
def test_counts_after_garwood(count: int, low: float, high: float) -> None:
    found = rate(count, 1.0)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_five_events_in_250_person_weeks() -> None:
    """A worked example: 2.0 in 100 person-weeks, from 0.65 to 4.67."""
    found = rate(5, 250 / 100)
    assert (found.value, round(found.low or 0, 2), round(found.high or 0, 2)) == (2.0, 0.65, 4.67)


def test_where_nobody_was_followed_nothing_is_said() -> None:
    assert (share(0, 0).value, share(0, 0).high, rate(3, 0).value, rate(0, 0).low) == (None, None, None, None)


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_the_limits_are_those_at_which_the_count_is_just_as_rare_as_was_asked(count: int) -> None:
    """From the definition, by the sums themselves and not by the product's."""
    people = 50

    def at_most(k: int, p: float) -> float:
        return sum(math.comb(people, i) * p**i * (1 - p) ** (people - i) for i in range(k + 1))

    found = share(count, people)
    assert found.high is not None
    assert found.low is not None
    assert at_most(count, found.high) == pytest.approx(0.025, rel=1e-9)
    if count:
        assert 1 - at_most(count - 1, found.low) == pytest.approx(0.025, rel=1e-9)


def test_a_wider_level_holds_the_narrower_and_thousands_are_counted_as_well() -> None:
    narrow, wide = rate(2000, 100.0, 0.5), rate(2000, 100.0, 0.99)
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.low is not None
    assert wide.high is not None
    assert wide.low < narrow.low < 20.0 < narrow.high < wide.high


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (lambda: share(3, 2), "3 of 2 people"),
        (lambda: share(-1, 2), "a count of -1"),
        (lambda: rate(1, -1.0), "an exposure of -1.0"),
        (lambda: rate(1, math.nan), "an exposure of nan"),
        (lambda: rate(1, 1.0, 1.0), "a level of 1.0"),
    ],
)
def test_what_makes_no_sense_is_refused(what: object, told: str) -> None:
    assert callable(what)
    with pytest.raises(ValueError, match=told):
        what()
