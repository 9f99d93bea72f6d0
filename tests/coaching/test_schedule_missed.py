"""What becomes of a plan when a window closes undone, by literal instants."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from coaching import schedule
from coaching.schedule import AllocationVerdict, Planned
from protocol.study import Step
from tests.builders import arm, step, study
from tests.coaching.planning import CONSENT, allocated, day, facts, plan_of_arm, states, times

# --- a window that closes undone? an anchor that can't come any more? ------------------------------------------------


def test_a_required_step_on_the_completion_of_a_missed_one_is_missed_at_that_moment() -> None:
    steps = step("s1", "allocation", ("0s", "7d")), step("x", "s1 + 3d", ("0s", "7d"), remind=["0s"])

    plan = plan_of_arm(*steps, at=day(18))

    assert plan["x"] == Planned(steps[1], None, None, None, "missed", day(18), ())


def test_an_optional_step_on_the_completion_of_a_missed_one_is_missed_too() -> None:
    steps = step("s1", "allocation", ("0s", "7d")), step("x", "s1 + 3d", ("0s", "7d"), optional=True)

    plan = plan_of_arm(*steps, at=day(18))

    assert (plan["x"].state, plan["x"].settled_at) == ("missed", day(18))


@pytest.mark.parametrize(
    "first",
    [step("s1", "allocation", ("0s", "7d"), missed="skip"), step("s1", "allocation", ("0s", "7d"), optional=True)],
)
def test_the_close_of_a_step_that_may_be_skipped_counts_as_its_completion(first: Step) -> None:
    plan = plan_of_arm(first, step("x", "s1 + 3d", ("0s", "7d")), at=day(18))

    assert states(plan) == {"s1": "missed", "x": "waiting"}
    assert times(plan["x"]) == (day(21), day(21), day(28))


def test_an_optional_step_that_says_stop_stops_what_hangs_on_its_completion() -> None:
    first = step("s1", "allocation", ("0s", "7d"), optional=True, missed="stop")

    plan = plan_of_arm(first, step("x", "s1 + 3d"), at=day(18))

    assert (plan["x"].state, plan["x"].settled_at) == ("missed", day(18))


def test_a_lost_anchor_runs_down_the_whole_chain_at_once() -> None:
    steps = (
        step("s1", "allocation", ("0s", "7d")),
        step("s2", "s1 + 1d", ("0s", "7d")),
        step("s3", "s2.done + 1d", ("0s", "7d")),
        step("s4", "s3.due + 1d", ("0s", "7d"), optional=True),
    )

    plan = plan_of_arm(*steps, at=day(18))

    assert states(plan) == dict.fromkeys(["s1", "s2", "s3", "s4"], "missed")
    assert {each.settled_at for each in plan.values()} == {day(18)}


def test_a_step_whose_anchor_was_lost_counts_as_closed_then() -> None:
    steps = (
        step("s1", "allocation", ("0s", "7d")),
        step("s2", "s1 + 1d", ("0s", "7d")),
        step("x", "s2.closed + 2d", ("0s", "7d")),
    )

    plan = plan_of_arm(*steps, at=day(18))

    assert states(plan) == {"s1": "missed", "s2": "missed", "x": "waiting"}
    assert plan["x"].due_at == day(20)


def test_a_step_whose_anchor_was_lost_but_that_may_be_skipped_counts_as_completed_then() -> None:
    steps = (
        step("s1", "allocation", ("0s", "7d")),
        step("s2", "s1 + 1d", ("0s", "7d"), missed="skip"),
        step("x", "s2 + 2d", ("0s", "7d")),
    )

    plan = plan_of_arm(*steps, at=day(18))

    assert plan["x"].due_at == day(20)


def test_chains_are_missed_transitively_by_now_however_long_nobody_looked() -> None:
    steps = (
        step("s1", "allocation", ("0s", "2d"), missed="skip"),
        step("s2", "s1 + 1d", ("0s", "2d"), missed="skip"),
        step("s3", "s2 + 1d", ("0s", "2d")),
        step("s4", "s3 + 1d", ("0s", "2d")),
        step("s5", window=("0s", "2d")),
    )

    plan = plan_of_arm(*steps, at=day(500))

    assert [each.settled_at for each in plan.values()] == [day(13), day(16), day(19), day(19), day(21)]


def test_what_was_done_before_its_anchor_was_lost_stays_done() -> None:
    steps = (
        step("s1", "allocation", ("0s", "7d")),
        step("x", "s1 + 3d", ("0s", "7d")),
        step("y", "x + 1d", ("0s", "7d")),
        step("z", "x.due + 1d"),
        step("w", "x.closed + 1d"),
    )

    plan = plan_of_arm(*steps, at=day(18), completed={"x": day(15)})

    assert states(plan) == {"s1": "missed", "x": "done", "y": "open", "z": "missed", "w": "waiting"}
    assert plan["x"].settled_at == day(15)
    assert plan["w"].due_at == day(19)


def test_a_window_that_was_over_before_its_anchor_came_is_missed_when_the_anchor_comes() -> None:
    steps = step("s1", "allocation"), step("x", "s1 - 3d", ("0s", "1d"))

    plan = plan_of_arm(*steps, at=day(20), completed={"s1": day(20)})

    assert times(plan["x"]) == (day(17), day(17), day(18))
    assert (plan["x"].state, plan["x"].settled_at) == ("missed", day(20))


@pytest.mark.parametrize("at", ["x.due", "x.closed"])
def test_nor_is_what_hangs_on_it_missed_any_sooner(at: str) -> None:
    steps = step("s1", "allocation"), step("x", "s1 - 9d", ("0s", "1d")), step("y", at, ("0s", "1d"))

    plan = plan_of_arm(*steps, at=day(20), completed={"s1": day(20)})

    assert plan["y"].closes_at in {day(12), day(13)}
    assert (plan["y"].state, plan["y"].settled_at) == ("missed", day(20))


# --- a required step of `before` missed? -----------------------------------------------------------------------------


def verdict(*before: Step, at: dt.datetime, **others: Any) -> AllocationVerdict:
    return schedule.allocation_due(study(before=before, arms=[arm("a")]), facts(**others), at)


def test_allocation_follows_the_last_required_step_of_before() -> None:
    before = step("b1"), step("b2", "consent"), step("extra", optional=True)

    assert verdict(*before, at=day(20), completed={"b2": day(13)}) == AllocationVerdict("not_yet")
    assert verdict(*before, at=day(20), completed={"b2": day(13), "b1": day(12)}) == AllocationVerdict("now", day(13))


def test_allocation_follows_consent_where_before_requires_nothing() -> None:
    assert verdict(at=day(20)) == AllocationVerdict("now", CONSENT)
    assert verdict(step("extra", optional=True), at=day(20)) == AllocationVerdict("now", CONSENT)


def test_a_required_step_that_was_missed_with_skip_does_not_keep_from_allocation() -> None:
    before = step("b1", window=("0s", "3d"), missed="skip"), step("b2")

    assert verdict(*before, at=day(13), completed={"b2": day(12)}) == AllocationVerdict("now", day(13))
    assert verdict(*before, at=day(20), completed={"b2": day(14)}) == AllocationVerdict("now", day(14))
    assert verdict(*before, at=day(20)) == AllocationVerdict("not_yet")


def test_a_required_step_that_was_missed_with_stop_keeps_from_allocation_for_good() -> None:
    before = step("b1"), step("b2", "consent", ("0s", "3d")), step("b3", "consent", ("0s", "5d"))

    assert verdict(*before, at=day(12.9)) == AllocationVerdict("not_yet")
    assert verdict(*before, at=day(13)) == AllocationVerdict("never", day(13), "b2")
    assert verdict(*before, at=day(99), completed={"b1": day(14)}) == AllocationVerdict("never", day(13), "b2")
    assert verdict(*before, at=day(99), never_allocated_at=day(13)) == AllocationVerdict("never", day(13), "b2")


def test_an_optional_step_that_was_missed_never_keeps_from_allocation() -> None:
    before = step("extra", window=("0s", "3d"), optional=True, missed="stop"), step("b1", "consent")

    assert verdict(*before, at=day(20), completed={"b1": day(12)}) == AllocationVerdict("now", day(12))


def test_who_is_allocated_already_or_in_a_cohort_is_not_to_be_allocated() -> None:
    trial, cohort = study(before=[step("b")], arms=[arm("a")]), study(before=[step("b")])

    assert schedule.allocation_due(trial, allocated(completed={"b": day(11)}), day(20)) == AllocationVerdict("none")
    assert schedule.allocation_due(cohort, facts(completed={"b": day(11)}), day(20)) == AllocationVerdict("none")


def test_a_study_that_ended_allocates_nobody() -> None:
    ended = {"study_ended_at": day(15)}

    assert verdict(step("b1"), at=day(15), **ended) == AllocationVerdict("never", day(15), "b1")
    assert verdict(step("b1"), at=day(14), **ended) == AllocationVerdict("not_yet")
    assert verdict(step("b1"), at=day(15), completed={"b1": day(14)}, **ended) == AllocationVerdict("never", day(15))


def test_never_allocated_ends_everything_that_waits_or_is_open() -> None:
    declared = study(
        before=[
            step("done"),
            step("stop", "consent", ("0s", "3d")),
            step("open", "consent", ("0s", "9d"), remind=["0s", "5d"], optional=True),
            step("waits", "consent + 5d", ("0s", "9d"), remind=["0s"], optional=True),
            step("gone", "consent", ("0s", "2d"), optional=True),
        ],
        arms=[arm("a", step("s1"))],
        after=[step("post", "consent + 30d", ("0s", "9d")), step("end", "allocation + 60d")],
    )

    plan = schedule.plan(declared, facts(completed={"done": day(11)}), day(13))

    settled = {key: (each.state, each.settled_at) for key, each in plan.items()}
    assert settled == {
        "done": ("done", day(11)),
        "stop": ("missed", day(13)),
        "open": ("missed", day(13)),
        "waits": ("missed", day(13)),
        "gone": ("missed", day(12)),
        "post": ("missed", day(13)),
        "end": ("missed", day(13)),
    }
    assert plan["open"].reminders == (day(10),)
    assert plan["waits"].reminders == ()
    assert schedule.finished(declared, facts(completed={"done": day(11)}), plan)


def test_that_someone_is_never_allocated_stands_whatever_the_windows_say_by_now() -> None:
    """As when they moved to another zone in between."""
    declared = study(before=[step("b", window=("0s", "5d")), step("extra", optional=True)], arms=[arm("a")])
    known = facts(never_allocated_at=day(13))

    for at in (day(14), day(20)):
        plan = schedule.plan(declared, known, at)
        assert [(each.state, each.settled_at) for each in plan.values()] == [("missed", day(13))] * 2
    assert schedule.allocation_due(declared, known, day(14)) == AllocationVerdict("never", day(13))
    assert schedule.allocation_due(declared, known, day(20)) == AllocationVerdict("never", day(13), "b")


def test_a_required_step_that_was_missed_keeps_nobody_in_a_cohort_from_what_follows() -> None:
    cohort = study(before=[step("b", window=("0s", "3d"))], after=[step("post", "consent + 9d", ("0s", "3d"))])

    assert states(schedule.plan(cohort, facts(), day(20))) == {"b": "missed", "post": "open"}


def test_a_required_step_of_an_arm_that_was_missed_ends_only_what_hangs_on_it() -> None:
    steps = step("s1", "allocation", ("0s", "3d")), step("s2", "s1 + 1d"), step("s3", "allocation + 9d", ("0s", "3d"))

    assert states(plan_of_arm(*steps, at=day(20))) == {"s1": "missed", "s2": "missed", "s3": "open"}
