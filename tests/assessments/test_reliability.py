"""Reliability of a study's own data: what must hold of any answers, and what can't be computed from some."""

from __future__ import annotations

import math
import random
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.reliability import (
    Coefficient,
    Intraclass,
    Reason,
    Weights,
    alpha,
    intraclass,
    item_rest,
    kappa,
    omega,
    omega_of,
    repeated,
    spearman_brown,
)

Rows = list[list[int]]
ICCS = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")


@st.composite
def answers(draw: st.DrawFn, most: int = 5, fewest_items: int = 2, fewest_people: int = 2) -> Rows:
    """A table of answers on a scale from 1: nothing keeps it from being all alike."""
    items = draw(st.integers(fewest_items, 6))
    row = st.lists(st.integers(1, most), min_size=items, max_size=items)
    return draw(st.lists(row, min_size=fewest_people, max_size=12))


pairs = st.lists(st.tuples(st.integers(16, 80), st.integers(16, 80)), max_size=12)
judgements = st.lists(st.tuples(st.sampled_from("NFPV"), st.sampled_from("NFPV")), max_size=30)


def close(one: object, other: object) -> bool:
    """Whether two results are the same but for rounding, field by field, None and reasons exactly."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-7)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(close(a, b) for a, b in zip(one, other, strict=True))
    if hasattr(one, "__dataclass_fields__"):
        return all(close(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return one == other


def coefficients(found: Intraclass) -> list[Coefficient]:
    return [getattr(found, name) for name in ICCS]


# --- what must hold of any answers -----------------------------------------------------------------------------------


@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(rows: Rows, chance: random.Random) -> None:
    shuffled = rows.copy()
    chance.shuffle(shuffled)

    assert close(alpha(rows), alpha(shuffled))
    assert close(intraclass(rows), intraclass(shuffled))
    assert close(item_rest(rows), item_rest(shuffled))


@given(answers())
def test_the_order_of_items_does_not_matter(rows: Rows) -> None:
    turned = [row[::-1] for row in rows]
    one, other = alpha(rows), alpha(turned)
    last = one.items - 1

    assert close(one, replace(other, constant_items=tuple(sorted(last - place for place in other.constant_items))))
    assert close(item_rest(rows), item_rest(turned)[::-1])
    assert close(intraclass(rows), intraclass(turned))


@given(answers(fewest_items=3))
def test_a_factor_does_not_hang_on_the_order_of_items(rows: Rows) -> None:
    one, other = omega(rows), omega([row[::-1] for row in rows])

    assert (one.value is None) == (other.value is None)
    assert one.value is None or one.value == pytest.approx(other.value, abs=1e-4)


@given(answers(), st.sampled_from([0.01, 0.1, 3, 1000]), st.sampled_from([0, -7, 100]))
def test_neither_the_unit_nor_the_start_of_the_scale_matters(rows: Rows, unit: float, start: float) -> None:
    """A 0 to 100 scale in steps of 25 is as reliable as a 1 to 5 scale; so are answers turned round."""
    scaled = [[start + unit * value for value in row] for row in rows]
    turned = [[6 - value for value in row] for row in rows]

    assert close(alpha(rows), alpha(scaled))
    assert close(alpha(rows), alpha(turned))
    assert close(intraclass(rows), intraclass(scaled))
    assert close(intraclass(rows), intraclass(turned))
    assert close(item_rest(rows), item_rest(scaled))


@given(answers(), st.integers(0, 5))
def test_who_missed_an_item_is_left_out_and_counted(rows: Rows, missed: int) -> None:
    more: list[list[int | None]] = [[*row] for row in rows]
    more += [[None, *row[1:]] for row in rows[:1]] * missed

    assert close(alpha(more), replace(alpha(rows), left_out=missed))
    assert close(omega(more), replace(omega(rows), left_out=missed))
    assert close(intraclass(more), replace(intraclass(rows), left_out=missed))
    assert close(item_rest(more), item_rest(rows))


@given(answers(fewest_items=0, fewest_people=0))
def test_whatever_the_answers_a_number_is_there_or_the_reason_is(rows: Rows) -> None:
    """No crash, no warning (they are errors here), nothing infinite."""
    for found in (alpha(rows), omega(rows), *coefficients(intraclass(rows))):
        assert (found.value is not None) or found.reason
        assert found.value is None or math.isfinite(found.value)


@given(answers())
def test_limits_lie_about_their_value(rows: Rows) -> None:
    for found in (alpha(rows), *coefficients(intraclass(rows))):
        if found.value is not None and found.high is not None:
            assert found.value <= found.high + 1e-9
            assert found.high <= 1
            assert found.low is None or found.low <= found.value + 1e-9


@given(answers())
def test_the_third_icc_of_the_mean_is_alpha(rows: Rows) -> None:
    """Two ways to the same number (McGraw & Wong 1996), where no item is constant."""
    if alpha(rows).value is not None and intraclass(rows).icc_3_k.value is not None:
        assert intraclass(rows).icc_3_k.value == pytest.approx(alpha(rows).value)


@given(answers())
def test_the_mean_of_k_is_as_a_test_k_times_as_long(rows: Rows) -> None:
    found = intraclass(rows)
    for one, mean in (("icc_1_1", "icc_1_k"), ("icc_2_1", "icc_2_k"), ("icc_3_1", "icc_3_k")):
        single, averaged = getattr(found, one).value, getattr(found, mean).value
        if single is not None and averaged is not None:
            assert averaged == pytest.approx(spearman_brown(single, found.raters), rel=1e-6)


@given(pairs)
def test_which_occasion_came_first_turns_the_bias_and_nothing_else(values: list[tuple[int, int]]) -> None:
    one, other = repeated(values), repeated([(second, first) for first, second in values])

    assert close(one.sem_agreement, other.sem_agreement)
    assert close(one.agreement, other.agreement)
    assert close(one.pearson, other.pearson)
    if one.bias is not None and other.bias is not None:
        assert one.bias == -other.bias


@given(judgements, st.sampled_from(["none", "linear", "quadratic"]))
def test_which_judge_comes_first_does_not_matter(values: list[tuple[str, str]], weights: Weights) -> None:
    one = kappa(values, categories="NFPV", weights=weights)
    other = kappa([(b, a) for a, b in values], categories="NFPV", weights=weights)

    assert close(one, other)
    assert one.value is None or -1 - 1e-9 <= one.value <= 1 + 1e-9


@given(judgements)
def test_without_weights_the_order_of_categories_does_not_matter(values: list[tuple[str, str]]) -> None:
    assert close(kappa(values), kappa(values, categories="VPFN"))


# --- what can't be computed ------------------------------------------------------------------------------------------


def test_nobody_and_nothing() -> None:
    assert alpha([]).reason == Reason.FEW_ITEMS
    assert alpha([[]]).reason == Reason.FEW_ITEMS
    assert alpha([[1], [2]]).reason == Reason.FEW_ITEMS
    assert alpha([[1, 2]]).reason == Reason.FEW_PEOPLE
    assert alpha([[1, None], [None, 2]]).reason == Reason.FEW_PEOPLE
    assert item_rest([]) == ()
    assert item_rest([[1], [2]]) == (None,)
    assert item_rest([[1, 2]]) == (None, None)
    assert intraclass([[1, 2]]).icc_2_1.reason == Reason.FEW_PEOPLE
    assert intraclass([[1], [2]]).icc_2_1.reason == Reason.FEW_RATERS
    assert repeated([]).reason == Reason.FEW_PEOPLE
    assert repeated([(20, 22)]).sdc95 is None
    assert kappa([]).reason == Reason.NO_PAIRS
    assert kappa([("a", None)]).left_out == 1


def test_everybody_at_the_floor() -> None:
    """Nothing appears, to everything, for all ten of them: a finding, and no reliability."""
    rows = [[1] * 16] * 10

    assert (alpha(rows).reason, alpha(rows).constant_items) == (Reason.CONSTANT_ITEM, tuple(range(16)))
    assert omega(rows).reason == Reason.CONSTANT_ITEM
    assert item_rest(rows) == (None,) * 16
    assert {coefficient.reason for coefficient in coefficients(intraclass(rows))} == {Reason.CONSTANT_VALUES}


def test_everybody_at_the_floor_twice() -> None:
    """The differences are known and are none; whether they would order people the same way isn't."""
    found = repeated([(16, 16)] * 5)

    assert (found.bias, found.sem_agreement, found.sdc95) == (0, 0, 0)
    assert (found.pearson, found.reason) == (None, Reason.CONSTANT_OCCASION)
    assert found.agreement == Coefficient(None, None, None, Reason.CONSTANT_VALUES)


