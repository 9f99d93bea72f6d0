"""Scores: reversing, missing items, prorating, bands, and the arithmetic under them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import Scored, exact, may_be_missing, reverse_scored, score
from protocol.bands import Band
from protocol.instrument import Instrument, Item, Scale, Score, Section
from protocol.text import Text

ONE_TO_FIVE = Scale(1, 5, 1, "higher_is_more")


def questionnaire(
    *scores: Score, items: int = 5, reverse: tuple[str, ...] = (), bands: Mapping[str, tuple[Band, ...]] | None = None
) -> Instrument:
    """Items q1, q2, ... on a scale from 1 to 5."""
    ids = [f"q{n}" for n in range(1, items + 1)]
    section = Section("all_items", tuple(Item(id, Text(id), ONE_TO_FIVE, reverse=id in reverse) for id in ids))
    return Instrument("made_up", Text("Made up"), "none", "CC0-1.0", ONE_TO_FIVE, (section,), scores, bands=bands or {})


def total(items: int = 5, **keys: object) -> Score:
    return Score("total", tuple(f"q{n}" for n in range(1, items + 1)), "sum", **keys)  # type: ignore[arg-type]


def answers(*values: float | None) -> dict[str, float | None]:
    return {f"q{n}": value for n, value in enumerate(values, 1)}


def only(instrument: Instrument, values: Mapping[str, float | None]) -> Scored:
    (scored,) = score(instrument, values)
    return scored


# --- reversing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "chosen", "mirrored"), [((1, 5), 2, 4), ((0, 10), 0, 10), ((-3, 3), -1, 1)])
def test_reversing_mirrors_a_value_on_its_scale(scale: tuple[float, float], chosen: float, mirrored: float) -> None:
    assert reverse_scored(chosen, Scale(*scale, 1, "higher_is_more")) == mirrored


def test_reversing_a_tenth_leaves_no_noise() -> None:
    assert 0 + 1 - 0.9 != 0.1, "what binary arithmetic would give"
    assert reverse_scored(0.9, Scale(0, 1, 0.1, "higher_is_more")) == 0.1


def test_only_reversed_items_are_reversed() -> None:
    scored = only(questionnaire(total(3), items=3, reverse=("q2",)), answers(1, 1, 1))

    assert scored.value == 1 + 5 + 1


def test_an_item_is_reversed_on_its_own_scale() -> None:
    wide = Item("w", Text("w"), Scale(0, 10, 1, "higher_is_more"), reverse=True)
    narrow = Item("n", Text("n"), ONE_TO_FIVE, reverse=True)
    instrument = Instrument(
        "mixed",
        Text("Mixed"),
        "none",
        "CC0-1.0",
        ONE_TO_FIVE,
        (Section("s", (wide, narrow)),),
        (Score("total", ("w", "n"), "sum"),),
    )

    assert only(instrument, {"w": 3, "n": 2}).value == (10 - 3) + (6 - 2)


def test_a_declared_direction_reverses_nothing() -> None:
    down = Scale(1, 5, 1, "higher_is_less")
    instrument = Instrument(
        "down",
        Text("Down"),
        "none",
        "CC0-1.0",
        down,
        (Section("s", (Item("q1", Text("q1"), down),)),),
        (Score("total", ("q1",), "sum"),),
    )

    assert only(instrument, {"q1": 5}).value == 5


@given(st.integers(-50, 50), st.integers(1, 100), st.integers(0, 100))
def test_reversing_twice_gives_the_value_back(low: int, tenths: int, place: int) -> None:
    scale = Scale(low, float(exact(low) + exact(tenths) / 10), 0.1, "higher_is_more")
    chosen = float(exact(low) + exact(min(place, tenths)) / 10)

    assert reverse_scored(reverse_scored(chosen, scale), scale) == chosen
    assert scale.min <= reverse_scored(chosen, scale) <= scale.max


@given(st.lists(st.integers(1, 5), min_size=5, max_size=5))
def test_reversing_every_item_mirrors_the_total(values: list[int]) -> None:
    plain = only(questionnaire(total()), answers(*values)).value
    mirrored = only(questionnaire(total(), reverse=("q1", "q2", "q3", "q4", "q5")), answers(*values)).value

    assert plain is not None
    assert mirrored == 5 * (1 + 5) - plain


# --- how many may be missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "items", "most"),
    [
        (0, 16, 0),
        (3, 16, 3),
        (0.2, 16, 3),  # 3.2
        (0.2, 15, 3),
        (0.2, 4, 0),  # 0.8
        (0.25, 4, 1),
        (0.29, 100, 29),  # 0.29 * 100 is 28.999999999999996 in floats
        (1, 16, 1),  # a count
        (1.0, 16, 16),  # a share
    ],
)
def test_allow_counts_items_or_is_a_share_rounded_down(allow: float, items: int, most: int) -> None:
    assert may_be_missing(total(items, allow=allow)) == most


@pytest.mark.parametrize("how", ["sum", "mean"])
@pytest.mark.parametrize("missing", ["prorate", "none"])
def test_one_missing_item_more_than_allowed_is_null(how: str, missing: str) -> None:
    declared = Score("total", ("q1", "q2", "q3", "q4", "q5"), how, 2, missing)  # type: ignore[arg-type]
    at_the_limit, past_it = answers(3, 3, 3, None, None), answers(3, 3, None, None, None)

    assert only(questionnaire(declared), at_the_limit).value is not None
    assert only(questionnaire(declared), past_it) == Scored("total", None, 2, 3, False, None)


def test_without_missing_none_may_be_missing() -> None:
    assert only(questionnaire(total()), answers(3, 3, 3, 3, None)).value is None


@pytest.mark.parametrize("allow", [5, 99, 1.0])
@pytest.mark.parametrize("missing", ["prorate", "none"])
def test_nothing_answered_is_null_whatever_allow(allow: float, missing: str) -> None:
    scored = only(questionnaire(total(allow=allow, missing=missing)), {})

    assert scored == Scored("total", None, 0, 5, False, None)


def test_an_absent_item_and_a_null_are_the_same() -> None:
    instrument = questionnaire(total(allow=1, missing="prorate"))

    assert score(instrument, answers(1, 2, 3, 4)) == score(instrument, answers(1, 2, 3, 4, None))


def test_a_zero_is_an_answer() -> None:
    zero = Scale(0, 10, 1, "higher_is_more")
    instrument = Instrument(
        "zero",
        Text("Zero"),
        "none",
        "CC0-1.0",
        zero,
        (Section("s", (Item("q1", Text("q1"), zero), Item("q2", Text("q2"), zero))),),
        (Score("total", ("q1", "q2"), "mean"),),
    )

    assert only(instrument, {"q1": 0, "q2": 0}) == Scored("total", 0.0, 2, 0, False, None)


def test_missing_items_are_counted_within_the_score() -> None:
    first_two = Score("first_two", ("q1", "q2"), "sum")

    both = score(questionnaire(first_two, total()), answers(4, 5, None, None, 1))

    assert both == (Scored("first_two", 9.0, 2, 0, False, None), Scored("total", None, 3, 2, False, None))


def test_an_item_named_by_itself_and_by_its_section_counts_once() -> None:
    assert only(questionnaire(Score("s", ("q1", "q2", "q1"), "sum")), answers(2, 3)) == Scored(
        "s", 5, 2, 0, False, None
    )


# --- what a value with missing items is ------------------------------------------------------------------------------


def test_prorating_scales_a_sum_to_all_items() -> None:
    scored = only(questionnaire(total(allow=1, missing="prorate")), answers(1, 2, 3, 4, None))

    assert scored == Scored("total", 12.5, 4, 1, True, None)


def test_none_sums_the_answered_unscaled() -> None:
    scored = only(questionnaire(total(allow=1, missing="none")), answers(1, 2, 3, 4, None))

    assert scored == Scored("total", 10.0, 4, 1, False, None)


@pytest.mark.parametrize(("missing", "prorated"), [("prorate", True), ("none", False)])
def test_a_mean_is_of_the_answered_either_way(missing: str, prorated: bool) -> None:
    declared = Score("total", ("q1", "q2", "q3", "q4", "q5"), "mean", 1, missing)  # type: ignore[arg-type]

    scored = only(questionnaire(declared), answers(1, 2, 3, 4, None))

    assert scored == Scored("total", 2.5, 4, 1, prorated, None)


def test_a_complete_score_is_not_called_prorated() -> None:
    assert not only(questionnaire(total(allow=1, missing="prorate")), answers(1, 2, 3, 4, 5)).prorated


def test_reversing_comes_before_prorating() -> None:
    instrument = questionnaire(total(allow=1, missing="prorate"), reverse=("q1", "q2"))

    assert only(instrument, answers(1, 1, 3, 3, None)).value == (5 + 5 + 3 + 3) * 5 / 4


def test_values_are_not_rounded() -> None:
    instrument = questionnaire(total(3, allow=1, missing="prorate"), Score("mean", ("q1", "q2", "q3"), "mean"), items=3)

    assert [scored.value for scored in score(instrument, answers(1, 2, 2))] == [5.0, 5 / 3]


def test_prorating_lands_on_the_whole_number_that_it_means() -> None:
    assert 55 * (12 / 11) < 60, "what binary arithmetic would give"
    instrument = questionnaire(
        total(12, allow=1, missing="prorate"), items=12, bands={"total": (Band("part", 12, 59), Band("full", 60, 60))}
    )

    scored = only(instrument, answers(*[5] * 11))

    assert (scored.value, scored.band) == (60.0, "full")


def test_tenths_add_up() -> None:
    assert 0.1 + 0.2 != 0.3, "what binary arithmetic would give"

    assert only(questionnaire(total(2), items=2), answers(0.1, 0.2)).value == 0.3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_answer_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=str(value)):
        score(questionnaire(total(1), items=1), answers(value))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.sampled_from([0, 3, 0.2]))
def test_with_complete_answers_prorating_changes_nothing(values: list[int], allow: float) -> None:
    declared = total(len(values), allow=allow, missing="prorate")

    assert only(questionnaire(declared, items=len(values)), answers(*values)).value == sum(values)


@given(st.integers(1, 5), st.integers(2, 40), st.data())
def test_prorating_equal_answers_gives_that_answer_for_every_item(answer: int, items: int, data: st.DataObject) -> None:
    answered = data.draw(st.integers(1, items))
    declared = total(items, allow=items, missing="prorate")

    assert only(questionnaire(declared, items=items), answers(*[answer] * answered)).value == answer * items


@given(st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=1, max_size=40))
def test_a_prorated_sum_is_the_mean_of_the_answered_times_the_items(values: list[int | None]) -> None:
    n = len(values)
    everything = tuple(f"q{k}" for k in range(1, n + 1))
    instrument = questionnaire(
        total(n, allow=n, missing="prorate"), Score("mean", everything, "mean", n, "prorate"), items=n
    )

    scaled, mean = score(instrument, answers(*values))

    assert scaled.items_answered + scaled.items_missing == n
    assert scaled.prorated == (0 < scaled.items_answered < n)
    if scaled.value is None or mean.value is None:
        assert scaled.items_answered == 0
    else:
        assert n * 1 <= scaled.value <= n * 5
        assert scaled.value == pytest.approx(mean.value * n)


@given(st.permutations([1, 2, 3, 4, 5, 0.1, 0.2, 0.7, 3.3]))
def test_the_order_of_answers_does_not_matter(values: list[float]) -> None:
    assert only(questionnaire(total(9), items=9), answers(*values)).value == 19.3


# --- bands -----------------------------------------------------------------------------------------------------------

BANDS = {"total": (Band("low", 10, 14), Band("high", 15, 25))}


@pytest.mark.parametrize(
    ("values", "band"),
    [
        ((1, 1, 1, 1, 5), None),  # 9 is below all
        ((2, 2, 2, 2, 2), "low"),
        ((2, 3, 3, 3, 3), "low"),
        ((3, 3, 3, 3, 3), "high"),
        ((5, 5, 5, 5, 5), "high"),
    ],
)
def test_a_value_is_in_the_last_band_that_it_reaches(values: tuple[int, ...], band: str | None) -> None:
    assert only(questionnaire(total(), bands=BANDS), answers(*values)).band == band


def test_a_prorated_value_between_two_bands_stays_in_the_lower() -> None:
    instrument = questionnaire(total(6, allow=1, missing="prorate"), items=6, bands=BANDS)

    scored = only(instrument, answers(2, 2, 3, 3, 2))

    assert (scored.value, scored.band) == (14.4, "low")


def test_a_null_has_no_band() -> None:
    assert only(questionnaire(total(), bands=BANDS), {}).band is None


def test_bands_of_another_score_do_not_count() -> None:
    assert only(questionnaire(total(), bands={"other": BANDS["total"]}), answers(3, 3, 3, 3, 3)).band is None


# --- what the caller may hand in -------------------------------------------------------------------------------------


def test_scores_come_in_the_declared_order() -> None:
    instrument = questionnaire(Score("z", ("q1",), "sum"), total(), Score("a", ("q2",), "sum"))

    assert [scored.name for scored in score(instrument, {})] == ["z", "total", "a"]


def test_ids_that_the_instrument_does_not_have_are_ignored() -> None:
    instrument = questionnaire(total(1), items=1)

    assert score(instrument, {"q1": 2, "elsewhere": 5}) == score(instrument, {"q1": 2})


# --- published answers -----------------------------------------------------------------------------------------------
# The open VVIQ answers of Kvamme (2025) and Mas (2025) don't come with the project. Where they lie beside the checkout
# they are scored too; a small sheet of the same form is scored always.

SMALL_SHEET = (
    "study,id,lang,age,"
    + ",".join(f"vviq_q{n}" for n in range(1, 17))
    + """
