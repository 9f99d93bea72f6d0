from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import windows
from coaching.adherence import (
    KINDS,
    SHORTEST_DAY,
    Stored,
    concern_of,
    days_late,
    foremost,
    mark_of,
    reason_of,
    state_at,
    strip_of,
    urgency,
)
from protocol.durations import Duration
from tests.builders import utc

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
NOW = utc("2026-11-24T12:00+00:00")
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/London", "Antarctica/Troll", "Australia/Lord_Howe")]
)
INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + dt.timedelta(minutes=minutes))


def step(**fields: object) -> Stored:
    """An open, required step that was due three days ago and closes in ten."""
    usual = {
        "key": "s1",
        "state": "open",
        "due_at": NOW - 3 * DAY,
        "opens_at": NOW - 3 * DAY,
        "closes_at": NOW + 10 * DAY,
    }
    return Stored(**{**usual, **fields})  # type: ignore[arg-type]


# --- how a step stands -----------------------------------------------------------------------------------------------


def test_a_step_stands_as_its_window_says_before_the_next_settling() -> None:
    assert state_at(step(state="waiting"), NOW) == "open"
    assert state_at(step(opens_at=NOW + HOUR), NOW) == "waiting"
    assert state_at(step(closes_at=NOW), NOW) == "missed"
    assert state_at(step(closes_at=None), NOW) == "open"


def test_a_step_that_staff_skipped_is_missed_from_then_on() -> None:
    assert state_at(step(skipped_at=NOW), NOW) == "missed"
    assert state_at(step(skipped_at=NOW + HOUR), NOW) == "open"


def test_what_is_settled_stays_as_it_was_settled() -> None:
    assert state_at(step(state="done", settled_at=NOW, closes_at=NOW - DAY), NOW) == "done"
    assert state_at(step(state="cancelled", settled_at=NOW, skipped_at=NOW - DAY), NOW) == "cancelled"


# --- late ------------------------------------------------------------------------------------------------------------


@given(due_at=INSTANTS, hours=st.floats(-50, 2000), zone=ZONES)
def test_days_late_are_whole_days_of_the_same_wall_time(due_at: dt.datetime, hours: float, zone: ZoneInfo) -> None:
    now = due_at + dt.timedelta(hours=hours)
    late = days_late(due_at, now, zone)
    assert late >= 0
    assert late == 0 or windows.add(due_at, Duration(late, "d"), zone) <= now
    assert windows.add(due_at, Duration(late + 1, "d"), zone) > now


@given(due_at=INSTANTS, zone=ZONES)
def test_no_day_is_shorter_than_the_shortest(due_at: dt.datetime, zone: ZoneInfo) -> None:
    assert windows.add(due_at, Duration(1, "d"), zone) - due_at >= SHORTEST_DAY


def test_a_required_step_is_late_from_a_whole_day_past_its_due_on() -> None:
    due_at = NOW - DAY
    assert concern_of(step(due_at=due_at), NOW - HOUR, LONDON) is None
    found = concern_of(step(due_at=due_at), NOW, LONDON)
    assert found
    assert (found.kind, found.days, found.reasons) == ("late", 1, ("late:s1:2026-11-23",))


@pytest.mark.parametrize(
    "other",
    [
        {"optional": True},
        {"due_at": None},
        {"state": "done", "settled_at": NOW - DAY},
        {"skipped_at": NOW - DAY},
        {"closes_at": NOW - HOUR},
        {"opens_at": NOW + HOUR},
    ],
    ids=lambda other: next(iter(other)),
)
def test_nobody_is_late_with_what_need_not_or_cannot_be_done(other: dict[str, object]) -> None:
    assert concern_of(step(**other), NOW, LONDON) is None


# --- closing ---------------------------------------------------------------------------------------------------------


def test_a_window_is_about_to_close_for_48_hours() -> None:
    closing = {"due_at": NOW, "opens_at": NOW - 8 * DAY}
    assert concern_of(step(**closing, closes_at=NOW + 48 * HOUR + dt.timedelta(seconds=1)), NOW, LONDON) is None
    found = concern_of(step(**closing, closes_at=NOW + 48 * HOUR), NOW, LONDON)
    assert found
    assert (found.kind, found.reasons) == ("closing", ("closing:s1:2026-11-26",))


