"""Rules of items: each has the keys of its type, what it offers can be chosen, and what it expects can be given."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as Map
from dataclasses import dataclass
from fractions import Fraction

from protocol.definitions.of_item import MAX_POINTS
from protocol.errors import listed, quoted, shown
from protocol.grammar import DATE
from protocol.kinds import Reading, found
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
_LOST = Fraction(1, 10**6)  # what the decimals of a scale's step may lose


@dataclass(frozen=True, slots=True)
class Asked:
    """What other rules need to know of one item.

    Attributes:
        node: The item.
        type: Its type.
        choices: Its choices' ids where it has any.
        low, high: The ends of its numbers, None where they are open.
        step: From number to number; None where any number within the ends can be given.
        direction: What a higher number means; None where it can't be told, and of an item without a scale.
        has_number: Whether each of its answers is or counts a number.
        is_catch: Whether it is an attention check.
    """

    node: Node
    type: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    direction: str | None = None
    has_number: bool = False
    is_catch: bool = False

    @property
    def has_ends(self) -> bool:
        """Whether its numbers have two ends, between which they can be turned round; faulty ends are ends."""
        if self.type == "number":
            return has(self.node, "scale") or (has(self.node, "min") and has(self.node, "max"))
        return self.type == "scale"

    def is_within(self, number: float) -> bool:
        """Whether a number lies between the ends."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    def takes(self, number: float) -> bool:
        """Whether a number can be given: it lies between the ends, and on a step."""
        if not self.is_within(number) or self.step is None:
            return self.is_within(number)
        steps = (Fraction(str(number)) - Fraction(str(self.low or 0))) / Fraction(str(self.step))
        return steps.denominator == 1 or (self.type == "scale" and abs(steps - round(steps)) < _LOST)


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
        _check_catch(item, described, reading)


def asked(item: Node, scale: Node | None) -> Asked | None:
    """What is known of an item; None while its type or its choices are faulty. `scale` is the instrument's."""
    type = _type(item)
    choices = item.child("choices")
    if type is None or (choices is None and type in ("choice", "multi")):
        return None
    low, high, step = _numbers(item, scale) if type in ("scale", "number") else (None, None, None)
    return Asked(
        node=item,
        type=type,
        choices=tuple(choice_ids(choices)),
        low=low,
        high=high,
        step=step,
        direction=_direction(item, scale) if type == "scale" else None,
        has_number=type in ("scale", "number") or (type == "choice" and _are_scored(choices)),
        is_catch=has(item, "catch"),
    )


def is_near_whole(number: float) -> bool:
    """Whether a number is whole but for what binary fractions lose."""
    return abs(number - round(number)) < _LOST


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
    na = item.child("na")
    if na is not None and "na" in choice_ids(choices) and not (isinstance(na, Scalar) and na.value is False):
        reading.remark(
            na.line, f"{_called(item)} has a choice 'na' beside the key na, which posts the same; expected another id"
        )


def _are_scored(choices: Node | None) -> bool:
    if not isinstance(choices, Sequence):
        return False
    return all(isinstance(choice, Mapping) and number_at(choice, "score") is not None for choice in choices.items)


def _numbers(item: Node, scale: Node | None) -> tuple[float | None, float | None, float | None]:
    """The least number, the greatest and the step; None where they are open, or are faulty."""
    is_bare = _type(item) == "number" and not has(item, "scale")
    owner = item if is_bare else item.child("scale") if has(item, "scale") else scale
    low, high = number_at(owner, "min"), number_at(owner, "max")
    if low is not None and high is not None and high <= low:
        return None, None, None
    step = number_at(owner, "step") if is_bare or has(owner, "step") else 1
    return low, high, step


def _direction(item: Node, scale: Node | None) -> str | None:
    own = item.child("scale")
    return text_at(own, "direction") if has(own, "direction") else text_at(scale, "direction")


def _check_bounds(item: Mapping, reading: Reading) -> None:
    if has(item, "scale"):
        _check_number_scale(item, reading)
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
    reverse = item.child("reverse")
    if isinstance(reverse, Scalar) and reverse.value is True and not (has(item, "min") and has(item, "max")):
        reading.remark(
            item.entries["reverse"][0].line, f"{_called(item)} is reversed but has no min and max; expected both ends"
        )


def _check_number_scale(item: Mapping, reading: Reading) -> None:
    for name in ("min", "max", "step"):
        if has(item, name):
            reading.remark(
                item.entries[name][0].line, f"{name} of {_called(item)} beside a scale; expected one of them"
            )
    scale = item.child("scale")
    for name in ("labels", "direction"):
        if isinstance(scale, Mapping) and name in scale.entries:
            reading.remark(
                scale.entries[name][0].line,
                f"{name} of a scale belongs to type: scale; {_called(item)} is type: number",
            )


def _check_dates(item: Mapping, reading: Reading) -> None:
    dates = []
    for name in ("min", "max"):
        end = item.child(name)
        if not isinstance(end, Scalar):
            continue
        date = as_date(end.value)
        if date is None:
            reading.fault(end, f"{name} of {_called(item)} is {found(end)}; expected a date such as 2026-01-31")
        else:
            dates.append(date)
    if len(dates) == 2 and dates[1] < dates[0]:
        reading.remark(
            item.entries["max"][1].line, f"max is {dates[1]}; expected a date after min, which is {dates[0]}"
        )


def as_date(value: object) -> dt.date | None:
    """The date that a value writes as YYYY-MM-DD; None of anything else."""
    if not isinstance(value, str) or re.fullmatch(DATE, value) is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _check_catch(item: Node, described: Asked, reading: Reading) -> None:
    expected = item.child("catch")
    if not isinstance(expected, Scalar) or described.type not in _OF_TYPES["catch"]:
        return
    if described.type == "choice":
        if described.choices and str(expected.value) not in described.choices:
            offered = quoted(described.choices)
            reading.remark(expected.line, f"catch is {shown(expected.value)}; expected one of its choices: {offered}")
    elif isinstance(expected.value, str):
        reading.remark(expected.line, f"catch is {found(expected)}; expected a number without quotes")
    elif not isinstance(expected.value, int | float) or not described.takes(expected.value):
        reading.remark(expected.line, f"catch is {found(expected)}; expected a number that can be answered")