kvamme,k-1,en,30,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1
kvamme,k-2,en,31,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,4
mas,m-1,fr,40,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2
mas,m-2,fr,41,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3
"""
)
OPEN_ANSWERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "vviq_open.csv"

SHEETS = [
    pytest.param(
        SMALL_SHEET,
        {"kvamme": 47.5, "mas": 40.0, "both": 43.75},
        {"floor": 1, "low": 1, "typical": 1, "high": 1},
        id="small sheet",
    )
]
if OPEN_ANSWERS.is_file():
    SHEETS.append(
        pytest.param(
            OPEN_ANSWERS.read_text(encoding="utf-8"),
            {"kvamme": 48.9340, "mas": 58.6667, "both": 50.1862},
            {"floor": 54, "low": 155 - 54, "typical": 956 - 155 - 37, "high": 37},
            id="open answers",
        )
    )


@pytest.mark.parametrize(("sheet", "means", "in_band"), SHEETS)
def test_totals_of_published_answers_have_the_published_means(
    sheet: str, means: dict[str, float], in_band: dict[str, int]
) -> None:
    cuts = (Band("floor", 16, 16), Band("low", 17, 32), Band("typical", 33, 74), Band("high", 75, 80))
    instrument = questionnaire(total(16), items=16, bands={"total": cuts})

    totals: dict[str, list[float]] = {"both": []}
    bands: list[str | None] = []
    for row in csv.DictReader(io.StringIO(sheet)):
        scored = only(instrument, {f"q{n}": float(row[f"vviq_q{n}"]) for n in range(1, 17)})
        assert scored.value is not None
        totals["both"].append(scored.value)
        totals.setdefault(row["study"], []).append(scored.value)
        bands.append(scored.band)

    assert {name: round(fmean(values), 4) for name, values in totals.items()} == means
    assert {name: bands.count(name) for name in in_band} == in_band
