"""A small trial analysed in every way, by worked examples.

Twelve people, six in training (T) and six waiting (W), before, after and at follow-up. Every figure is one of the
reference's computed examples (its sections 4.4 to 4.6), which were made with statsmodels, scipy and pingouin.
"""

from __future__ import annotations

import pytest

from research.analysis import NotComputable
from research.analysis.ancova import Ancova, ancova
from research.analysis.effects import (
    Standardised,
    controlled_change,
    d_av,
    d_z,
    hedges_j_exact,
    paired,
    standardised,
    welch,
)
from research.analysis.mixed import Measured, Mixed, arm_by_time, constrained
from research.analysis.ordinal import Permutation, permutation, proportional_odds, superiority

TRAINED = [(16, 18), (18, 24), (20, 23), (22, 30), (25, 29), (28, 36)]
WAITED = [(17, 17), (19, 21), (21, 20), (23, 25), (26, 25), (30, 32)]
FOLLOWED_UP = {"T": [19, 25, 22, 31, 30, 37], "W": [18, 20, 21, 24, 27, 31]}

CHANGE_T = [after - before for before, after in TRAINED]
CHANGE_W = [after - before for before, after in WAITED]

ROWS = [
    Measured(f"{arm}{n}", arm, time, value)
    for arm, people in (("T", TRAINED), ("W", WAITED))
    for n, (before, after) in enumerate(people)
    for time, value in (("before", before), ("after", after), ("later", FOLLOWED_UP[arm][n]))
]


def printed(value: float) -> object:
    """Equal to the six digits that the source prints."""
    return pytest.approx(value, abs=5.1e-7)


# --- 1. After, adjusted for before (4.4) -----------------------------------------------------------------------------


@pytest.fixture
def adjusted() -> Ancova:
    found = ancova({"T": TRAINED, "W": WAITED}, reference="W")
    assert not isinstance(found, NotComputable)
    return found


def test_the_trained_are_47_points_above_those_who_started_alike(adjusted: Ancova) -> None:
    """Ordinary least squares, after ~ arm + before: the coefficient of the arm, and its t test with 9 df."""
    arm = adjusted.arms["T"]

    assert arm.value == printed(4.718350)
    assert arm.se == printed(1.177189)
    assert (adjusted.df, arm.t, arm.p) == (9, printed(4.008150), printed(0.003072))
    assert (arm.low, arm.high) == (printed(2.055364), printed(7.381337))


def test_the_line_itself(adjusted: Ancova) -> None:
    assert adjusted.slope.value == printed(1.187157)
    assert adjusted.intercept == printed(-3.575568)


def test_the_arms_explain_two_thirds_of_what_before_leaves(adjusted: Ancova) -> None:
    assert (adjusted.f, adjusted.p) == (printed(16.065268), printed(0.003072))
    assert adjusted.partial_eta_squared == printed(0.640937)


def test_adjusted_means_are_those_of_people_who_started_at_the_mean(adjusted: Ancova) -> None:
    assert adjusted.at == printed(22.083333)
    assert adjusted.adjusted_means["T"] == printed(27.359175)
    assert adjusted.adjusted_means["W"] == printed(22.640825)


def test_a_standard_error_that_assumes_no_equal_variances(adjusted: Ancova) -> None:
    """HC3: each squared residual over (1 - leverage)**2."""
    assert adjusted.arms["T"].se_hc3 == printed(1.321762)


# --- 2. How large (4.5) ----------------------------------------------------------------------------------------------


@pytest.fixture
def of_changes() -> Standardised:
    found = standardised(CHANGE_T, CHANGE_W)
    assert not isinstance(found, NotComputable)
    return found


def test_changes_in_pooled_standard_deviations_of_changes(of_changes: Standardised) -> None:
    assert of_changes.means == (printed(5.166667), printed(0.666667))
    assert of_changes.sds == (printed(2.562551), printed(1.505545))
    assert of_changes.denominator == "pooled_sd"
    assert of_changes.d == printed(2.141239)


def test_hedges_g_takes_off_what_small_samples_add(of_changes: Standardised) -> None:
    """J = 1 - 3 / (4 * 10 - 1). By gamma functions it would be 0.922746: the source uses the short form."""
    assert of_changes.j == printed(0.923077)
    assert of_changes.g == printed(1.976529)
    assert hedges_j_exact(10) == printed(0.922746)


def test_g_has_an_interval(of_changes: Standardised) -> None:
    """SE = sqrt((n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2))), limits g -+ 1.96 SE.

    The source prints .595600 for the lower limit, which its own g and SE can't give: 1.976529 - 1.96 * .704351 is
    .596000, as far below g as the upper limit, 3.357058, is above.
    """
    assert of_changes.se == printed(0.704351)
    assert of_changes.high == printed(3.357058)
    assert of_changes.low == printed(0.596000)
    assert of_changes.high - of_changes.g == pytest.approx(of_changes.g - of_changes.low)


