from __future__ import annotations

import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.polar import rotated
from representations.profile_tables import ItemDrawing
from representations.profiles import profile_of, rotation_profile
from tests.representations.figures import blobs, petals

pytestmark = pytest.mark.once

STIMULI = {"key": blobs(96, seed=1), "lamp": blobs(96, seed=4), "leaf": petals(3, 96, handed=3.0)}


def turned(item: str, degrees: float, mirror: bool = False) -> np.ndarray:
    picture = rotated(STIMULI[item], degrees).clip(0, 1)
    return picture[:, ::-1] if mirror else picture


@pytest.mark.parametrize("fold", [2, 3, 5])
def test_a_flower_has_its_power_at_multiples_of_its_petals_and_a_mirror_line(fold: int) -> None:
    profile = profile_of(petals(fold, 96), name="flower")
    allowed = [order for order in range(9) if order % fold == 0]
    assert profile.shares.sum() == pytest.approx(1, abs=1e-12)
    assert profile.shares[allowed].sum() / profile.shares[:-1].sum() > 0.99
    assert profile.mirror_odd < 1e-3


def test_a_turned_copy_is_like_its_stimulus_and_its_turn_is_told() -> None:
    drawings = [ItemDrawing("ann", item, turned(item, degrees)) for item, degrees in (("key", 33), ("lamp", -100))]
    result = rotation_profile(drawings, STIMULI, seed=1)
    key, lamp = result.table("drawings").rows()
    assert key["turn"] == pytest.approx(33, abs=0.2)
    assert lamp["turn"] == pytest.approx(-100, abs=0.2)
    for row in (key, lamp):
        assert 0.999 < row["likeness"] <= 1 + 1e-12
        assert row["distance"] < 0.005
    assert result.null.value < 0.9
    assert result.floor.value > 0.999


def test_a_mirrored_copy_is_more_like_the_mirrored_stimulus_and_has_the_same_content() -> None:
    drawings = [ItemDrawing("ann", item, turned(item, 20, mirror=True)) for item in STIMULI]
    result = rotation_profile(drawings, STIMULI, seed=1)
    for row in result.table("drawings").rows():
        assert row["mirrored_likeness"] > 0.999
        assert row["likeness"] < row["mirrored_likeness"]
        assert row["distance"] < 0.005
    assert any("more like the mirror image" in warning for warning in result.warnings)
    (_, _, leaf) = result.table("drawings").rows()
    assert leaf["mirror_odd"] > 0.05


def test_the_profiles_add_up_and_stand_beside_those_of_the_stimuli() -> None:
    drawings = [ItemDrawing("ann", "key", turned("lamp", 5)), ItemDrawing("ann", "lamp", turned("lamp", 5))]
    result = rotation_profile(drawings, STIMULI, seed=1, most=5)
    for name in ("drawings", "stimuli"):
        for row in result.table(name).rows():
            assert sum(row[f"m{order}"] for order in range(6)) + row["beyond"] == pytest.approx(1, abs=1e-12)
    wrong, right = result.table("drawings").rows()
    assert wrong["likeness"] < right["likeness"]
    assert wrong["distance"] > right["distance"]
    stimuli = result.table("stimuli").rows()
    assert [row["item"] for row in stimuli] == ["key", "lamp"]
    by_hand = sum(abs(stimuli[0][n] - wrong[n]) for n in [*(f"m{order}" for order in range(6)), "beyond"]) / 2
    assert wrong["distance"] == pytest.approx(by_hand, abs=1e-12)


def test_groups_have_intervals_a_gap_and_a_ceiling_and_the_result_is_the_seeds() -> None:
    generator = np.random.default_rng(0)

    def drawing(person: int, item: str) -> np.ndarray:
        return (1 - person % 2 / 3) * turned(item, generator.normal(0, 20)) + person % 2 / 3 * blobs(
            96, seed=90 + person
        )

    drawings = [
        ItemDrawing(f"p{n}", item, drawing(n, item), "spots" if n % 2 else "plain")
        for n in range(12)
        for item in STIMULI
    ]
    told: list[tuple[int, int]] = []
    result = rotation_profile(drawings, STIMULI, seed=1, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (36, 36)
    gap = next(row for row in result.table("gaps").rows() if row["measure"] == "likeness")
    assert (gap["group"], gap["other"]) == ("plain", "spots")
    assert 0 < gap["low"] < gap["value"] < gap["high"]
    assert result.ceiling.value > 0.5
    assert result.null.low <= result.null.value <= result.null.high
    assert result.as_json() == rotation_profile(drawings, STIMULI, seed=1).as_json()
    assert set(result.drawings()) == {"content", "likeness"}


def test_without_a_stimulus_the_content_stands_alone() -> None:
    result = rotation_profile([ItemDrawing("ann", "key", turned("key", 0))], {}, seed=1)
    (row,) = result.table("drawings").rows()
    assert row["likeness"] is None
    assert row["m0"] > 0
    assert result.null.value is None
    assert "Enough would be: 2" in result.null.how
    assert result.floor.value is None
    assert any("1 items have no stimulus (key)" in warning for warning in result.warnings)
    assert [table.name for table in result.tables] == ["drawings", "people", "groups"]
    one = rotation_profile([ItemDrawing("ann", "key", turned("key", 0))], {"key": STIMULI["key"]}, seed=1)
    assert one.null.value is None
    assert one.table("drawings").rows()[0]["likeness"] > 0.999


def test_blank_drawings_are_left_out_and_nothing_but_blank_ones_is_not_enough() -> None:
    blank = ItemDrawing("ben", "key", np.zeros((64, 64)))
    result = rotation_profile([ItemDrawing("ann", "key", turned("key", 0)), blank], STIMULI, seed=1)
    assert "1 of 2 drawings are blank and were left out." in result.warnings
    assert any("One person" in warning for warning in result.warnings)
    for drawings in ([blank], []):
        with pytest.raises(NotEnough, match="none of them with ink.*one drawing with one line"):
            rotation_profile(drawings, STIMULI, seed=1)
    with pytest.raises(NotEnough, match="stimulus key is blank"):
        rotation_profile([blank], {"key": np.zeros((64, 64))}, seed=1)


def test_somebody_in_two_groups_is_named() -> None:
    drawings = [ItemDrawing("ann", "key", turned("key", 0), group) for group in ("a", "b")]
    with pytest.raises(RepresentationError, match="ann is in the groups 'a' and 'b'"):
        rotation_profile(drawings, STIMULI, seed=1)
