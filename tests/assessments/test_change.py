"""Change since the reference, the reliable change index, and its verdict."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.change import Change, change, changes, reliable_change, verdict
from assessments.error import first_norm, reference, refusal
from protocol.instrument import Norm

RETEST = Norm("total", "made up", 100, 50.0, 10.0, 0.5, "retest", "invented")  # standard error of a difference: 10
TURNED = {"increased": "decreased", "decreased": "increased", "no_reliable_change": "no_reliable_change"}

scores = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)


# --- the difference --------------------------------------------------------------------------------------------------


def test_change_is_the_value_minus_the_first() -> None:
    assert change(21.0, 16.0) == 5.0
    assert change(16.0, 21.0) == -5.0


def test_change_needs_both_values() -> None:
    assert change(None, 16.0) is None
    assert change(21.0, None) is None


def test_change_of_tenths_leaves_no_noise() -> None:
    assert 3.3 - 1.1 != 2.2, "what binary arithmetic would give"
    assert change(3.3, 1.1) == 2.2


# --- the index -------------------------------------------------------------------------------------------------------


def test_the_index_is_the_change_in_standard_errors_of_a_difference() -> None:
    norm = replace(RETEST, sd=12.5, reliability=0.74)

    assert reliable_change(12.0, [norm], "total") == pytest.approx(12 / (12.5 * math.sqrt(2 * (1 - 0.74))))


def test_the_index_has_the_sign_of_the_change() -> None:
    assert reliable_change(-5.0, [RETEST], "total") == -0.5
    assert reliable_change(0.0, [RETEST], "total") == 0.0


def test_the_first_retest_norm_of_the_score_counts() -> None:
    norms = [
        replace(RETEST, kind="alpha", sd=1.0),
        replace(RETEST, score="other", sd=2.0),
        RETEST,
        replace(RETEST, sd=5.0),
    ]

    assert reliable_change(5.0, norms, "total") == 0.5
    assert reliable_change(5.0, [norms[3], *norms], "total") == 1.0


def test_an_alpha_is_never_used() -> None:
    assert reliable_change(5.0, [replace(RETEST, kind="alpha")], "total") is None


def test_there_is_no_index_without_a_norm_of_the_score() -> None:
    assert reliable_change(5.0, [], "total") is None
    assert reliable_change(5.0, [replace(RETEST, score="other")], "total") is None


@pytest.mark.parametrize("keys", [{"reliability": 1.0}, {"sd": 0.0}])
def test_there_is_no_index_without_error_of_measurement(keys: dict[str, float]) -> None:
    faultless = replace(RETEST, **keys)  # type: ignore[arg-type]

    assert reliable_change(5.0, [faultless], "total") is None
    assert reliable_change(5.0, [faultless, RETEST], "total") is None, "a later norm does not stand in"


def test_there_is_no_index_without_a_change() -> None:
    assert reliable_change(None, [RETEST], "total") is None


# --- the verdict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (None, None),
        (0.0, "no_reliable_change"),
        (1.96, "no_reliable_change"),
        (-1.96, "no_reliable_change"),
        (math.nextafter(1.96, 2), "increased"),
        (math.nextafter(-1.96, -2), "decreased"),
        (1.97, "increased"),
        (-1.97, "decreased"),
    ],
)
def test_a_change_is_reliable_beyond_196_and_not_at_it(index: float | None, says: str | None) -> None:
    assert verdict(index) == says


@pytest.mark.parametrize(
    ("moved", "sd", "reliability"),
    [
        (19.6, 10.0, 0.5),  # 19.6 / 10 is 1.9600000000000002 in floats
        (5.88, 5.0, 0.82),
        (3.92, 2.5, 0.68),
        (0.98, 0.5, 0.5),
    ],
)
def test_a_change_of_exactly_196_standard_errors_is_not_reliable(moved: float, sd: float, reliability: float) -> None:
    norm = replace(RETEST, sd=sd, reliability=reliability)

    assert reliable_change(moved, [norm], "total") == 1.96
    assert verdict(reliable_change(moved, [norm], "total")) == "no_reliable_change"
    assert verdict(reliable_change(moved + 0.01, [norm], "total")) == "increased"
    assert verdict(reliable_change(-moved - 0.01, [norm], "total")) == "decreased"


# --- a person's row of timepoints ------------------------------------------------------------------------------------


def test_the_first_timepoint_with_a_value_is_the_reference() -> None:
    rows = changes(
        [("early", None), ("before", 20.0), ("after", 45.0), ("lost", None), ("later", 10.0)], [RETEST], "total"
    )

    assert rows == (
        Change("early", None, None, None, None),
        Change("before", 20.0, None, None, None),
        Change("after", 45.0, 25.0, 2.5, "increased"),
        Change("lost", None, None, None, None),
        Change("later", 10.0, -10.0, -1.0, "no_reliable_change"),
    )


def test_a_reference_of_zero_is_a_reference() -> None:
    rows = changes([("before", 0.0), ("middle", 30.0), ("after", 30.0)], [RETEST], "total")

    assert [row.change for row in rows] == [None, 30.0, 30.0]


def test_a_change_without_a_norm_has_no_verdict() -> None:
    assert changes([("before", 20.0), ("after", 45.0)], [], "total")[1] == Change("after", 45.0, 25.0, None, None)


def test_a_person_without_timepoints_has_no_rows() -> None:
    assert changes([], [RETEST], "total") == ()


@given(st.lists(st.one_of(st.none(), scores), max_size=8))
def test_every_timepoint_has_one_row_and_changes_add_up(values: list[float | None]) -> None:
    rows = changes([(f"t{n}", value) for n, value in enumerate(values)], [RETEST], "total")
    first = next((value for value in values if value is not None), None)

    assert [(row.timepoint, row.value) for row in rows] == [(f"t{n}", value) for n, value in enumerate(values)]
    assert sum(row.change is None for row in rows) == values.count(None) + (first is not None)
    for row in rows:
        assert (row.change is None) == (row.reliable_change is None) == (row.verdict is None)
        if row.change is not None and row.value is not None and first is not None:
            assert first + row.change == pytest.approx(row.value)


@given(scores, scores)
def test_swapping_first_and_last_turns_the_verdict_round(one: float, other: float) -> None:
    there = changes([("a", one), ("b", other)], [RETEST], "total")[1]
    back = changes([("a", other), ("b", one)], [RETEST], "total")[1]

    assert there.change is not None
    assert back.change == -there.change
    assert back.verdict == TURNED[there.verdict or ""]


# --- measured against a baseline -------------------------------------------------------------------------------------


def test_the_first_named_timepoint_with_a_value_is_the_reference_and_earlier_rows_are_measured_too() -> None:
    series = [("screen", 10.0), ("before", None), ("day_1", 30.0), ("after", 55.0)]

    rows = changes(series, [RETEST], "total", baseline=("before", "day_1", "screen"))

    assert rows == (
        Change("screen", 10.0, -20.0, -2.0, "decreased"),
        Change("before", None, None, None, None),
        Change("day_1", 30.0, None, None, None),
        Change("after", 55.0, 25.0, 2.5, "increased"),
    )


def test_the_order_of_the_list_counts_and_not_that_of_the_study() -> None:
    series = [("early", 10.0), ("late", 20.0)]

    assert [row.change for row in changes(series, [], "total", baseline=("late", "early"))] == [-10.0, None]
    assert [row.change for row in changes(series, [], "total", baseline=("early", "late"))] == [None, 10.0]


@pytest.mark.parametrize("baseline", [("before",), ("nowhere",), ("before", "nowhere")])
def test_without_a_value_at_any_baseline_nothing_is_a_change(baseline: tuple[str, ...]) -> None:
    rows = changes([("screen", 10.0), ("before", None), ("after", 55.0)], [RETEST], "total", baseline=baseline)

    assert {(row.change, row.reliable_change, row.verdict) for row in rows} == {(None, None, None)}


def test_a_value_equal_to_the_references_is_no_change_and_not_another_reference() -> None:
    rows = changes([("a", 20.0), ("b", 20.0)], [RETEST], "total", baseline=("b",))

    assert [row.change for row in rows] == [0.0, None]


@given(st.lists(st.one_of(st.none(), scores), min_size=1, max_size=6), st.data())
def test_with_a_baseline_the_order_of_the_series_does_not_matter(
    values: list[float | None], data: st.DataObject
) -> None:
    series = [(f"t{n}", value) for n, value in enumerate(values)]
    baseline = tuple(data.draw(st.permutations([timepoint for timepoint, _ in series])))
    otherwise = data.draw(st.permutations(series))

    rows = changes(series, [RETEST], "total", baseline=baseline)

    assert set(rows) == set(changes(otherwise, [RETEST], "total", baseline=baseline))


@given(st.lists(st.one_of(st.none(), scores), max_size=6))
def test_naming_every_timepoint_in_order_is_naming_none(values: list[float | None]) -> None:
    series = [(f"t{n}", value) for n, value in enumerate(values)]
    baseline = tuple(timepoint for timepoint, _ in series)

    assert changes(series, [RETEST], "total", baseline=baseline) == changes(series, [RETEST], "total")


# --- which norm may speak --------------------------------------------------------------------------------------------


def test_a_selected_first_norm_silences_the_index_and_no_later_one_replaces_it() -> None:
    norms = [replace(RETEST, selected=True), RETEST]

    assert reliable_change(25.0, norms, "total") is None
    assert reliable_change(25.0, norms, "total", selected_norms=True) == 2.5
    assert reliable_change(25.0, norms[::-1], "total") == 2.5
    assert changes([("a", 0.0), ("b", 25.0)], norms, "total")[1] == Change("b", 25.0, 25.0, None, None)


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("selected_norms", [True, False])
def test_an_unverified_norm_never_speaks(selected: bool, selected_norms: bool) -> None:
    norm = replace(RETEST, unverified=True, selected=selected)

    assert refusal(norm, selected_norms=selected_norms) == "unverified"
    assert reference([norm, RETEST], "total", selected_norms=selected_norms) is None
    assert reliable_change(25.0, [norm, RETEST], "total", selected_norms=selected_norms) is None


def test_the_first_norm_of_a_kind_is_found_whether_or_not_it_may_speak() -> None:
    consistency = replace(RETEST, kind="alpha", selected=True)
    norms = [replace(RETEST, score="other"), consistency, RETEST]

    assert first_norm(norms, "total") is RETEST
    assert first_norm(norms, "total", "alpha") is consistency
    assert reference(norms, "total", kind="alpha") is None
    assert reference(norms, "total", kind="alpha", selected_norms=True) is consistency
    assert first_norm([], "total") is None
