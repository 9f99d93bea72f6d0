"""What holds for every study, person and moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from coaching import schedule
from coaching.schedule import Facts
from protocol.study import Step, Study
from tests.builders import arm, step, study
from tests.coaching.planning import ALLOCATION, day, facts, times

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
offsets = st.sampled_from(["-2d", "0s", "1d", "36h", "3d", "20d"])
spans = st.sampled_from([None, ("0s", "2d"), ("-1d", "7d"), ("-3d", "-1d"), ("12h", "36h"), ("0s", "0s")])


@st.composite
def lists(draw: st.DrawFn, prefix: str, roots: tuple[str, ...], earlier: tuple[Step, ...] = ()) -> list[Step]:
    """A list of steps, each hanging on nothing said, on a root, or on a step before it."""
    made: list[Step] = []
    for place in range(draw(st.integers(0, 4))):
        anchors = [*roots]
        for other in (*earlier, *made):
            anchors += [other.id, f"{other.id}.due", *([f"{other.id}.closed"] if other.window else [])]
        anchor, offset = draw(st.sampled_from(anchors)), draw(offsets)
        made.append(
            step(
                f"{prefix}{place}",
                draw(st.sampled_from([None, f"{anchor} {offset}" if offset[0] == "-" else f"{anchor} + {offset}"])),
                draw(spans),
                remind=draw(st.sampled_from([(), ("0s", "2d"), ("1d",)])),
                between=draw(st.sampled_from([None, ("09:00", "20:00")])),
                optional=draw(st.booleans()),
                missed=draw(st.sampled_from([None, "skip", "stop"])),
            )
        )
    return made


@st.composite
def people(draw: st.DrawFn) -> tuple[Study, Facts]:
    """A study and a person in it: some steps done, allocated or not."""
    before = draw(lists("b", ("consent",)))
    steps = draw(lists("s", ("consent", "allocation"), tuple(before)))
    is_cohort = draw(st.booleans())
    after = draw(lists("z", ("consent",) if is_cohort else ("consent", "allocation"), tuple(before)))
    declared = study(before=before, arms=() if is_cohort else (arm("a", *steps),), after=after)
    allocated_at = None if is_cohort else draw(st.sampled_from([None, ALLOCATION, day(20)]))
    person = facts(
        draw(st.sampled_from(ZONES)),
        allocated_at=allocated_at,
        arm="a" if allocated_at else None,
        study_ended_at=draw(st.sampled_from([None, None, day(25)])),
    )
    chosen = draw(st.sets(st.sampled_from([each.id for each in declared.path(person.arm)] or ["none"])))
    return declared, replace(person, completed={key: day(12 + draw(st.integers(0, 9))) for key in sorted(chosen)})


moments = st.integers(22, 90).map(day)  # after all that the people above have done


@settings(deadline=None)
@given(people(), moments)
def test_the_same_facts_give_the_same_plan(person: tuple[Study, Facts], at: dt.datetime) -> None:
    declared, known = person

    assert schedule.plan(declared, known, at) == schedule.plan(declared, known, at)
    assert list(schedule.plan(declared, known, at)) == [each.id for each in declared.path(known.arm)]


@settings(deadline=None)
@given(people(), moments, moments)
def test_what_is_settled_stays_so_with_its_instant(
    person: tuple[Study, Facts], one: dt.datetime, two: dt.datetime
) -> None:
    declared, known = person
    earlier, later = (schedule.plan(declared, known, at) for at in sorted((one, two)))

    order = {"waiting": 0, "open": 1, "missed": 2, "done": 2}
    for key, planned in earlier.items():
        assert order[later[key].state] >= order[planned.state]
        if planned.is_settled:
            assert (later[key].state, later[key].settled_at) == (planned.state, planned.settled_at)
        if planned.due_at is not None:
            assert times(later[key]) == times(planned)


@settings(deadline=None)
@given(people(), moments)
def test_what_was_found_missed_may_be_handed_back_as_a_fact(person: tuple[Study, Facts], at: dt.datetime) -> None:
    declared, known = person
    plan = schedule.plan(declared, known, at)
    missed = {key: each.settled_at for key, each in plan.items() if each.state == "missed" and each.settled_at}

    assert schedule.plan(declared, replace(known, missed=missed), at) == plan


@settings(deadline=None)
@given(people(), moments)
def test_a_plan_agrees_with_itself(person: tuple[Study, Facts], at: dt.datetime) -> None:
    declared, known = person
    for planned in schedule.plan(declared, known, at).values():
        assert planned.is_settled == (planned.state in {"done", "missed"})
        assert (planned.state == "done") == (planned.step.id in known.completed)
        assert (planned.opens_at is None) == (planned.due_at is None)
        if planned.settled_at is not None:
            assert planned.settled_at <= at
        if planned.state == "open":
            assert planned.opens_at is not None
            assert planned.opens_at <= at
            assert planned.closes_at is None or at < planned.closes_at
        assert list(planned.reminders) == sorted(planned.reminders)
        assert len(planned.reminders) <= len(planned.step.remind)
        assert all(planned.closes_at is None or due < planned.closes_at for due in planned.reminders)


@settings(deadline=None)
@given(people(), moments)
def test_nothing_changes_between_two_boundaries(person: tuple[Study, Facts], at: dt.datetime) -> None:
    declared, known = person
    plan = schedule.plan(declared, known, at)
    boundary = schedule.next_boundary(plan, at)
    if boundary is not None and known.study_ended_at is None:
        just_before = boundary - dt.timedelta(microseconds=1)
        assert schedule.plan(declared, known, just_before) == plan


@settings(deadline=None)
@given(people(), moments, moments)
def test_a_verdict_on_allocation_stands(person: tuple[Study, Facts], one: dt.datetime, two: dt.datetime) -> None:
    declared, known = person
    earlier, later = (schedule.allocation_due(declared, known, at) for at in sorted((one, two)))

    if earlier.verdict == "never":
        assert later == earlier
        assert schedule.finished(declared, known, schedule.plan(declared, known, max(one, two)))
    if earlier.verdict == "now" and known.study_ended_at is None:
        assert later == earlier
