import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.planning import Study, plan

pytestmark = pytest.mark.once


def curve(result):
    return {row["trials"]: row for row in result.table("curve").rows()}


def test_the_design_dips_at_the_threshold_and_follows_the_closed_form_beyond_it():
    told = []
    result = plan(Study(14, 12, 60, snr=4.0, target=0.85), repetitions=16, progress=lambda *at: told.append(at))
    rows = curve(result)
    some = [row for row in rows.values() if row["trials"] >= 6]  # with next to none the pairs that two saw differ
    least = min(some, key=lambda row: row["simulated"])
    assert least["trials"] in (11, 12, 13)
    for row in rows.values():
        if row["trials"] >= 18:
            assert row["simulated"] == pytest.approx(row["closed_form"], abs=0.08)
    answer = result.table("answer").rows()[0]
    assert answer["trials_closed_form"] == 30  # 12 + 1 + 0.85 * 12 / (4 * 0.15)
    assert answer["trials_needed"] == pytest.approx(30, abs=6)
    assert answer["planned_simulated"] > 0.9
    assert result.warnings == []
    assert told[-1][0] == told[-1][1]
    assert abs(result.null.value) < 0.2
    assert result.floor.value < 1e-10
    assert result.ceiling.value == pytest.approx(1, abs=1e-9)
    assert "threshold, 12" in result.drawings()["curve"]


def test_a_reliability_gives_back_the_noise_it_came_from():
    result = plan(Study(14, 6, 60, reliability=0.5, reliability_trials=60), repetitions=12)
    # by the closed form 0.5 * 6 / (0.5 * 23) = 0.26
    assert result.settings["snr"] == pytest.approx(0.26, rel=0.35)


def test_a_plan_near_the_threshold_is_flagged_with_what_would_be_enough():
    result = plan(Study(10, 12, 13, snr=1.0, target=0.7), repetitions=6)
    assert result.warnings[0].startswith("RED FLAG: 13 trials lie within 30% of 12 free weights")
    assert "13 trials are too few for the target. Enough would be:" in result.warnings[1]


def test_a_target_out_of_reach_is_said_with_the_closed_form():
    result = plan(Study(8, 5, 20, snr=0.02, target=0.95), repetitions=3)
    assert result.table("answer").rows()[0]["trials_needed"] is None
    assert any("By the closed form 4756 trials would be enough" in said for said in result.warnings)


def test_the_same_seed_says_the_same_and_features_of_the_lab_are_used():
    study = Study(8, 2, 20, snr=2.0, features=np.arange(16.0).reshape(8, 2) ** 1.5)
    assert plan(study, repetitions=2, seed=3).as_json() == plan(study, repetitions=2, seed=3).as_json()
    assert plan(study, repetitions=2).settings["features"] == "given"


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ({"items": 3}, "3 items"),
        ({"target": 1.0}, "a target of 1.0"),
        ({"trials": 1}, "1 trials"),
        ({"snr": None}, "neither"),
        ({"reliability": 0.5}, "one of the two"),
        ({"snr": -1.0}, "SNR of -1.0"),
        ({"snr": None, "reliability": 1.5, "reliability_trials": 60}, "reliability of 1.5"),
        ({"snr": None, "reliability": 0.5}, "None trials behind"),
        ({"features": np.ones((4, 4))}, "Expected: \\(10, 5\\)"),
    ],
)
def test_faults_of_a_plan_are_said(study, said):
    with pytest.raises(RepresentationError, match=said):
        Study(**{"items": 10, "dimensions": 5, "trials": 40, "snr": 1.0, **study})


def test_too_few_items_and_a_reliability_that_can_not_be():
    with pytest.raises(NotEnough, match="6 items make 15 pairs, too few for 20 dimensions. Enough would be: 8 items"):
        Study(6, 20, 100, snr=1.0)
    with pytest.raises(NotEnough, match="does not come from noise in this design.*well over 21"):
        plan(Study(10, 20, 100, reliability=0.9, reliability_trials=24), repetitions=4)
    with pytest.raises(RepresentationError, match="2 or more"):
        plan(Study(10, 5, 40, snr=1.0), repetitions=1)
