"""What "a day later" and "between nine and eight" mean, by literal instants over the zones of the world.

Every instant below is written down, not computed. GNU `date` is the second opinion: it reads the same pinned time zone
data through the C library, and has to agree with each of them.
"""

from __future__ import annotations

import datetime as dt
import importlib.resources
import subprocess
from dataclasses import dataclass

import pytest

from coaching import windows
from protocol.durations import parse_duration
from tests.builders import utc

ZONES_FOLDER = str(importlib.resources.files("tzdata").joinpath("zoneinfo"))


@dataclass(frozen=True)
class Case:
    """One step: from an instant, what is asked, the instant that is due, and what clocks on the spot read then.

    `kind`: `skips`, the wall time asked for (`asked`) does not exist and moved to `reads`; `first`, clocks read it
    twice and the first is meant; `second`, the second of the two, which only elapsed time or nothing at all leads to.
    """

    zone: str
    start: str
    asks: str
    due: str
    reads: str
    kind: str
    asked: str

    def __str__(self) -> str:
        return f"{self.zone} {self.start} {self.asks}"


def _cases(table: str) -> list[Case]:
    rows = [line.split() for line in table.splitlines() if line and not line.startswith("#")]
    return [
        Case(zone, start, asks, due, f"{day} {time} {offset}", note[0] if note else "plain", " ".join(note[1:]))
        for zone, start, asks, due, day, time, offset, *note in rows
    ]