def test_a_short_window_is_about_to_close_in_its_last_half() -> None:
    daily = step(due_at=NOW, opens_at=NOW, closes_at=NOW + DAY)
    assert concern_of(daily, NOW + 11 * HOUR, LONDON) is None
    assert concern_of(daily, NOW + 12 * HOUR, LONDON) is not None


def test_what_is_late_and_closing_is_one_concern_under_both_names() -> None:
    found = concern_of(step(closes_at=NOW + DAY), NOW, LONDON)
    assert found
    assert (found.kind, found.reasons) == ("late", ("late:s1:2026-11-21", "closing:s1:2026-11-25"))


# --- seen to ---------------------------------------------------------------------------------------------------------


def test_a_reason_that_was_seen_to_is_none_any_more_and_another_date_is_another_reason() -> None:
    seen = {reason_of("late", "s1", NOW - 3 * DAY)}
    assert concern_of(step(), NOW, LONDON, seen=seen) is None
    assert concern_of(step(due_at=NOW - 2 * DAY), NOW, LONDON, seen=seen) is not None
    assert concern_of(step(key="s2"), NOW, LONDON, seen=seen) is not None


def test_who_was_seen_to_as_late_comes_back_when_the_window_is_about_to_close() -> None:
    found = concern_of(step(closes_at=NOW + DAY), NOW, LONDON, seen={"late:s1:2026-11-21"})
    assert found
    assert (found.kind, found.reasons) == ("closing", ("closing:s1:2026-11-25",))


def test_to_write_to_somebody_sees_to_what_had_arisen_by_then_and_to_nothing_later() -> None:
    assert concern_of(step(), NOW, LONDON, written_at=NOW - DAY) is None
    assert concern_of(step(), NOW, LONDON, written_at=NOW - 2 * DAY - HOUR) is not None
    closing = concern_of(step(closes_at=NOW + DAY), NOW, LONDON, written_at=NOW - 36 * HOUR)
    assert closing
    assert closing.kind == "closing"


@given(names=st.permutations(range(5)))
def test_the_order_of_needs_is_the_same_whatever_they_come_in(names: list[int]) -> None:
    kept = [
        urgency("help", 0, NOW - DAY),
        urgency("help", 0, NOW),
        urgency("late", 5, NOW),
        urgency("closing", 0, NOW, NOW + HOUR),
        urgency("mail", 0, NOW - 9 * DAY),
    ]
    assert sorted(kept[n] for n in names) == kept


def test_late_comes_by_days_and_closing_by_the_hour() -> None:
    assert urgency("late", 5, NOW) < urgency("late", 2, NOW - 9 * DAY)
    assert urgency("closing", 0, None, NOW) < urgency("closing", 0, NOW - DAY, NOW + HOUR)
    assert [urgency(kind, 0, NOW)[0] for kind in KINDS] == list(range(len(KINDS)))


def test_the_foremost_of_a_persons_steps_is_the_latest_one() -> None:
    steps = [step(key="a", due_at=NOW - 2 * DAY), step(key="b"), step(key="c", due_at=NOW, closes_at=NOW + HOUR)]
    found = [concern_of(each, NOW, LONDON) for each in steps]
    assert [each.step for each in foremost(each for each in found if each)] == ["b", "a", "c"]


# --- days ------------------------------------------------------------------------------------------------------------


def states(*steps: Stored, zone: ZoneInfo = LONDON, **others: dt.datetime | None) -> list[str]:
    """The states of the last seven days."""
    since = others.pop("since", NOW - 60 * DAY)
    return [day.state for day in strip_of(steps, now=NOW, zone=zone, since=since, days=7, **others).days]


def test_what_was_done_stands_on_the_day_it_was_done() -> None:
    done = step(state="done", started_at=NOW - 2 * DAY, settled_at=NOW - DAY)
    assert states(done) == ["rest", "rest", "rest", "rest", "rest", "done", "rest"]


def test_what_was_begun_and_not_finished_stands_on_the_day_it_was_begun() -> None:
    assert states(step(started_at=NOW - 2 * DAY)) == ["rest", "rest", "rest", "rest", "part", "rest", "rest"]
    missed = step(state="missed", started_at=NOW - 2 * DAY, settled_at=NOW - DAY)
    assert states(missed) == ["rest", "rest", "rest", "rest", "part", "rest", "rest"]


