from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.polar import Floats, rotated
from representations.result import Result
from representations.rotation import TurnedAngle, TurnedDrawing, drawn_rotation, set_rotation
from tests.representations.figures import blobs, petals

pytestmark = pytest.mark.once

STIMULI = {"key": blobs(96, seed=1), "lamp": blobs(96, seed=4)}
TURNS = range(0, 360, 45)


def drawn(
    tilt: Callable[[], float], people: Sequence[str] = ("ann",), groups: str = "", turns: Sequence[float] = TURNS
) -> list[TurnedDrawing]:
    return [
        TurnedDrawing(person, item, asked, rotated(STIMULI[item], asked + tilt()).clip(0, 1), groups)
        for person in people
        for item in STIMULI
        for asked in turns
    ]


def angles(tilt: Callable[[], float], people: Sequence[str] = ("ann",), group: str = "") -> list[TurnedAngle]:
    return [
        TurnedAngle(person, item, asked, asked + tilt(), group)
        for person in people
        for item in ("key", "lamp", "cup")
        for asked in TURNS
    ]


def people(result: Result) -> list[dict[str, float]]:
    return result.table("people").rows()


def test_a_constant_tilt_is_systematic_alone() -> None:
    (ann,) = people(set_rotation(angles(lambda: 11.0), seed=1))
    assert ann["total"] == pytest.approx(2 - 2 * np.cos(np.radians(11)), rel=1e-12)
    assert ann["dependent"] < 1e-12
    assert ann["systematic"] == pytest.approx(ann["total"], rel=1e-10)
    assert ann["tilt"] == pytest.approx(11)
    result = drawn_rotation(drawn(lambda: 11.0), STIMULI, seed=1)
    (ann,) = people(result)
    assert ann["systematic"] > 0.05
    assert ann["dependent"] < 1e-4
    assert ann["dependent_share"] < 1e-3
    assert ann["tilt"] == pytest.approx(11, abs=0.1)


def test_a_tilt_that_differs_from_turn_to_turn_depends_on_the_turn() -> None:
    generator = np.random.default_rng(0)
    result = set_rotation(angles(lambda: generator.normal(0, 11), [f"p{n}" for n in range(30)]), seed=1)
    rows = {row["measure"]: row["value"] for row in result.table("groups").rows()}
    variance = 2 * (1 - np.exp(-(np.radians(11) ** 2) / 2))
    assert rows["total"] == pytest.approx(variance, rel=0.15)
    # Of n independent errors the mean keeps one part in n.
    assert rows["systematic"] / rows["total"] == pytest.approx(1 / 8, abs=0.05)
    result = drawn_rotation(drawn(lambda: generator.normal(0, 11)), STIMULI, seed=1)
    assert people(result)[0]["dependent_share"] > 0.5


def test_both_parts_add_up_everywhere() -> None:
    generator = np.random.default_rng(0)
    drawings = drawn(lambda: generator.normal(5, 20), ["ann", "ben", "cem"], turns=[0, 0, 40, 200, 300])
    result = drawn_rotation(drawings, STIMULI, seed=1, shuffles=5)
    for name in ("people", "pairs"):
        for row in result.table(name).rows():
            assert row["total"] == pytest.approx(row["systematic"] + row["dependent"], abs=1e-10)
    values = {row["measure"]: row["value"] for row in result.table("groups").rows()}
    assert values["total"] == pytest.approx(values["systematic"] + values["dependent"], abs=1e-10)
    errors = [row["error"] for row in result.table("responses").rows()]
    assert np.mean(errors) == pytest.approx(values["total"], abs=1e-10)


