"""Windows of time as a calendar file (RFC 5545) for any calendar: instants in UTC, lines folded at 75 octets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_OCTETS = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which something can be done.

    Attributes:
        uid: A name that stays the same whenever the file is made anew, so that a calendar moves what it has.
        closes_at: None where there is no end: then the moment alone is in the calendar.
    """

    uid: str
    opens_at: dt.datetime
    closes_at: dt.datetime | None
    title: str
    text: str


def calendar_of(windows: Iterable[Window], *, now: dt.datetime) -> bytes:
    """The file, with at least one window in it: RFC 5545 knows no empty calendar.

    The windows block no time: other people see their owner as free.

    Raises:
        ValueError: There is no window.
    """
    events = [line for window in windows for line in _event(window, now)]
    if not events:
        raise ValueError("a calendar without a window; expected one at least")
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Potoo//Windows//EN", *events, "END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(window: Window, now: dt.datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{window.uid}"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(window.opens_at)}"
    # In whole seconds, as the file has them: an end at the beginning is none.
    if window.closes_at is not None and _instant(window.closes_at) > _instant(window.opens_at):
        yield f"DTEND:{_instant(window.closes_at)}"
    yield f"SUMMARY:{window.title.translate(_ESCAPED)}"
    yield f"DESCRIPTION:{window.text.translate(_ESCAPED)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> bytes:
    """A line in UTF-8 with its end, broken before an octet too many and never within a character."""
    parts: list[bytes] = [b""]
    for char in line:
        octets = char.encode()
        # Each further part begins with a blank, which counts.
        if len(parts[-1]) + len(octets) > MOST_OCTETS - (len(parts) > 1):
            parts.append(b"")
        parts[-1] += octets
    return b"\r\n ".join(parts) + b"\r\n"
