"""How reliable a study's own numbers are, by worked examples.

Every figure is one of the reference's computed examples (its sections 4.2, 4.3 and 4.9), which were made with other
software; figures that the papers print are named as such.
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from assessments.reliability import Reason, Weights, alpha, intraclass, item_rest, kappa, omega, omega_of, repeated
from assessments.reliability import spearman_brown as longer

SIX_BY_FOUR = [[1, 2, 1, 2], [2, 2, 3, 2], [3, 3, 3, 4], [4, 4, 5, 4], [5, 4, 5, 5], [2, 1, 2, 2]]
"""Six people's answers to four items."""

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Six people rated by four judges: Shrout & Fleiss (1979), table 2."""

TWICE = [(16, 17), (20, 24), (31, 29), (45, 49), (52, 50), (58, 63), (61, 60), (70, 74)]
"""A total of eight people, now and two weeks later."""


def printed(value: float) -> object:
    """Equal to the six digits that the source prints."""
    return pytest.approx(value, abs=5.1e-7)


# --- 1. Items of one questionnaire (4.2) -----------------------------------------------------------------------------


def test_alpha_is_the_share_of_the_sums_variance_that_items_have_in_common() -> None:
    """k / (k - 1) * (1 - sum of item variances / variance of the sum), by n - 1: Cronbach (1951)."""
    found = alpha(SIX_BY_FOUR)

    assert found.value == printed(0.966628)
    assert (found.people, found.items, found.left_out) == (6, 4, 0)


def test_alpha_has_feldts_interval() -> None:
    """1 - (1 - alpha) * F, with 5 and 15 degrees of freedom: Feldt, Woodruff & Salih (1987)."""
    found = alpha(SIX_BY_FOUR)

    assert (found.low, found.high) == (pytest.approx(0.881, abs=5e-4), pytest.approx(0.995, abs=5e-4))


def test_standardised_alpha_is_spearman_and_browns_of_the_mean_correlation() -> None:
    found = alpha(SIX_BY_FOUR)

    assert found.mean_correlation == printed(0.890677)
    assert found.standardised == printed(0.970228)
    assert longer(0.8906774933, 4) == printed(0.970228)


def test_twice_as_long_a_test_of_70_is_one_of_82() -> None:
    """Section 4.1: m * r / (1 + (m - 1) * r)."""
    assert longer(0.70, 2) == printed(0.823529)


def test_omega_of_four_loadings() -> None:
    """(.8 + .7 + .6 + .75)**2 over itself and the four errors 1 - l**2: McDonald (1999)."""
    assert omega_of([0.8, 0.7, 0.6, 0.75]) == printed(0.806604)


def test_omega_of_answers_divides_by_the_variance_that_their_sum_has() -> None:
    """One factor by minimum residuals on the covariance matrix; the variance that the model implies is a little less.

    With that in the denominator it would be 0.971095, and with correlations for covariances 0.970444.
    """
    found = omega(SIX_BY_FOUR)
    common = sum(found.loadings) ** 2

    assert found.value == printed(0.970869)
    assert common / (common + sum(found.errors)) == printed(0.971095)
    assert found.loadings == pytest.approx((1.464143, 1.109737, 1.487168, 1.242050), abs=1e-6)


def test_each_item_is_compared_with_the_sum_of_the_others() -> None:
    """Without itself in the sum, with which it would correlate in any case."""
    assert item_rest(SIX_BY_FOUR) == pytest.approx((0.963229, 0.904073, 0.911243, 0.922722), abs=1e-6)


def test_an_item_that_nobody_answers_otherwise_leaves_nothing_to_compute() -> None:
    """At the floor the last item is 1 for all six. That is said, with its place, and no alpha is made without it."""
    floored = [[*row[:3], 1] for row in SIX_BY_FOUR]

    found = alpha(floored)

    assert (found.value, found.low, found.high, found.standardised) == (None, None, None, None)
    assert (found.reason, found.constant_items) == (Reason.CONSTANT_ITEM, (3,))
    assert omega(floored).value is None
    assert item_rest(floored)[3] is None
    assert item_rest(floored)[0] is not None, "the others still correlate with each other"


# --- 2. Raters (4.3) -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "value"),
    [
        ("icc_1_1", 0.165742),  # raters of their own: printed as .17
        ("icc_2_1", 0.289764),  # the same raters, drawn from many: printed as .29
        ("icc_3_1", 0.714841),  # the same raters, fixed: printed as .71
        ("icc_2_k", 0.620051),  # the mean of the four
        ("icc_3_k", 0.909316),
    ],
)
def test_the_intraclass_correlations_of_shrout_and_fleiss(which: str, value: float) -> None:
    assert getattr(intraclass(SHROUT_FLEISS), which).value == printed(value)


def test_raters_who_differ_in_level_agree_less_than_they_are_consistent() -> None:
    """One judge is far below the others: an error where levels count (2), none where they don't (3)."""
    found = intraclass(SHROUT_FLEISS)
    levelled = intraclass([[a - 2, b + 3.5, c + 1, d] for a, b, c, d in SHROUT_FLEISS])

    assert found.icc_2_1.value is not None
    assert levelled.icc_2_1.value is not None
    assert levelled.icc_2_1.value > found.icc_2_1.value
    assert levelled.icc_3_1.value == pytest.approx(found.icc_3_1.value)