DURATIONS = _cases(
    """
# Europe: an hour at one o'clock UTC.
Europe/Berlin        2027-03-27T08:00Z 1d          2027-03-28T07:00Z  2027-03-28 09:00 +0200
Europe/Berlin        2027-03-27T08:00Z 24h         2027-03-28T08:00Z  2027-03-28 10:00 +0200
Europe/Berlin        2027-03-27T01:30Z 1d          2027-03-28T01:30Z  2027-03-28 03:30 +0200  skips 02:30
Europe/Berlin        2027-03-27T01:00Z 1d          2027-03-28T01:00Z  2027-03-28 03:00 +0200  skips 02:00
Europe/Berlin        2027-03-29T00:30Z -1d         2027-03-28T01:30Z  2027-03-28 03:30 +0200  skips 02:30
Europe/Berlin        2027-03-28T00:59Z 20m         2027-03-28T01:19Z  2027-03-28 03:19 +0200
Europe/Berlin        2027-10-30T00:30Z 1d          2027-10-31T00:30Z  2027-10-31 02:30 +0200  first
Europe/Berlin        2027-11-01T01:30Z -1d         2027-10-31T00:30Z  2027-10-31 02:30 +0200  first
Europe/Berlin        2027-10-31T00:30Z 1h          2027-10-31T01:30Z  2027-10-31 02:30 +0100  second
Europe/Berlin        2027-10-31T00:30Z 3600s       2027-10-31T01:30Z  2027-10-31 02:30 +0100  second
Europe/Berlin        2027-10-31T01:30Z 0d          2027-10-31T01:30Z  2027-10-31 02:30 +0100  second
Europe/Berlin        2027-10-31T01:30Z 1d          2027-11-01T01:30Z  2027-11-01 02:30 +0100
Europe/Berlin        2027-10-31T01:30Z 364d        2028-10-29T00:30Z  2028-10-29 02:30 +0200  first
Europe/Berlin        2027-10-20T16:45Z 14d         2027-11-03T17:45Z  2027-11-03 18:45 +0100
Europe/London        2027-03-20T10:15Z 14d         2027-04-03T09:15Z  2027-04-03 10:15 +0100
Europe/London        2027-04-03T09:15Z -14d        2027-03-20T10:15Z  2027-03-20 10:15 +0000
Europe/Dublin        2027-10-30T00:30Z 1d          2027-10-31T00:30Z  2027-10-31 01:30 +0100  first
Europe/Kiev          2027-03-27T01:30Z 1d          2027-03-28T01:30Z  2027-03-28 04:30 +0300  skips 03:30
Europe/Chisinau      2027-10-30T00:30Z 1d          2027-10-31T00:30Z  2027-10-31 03:30 +0300  first
# The skipped hour is the day's first, or the last of the day before.
Atlantic/Azores      2027-03-27T01:30Z 1d          2027-03-28T01:30Z  2027-03-28 01:30 +0000  skips 00:30
America/Nuuk         2027-03-27T01:30Z 1d          2027-03-28T01:30Z  2027-03-28 00:30 -0100  skips 2027-03-27 23:30
Asia/Beirut          2027-03-26T22:30Z 1d          2027-03-27T22:30Z  2027-03-28 01:30 +0300  skips 00:30
Asia/Beirut          2027-10-29T20:30Z 1d          2027-10-30T20:30Z  2027-10-30 23:30 +0300  first
Africa/Cairo         2027-04-28T22:15Z 1d          2027-04-29T22:15Z  2027-04-30 01:15 +0300  skips 00:15
America/Santiago     2027-09-04T04:30Z 1d          2027-09-05T04:30Z  2027-09-05 01:30 -0300  skips 00:30
America/Santiago     2027-04-03T02:30Z 1d          2027-04-04T02:30Z  2027-04-03 23:30 -0300  first
America/Havana       2027-11-06T04:30Z 1d          2027-11-07T04:30Z  2027-11-07 00:30 -0400  first
# North America.
America/New_York     2026-12-15T14:00Z 90d         2027-03-15T13:00Z  2027-03-15 09:00 -0400
America/New_York     2027-03-13T07:30Z 1d          2027-03-14T07:30Z  2027-03-14 03:30 -0400  skips 02:30
America/New_York     2027-03-14T01:00Z 36h         2027-03-15T13:00Z  2027-03-15 09:00 -0400
America/New_York     2027-11-06T05:30Z 1d          2027-11-07T05:30Z  2027-11-07 01:30 -0400  first
America/New_York     2027-11-07T06:30Z 0s          2027-11-07T06:30Z  2027-11-07 01:30 -0500  second
US/Pacific           2027-03-13T10:15Z 1d          2027-03-14T10:15Z  2027-03-14 03:15 -0700  skips 02:15
America/St_Johns     2027-03-13T06:00Z 1d          2027-03-14T06:00Z  2027-03-14 03:30 -0230  skips 02:30
# Rules that changed lately: older time zone data is an hour off.
America/Vancouver    2026-10-25T16:00Z 14d         2026-11-08T16:00Z  2026-11-08 09:00 -0700
America/Vancouver    2027-01-15T19:00Z 60d         2027-03-16T19:00Z  2027-03-16 12:00 -0700
America/Edmonton     2026-10-31T15:00Z 7d          2026-11-07T15:00Z  2026-11-07 09:00 -0600
America/Winnipeg     2026-10-31T14:00Z 30d         2026-11-30T14:00Z  2026-11-30 09:00 -0500
America/Havana       2026-10-25T13:00Z 14d         2026-11-08T13:00Z  2026-11-08 09:00 -0400
Africa/Casablanca    2026-09-19T08:00Z 1d          2026-09-20T09:00Z  2026-09-20 09:00 +0000
Africa/Casablanca    2026-09-19T00:30Z 1d          2026-09-20T00:30Z  2026-09-20 01:30 +0100  first
# Shifts of half an hour and of two, offsets of three quarters.
Australia/Lord_Howe  2027-10-01T15:45Z 1d          2027-10-02T15:45Z  2027-10-03 02:45 +1100  skips 02:15
Australia/Lord_Howe  2027-04-02T14:45Z 1d          2027-04-03T14:45Z  2027-04-04 01:45 +1100  first
Australia/Lord_Howe  2027-04-02T22:00Z 1d          2027-04-03T22:30Z  2027-04-04 09:00 +1030
Australia/Lord_Howe  2027-04-03T14:45Z 30m         2027-04-03T15:15Z  2027-04-04 01:45 +1030  second
Antarctica/Troll     2027-03-27T02:15Z 1d          2027-03-28T02:15Z  2027-03-28 04:15 +0200  skips 02:15
Antarctica/Troll     2027-10-29T23:30Z 1d          2027-10-30T23:30Z  2027-10-31 01:30 +0200  first
Australia/Adelaide   2027-04-02T22:30Z 1d          2027-04-03T23:30Z  2027-04-04 09:00 +0930
Pacific/Chatham      2027-09-24T14:15Z 1d          2027-09-25T14:15Z  2027-09-26 04:00 +1345  skips 03:00
Pacific/Chatham      2027-04-02T13:15Z 1d          2027-04-03T13:15Z  2027-04-04 03:00 +1345  first
Asia/Kathmandu       2027-01-01T03:15Z 14d         2027-01-15T03:15Z  2027-01-15 09:00 +0545
Asia/Calcutta        2027-01-01T03:30Z 30d         2027-01-31T03:30Z  2027-01-31 09:00 +0530
Pacific/Marquesas    2027-01-01T18:30Z 14d         2027-01-15T18:30Z  2027-01-15 09:00 -0930
Pacific/Kiritimati   2026-12-31T19:00Z 365d        2027-12-31T19:00Z  2028-01-01 09:00 +1400
Asia/Jerusalem       2027-03-25T00:30Z 1d          2027-03-26T00:30Z  2027-03-26 03:30 +0300  skips 02:30
# The day that Samoa left out: Friday, 30 December 2011.
Pacific/Apia         2011-12-29T19:00Z 1d          2011-12-30T19:00Z  2011-12-31 09:00 +1400  skips 2011-12-30 09:00
Pacific/Apia         2011-12-29T19:00Z 2d          2011-12-30T19:00Z  2011-12-31 09:00 +1400
Pacific/Apia         2011-12-29T19:00Z 3d          2011-12-31T19:00Z  2012-01-01 09:00 +1400
Pacific/Apia         2011-12-30T19:00Z -1d         2011-12-30T19:00Z  2011-12-31 09:00 +1400  skips 2011-12-30 09:00
Pacific/Apia         2011-12-29T19:00Z 24h         2011-12-30T19:00Z  2011-12-31 09:00 +1400
UTC                  2028-02-28T12:00Z 1d          2028-02-29T12:00Z  2028-02-29 12:00 +0000
"""
)

