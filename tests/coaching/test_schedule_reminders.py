"""When the messages of a step are due, and what a changed zone moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coaching import schedule, windows
from coaching.schedule import Facts
from tests.builders import arm, step, study, utc
from tests.coaching.planning import allocated, day, facts, plan_of_arm


def reminders(*durations: str, at: str, window: tuple[str, str] = ("0s", "7d"), **others: Any) -> list[str]:
    """The messages of one step in Berlin, on whose spot consent was given at `at` (UTC)."""
    zone = windows.zone("Europe/Berlin")
    declared = study(before=[step("x", "consent + 0s", window, remind=durations, **others)])
    person = Facts(consented_at=utc(at), zone=zone)
    planned = schedule.plan(declared, person, utc(at))["x"]
    return [f"{due:%m-%dT%H:%MZ}" for due in planned.reminders]


def test_a_message_is_due_at_the_opening_plus_its_duration() -> None:
    assert reminders("0s", "1d", "36h", at="2027-01-10T03:00Z") == ["01-10T03:00Z", "01-11T03:00Z", "01-11T15:00Z"]
    assert reminders("0s", at="2027-01-10T03:00Z", window=("2d", "7d")) == ["01-12T03:00Z"]


def test_a_message_moves_forward_to_the_next_wall_time_in_between() -> None:
    day_time = ("09:00", "20:00")

    assert reminders("0s", at="2027-01-10T03:00Z", between=day_time) == ["01-10T08:00Z"]
    assert reminders("0s", at="2027-01-10T08:00Z", between=day_time) == ["01-10T08:00Z"]
    assert reminders("0s", at="2027-01-10T18:59Z", between=day_time) == ["01-10T18:59Z"]
    assert reminders("0s", at="2027-01-10T19:00Z", between=day_time) == ["01-11T08:00Z"]


def test_a_message_that_would_be_due_at_or_after_the_close_is_not_planned() -> None:
    assert reminders("0s", "1d", "2d", "3d", at="2027-01-10T12:00Z", window=("0s", "2d")) == [
        "01-10T12:00Z",
        "01-11T12:00Z",
    ]
    # Moved forward to after the close:
    moved = reminders("0s", "36h", at="2027-01-10T12:00Z", window=("0s", "40h"), between=("09:00", "20:00"))
    assert moved == ["01-10T12:00Z"]


def test_messages_are_counted_in_the_order_of_their_instants() -> None:
    assert reminders("3d", "0s", at="2027-01-10T12:00Z") == ["01-10T12:00Z", "01-13T12:00Z"]
    both_at_nine = reminders("0s", "2h", at="2027-01-10T20:00Z", between=("09:00", "20:00"))
    assert both_at_nine == ["01-11T08:00Z", "01-11T08:00Z"]


def test_days_of_a_message_keep_the_wall_time_over_a_clock_change() -> None:
    assert reminders("1d", "24h", at="2027-03-27T08:00Z") == ["03-28T07:00Z", "03-28T08:00Z"]


def test_at_the_opening_and_the_messages_are_reckoned_one_from_the_other() -> None:
    """02:30 of 28 March is skipped in Berlin: `at` moves to 03:30, and opening and message keep that time."""
    declared = study(before=[step("x", "consent + 1d", ("-1d", "1d"), remind=["0s", "2d"])])
    person = facts("Europe/Berlin", consented_at=utc("2027-03-27T01:30Z"))

    planned = schedule.plan(declared, person, utc("2027-03-27T01:30Z"))["x"]

    assert planned.due_at == utc("2027-03-28T01:30Z")  # 03:30
    assert planned.opens_at == utc("2027-03-27T02:30Z")  # 03:30, not 02:30
    assert planned.closes_at == utc("2027-03-29T01:30Z")
    assert planned.reminders == (utc("2027-03-27T02:30Z"),)


def test_a_zero_duration_is_the_same_instant_even_in_the_second_of_a_repeated_hour() -> None:
    second = utc("2027-10-31T01:30Z")  # 02:30 in Berlin, for the second time
    declared = study(before=[step("x", "consent + 0d", ("0d", "7d"), remind=["0d"])])

    planned = schedule.plan(declared, facts("Europe/Berlin", consented_at=second), second)["x"]

    assert (planned.due_at, planned.opens_at, planned.reminders) == (second, second, (second,))


def test_a_changed_zone_moves_what_is_to_come() -> None:
    it = step("x", "allocation + 14d", ("0s", "7d"), remind=["0s"], between=("09:00", "20:00"))

    in_london = plan_of_arm(it, at=day(12), zone="Europe/London")["x"]
    in_kathmandu = plan_of_arm(it, at=day(12), zone="Asia/Kathmandu")["x"]
    in_apia = plan_of_arm(it, at=day(12), zone="Pacific/Apia")["x"]

    assert in_london.reminders == (utc("2027-01-25T12:00Z"),)
    assert in_kathmandu.reminders == (utc("2027-01-25T12:00Z"),)
    assert in_apia.reminders == (utc("2027-01-25T20:00Z"),)


def test_a_changed_zone_does_not_bring_back_what_was_missed() -> None:
    """From Kathmandu to New York while the clocks change: the window would close an hour later than it did."""
    it = step("x", "allocation + 7d", ("0s", "7d"), missed="skip"), step("y", "x + 1d")
    start, closed = utc("2027-10-25T12:00Z"), utc("2027-11-08T12:00Z")
    moved = allocated("America/New_York", allocated_at=start)
    declared = study(arms=[arm("a", *it)])

    assert (
        schedule.plan(declared, replace(moved, zone=windows.zone("Asia/Kathmandu")), closed)["x"].settled_at == closed
    )
    assert schedule.plan(declared, moved, closed)["x"].state == "open"
    known = schedule.plan(declared, replace(moved, missed={"x": closed}), closed)
    assert (known["x"].state, known["x"].settled_at) == ("missed", closed)
    assert known["y"].due_at == utc("2027-11-09T12:00Z")
