"""Rules of items: each has the keys of its type, what it offers can be chosen, and what it expects can be given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Map
from dataclasses import dataclass

from protocol.definitions.of_item import MAX_POINTS
from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Scalar, Sequence, has, number_at, text_at

# Which types a key belongs to; a key that is not here belongs to all.
_OF_TYPES: Map[str, tuple[str, ...]] = {
    "scale": ("scale", "number"),
    "choices": ("choice", "multi"),
    "min": ("number", "date"),
    "max": ("number", "date"),
    "step": ("number",),
    "unit": ("number",),
    "longest": ("text",),
    "lines": ("text",),
    "reverse": ("scale", "number"),
    "catch": ("scale", "choice", "number"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What other rules need to know of one item.

    `choices` are its choices' ids where it has any; `ends` the ends of its numbers, None where they are open.
    """

    node: Node
    type: str
    choices: tuple[str, ...]
    ends: tuple[float, float] | None
    has_number: bool
    is_catch: bool


def check_item(item: Node, scale: Node | None, reading: Reading) -> None:
    """Reports what is wrong with one item beyond the shape of its parts; `scale` is the instrument's."""
    type = _type(item)
    if type is None or not isinstance(item, Mapping):
        return
    for name, (key, _) in item.entries.items():
        if type not in _OF_TYPES.get(name, (type,)):
            reading.remark(
                key.line, f"{name} belongs to type: {listed(_OF_TYPES[name])}; {_called(item)} is type: {type}"
            )
    if type in ("choice", "multi"):
        _check_choices(item, reading)
    if type == "number":
        _check_bounds(item, reading)
    if type == "date":
        _check_dates(item, reading)
    described = asked(item, scale)
    if described is not None:
        _check_catch(item, described, scale, reading)


def asked(item: Node, scale: Node | None) -> Asked | None:
    """What is known of an item; None while its type or its choices are faulty."""
    type = _type(item)
    choices = item.child("choices")
    if type is None or (choices is None and type in ("choice", "multi")):
        return None
    scored = _scored(choices)
    return Asked(
        node=item,
        type=type,
        choices=tuple(choice_ids(choices)),
        ends=_ends(item, scale, type),
        has_number=type in ("scale", "number") or (type == "choice" and scored),
        is_catch=has(item, "catch"),
    )


def choice_ids(choices: Node | None) -> list[str]:
    """The ids of sound choices, in the order of the file."""
    if isinstance(choices, Mapping):
        return list(choices.entries)
    ids = []
    for choice in choices.children() if choices is not None else ():
        named = choice.child("id") if isinstance(choice, Mapping) else choice
        if isinstance(named, Scalar) and isinstance(named.value, str):
            ids.append(named.value)
    return ids


def _type(item: Node) -> str | None:
    return text_at(item, "type") if has(item, "type") else "scale"


def _called(item: Node) -> str:
    return f"item {shown(text_at(item, 'id') or '')}"


def _check_choices(item: Mapping, reading: Reading) -> None:
    if "choices" not in item.entries:
        reading.remark(item.line, f"{_called(item)} lacks 'choices'; expected what may be chosen")
        return
    choices = item.child("choices")
    seen: set[str] = set()
    for choice in choices.children() if isinstance(choices, Sequence) else ():
        named = choice.child("id") if isinstance(choice, Mapping) else choice
        if isinstance(named, Scalar) and isinstance(named.value, str):
            if named.value in seen:
                reading.remark(named.line, f"choices of {_called(item)} hold {shown(named.value)} twice")
            seen.add(named.value)
    if "na" in seen and has(item, "na"):
        reading.remark(item.line, f"{_called(item)} has a choice 'na' beside the key na; expected another name for it")


def _scored(choices: Node | None) -> bool:
    if not isinstance(choices, Sequence):
        return False
    return all(isinstance(choice, Mapping) and number_at(choice, "score") is not None for choice in choices.items)


def _ends(item: Node, scale: Node | None, type: str) -> tuple[float, float] | None:
    owner = (item.child("scale") if has(item, "scale") else scale if type == "scale" else item) or item
    low, high = number_at(owner, "min"), number_at(owner, "max")
    return (low, high) if type in ("scale", "number") and low is not None and high is not None else None


def _check_bounds(item: Mapping, reading: Reading) -> None:
    if has(item, "scale"):
        for name in ("min", "max", "step"):
            if has(item, name):
                reading.remark(
                    item.entries[name][0].line, f"{name} of {_called(item)} beside a scale; expected one of them"
                )
        return
    low, high, step = (number_at(item, name) for name in ("min", "max", "step"))
    for name in ("min", "max"):
        end = item.child(name)
        if isinstance(end, Scalar) and isinstance(end.value, str):
            reading.fault(end, f"{name} of {_called(item)} is {shown(end.value)}; expected a number")
    if low is not None and high is not None and high <= low:
        reading.remark(item.entries["max"][1].line, f"max is {high:g}; expected a number above min, which is {low:g}")
    elif low is not None and high is not None and step is not None and (high - low) / step + 1 > MAX_POINTS * 1_000:
        reading.remark(item.entries["step"][1].line, f"step is {step:g}, too fine for {low:g} to {high:g}")
    if has(item, "reverse") and (low is None or high is None):
        reading.remark(
            item.entries["reverse"][0].line, f"{_called(item)} is reversed but has no min and max; expected both ends"
        )


def _check_dates(item: Mapping, reading: Reading) -> None:
    dates = []
    for name in ("min", "max"):
        end = item.child(name)
        if not isinstance(end, Scalar):
            continue
        try:
            dates.append(dt.date.fromisoformat(str(end.value)))
        except ValueError:
            reading.fault(end, f"{name} of {_called(item)} is {shown(end.value)}; expected a date such as 2026-01-31")
    if len(dates) == 2 and dates[1] < dates[0]:
        reading.remark(
            item.entries["max"][1].line, f"max is {dates[1]}; expected a date after min, which is {dates[0]}"
        )


def _check_catch(item: Node, described: Asked, scale: Node | None, reading: Reading) -> None:
    expected = item.child("catch")
    if not isinstance(expected, Scalar) or described.type not in _OF_TYPES["catch"]:
        return
    if described.type == "choice":
        if str(expected.value) not in described.choices:
            reading.remark(
                expected.line,
                f"catch is {shown(expected.value)}; expected one of its choices: {listed(described.choices)}",
            )
        return
    ends = described.ends
    if not isinstance(expected.value, int | float) or (ends and not ends[0] <= expected.value <= ends[1]):
        reading.remark(expected.line, f"catch is {shown(expected.value)}; expected a value that can be answered")
