"""What a caller may ask of a dataset, read strictly: a word that isn't understood is a fault, never ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.http import QueryDict

from protocol.columns import Table

TIMES = ("since", "until")
# Every filter that some dataset knows, so that a dataset without the column can say so.
KNOWN = ("participant", "arm", "timepoint", "instrument", "script", *TIMES, "synthetic")

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_T = TypeVar("_T")
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST = 200
_SHOWN = 60
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """One parameter that can't be taken: where it is, what was found, what was expected."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, expected {self.expected}"


class BadParameters(ValueError):
    """Parameters that can't be taken, all of them at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in faults))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are wanted: `equal` by the filter's name, `since` ≤ t < `until` by the table's time."""

    equal: Mapping[str, str | bool] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    as_given: Mapping[str, str] = field(default_factory=dict)


NO_FILTERS = Filters()


def single(parameters: QueryDict, allowed: Sequence[str]) -> dict[str, str]:
    """The parameters by name, each of which may be given once.

    Raises:
        BadParameters: One is not among `allowed`, comes twice, or holds what no value can.
    """
    faults = []
    for name, values in parameters.lists():
        if name not in allowed:
            faults.append(Fault(name[:_SHOWN], "an unknown parameter", _one_of(allowed) or "none"))
        elif len(values) != 1:
            faults.append(Fault(name, f"{len(values)} values", "one"))
        elif len(values[0]) > _LONGEST or not values[0].isprintable():
            faults.append(Fault(name, "a value that nothing can have", f"at most {_LONGEST} printable characters"))
    if faults:
        raise BadParameters(faults)
    return {name: values[0] for name, values in parameters.lists()}


def filter_names(table: Table) -> tuple[str, ...]:
    """The filters that a dataset understands."""
    return tuple(name for name in KNOWN if name in table.filters or (name in TIMES and table.time))


def read_filters(given: Mapping[str, str], table: Table) -> Filters:
    """The filters that these parameters mean for a table.

    Raises:
        BadParameters: The table has no column for one, or a value is not of its kind.
    """
    faults: list[Fault] = []
    understood = filter_names(table)
    equal: dict[str, str | bool] = {}
    times: dict[str, datetime] = {}
    for name, value in given.items():
        if name not in understood:
            faults.append(Fault(name, f"a filter that {table.name} has no column for", _one_of(understood)))
        elif name in TIMES:
            _take(times, name, _instant(name, value), faults)
        elif name == "synthetic":
            _take(equal, name, _TRUTHS.get(value, Fault(name, _shown(value), "true or false")), faults)
        else:
            equal[name] = value
    if faults:
        raise BadParameters(faults)
    return Filters(equal, times.get("since"), times.get("until"), dict(given))


def narrowed(table: Table, rows: QuerySet, filters: Filters) -> QuerySet:  # type: ignore[type-arg]
    """The rows that the filters leave; those whose time is null are left out by `since` and `until`."""
    for name, value in filters.equal.items():
        rows = rows.filter(Exact(table.column(table.filters[name]).expression, value))
    if table.time is not None:
        at = table.column(table.time).expression
        if filters.since is not None:
            rows = rows.filter(GreaterThanOrEqual(at, filters.since))
        if filters.until is not None:
            rows = rows.filter(LessThan(at, filters.until))
    return rows


def choice(where: str, found: str, expected: Sequence[str]) -> str:
    """`found`, which must be one of `expected`."""
    if found not in expected:
        raise BadParameters([Fault(where, _shown(found), _one_of(expected))])
    return found


def truth(where: str, found: str) -> bool:
    """What `true` and `false` mean."""
    return _TRUTHS[choice(where, found, list(_TRUTHS))]


def _take(into: dict[str, _T], name: str, value: _T | Fault, faults: list[Fault]) -> None:
    if isinstance(value, Fault):
        faults.append(value)
    else:
        into[name] = value


def _instant(where: str, text: str) -> datetime | Fault:
    expected = "an instant with its offset, such as 2027-03-14T07:30:00Z (a + in an address is written %2B)"
    match = _INSTANT.fullmatch(text)
    if match is None:
        return Fault(where, _shown(text), expected)
    if match[3] is None:
        return Fault(where, f"{_shown(text)}, which has no offset", expected)
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
        # Times are shown in whole milliseconds, cut off: `.1234` is shown as `.123`, and compares as such.
        cut_off = timedelta(microseconds=at.microsecond % 1000)
        return at + _MILLISECOND - cut_off if cut_off else at
    except (ValueError, OverflowError):
        return Fault(where, _shown(text), expected)


def _one_of(names: Sequence[str]) -> str:
    return ", ".join(names)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