@pytest.mark.parametrize(
    ("which", "low", "high"),
    [
        ("icc_1_1", -0.13, 0.72),
        ("icc_2_1", 0.02, 0.76),
        ("icc_3_1", 0.34, 0.95),
        ("icc_1_k", -0.88, 0.91),
        ("icc_2_k", 0.07, 0.93),
        ("icc_3_k", 0.68, 0.99),
    ],
)
def test_intervals_of_the_six_as_pingouin_prints_them(which: str, low: float, high: float) -> None:
    """Six people can't say much. (Two digits: that is all that pingouin 0.7 prints.)"""
    found = getattr(intraclass(SHROUT_FLEISS), which)

    assert (found.low, found.high) == (pytest.approx(low, abs=5.1e-3), pytest.approx(high, abs=5.1e-3))


# --- 3. The same people twice (4.3) ----------------------------------------------------------------------------------


def test_a_total_taken_twice() -> None:
    """SEM = sqrt(SD(difference)**2 / 2 + (MSC - MSE) / n), SDC95 = 1.96 * sqrt(2) * SEM, limits = bias -+ 1.96 SD."""
    found = repeated(TWICE)

    assert found.agreement.value == printed(0.987198)
    assert found.consistency.value == printed(0.989073)
    assert found.pearson == printed(0.989432)
    assert found.sem_agreement == printed(2.277608)
    assert found.sdc95 == printed(6.313208)
    assert found.bias == 1.625
    assert (found.lower_limit, found.upper_limit) == (printed(-4.202264), printed(7.452264))


def test_a_shift_of_everybody_is_error_of_agreement_and_none_of_consistency() -> None:
    """All gain ten points: order and distances are as they were, and a single score is ten points off."""
    found = repeated([(first, first + 10) for first, _ in TWICE])

    assert (found.pearson, found.consistency.value) == (pytest.approx(1), 1.0)
    assert found.agreement.value is not None
    assert found.agreement.value < 0.9
    assert found.sem_agreement == pytest.approx(10 / 2**0.5)
    assert (found.lower_limit, found.upper_limit) == (10, 10), "the differences themselves never differ"


def test_who_came_once_is_left_out_and_counted() -> None:
    once = [*TWICE, (33, None), (None, 40)]

    found, without = repeated(once), repeated(TWICE)

    assert (found.people, found.left_out) == (8, 2)
    assert [getattr(found, f.name) for f in fields(found) if f.name != "left_out"] == [
        getattr(without, f.name) for f in fields(without) if f.name != "left_out"
    ]


# --- 4. Two judges and categories (4.9) ------------------------------------------------------------------------------


def test_kappa_is_agreement_beyond_chance() -> None:
    """Ten reports, each put into a category by two judges, who agree on eight: Cohen (1960)."""
    found = kappa(list(zip("AAHTTTHATX", "AHHTTTTATX", strict=True)))

    assert found.value == printed(0.710145)
    assert (found.agreement, found.judged) == (pytest.approx(0.8), 10)
    assert found.se == printed(0.178245)  # Fleiss, Cohen & Everitt (1969), as statsmodels 0.15 has it


@pytest.mark.parametrize(
    ("weights", "value", "se"), [("linear", 0.811321, 0.124376), ("quadratic", 0.894737, 0.075914)]
)
def test_near_categories_may_count_in_part(weights: Weights, value: float, se: float) -> None:
    """With the order A, H, T, X both disagreements are of neighbours. (Figures of statsmodels 0.15.)"""
    pairs = list(zip("AAHTTTHATX", "AHHTTTTATX", strict=True))

    found = kappa(pairs, categories="AHTX", weights=weights)

    assert (found.value, found.se) == (printed(value), printed(se))


def test_two_judges_who_use_one_category_agree_by_chance_alone() -> None:
    """All reports are *nothing appears*: full agreement, and no kappa."""
    found = kappa([("nothing", "nothing")] * 12)

    assert (found.value, found.agreement, found.reason) == (None, 1.0, Reason.ONE_CATEGORY)
