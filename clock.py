"""The product's one clock: views, tasks and commands ask it, and pass the answer down.

``CLOCK`` moves it, so that a study of months can be walked in minutes: an offset such as ``+14d``, ``-2h`` or
``+1d12h``, or ``@FILE`` that holds one and is read at every call. A day is 24 hours here: an offset is elapsed time.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

EXPECTED = "an offset such as +14d, -2h or +1d12h (units d, h, m, s; at most 100 years), or @FILE that holds one"

_OFFSET = re.compile(r"([+-])((?:[0-9]+[dhms])+)", re.ASCII)
_PART = re.compile(r"([0-9]+)([dhms])", re.ASCII)
_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FURTHEST_S = 36_525 * _UNIT_S["d"]
_last_good: dict[str, timedelta] = {}
_ahead: ContextVar[timedelta] = ContextVar("ahead", default=timedelta(0))


def now() -> datetime:
    """This instant by the product's clock, aware, in UTC.

    A ``@FILE`` that is gone, empty, half written or malformed while the product runs leaves the clock at the last
    offset that this process read from it, so that whoever writes the file can never break a request.
    """
    # The one place that asks the machine's clock; a linter's ban keeps it so.
    return datetime.now(UTC) + _current(settings.CLOCK) + _ahead.get()


@contextmanager
def ahead(length: timedelta) -> Iterator[None]:
    """Lets this thread's clock run that far ahead of the product's: for the requests of one test person alone."""
    token = _ahead.set(length)
    try:
        yield
    finally:
        _ahead.reset(token)


def offset(text: str) -> timedelta:
    """The offset that a text such as ``+1d12h`` means.

    Raises:
        ValueError: It is not a sign and one or more whole numbers with a unit, or reaches further than 100 years.
    """
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        raise ValueError(EXPECTED)
    sign, parts = match.groups()
    seconds = sum(int(number[:12]) * _UNIT_S[unit] for number, unit in _PART.findall(parts))
    if seconds > _FURTHEST_S:
        raise ValueError(EXPECTED)
    return timedelta(seconds=-seconds if sign == "-" else seconds)


def checked(value: str) -> timedelta:
    """The offset that a value of ``CLOCK`` means now; the settings ask this at start, and refuse what it refuses.

    Raises:
        ValueError: It is neither an offset nor ``@FILE`` whose file holds one.
        OSError: The file can't be read.
    """
    if not value:
        return timedelta(0)
    if not value.startswith("@"):
        return offset(value)
    _last_good[value] = offset(Path(value[1:]).read_text(encoding="utf-8"))
    return _last_good[value]


def _current(value: str) -> timedelta:
    try:
        return checked(value)
    except (OSError, ValueError):
        return _last_good.get(value, timedelta(0))
