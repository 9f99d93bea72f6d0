import numpy as np
import pytest

from representations.agreement import bootstrapped, figures, measured, of_people, partialled
from representations.designs import drawn_features, drawn_weights, joined, played
from representations.dissimilarity import pair_features
from representations.errors import NotEnough, RepresentationError
from representations.groups import Choices, aligned
from representations.judgements import from_matrices, from_pair_ratings

pytestmark = pytest.mark.once
QUICK = Choices(measures=("pearson",), splits=6, draws=80, shuffles=30)


def two_groups(seed, snr=(4.0, 0.7), people=20, trials=120, likeness=1.0):
    """Judgements of two groups around common weights, or less alike ones; with features and everybody's true cells."""
    generator = np.random.default_rng(seed)
    features = drawn_features(24, 30, generator)
    common = generator.standard_normal(30)
    other = likeness * common + np.sqrt(1 - likeness**2) * generator.standard_normal(30)
    weights = [drawn_weights(centre, people, 0.5, generator) for centre in (common, other)]
    played_ = [
        played(features, w, ratio, trials, generator, name)
        for w, ratio, name in zip(weights, snr, ("CONTROL", "LOW"), strict=True)
    ]
    judgements = joined(*played_)
    truth = np.vstack(weights) @ pair_features(features).T
    return judgements, features, truth, {name: name.rstrip("0123456789").lower() for name in judgements.people}


def row(table, **where):
    found = [one for one in table.rows() if all(one[name] == value for name, value in where.items())]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_groups_that_differ_in_noise_alone_have_a_raw_gap_and_no_other(seed):
    judgements, features, truth, group_of = two_groups(seed)
    result = aligned(judgements, group_of, QUICK, features=features)
    gaps = row(result.table("gaps"), group_a="control", group_b="low")
    assert gaps["raw_gap"] > 0.12
    assert gaps["raw_gap_low"] > 0
    assert gaps["gap_low"] < 0 < gaps["gap_high"]
    assert gaps["told_apart"] is False
    true = np.corrcoef(truth)
    for number, name in enumerate(("control", "low")):
        own = true[20 * number : 20 * number + 20, 20 * number : 20 * number + 20]
        wanted = own[~np.eye(20, dtype=bool)].mean()
        found = row(result.table("groups"), group_a=name, group_b=name)
        assert found["disattenuated"] == pytest.approx(wanted, abs=0.05)
        assert found["disattenuated_low"] < wanted < found["disattenuated_high"]
        assert found["raw"] < wanted
    assert result.null.low < 0.02
    assert abs(result.null.value) < 0.02
    assert result.floor.value < 1e-12
    assert 0.6 < result.ceiling.value < 0.95


def test_groups_of_another_structure_are_told_apart():
    judgements, features, truth, group_of = two_groups(2, likeness=0.7)
    gaps = row(aligned(judgements, group_of, QUICK, features=features).table("gaps"), group_a="control")
    true = np.corrcoef(truth)
    apart = (figures(true, true, np.repeat(np.eye(2), 20, axis=1))).raw
    assert gaps["structure"] == pytest.approx((apart[0, 0] + apart[1, 1]) / 2 - apart[0, 1], abs=0.06)
    assert gaps["told_apart"] is True


