"""Zones, days and stretches of the day: what holds for every zone and instant."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import shutil
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching import windows
from protocol.durations import Duration
from protocol.zones import zone_names
from tests.builders import utc

ROOT = Path(__file__).parents[2]
RESTLESS = [  # zones whose clocks change, by hours, halves and whole days
    "Africa/Cairo",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
]
zones = st.sampled_from(RESTLESS).map(windows.zone)
instants = st.timedeltas(dt.timedelta(0), dt.timedelta(7_300)).map(lambda since: utc("2009-01-01T00:00Z") + since)
times = st.times()


# --- zones -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "America/Argentina/Ushuaia", "Pacific/Apia", "UTC", "Etc/UTC", "America/Port-au-Prince"],
)
def test_a_place_is_a_zone(name: str) -> None:
    assert windows.zone(name).key == name
    assert name in zone_names()


@pytest.mark.parametrize(
    "name", ["Asia/Calcutta", "Asia/Katmandu", "US/Pacific", "Europe/Kiev", "Asia/Saigon", "Japan"]
)
def test_the_older_names_that_browsers_report_are_zones_too(name: str) -> None:
    assert windows.zone(name).key == name


def test_an_older_name_has_the_clocks_of_the_newer_one() -> None:
    at = utc("2027-07-01T12:00Z")

    assert at.astimezone(windows.zone("Europe/Kiev")).utcoffset() == dt.timedelta(hours=3)
    assert at.astimezone(windows.zone("Europe/Kyiv")).utcoffset() == dt.timedelta(hours=3)


@pytest.mark.parametrize(
    "name",
    [
        *("Etc/GMT+5", "Etc/GMT-14", "Etc/GMT0", "GMT+0", "GMT-0", "GMT0", "+02:00", "UTC+2"),
        *("EST", "MST", "HST", "EST5EDT", "PST8PDT", "CET", "MET", "EET", "WET"),
        *("localtime", "Factory", "posixrules", "tzdata.zi", "zone.tab", "posix/Europe/Berlin", "right/UTC"),
        *("../x", "/etc/localtime", "Europe/../Europe/Berlin", "Europe", "Europe/", "Europe/Berlin\x00", ""),
        *("europe/berlin", " Europe/Berlin", "Europe/Berlin\n", "Europe/Atlantis", "\udcff", "Ä" * 10_000),
    ],
)
def test_what_no_person_lives_in_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; expected a name such as 'Europe/Berlin'"):
        windows.zone(name)
    assert name not in zone_names()


def test_every_name_that_is_offered_can_be_loaded() -> None:
    names = zone_names()

    assert len(names) > 500
    assert list(names) == sorted(names)
    assert [windows.zone(name).key for name in names] == list(names)


def test_the_systems_own_zone_files_are_ignored(tmp_path: Path) -> None:
    """Vancouver stays at -07:00 in the winter of 2026; a system that has yet to hear of it must not be asked.

    The system here is a folder where Vancouver's file is Kathmandu's, and a program that has already read it.
    """
    pinned = importlib.resources.files("tzdata").joinpath("zoneinfo")
    (tmp_path / "America").mkdir()
    shutil.copyfile(str(pinned.joinpath("Asia/Kathmandu")), tmp_path / "America/Vancouver")
    program = (
        "import datetime as dt, zoneinfo\n"
        "at = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)\n"
        "before = at.astimezone(zoneinfo.ZoneInfo('America/Vancouver')).utcoffset()\n"
        "from coaching import windows\n"
        "after = at.astimezone(windows.zone('America/Vancouver')).utcoffset()\n"
        "elsewhere = at.astimezone(zoneinfo.ZoneInfo('America/Vancouver')).utcoffset()\n"
        "print(*(offset / dt.timedelta(hours=1) for offset in (before, after, elsewhere)))\n"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == "5.75 -7.0 -7.0\n"


# --- days and hours --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(instants, zones, st.integers(-800, 800))
def test_a_day_later_reads_the_same_wall_time_unless_that_is_skipped(
    at: dt.datetime, zone: ZoneInfo, days: int
) -> None:
    wished = at.astimezone(zone).replace(tzinfo=None) + dt.timedelta(days)

    got = windows.add(at, Duration(days, "d"), zone)

    reading = got.astimezone(zone).replace(tzinfo=None)
    if days == 0:
        assert got == at
    elif reading != wished:
        assert reading > wished  # moved forward, by what was skipped
        assert _exists(wished, zone) is False
        assert (reading - wished) in {dt.timedelta(minutes=30), *(dt.timedelta(hours=h) for h in (1, 2, 24))}
    else:
        assert reading == wished
        assert got.astimezone(zone).fold == 0


@settings(deadline=None)
@given(instants, zones, st.integers(-5_000, 5_000), st.sampled_from("hms"))
def test_hours_minutes_and_seconds_are_elapsed_time_wherever_one_is(
    at: dt.datetime, zone: ZoneInfo, count: int, unit: str
) -> None:
    seconds = {"h": 3600, "m": 60, "s": 1}[unit]

    got = windows.add(at, Duration(count, unit), zone)  # type: ignore[arg-type]

    assert got - at == dt.timedelta(seconds=count * seconds)


@settings(deadline=None)
@given(instants, zones, st.sampled_from("dhms"))
def test_a_zero_duration_of_any_unit_is_the_same_instant(at: dt.datetime, zone: ZoneInfo, unit: str) -> None:
    assert windows.add(at, Duration(0, unit), zone) == at  # type: ignore[arg-type]


@settings(deadline=None)
@given(instants, instants, zones, st.integers(-400, 400))
def test_who_is_later_stays_no_earlier_days_after(
    one: dt.datetime, other: dt.datetime, zone: ZoneInfo, days: int
) -> None:
    """But for the hour that clocks read twice or skip, where two instants may meet or change places."""
    early, late = sorted((one, other))
    shift = dt.timedelta(hours=24)

    moved_early, moved_late = (windows.add(at, Duration(days, "d"), zone) for at in (early, late))

    assert moved_early <= moved_late + shift
    if late - early > 2 * shift:
        assert moved_early <= moved_late


@pytest.mark.parametrize(("count", "edge"), [(999_999, windows.LATEST), (-999_999, windows.EARLIEST)])
@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Marquesas", "UTC"])
def test_a_slip_of_a_thousand_years_ends_at_the_calendars_edge(count: int, edge: dt.datetime, name: str) -> None:
    at, zone = utc("2027-01-01T00:00Z"), windows.zone(name)
    for _ in range(5):
        at = windows.add(at, Duration(count, "d"), zone)

    assert at == edge
    assert windows.next_in_between(at, (dt.time(9), dt.time(20)), zone) >= at


# --- stretches of the day --------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(instants, zones, times, times)
def test_a_message_goes_in_its_stretch_and_as_soon_as_that_can_be(
    at: dt.datetime, zone: ZoneInfo, first: dt.time, last: dt.time
) -> None:
    got = windows.next_in_between(at, (first, last), zone)

    assert got >= at
    assert _is_in(got, first, last, zone)
    # No sooner instant would have done: every quarter of an hour from then to now is outside.
    sooner = at
    while sooner < got:
        assert not _is_in(sooner, first, last, zone)
        sooner += dt.timedelta(minutes=15)
    if got > at:
        assert not _is_in(got - dt.timedelta(microseconds=1), first, last, zone)


@settings(deadline=None)
@given(instants, zones, times, times)
def test_what_was_moved_into_the_stretch_stays_there(
    at: dt.datetime, zone: ZoneInfo, first: dt.time, last: dt.time
) -> None:
    once = windows.next_in_between(at, (first, last), zone)

    assert windows.next_in_between(once, (first, last), zone) == once


def test_a_stretch_that_ends_where_it_begins_is_the_whole_day() -> None:
    at = utc("2027-01-10T03:00Z")

    assert windows.next_in_between(at, (dt.time(9), dt.time(9)), windows.zone("UTC")) == at


def _exists(wall: dt.datetime, zone: ZoneInfo) -> bool:
    return any(
        wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) == wall
        for fold in (0, 1)
    )


def _is_in(at: dt.datetime, first: dt.time, last: dt.time, zone: ZoneInfo) -> bool:
    reading = at.astimezone(zone).time()
    return first <= reading < last if first < last else first <= reading or reading < last
