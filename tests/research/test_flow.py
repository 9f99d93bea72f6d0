"""How many people stand where."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import clock
from coaching.models import Enrolment, StudyVersion
from coaching.services import forgetting, people
from config.tick import turn
from research.selectors import flow
from tests import world
from tests.research.calls import caller, fill_in, person

pytestmark = pytest.mark.django_db

STOP = {"instruments: [scenes_4]}\nallocation": "instruments: [scenes_4], window: [0d, 7d]}\nallocation"}


@pytest.fixture
def version() -> StudyVersion:
    return world.example(sessions=False)


def assert_adds_up(found: Any) -> None:
    assert found["assessed"] == sum(found["excluded"].values()) + found["unfinished"] + found["consented"]
    assert found["allocated"] == sum(arm["allocated"] for arm in found["arms"].values())


def of_both_arms(found: Any, name: str) -> int:
    return sum(arm[name] for arm in found["arms"].values())


def test_before_anybody_came_everything_is_nought(version: StudyVersion) -> None:
    nothing = {"allocated": 0, "started": 0, "completed": 0, "missed": 0, "withdrawn": 0}
    assert caller(version.study).json("flow/") == {
        "invited": 0,
        "assessed": 0,
        "excluded": {},
        "unfinished": 0,
        "consented": 0,
        "allocated": 0,
        "arms": {"sessions": nothing, "questions": nothing},
    }


def test_a_cohort_has_no_arms() -> None:
    version = world.tiny()
    world.consented(version)
    found = flow(version.study)
    assert (found["consented"], found["allocated"], found["arms"]) == (1, 0, {})


def test_the_door_adds_up(version: StudyVersion) -> None:
    now, study = clock.now(), version.study
    for question in ("age", "age", "heard"):
        people.screen_out(question=question, now=now, screening=people.begin_screening(study=study, now=now))
    people.begin_screening(study=study, now=now)
    guests = [world.invited(study)[0] for _ in range(4)]
    people.note_screening(enrolment=guests[0], now=now)
    people.note_screening(enrolment=guests[1], now=now)
    people.screen_out(question="age", now=now, enrolment=guests[1])
    world.consented(version, enrolment=guests[2])
    world.consented(version)
    found = flow(study)
    assert_adds_up(found)
    assert found == {
        "invited": 4,
        "assessed": 8,
        "excluded": {"age": 3, "heard": 1},
        "unfinished": 2,
        "consented": 2,
        "allocated": 0,
        "arms": found["arms"],
    }


def test_whoever_missed_a_step_that_stops_is_excluded_and_not_consented(settings: Any) -> None:
    version = world.publish(world.edited(STOP, world.without_sessions()))
    person(version)
    world.consented(version)
    turn(now=world.move_clock(settings, dt.timedelta(days=8)))
    found = flow(version.study)
    assert_adds_up(found)
    assert (found["excluded"], found["consented"], found["allocated"]) == ({"missed:baseline": 1}, 1, 1)


def test_arms_count_who_started_completed_missed_and_left(version: StudyVersion, settings: Any) -> None:
    diligent, absent, leaver = person(version), person(version), person(version)
    assert of_both_arms(flow(version.study), "allocated") == 3
    assert of_both_arms(flow(version.study), "started") == 0
    people.withdraw(enrolment=leaver, choice="keep", by="participant", now=clock.now())
    world.move_clock(settings, dt.timedelta(days=14))
    fill_in(diligent, "post", "scenes_4", [1, 1, 1, 1])
    found = flow(version.study)
    assert [of_both_arms(found, name) for name in ("started", "completed", "missed", "withdrawn")] == [1, 0, 0, 1]
    turn(now=world.move_clock(settings, dt.timedelta(days=60)))
    found = flow(version.study)
    assert_adds_up(found)
    assert [of_both_arms(found, name) for name in ("started", "completed", "missed", "withdrawn")] == [1, 2, 1, 1]
    assert found["arms"][absent.arm]["missed"] == 1


def test_an_erased_person_still_counts_where_they_stood(version: StudyVersion) -> None:
    gone = person(version)
    people.withdraw(enrolment=gone, choice="erase", by="participant", now=clock.now())
    before = flow(version.study)
    forgetting.empty_person(gone, now=clock.now())
    assert flow(version.study) == before
    assert before["arms"][gone.arm]["withdrawn"] == 1


def test_simulated_people_can_be_counted_apart(version: StudyVersion) -> None:
    real, simulated = person(version), person(version)
    Enrolment.objects.filter(pk=simulated.pk).update(synthetic=True)
    program = caller(version.study)
    people.begin_screening(study=version.study, now=clock.now())
    everybody, ours, theirs = (
        program.json("flow/"),
        program.json("flow/", synthetic="false"),
        program.json("flow/", synthetic="true"),
    )
    assert (everybody["consented"], ours["consented"], theirs["consented"]) == (2, 1, 1)
    assert (everybody["unfinished"], ours["unfinished"], theirs["unfinished"]) == (1, 1, 0)
    assert ours["arms"][real.arm]["allocated"] == 1
    assert program.get("flow/", synthetic="perhaps").status_code == 400


def test_other_studies_do_not_count(version: StudyVersion) -> None:
    person(version)
    other = world.tiny()
    assert flow(other.study)["consented"] == 0
