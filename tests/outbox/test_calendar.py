"""The calendar of somebody's coming windows: sound by RFC 5545, steady over changes, and silent on what it is about."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

import clock
from coaching.calendar_file import Window, calendar_of
from coaching.models import Enrolment
from coaching.services import people
from coaching.services.occasions import complete_occasion
from tests import world

T0 = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def read(content: bytes) -> list[dict[str, str]]:
    """The events of a file, which must be sound: line ends, lengths, nesting, and what RFC 5545 asks of each event."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.split(b"\r\n")[:-1]
    assert all(0 < len(line) <= 75 for line in lines), "at most 75 octets a line"
    for line in lines:
        line.decode()  # no character is broken by a fold
    unfolded = content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert unfolded[-1] == "END:VCALENDAR"
    assert unfolded.count("VERSION:2.0") == 1
    assert sum(line.startswith("PRODID:") for line in unfolded) == 1
    events: list[dict[str, str]] = []
    for block in "\n".join(unfolded).split("BEGIN:VEVENT\n")[1:]:
        body = block.split("\nEND:VEVENT")[0].split("\n")
        event = dict(line.split(":", 1) for line in body)
        assert len(event) == len(body), "each property once"
        assert {"UID", "DTSTAMP", "DTSTART"} <= set(event)
        assert all(re.fullmatch(r"\d{8}T\d{6}Z", event[name]) for name in event if name.startswith("DT"))
        assert event["DTSTART"] < event.get("DTEND", "9")
        for name in ("SUMMARY", "DESCRIPTION"):
            assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", event[name].replace("\\;", "").replace("\\,", ""))
        events.append(event)
    assert events, "at least one"
    assert len({event["UID"] for event in events}) == len(events)
    return events


@pytest.mark.once
@pytest.mark.parametrize(
    "title", ["A", "Ü" * 200, "a" * 66, "a" * 67, "a" * 68, "🙂" * 60, "one, two; three\\four\r\nfive"], ids=range(7)
)
def test_any_words_make_a_sound_file(title: str) -> None:
    window = Window("1@example.org", T0, T0 + DAY, title, title)
    (event,) = read(
        calendar_of(
            [
                window,
            ],
            now=T0,
        )
    )
    said = re.sub(r"\\([\\;,n])", lambda match: "\n" if match[1] == "n" else match[1], event["SUMMARY"])
    assert said == title.replace("\r", "")
    assert (event["DTSTART"], event["DTEND"]) == ("20270301T090000Z", "20270302T090000Z")


@pytest.mark.once
def test_what_has_no_end_or_one_at_its_beginning_is_a_moment_and_an_empty_file_is_refused() -> None:
    for closes_at in (None, T0, T0 + dt.timedelta(milliseconds=400)):
        (event,) = read(calendar_of([Window("1@example.org", T0, closes_at, "A", "B")], now=T0))
        assert "DTEND" not in event
    with pytest.raises(ValueError, match="expected one at least"):
        calendar_of([], now=T0)


@pytest.fixture
def person(settings: Any) -> Enrolment:
    world.move_clock(settings, T0)
    found = world.consented(world.example(sessions=False), clock.now(), email="a@example.org")
    complete_occasion(occasion=world.occasion(found, "baseline"), now=clock.now())
    return world.fresh(found)


def _calendar(person: Enrolment) -> list[dict[str, str]]:
    response = world.browser_of(person).get("/me/calendar.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return read(response.content)


@pytest.mark.django_db
def test_it_holds_the_windows_to_come_by_names_that_stay_and_says_nothing_of_the_study(person: Enrolment) -> None:
    events = _calendar(person)
    rows = {f"{each.public_id}@": each for each in person.occasions.exclude(key="baseline")}
    assert len(events) == len(rows) == 2
    for event in events:
        row = rows[event["UID"].split("@")[0] + "@"]
        assert event["DTSTART"] == f"{row.opens_at:%Y%m%dT%H%M%SZ}"
        assert event["DTEND"] == f"{row.closes_at:%Y%m%dT%H%M%SZ}"
        assert "scenes" not in str(event).lower()
        assert "questionnaire" not in str(event).lower()
        assert person.pseudonym not in str(event)
        assert "/p/" not in str(event), "no way in: calendars are shared"
    assert "Put these times in my calendar" in world.browser_of(person).get("/me/").content.decode()


@pytest.mark.django_db
def test_a_moved_window_keeps_its_name_and_what_is_done_is_gone(person: Enrolment) -> None:
    before = {event["UID"]: event["DTSTART"] for event in _calendar(person)}
    people.record_contact(
        enrolment=person, email="a@example.org", timezone="Pacific/Auckland", by="participant", now=clock.now()
    )
    after = {event["UID"]: event["DTSTART"] for event in _calendar(person)}
    assert set(after) == set(before)
    assert after != before
    complete_occasion(occasion=world.occasion(person, "post"), now=clock.now() + 14 * DAY)
    assert len(_calendar(person)) == 1


@pytest.mark.django_db
def test_whoever_left_or_has_nothing_to_come_is_led_to_their_page(person: Enrolment) -> None:
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    assert world.browser_of(person).get("/me/calendar.ics").status_code in {302, 303}
    assert world.Client().get("/me/calendar.ics").status_code in {302, 303}


@pytest.mark.django_db
def test_a_time_drawn_within_the_day_is_in_no_calendar(settings: Any) -> None:
    world.move_clock(settings, T0)
    text = world.TINY["study.yaml"]
    assert isinstance(text, str)
    steps = (
        '  - {id: ping, do: assess, instruments: [one], at: "consent + 1d at random(09:00, 21:00)", window: [0s, 1h]}\n'
        '  - {id: fixed, do: assess, instruments: [one], at: "consent + 2d at 18:00", window: [0s, 1h]}\n'
    )
    person = world.consented(world.publish({**world.TINY, "study.yaml": text + steps}), clock.now())
    keys = {str(each.public_id): each.key for each in person.occasions.all()}
    assert {keys[event["UID"].split("@")[0]] for event in _calendar(person)} == {"first", "fixed"}
