"""How a questionnaire is scored, by worked examples.

A manual in the order in which a score is made: what an answer counts, what a missing one does, what a value is called.
Each example can be redone with pencil and paper.
"""

from __future__ import annotations

from assessments.scoring import Scored, score
from protocol.bands import Band
from protocol.instrument import Instrument, Item, Scale, Score, Section
from protocol.text import Text

# A vividness questionnaire of sixteen items in four scenes of four, answered from 1 (no image) to 5 (as clear as
# seeing). Its missing-item rule is a convention, since no published manual states one: a person's own mean stands in
# where at least 80 % of the items are answered; that is at most 3 of 16 missing, and none of the 4 of a scene.
VIVIDNESS = Scale(1, 5, 1, "higher_is_more")
SCENES = {scene: tuple(f"{scene}_{n}" for n in (1, 2, 3, 4)) for scene in ("person", "sunrise", "shop", "lake")}
ALL = tuple(id for ids in SCENES.values() for id in ids)
SIXTEEN = Instrument(
    id="sixteen",
    title=Text("Sixteen pictures"),
    source="made up for these examples",
    licence="CC0-1.0",
    scale=VIVIDNESS,
    sections=tuple(Section(scene, tuple(Item(id, Text(id), VIVIDNESS) for id in ids)) for scene, ids in SCENES.items()),
    scores=(
        Score("total", ALL, "sum", allow=0.2, missing="prorate"),
        Score("answered", ALL, "sum", allow=0.2, missing="none"),
        Score("sunrise", SCENES["sunrise"], "mean", allow=0.2, missing="prorate"),
    ),
    bands={"total": (Band("floor", 16, 16), Band("low", 17, 32), Band("typical", 33, 74), Band("high", 75, 80))},
)


def answers(*values: float | None) -> dict[str, float | None]:
    """Answers to the sixteen items from the first on; None is an item without an answer."""
    return dict(zip(ALL, values, strict=False))


def scores_of(*values: float | None) -> dict[str, Scored]:
    return {scored.name: scored for scored in score(SIXTEEN, answers(*values))}


# --- 1. Everything answered ------------------------------------------------------------------------------------------


def test_a_sum_adds_the_answers_and_a_mean_divides_by_their_number() -> None:
    #                person      sunrise     shop        lake
    given = scores_of(1, 2, 3, 4, 5, 4, 4, 5, 2, 2, 2, 2, 3, 3, 3, 3)

    assert given["total"] == Scored("total", 48.0, items_answered=16, items_missing=0, prorated=False, band="typical")
    assert given["sunrise"] == Scored("sunrise", 4.5, items_answered=4, items_missing=0, prorated=False, band=None)


def test_no_image_at_all_is_a_score_like_any_other() -> None:
    assert scores_of(*[1] * 16)["total"] == Scored("total", 16.0, 16, 0, False, "floor")


# --- 2. Missing items ------------------------------------------------------------------------------------------------


def test_two_of_sixteen_missing_are_filled_with_the_persons_own_mean() -> None:
    """Seven twos and seven threes make 35 on fourteen items, 2.5 an item; on sixteen that is 40."""
    given = scores_of(*[2] * 7, *[3] * 7, None, None)

    assert given["total"] == Scored("total", 40.0, items_answered=14, items_missing=2, prorated=True, band="typical")


def test_the_same_answers_without_prorating_stay_what_was_answered() -> None:
    given = scores_of(*[2] * 7, *[3] * 7, None, None)

    assert given["answered"] == Scored("answered", 35.0, items_answered=14, items_missing=2, prorated=False, band=None)


def test_three_of_sixteen_may_be_missing_and_four_may_not() -> None:
    """A fifth of sixteen items is 3.2, rounded down to three."""
    assert scores_of(*[3] * 13)["total"] == Scored("total", 48.0, 13, 3, True, "typical")
    assert scores_of(*[3] * 12)["total"] == Scored("total", None, 12, 4, False, None)


