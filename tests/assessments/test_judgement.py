"""Every judgement of a change, cut-offs and categories, and the rule at the floor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.change import Judgement, Method, category, changes, cut_offs, judged, off_the_floor
from assessments.error import StandardError, conditional_error, maassen_error
from protocol.instrument import LevelError, Norm

RETEST = Norm("total", "made up", 100, 50.0, 10.0, 0.5, "retest", "invented")  # standard error of a difference: 10
LEAST, MOST = 16.0, 80.0
TURNED = {"increased": "decreased", "decreased": "increased", "no_reliable_change": "no_reliable_change"}

within = st.integers(16, 80).map(float)
spreads = st.integers(1, 2_500).map(lambda hundredths: hundredths / 100)
reliabilities = st.integers(0, 99).map(lambda hundredths: hundredths / 100)


@st.composite
def full_norms(draw: st.DrawFn) -> Norm:
    """A norm of a score from 16 to 80 that declares all that any method needs."""
    border = draw(st.integers(17, 79))
    return Norm(
        "total",
        "made up",
        100,
        draw(within),
        draw(spreads),
        draw(reliabilities),
        "retest",
        "invented",
        sd_after=draw(spreads),
        practice_gain=draw(st.integers(-50, 50)) / 10,
        errors=(LevelError(16, border, draw(spreads)), LevelError(border + 1, 80, draw(spreads))),
    )


def mirrored(norm: Norm) -> Norm:
    """The same sample on a scale that is read from its other end."""
    return replace(
        norm,
        mean=LEAST + MOST - norm.mean,
        practice_gain=-(norm.practice_gain or 0.0),
        errors=tuple(
            LevelError(LEAST + MOST - level.high, LEAST + MOST - level.low, level.sem) for level in norm.errors
        ),
    )


def said(first: float, value: float, *norms: Norm) -> dict[Method, Judgement]:
    given = judged(first, value, norms, "total", least=LEAST, most=MOST)
    return {judgement.method: judgement for judgement in given}


# --- every judgement -------------------------------------------------------------------------------------------------


def test_without_both_values_nothing_is_judged() -> None:
    assert judged(None, 20.0, [RETEST], "total") == ()
    assert judged(20.0, None, [RETEST], "total") == ()


def test_without_a_retest_norm_of_the_score_nothing_is_judged() -> None:
    assert judged(20.0, 40.0, [], "total") == ()
    assert judged(20.0, 40.0, [replace(RETEST, kind="alpha"), replace(RETEST, score="other")], "total") == ()


def test_each_method_goes_by_the_first_norm_that_declares_what_it_needs() -> None:
    two_occasions = replace(RETEST, sd=4.0, sd_after=3.0)
    untrained = replace(RETEST, sd=2.0, practice_gain=0.0)

    says = said(20.0, 40.0, RETEST, two_occasions, untrained)

    assert {method: judgement.norm for method, judgement in says.items()} == {
        "jacobson_truax": RETEST,
        "maassen": two_occasions,
        "practice_corrected": untrained,
        "smallest_detectable": RETEST,
    }


def test_a_refused_norm_is_not_replaced_by_a_later_one() -> None:
    picked = replace(RETEST, sd_after=3.0, selected=True)

    says = said(20.0, 40.0, picked, replace(picked, selected=False))

    assert {judgement.norm for judgement in says.values()} == {picked}
    assert {judgement.refused for judgement in says.values()} == {"selected"}
    assert {judgement.verdict for judgement in says.values()} == {None}


def test_a_norm_without_error_says_so_instead_of_dividing_by_nothing() -> None:
    assert said(20.0, 40.0, replace(RETEST, reliability=1.0))["jacobson_truax"].refused == "no_error"


@pytest.mark.parametrize(("first", "one_sided"), [(16.0, True), (80.0, True), (16.5, False), (48.0, False)])
def test_a_first_value_at_either_end_is_one_sided(first: float, one_sided: bool) -> None:
    assert said(first, 40.0, RETEST)["jacobson_truax"].one_sided is one_sided


def test_without_ends_nothing_is_one_sided() -> None:
    assert not judged(16.0, 40.0, [RETEST], "total")[0].one_sided


@given(within, within, full_norms())
def test_the_first_judgement_is_the_one_of_the_dataset(first: float, value: float, norm: Norm) -> None:
    says = said(first, value, norm)["jacobson_truax"]
    row = changes([("a", first), ("b", value)], [norm], "total")[1]

    assert (says.index, says.verdict) == (row.reliable_change, row.verdict)


@given(within, within, full_norms())
def test_a_change_is_reliable_where_it_lies_beyond_the_threshold(first: float, value: float, norm: Norm) -> None:
    for says in said(first, value, norm).values():
        assert says.threshold is not None
        beyond = Fraction(str(value)) - Fraction(str(first)) - Fraction(str(says.expected))
        if math.isclose(abs(beyond), says.threshold, rel_tol=1e-12):
            continue  # a threshold that is no decimal is a rounded one
        expected = "increased" if beyond > 0 else "decreased"
        assert says.verdict == (expected if abs(beyond) > says.threshold else "no_reliable_change")


@given(within, within, full_norms())
def test_read_from_the_other_end_every_verdict_turns_round_and_twice_is_the_identity(
    first: float, value: float, norm: Norm
) -> None:
    def turned(one: float) -> float:
        return LEAST + MOST - one

    there = said(first, value, norm)
    mirror = said(turned(first), turned(value), mirrored(norm))
    back = said(turned(turned(first)), turned(turned(value)), mirrored(mirrored(norm)))

    for method, says in there.items():
        assert mirror[method].verdict == TURNED[says.verdict or ""]
        assert mirror[method].index == -(says.index or 0.0)
        assert mirror[method].threshold == says.threshold
        assert mirror[method].one_sided == says.one_sided
    assert {method: says.verdict for method, says in back.items()} == {m: says.verdict for m, says in there.items()}


@given(full_norms(), reliabilities, st.sampled_from(("jacobson_truax", "maassen", "practice_corrected")))
def test_the_more_reliable_the_score_the_less_change_is_needed(norm: Norm, other: float, method: Method) -> None:
    assume(other != norm.reliability)
    less, more = sorted((norm.reliability, other))

    needed = [said(20.0, 40.0, replace(norm, reliability=r))[method].threshold for r in (less, more)]

    assert needed[0] is not None
    assert needed[1] is not None
    assert needed[1] < needed[0]


def _as_decimal(norm: Norm, q: Fraction) -> Norm:
    """The norm with a reliability for which the standard error of a difference is sd times the decimal `q`."""
    return replace(norm, reliability=float(1 - q * q / 2))


@given(
    st.integers(1, 2_000),
    st.integers(1, 141),
    st.integers(-100, 100),
    st.sampled_from((1, -1)),
)
def test_a_change_at_the_threshold_itself_is_never_reliable(sd: int, q: int, gain: int, direction: int) -> None:
    """Where 1.96 standard errors are a decimal, the change that is that decimal is at it and not beyond."""
    norm = _as_decimal(replace(RETEST, sd=sd / 100, practice_gain=gain / 10), Fraction(q, 100))
    threshold = Fraction(196, 100) * Fraction(sd, 100) * Fraction(q, 100)
    corrected = Fraction(gain, 10) + direction * threshold
    step = Fraction(direction, 10**6)

    def by(method: Method, moved: Fraction) -> Judgement:
        return {says.method: says for says in judged(0.0, float(moved), [norm], "total")}[method]

    for method in ("jacobson_truax", "smallest_detectable"):
        assert by(method, direction * threshold).verdict == "no_reliable_change"
        assert by(method, direction * threshold).threshold == float(threshold)
        assert by(method, direction * threshold + step).verdict == ("increased" if direction > 0 else "decreased")
    assert by("practice_corrected", corrected).verdict == "no_reliable_change"
    assert abs(by("practice_corrected", corrected).index or 0) == 1.96


@pytest.mark.parametrize(
    ("make", "keys"),
    [
        (lambda norm: maassen_error(norm), {"sd": 6.0, "sd_after": 8.0, "reliability": 0.0}),
        (lambda norm: conditional_error(norm, 16.0, 35.6), {"errors": (LevelError(16, 24, 6), LevelError(25, 80, 8))}),
    ],
)
def test_six_and_eight_make_ten_and_a_change_of_19_6_is_at_the_threshold(
    make: Callable[[Norm], StandardError | None], keys: dict[str, object]
) -> None:
    norm = replace(RETEST, **keys)  # type: ignore[arg-type]
    error = make(norm)
    method: Method = "conditional" if "errors" in keys else "maassen"

    assert error is not None
    assert (error.value, error.margin) == (10.0, 19.6)
    assert said(16.0, 35.6, norm)[method].index == 1.96
    assert said(16.0, 35.6, norm)[method].verdict == "no_reliable_change"
    assert said(16.0, 35.7, norm)[method].verdict == "increased"


# --- cut-offs and categories -----------------------------------------------------------------------------------------

LOW = replace(RETEST, mean=20.0, sd=4.0)
HIGH = replace(RETEST, mean=60.0, sd=12.0)


def test_cut_offs_of_a_scale_on_which_higher_is_less_are_mirrored() -> None:
    cuts, other_way = cut_offs(LOW, HIGH), cut_offs(replace(LOW, mean=76.0), replace(HIGH, mean=36.0))

    assert cuts is not None
    assert other_way is not None
    assert (cuts.a, cuts.b, cuts.c, cuts.is_upward) == (28.0, 36.0, 30.0, True)
    assert (other_way.a, other_way.b, other_way.c, other_way.is_upward) == (68.0, 60.0, 66.0, False)


@pytest.mark.parametrize("which", [0, 1])
def test_one_selected_group_makes_them_circular_and_one_unverified_group_silences_them(which: int) -> None:
    groups = [LOW, HIGH]
    selected = [replace(norm, selected=n == which) for n, norm in enumerate(groups)]
    unverified = [replace(norm, unverified=n == which) for n, norm in enumerate(groups)]

    circular, silent = cut_offs(*selected), cut_offs(*unverified)

    assert circular is not None
    assert silent is not None
    assert (circular.is_circular, circular.is_unverified) == (True, False)
    assert (silent.is_circular, silent.is_unverified) == (False, True)
    assert category(20.0, 50.0, "increased", circular) == "crossed"
    assert category(20.0, 50.0, "increased", silent) is None


def test_there_is_no_cut_off_between_groups_that_do_not_differ() -> None:
    assert cut_offs(LOW, replace(HIGH, mean=20.0)) is None
    assert cut_offs(replace(LOW, sd=0.0), replace(HIGH, sd=0.0)) is None


def test_cut_offs_are_of_one_score() -> None:
    with pytest.raises(ValueError, match=r"norms of 'total' and 'other'; expected two of one score"):
        cut_offs(LOW, replace(HIGH, score="other"))


def test_past_is_beyond_the_cut_off_and_not_at_it() -> None:
    cuts = cut_offs(LOW, HIGH)
    assert cuts is not None

    assert category(20.0, 30.0, "increased", cuts) == "reliably_higher"
    assert category(30.0, 50.0, "increased", cuts) == "crossed"
    assert category(30.1, 50.0, "increased", cuts) == "reliably_higher"
    assert category(20.0, 30.0, "increased", cuts, "a") == "crossed"
    assert category(20.0, 36.0, "increased", cuts, "b") == "reliably_higher"


def test_where_higher_is_less_a_crossing_is_a_fall() -> None:
    cuts = cut_offs(replace(LOW, mean=76.0), replace(HIGH, mean=36.0))
    assert cuts is not None

    assert category(76.0, 46.0, "decreased", cuts) == "crossed"
    assert category(76.0, 66.0, "decreased", cuts) == "reliably_lower"
    assert category(46.0, 76.0, "increased", cuts) == "reliably_higher"


def test_without_a_verdict_or_a_value_there_is_no_category() -> None:
    cuts = cut_offs(LOW, HIGH)
    assert cuts is not None

    assert category(20.0, 50.0, None, cuts) is None
    assert category(None, 50.0, "increased", cuts) is None
    assert category(20.0, None, "increased", cuts) is None


# --- off the floor ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items_above", "is_met", "met_at"),
    [
        ([], False, None),
        ([5], False, None),
        ([None], False, None),
        ([2, 2], True, 1),
        ([0, 2, 2, 0, 2, 2], True, 2),
        ([2, 1, 2, 1], False, None),
        ([2, None], None, None),
        ([2, None, 2], None, None),
        ([1, None, 1], False, None),
        ([None, None], None, None),
        ([None, 2, 2], True, 2),
    ],
)
def test_two_in_a_row(items_above: list[int | None], is_met: bool | None, met_at: int | None) -> None:
    given = off_the_floor(items_above, 2)

    assert (given.is_met, given.met_at) == (is_met, met_at)


def test_off_the_floor_on_no_item_is_no_rule() -> None:
    with pytest.raises(ValueError, match=r"off the floor on 0 items; expected at least 1"):
        off_the_floor([1], 0)


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=6), st.integers(1, 3))
def test_it_is_open_exactly_where_what_is_missing_decides(items_above: list[int | None], k: int) -> None:
    given = off_the_floor(items_above, k)
    at_worst = off_the_floor([above or 0 for above in items_above], k)
    at_best = off_the_floor([k if above is None else above for above in items_above], k)

    assert len(given.is_off) == len(items_above)
    assert given.is_met == (at_worst.is_met if at_worst.is_met == at_best.is_met else None)
    assert given.met_at == at_worst.met_at


@given(st.lists(st.integers(0, 5), max_size=8))
def test_what_is_met_stays_met_whatever_follows(items_above: list[int]) -> None:
    met = [off_the_floor(items_above[:length], 2).met_at for length in range(len(items_above) + 1)]

    assert sum(one is None and other is not None for one, other in zip(met, met[1:], strict=False)) <= 1
    assert len({place for place in met if place is not None}) <= 1