def test_what_was_not_begun_stands_on_the_day_it_was_due() -> None:
    assert states(step(state="missed", settled_at=NOW)) == ["rest", "rest", "rest", "missed", "rest", "rest", "rest"]
    assert states(step()) == ["rest", "rest", "rest", "open", "rest", "rest", "rest"]


def test_a_step_skipped_before_it_was_due_stands_on_the_day_it_was_skipped() -> None:
    skipped = step(due_at=NOW + 5 * DAY, opens_at=NOW + 5 * DAY, skipped_at=NOW - DAY)
    assert states(skipped)[-2] == "missed"


def test_an_optional_step_that_nobody_began_and_one_that_was_cancelled_leave_no_mark() -> None:
    assert set(states(step(optional=True), step(state="cancelled", settled_at=NOW))) == {"rest"}


def test_a_day_with_something_done_and_something_missed_is_half_done() -> None:
    done = step(key="a", state="done", settled_at=NOW - 3 * DAY)
    missed = step(key="b", state="missed", settled_at=NOW)
    assert states(done, missed)[3] == "part"


def test_days_are_those_of_the_persons_own_zone() -> None:
    late_evening = step(state="done", settled_at=utc("2026-11-23T23:30+00:00"))
    assert states(late_evening)[-2:] == ["done", "rest"]
    assert states(late_evening, zone=ZoneInfo("Asia/Kolkata"))[-2:] == ["rest", "done"]


def test_a_pause_is_hatched_from_its_day_on_and_days_before_consent_are_none_of_theirs() -> None:
    assert states(paused_at=NOW - DAY, since=NOW - 4 * DAY) == [
        "away",
        "away",
        "rest",
        "rest",
        "rest",
        "paused",
        "paused",
    ]
    assert states(since=None) == ["away"] * 7


def test_the_last_day_is_today() -> None:
    strip = strip_of((), now=NOW, zone=LONDON, since=NOW)
    assert [day.is_today for day in strip.days] == [False] * 27 + [True]
    assert strip.days[-1].date == dt.date(2026, 11, 24)


STEPS = st.lists(
    st.builds(
        Stored,
        key=st.sampled_from(["a", "b", "c"]),
        state=st.sampled_from(["waiting", "open"]),
        optional=st.booleans(),
        due_at=st.none() | st.integers(-900, 200).map(lambda h: NOW + h * HOUR),
        opens_at=st.none() | st.integers(-900, 200).map(lambda h: NOW + h * HOUR),
        closes_at=st.none() | st.integers(-900, 200).map(lambda h: NOW + h * HOUR),
        started_at=st.none() | st.integers(-900, 0).map(lambda h: NOW + h * HOUR),
        skipped_at=st.none() | st.integers(-900, 0).map(lambda h: NOW + h * HOUR),
    )
    | st.builds(
        Stored,
        key=st.sampled_from(["a", "b", "c"]),
        state=st.sampled_from(["done", "missed", "cancelled"]),
        due_at=st.none() | st.integers(-900, 0).map(lambda h: NOW + h * HOUR),
        settled_at=st.integers(-900, 0).map(lambda h: NOW + h * HOUR),
    ),
    max_size=12,
)


@given(steps=STEPS, seed=st.integers(0, 99))
def test_the_counts_are_those_of_the_marks_in_the_strip_in_whatever_order(steps: list[Stored], seed: int) -> None:
    strip = strip_of(steps, now=NOW, zone=LONDON, since=NOW - 90 * DAY)
    marks = [mark for day in strip.days for mark, _ in day.marks]
    assert (strip.done, strip.part, strip.missed, strip.open) == tuple(
        marks.count(mark)
        for mark in ("done", "part", "missed", "open")  # type: ignore[arg-type]
    )
    assert strip.due == len(marks)
    shuffled = random.Random(seed).sample(steps, len(steps))
    again = strip_of(shuffled, now=NOW, zone=LONDON, since=NOW - 90 * DAY)
    assert [day.state for day in again.days] == [day.state for day in strip.days]


@given(steps=STEPS)
def test_no_mark_lies_in_the_future(steps: list[Stored]) -> None:
    assert all(marked is None or marked[1] <= NOW for marked in (mark_of(each, NOW) for each in steps))