BETWEEN = _cases(
    """
# In the stretch: at once; its first time is in it, its last is not.
Europe/London        2027-01-10T12:34Z 09:00-20:00 2027-01-10T12:34Z  2027-01-10 12:34 +0000
Europe/London        2027-01-10T09:00Z 09:00-20:00 2027-01-10T09:00Z  2027-01-10 09:00 +0000
Europe/London        2027-01-10T20:00Z 09:00-20:00 2027-01-11T09:00Z  2027-01-11 09:00 +0000
Europe/London        2027-01-10T06:30Z 09:00-20:00 2027-01-10T09:00Z  2027-01-10 09:00 +0000
Asia/Kathmandu       2027-01-15T14:45Z 09:00-20:00 2027-01-16T03:15Z  2027-01-16 09:00 +0545
America/Vancouver    2026-11-08T13:00Z 09:00-20:00 2026-11-08T16:00Z  2026-11-08 09:00 -0700
# The night has a clock change in it.
Europe/Berlin        2027-03-27T20:00Z 09:00-20:00 2027-03-28T07:00Z  2027-03-28 09:00 +0200
Europe/Berlin        2027-10-30T19:00Z 09:00-20:00 2027-10-31T08:00Z  2027-10-31 09:00 +0100
Pacific/Apia         2011-12-30T08:00Z 09:00-20:00 2011-12-30T19:00Z  2011-12-31 09:00 +1400
# The change falls into the stretch: clocks jump over its first time, or read it again.
Asia/Beirut          2027-03-27T19:00Z 00:00-20:00 2027-03-27T22:00Z  2027-03-28 01:00 +0300
Europe/Berlin        2027-03-28T00:15Z 02:30-20:00 2027-03-28T01:00Z  2027-03-28 03:00 +0200
Australia/Lord_Howe  2027-04-03T15:05Z 01:45-20:00 2027-04-03T15:15Z  2027-04-04 01:45 +1030  second
America/New_York     2027-11-07T05:40Z 00:00-01:30 2027-11-07T06:00Z  2027-11-07 01:00 -0500  second
# Over midnight.
Europe/Berlin        2027-01-10T11:00Z 22:00-02:00 2027-01-10T21:00Z  2027-01-10 22:00 +0100
Europe/Berlin        2027-01-10T00:30Z 22:00-02:00 2027-01-10T00:30Z  2027-01-10 01:30 +0100
Europe/Berlin        2027-01-10T01:00Z 22:00-02:00 2027-01-10T21:00Z  2027-01-10 22:00 +0100
"""
)