def test_the_same_difference_in_standard_deviations_before_is_less_than_half_as_large() -> None:
    """Morris's d_ppc2 (2008): a denominator that training can't have touched, and that other studies have too."""
    found = controlled_change(TRAINED, WAITED)

    assert not isinstance(found, NotComputable)
    assert (found.denominator, found.sd) == ("pooled_sd_before", printed(4.613386))
    assert found.value == printed(0.900390)


def test_within_the_trained_alone() -> None:
    """d_z by the SD of the changes, d_av by the mean of both SDs: 2.02 or 0.96 for the same six people."""
    z, average, test = d_z(TRAINED), d_av(TRAINED), paired(TRAINED)

    assert not isinstance(z, NotComputable)
    assert not isinstance(average, NotComputable)
    assert not isinstance(test, NotComputable)
    assert (z.value, z.denominator) == (printed(2.016220), "sd_of_differences")
    assert (average.value, average.denominator) == (printed(0.959015), "mean_of_both_sds")
    assert (test.df, test.t, test.p) == (5, printed(4.938711), printed(0.004327))


def test_changes_compared_without_assuming_equal_variances() -> None:
    found = welch(CHANGE_T, CHANGE_W)

    assert not isinstance(found, NotComputable)
    assert (found.t, found.p) == (printed(3.708735), printed(0.005858))
    assert found.df == pytest.approx(8.084290, abs=1e-6)  # 8.0842907: the source cut the seventh digit off


# --- 3. Three times (4.6) --------------------------------------------------------------------------------------------
#
# The reference was made with an optimiser that stops a little early; it allows 1e-4.


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-4)


@pytest.fixture
def full() -> Mixed:
    found = arm_by_time(ROWS, arms=["W", "T"], times=["before", "after", "later"])
    assert not isinstance(found, NotComputable)
    return found


def test_coefficients_of_arm_by_time(full: Mixed) -> None:
    assert full.term().value == near(22.666667)
    assert full.term(time="after").value == near(0.666667)
    assert full.term(time="later").value == near(0.833333)
    assert full.term(arm="T").value == near(-1.166667)
    assert full.term("T", "after").value == near(4.5)
    assert full.term("T", "later").value == near(5.0)


def test_its_errors_and_variances(full: Mixed) -> None:
    """With everybody complete the residual is the mean square of analysis of variance, 1.7 exactly.

    The source prints 1.700106 and, for people, 27.774205: its optimiser stopped where the likelihood was lower by
    6e-8. Its maximum is at 27.777778, which is (MS of people within arms - 1.7) / 3.
    """
    assert full.term("T", "after").se == near(1.064615)
    assert full.log_likelihood == near(-75.464934)
    assert full.variance_within == pytest.approx(1.7, abs=1e-6)
    assert full.variance_within == pytest.approx(1.700106, abs=1.1e-4)
    assert full.variance_between == pytest.approx(27.777778, abs=1e-5)
    assert full.variance_between == pytest.approx(27.774205, rel=2e-4)


def test_arms_that_are_one_sample_before_share_one_mean_there() -> None:
    """Constrained baseline: no main effect of the arm, since allocation came after it.

    The standard error comes from the observed information. By the expected one, which lme4 and SAS print, it would be
    1.047009.
    """
    found = constrained(ROWS, arms=["W", "T"], times=["before", "after", "later"])

    assert not isinstance(found, NotComputable)
    assert found.term("T", "after").value == near(4.427576)
    assert found.term("T", "after").se == near(1.047670)
    assert found.term("T", "after").se_expected == near(1.047009)
    assert found.term("T", "later").value == near(4.927576)
    with pytest.raises(KeyError):
        found.term(arm="T")


# --- 4. By order alone (4.1, at the floor) ---------------------------------------------------------------------------
#
# Section 4.1 asks for these beside the analysis of covariance and has no figures; these were made with statsmodels 0.15
# and by counting.


def test_proportional_odds_of_being_higher_afterwards() -> None:
    found = proportional_odds(TRAINED, WAITED)

    assert not isinstance(found, NotComputable)
    assert (found.group.value, found.group.se) == (near(3.994499), near(1.554599))
    assert found.odds_ratio == pytest.approx(54.2986, abs=1e-3)
    assert found.before.value == near(1.146135)
    assert found.log_likelihood == near(-16.141343)


def test_of_924_allocations_eight_give_a_difference_as_large() -> None:
    """Six of twelve can be chosen in 924 ways: all are looked at, so the seed makes no difference."""
    found = permutation(CHANGE_T, CHANGE_W, seed=1)

    assert found == Permutation(4.5, 8 / 924, 924, True, (6, 6), 0)
    assert permutation(CHANGE_T, CHANGE_W, seed=2) == found


def test_the_chance_that_a_trained_person_changed_more_than_one_who_waited() -> None:
    """Of the 36 pairs the trained changed more in 34, equally in one: (34 + 1/2) / 36."""
    found = superiority(CHANGE_T, CHANGE_W)

    assert not isinstance(found, NotComputable)
    assert found.value == pytest.approx(34.5 / 36)