def test_one_of_four_is_already_too_many_for_a_scene() -> None:
    """A fifth of four items is 0.8, rounded down to none; the total can do without the item, the scene can't."""
    given = scores_of(3, 3, 3, 3, 4, 4, 4, None, *[3] * 8)

    assert given["sunrise"] == Scored("sunrise", None, 3, 1, False, None)
    assert given["total"].value == 48 * 16 / 15


def test_a_missing_answer_never_counts_as_the_lowest() -> None:
    """Zero-filling would make 35, and filling with *no image* 37."""
    assert scores_of(*[2] * 7, *[3] * 7, None, None)["total"].value == 40.0


def test_a_questionnaire_without_a_single_answer_has_no_score() -> None:
    assert [scored.value for scored in score(SIXTEEN, {})] == [None, None, None]


def test_the_convention_for_other_lengths() -> None:
    """One of five items may be missing, none of three, three of fifteen."""

    def value_of(items: int, missing: int) -> float | None:
        ids = tuple(f"q{n}" for n in range(items))
        section = Section("all_items", tuple(Item(id, Text(id), VIVIDNESS) for id in ids))
        declared = Score("m", ids, "mean", allow=0.2, missing="prorate")
        instrument = Instrument("m", Text("M"), "made up", "CC0-1.0", VIVIDNESS, (section,), (declared,))
        return score(instrument, dict.fromkeys(ids[missing:], 4))[0].value

    assert (value_of(5, missing=1), value_of(5, missing=2)) == (4.0, None)
    assert (value_of(3, missing=0), value_of(3, missing=1)) == (4.0, None)
    assert (value_of(15, missing=3), value_of(15, missing=4)) == (4.0, None)


# --- 3. Items that are asked the other way round ---------------------------------------------------------------------


def test_a_reversed_item_counts_from_the_other_end() -> None:
    """On a scale from 1 to 5 a chosen 2 counts 6 - 2 = 4. The stored answer stays 2."""
    items = (Item("vivid", Text("vivid"), VIVIDNESS), Item("faint", Text("faint"), VIVIDNESS, reverse=True))
    declared = Score("total", ("vivid", "faint"), "sum")
    instrument = Instrument(
        "two", Text("Two"), "made up", "CC0-1.0", VIVIDNESS, (Section("s", items),), scores=(declared,)
    )

    assert score(instrument, {"vivid": 4, "faint": 2})[0].value == 4 + 4


def test_a_whole_questionnaire_the_other_way_round_mirrors_its_total() -> None:
    """Sixteen items from 1 to 5: a total of 30 on the 1973 scale, where high is less vivid, is 96 - 30 = 66."""
    items = tuple(Item(id, Text(id), VIVIDNESS, reverse=True) for id in ALL)
    mirrored = Instrument(
        "m", Text("M"), "made up", "CC0-1.0", VIVIDNESS, (Section("s", items),), (Score("total", ALL, "sum"),)
    )
    given = answers(*[2] * 14, 1, 1)

    assert scores_of(*given.values())["total"].value == 30.0
    assert score(mirrored, given)[0].value == 96.0 - 30.0


# --- 4. What a value is called ---------------------------------------------------------------------------------------


def test_a_value_is_in_the_last_band_whose_low_end_it_reaches() -> None:
    assert scores_of(*[1] * 16)["total"].band == "floor"  # 16
    assert scores_of(*[1] * 15, 2)["total"].band == "low"  # 17
    assert scores_of(*[2] * 16)["total"].band == "low"  # 32
    assert scores_of(*[2] * 15, 3)["total"].band == "typical"  # 33
    assert scores_of(*[5] * 11, *[4] * 5)["total"].band == "high"  # 75


def test_a_prorated_value_between_two_bands_belongs_to_the_lower() -> None:
    """Ten fives and five fours are 70 on fifteen items and 74.67 on sixteen: past 74, and short of 75."""
    given = scores_of(*[5] * 10, *[4] * 5)

    assert given["total"] == Scored("total", 70 * 16 / 15, 15, 1, True, "typical")