@pytest.mark.parametrize("case", DURATIONS, ids=str)
def test_a_duration_leads_to_the_literal_instant(case: Case) -> None:
    due = windows.add(utc(case.start), parse_duration(case.asks), windows.zone(case.zone))

    assert due == utc(case.due)
    assert due.utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize("case", BETWEEN, ids=str)
def test_a_message_waits_for_the_literal_instant(case: Case) -> None:
    first, last = (dt.time.fromisoformat(edge) for edge in case.asks.split("-"))

    due = windows.next_in_between(utc(case.start), (first, last), windows.zone(case.zone))

    assert due == utc(case.due)
    assert due.utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize("case", [*DURATIONS, *BETWEEN], ids=str)
def test_gnu_date_agrees_with_each_literal(case: Case) -> None:
    """Both ways where there are two: what clocks read at the instant, and at which instant they read it."""
    due, wall = utc(case.due), case.reads.rpartition(" ")[0]

    assert _gnu_clock(due, case.zone) == case.reads
    if case.kind == "first":
        # `date` picks either of the two; the literal has to be one that no earlier instant precedes.
        assert _gnu_instant(wall, case.zone) >= due
        repeated = _gnu_repetition(due, case.zone)
        assert _gnu_clock(due + repeated, case.zone).startswith(wall)
        assert not _gnu_clock(due - repeated, case.zone).startswith(wall)
    elif case.kind == "second":
        repeated = _gnu_repetition(due - dt.timedelta(hours=2), case.zone)
        assert _gnu_clock(due - repeated, case.zone).startswith(wall)
    else:
        assert _gnu_instant(wall, case.zone) == due


@pytest.mark.parametrize("case", [case for case in DURATIONS if case.kind == "skips"], ids=str)
def test_gnu_date_knows_no_such_time_where_we_say_that_it_is_skipped(case: Case) -> None:
    day = _gnu_clock(utc(case.start) + dt.timedelta(parse_duration(case.asks).count), case.zone).split()[0]
    asked = case.asked if " " in case.asked else f"{day} {case.asked}"

    with pytest.raises(subprocess.CalledProcessError) as refused:
        _gnu_instant(asked, case.zone)

    assert "invalid date" in refused.value.stderr


def test_the_table_covers_what_it_promises() -> None:
    assert len(DURATIONS) >= 44
    assert len({case.zone for case in DURATIONS}) >= 12
    assert {case.kind for case in DURATIONS} == {"plain", "skips", "first", "second"}


def _gnu_date(zone: str, *arguments: str) -> str:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TZDIR": ZONES_FOLDER, "TZ": zone, "LC_ALL": "C"}
    return subprocess.run(  # noqa: S603
        ["date", *arguments],  # noqa: S607
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def _gnu_clock(at: dt.datetime, zone: str) -> str:
    """What clocks read: `2027-03-28 09:00 +0200`."""
    return _gnu_date(zone, "-d", f"@{int(at.timestamp())}", "+%F %R %z")


def _gnu_instant(wall: str, zone: str) -> dt.datetime:
    return utc(_gnu_date(zone, "-u", "-d", f'TZ="{zone}" {wall}', "+%FT%RZ"))


def _gnu_repetition(at: dt.datetime, zone: str) -> dt.timedelta:
    """By how much clocks are set back within the four hours after `at`."""
    now, later = (
        dt.datetime.strptime(_gnu_clock(each, zone), "%Y-%m-%d %H:%M %z").utcoffset()
        for each in (at, at + dt.timedelta(hours=4))
    )
    assert now is not None
    assert later is not None
    assert now > later
    return now - later
