"""How much could expectation explain: the numbers of a small study by hand, on the page and by the API."""

from __future__ import annotations

import re
from html import unescape

import pytest

import clock
from assessments.models import ArmGuess
from assessments.services.guessing import guess_arm
from coaching.models import Enrolment, StudyVersion
from protocol.study import OfInstrument
from research.analysis import NotComputable
from research.analysis.blinding import Bang, James
from research.analysis.expectation import correlation, shift, spread
from research.demand import demand_of
from research.guesses import DONT_KNOW, counted
from tests import world
from tests.research.calls import caller
from tests.research.expecting import FILES, NOW, small_study

# --- the reckoning ---------------------------------------------------------------------------------------------------


def test_the_trial_that_bang_and_others_publish_gives_its_figures() -> None:
    told = {"lovastatin": ("lovastatin", "placebo", 82, 25, 170), "placebo": ("placebo", "lovastatin", 29, 27, 83)}
    said = [
        (arm, named, None)
        for arm, (own, other, right, wrong, unknown) in told.items()
        for named, n in ((own, right), (other, wrong), (DONT_KNOW, unknown))
        for _ in range(n)
    ]

    found = counted("participant", said, ["lovastatin", "placebo"])

    indices = {arm.arm: arm.bang for arm in found.arms}
    assert isinstance(found.james, James)
    assert all(isinstance(index, Bang) for index in indices.values())
    assert {arm: round(index.value, 4) for arm, index in indices.items() if isinstance(index, Bang)} == {
        "lovastatin": 0.2058,
        "placebo": 0.0144,
    }
    assert found.james.value == pytest.approx(0.747928, abs=1e-6)
    assert found.n == 416


def test_a_mean_has_its_interval_by_students_t() -> None:
    found = spread([8, 6, None, 7])

    # 7 -/+ 4.302653 (t, 2 degrees of freedom) * 1 / sqrt(3)
    assert (found.n, found.mean, found.sd) == (3, 7, 1)
    assert found.low == pytest.approx(4.515862, abs=1e-6)
    assert found.high == pytest.approx(9.484138, abs=1e-6)


def test_of_one_value_there_is_a_mean_and_no_interval_and_of_none_nothing() -> None:
    assert (spread([4]).mean, spread([4]).sd, spread([4]).low) == (4, None, None)
    assert (spread([None]).n, spread([]).mean) == (0, None)


def test_the_differences_of_a_then_test_add_up_whoever_lacks_a_value() -> None:
    found = shift([(2, 1, 6), (3, 3, 5), (1, None, 7), (None, 4, 4)])

    assert (found.left_out, found.then.n) == (2, 2)
    assert (found.shift.mean, found.observed.mean, found.own.mean) == (-0.5, 3, 3.5)


def test_a_correlation_has_fishers_limits() -> None:
    """By hand: r = .5 of 28 gives z = .549306, half a width of 1.959964 / 5, and back again."""
    pairs = [(x, y) for x, y in zip(*_correlated(28, 0.5), strict=True)]
    found = correlation(pairs)
    assert found.r == pytest.approx(0.5)
    assert (found.low, found.high) == (pytest.approx(0.156, abs=5e-4), pytest.approx(0.736, abs=5e-4))
    assert correlation(pairs[:3]).low is None


def _correlated(n: int, r: float) -> tuple[list[float], list[float]]:
    """Values whose correlation is exactly `r`: the second is the first and something at a right angle to it."""
    one = [float(k) for k in range(n)]
    centred = [x - (n - 1) / 2 for x in one]
    wave = [(-1.0) ** k for k in range(n)]
    slope = sum(w * c for w, c in zip(wave, centred, strict=True)) / sum(c * c for c in centred)
    across = [w - slope * c for w, c in zip(wave, centred, strict=True)]
    scale = (sum(c * c for c in centred) / sum(a * a for a in across)) ** 0.5 * ((1 - r * r) ** 0.5) / r
    return one, [c + scale * a for c, a in zip(centred, across, strict=True)]


