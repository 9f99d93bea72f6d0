"""How one value of each kind is written: the same in every format that is text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from protocol.columns import Kind

# A spreadsheet takes a cell that begins with one of these for a formula; the last four are their full-width forms.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EXACT_UP_TO = 2**53


def instant(at: datetime) -> str:
    """`2027-03-14T07:30:00.000Z`: UTC, ISO 8601, whole milliseconds (further digits are cut off)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def number(value: float) -> int | float:
    """A whole number without its `.0`; anything else as it is."""
    return int(value) if value.is_integer() and abs(value) <= _EXACT_UP_TO else value


def formula_safe(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def scalar(value: str | float) -> int | float | str:
    """The number or text of a `scalar`: a text comes as JSON, a number as JSON or as itself."""
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, str) else number(float(found))


def _same(value: Any) -> Any:
    return value


# Null is never asked for: each format has its own way of writing nothing.
JSON_VALUES: Mapping[Kind, Callable[[Any], Any]] = {
    "text": _same,
    "integer": _same,
    "number": lambda value: number(float(value)),
    "boolean": bool,
    "time": instant,
    "scalar": scalar,
}
CSV_VALUES: Mapping[Kind, Callable[[Any], str]] = {
    "text": formula_safe,
    "integer": str,
    "number": lambda value: repr(number(float(value))),
    "boolean": lambda value: "true" if value else "false",
    "time": instant,
    "scalar": lambda value: formula_safe(found) if isinstance(found := scalar(value), str) else repr(found),
}