def test_the_null_is_a_response_that_pays_no_heed_to_the_turn() -> None:
    heedless = [TurnedAngle("ann", "key", asked, 30.0) for asked in TURNS]
    heedful = angles(lambda: 0.0)
    ignored, done = set_rotation(heedless, seed=1), set_rotation(heedful, seed=1)
    assert people(ignored)[0]["dependent"] == pytest.approx(1.0)
    assert people(ignored)[0]["null"] == pytest.approx(1.0)
    assert people(ignored)[0]["p"] == 1
    # Shuffled among n turns, a mean of n unit vectors keeps about one part in n of their power.
    assert done.null.value == pytest.approx(1 - 1 / 7 + 1 / 8 / 7, abs=0.05)
    assert done.null.low < done.null.value < done.null.high
    assert people(done)[0]["p"] == pytest.approx(1 / 201)
    random = np.random.default_rng(0)
    chance = set_rotation(angles(lambda: random.uniform(0, 360), [f"p{n}" for n in range(20)]), seed=1)
    assert np.mean([row["p"] < 0.05 for row in people(chance)]) < 0.2


def test_the_shuffled_null_is_that_of_shuffling_one_by_one() -> None:
    generator = np.random.default_rng(3)
    settings = [TurnedAngle("ann", "key", asked, asked + generator.normal(0, 40)) for asked in TURNS]
    asked, given = (np.radians([getattr(one, name) for one in settings]) for name in ("asked", "given"))
    by_hand = [1 - np.abs(np.exp(1j * (given - generator.permutation(asked))).mean()) ** 2 for _ in range(4000)]
    found = set_rotation(settings, seed=1, shuffles=4000).null
    assert found.value == pytest.approx(np.mean(by_hand), abs=0.01)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(by_hand, [0.025, 0.975])), abs=0.05)


def test_repeated_turns_tell_scatter_apart() -> None:
    generator = np.random.default_rng(0)
    settings = [TurnedAngle("ann", "key", asked, asked + generator.normal(0, 20)) for asked in [*TURNS] * 40]
    result = set_rotation(settings, seed=1, shuffles=5)
    (pair,) = result.table("pairs").rows()
    assert pair["scatter"] == pytest.approx(pair["dependent"], rel=0.1)
    assert any("scatter" in warning for warning in result.warnings)
    turned_by_strategy = [TurnedAngle("ann", "key", a, a + (60 if a > 90 else 0)) for a in [*TURNS] * 2]
    assert set_rotation(turned_by_strategy, seed=1).table("pairs").rows()[0]["scatter"] == pytest.approx(0, abs=1e-12)
    once = set_rotation(settings[:8], seed=1)
    assert once.table("pairs").rows()[0]["scatter"] is None
    assert any("No turn was repeated" in warning for warning in once.warnings)


def test_groups_that_differ_in_turning_are_told_apart_and_an_error_that_grows_is_seen() -> None:
    generator = np.random.default_rng(0)
    steady = angles(lambda: generator.normal(0, 10), [f"a{n}" for n in range(15)], "steady")
    growing = [
        TurnedAngle(
            f"b{n}", item, asked, asked + generator.normal(0, 5 + abs((asked + 180) % 360 - 180) / 4), "growing"
        )
        for n in range(15)
        for item in ("key", "lamp", "cup")
        for asked in TURNS
    ]
    result = set_rotation([*steady, *growing], seed=1)
    gap = next(row for row in result.table("gaps").rows() if row["measure"] == "dependent")
    assert (gap["group"], gap["other"]) == ("growing", "steady")
    assert gap["low"] > 0
    trend = {row["group"]: row for row in result.table("trend").rows()}
    assert trend["growing"]["p"] < 0.01
    assert trend["growing"]["slope"] > 0.1
    assert abs(trend["steady"]["slope"]) < 0.03
    assert 0 < result.ceiling.value <= 1
    assert len(result.drawings()) == 2


def test_the_floor_is_interpolation_and_the_same_seed_gives_the_same_result() -> None:
    generator = np.random.default_rng(0)
    drawings = drawn(lambda: generator.normal(0, 10), ["ann", "ben"])
    told = []
    one = drawn_rotation(drawings, STIMULI, seed=4, progress=lambda done, of: told.append((done, of)))
    assert 0 < one.floor.value < 1e-3
    assert told[-1] == (32, 32)
    assert one.as_json() == drawn_rotation(drawings, STIMULI, seed=4).as_json()
    assert one.as_json() != drawn_rotation(drawings, STIMULI, seed=5).as_json()