def test_an_item_of_tenths_that_all_answer_alike_is_constant_too() -> None:
    """0.1 + 0.2 is not 0.3 in binary: the difference is rounding, not variance."""
    assert alpha([[0.1 + 0.2, 1], [0.3, 2], [0.3, 3]]).constant_items == (0,)


def test_items_that_cancel_each_other_leave_no_sum() -> None:
    """One item forgotten to be turned: everybody's sum is the same."""
    assert alpha([[1, 5], [2, 4], [5, 1]]).reason == Reason.CONSTANT_SUM
    assert alpha([[0.1, 0.5], [0.2, 0.4], [0.3, 0.3]]).reason == Reason.CONSTANT_SUM


def test_items_that_run_against_each_other_have_an_alpha_below_0() -> None:
    assert (alpha([[1, 5], [2, 4], [5, 2]]).value or 0) < 0


def test_two_items_are_too_few_for_a_factor() -> None:
    assert omega([[1, 2], [2, 1], [3, 3]]).reason == Reason.FEW_ITEMS_FOR_A_FACTOR


def test_a_factor_that_would_leave_an_item_less_than_no_error_is_refused() -> None:
    """Two pairs of items go together hardly, and both with a third fully: a Heywood case."""
    rows = [[1, 1, 2], [1, 2, 2], [2, 1, 2], [2, 2, 4], [3, 3, 6], [3, 1, 4], [1, 3, 4]]

    assert omega(rows).reason == Reason.NO_FACTOR
    assert (omega(rows).loadings, omega(rows).errors) == ((), ())


