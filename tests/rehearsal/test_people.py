"""Plausible people, as published data sets describe them."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assessments.entries import Entry
from assessments.scoring import score
from protocol.bundle import read_bundle
from protocol.instrument import Instrument
from protocol.study import EligibilityQuestion, Requirement
from protocol.text import Text
from rehearsal.people import Ladder, Person, Reply, draws, ladders, person, replies

DEMO = read_bundle(Path(__file__).resolve().parents[2] / "studies" / "potoo-demo").study
SCENES = DEMO.instruments["scenes_16"]
DAY = dt.date(2026, 11, 24)
PEOPLE = [person(DEMO, "norms", number, 60) for number in range(1, 1201)]


def filled(who: Person, instrument: Instrument = SCENES, times: int = 0) -> tuple[Reply, ...]:
    return replies(who, ladders(instrument).values(), times, draws(f"{who.key}:{times}"), day=DAY)


def totals(times: int = 0) -> list[float]:
    values = ({reply.item: reply.value for reply in filled(who, times=times)} for who in PEOPLE)
    found = (score(SCENES, each)[0].value for each in values)
    return [total for total in found if total is not None]


def alpha(rows: list[list[float]]) -> float:
    """Cronbach's alpha."""
    k = len(rows[0])
    items = sum(statistics.variance(column) for column in zip(*rows, strict=True))
    return float(k / (k - 1) * (1 - items / statistics.variance([sum(row) for row in rows])))


def test_about_half_are_at_or_near_the_floor() -> None:
    share = sum(total <= 32 for total in totals()) / len(PEOPLE)
    assert 0.42 < share < 0.58
    assert 0.15 < sum(total == 16 for total in totals()) / len(PEOPLE) < 0.40


def test_the_others_spread_as_open_data_sets_do() -> None:
    above = [total for total in totals() if total > 32]
    assert 52 < statistics.mean(above) < 62
    assert 8 < statistics.stdev(above) < 14
    assert 0.03 < sum(total >= 75 for total in totals()) / len(PEOPLE) < 0.12


def test_items_hang_together_as_in_real_questionnaires() -> None:
    rows = [[reply.value for reply in filled(who)] for who in PEOPLE if who.level > 0.3]
    complete = [[value for value in row if value is not None] for row in rows if None not in row]
    assert 0.8 < alpha(complete) < 0.97


def test_answering_again_moves_the_mean_by_no_more_than_a_hair() -> None:
    first, third = statistics.mean(totals(0)), statistics.mean(totals(2))
    assert 0 < third - first < 1.5


def test_the_same_seed_and_number_are_the_same_person_whoever_else_there_is() -> None:
    assert person(DEMO, "a", 7, 60) == person(DEMO, "a", 7, 60)
    assert person(DEMO, "a", 7, 60) != person(DEMO, "b", 7, 60)
    assert person(DEMO, "a", 7, 60) != person(DEMO, "a", 8, 60)


def test_everybody_meets_what_the_study_asks_at_its_door() -> None:
    for who in PEOPLE:
        assert set(who.eligibility) == {"age", "reads"}
        assert all(q.require.holds(who.eligibility[q.id]) for q in DEMO.eligibility if q.require)
        assert {"take_part", "data"} <= who.agreed
    assert {"recontact" in who.agreed for who in PEOPLE} == {True, False}


@pytest.mark.parametrize(
    "question",
    [
        EligibilityQuestion("q", Text("Q"), "integer", (), Requirement("<", 10)),
        EligibilityQuestion("q", Text("Q"), "integer", (), Requirement(">", 120)),
        EligibilityQuestion("q", Text("Q"), "boolean", (), Requirement("is", False)),
        EligibilityQuestion("q", Text("Q"), "choice", ("a", "b", "c"), Requirement("in", ("c",))),
    ],
)
def test_unusual_requirements_are_met_too(question: EligibilityQuestion) -> None:
    study = replace(DEMO, eligibility=(question,))
    assert question.require is not None
    for number in range(1, 30):
        assert question.require.holds(person(study, "door", number, 60).eligibility["q"])


def test_response_times_are_positive_and_skewed() -> None:
    seconds = [reply.took_s for who in PEOPLE for reply in filled(who)]
    assert min(seconds) > 0
    assert statistics.mean(seconds) > 1.05 * statistics.median(seconds)
    assert 2 < statistics.median(seconds) < 10


def test_some_decline_some_skip_and_some_change_their_mind() -> None:
    everyday = DEMO.instruments["everyday"]
    kinds = Counter(reply.status for who in PEOPLE for reply in filled(who, everyday))
    assert kinds["answered"] > 10 * kinds["declined"] > 0
    assert kinds["skipped"] > 0
    skipped = {reply.item for who in PEOPLE for reply in filled(who, everyday) if reply.status == "skipped"}
    assert skipped == {"dream"}  # only what is optional
    changed = [reply for who in PEOPLE for reply in filled(who) if reply.first is not None]
    assert changed
    assert all(reply.first != Entry(reply.value, reply.text) for reply in changed)


def test_every_value_is_a_point_of_its_items_scale() -> None:
    for instrument in DEMO.instruments.values():
        points = {item.id: item.scale.points for item in instrument.items() if item.scale}
        for who in PEOPLE[:200]:
            for reply in filled(who, instrument):
                assert (reply.value is None and not reply.text) == (reply.status != "answered")
                assert reply.value is None or reply.value in points[reply.item]


def test_the_least_vivid_end_follows_the_scales_direction_and_the_items_wording() -> None:
    nothing = replace(PEOPLE[0], imagery="none", level=0.0, declines=0.0)
    item = SCENES.items()[0]
    assert item.scale is not None
    turned = replace(item, scale=replace(item.scale, direction="higher_is_less"))
    for given, floor in ((item, 1), (turned, 5), (replace(item, reverse=True), 5), (replace(turned, reverse=True), 1)):
        only = replace(SCENES, sections=(replace(SCENES.sections[0], items=(given,)),))
        ladder: Ladder = ladders(only)[item.id]
        assert ladder.points[0] == floor
        said = [replies(nothing, [ladder], 0, draws(str(n)), day=DAY)[0].value for n in range(50)]
        assert Counter(said).most_common(1)[0][0] == floor
