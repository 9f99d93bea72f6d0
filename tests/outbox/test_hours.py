"""Threads with stated hours: both sides read when the team reads, and the team sees who has waited, by working time."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

import clock
from coaching.services import letters
from coaching.windows import working_days, zone
from tests import world

BERLIN = zone("Europe/Berlin")


def _at(day: int, hour: int) -> dt.datetime:
    """An hour in Berlin; 1 January 2027 is a Friday."""
    return dt.datetime(2027, 1, day, hour, tzinfo=BERLIN).astimezone(dt.UTC)


@pytest.mark.once
@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (_at(4, 9), _at(4, 9), 0),
        (_at(4, 9), _at(5, 8), 0),
        (_at(4, 9), _at(5, 9), 1),
        (_at(1, 17), _at(4, 16), 0),
        (_at(1, 17), _at(4, 17), 1),
        (_at(2, 9), _at(3, 23), 0),
        (_at(2, 9), _at(5, 0), 1),
        (_at(1, 9), _at(8, 9), 5),
        (_at(1, 9), _at(29, 9), 20),
        (_at(1, 9), _at(30, 9), 20),
        (_at(5, 9), _at(4, 9), 0),
    ],
)
def test_working_time_counts_no_weekend(since: dt.datetime, until: dt.datetime, days: int) -> None:
    assert working_days(since, until, BERLIN) == days


@pytest.mark.django_db
def test_both_sides_read_when_the_team_reads_and_how_long_somebody_has_waited(settings: Any) -> None:
    world.move_clock(settings, _at(1, 17))
    text = world.TINY["study.yaml"]
    assert isinstance(text, str)
    hours = "messages: {hours: We read on weekdays.}\n"
    person = world.consented(world.publish({**world.TINY, "study.yaml": text + hours}), clock.now())
    assert "We read on weekdays." in world.browser_of(person).get("/me/messages/").content.decode()
    letters.write_to_team(enrolment=person, text="Hello", key=uuid.uuid4(), now=clock.now())
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = f"/studies/tiny/people/{person.pseudonym}/messages/"
    world.move_clock(settings, _at(4, 9))
    said = browser.get(page).content.decode()
    assert "They are told: We read on weekdays." in said
    assert "working day" not in said
    world.move_clock(settings, _at(6, 18))
    assert "Waits for 3 working days." in browser.get(page).content.decode()
    assert "Waits for 3 working days." in browser.get("/studies/tiny/today/").content.decode()


@pytest.mark.django_db
def test_a_study_that_states_no_hours_says_none() -> None:
    person = world.consented(world.tiny(), clock.now())
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    assert "They are told" not in browser.get(f"/studies/tiny/people/{person.pseudonym}/messages/").content.decode()