def test_two_people_or_no_spread_make_no_correlation() -> None:
    assert correlation([(1, 2), (2, 3), (3, None)]).r is None
    assert correlation([(1, 2), (1, 3), (1, 5)]).r is None
    assert correlation([(1, 2), (2, 4), (3, 6)]).r == pytest.approx(1)


# --- a small study ---------------------------------------------------------------------------------------------------


@pytest.fixture
def version(db: None) -> StudyVersion:
    return small_study()


def test_what_was_hoped_stands_by_arm_and_time(version: StudyVersion) -> None:
    credibility, expectancy = demand_of(version.study).expected

    assert credibility.of == OfInstrument("hope", "sense")
    assert [(at, arm, found.n, found.mean) for at, arm, found in credibility.groups] == [
        ("first", "train", 3, 7),
        ("first", "wait", 3, 4),
    ]
    assert [(arm, found.mean, found.sd) for _at, arm, found in expectancy.groups] == [
        ("train", 60, 20),
        ("wait", 30, 10),
    ]
    assert expectancy.ends == (0, 100)


def test_the_then_test_tells_how_far_the_yardstick_moved(version: StudyVersion) -> None:
    [found] = demand_of(version.study).then_tests

    assert (found.before, found.at, found.after) == (("first",), "end", "end")
    by_arm = dict(found.groups)
    train = by_arm["train"]  # then minus before: -1, 0, 1; after minus before: 4, 2, 6; after minus then: 5, 2, 5
    assert (train.shift.mean, train.observed.mean, train.own.mean) == (0, 4, 4)
    wait = by_arm["wait"]  # 0, -1; 0, 1; 0, 2
    assert (wait.then.n, wait.shift.mean, wait.observed.mean, wait.own.mean) == (2, -0.5, 0.5, 1)


def test_guesses_are_counted_by_the_arm_that_people_are_in(version: StudyVersion) -> None:
    participant, coach, rater = demand_of(version.study).guessed

    train, wait = participant.arms
    assert (train.named, train.dont_know) == ({"train": 1, "wait": 1}, 1)
    assert (wait.named, wait.dont_know) == ({"train": 0, "wait": 2}, 0)
    assert isinstance(train.bang, Bang)
    assert isinstance(wait.bang, Bang)
    assert (train.bang.value, wait.bang.value) == (0, 1)
    assert (train.confidence.mean, wait.confidence.mean) == (6.5, 6)  # of those who name an arm
    assert (coach.n, rater.n) == (0, 0)
    assert isinstance(coach.james, NotComputable)


def test_of_staff_the_latest_guess_of_each_role_counts(version: StudyVersion) -> None:
    person = Enrolment.objects.filter(arm="train").earliest("pk")
    by = world.staff(version.study, "coach")
    for role, guess in (("coach", "wait"), ("coach", "train"), ("rater", DONT_KNOW)):
        guess_arm(enrolment=person, role=role, guess=guess, confidence=3, reason="", by=by, now=clock.now())

    _participant, coach, rater = demand_of(version.study).guessed

    assert coach.arms[0].named == {"train": 1, "wait": 0}
    assert (rater.arms[0].dont_know, rater.n) == (1, 1)


def test_hope_stands_beside_the_change_of_the_primary_outcome(version: StudyVersion) -> None:
    [found] = demand_of(version.study).with_change

    by_arm = dict(found.groups)
    # gains 60, 40, 80 with changes 4, 2, 6
    assert by_arm["train"].n == 3
    assert by_arm["train"].r == pytest.approx(1)
    assert (by_arm["wait"].n, by_arm["wait"].r) == (2, None)


def test_answers_to_a_content_that_is_scored_otherwise_are_not_mixed_in(version: StudyVersion) -> None:
    reworded = world.edited({"How much sense does it make?": "Does it make sense?"}, FILES, "instruments/hope.yaml")
    assert demand_of(world.publish(reworded).study).expected[0].groups != ()

    rescaled = world.edited({"max: 9": "max: 7"}, FILES, "instruments/hope.yaml")
    credibility, expectancy = demand_of(world.publish(rescaled).study).expected

    assert credibility.groups == ()
    assert expectancy.groups != ()


