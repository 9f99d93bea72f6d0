from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from representations.canonical import choose_dimensions, describe_side, fit_split
from representations.errors import NotEnough, RepresentationError
from representations.group_figures import EVERYBODY, Measure, summarise_groups
from representations.pairings import check_pairs, folds, shrink_pictures
from representations.result import Result
from representations.retrieval import cosines, mean_by_name, ranks
from representations.shared import find_shared_content
from representations.shared_scores import Settings, read_out_r2, score_held_out

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
QUICK = Settings(folds=3, shuffles=100, null_draws=20)


def planted(n: int = 900, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sides of 20 and 15 features with 4 shared, 2 and 3 exclusive dimensions."""
    generator = np.random.default_rng(seed)
    shared, first, second = (generator.standard_normal((n, k)) for k in (4, 2, 3))
    drawings = np.hstack([shared, first]) @ generator.standard_normal((6, 20))
    photographs = np.hstack([shared, second]) @ generator.standard_normal((7, 15))
    noise = 0.05 * generator.standard_normal((n, 20)), 0.05 * generator.standard_normal((n, 15))
    return drawings + noise[0], photographs + noise[1], shared, first, second


def lab(
    people: int = 16, objects: int = 8, strength: Sequence[float] = (1.5,), seed: int = 0, side: int = 8
) -> dict[str, Any]:
    """People who draw the same objects, each with a hand of their own; one group a strength of the object."""
    generator = np.random.default_rng(seed)
    shapes = generator.standard_normal((objects, side, side))
    hands = generator.standard_normal((people * len(strength), side, side))
    rows = [(p, k) for p in range(len(hands)) for k in range(objects)]
    drawings = [strength[p // people] * shapes[k] + hands[p] + generator.standard_normal((side, side)) for p, k in rows]
    names = [f"p{p:02}" for p, _ in rows]
    return {
        "drawings": np.array(drawings),
        "photographs": np.array([shapes[k] for _, k in rows]),
        "items": [f"object {k}" for _, k in rows],
        "people": names,
        "groups": {name: f"group {int(name[1:]) // people}" for name in names},
    }


def one(result: Result, measure: str, group: str = EVERYBODY) -> dict[str, Any]:
    (row,) = (row for row in result.table("groups").rows() if (row["group"], row["measure"]) == (group, measure))
    return row


# --- ranks -----------------------------------------------------------------------------------------------------------


def test_a_code_that_says_nothing_finds_as_often_as_guessing_does() -> None:
    found = ranks(np.zeros((6, 5)), np.arange(6) % 5)
    assert found.recall.tolist() == [0.2] * 6
    assert found.rank.tolist() == [3.0] * 6
    assert found.chance == 0.2


def test_ranks_are_places_and_ties_for_first_share_it() -> None:
    likeness = np.array([[0.9, 0.1, 0.5], [0.9, 0.1, 0.5], [0.7, 0.7, 0.1]])
    found = ranks(likeness, np.array([0, 1, 0]))
    assert found.rank.tolist() == [1.0, 3.0, 1.5]
    assert found.recall.tolist() == [1.0, 0.0, 0.5]


@pytest.mark.parametrize(("shape", "right"), [((2, 1), [0, 0]), ((2, 3), [0, 3]), ((2, 3), [0])])
def test_a_gallery_without_a_choice_or_the_right_one_is_refused(shape: tuple[int, int], right: list[int]) -> None:
    with pytest.raises(RepresentationError, match=r"gallery|place"):
        ranks(np.zeros(shape), np.array(right))


def test_cosines_know_no_length_and_nothing_is_like_nothing() -> None:
    codes = np.array([[3.0, 0.0], [0.0, 0.0]])
    assert cosines(codes, np.array([[1.0, 1.0], [-7.0, 0.0]])) == pytest.approx(np.array([[0.5**0.5, -1], [0, 0]]))


def test_a_name_has_the_mean_of_its_codes() -> None:
    names, codes = mean_by_name(np.array([[1.0], [5.0], [3.0]]), np.array(["b", "a", "b"]))
    assert names == ["a", "b"]
    assert codes.tolist() == [[5.0], [2.0]]


# --- the split -------------------------------------------------------------------------------------------------------


def test_parts_that_were_planted_are_recovered_and_the_other_part_is_not_in_them() -> None:
    drawings, photographs, shared, first, second = planted()
    known, new = np.arange(600), np.arange(600, 900)
    generator = np.random.default_rng(1)
    choice = choose_dimensions(
        drawings[known], photographs[known], known >= 400, lambda p, g: g.permutation(len(p)), generator
    )
    assert (choice.related, choice.shared) == (4, 4)
    split = fit_split(drawings[known], photographs[known], related=4, ridge=choice.ridge, strength=choice.correlations)
    for part, values, own in ((split.drawing, drawings, first), (split.photograph, photographs, second)):
        for code, mine, others in (
            (part.shared_code(values), shared, own),
            (part.exclusive_code(values), own, shared),
        ):
            assert read_out_r2(code[known], mine[known], code[new], mine[new]) > 0.98
            assert read_out_r2(code[known], others[known], code[new], others[new]) < 0.02
    assert ranks(split.likeness(drawings[new], photographs[new]), np.arange(300)).recall.mean() > 0.99
    swapped = split.swapped_drawings(photographs[new], drawings[new])
    assert np.abs(swapped - drawings[new]).mean() < 0.1 * np.abs(drawings[new] - drawings[known].mean(axis=0)).mean()
    # The hand of another drawing: the shared truth is the photograph's, the exclusive truth is the other drawing's.
    other = np.roll(new, 1)
    mixed = split.swapped_drawings(photographs[new], drawings[other])
    line = np.linalg.lstsq(np.hstack([shared, first])[known], drawings[known], rcond=None)[0]
    wished = np.hstack([shared[new], first[other]]) @ line
    assert np.abs(mixed - wished).mean() < 0.1 * np.abs(wished).mean()


def test_what_is_left_has_nothing_to_do_with_the_shared_code() -> None:
    drawings, photographs, *_ = planted()
    split = fit_split(drawings, photographs, related=4, ridge=0.1)
    code = split.drawing.shared_code(drawings)
    assert np.abs(code.T @ split.drawing.left_over(drawings)).max() / len(drawings) < 1e-9
    assert split.drawing.exclusive_code(drawings).shape[1] == 8


@pytest.mark.parametrize("seed", range(8))
def test_of_permuted_pairs_no_dimension_is_kept(seed: int) -> None:
    drawings, photographs, *_ = planted(seed=seed)
    generator = np.random.default_rng(seed)
    order = generator.permutation(900)
    choice = choose_dimensions(
        drawings, photographs[order], np.arange(900) >= 600, lambda p, g: g.permutation(len(p)), generator
    )
    assert choice.related == choice.shared == 0


def test_permuted_pairs_are_at_chance() -> None:
    drawings, photographs, *_ = planted()
    order = np.random.default_rng(3).permutation(900)
    result = find_shared_content(drawings, photographs[order], [str(k) for k in range(900)], settings=QUICK, seed=1)
    assert not any(row["related"] for row in result.table("dimensions").rows())
    assert one(result, "photograph_recall")["value"] == pytest.approx(1 / 300)
    assert one(result, "photograph_rank")["value"] == pytest.approx(0.5)
    assert one(result, "shared_fraction")["value"] == 0
    assert result.null.value == pytest.approx(1 / 300)
    assert any("no dimension goes together" in warning for warning in result.warnings)


def test_more_features_than_pairs_say_the_same_as_their_axes() -> None:
    generator = np.random.default_rng(0)
    values = generator.standard_normal((30, 50))
    side = describe_side(values, "drawings")
    assert side.axes.T @ side.axes == pytest.approx(np.eye(29), abs=1e-9)
    assert side.scores(values) @ side.axes.T + side.mean == pytest.approx(values)
    assert describe_side(values[:, :10], "drawings").axes.shape == (10, 10)


# --- pairs -----------------------------------------------------------------------------------------------------------


def test_larger_pictures_are_shrunk_by_what_each_pixel_covers() -> None:
    generator = np.random.default_rng(0)
    pictures = generator.random((3, 48, 60, 3))
    small = shrink_pictures(pictures)
    assert small.shape == (3, 24, 24, 3)
    assert small.mean(axis=(1, 2)) == pytest.approx(pictures.mean(axis=(1, 2)))
    assert small[0, 0, 0] == pytest.approx(
        (pictures[0, :2, :2].sum(axis=(0, 1)) + 0.5 * pictures[0, :2, 2].sum(axis=0)) / 5
    )
    assert shrink_pictures(pictures[:, :24, :20]) is not None
    assert np.array_equal(shrink_pictures(pictures[:, :24, :20]), pictures[:, :24, :20])


def test_folds_keep_what_is_of_one_name_together() -> None:
    names = np.array([f"n{k % 7}" for k in range(70)])
    fold = folds(names, 3, np.random.default_rng(0))
    assert all(len(set(fold[names == name])) == 1 for name in names)
    assert sorted(np.unique(fold[:7], return_counts=True)[1]) == [2, 2, 3]


def test_shuffles_stay_within_a_person_or_keep_a_photograph_together() -> None:
    pairs = check_pairs(**lab(), by="people")
    generator = np.random.default_rng(0)
    places = np.arange(len(pairs.items))
    within = pairs.shuffle("people")(places, generator)
    assert sorted(within) == places.tolist()
    assert pairs.people is not None
    assert np.array_equal(pairs.people[within], pairs.people)
    together = pairs.shuffle("photographs")(places, generator)
    partner = {(a, b) for a, b in zip(pairs.items, pairs.items[together], strict=True)}
    assert len(partner) == len(set(pairs.items))
    assert any(a != b for a, b in partner)


def test_people_with_one_drawing_each_are_shuffled_among_one_another() -> None:
    generator = np.random.default_rng(0)
    values = generator.standard_normal((60, 5))
    pairs = check_pairs(values, values, [str(k % 20) for k in range(60)], [f"p{k}" for k in range(60)], by="people")
    order = pairs.shuffle("people")(np.arange(60), generator)
    assert (order != np.arange(60)).mean() > 0.8


def test_what_is_held_out_has_no_say_in_its_own_fit() -> None:
    given = lab(people=8)
    pairs = check_pairs(**given, by="people")
    settings = Settings(folds=4, shuffles=20, null_draws=1)
    found = score_held_out(pairs, "people", settings, np.random.default_rng(1))
    # Other drawings in one fold: nothing else may change what was fitted for it.
    changed = pairs.drawings.copy()
    changed[found.fold == 0] = np.random.default_rng(2).standard_normal(changed[found.fold == 0].shape)
    again = score_held_out(replace(pairs, drawings=changed), "people", settings, np.random.default_rng(1))
    assert np.array_equal(found.choices[0].correlations, again.choices[0].correlations)
    assert not np.array_equal(found.choices[1].correlations, again.choices[1].correlations)
    assert found.photograph_recall[found.fold == 0].mean() > 0.9
    assert again.photograph_recall[found.fold == 0].mean() < 0.5


# --- the result ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_groups() -> Result:
    given = lab(strength=(0.7, 0.3))
    # A slant of the hand, of which the photographs know nothing.
    slant = np.array([2.0 if int(name[1:]) % 2 else -2.0 for name in given["people"]])
    given["drawings"] += slant[:, None, None] * np.linspace(-1, 1, 8)
    attributes = {"slant": slant, "nothing": np.zeros(len(given["items"]))}
    return find_shared_content(**given, attributes=attributes, settings=QUICK, seed=5)


def test_a_group_with_less_of_the_object_in_its_drawings_is_told_apart(two_groups: Result) -> None:
    more, less = (one(two_groups, "photograph_recall", f"group {k}") for k in (0, 1))
    assert more["value"] > less["value"] + 0.2 > two_groups.floor.value + 0.2
    for row in (more, less):
        assert row["low"] < row["value"] < row["high"]
    gap = next(row for row in two_groups.table("gaps").rows() if row["measure"] == "photograph_recall")
    assert gap["difference"] == pytest.approx(more["value"] - less["value"])
    assert gap["low"] > 0
    assert gap["p"] < 0.01
    # Their hands were drawn alike.
    (style,) = two_groups.table("exclusive").rows()
    assert style["p"] > 0.05


def test_intervals_are_over_photographs_and_over_people() -> None:
    pairs = check_pairs(**lab(people=20, objects=20), by="people")
    assert pairs.people is not None
    _, person = np.unique(pairs.people, return_inverse=True)
    _, item = np.unique(pairs.items, return_inverse=True)
    ones = np.ones(len(item))
    for by in (person, item):
        measure = Measure("half", "found by every other one", (by % 2).astype(float), ones)
        row = summarise_groups(pairs, [measure], 2000, np.random.default_rng(0)).rows()[0]
        assert row["value"] == 0.5
        # A mean of 20 draws of 0 or 1.
        assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, abs=0.08)


def test_null_floor_and_ceiling_stand_beside_it(two_groups: Result) -> None:
    assert two_groups.floor.value == pytest.approx(1 / 8)
    assert two_groups.null.low < 1 / 8 < two_groups.null.high
    assert abs(two_groups.null.value - 1 / 8) < 0.05
    assert two_groups.ceiling.value is not None
    assert two_groups.ceiling.value > two_groups.null.high
    assert "other people's drawings" in two_groups.ceiling.how


def test_people_stand_one_a_row_and_their_mean_is_the_groups(two_groups: Result) -> None:
    rows = two_groups.table("people").rows()
    assert len(rows) == 32
    assert {row["drawings"] for row in rows} == {8}
    for measure in ("photograph_recall", "drawing_recall", "photograph_rank"):
        mean = np.mean([row[measure] for row in rows if row["group"] == "group 0"])
        assert mean == pytest.approx(one(two_groups, measure, "group 0")["value"])
    assert all(row["recall_with_blank"] == pytest.approx(row["photograph_recall"]) for row in rows)


def test_what_is_known_can_be_read_from_the_part_that_has_it(two_groups: Result) -> None:
    nothing, slant = two_groups.table("attributes").rows()
    assert slant["drawing_exclusive"] > 0.9
    assert max(slant["drawing_shared"], slant["photograph_shared"], slant["photograph_exclusive"]) < 0.2
    assert nothing["drawing_exclusive"] is None


def test_it_writes_itself(two_groups: Result, tmp_path: Path) -> None:
    names = {path.name for path in two_groups.write(tmp_path / "out")}
    assert {"result.json", "groups.parquet", "people.parquet", "recall.svg", "dimensions.svg", "swapped.svg"} <= names


def test_a_seed_gives_the_same_again_and_the_global_generator_is_left_alone() -> None:
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    given = lab(people=8)
    first, again, other = (
        find_shared_content(**given, settings=QUICK, bootstraps=50, seed=seed).as_json() for seed in (1, 1, 2)
    )
    assert first == again
    assert first["tables"]["pairs"] != other["tables"]["pairs"]
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_photographs_may_be_held_out_in_place_of_people() -> None:
    result = find_shared_content(**lab(people=4, objects=120, side=4), hold_out="photographs", settings=QUICK, seed=1)
    assert {row["photograph_gallery"] for row in result.table("pairs").rows()} == {40.0}
    assert one(result, "photograph_recall")["value"] > 3 * result.floor.value
    assert not any("People were held out" in warning for warning in result.warnings)


def test_somebody_who_drew_everything_twice_is_the_ceiling_of_their_own() -> None:
    given = lab(people=8)
    twice = {
        name: np.concatenate([values, values]) if isinstance(values, np.ndarray) else values * 2
        for name, values in given.items()
        if name != "groups"
    }
    twice["drawings"] = twice["drawings"] + 0.01 * np.random.default_rng(0).standard_normal(twice["drawings"].shape)
    result = find_shared_content(**twice, settings=QUICK, seed=1)
    assert "the same person's other drawings" in result.ceiling.how
    assert result.ceiling.value == pytest.approx(1.0)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    find_shared_content(**lab(people=8), settings=QUICK, bootstraps=20, progress=lambda *at: told.append(at))
    assert told[-1] == (360, 360)
    assert [done for done, _ in told] == list(range(1, 361))


# --- what is missing -------------------------------------------------------------------------------------------------


def test_blank_drawings_are_counted_as_guesses_and_said() -> None:
    given = lab(people=8)
    given["drawings"][:3] = 0.7
    result = find_shared_content(**given, settings=QUICK, seed=1)
    row = result.table("people").rows()[0]
    assert (row["drawings"], row["blank"]) == (5, 3)
    guess = result.floor.value or 0.0
    assert row["recall_with_blank"] == pytest.approx((row["photograph_recall"] * 5 + 3 * guess) / 8)
    assert result.table("pairs").rows()[0]["row"] == 4
    assert any("3 blank drawings of 64" in warning for warning in result.warnings)


def test_too_few_say_what_is_missing_and_what_would_be_enough() -> None:
    given = lab(people=8)

    def refused(**changed: Any) -> NotEnough:
        with pytest.raises(NotEnough) as caught:
            find_shared_content(**(given | changed), settings=QUICK)
        return caught.value

    few = {name: given[name][:24] for name in ("drawings", "photographs", "items", "people")}
    assert "24 pairs" in refused(**few).missing
    assert "40 pairs" in refused(**few).enough
    blank = given["drawings"].copy()
    blank[30:] = 0
    error = refused(drawings=blank)
    assert error.missing == "34 of 64 drawings are blank, which leaves 30."
    assert "shows something" in error.enough
    error = refused(people=["ann"] * 64, groups=None)
    assert "One person" in error.missing
    assert error.enough.startswith("4 people")
    error = refused(items=["a", "b"] * 32)
    assert "2 different photographs" in error.missing
    error = refused(people=None, groups=None)
    assert "8 different photographs" in error.missing
    assert error.enough == "40 photographs"
    error = refused(photographs=np.ones((64, 4, 4)))
    assert error.missing == "All 64 photographs are the same: no pixel varies."
    one_drawing = np.tile(given["drawings"][0], (64, 1, 1))
    assert "All 64 drawings are the same" in refused(drawings=one_drawing).missing


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"items": ["a"] * 63}, "Lengths that differ"),
        ({"photographs": np.full((64, 3), np.nan)}, "no finite number in 64 pairs, first in number 1"),
        ({"drawings": [["x"]] * 64}, "drawings are no array of numbers"),
        ({"drawings": np.zeros((64, 0, 3))}, r"shape \(64, 0, 3\)"),
        ({"groups": {"p00": "a"}}, "No group was found for p01"),
        ({"people": None}, "Groups were given without people"),
        ({"hold_out": "days"}, "people or photographs"),
        ({"people": None, "groups": None, "hold_out": "people"}, "nobody is named"),
        ({"attributes": {"ink": np.ones(3)}}, "Lengths that differ"),
    ],
)
def test_what_can_not_be_worked_with_is_said(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(RepresentationError, match=said):
        find_shared_content(**(lab(people=8) | changed), settings=QUICK)


def test_a_small_group_and_groups_of_other_photographs_are_warned_of() -> None:
    given = lab(people=6, strength=(1.5, 1.5))
    kept = [k for k, name in enumerate(given["people"]) if name < "p06" or given["items"][k] != "object 0"]
    part = {name: [given[name][k] for k in kept] for name in ("items", "people")}
    part |= {name: given[name][kept] for name in ("drawings", "photographs")}
    result = find_shared_content(**part, groups=given["groups"], settings=QUICK, bootstraps=50)
    assert any("did not draw the same photographs" in warning for warning in result.warnings)
    assert any("Fewer than 10 people in group 0, group 1" in warning for warning in result.warnings)


# --- the digits ------------------------------------------------------------------------------------------------------


def test_digits_in_two_colourings_are_found_by_what_they_share() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn, whose digits these are, is not installed")
    from tests.representations.coloured_digits import coloured_digits  # noqa: PLC0415

    known, new = coloured_digits(2, fitted=400, colourings=6)
    (drawings, photographs), (new_drawings, new_photographs) = known.rows, new.rows
    pairs = check_pairs(known.on_ground, known.on_black, [str(glyph) for glyph in known.glyph])
    generator = np.random.default_rng(2)
    inner = folds(pairs.items, 4, generator) == 0
    choice = choose_dimensions(drawings, photographs, inner, pairs.shuffle("photographs"), generator, ridges=(0.1,))
    split = fit_split(
        drawings,
        photographs,
        related=choice.related,
        shared=choice.shared,
        ridge=choice.ridge,
        strength=choice.correlations,
    )
    likeness, right = split.likeness(new_drawings, new_photographs), np.arange(497)
    assert ranks(likeness, right).recall.mean() > 0.9
    assert ranks(likeness.T, right).recall.mean() > 0.9
    assert ranks(cosines(new_drawings, new_photographs), right).recall.mean() < 0.2
    for part, rows, colours in (
        (split.drawing, (drawings, new_drawings), (known.ground, new.ground)),
        (split.photograph, (photographs, new_photographs), (known.ink, new.ink)),
    ):
        codes = [(part.shared_code(r), part.exclusive_code(r)) for r in rows]
        assert read_out_r2(codes[0][0], colours[0], codes[1][0], colours[1]) < 0.05
        assert read_out_r2(codes[0][1], colours[0], codes[1][1], colours[1]) > 0.85
