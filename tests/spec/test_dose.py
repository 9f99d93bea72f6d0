"""What counts as how much practice: the seven temporal parameters, each by an example that is reckoned by hand.

A person of the examples practises on Monday, Wednesday and Friday of one week and on the Monday after it.
"""

from __future__ import annotations

import datetime as dt

import pytest

from imagery.dose import Dose, Held, Visited, dose, study_duration_d

MONDAY = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
DAY, MINUTE, SECOND = dt.timedelta(days=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
NOTHING = Dose(
    duration_d=None,
    session_length_min=None,
    sessions=0,
    sessions_per_week=None,
    trials_per_session=None,
    total_time_min=0,
    stages_away=0,
    audio_share=None,
    quiet_share=None,
    hidden_s=None,
    pauses=None,
    ended_early=0,
    restarts=0,
)


def say(at: dt.datetime, minutes: float, planned_s: float = 60, **measured: int) -> Visited:
    """Something said at an instant, gone on from after so many minutes, with so much quiet time planned."""
    planned_ms = round(planned_s * 1000)
    return Visited(kind="say", quiet_planned_ms=planned_ms, entered_at=at, left_at=at + minutes * MINUTE, **measured)


def rate(at: dt.datetime, minutes: float) -> Visited:
    return Visited(kind="rate", quiet_planned_ms=0, entered_at=at, left_at=at + minutes * MINUTE)


def held(at: dt.datetime, *minutes: float, attempt: int = 1, whole: bool = True, early: bool = False) -> Held:
    """An attempt of stages that say something, one after the other, of so many minutes each."""
    visits, then = [], at
    for each in minutes:
        visits.append(say(then, each))
        then += each * MINUTE
    return Held(attempt=attempt, started_at=at, completed_at=then if whole else None, ended_early=early, visits=visits)


def test_who_never_practised_has_no_dose_and_no_time() -> None:
    assert dose([]) == NOTHING


def test_the_seven_parameters_of_four_sessions() -> None:
    found = dose(
        [
            held(MONDAY, 5, 5),
            held(MONDAY + 2 * DAY, 6, 6),
            held(MONDAY + 4 * DAY, 7, 7),
            held(MONDAY + 7 * DAY, 8, 8, 4),
        ]
    )
    # The last of them is over 20 minutes after it began, a week after the first began.
    assert found.duration_d == 7 + 20 / (24 * 60)
    # 10, 12, 14 and 20 minutes.
    assert found.session_length_min == 14
    assert found.total_time_min == 56
    assert found.sessions == 4
    # Three steps from session to session in one week.
    assert found.sessions_per_week == 3
    # Two, two, two and three.
    assert found.trials_per_session == 2.25
    assert study_duration_d(MONDAY - 3 * DAY, MONDAY + 11 * DAY) == 14


def test_the_duration_of_the_study_is_open_until_the_persons_part_ends() -> None:
    assert study_duration_d(MONDAY, None) is None
    assert study_duration_d(MONDAY, MONDAY + DAY / 2) == 0.5


def test_one_session_has_a_length_and_no_frequency() -> None:
    found = dose([held(MONDAY, 12)])
    assert (found.sessions, found.sessions_per_week, found.session_length_min) == (1, None, 12)
    assert found.duration_d == 12 / (24 * 60)


@pytest.mark.parametrize(("apart_d", "a_week"), [(1, 7), (2, 3.5), (3.5, 2), (7, 1), (14, 0.5)])
def test_a_frequency_is_that_of_the_steps_between_sessions(apart_d: float, a_week: float) -> None:
    sessions = [held(MONDAY + n * apart_d * DAY, 10) for n in range(5)]
    assert dose(sessions).sessions_per_week == a_week
    assert dose(sessions[::-1]).sessions_per_week == a_week


def test_two_sessions_at_one_instant_have_no_frequency() -> None:
    assert dose([held(MONDAY, 10), held(MONDAY, 10)]).sessions_per_week is None


def test_what_was_left_counts_to_the_total_time_alone() -> None:
    found = dose([held(MONDAY, 3, whole=False), held(MONDAY + DAY, 10, attempt=2)])
    assert (found.sessions, found.restarts, found.session_length_min, found.total_time_min) == (1, 1, 10, 13)
    assert found.duration_d == 10 / (24 * 60)
    assert found.trials_per_session == 1


def test_a_session_that_was_ended_early_is_a_session_and_is_told() -> None:
    found = dose([held(MONDAY, 4, early=True), held(MONDAY + DAY, 10)])
    assert (found.sessions, found.ended_early, found.session_length_min) == (2, 1, 7)


def test_a_trial_is_something_said_with_quiet_time_for_it_up_to_its_end() -> None:
    visits = [
        say(MONDAY, 1),
        say(MONDAY + MINUTE, 1, planned_s=0),  # said, and no time given
        rate(MONDAY + 2 * MINUTE, 1),
        Visited(kind="rest", quiet_planned_ms=60_000, entered_at=MONDAY + 3 * MINUTE, left_at=MONDAY + 4 * MINUTE),
        Visited(kind="say", quiet_planned_ms=60_000, entered_at=MONDAY + 4 * MINUTE, left_at=None),  # not to its end
    ]
    one = Held(attempt=1, started_at=MONDAY, completed_at=MONDAY + 5 * MINUTE, ended_early=True, visits=visits)
    assert dose([one]).trials_per_session == 1


def test_who_leaves_it_overnight_has_no_night_in_the_length() -> None:
    evening = held(MONDAY, 5, whole=False)
    visits = [*evening.visits, rate(MONDAY + 5 * MINUTE, 12 * 60), say(MONDAY + DAY / 2 + 5 * MINUTE, 5)]
    one = Held(attempt=1, started_at=MONDAY, completed_at=MONDAY + DAY / 2 + 10 * MINUTE, visits=visits)
    found = dose([one])
    assert (found.session_length_min, found.total_time_min, found.stages_away) == (10, 10, 1)
    # The duration of the intervention is by the calendar.
    assert found.duration_d == 0.5 + 10 / (24 * 60)


@pytest.mark.parametrize(("stayed", "counted_min", "away"), [(32, 32, 0), (32 + 1 / 60, 0, 1)])
def test_away_is_who_stays_half_an_hour_beyond_the_quiet_time(stayed: float, counted_min: float, away: int) -> None:
    visit = say(MONDAY, stayed, planned_s=120)
    one = Held(attempt=1, started_at=MONDAY, completed_at=MONDAY + stayed * MINUTE, visits=[visit])
    assert (dose([one]).total_time_min, dose([one]).stages_away) == (counted_min, away)


def test_times_and_counts_that_nobody_measured_are_not_nought() -> None:
    found = dose([held(MONDAY, 10)])
    assert (found.audio_share, found.quiet_share, found.hidden_s, found.pauses) == (None, None, None, None)


def test_shares_are_of_what_was_measured() -> None:
    visits = [
        say(MONDAY, 1, quiet_actual_ms=30_000, hidden_ms=1_500, pauses=1, audio_ms=20_000, audio_heard_ms=20_000),
        say(MONDAY + MINUTE, 1, quiet_actual_ms=75_000, hidden_ms=0, pauses=0, audio_ms=40_000, audio_heard_ms=10_000),
        say(MONDAY + 2 * MINUTE, 1),  # measured by nobody: half a minute of quiet may have been kept or not
    ]
    one = Held(attempt=1, started_at=MONDAY, completed_at=MONDAY + 3 * MINUTE, visits=visits)
    found = dose([one])
    assert found.audio_share == 0.5
    assert found.quiet_share == 105 / 120
    assert (found.hidden_s, found.pauses) == (1.5, 1)


def test_who_asked_for_longer_kept_more_than_was_planned() -> None:
    one = Held(attempt=1, started_at=MONDAY, completed_at=None, visits=[say(MONDAY, 2, quiet_actual_ms=90_000)])
    assert dose([one]).quiet_share == 1.5


def test_a_recording_of_no_length_and_quiet_of_none_have_no_share() -> None:
    visit = say(MONDAY, 1, planned_s=0, quiet_actual_ms=0, audio_ms=0, audio_heard_ms=0)
    found = dose([Held(attempt=1, started_at=MONDAY, completed_at=None, visits=[visit])])
    assert (found.audio_share, found.quiet_share) == (None, None)
