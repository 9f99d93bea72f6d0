"""Which column of a file of answers is what: the map that goes with the file, and the faults that either may have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from protocol.errors import listed
from protocol.errors import shown as quoted
from protocol.instrument import Instrument

ROLES = ("participant", "language", "form", "answered_at")
"""What a column may be beside an item."""
_STATUSES = ("declined", "skipped", "not_reached", "not_applicable", "lost")

Missing = Literal["declined", "skipped", "not_reached", "not_applicable", "lost", "not_due"]


@dataclass(frozen=True, slots=True)
class Map:
    """Which column is what.

    Attributes:
        columns: The column of each role (`participant`, `language`, `form`, `answered_at`) and of each item, where it
            has another name.
        missing: What texts stand for no answer, and for which kind of none.
        ends: The ends of the scale by which the file was coded, where it says so.
        is_given: Whether there is a map: then columns that it doesn't name are passed over.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, Missing] = field(default_factory=dict)
    ends: tuple[float, float] | None = None
    is_given: bool = False


class AnswerFaults(Exception):
    """All that is wrong with a file of answers or its map, a line each: `row 3, column h1: …`."""

    def __init__(self, faults: Sequence[str]) -> None:
        most = 200
        more = [f"and {len(faults) - most} more faults"] if len(faults) > most else []
        self.faults = [*faults[:most], *more]
        super().__init__("\n".join(self.faults))


def read_map(plain: object, header: Sequence[str], instrument: Instrument) -> Map:
    """The map that a file of it says, parsed as YAML: `ROLE or ITEM: COLUMN`, or `COLUMN: ROLE or ITEM`.

    The items may stand under `items`; `missing` is a list of texts, or a mapping of text to a kind of missing answer;
    `scale: {min, max}` says by which ends the file was coded.

    Raises:
        AnswerFaults: with what was found and what was expected.
    """
    if not isinstance(plain, dict):
        raise AnswerFaults([f"map: is no mapping; expected {listed(ROLES, 'and')} and items, each with its column"])
    rest = dict(plain)
    missing, faults = _missing(rest.pop("missing", {}))
    ends = _ends(rest.pop("scale", None), faults)
    pairs = [*rest.pop("items", {}).items()] if isinstance(rest.get("items"), dict) else []
    known = {*ROLES, *(item.id for item in instrument.items())}
    columns: dict[str, str] = {}
    for one, other in [*rest.items(), *pairs]:
        role, column = _told_apart(str(one), str(other), known, header)
        if role is None:
            faults.append(
                f"map, {one}: found {quoted(str(other))}; expected a column of the file beside {listed(ROLES)} or an "
                f"item of {instrument.id}"
            )
        elif role in columns:
            faults.append(f"map, {role}: has the columns {quoted(columns[role])} and {quoted(column)}; expected one")
        else:
            columns[role] = column
    if faults:
        raise AnswerFaults(faults)
    return Map(columns, missing, ends, is_given=True)


def _told_apart(one: str, other: str, known: set[str], header: Sequence[str]) -> tuple[str | None, str]:
    """Which of two words is the role or item, and which the column."""
    if one in known and other in header:
        return one, other
    if other in known and one in header:
        return other, one
    return None, ""


def _missing(said: object) -> tuple[dict[str, Missing], list[str]]:
    if isinstance(said, list):
        return {str(text): "not_reached" for text in said}, []
    if not isinstance(said, dict):
        return {}, [f"map, missing: found {quoted(str(said))}; expected a list of texts, or text to status"]
    faults = [
        f"map, missing: found {quoted(str(status))}; expected {listed(_STATUSES)}"
        for status in said.values()
        if status not in _STATUSES
    ]
    return {str(text): cast(Missing, status) for text, status in said.items()}, faults


def _ends(said: object, faults: list[str]) -> tuple[float, float] | None:
    if said is None:
        return None
    ends = [said.get(end) for end in ("min", "max")] if isinstance(said, dict) else []
    if isinstance(said, dict) and (more := [str(key) for key in said if key not in ("min", "max")]):
        faults.append(f"map, scale: found {listed(map(quoted, more), 'and')}; expected {{min: number, max: number}}")
        return None
    numbers = [float(end) for end in ends if isinstance(end, int | float) and re.fullmatch(r"-?[0-9.]+", str(end))]
    if len(numbers) != 2:
        faults.append("map, scale: expected {min: number, max: number}")
        return None
    return numbers[0], numbers[1]
