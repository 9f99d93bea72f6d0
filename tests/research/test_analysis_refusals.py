"""What the analyses can't say anything about, and what they refuse to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from research.analysis import NotComputable, Reason
from research.analysis.ancova import ancova
from research.analysis.blinding import bang, james
from research.analysis.corrections import holm
from research.analysis.dose import line
from research.analysis.effects import controlled_change, d_av, d_z, paired, standardised, welch
from research.analysis.importance import anchored, one_sem
from research.analysis.mixed import Measured, Mixed, arm_by_time
from research.analysis.ordinal import permutation, proportional_odds, superiority
from research.analysis.power import PerArm, per_arm
from research.analysis.responders import responders, wilson
from research.analysis.single_case import nonoverlap

FLOOR = [(16, 16)] * 5


def why(found: object) -> Reason:
    assert isinstance(found, NotComputable)
    return found.reason


def rows_of(trained: list, waited: list) -> list[Measured]:
    return [
        Measured(f"{arm}{n}", arm, time, value)
        for arm, pairs in (("t", trained), ("w", waited))
        for n, pair in enumerate(pairs)
        for time, value in zip(("before", "after"), pair, strict=True)
    ]


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: ancova({"a": FLOOR}, reference="a"), Reason.FEW_GROUPS),
        (lambda: ancova({"a": FLOOR, "b": [(16, None)]}, reference="a"), Reason.EMPTY_GROUP),
        (lambda: ancova({"a": FLOOR, "b": FLOOR}, reference="a"), Reason.NO_VARIANCE_BEFORE),
        (lambda: ancova({"a": [(16, 17), (17, 19)], "b": [(18, 20)]}, reference="a"), Reason.FEW_PEOPLE),
        (
            lambda: ancova({"a": [(16, 20), (17, 21), (18, 22)], "b": [(16, 16), (20, 20)]}, reference="a"),
            Reason.NO_VARIANCE,
        ),
        (lambda: standardised([1], [2, 3]), Reason.FEW_PEOPLE),
        (lambda: standardised([1, 1], [2, 2]), Reason.NO_VARIANCE),
        (lambda: welch([1, 1], [2, 2]), Reason.NO_VARIANCE),
        (lambda: welch([1, None], [2, 2]), Reason.FEW_PEOPLE),
        (lambda: controlled_change(FLOOR, FLOOR), Reason.NO_VARIANCE_BEFORE),
        (lambda: controlled_change(FLOOR, FLOOR[:1]), Reason.FEW_PEOPLE),
        (lambda: paired(FLOOR), Reason.NO_VARIANCE_OF_CHANGE),
        (lambda: paired([(0.1, 0.3), (0.2, 0.4), (0.3, 0.5)]), Reason.NO_VARIANCE_OF_CHANGE),
        (lambda: paired(FLOOR[:1]), Reason.FEW_PAIRS),
        (lambda: d_z(FLOOR), Reason.NO_VARIANCE_OF_CHANGE),
        (lambda: d_z([]), Reason.FEW_PAIRS),
        (lambda: d_av(FLOOR), Reason.NO_VARIANCE),
        (lambda: d_av([]), Reason.FEW_PAIRS),
        (lambda: responders((0, 0), (1, 2)), Reason.EMPTY_GROUP),
        (lambda: anchored([1, 2, 3], [True, True, None]), Reason.ALL_OR_NONE),
        (lambda: per_arm(0), Reason.NO_EFFECT),
        (lambda: line([(1, 2)]), Reason.FEW_POINTS),
        (lambda: line([(3, 1), (3, 2)]), Reason.NO_VARIANCE_OF_DOSE),
        (lambda: line([(1, 1), (2, 1)]), Reason.NO_VARIANCE_OF_OUTCOME),
        (lambda: nonoverlap([], [1, 2]), Reason.EMPTY_PHASE),
        (lambda: bang(0, 0, 0), Reason.NOBODY_GUESSED),
        (lambda: james({}, {}), Reason.NOBODY_GUESSED),
        (lambda: james({"a": {"a": 5}}, {"a": 1}), Reason.ALL_ALIKE),
        (lambda: proportional_odds(FLOOR, []), Reason.EMPTY_GROUP),
        (lambda: proportional_odds(FLOOR, FLOOR), Reason.ONE_OUTCOME),
        (lambda: proportional_odds(FLOOR, [(16, 17)] * 5), Reason.NO_VARIANCE_BEFORE),
        (lambda: proportional_odds([(16, 20), (18, 21), (20, 22)], [(16, 16), (18, 17), (20, 18)]), Reason.SEPARATED),
        (lambda: permutation([], [1], seed=1), Reason.EMPTY_GROUP),
        (lambda: superiority([1], [None]), Reason.EMPTY_GROUP),
    ],
)
def test_what_can_not_be_computed_says_why(compute: Callable[[], object], reason: Reason) -> None:
    assert why(compute()) == reason


def mixed(
    rows: list[Measured], arms: str = "wt", times: tuple[str, ...] = ("before", "after")
) -> Mixed | NotComputable:
    return arm_by_time(rows, arms=list(arms), times=list(times))


def test_what_a_mixed_model_can_not_be_fitted_to() -> None:
    some = [(16, 18), (18, 24), (20, 23)]
    shifted = [(value, value + 3) for value in (16, 19, 25)]

    assert why(mixed(rows_of(some, some), arms="wt", times=("before", "after", "later"))) == Reason.NOT_SEPARABLE
    assert why(mixed(rows_of(some, []))) == Reason.NOT_SEPARABLE
    assert why(mixed(rows_of([], some), arms="w")) == Reason.FEW_GROUPS
    assert (
        why(mixed([row for row in rows_of(some, some) if row.time == "before"], times=("before",))) == Reason.FEW_TIMES
    )
    assert why(mixed(rows_of(some[:1], some[:1]))) == Reason.FEW_PEOPLE
    assert why(mixed(rows_of(shifted, shifted))) == Reason.NOTHING_WITHIN
    assert why(mixed(rows_of(FLOOR, FLOOR))) == Reason.NOTHING_WITHIN
    assert why(mixed([])) == Reason.FEW_PEOPLE


def test_rows_of_a_mixed_model_are_checked() -> None:
    row = Measured("p", "w", "before", 20)

    with pytest.raises(ValueError, match="p, x, before: expected an arm"):
        mixed([replace(row, arm="x")])
    with pytest.raises(ValueError, match="p is in w and in t: expected one arm"):
        mixed([row, replace(row, arm="t", time="after")])
    with pytest.raises(ValueError, match="p has two values at before: expected one"):
        mixed([row, row])
    with pytest.raises(ValueError, match="a missing one is None"):
        mixed([replace(row, value=math.nan)])


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        (lambda: ancova({"a": FLOOR}, reference="b"), "b is none of the arms a"),
        (lambda: welch([1, math.inf], [2, 3]), "a missing one is None"),
        (lambda: responders((5, 4), (1, 2)), "5 of 4 improved: expected 0 to 4"),
        (lambda: wilson(0, 0), "0 of 0: expected"),
        (lambda: one_sem(11, 1.2), "a reliability of 1.2: expected 0 to 1"),
        (lambda: holm([0.1, 1.5]), "p number 2 is 1.5"),
        (lambda: per_arm(0.5, power=1), "expected 0 < alpha < power < 1"),
        (lambda: per_arm(0.5, correlation=1), "a correlation of 1: expected between -1 and 1"),
        (lambda: permutation([1], [2], seed=1, draws=0), "0 draws: expected at least 1"),
        (lambda: bang(1, -1, 0), "a count can't be below 0"),
        (lambda: james({"a": {"a": -1}}, {}), "a count can't be below 0"),
        (lambda: james({"a": {"z": 1}}, {}), "z: named, and none of the arms a"),
    ],
)
def test_bad_input_is_told_from_what_can_not_be_computed(compute: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compute()


def test_shares_that_can_not_be_divided_by() -> None:
    """Nobody of the others improved: there is a difference, and no ratio."""
    found, same = responders((5, 10), (0, 10)), responders((3, 10), (3, 10))

    assert not isinstance(found, NotComputable)
    assert not isinstance(same, NotComputable)
    assert (found.ratio, found.odds_ratio, found.number_needed) == (None, None, 2)
    assert (same.ratio, same.number_needed, same.number_needed_reported) == (1, None, None)


def test_a_group_that_does_worse_has_a_negative_number_needed() -> None:
    found = responders((2, 10), (5, 10))

    assert not isinstance(found, NotComputable)
    assert (found.number_needed, found.number_needed_reported) == (pytest.approx(-10 / 3), -4)


def test_a_number_needed_that_is_whole_is_not_rounded_up() -> None:
    """6 of 10 against 4 of 10: five, though 1 / (0.6 - 0.4) is a hair more in binary."""
    found = responders((6, 10), (4, 10))

    assert not isinstance(found, NotComputable)
    assert 1 / (0.6 - 0.4) > 5
    assert found.number_needed_reported == 5


def test_groups_that_lie_apart_have_a_superiority_without_limits() -> None:
    found = superiority([20, 21, 22], [16, 16, 17])

    assert not isinstance(found, NotComputable)
    assert (found.value, found.low, found.high, found.p) == (1, None, None, None)


def test_points_on_a_line_need_no_test() -> None:
    found = line([(1, 2), (2, 4), (3, 6)])

    assert not isinstance(found, NotComputable)
    assert (found.slope, found.r_squared, found.test) == (pytest.approx(2), pytest.approx(1), None)


def test_someone_who_decides_a_coefficient_alone_has_no_robust_error() -> None:
    """The only one of an arm: the arm's coefficient is what makes their residual 0."""
    found = ancova({"a": [(16, 17), (18, 22), (20, 21), (24, 27)], "b": [(19, 30)]}, reference="a")

    assert not isinstance(found, NotComputable)
    assert found.arms["b"].se_hc3 is None


def test_a_huge_effect_still_takes_two_people_an_arm() -> None:
    assert per_arm(40) == PerArm(2.0, 2)
    assert per_arm(-0.5) == per_arm(0.5)


def test_every_reason_is_a_sentence() -> None:
    assert all(reason.endswith(".") and reason[0].isupper() for reason in Reason)
