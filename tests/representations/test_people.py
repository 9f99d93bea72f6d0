from __future__ import annotations

import numpy as np
import pytest

from representations.people import gathered, group_estimates, reliability

pytestmark = pytest.mark.once


def test_rows_become_cells_and_several_of_one_cell_their_mean() -> None:
    rows = [("ann", "g", "x"), ("ann", "g", "y"), ("ben", "h", "x"), ("ann", "g", "x"), ("ben", "h", "y")]
    cells = gathered(rows, {"error": [1.0, 5.0, 7.0, 3.0, np.nan]})
    assert (cells.people, cells.items, cells.groups) == (("ann", "ben"), ("x", "y"), ("g", "h"))
    assert np.array_equal(cells.values["error"], [[2, 5], [7, np.nan]], equal_nan=True)
    assert cells.of_people("error").tolist() == [3.5, 7.0]


def test_a_group_has_the_mean_of_its_cells_and_a_gap_their_difference() -> None:
    generator = np.random.default_rng(0)
    rows = [(f"{group}{p}", group, f"i{i}") for group in "gh" for p in range(40) for i in range(10)]
    true = {"g": 1.0, "h": 2.0}
    values = [true[group] + generator.normal(0, 0.5) for _, group, _ in rows]
    estimates, gaps = group_estimates(gathered(rows, {"error": values}), ["error"], np.random.default_rng(1))
    one = estimates["g"]["error"]
    assert one.value == pytest.approx(np.mean(values[:400]), rel=1e-12)
    assert one.low < 1.0 < one.high
    gap = gaps["g", "h"]["error"]
    assert gap.value == pytest.approx(estimates["g"]["error"].value - estimates["h"]["error"].value)
    assert gap.low < -1 < gap.high < 0


def test_an_interval_has_as_much_of_the_items_as_of_the_people() -> None:
    """Where items differ and people don't, drawing people alone would give an interval of no width."""
    effects = np.random.default_rng(0).normal(size=8)
    rows = [(f"p{p}", "", f"i{i}") for p in range(50) for i in range(8)]
    cells = gathered(rows, {"error": [effects[int(item[1:])] for _, _, item in rows]})
    one = group_estimates(cells, ["error"], np.random.default_rng(1))[0][""]["error"]
    assert one.high - one.low > 2 * effects.std() / 8**0.5


def test_one_person_has_no_interval_and_an_empty_measure_no_value() -> None:
    cells = gathered([("ann", "", "x"), ("ann", "", "y")], {"error": [1.0, 2.0], "none": [np.nan, np.nan]})
    found = group_estimates(cells, ["error", "none"], np.random.default_rng(0))[0][""]
    assert found["error"].value == 1.5
    assert np.isnan([found["error"].low, found["error"].high, found["none"].value, found["none"].low]).all()


def test_the_reliability_is_that_of_what_was_made() -> None:
    generator = np.random.default_rng(0)
    true = generator.normal(size=(300, 1))
    matrix = true + generator.normal(size=(300, 8)) * 2
    found, how = reliability(matrix, np.random.default_rng(1))
    assert found == pytest.approx(8 / (8 + 4), abs=0.06)
    assert "8 items over 300 people" in how


def test_too_few_for_a_reliability_says_what_would_be_enough() -> None:
    generator = np.random.default_rng(0)
    assert reliability(np.ones((2, 5)), generator) == (
        None,
        "No reliability: 2 people with 5 items were found. Enough would be: 3 people with 2 items each.",
    )
    assert reliability(np.ones((5, 1)), generator)[0] is None
    value, how = reliability(np.ones((5, 4)), generator)
    assert value is None
    assert "don't differ" in how
    opposed = np.array([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]])
    assert reliability(opposed, generator)[0] == -1.0
