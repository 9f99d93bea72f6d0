"""JSON files from elsewhere: read with the place of whatever makes them none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from assessments.importers.losses import Fault, ImportFaults

MAX_BYTES = 5_000_000
MAX_NESTING = 100


def _refuse(word: str) -> Any:
    raise ValueError(f"holds {word}, which is no number")


def read_json(content: bytes, name: str = "the file", not_finite: Callable[[str], Any] = _refuse) -> Any:
    """What a JSON file holds; `not_finite` gives what stands for NaN and Infinity, which are no JSON.

    Raises:
        ImportFaults: with the line and the column where it is none.
    """
    if len(content) > MAX_BYTES:
        raise ImportFaults([Fault(name, "", f"has {len(content):,} bytes; expected at most {MAX_BYTES:,}")])
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ImportFaults([Fault(f"{name}, line 1", "1", "begins with a byte order mark; expected UTF-8 without one")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"holds the byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise ImportFaults([Fault(f"{name}, line {line}", str(column), message)]) from None
    try:
        value = json.loads(text, parse_constant=not_finite)
    except json.JSONDecodeError as error:
        message = f"is no JSON: {error.msg}"
        raise ImportFaults([Fault(f"{name}, line {error.lineno}", str(error.colno), message)]) from None
    except (RecursionError, ValueError) as error:
        message = "is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ImportFaults([Fault(name, "", message)]) from None
    if _is_deeper(value, MAX_NESTING):
        raise ImportFaults([Fault(name, "", "is nested too deep")])
    return value


def _is_deeper(value: Any, most: int) -> bool:
    """Whether lists and mappings lie in each other more than `most` deep."""
    level = [value]
    for _ in range(most):
        level = [part for each in level if isinstance(each, dict | list) for part in _parts(each)]
    return bool(level)


def _parts(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