def test_items_with_one_factor_and_no_error_have_an_omega_of_1() -> None:
    assert omega([[n, 2 * n, 3 * n] for n in range(1, 6)]).value == pytest.approx(1)


def test_raters_who_never_differ() -> None:
    found = intraclass([[1, 1], [3, 3], [5, 5]])

    assert {(c.value, c.low, c.high, c.reason) for c in coefficients(found)} == {(1.0, None, None, Reason.NO_ERROR)}


def test_people_who_never_differ() -> None:
    """Every judge gives one number of their own to everybody."""
    found = intraclass([[1, 4], [1, 4], [1, 4]])

    assert found.icc_1_1 == Coefficient(-1.0, None, None, Reason.BELOW_CHANCE)
    assert found.icc_1_k.value is None
    assert found.icc_2_1.value == 0
    assert found.icc_3_1 == Coefficient(None, None, None, Reason.BELOW_CHANCE)


def test_a_published_loading_beyond_1_has_no_omega() -> None:
    assert omega_of([0.8, 1.2]) is None
    assert omega_of([]) is None
    assert omega_of([1, -1]) is None, "nothing common and no error"


def test_no_length_helps_what_is_worse_than_chance() -> None:
    assert spearman_brown(-0.5, 3) is None
    assert spearman_brown(-0.5, 2) == -2


def test_rows_of_different_lengths_are_refused_with_the_place() -> None:
    with pytest.raises(ValueError, match="row 1 has 3 values, and the first has 2"):
        alpha([[1, 2], [1, 2, 3]])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a missing one is None"):
        alpha([[1, 2], [value, 3]])


def test_categories_are_checked() -> None:
    with pytest.raises(ValueError, match="linear weights need the categories"):
        kappa([("a", "b")], weights="linear")
    with pytest.raises(ValueError, match="a category stands twice among a, b, a"):
        kappa([("a", "b")], categories=["a", "b", "a"])
    with pytest.raises(ValueError, match="x: none of the categories a, b"):
        kappa([("a", "x")], categories=["a", "b"])


def test_every_reason_is_a_sentence() -> None:
    assert all(reason.endswith(".") and reason[0].isupper() for reason in Reason if reason is not Reason.NONE)
