"""How many improved, whether it matters, how much practice it took, and who knew: by worked examples.

Every figure is one of the reference's computed examples (its sections 4.7 to 4.10).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from research.analysis import NotComputable
from research.analysis.blinding import bang, james
from research.analysis.consort import Arm, Fault, Flow, faults
from research.analysis.corrections import benjamini_hochberg, holm
from research.analysis.dose import line
from research.analysis.importance import anchored, half_sd, one_sem
from research.analysis.power import PerArm, per_arm
from research.analysis.responders import responders, wilson
from research.analysis.single_case import nonoverlap


def printed(value: float) -> object:
    """Equal to the six digits that the source prints."""
    return pytest.approx(value, abs=5.1e-7)


# --- 1. Responders (4.7) ---------------------------------------------------------------------------------------------


def test_nine_of_twenty_against_three_of_twenty() -> None:
    found = responders((9, 20), (3, 20))

    assert not isinstance(found, NotComputable)
    assert found.difference == 0.30
    assert (found.low, found.high) == (printed(0.015282), printed(0.529696))  # Newcombe (1998), method 10
    assert found.ratio == 3.0
    assert found.odds_ratio == printed(4.636364)
    assert found.fisher_p == printed(0.082359)


def test_wilsons_interval_of_nine_of_twenty() -> None:
    found = wilson(9, 20)

    assert (found.low, found.high) == (printed(0.258198), printed(0.657915))


def test_people_are_whole_so_a_number_needed_to_treat_is_rounded_up() -> None:
    found = responders((9, 20), (3, 20))

    assert not isinstance(found, NotComputable)
    assert found.number_needed == pytest.approx(3.3333, abs=5e-5)
    assert found.number_needed_reported == 4


# --- 2. A change that matters (4.8) ----------------------------------------------------------------------------------


def test_by_the_spread_of_the_scores() -> None:
    assert half_sd(11) == 5.5
    assert one_sem(11, 0.88) == pytest.approx(3.8105, abs=5.1e-5)


def test_by_what_people_say_themselves() -> None:
    """Twelve changes; the sixth and the last five people say that they improved."""
    changes = [-2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    improved = [False] * 5 + [True] + [False] + [True] * 5

    found = anchored(changes, improved)

    assert not isinstance(found, NotComputable)
    assert found.mean_difference == pytest.approx(5.8333, abs=5e-5)
    assert [(cut.at, cut.sensitivity, cut.specificity) for cut in found.tied] == [
        (4, 1, pytest.approx(0.8333, abs=5e-5)),
        (6, pytest.approx(0.8333, abs=5e-5), 1),
    ]
    assert found.cut.at == 4, "of two that separate equally well, the one that misses nobody"


# --- 3. Several outcomes, and how many people (4.9) ------------------------------------------------------------------


def test_four_values_of_p_corrected() -> None:
    p = [0.01, 0.04, 0.03, 0.005]

    assert holm(p) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert benjamini_hochberg(p) == pytest.approx((0.02, 0.04, 0.04, 0.02))


def test_half_a_standard_deviation_takes_64_people_an_arm() -> None:
    """Two-sided at .05 with power .8, by the noncentral t distribution."""
    assert per_arm(0.5) == PerArm(pytest.approx(63.77, abs=5e-3), 64)


def test_with_the_score_before_as_a_covariate_it_takes_half_as_many() -> None:
    """A correlation of .7 leaves 1 - .49 of the error variance."""
    assert per_arm(0.5, correlation=0.7) == PerArm(pytest.approx(32.52, abs=5e-3), 33)


# --- 4. Practice (4.9) -----------------------------------------------------------------------------------------------


def test_vividness_over_eight_sessions() -> None:
    found = line(list(enumerate([1.0, 1.2, 1.1, 1.6, 1.9, 2.0, 2.4, 2.3], start=1)))

    assert not isinstance(found, NotComputable)
    assert (found.slope, found.r_squared) == (printed(0.215476), printed(0.933601))


def test_one_person_before_and_during_training() -> None:
    """Of the 5 * 6 pairs of days, 23 rose and 7 are ties: (23 + 7 / 2) / 30."""
    found = nonoverlap([1, 1, 2, 1, 1], [1, 2, 3, 3, 4, 4])

    assert not isinstance(found, NotComputable)
    assert found.value == printed(0.883333)


# --- 5. Who knew (4.9b) ----------------------------------------------------------------------------------------------
#
# The CRISP trial of lovastatin, after Bang, Ni & Davis (2004), table 7.


@pytest.mark.parametrize(
    ("correct", "incorrect", "dont_know", "value"),
    [(82, 25, 170, 0.2058), (29, 27, 83, 0.0144)],
    ids=["lovastatin", "placebo"],
)
def test_bangs_index_of_an_arm(correct: int, incorrect: int, dont_know: int, value: float) -> None:
    """(correct - incorrect) / everybody asked. Between -0.2 and 0.2 an arm is usually called blinded."""
    found = bang(correct, incorrect, dont_know)

    assert not isinstance(found, NotComputable)
    assert found.value == pytest.approx(value, abs=5.1e-5)


def test_jamess_index_counts_not_knowing_as_blinded() -> None:
    found = james(
        {"lovastatin": {"lovastatin": 82, "placebo": 25}, "placebo": {"lovastatin": 27, "placebo": 29}},
        {"lovastatin": 170, "placebo": 83},
    )

    assert not isinstance(found, NotComputable)
    assert found.value == printed(0.747928)
    assert found.high > 0.5, "no sign that the blinding failed"


def test_james_is_one_where_nobody_guesses() -> None:
    found = james({}, {"lovastatin": 277, "placebo": 139})

    assert not isinstance(found, NotComputable)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_errors_of_both_indices_against_another_program() -> None:
    """Guesses of treatment and placebo and don't know, by arm: 48, 4, 330 and 22, 30, 319.

    Three digits are what the documentation of the Julia package BlindingIndex prints: James 0.896 (SE 0.011, 0.875 to
    0.918), Bang 0.115 (0.018, 0.08 to 0.15) and 0.022 (0.019, -0.016 to 0.06).
    """
    both = james({"t": {"t": 48, "p": 4}, "p": {"t": 22, "p": 30}}, {"t": 330, "p": 319})
    treated, placebo = bang(48, 4, 330), bang(30, 22, 319)

    for found, value, se, low, high in [
        (both, 0.896, 0.011, 0.875, 0.918),
        (treated, 0.115, 0.018, 0.080, 0.150),
        (placebo, 0.022, 0.019, -0.016, 0.060),
    ]:
        assert not isinstance(found, NotComputable)
        assert (found.value, found.se) == (pytest.approx(value, abs=5e-4), pytest.approx(se, abs=5e-4))
        assert (found.low, found.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


def test_one_sided_limits_are_nearer() -> None:
    """0.2058 - 1.644854 * SE: more than guessing was known in the lovastatin arm."""
    found = bang(82, 25, 170)

    assert not isinstance(found, NotComputable)
    assert found.low < found.low_one_sided < found.value < found.high_one_sided < found.high
    assert found.low_one_sided == printed(0.147816)


# --- 6. The flow of people (4.10) ------------------------------------------------------------------------------------

TRIAL = Flow(
    assessed=120,
    excluded=40,
    reasons={"ineligible": 20, "declined": 12, "other": 8},
    randomised=80,
    arms={
        "training": Arm(40, 38, 2, 5, {"itt": 40, "complete cases": 35}, {"itt": 0, "complete cases": 5}),
        "waiting": Arm(40, 40, 0, 3, {"itt": 40, "complete cases": 37}, {"itt": 0, "complete cases": 3}),
    },
)


def test_a_flow_that_adds_up_has_no_faults() -> None:
    """120 assessed, 40 excluded, 80 randomised; 38 and 40 received; 5 and 3 lost; all, or 35 and 37, analysed."""
    assert faults(TRIAL) == []


@pytest.mark.parametrize(
    ("flow", "rules"),
    [
        (replace(TRIAL, assessed=121), ["assessed = excluded + randomised"]),
        (replace(TRIAL, reasons={"ineligible": 20, "declined": 12}), ["excluded = sum of reasons"]),
        (replace(TRIAL, arms={"training": TRIAL.arms["training"]}), ["randomised = sum of arms"]),
    ],
)
def test_each_rule_of_the_whole_is_checked(flow: Flow, rules: list[str]) -> None:
    assert [fault.rule for fault in faults(flow)] == rules


@pytest.mark.parametrize(
    ("arm", "fault"),
    [
        ({"received": 37}, Fault("allocated = received + not received", "training", "", 40, 39)),
        ({"lost": 41}, Fault("lost <= allocated", "training", "", 41, 40)),
        (
            {"analysed": {"itt": 39}, "left_out": {}},
            Fault("allocated = analysed + excluded from analysis", "training", "itt", 40, 39),
        ),
    ],
)
def test_each_rule_of_an_arm_says_where_and_by_how_much(arm: dict[str, object], fault: Fault) -> None:
    changed = replace(TRIAL.arms["training"], **arm)

    assert faults(replace(TRIAL, arms={**TRIAL.arms, "training": changed})) == [fault]


def test_more_analysed_than_allocated_is_a_fault_though_the_sum_is_right() -> None:
    changed = replace(TRIAL.arms["waiting"], analysed={"itt": 42}, left_out={"itt": -2})

    assert [fault.rule for fault in faults(replace(TRIAL, arms={**TRIAL.arms, "waiting": changed}))] == [
        "excluded from analysis >= 0",
        "analysed <= allocated",
    ]
