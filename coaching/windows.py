"""Wall-clock arithmetic: the zones people live in, and what "a day later" and "between nine and eight" mean there."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from protocol.durations import SECONDS, Duration
from protocol.zones import is_zone

# The time zone rules are part of what a study promises, so they come from the pinned `tzdata` package alone. Python
# would ask the system's own files first, which may be years older: an hour's difference for every follow-up of a zone
# that changed its rules. The setting PYTHONTZPATH="" says the same; this holds where nobody set it. It acts on the
# whole process, which is what is wanted, and drops the zones that were read from elsewhere before.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

EARLIEST = dt.datetime(2, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(9998, 1, 1, tzinfo=dt.UTC)


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone called `name`, by the rules of the pinned time zone data.

    Raises:
        ValueError: `name` is not a place's zone (or UTC): unknown, an abbreviation such as `EST`, or a bare offset.
    """
    if not is_zone(name):
        raise ValueError(f"{name!r} is not a time zone; expected a name such as 'Europe/Berlin'")
    return zoneinfo.ZoneInfo(name)


def add(at: dt.datetime, duration: Duration, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant (UTC) that lies `duration` after `at` (UTC) for a person in `zone`.

    Days are calendar days at the same wall time: one that a clock change skips moves forward by what was skipped, one
    that it repeats is the first of the two. Hours, minutes and seconds are elapsed time. A zero duration of any unit is
    the same instant. What would leave the calendar stays at its edge (`EARLIEST`, `LATEST`).
    """
    if duration.count == 0:
        return at
    try:
        if duration.unit == "d":
            moved = _resolve(at.astimezone(zone).replace(tzinfo=None) + dt.timedelta(duration.count), zone)
        else:
            moved = at + dt.timedelta(seconds=duration.count * SECONDS[duration.unit])
    except OverflowError:
        return LATEST if duration.count > 0 else EARLIEST
    return min(max(moved, EARLIEST), LATEST)


def instant_of(wall: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant (UTC) of a naive wall time that somebody in `zone` typed; skipped and repeated times as in `add`."""
    return _resolve(wall, zone)


def next_in_between(at: dt.datetime, between: tuple[dt.time, dt.time], zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The first instant (UTC) at or after `at` (UTC) at which clocks in `zone` read a time in `[first, last)`.

    Where `first` is not before `last`, the stretch goes over midnight; where they are equal, it is the whole day.
    """
    if _reads_in(at, between, zone):
        return at
    entry = _next_reading(at, between[0], zone)
    if at.astimezone(zone).utcoffset() != entry.astimezone(zone).utcoffset():
        # A clock change lies between: the clocks may be set into the stretch, past its first time.
        changed_at = _offset_change(at, entry, zone)
        if _reads_in(changed_at, between, zone):
            return changed_at
    return entry


def is_between(at: dt.datetime, between: tuple[dt.time, dt.time], zone: zoneinfo.ZoneInfo) -> bool:
    """Whether the wall clock in the zone reads a time in [first, last) at that instant."""
    return _reads_in(at, between, zone)


def working_days(since: dt.datetime, until: dt.datetime, zone: zoneinfo.ZoneInfo) -> int:
    """Whole days of working time between two instants: hours of Monday to Friday in the zone, 24 to the day.

    From a Friday at 17:00 to the Monday at 17:00 is 1. Holidays are unknown. 0 where `until` is not after `since`.
    """
    first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (since, until))
    # Each whole week holds five; the rest is looked at day by day.
    weeks = max((last - first).days, 0) // 7
    worked, at = dt.timedelta(days=5 * weeks), first + dt.timedelta(weeks=weeks)
    while at < last:
        midnight = dt.datetime.combine(at.date() + dt.timedelta(days=1), dt.time())
        if at.weekday() < 5:
            worked += min(midnight, last) - at
        at = midnight
    return worked.days


def _resolve(wall: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant of a naive wall time; `fold=0` is PEP 495's offset before a gap and the first of a repeated time."""
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)


def _reads_in(at: dt.datetime, between: tuple[dt.time, dt.time], zone: zoneinfo.ZoneInfo) -> bool:
    first, last = between
    reading = at.astimezone(zone).time()
    if first < last:
        return first <= reading < last
    return first <= reading or reading < last


def _next_reading(at: dt.datetime, reading: dt.time, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The first instant after `at` at which clocks in `zone` read exactly `reading`, on a day that has that time."""
    day = at.astimezone(zone).date()
    for days in range(4):  # today's may be past, and then at most one day lacks the time, or does not exist
        wall = dt.datetime.combine(day + dt.timedelta(days), reading)
        for fold in (0, 1):
            instant = _resolve(wall.replace(fold=fold), zone)
            if instant > at and instant.astimezone(zone).replace(tzinfo=None) == wall:
                return instant
    raise ValueError(f"clocks in {zone.key} do not read {reading} in the four days after {at}")


def _offset_change(before: dt.datetime, after: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant, to the second, at which the offset stops being the one at `before`; `after` has another."""
    offset = before.astimezone(zone).utcoffset()
    same, other = 0, int((after - before).total_seconds())
    start = before.replace(microsecond=0)
    while other - same > 1:
        middle = (same + other) // 2
        if (start + dt.timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    return start + dt.timedelta(seconds=other)
