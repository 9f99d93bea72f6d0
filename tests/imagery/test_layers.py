"""Layers that open one by one: by having been met, or by how they were rated; both are in the log."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from coaching.models import Enrolment
from imagery.models import SessionEvent
from imagery.selectors import Refusal
from imagery.services import DECLINED, PASSED, Given, Rated
from imagery.timeline import first_stage, following, locked_layers, way
from protocol.script import Script, Stage, Unlock
from protocol.text import Text
from tests import world
from tests.imagery.rounds import DAY, FILES, MINUTE, T0, begin, give, run, session

LAYERED = """\
slug: night-bird
title: {en: A tree, de: Ein Baum}
unlock: UNLOCK
stages:
  - {id: hello, say: Hello}
  - {id: one, layer: place, say: It stands there}
  - {id: r1, layer: place, rate: clarity, scale: {min: 1, max: 5}}
  - {id: two, layer: wind, say: The leaves turn}
  - {id: r2, layer: wind, rate: clarity, scale: {min: 1, max: 5}}
  - {id: bye, say: Good bye}
"""


def layered(by: str, times: int = 1) -> Script:
    stages = tuple(
        Stage(id, "say", layer, Text(id))
        for id, layer in (("hello", None), ("one", "place"), ("two", "wind"), ("three", "rain"), ("bye", None))
    )
    unlock = Unlock("exposure", times) if by == "exposure" else Unlock("rating", times, "clarity", 3)
    return Script("tree", Text("A tree"), stages, unlock=unlock)


# --- pure -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "locked"),
    [
        ({}, ("wind", "rain")),
        ({"place": 1}, ("wind", "rain")),
        ({"place": 2}, ("rain",)),
        ({"place": 3, "wind": 1}, ("rain",)),
        ({"place": 2, "wind": 2}, ()),
        # What was met before the script had that order does not open what lies beyond a locked layer.
        ({"wind": 5}, ("wind", "rain")),
    ],
)
def test_a_layer_opens_once_the_one_before_it_was_met_often_enough(
    met: dict[str, int], locked: tuple[str, ...]
) -> None:
    assert locked_layers(layered("exposure", 2), met, {}) == locked
    assert locked_layers(layered("rating", 2), {}, met) == locked


def test_what_does_not_decide_opens_nothing() -> None:
    assert locked_layers(layered("exposure"), {}, {"place": 9}) == ("wind", "rain")
    assert locked_layers(layered("rating"), {"place": 9}, {}) == ("wind", "rain")


def test_the_way_leaves_locked_layers_out_and_a_choice_into_one_leads_behind_it() -> None:
    script = layered("exposure")
    assert [stage.id for stage in way(script, {}, ("wind", "rain"))] == ["hello", "one", "bye"]
    assert [stage.id for stage in way(script, {})] == ["hello", "one", "two", "three", "bye"]
    hello = script.stages[0]
    assert following(script, hello, locked=("place",)) == script.stages[2]
    assert first_stage(script, ()) == hello


# --- stored -----------------------------------------------------------------------------------------------------------


def someone(unlock: str) -> Enrolment:
    """Somebody in a study of two sessions of that script."""
    files = dict(FILES) | {"scripts/night-bird.yaml": LAYERED.replace("UNLOCK", unlock)}
    return world.consented(world.publish(files, now=T0), T0)


def gone_through(person: Enrolment, step: str, at: dt.datetime, rating: Given) -> list[str]:
    """The stages that the session led over."""
    begin(person, step, at)
    stages = []
    while (here := session(person, step).here()) is not None:
        stages.append(here.id)
        at += MINUTE
        give(person, here.id, rating if here.kind == "rate" else PASSED, at=at, step=step)
    return stages


def unlocks(person: Enrolment) -> list[dict[str, object]]:
    events = SessionEvent.objects.filter(run__occasion__enrolment=person, type="unlock").order_by("pk")
    return [json.loads(event.payload) for event in events]


@pytest.mark.django_db
def test_the_second_session_has_the_layer_that_the_first_one_opened() -> None:
    person = someone("{by: exposure, times: 1}")

    # How it was rated decides nothing.
    assert gone_through(person, "first", T0, Rated(1)) == ["hello", "one", "r1", "bye"]
    assert gone_through(person, "second", T0 + 9 * DAY, Rated(1)) == ["hello", "one", "r1", "two", "r2", "bye"]

    assert [run(person, step).locked for step in ("first", "second")] == ["wind", ""]
    assert unlocks(person) == [
        {"by": "exposure", "exposures": {}, "ratings": {}, "locked": ["wind"]},
        {"by": "exposure", "exposures": {"place": 1}, "ratings": {}, "locked": []},
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rating", "opens", "counted"), [(Rated(2), False, {}), (Rated(3), True, {"place": 1}), (DECLINED, False, {})]
)
def test_where_the_study_says_so_a_rating_opens_it(rating: Given, opens: bool, counted: dict[str, int]) -> None:
    person = someone("{by: rating, times: 1, rating: clarity, at_least: 3}")

    gone_through(person, "first", T0, rating)
    stages = gone_through(person, "second", T0 + 9 * DAY, rating)

    assert ("two" in stages) is opens
    # How often it was met is in the log, too.
    assert (unlocks(person)[1]["exposures"], unlocks(person)[1]["ratings"]) == ({"place": 1}, counted)


@pytest.mark.django_db
def test_two_attempts_at_one_session_are_one_exposure() -> None:
    person = someone("{by: exposure, times: 2}")
    begin(person)
    for stage, given in (("hello", PASSED), ("one", PASSED), ("r1", Rated(5))):
        give(person, stage, given)
    begin(person, again=1)
    gone_through(person, "first", T0 + MINUTE, Rated(5))

    begin(person, "second", T0 + 9 * DAY)

    assert unlocks(person)[-1]["exposures"] == {"place": 1}
    assert session(person, "second").locked == ("wind",)


@pytest.mark.django_db
def test_a_layer_that_opens_meanwhile_does_not_change_a_session_that_was_begun() -> None:
    person = someone("{by: exposure, times: 1}")
    begin(person)
    for stage, given in (("hello", PASSED), ("one", PASSED), ("r1", Rated(5))):
        give(person, stage, given)
    assert [stage.id for stage in session(person).way()] == ["hello", "one", "r1", "bye"]


@pytest.mark.django_db
def test_a_locked_layer_is_not_to_be_reached_by_its_address() -> None:
    person = someone("{by: exposure, times: 1}")
    begin(person)
    assert not session(person).has_reached("two")
    assert give(person, "two", PASSED) is Refusal.ELSEWHERE
