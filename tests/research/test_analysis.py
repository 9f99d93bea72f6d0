"""The analyses against other software, and on what they can't say anything about.

The worked examples stand in `tests/spec/`; here is what no example shows.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from research.analysis import NotComputable
from research.analysis.ancova import Ancova, ancova
from research.analysis.blinding import bang, james
from research.analysis.corrections import benjamini_hochberg, holm
from research.analysis.dose import line
from research.analysis.effects import controlled_change, d_av, d_z, hedges_j_exact, paired, standardised, welch
from research.analysis.importance import anchored
from research.analysis.mixed import Measured, arm_by_time, constrained
from research.analysis.ordinal import permutation, proportional_odds, superiority
from research.analysis.power import power_of
from research.analysis.responders import responders, wilson
from research.analysis.single_case import nonoverlap

totals = st.lists(st.integers(16, 80), min_size=0, max_size=12)
before_after = st.lists(st.tuples(st.integers(16, 30), st.integers(16, 30)), max_size=10)
counts = st.integers(0, 12).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))


# --- against scipy ---------------------------------------------------------------------------------------------------


@given(counts, counts)
def test_fishers_p_is_scipys(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = responders(one, other)
    if isinstance(found, NotComputable):
        assert not one[1] or not other[1]
        return
    table = [[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]

    assert found.fisher_p == pytest.approx(stats.fisher_exact(table).pvalue)
    assert found.low <= found.difference <= found.high
    assert found.low >= -1
    assert found.high <= 1


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys(share: tuple[int, int]) -> None:
    found = wilson(*share)
    expected = stats.binomtest(*share).proportion_ci(method="wilson")

    assert (found.low, found.high) == (pytest.approx(expected.low, abs=1e-9), pytest.approx(expected.high, abs=1e-9))
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_t_tests_are_scipys() -> None:
    generator = np.random.default_rng(3)
    one, other = generator.normal(20, 4, 15).tolist(), generator.normal(23, 7, 11).tolist()
    pairs = list(zip(one, other, strict=False))

    between, within = welch(one, other), paired(pairs)
    expected = stats.ttest_ind(one, other, equal_var=False)
    expected_within = stats.ttest_rel([b for _, b in pairs], [a for a, _ in pairs])

    assert not isinstance(between, NotComputable)
    assert not isinstance(within, NotComputable)
    assert (between.t, between.df, between.p) == pytest.approx((expected.statistic, expected.df, expected.pvalue))
    assert (between.low, between.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert (within.t, within.p) == pytest.approx((expected_within.statistic, expected_within.pvalue))
    assert (within.low, within.high) == pytest.approx(tuple(expected_within.confidence_interval()))


def test_superiority_is_tested_as_scipy_does() -> None:
    """Half of each group at the floor."""
    one, other = [16, 16, 16, 20, 25, 31, 40], [16, 16, 16, 16, 17, 19, 22, 24]

    found = superiority(one, other)

    assert not isinstance(found, NotComputable)
    assert found.p == pytest.approx(stats.brunnermunzel(other, one).pvalue)
    assert found.value == pytest.approx(stats.mannwhitneyu(one, other).statistic / 56)


def test_the_line_is_scipys() -> None:
    doses, outcomes = [1, 2, 4, 7, 9], [3.0, 2.5, 4.0, 4.5, 7.0]
    found, expected = line(list(zip(doses, outcomes, strict=True))), stats.linregress(doses, outcomes)

    assert not isinstance(found, NotComputable)
    assert found.test is not None
    assert (found.slope, found.intercept) == pytest.approx((expected.slope, expected.intercept))
    assert (found.test.se, found.test.p) == pytest.approx((expected.stderr, expected.pvalue))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_benjamini_and_hochberg_is_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(tuple(stats.false_discovery_control(p)))


def test_power_is_that_of_the_noncentral_t() -> None:
    point = stats.t.ppf(0.975, 126)
    shift = 0.5 * math.sqrt(32)

    assert power_of(64, 0.5) == pytest.approx(1 - stats.nct.cdf(point, 126, shift) + stats.nct.cdf(-point, 126, shift))


# --- what must hold --------------------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=8))
def test_a_corrected_p_is_never_smaller_and_keeps_the_order(p: list[float | None]) -> None:
    for correct in (holm, benjamini_hochberg):
        corrected = correct(p)
        assert [value is None for value in corrected] == [value is None for value in p]
        both = sorted((raw, new) for raw, new in zip(p, corrected, strict=True) if raw is not None and new is not None)
        assert all(raw <= new <= 1 for raw, new in both)
        assert [new for _, new in both] == sorted(new for _, new in both)


@given(totals, totals)
def test_turning_the_groups_round_turns_the_sign(one: list[int], other: list[int]) -> None:
    for measure in (standardised, welch):
        found, turned = measure(one, other), measure(other, one)
        if isinstance(found, NotComputable) or isinstance(turned, NotComputable):
            assert found == turned
            continue
        name = "g" if measure is standardised else "value"
        assert getattr(found, name) == pytest.approx(-getattr(turned, name))
        assert (found.low, found.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))


@given(totals, totals)
def test_one_groups_superiority_is_what_the_others_lacks(one: list[int], other: list[int]) -> None:
    found, turned = superiority(one, other), superiority(other, one)
    if isinstance(found, NotComputable) or isinstance(turned, NotComputable):
        assert found == turned
        return
    assert found.value == pytest.approx(1 - turned.value)
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(before_after, before_after)
def test_whatever_the_values_there_is_a_result_or_a_reason(one: list[tuple[int, int]], other: list[tuple[int, int]]):
    """No crash, no warning (they are errors here), nothing infinite or undefined."""
    rows = [
        Measured(f"{arm}{n}", arm, time, value)
        for arm, pairs in (("a", one), ("b", other))
        for n, pair in enumerate(pairs)
        for time, value in zip(("before", "after"), pair, strict=True)
    ]
    both = {"arms": ["a", "b"], "times": ["before", "after"]}
    after, its_after = [b for _, b in one], [b for _, b in other]
    found = [
        ancova({"a": one, "b": other}, reference="a"),
        arm_by_time(rows, **both),
        constrained(rows, **both),
        proportional_odds(one, other),
        controlled_change(one, other),
        permutation(after, its_after, seed=1, draws=50),
        *(within(one) for within in (paired, d_z, d_av)),
        line(one),
        nonoverlap(after, its_after),
        anchored([*after, *its_after], [True] * len(after) + [False] * len(its_after)),
    ]

    for result in found:
        for number in numbers(result):
            assert math.isfinite(number)


def numbers(result: object) -> list[float]:
    """Every number in a result, however deep."""
    if isinstance(result, int | float):
        return [result]
    if isinstance(result, tuple | list):
        return [number for part in result for number in numbers(part)]
    if isinstance(result, dict):
        return numbers(list(result.values()))
    if hasattr(result, "__dataclass_fields__"):
        return [number for name in result.__dataclass_fields__ for number in numbers(getattr(result, name))]
    return []


def test_three_arms_are_compared_with_the_reference_each() -> None:
    """Beside another arm the contrast stays what it is but for the pooled error; the F is of both together."""
    generator = np.random.default_rng(11)
    arms = {
        name: [(float(b), float(b + gain + generator.normal(0, 2))) for b in generator.integers(16, 40, 20)]
        for name, gain in (("wait", 0), ("sham", 1), ("training", 4))
    }

    found = ancova(arms, reference="wait")

    assert not isinstance(found, NotComputable)
    assert list(found.arms) == ["sham", "training"]
    assert (found.df_arms, found.df, found.people) == (2, 56, {"wait": 20, "sham": 20, "training": 20})
    assert found.adjusted_means["training"] - found.adjusted_means["wait"] == pytest.approx(
        found.arms["training"].value
    )
    turned = ancova(arms, reference="training")
    assert not isinstance(turned, NotComputable)
    assert turned.arms["wait"].value == pytest.approx(-found.arms["training"].value)
    assert turned.f == pytest.approx(found.f)


def test_two_times_without_gaps_are_the_paired_comparison() -> None:
    """The change of the arms' difference is then the difference of mean changes, whatever the variances."""
    trained, waited = [(16, 18), (18, 24), (20, 23), (25, 29)], [(17, 17), (19, 21), (21, 20), (30, 32)]
    found = arm_by_time(rows_of(trained, waited), arms=["w", "t"], times=["before", "after"])

    assert not isinstance(found, NotComputable)
    assert found.term("t", "after").value == pytest.approx(3.75 - 0.75)
    assert found.term("t", "after").se == pytest.approx(found.term("t", "after").se_expected, rel=1e-4)


