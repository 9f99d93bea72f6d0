"""What people of a rehearsal answer where it is asked how they are: that all is well, or what a rule is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from protocol.care import SafetyPlan
from protocol.conditions import Comparison, Condition
from protocol.instrument import Instrument, Item
from rehearsal.people import Reply

Wanted = Mapping[str, float | str]


def calm(instrument: Instrument, reply: Reply) -> Reply:
    """An answer that says that there is nothing."""
    item = _item(instrument, reply.item)
    if item.type == "scale" and item.scale is not None:
        is_up = item.scale.direction == "higher_is_more"
        return replace(_answered(reply), value=item.scale.points[0 if is_up else -1], text="")
    if item.type in {"choice", "multi"}:
        first = min(item.choices, key=lambda choice: choice.score or 0.0)
        return replace(_answered(reply), value=None, text=first.id)
    return reply


def alarming(safety: SafetyPlan, instrument: Instrument) -> Wanted:
    """Answers by which the first rule of a questionnaire that needs no second time is met; empty where none is."""
    rules = [rule for rule in safety.rules if rule.instrument == instrument.id and rule.times == 1]
    return _meeting(rules[0].when, instrument) if rules else {}


def given(instrument: Instrument, reply: Reply, wanted: Wanted) -> Reply:
    """The answer that is wanted of an item; else the calm one."""
    value = wanted.get(reply.item)
    if value is None:
        return calm(instrument, reply)
    if isinstance(value, str):
        return replace(_answered(reply), value=None, text=value)
    return replace(_answered(reply), value=value, text="")


def _meeting(condition: Condition, instrument: Instrument) -> dict[str, float | str]:
    """Answers that meet a condition, with those by which its items are asked at all."""
    if not isinstance(condition, Comparison):
        parts = condition.parts if condition.by == "and" else condition.parts[:1]
        found: dict[str, float | str] = {}
        for part in parts:
            found |= _meeting(part, instrument)
        return found
    item = _item(instrument, condition.item)
    asked = _meeting(item.when, instrument) if item.when is not None else {}
    return {**asked, item.id: _value(condition, item)}


def _value(comparison: Comparison, item: Item) -> float | str:
    if item.scale is not None and item.type == "scale":
        fitting = {"==": lambda p, v: p == v, "!=": lambda p, v: p != v, ">=": lambda p, v: p >= v}
        fitting |= {"<=": lambda p, v: p <= v, ">": lambda p, v: p > v, "<": lambda p, v: p < v}
        return next(p for p in item.scale.points if fitting[comparison.op](p, float(comparison.value)))
    if comparison.op == "==":
        return comparison.value
    return next(choice.id for choice in item.choices if choice.id != comparison.value)


def _answered(reply: Reply) -> Reply:
    return replace(reply, status="answered", first=None)


def _item(instrument: Instrument, id: str) -> Item:
    return next(item for item in instrument.items() if item.id == id)
