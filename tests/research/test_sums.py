"""The arithmetic of a study's numbers, worked out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from research import sums
from research.sums import Cell, People, Plan, Standing, cell, curve, faults, percent_text, projection, week

A = Standing(total=31, started=30, not_started=1, completed=18, left=3, in_progress=10, missed=4)
B = Standing(total=30, started=29, unknown=1, completed=17, left=1, deleted=1, in_progress=11)
WHOLE = People(
    invited=10,
    assessed=112,
    excluded={"age": 29, "missed:baseline": 5},
    unfinished=14,
    consented=64,
    waiting=2,
    gone=1,
    allocated=61,
    groups={"a": A, "b": B},
)
MONDAY = dt.date(2027, 3, 1)


def day(n: int) -> dt.date:
    return MONDAY + dt.timedelta(days=n)


# --- the flow --------------------------------------------------------------------------------------------------------


def test_a_whole_flow_has_no_fault() -> None:
    assert faults(WHOLE) == []
    assert faults(People()) == []


@pytest.mark.parametrize(
    ("broken", "level", "group", "unplaced"),
    [
        (replace(WHOLE, assessed=114), "assessed", "", 2),
        (replace(WHOLE, waiting=0), "consented", "", 2),
        (replace(WHOLE, gone=3), "consented", "", -2),
        (replace(WHOLE, groups={"a": A, "b": replace(B, started=27)}), "started", "b", 2),
        (replace(WHOLE, groups={"a": replace(A, in_progress=11), "b": B}), "ended", "a", -1),
    ],
)
def test_a_level_that_does_not_add_up_is_named_with_how_many(
    broken: People, level: str, group: str, unplaced: int
) -> None:
    [found] = faults(broken)
    assert (found.name, found.group, found.unplaced) == (level, group, unplaced)


def test_people_of_a_group_that_nobody_declares_are_unplaced() -> None:
    assert [(f.name, f.unplaced) for f in faults(replace(WHOLE, groups={"a": A}))] == [("allocated", 30)]


def test_a_cohort_adds_up_without_groups() -> None:
    cohort = Standing(total=7, started=5, not_started=2, completed=3, left=1, in_progress=3)
    assert faults(People(assessed=9, unfinished=2, consented=7, cohort=cohort)) == []
    assert [f.name for f in faults(People(assessed=9, unfinished=2, consented=7))] == ["consented"]


# --- missing answers -------------------------------------------------------------------------------------------------


def test_what_has_no_other_kind_is_answered() -> None:
    found = cell(100, {"declined": 4, "skipped": 3, "not_reached": 10, "not_due": 20, "lost": 1})
    assert found.counts["answered"] == 62
    assert (found.rows, found.due, found.missing, found.percent) == (100, 80, 14, 17.5)
    assert tuple(found.counts) == sums.KINDS


def test_more_of_the_others_than_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="3 rows, and 4"):
        cell(3, {"declined": 4})


def test_what_does_not_apply_is_a_kind_of_its_own_and_is_not_missing() -> None:
    found = sums.cell(10, {"not_applicable": 4, "skipped": 1})
    assert (found.counts["not_applicable"], found.counts["answered"]) == (4, 5)
    assert (found.due, found.missing, found.percent) == (10, 1, 10)


def test_rather_not_say_is_an_answer_and_what_was_not_asked_was_not_due() -> None:
    assert cell(10, {"declined": 5}).percent == 0
    assert cell(10, {"not_due": 10}).percent is None
    assert Cell({}).percent is None


@pytest.mark.parametrize(
    ("percent", "text"),
    [(0, "0"), (0.04, "<1"), (1, "1"), (12.5, "13"), (13.4, "13"), (99, "99"), (99.96, ">99"), (100, "100")],
)
def test_a_share_is_never_printed_as_none_or_all_when_it_is_not(percent: float, text: str) -> None:
    assert percent_text(percent) == text


@pytest.mark.parametrize(("missing", "shade"), [(0, 0), (1, 1), (4, 1), (5, 2), (15, 3), (25, 4), (40, 5), (100, 5)])
def test_the_ramp_is_darker_for_more(missing: int, shade: int) -> None:
    assert cell(100, {"not_reached": missing}).shade == shade


# --- enrolment -------------------------------------------------------------------------------------------------------


def test_the_curve_rises_by_each_person() -> None:
    assert curve([day(0), day(0), day(3)]) == [(day(0), 2), (day(3), 3)]
    assert curve([]) == []


def test_a_plan_is_as_many_every_day() -> None:
    plan = Plan(80, day(0), day(139))
    assert [plan.by(each) for each in (day(-1), day(0), day(69), day(139), day(300))] == [0, 80 / 140, 40, 80, 80]
    assert Plan(5, day(0), day(0)).by(day(0)) == 5


def test_at_the_pace_of_the_last_four_weeks_the_rest_is_reached() -> None:
    # 2 long ago; then 14 in the last 28 days: one every second day. 4 are wanting: 8 days.
    joined = [day(0), day(0), *(day(40 + 2 * n) for n in range(14))]
    found = projection(joined, 20, day(67))
    assert found == sums.Projection(14, 28, day(75))


def test_a_young_study_is_reckoned_since_its_first_day() -> None:
    # 3 in 6 days: one every second day. 2 are wanting: 4 days.
    assert projection([day(0), day(1), day(5)], 5, day(5)) == sums.Projection(3, 6, day(9))
    # Part of a day counts as one.
    assert projection([day(0), day(1), day(2)], 4, day(9)) == sums.Projection(3, 10, day(13))


def test_nobody_lately_leads_nowhere_and_a_reached_target_needs_nothing() -> None:
    assert projection([day(0)], 5, day(60)) == sums.Projection(0, 28, None)
    assert projection([day(0), day(1)], 2, day(60)) is None
    assert projection([], 5, day(60)) is None


def test_weeks_count_from_the_first_day() -> None:
    assert [week(each, MONDAY) for each in (day(0), day(6), day(7), day(133))] == [1, 1, 2, 20]
