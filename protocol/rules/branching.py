"""Rules of branching: a condition names earlier items, and answers that those can have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from protocol.conditions import Comparison, comparisons, parse_condition
from protocol.errors import listed, shown
from protocol.grammar import DATE
from protocol.kinds import Reading
from protocol.nodes import Node, nodes_at, text_at
from protocol.rules.items import Asked

_ORDERED = ("<", "<=", ">", ">=")


def check_branching(
    sections: Sequence[Node], known: Mapping[str, Asked], shuffle: str | None, reading: Reading
) -> None:
    """Reports conditions that no order of asking can meet, or no answer.

    Args:
        sections: The instrument's, in the order of the file.
        known: Its items by id, in the order of the file; those of which nothing can be told are not in it.
        shuffle: What the instrument mixes: `none`, `items` or `sections`.
        reading: The file that they are of.
    """
    section_of = {
        id: place
        for place, section in enumerate(sections)
        for node in nodes_at(section, "items")
        if (id := text_at(node, "id"))
    }
    names = {id: [c.item for c in _comparisons(item.node)] for id, item in known.items()}
    earlier: set[str] = set()
    for id, item in known.items():
        for comparison in _comparisons(item.node):
            problem = _problem(id, comparison, known, earlier, names)
            if problem is None and shuffle == "sections" and section_of.get(id) != section_of.get(comparison.item):
                problem = f"when names {shown(comparison.item)} of another section, but sections are shuffled"
            if problem is not None:
                when = item.node.child("when")
                reading.remark(when.line if when else item.node.line, problem)
        earlier.add(id)


def _comparisons(item: Node) -> list[Comparison]:
    text = text_at(item, "when")
    return list(comparisons(parse_condition(text))) if text is not None else []


def _problem(
    id: str, comparison: Comparison, known: Mapping[str, Asked], earlier: set[str], names: Mapping[str, list[str]]
) -> str | None:
    named = comparison.item
    if named not in known:
        return f"when names {shown(named)}; expected an item of this instrument"
    if named not in earlier:
        circle = _circle(id, names)
        if circle:
            return f"when leads in a circle: {' -> '.join(circle)}"
        return f"when names {shown(named)}, which comes later; expected an item before {shown(id)}"
    return _unanswerable(comparison, known[named])


def _circle(start: str, names: Mapping[str, list[str]]) -> list[str] | None:
    """The way from an item over the items that conditions name back to itself; None if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for named in names.get(way[-1], ()):
            if named == start:
                return [*way, start]
            if named not in seen:
                seen.add(named)
                ways.append([*way, named])
    return None


def _unanswerable(comparison: Comparison, item: Asked) -> str | None:
    said = f"when compares {shown(comparison.item)} {comparison.op} {shown(comparison.value)}"
    if item.type in ("choice", "multi"):
        if comparison.op in _ORDERED:
            return f"{said}, but choices have no order; expected == or !="
        if comparison.value not in item.choices:
            return f"{said}; expected one of its choices: {listed(item.choices)}"
    elif item.type in ("scale", "number"):
        try:
            number = float(comparison.value)
        except ValueError:
            return f"{said}; expected a number"
        if number != number or (item.ends and not item.ends[0] <= number <= item.ends[1]):
            return f"{said}; expected a number that can be answered"
    elif item.type == "date" and re.fullmatch(DATE, comparison.value) is None:
        return f"{said}; expected a date such as 2026-01-31"
    elif item.type == "text" and comparison.op in _ORDERED:
        return f"{said}, but texts have no order; expected == or !="
    return None