def test_the_same_seed_says_the_same_and_another_does_not():
    judgements, features, _, group_of = two_groups(3, people=5)
    one, same, other = (
        aligned(judgements, group_of, Choices(("pearson",), 3, 20, 5, seed=seed), features=features).as_json()
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one["tables"] != other["tables"]


def test_all_measures_with_the_tables_and_charts_of_a_result(tmp_path):
    judgements, features, _, group_of = two_groups(4, people=4)
    told = []
    result = aligned(
        judgements, group_of, Choices(splits=3, draws=10, shuffles=5), features=features,
        semantic=np.abs(np.subtract.outer(np.arange(24.0), np.arange(24.0))), categories=["x", "y"] * 12,
        progress=lambda *at: told.append(at),
    )  # fmt: skip
    assert [table.name for table in result.tables] == ["people", "pairs", "cells", "groups", "gaps", "semantic"]
    assert len(result.table("pairs").rows()) == 28
    assert len(result.table("groups").rows()) == 5 * 3
    cells = result.table("cells").rows()
    assert len(cells) == 2 * 276
    assert sum(one["trials"] for one in cells) == 8 * 120
    assert {one["people"] for one in cells} == {4}
    assert row(result.table("groups"), measure="cka", group_a="low")["disattenuated"] is None
    assert row(result.table("groups"), measure="cka", group_a="low")["refused"].startswith(
        "this measure is no correlation"
    )
    assert told[-1][0] == told[-1][1] == 3 + 5 * 10
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    names = {file.name for file in result.write(tmp_path / "out")}
    assert {"result.json", "groups.parquet", "alignment.svg", "people.svg"} <= names


def test_trials_as_many_as_free_weights_raise_a_red_flag():
    judgements, features, _, group_of = two_groups(5, people=4, trials=36)
    result = aligned(judgements, group_of, QUICK, features=features)
    assert result.warnings[0].startswith("RED FLAG: 8 of 8 people")
    assert "more than 60" in result.warnings[0]
    assert all(one["near_threshold"] for one in result.table("people").rows())
    judgements, features, _, group_of = two_groups(5, people=4, trials=120)
    assert not any("RED FLAG" in said for said in aligned(judgements, group_of, QUICK, features=features).warnings)


def test_below_the_least_reliability_noise_is_not_divided_out():
    judgements, features, _, group_of = two_groups(6, snr=(4.0, 0.05), people=6)
    result = aligned(judgements, group_of, QUICK, features=features)
    low = row(result.table("groups"), group_a="low", group_b="low")
    assert low["disattenuated"] is None
    assert low["refused"] == "a reliability below 0.3"
    assert low["raw"] is not None
    assert row(result.table("groups"), group_a="control", group_b="low")["disattenuated"] is None
    assert row(result.table("groups"), group_a="control", group_b="control")["disattenuated"] is not None
    assert row(result.table("gaps"), group_a="control")["gap"] is None
    assert any("group low: a reliability of" in said and "times as many trials" in said for said in result.warnings)


def test_pairs_that_nobody_judged_twice_have_no_reliability_and_it_is_said():
    judgements, _, _, group_of = two_groups(7, people=4)
    result = aligned(judgements, group_of, QUICK)
    assert any("each pair twice a person, or features" in said for said in result.warnings)
    assert row(result.table("groups"), group_a="low", group_b="low")["disattenuated"] is None
    with pytest.raises(NotEnough, match="linear CKA needs every pair.*each pair twice"):
        aligned(judgements, group_of, Choices(measures=("cka",)))
    left_out = aligned(judgements, group_of, Choices(("pearson", "cka"), 2, 5, 2))
    assert left_out.settings["measures"] == ["pearson"]
    assert left_out.warnings[0].startswith("linear CKA left out")


def test_people_who_share_no_pairs_are_too_little():
    apart = from_pair_ratings(
        ["p"] * 8 + ["q"] * 8, list("aaaabbbc") + list("bccdddde"), list("bcdecdef") + list("fdefefbf"), range(16)
    )
    with pytest.raises(
        NotEnough, match="No two people of group all judged 6 pairs in common.*the same pairs for everybody"
    ):
        aligned(apart, None, QUICK)


def whole(seed, constant=0):
    """Two matrices of 6 items a person for 5 people, of whom some give nothing but the same."""
    generator = np.random.default_rng(seed)
    above = np.triu_indices(6, 1)
    matrices = np.zeros((10, 6, 6))
    matrices[:, above[0], above[1]] = np.tile(generator.uniform(1, 2, 15), (10, 1)) + 0.2 * generator.uniform(
        size=(10, 15)
    )
    matrices[: 2 * constant, above[0], above[1]] = 1.0
    return from_matrices([f"p{k // 2}" for k in range(10)], list("abcdef"), matrices + np.swapaxes(matrices, 1, 2))


def test_constant_judgements_are_set_aside_with_the_reason():
    result = aligned(whole(0, constant=1), None, QUICK)
    assert result.warnings[0] == "p0 was set aside: all 30 judgements are the same; enough would be: some that differ."
    people = result.table("people").rows()
    assert [one["participant"] for one in people] == ["p1", "p2", "p3", "p4", "p0"]
    assert people[-1]["set_aside"].startswith("all 30 judgements")
    assert any("8 or more would be enough" in said for said in result.warnings)


def test_too_little_says_what_would_be_enough():
    with pytest.raises(NotEnough, match="In group all 1 person can be used; 4 of 5 people set aside.*2 people a group"):
        aligned(whole(0, constant=4), None, QUICK)
    with pytest.raises(NotEnough, match="Nobody can be used"):
        aligned(whole(0, constant=5), None, QUICK)
    with pytest.raises(NotEnough, match="In group x 1 person can be used"):
        aligned(whole(0), {"p0": "x", **{f"p{k}": "y" for k in range(1, 5)}}, QUICK)
    with pytest.raises(NotEnough, match="3 items.*4 items"):
        aligned(from_pair_ratings(["p", "q", "q"], ["a", "b", "a"], ["b", "c", "c"], [1, 2, 3]), None, QUICK)


def test_one_trial_is_too_few():
    generator = np.random.default_rng(1)
    above = np.triu_indices(6, 1)
    matrices = np.zeros((5, 6, 6))
    matrices[:, above[0], above[1]] = generator.uniform(1, 2, (5, 15))
    once = from_matrices(["p", "p", "q", "q", "r"], list("abcdef"), matrices + np.swapaxes(matrices, 1, 2))
    assert aligned(once, None, QUICK).warnings[0].startswith("r was set aside: 1 trial; enough would be: 2 trials")


def test_faults_of_what_goes_along_are_said():
    judgements = whole(0)
    with pytest.raises(RepresentationError, match="4 people have no group, p1 first"):
        aligned(judgements, {"p0": "x"}, QUICK)
    with pytest.raises(RepresentationError, match="semantic matrix of shape \\(5, 5\\)"):
        aligned(judgements, None, QUICK, semantic=np.zeros((5, 5)))
    with pytest.raises(NotEnough, match="same for all pairs"):
        aligned(judgements, None, QUICK, semantic=np.ones((6, 6)))
    with pytest.raises(RepresentationError, match="5 classes"):
        aligned(judgements, None, QUICK, categories=["x"] * 5)
    with pytest.raises(NotEnough, match="class of its own"):
        aligned(judgements, None, QUICK, categories=list("uvwxyz"))
    for wrong in ({"measures": ("kappa",)}, {"measures": ()}, {"draws": 0}, {"least_reliability": 1.0}):
        with pytest.raises(RepresentationError, match="Expected"):
            Choices(**wrong)


def test_what_is_shared_through_meaning_alone_goes_with_the_semantic_matrix():
    generator = np.random.default_rng(8)
    above = np.triu_indices(12, 1)
    meaning = generator.uniform(1, 2, 66)
    own = np.repeat(
        generator.uniform(0, 1, (8, 66)), 2, axis=0
    )  # each one's own, and the same in both of their matrices
    matrices = np.zeros((16, 12, 12))
    matrices[:, above[0], above[1]] = 2 * meaning + own + 0.2 * generator.uniform(size=(16, 66))
    judgements = from_matrices(
        [f"p{k // 2}" for k in range(16)], [f"i{k}" for k in range(12)], matrices + np.swapaxes(matrices, 1, 2)
    )
    semantic = np.zeros((12, 12))
    semantic[above] = meaning
    result = aligned(judgements, None, QUICK, semantic=semantic + semantic.T)
    told = result.table("semantic").rows()[0]
    assert row(result.table("groups"), group_a="all")["disattenuated"] > 0.7
    assert told["agreement_a"] > 0.8
    assert abs(told["disattenuated"]) < 0.15


def test_partialling_leaves_nothing_of_the_matrix_in_anybody():
    judgements = whole(3)
    material = measured(judgements, None, 2, np.random.default_rng(0))
    against = np.random.default_rng(1).uniform(size=15)
    rest = partialled(material, against, "pearson").whole.values
    assert rest @ (against - against.mean()) == pytest.approx(np.zeros(5), abs=1e-12)


def test_shuffling_within_classes_keeps_what_the_classes_say():
    kinds = np.repeat([0, 1], 6)
    whole_matrix = 1.0 * (kinds[:, None] != kinds[None, :])
    noisy = np.stack([whole_matrix] * 12)
    noise = np.random.default_rng(2).uniform(0, 0.5, (12, 12, 12))
    noisy += np.triu(noise, 1) + np.swapaxes(np.triu(noise, 1), 1, 2)
    judgements = from_matrices([f"p{k // 2}" for k in range(12)], [f"i{k:02d}" for k in range(12)], noisy)
    result = aligned(judgements, None, QUICK, categories=["live" if kind else "made" for kind in kinds])
    found = result.table("groups").rows()[0]
    assert found["null"] < 0.1
    assert found["null_within_categories"] == pytest.approx(found["raw"], abs=0.05)


def test_nobody_is_compared_with_themselves_however_often_they_are_drawn():
    raw = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, 0.6], [0.4, 0.6, 1.0]])
    crossed = 0.5 * raw
    found = figures(raw, crossed, np.array([[2.0, 1.0, 0.0]]))
    assert found.raw[0, 0] == pytest.approx(0.2)
    assert found.half[0] == pytest.approx(0.5)
    assert found.free[0, 0] == pytest.approx(0.2)
    assert np.isnan(figures(raw, crossed, np.array([[3.0, 0.0, 0.0]])).raw[0, 0])


@pytest.mark.parametrize("measure", ["cka", "imbalance"])
def test_draws_of_what_grows_with_fewer_items_lie_around_the_estimate(measure):
    judgements, features, _, _ = two_groups(10, people=8)
    material = measured(judgements, features, 2, np.random.default_rng(0))
    membership = np.repeat(np.eye(2), 8, axis=1)
    estimate = figures(*of_people(material, measure), membership)
    draws = bootstrapped(material, measure, membership, 40, np.random.default_rng(1))
    assert draws.raw.mean(axis=0) == pytest.approx(estimate.raw, abs=0.03)


def test_halves_come_from_all_people_and_the_whole_from_all_trials():
    judgements, features, _, _ = two_groups(9, people=3)
    material = measured(judgements, features, 4, np.random.default_rng(0))
    raw, crossed = of_people(material, "pearson")
    assert np.diag(raw) == pytest.approx(1)
    assert np.all(np.diag(crossed) < 0.97)
    assert len(material.halves) == 4