def test_people_who_came_once_count_with_what_they_gave() -> None:
    trained, waited = [(16, 18), (18, 24), (20, 23), (25, None)], [(17, 17), (19, 21), (21, 20), (None, 32)]

    found = arm_by_time(rows_of(trained, waited), arms=["w", "t"], times=["before", "after"])

    assert not isinstance(found, NotComputable)
    assert (found.people, found.values, found.left_out) == (8, 14, 2)


def test_people_who_differ_no_more_than_their_values_have_no_variance_between() -> None:
    """Everybody goes the other way at each time: the variance between people would come out below 0."""
    rows = rows_of([(20, 30), (30, 20), (21, 28), (29, 22)], [(20, 30), (30, 20), (22, 29), (28, 21)])

    found = arm_by_time(rows, arms=["w", "t"], times=["before", "after"])

    assert not isinstance(found, NotComputable)
    assert found.variance_between == 0
    assert found.variance_within > 0


def rows_of(trained: list, waited: list) -> list[Measured]:
    return [
        Measured(f"{arm}{n}", arm, time, value)
        for arm, pairs in (("t", trained), ("w", waited))
        for n, pair in enumerate(pairs)
        for time, value in zip(("before", "after"), pair, strict=True)
    ]


def test_the_unit_of_the_score_before_changes_no_odds() -> None:
    generator = np.random.default_rng(4)
    one = [(int(b), int(b // 4 + generator.integers(0, 4))) for b in generator.integers(16, 40, 30)]
    other = [(int(b), int(b // 4 + generator.integers(0, 3))) for b in generator.integers(16, 40, 30)]
    plain, scaled = (proportional_odds(*([(b * by, a) for b, a in group] for group in (one, other))) for by in (1, 100))

    assert not isinstance(plain, NotComputable)
    assert not isinstance(scaled, NotComputable)
    assert plain.odds_ratio == pytest.approx(scaled.odds_ratio)
    assert plain.before.value == pytest.approx(100 * scaled.before.value)


def test_the_same_seed_draws_the_same_allocations() -> None:
    generator = np.random.default_rng(8)
    one, other = generator.normal(1, 2, 25).tolist(), generator.normal(0, 2, 25).tolist()

    first, again, elsewhere = (permutation(one, other, seed=seed, draws=500) for seed in (1, 1, 2))

    assert first == again
    assert first != elsewhere
    assert not isinstance(first, NotComputable)
    assert (first.is_exact, first.allocations) == (False, 500)


def test_drawn_allocations_come_near_to_all_of_them() -> None:
    one, other = [5, 7, 9, 4, 8, 6, 7], [3, 5, 6, 4, 2, 5, 6]
    exact, drawn = permutation(one, other, seed=1), permutation(one, other, seed=1, draws=3000)

    assert not isinstance(exact, NotComputable)
    assert not isinstance(drawn, NotComputable)
    assert (exact.is_exact, drawn.is_exact) == (True, False)
    assert drawn.p == pytest.approx(exact.p, abs=0.02)


def test_drawn_allocations_never_give_a_p_of_0() -> None:
    """Two groups of thirty that lie apart: no draw comes near, and the observed allocation is still one of them."""
    found = permutation([50 + n for n in range(30)], list(range(30)), seed=1, draws=99)

    assert not isinstance(found, NotComputable)
    assert found.p == 1 / 100


@given(st.tuples(*[st.integers(0, 30)] * 3))
def test_bangs_index_keeps_within_its_range(answers: tuple[int, int, int]) -> None:
    found = bang(*answers)
    if isinstance(found, NotComputable):
        assert answers == (0, 0, 0)
        return
    assert -1 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_jamess_index_keeps_within_its_range_with_three_arms(cells: list[int]) -> None:
    arms = ("a", "b", "c")
    guesses = {arm: dict(zip(arms, cells[3 * n : 3 * n + 3], strict=True)) for n, arm in enumerate(arms)}

    found = james(guesses, dict(zip(arms, cells[9:], strict=True)))

    if not isinstance(found, NotComputable):
        assert math.isfinite(found.se)
        assert 0 <= found.low <= found.high <= 1
        assert found.value >= -1e-9


def test_jamess_index_is_a_half_where_all_guess_at_random() -> None:
    found = james({"a": {"a": 50, "b": 50}, "b": {"a": 50, "b": 50}}, {})

    assert not isinstance(found, NotComputable)
    assert found.value == pytest.approx(0.5)


def test_jamess_index_is_0_where_everybody_knows() -> None:
    found = james({"a": {"a": 50}, "b": {"b": 50}}, {"a": 0, "b": 0})

    assert not isinstance(found, NotComputable)
    assert (found.value, found.se) == (pytest.approx(0), pytest.approx(0))


def test_jamess_error_is_how_much_the_index_moves_between_samples() -> None:
    """Two thousand trials drawn from one table: their spread is the standard error that one of them gives."""
    generator = np.random.default_rng(9)
    cells = np.array([82, 25, 170, 27, 29, 83])

    def index(counts: np.ndarray) -> tuple[float, float]:
        a, b, c, d, e, f = counts.tolist()
        found = james({"t": {"t": a, "p": b}, "p": {"t": d, "p": e}}, {"t": c, "p": f})
        assert not isinstance(found, NotComputable)
        return found.value, found.se

    drawn = [index(counts)[0] for counts in generator.multinomial(416, cells / 416, size=2000)]

    assert index(cells)[1] == pytest.approx(np.std(drawn), rel=0.06)


def test_people_who_are_missing_are_left_out_and_counted() -> None:
    trained = [(16, 18), (18, 24), (20, 23), (None, 30), (25, None)]
    waited = [(17, 17), (19, 21), (21, 20), (None, None)]

    found, without = (
        ancova({"t": trained, "w": waited}, reference="w"),
        ancova({"t": trained[:3], "w": waited[:3]}, reference="w"),
    )

    assert isinstance(found, Ancova)
    assert isinstance(without, Ancova)
    assert found == replace(without, left_out=3)


def test_exact_and_short_corrections_come_together() -> None:
    assert hedges_j_exact(500) == pytest.approx(1 - 3 / 1999, abs=1e-6)
