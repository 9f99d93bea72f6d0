"""The plan of one person: anchors, openings, what follows what, and the example study, by literal instants."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from coaching import schedule
from coaching.schedule import AllocationVerdict, Planned
from tests.builders import arm, example_study, step, study, utc
from tests.coaching.planning import ALLOCATION, CONSENT, allocated, day, facts, plan_of_arm, states, times

# --- what is an ANCHOR? ----------------------------------------------------------------------------------------------


def test_a_step_may_hang_on_consent() -> None:
    plan = plan_of_arm(step("x", "consent + 2d", ("0s", "1d")), at=day(11))

    assert times(plan["x"]) == (day(12), day(12), day(13))


def test_a_step_may_hang_on_allocation() -> None:
    plan = plan_of_arm(step("x", "allocation + 36h", ("-12h", "1d")), at=day(11))

    assert times(plan["x"]) == (day(12.5), day(12), day(13.5))


def test_what_hangs_on_allocation_is_not_known_before_it() -> None:
    declared = study(before=[step("b")], arms=[arm("a")], after=[step("x", "allocation + 2d", remind=["0s"])])

    plan = schedule.plan(declared, facts(), day(20))

    assert plan["x"] == Planned(declared.after[0], None, None, None, "waiting", None, ())


@pytest.mark.parametrize("at", ["s1 + 1d", "s1.done + 1d"])
def test_a_bare_step_means_its_completion(at: str) -> None:
    steps = step("s1", "allocation", ("0s", "7d")), step("x", at, ("0s", "1d"))

    before = plan_of_arm(*steps, at=day(14))
    after = plan_of_arm(*steps, at=day(14), completed={"s1": day(13)})

    assert times(before["x"]) == (None, None, None)
    assert times(after["x"]) == (day(14), day(14), day(15))


@pytest.mark.parametrize("completed", [{}, {"s1": day(15)}])
def test_due_is_the_at_of_a_step_done_or_not(completed: dict[str, dt.datetime]) -> None:
    steps = step("s1", "allocation + 3d", ("-1d", "7d")), step("x", "s1.due + 2d")

    plan = plan_of_arm(*steps, at=day(11), completed=completed)

    assert plan["x"].due_at == day(16)


@pytest.mark.parametrize("completed", [{}, {"s1": day(15)}])
def test_closed_is_the_end_of_the_window_done_or_not(completed: dict[str, dt.datetime]) -> None:
    steps = step("s1", "allocation + 3d", ("-1d", "7d")), step("x", "s1.closed + 2d")

    plan = plan_of_arm(*steps, at=day(11), completed=completed)

    assert plan["x"].due_at == day(23)


@pytest.mark.parametrize("moment", ["due", "closed"])
def test_due_and_closed_reach_those_who_missed_what_came_before(moment: str) -> None:
    steps = step("s1", "allocation", ("0s", "2d")), step("x", f"s1.{moment} + 3d", ("0s", "7d"))

    plan = plan_of_arm(*steps, at=day(17))

    assert states(plan) == {"s1": "missed", "x": "open"}


# --- when is it open? ------------------------------------------------------------------------------------------------


def test_a_step_is_open_from_its_opening_until_just_before_its_close() -> None:
    it = step("x", "allocation + 3d", ("-1d", "7d"))

    def state_at(at: dt.datetime) -> tuple[str, dt.datetime | None]:
        planned = plan_of_arm(it, at=at)["x"]
        return planned.state, planned.settled_at

    tick = dt.timedelta(microseconds=1)
    assert state_at(day(13) - tick) == ("waiting", None)
    assert state_at(day(13)) == ("open", None)
    assert state_at(day(21) - tick) == ("open", None)
    assert state_at(day(21)) == ("missed", day(21))
    assert state_at(day(999)) == ("missed", day(21))


def test_without_a_window_a_step_is_open_from_its_at_until_the_study_ends() -> None:
    it = step("x", "allocation + 3d")

    assert plan_of_arm(it, at=day(13.9))["x"].state == "waiting"
    assert plan_of_arm(it, at=day(999))["x"].state == "open"
    assert times(plan_of_arm(it, at=day(999))["x"]) == (day(14), day(14), None)
    assert times(plan_of_arm(it, at=day(15), study_ended_at=day(20))["x"]) == (day(14), day(14), day(20))
    ended = plan_of_arm(it, at=day(20), study_ended_at=day(20))["x"]
    assert (ended.state, ended.settled_at) == ("missed", day(20))


def test_a_study_that_ends_closes_every_window_and_opens_no_other() -> None:
    steps = (
        step("now", "allocation", ("0s", "30d"), remind=["0s", "10d"]),
        step("later", "allocation + 20d", ("0s", "7d"), remind=["0s"]),
        step("whenever", "allocation + 20d"),
    )

    plan = plan_of_arm(*steps, at=day(30), study_ended_at=day(20))

    assert states(plan) == dict.fromkeys(["now", "later", "whenever"], "missed")
    assert {each.settled_at for each in plan.values()} == {day(20)}
    assert plan["now"].closes_at == day(20)
    assert plan["now"].reminders == (day(11),)
    assert times(plan["later"]) == (day(31), day(31), day(38))
    assert plan["later"].reminders == ()
    assert plan["whenever"].closes_at is None


def test_what_is_done_is_done_whenever_that_was() -> None:
    plan = plan_of_arm(step("x", "allocation + 3d", ("0s", "7d")), at=day(40), completed={"x": day(15)})

    assert (plan["x"].state, plan["x"].settled_at) == ("done", day(15))
    assert times(plan["x"]) == (day(14), day(14), day(21))


# --- a step without `at`? --------------------------------------------------------------------------------------------


def test_the_first_step_of_all_follows_consent() -> None:
    plan = schedule.plan(study(before=[step("b")], arms=[arm("a")]), facts(), CONSENT)

    assert plan["b"].state == "open"
    assert plan["b"].opens_at == CONSENT


def test_the_first_step_of_an_arm_follows_allocation() -> None:
    plan = plan_of_arm(step("x"), at=day(11))

    assert plan["x"].opens_at == ALLOCATION


def test_a_step_without_at_follows_the_nearest_required_step_before_it() -> None:
    steps = step("s1", "allocation", ("0s", "7d")), step("extra", optional=True), step("x", window=("0s", "2d"))

    waiting = plan_of_arm(*steps, at=day(12))
    done = plan_of_arm(*steps, at=day(12.5), completed={"s1": day(12)})
    missed = plan_of_arm(*steps, at=day(18))

    assert states(waiting) == {"s1": "open", "extra": "waiting", "x": "waiting"}
    assert states(done) == {"s1": "done", "extra": "open", "x": "open"}
    assert times(done["x"]) == (day(12), day(12), day(14))
    assert states(missed) == {"s1": "missed", "extra": "open", "x": "open"}
    assert times(missed["x"]) == (day(18), day(18), day(20))


def test_it_opens_too_when_the_step_before_could_not_come() -> None:
    steps = step("s1", "allocation", ("0s", "2d")), step("s2", "s1 + 1d", ("0s", "2d")), step("x")

    plan = plan_of_arm(*steps, at=day(13))

    assert states(plan) == {"s1": "missed", "s2": "missed", "x": "open"}
    assert plan["x"].opens_at == day(13)


def test_the_first_step_of_after_follows_the_arms_last_required_step() -> None:
    in_arm = step("s1", "allocation", ("0s", "2d")), step("extra", "allocation", ("0s", "20d"), optional=True)

    waiting = plan_of_arm(*in_arm, after=(step("post"),), at=day(12))
    done = plan_of_arm(*in_arm, after=(step("post"),), at=day(12), completed={"s1": day(11.5)})

    assert waiting["post"].state == "waiting"
    assert done["post"].opens_at == day(11.5)


def test_the_first_step_of_after_follows_allocation_where_the_arm_requires_nothing() -> None:
    assert plan_of_arm(after=(step("post"),), at=day(12))["post"].opens_at == ALLOCATION
    optional = step("extra", "allocation + 1d", optional=True)
    assert plan_of_arm(optional, after=(step("post"),), at=day(12))["post"].opens_at == ALLOCATION


def test_before_allocation_nobody_knows_what_the_first_step_of_after_follows() -> None:
    declared = study(before=[step("b")], arms=[arm("a", step("s1"))], after=[step("post")])

    assert states(schedule.plan(declared, facts(completed={"b": day(10)}), day(20))) == {"b": "done", "post": "waiting"}


def test_in_a_cohort_after_goes_on_from_before() -> None:
    cohort = study(before=[step("b1"), step("b2", optional=True)], after=[step("post")])

    waiting = schedule.plan(cohort, facts(), day(11))
    done = schedule.plan(cohort, facts(completed={"b1": day(12)}), day(12))

    assert states(waiting) == {"b1": "open", "b2": "waiting", "post": "waiting"}
    assert states(done) == {"b1": "done", "b2": "open", "post": "open"}
    assert schedule.plan(study(after=[step("post")]), facts(), day(11))["post"].opens_at == CONSENT


# --- optional steps? one id in two arms? -----------------------------------------------------------------------------


def test_optional_steps_never_block() -> None:
    steps = step("s1", "allocation"), step("extra", "s1 + 0s", optional=True), step("x")

    plan = plan_of_arm(*steps, at=day(12), completed={"s1": day(11.5)})

    assert states(plan) == {"s1": "done", "extra": "open", "x": "open"}


def test_one_id_in_two_arms_is_planned_by_the_arm_that_one_is_in() -> None:
    declared = study(
        arms=[arm("a", step("s1", "allocation + 1d")), arm("b", step("s1", "allocation + 3d"), step("s2"))],
        after=[step("post", "s1.due + 7d")],
    )

    in_a, in_b = (schedule.plan(declared, allocated(arm=name), day(11)) for name in "ab")

    assert list(in_a) == ["s1", "post"]
    assert list(in_b) == ["s1", "s2", "post"]
    assert (in_a["post"].due_at, in_b["post"].due_at) == (day(19), day(21))
    assert states(schedule.plan(declared, facts(), day(99))) == {"post": "waiting"}


# --- the example study -----------------------------------------------------------------------------------------------

EXAMPLE = example_study()
ENTERED = facts("Europe/London", consented_at=utc("2027-03-14T21:00Z"))
TRAINED = replace(
    ENTERED, allocated_at=utc("2027-03-14T21:10Z"), arm="sessions", completed={"baseline": utc("2027-03-14T21:10Z")}
)


def test_the_example_before_allocation() -> None:
    plan = schedule.plan(EXAMPLE, ENTERED, ENTERED.consented_at)

    assert states(plan) == {"baseline": "open", "post": "waiting", "day28": "waiting"}
    assert schedule.allocation_due(EXAMPLE, ENTERED, ENTERED.consented_at).verdict == "not_yet"
    done = replace(ENTERED, completed=TRAINED.completed)
    assert schedule.allocation_due(EXAMPLE, done, utc("2027-03-14T21:10Z")) == AllocationVerdict(
        "now", utc("2027-03-14T21:10Z")
    )


def test_the_example_in_the_arm_with_sessions() -> None:
    """Allocated at ten past nine on a March evening in London; summer time starts on the 28th."""
    at = utc("2027-03-16T19:30Z")
    plan = schedule.plan(EXAMPLE, replace(TRAINED, completed={**TRAINED.completed, "s1": at}), at)

    assert states(plan) == {"baseline": "done", "s1": "done", "s2": "waiting", "post": "waiting", "day28": "waiting"}
    assert times(plan["s1"]) == (utc("2027-03-14T21:10Z"), utc("2027-03-14T21:10Z"), utc("2027-03-21T21:10Z"))
    assert plan["s1"].reminders == (utc("2027-03-16T09:00Z"), utc("2027-03-18T09:00Z"))
    assert times(plan["s2"]) == (utc("2027-03-17T19:30Z"), utc("2027-03-17T19:30Z"), utc("2027-03-24T19:30Z"))
    assert plan["s2"].reminders == (utc("2027-03-17T19:30Z"), utc("2027-03-19T19:30Z"))
    assert times(plan["post"]) == (utc("2027-03-28T20:10Z"), utc("2027-03-27T21:10Z"), utc("2027-04-04T20:10Z"))
    assert plan["post"].reminders == (utc("2027-03-28T08:00Z"), utc("2027-03-30T08:00Z"), utc("2027-04-02T08:00Z"))
    assert times(plan["day28"]) == (utc("2027-04-25T20:10Z"), utc("2027-04-22T20:10Z"), utc("2027-05-02T20:10Z"))
    assert plan["day28"].reminders == (utc("2027-04-23T08:00Z"), utc("2027-04-26T08:00Z"))
    assert schedule.next_boundary(plan, at) == utc("2027-03-17T19:30Z")


def test_the_example_for_someone_who_does_nothing_after_allocation() -> None:
    at = utc("2027-03-21T21:10Z")
    plan = schedule.plan(EXAMPLE, TRAINED, at)

    assert states(plan) == {"baseline": "done", "s1": "missed", "s2": "missed", "post": "waiting", "day28": "waiting"}
    assert plan["s2"].settled_at == at

    end = schedule.plan(EXAMPLE, TRAINED, utc("2027-05-02T20:10Z"))
    assert states(end) == {"baseline": "done", **dict.fromkeys(["s1", "s2", "post", "day28"], "missed")}
    assert schedule.finished(EXAMPLE, TRAINED, end)
    assert not schedule.finished(EXAMPLE, TRAINED, schedule.plan(EXAMPLE, TRAINED, utc("2027-05-02T20:09Z")))


def test_the_example_in_the_arm_with_questions_alone() -> None:
    plan = schedule.plan(EXAMPLE, replace(TRAINED, arm="questions"), utc("2027-03-28T00:00Z"))

    assert states(plan) == {"baseline": "done", "post": "open", "day28": "waiting"}


# --- done with it all? what comes next? ------------------------------------------------------------------------------


def test_someone_is_finished_once_no_step_is_open_or_can_still_open() -> None:
    declared = study(arms=[arm("a", step("s1"), step("extra", "s1 + 1d", ("0s", "3d"), optional=True))])

    def is_finished(at: dt.datetime, **completed: dt.datetime) -> bool:
        person = allocated(completed=completed)
        return schedule.finished(declared, person, schedule.plan(declared, person, at))

    assert not is_finished(day(12))
    assert not is_finished(day(12), s1=day(12))  # the optional one can still open
    assert not is_finished(day(13), s1=day(12))  # and is open
    assert is_finished(day(16), s1=day(12))
    assert is_finished(day(14), s1=day(12), extra=day(14))


def test_who_is_yet_to_be_allocated_is_not_finished() -> None:
    declared = study(before=[step("b")], arms=[arm("a", step("s1"))])
    person = facts(completed={"b": day(11)})

    plan = schedule.plan(declared, person, day(11))

    assert states(plan) == {"b": "done"}
    assert not schedule.finished(declared, person, plan)


def test_who_will_never_be_allocated_is_finished_and_so_is_everybody_when_the_study_ended() -> None:
    declared = study(before=[step("b")], arms=[arm("a", step("s1"))])

    never = facts(completed={"b": day(11)}, never_allocated_at=day(12))
    ended = facts(completed={"b": day(11)}, study_ended_at=day(12))

    for person in (never, ended):
        assert schedule.finished(declared, person, schedule.plan(declared, person, day(12)))


def test_a_cohort_is_finished_without_allocation() -> None:
    cohort = study(before=[step("b")])
    person = facts(completed={"b": day(11)})

    assert schedule.finished(cohort, person, schedule.plan(cohort, person, day(11)))


def test_the_next_boundary_is_the_next_opening_message_or_close() -> None:
    steps = step("x", "allocation + 1d", ("0s", "4d"), remind=["2d"]), step("y", "allocation + 9d")

    def after(at: dt.datetime, **completed: dt.datetime) -> dt.datetime | None:
        return schedule.next_boundary(plan_of_arm(*steps, at=at, completed=completed), at)

    assert after(day(11)) == day(12)
    assert after(day(12)) == day(14)
    assert after(day(14)) == day(16)
    assert after(day(14), x=day(13)) == day(20)
    assert after(day(20), x=day(13)) is None
