"""Strata, blocks and draws."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching import allocation
from protocol.study import Allocation, EligibilityQuestion, Group, ScoreRef, Study
from protocol.text import Text
from tests.builders import arm, bands, example_study, step, study

SCORE = ScoreRef("baseline", "scenes_4", "total")


def stratified(*by: str, **changes: object) -> Study:
    """The example study, allocated by these."""
    questions = (
        *example_study().eligibility,
        EligibilityQuestion("glasses", Text("Do you wear glasses?"), "boolean"),
    )
    built = replace(example_study(), eligibility=questions, allocation=Allocation("blocks", (2, 4), by))
    return replace(built, **changes)  # type: ignore[arg-type]


# --- strata ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "label"),
    [(4, "none"), (4.5, "none"), (5, "dim"), (18.9, "typical"), (19, "vivid"), (21, "vivid"), (3, "missing")],
)
def test_a_group_is_the_band_that_the_score_reaches(value: float, label: str) -> None:
    assert allocation.groups_of(example_study(), {SCORE: value}) == {"imagery": label}
    assert allocation.stratum(example_study(), {SCORE: value}, {}) == (("imagery", label),)


@pytest.mark.parametrize("measures", [{}, {SCORE: None}, {ScoreRef("post", "scenes_4", "total"): 12.0}])
def test_a_person_without_the_score_is_in_stratum_missing(measures: dict[ScoreRef, float | None]) -> None:
    assert allocation.groups_of(example_study(), measures) == {"imagery": "missing"}
    assert allocation.stratum_label(allocation.stratum(example_study(), measures, {})) == "imagery=missing"


def test_strata_come_in_the_order_of_by_with_answers_as_words() -> None:
    declared = stratified("heard", "imagery", "age", "glasses")

    got = allocation.stratum(declared, {SCORE: 4}, {"age": 31, "heard": "web", "glasses": True, "other": "x"})

    assert got == (("heard", "web"), ("imagery", "none"), ("age", "31"), ("glasses", "yes"))
    assert allocation.stratum_label(got) == "heard=web|imagery=none|age=31|glasses=yes"


@pytest.mark.parametrize(
    ("answers", "label"), [({"glasses": False}, "no"), ({"glasses": None}, "missing"), ({}, "missing")]
)
def test_an_answer_that_is_no_differs_from_one_that_is_not_there(answers: dict[str, bool | None], label: str) -> None:
    assert allocation.stratum(stratified("glasses"), {}, answers) == (("glasses", label),)


def test_without_by_everybody_is_in_one_stratum() -> None:
    assert allocation.stratum(stratified(), {SCORE: 4}, {"heard": "web"}) == ()
    assert allocation.stratum_label(()) == ""


labels = st.lists(st.text(st.sampled_from("ab|=%#2é5CD3"), max_size=120), min_size=2, max_size=3)


@settings(deadline=None)
@given(labels, labels)
def test_different_strata_never_share_a_label_and_none_is_too_long_to_store(one: list[str], other: list[str]) -> None:
    first, second = (tuple(zip("xyz", each, strict=False)) for each in (one, other))

    texts = [allocation.stratum_label(each) for each in (first, second)]

    assert (texts[0] == texts[1]) == (first == second)
    assert max(map(len, texts)) <= allocation.LABEL_LENGTH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((("x", "a|y=b"),), (("x", "a"), ("y", "b"))),
        ((("x", "%7C"),), (("x", "|"),)),
        ((("x", "a" * 300 + "b"),), (("x", "a" * 300 + "c"),)),
    ],
)
def test_look_alikes_are_told_apart(one: allocation.Stratum, other: allocation.Stratum) -> None:
    assert allocation.stratum_label(one) != allocation.stratum_label(other)


# --- blocks and draws ------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.integers(0, 2**32), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.lists(st.integers(1, 4), min_size=1)
)
def test_every_block_holds_each_arm_in_its_exact_ratio(seed: int, ratios: list[int], multiples: list[int]) -> None:
    arms = [arm(f"arm{place}", ratio=ratio) for place, ratio in enumerate(ratios)]
    sizes = tuple(multiple * sum(ratios) for multiple in multiples)

    got = allocation.block(Allocation("blocks", sizes), arms, random.Random(seed))

    assert len(got) in sizes
    counts = Counter(got)
    assert [counts[each.name] * sum(ratios) for each in arms] == [each.ratio * len(got) for each in arms]


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_list_of_blocks_is_never_off_balance_by_more_than_half_a_block(seed: int, people: int) -> None:
    rng, arms = random.Random(seed), [arm("a"), arm("b")]
    given_out: list[str] = []
    while len(given_out) < people:
        given_out += allocation.block(Allocation("blocks", (2, 4, 6)), arms, rng)

    counts = Counter(given_out[:people])

    assert abs(counts["a"] - counts["b"]) <= 3


def test_all_orders_and_all_sizes_of_a_block_come_up_about_equally_often() -> None:
    rng, arms = random.Random(1), [arm("a"), arm("b")]
    drawn = Counter(allocation.block(Allocation("blocks", (2, 4)), arms, rng) for _ in range(6_000))

    of_two, of_four = ([n for order, n in drawn.items() if len(order) == size] for size in (2, 4))

    assert len(of_two) == 2
    assert len(of_four) == 6
    assert all(abs(n - 1_500) < 200 for n in of_two)  # more than 5 standard deviations
    assert all(abs(n - 500) < 120 for n in of_four)


@pytest.mark.parametrize("blocks", [(), (4, 5), (0,), (-2,), (3,)])
def test_a_block_that_can_not_hold_the_ratio_is_refused(blocks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected sizes that are multiples of 2"):
        allocation.block(Allocation("blocks", blocks), [arm("a"), arm("b")], random.Random(1))


def test_simple_draws_follow_the_ratio_and_nothing_else() -> None:
    rng, arms = random.Random(2), [arm("a", ratio=1), arm("b", ratio=3)]
    drawn = [allocation.draw(arms, rng) for _ in range(8_000)]

    assert abs(drawn.count("a") - 2_000) < 200
    after_a = [later for earlier, later in zip(drawn, drawn[1:], strict=False) if earlier == "a"]
    assert abs(after_a.count("a") / len(after_a) - 0.25) < 0.05


def test_the_same_seed_gives_the_same_allocation() -> None:
    arms, declared = [arm("a"), arm("b")], Allocation("blocks", (4, 6))

    def once() -> list[object]:
        rng = random.Random(7)
        return [allocation.block(declared, arms, rng), allocation.draw(arms, rng)]

    assert once() == once()


# --- the design ------------------------------------------------------------------------------------------------------


def _other_bands(spans: dict[str, tuple[float, float]]) -> Callable[[Study], Study]:
    return lambda declared: replace(declared, groups=(Group("imagery", SCORE, bands(spans)),))


@pytest.mark.parametrize(
    "change",
    [
        lambda declared: replace(declared, title=Text("Another title")),
        lambda declared: replace(declared, after=(step("later"),), before=(*declared.before, step("second"))),
        lambda declared: replace(declared, arms=tuple(replace(each, steps=()) for each in declared.arms)),
        lambda declared: replace(declared, arms=declared.arms[::-1]),
        lambda declared: replace(declared, eligibility=declared.eligibility[:1]),
        lambda declared: replace(declared, groups=(*declared.groups, Group("unused", SCORE, ()))),
        lambda declared: replace(declared, allocation=Allocation("blocks", (4, 2), ("imagery",))),
        _other_bands({"none": (4.0, 4.9), "dim": (5, 8), "typical": (9, 18), "vivid": (19, 20)}),
        _other_bands({"vivid": (19, 20), "typical": (9, 18), "dim": (5, 8), "none": (4, 4)}),
    ],
)
def test_a_version_that_changes_nothing_of_the_design_goes_on_with_the_same_lists(
    change: Callable[[Study], Study],
) -> None:
    declared = example_study()

    assert change(declared) != declared
    assert allocation.design_digest(change(declared)) == allocation.design_digest(declared)


@pytest.mark.parametrize(
    "change",
    [
        lambda declared: replace(declared, allocation=Allocation("simple", (2, 4), ("imagery",))),
        lambda declared: replace(declared, allocation=Allocation("blocks", (2,), ("imagery",))),
        lambda declared: replace(declared, allocation=Allocation("blocks", (2, 4), ())),
        lambda declared: replace(declared, allocation=Allocation("blocks", (2, 4), ("imagery", "heard"))),
        lambda declared: replace(declared, allocation=Allocation("blocks", (2, 4), ("heard", "imagery"))),
        lambda declared: replace(declared, arms=(arm("sessions"), arm("questions", ratio=2))),
        lambda declared: replace(declared, arms=(arm("sessions"), arm("waiting"))),
        lambda declared: replace(declared, arms=(*declared.arms, arm("third"))),
        lambda declared: replace(
            declared, groups=(replace(declared.groups[0], score=ScoreRef("baseline", "scenes_4", "mean")),)
        ),
        _other_bands({"none": (4, 4), "dim": (5, 8), "typical": (8.5, 18), "vivid": (19, 20)}),
        _other_bands({"absent": (4, 4), "dim": (5, 8), "typical": (9, 18), "vivid": (19, 20)}),
    ],
)
def test_a_version_that_changes_the_design_starts_lists_of_its_own(change: Callable[[Study], Study]) -> None:
    declared = example_study()

    assert allocation.design_digest(change(declared)) != allocation.design_digest(declared)


def test_the_kind_of_a_question_that_stratifies_is_part_of_the_design() -> None:
    digests = {
        allocation.design_digest(stratified("q", eligibility=(EligibilityQuestion("q", Text("?"), kind),)))
        for kind in ("integer", "choice", "boolean")
    }

    assert len(digests) == 3


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert (
        allocation.design_digest(example_study()) == "c53ac54cb78fa47594782c746568f924d20f092dd88fa79392318246b1025b6c"
    )


def test_a_cohort_has_no_design() -> None:
    cohort = study(before=[step("baseline")])

    with pytest.raises(ValueError, match="nobody is allocated"):
        allocation.design_digest(cohort)
    with pytest.raises(ValueError, match="nobody is allocated"):
        allocation.stratum(cohort, {}, {})