def test_simulated_people_are_in_or_out(version: StudyVersion) -> None:
    Enrolment.objects.filter(arm="wait").update(synthetic=True)

    real, simulated = (demand_of(version.study, synthetic=which) for which in (False, True))

    assert [arm for _at, arm, _found in real.expected[0].groups] == ["train"]
    assert [arm for _at, arm, _found in simulated.expected[0].groups] == ["wait"]
    assert (real.guessed[0].n, simulated.guessed[0].n) == (3, 2)


# --- page and API ----------------------------------------------------------------------------------------------------


def page_of(version: StudyVersion, query: str = "") -> str:
    browser = world.browser_of_staff(world.staff(version.study, "researcher"))
    response = browser.get(f"/studies/{version.study.slug}/demand/{query}")
    assert response.status_code == 200
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def test_the_page_says_the_numbers_and_how_to_read_them(version: StudyVersion) -> None:
    page = page_of(version)

    assert "The first one: highest in Training (7.00), lowest in Waiting (4.00), 3.00 apart." in page
    assert "4.52 to 9.48" in page
    assert "Training r = 1.00 (n = 3); Waiting: not computable (n = 2)" in page
    assert "Training: Within −0.2 and 0.2: usually called blinded." in page
    assert "Waiting: Above 0.2, and the one-sided limit is above 0" in page
    assert "Nobody has guessed yet." in page


def test_the_page_of_a_study_without_any_of_it_says_what_would_be_there(db: None) -> None:
    page = page_of(world.tiny())

    assert "The study names no scores of credibility or expectancy" in page
    assert "No questionnaire of the study looks back on another" in page
    assert "The study asks nobody to guess the group" in page


def test_the_page_of_a_study_without_answers_says_what_will_be_there(db: None) -> None:
    page = page_of(world.publish(FILES, now=NOW))

    assert "When it is answered, means by group and time will be here." in page
    assert "When people look back, the three differences by group will be here." in page
    assert "When people who are in a group guess it, their guesses will be here." in page


def test_whoever_may_not_export_does_not_see_it(version: StudyVersion) -> None:
    browser = world.browser_of_staff(world.staff(version.study, "coach"))

    assert browser.get("/studies/hoping/demand/").status_code == 403


def test_the_api_tells_the_same_numbers(version: StudyVersion) -> None:
    found = caller(version.study).json("demand/")

    assert found["arms"] == ["train", "wait"]
    assert [(each["kind"], each["score"]) for each in found["expected"]] == [
        ("credibility", "hope.sense"),
        ("expectancy", "hope.gain"),
    ]
    assert found["then_tests"][0]["groups"][1]["shift"]["mean"] == -0.5
    assert found["guesses"][0]["arms"][1]["bang"]["value"] == 1
    assert found["guesses"][1]["james"] == {
        "value": None,
        "se": None,
        "low": None,
        "high": None,
        "why_not": "Nobody was asked.",
    }
    assert found["expectancy_and_change"][0]["groups"][1] == {
        "arm": "wait",
        "n": 2,
        "r": None,
        "low": None,
        "high": None,
    }
    assert caller(version.study).json("demand/", synthetic="true")["expected"][0]["groups"] == []


def test_a_guess_about_somebody_who_was_erased_is_not_counted(version: StudyVersion) -> None:
    person = Enrolment.objects.filter(arm="train").earliest("pk")
    by = world.staff(version.study, "coach")
    guess_arm(enrolment=person, role="coach", guess="wait", confidence=3, reason="", by=by, now=clock.now())
    Enrolment.objects.filter(pk=person.pk).update(erased_at=clock.now())

    assert ArmGuess.objects.count() == 1
    assert demand_of(version.study).guessed[1].n == 0