def test_on_paper_a_drawing_in_another_place_is_another_one() -> None:
    moved = [
        TurnedDrawing("ann", "key", one.asked, np.roll(one.picture, 9, axis=1))
        for one in drawn(lambda: 0.0)
        if one.item == "key"
    ]
    by_ink = people(drawn_rotation(moved, STIMULI, seed=1))[0]
    on_paper = people(drawn_rotation(moved, STIMULI, seed=1, on_paper=True))[0]
    assert by_ink["total"] < 0.01
    assert on_paper["dependent"] > 0.1


def test_blank_drawings_and_lone_turns_are_left_out_and_told() -> None:
    drawings = [*drawn(lambda: 0.0), TurnedDrawing("ann", "key", 10, np.zeros((64, 64)))]
    drawings += [TurnedDrawing("ben", "key", asked, STIMULI["key"]) for asked in (30, 390)]
    result = drawn_rotation(drawings, STIMULI, seed=1)
    assert "1 blank drawings were left out." in result.warnings
    assert any(warning.startswith("1 pairs of a person and an item have fewer") for warning in result.warnings)
    assert [row["person"] for row in people(result)] == ["ann"]
    assert any("One person" in warning for warning in result.warnings)


def test_nothing_to_split_says_what_would_be_enough() -> None:
    for nothing in ([], [TurnedAngle("ann", "key", 10, 10), TurnedAngle("ann", "key", 370, 20)]):
        with pytest.raises(NotEnough, match="2 different turns of one item from one person; 8 equal steps"):
            set_rotation(nothing, seed=1)
    blank = [TurnedDrawing("ann", "key", asked, np.zeros((64, 64))) for asked in TURNS]
    with pytest.raises(NotEnough, match="none of them with two different turns"):
        drawn_rotation(blank, STIMULI, seed=1)
    with pytest.raises(NotEnough, match="stimulus key is blank"):
        drawn_rotation(blank, {"key": np.zeros((64, 64))}, seed=1)


def flower(fold: int) -> Floats:
    return petals(fold, 96)


def test_a_stimulus_that_looks_alike_after_a_part_of_a_turn_is_told() -> None:
    drawings = [TurnedDrawing("ann", "flower", asked, flower(3)) for asked in (0, 120, 240)]
    result = drawn_rotation(drawings, {"flower": flower(3)}, seed=1)
    assert any("flower looks alike after 120 degrees" in warning for warning in result.warnings)
    result = drawn_rotation(drawings, {"flower": flower(0)}, seed=1)
    assert any("flower looks alike at any turn" in warning for warning in result.warnings)
    plain = drawn_rotation(drawn(lambda: 0.0), STIMULI, seed=1)
    assert not any("looks alike" in warning for warning in plain.warnings)


def test_uneven_turns_are_told() -> None:
    settings = [TurnedAngle("ann", "key", asked, asked) for asked in (0, 10, 50)]
    assert any("equal steps" in warning for warning in set_rotation(settings, seed=1).warnings)
    assert not any("equal steps" in warning for warning in set_rotation(angles(lambda: 0.0), seed=1).warnings)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(RepresentationError, match="The setting of key by ann: an angle of nan"):
        set_rotation([TurnedAngle("ann", "key", np.nan, 1)], seed=1)
    with pytest.raises(RepresentationError, match="Item cup: no stimulus"):
        drawn_rotation([TurnedDrawing("ann", "cup", 0, STIMULI["key"])], STIMULI, seed=1)
    with pytest.raises(RepresentationError, match="drawing of key at 45 degrees by ann: 255 to 255"):
        drawn_rotation([TurnedDrawing("ann", "key", 45, np.full((64, 64), 255))], STIMULI, seed=1)
    with pytest.raises(RepresentationError, match="ann is in the groups"):
        set_rotation([TurnedAngle("ann", "key", 1, 1, "a"), TurnedAngle("ann", "key", 1, 1, "b")], seed=1)
    with pytest.raises(RepresentationError, match="at least 1 of each"):
        set_rotation(angles(lambda: 0.0), seed=1, shuffles=0)
