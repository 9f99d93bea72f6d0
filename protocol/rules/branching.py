"""Rules of branching: a condition names earlier items, and answers that those can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from protocol.conditions import Comparison, comparisons, parse_condition
from protocol.errors import quoted, shown
from protocol.grammar import NUMBER
from protocol.kinds import Reading
from protocol.nodes import Node, text_at
from protocol.rules.items import Asked, as_date
from protocol.rules.scores import Contents

MOST_CIRCLES = 100

_ORDERED = ("<", "<=", ">", ">=")
_LONGEST_WAY = 12


def check_branching(held: Contents, shuffle: str | None, form_of: Mapping[str, str], reading: Reading) -> None:
    """Reports conditions that no order of asking can meet, or no answer.

    Args:
        held: What the instrument asks; all of it is known.
        shuffle: What the instrument mixes: `none`, `items` or `sections`.
        form_of: The parallel form of each section that is in one.
        reading: The file that the instrument is of.
    """
    place_of = {id: (section, form_of.get(section)) for section, items in held.of_section.items() for id in items}
    conditions = {id: _comparisons(item.node) for id, item in held.known.items()}
    ways = circles({id: [comparison.item for comparison in named] for id, named in conditions.items()})
    earlier: set[str] = set()
    for id, item in held.known.items():
        problems: dict[str, None] = {}
        for comparison in conditions[id]:
            named = comparison.item
            problem = _order_problem(id, named, held.known, earlier, ways.get(id, []))
            if problem is None:
                problem = _place_problem(id, named, place_of[id], place_of[named], shuffle)
            problem = problem or answer_problem(comparison, held.known[named])
            problems |= {problem: None} if problem else {}
        for problem in problems:
            when = item.node.child("when")
            reading.remark(when.line if when else item.node.line, problem)
        earlier.add(id)


def circles(names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The ways from items over the items that their conditions name back to themselves, at most `MOST_CIRCLES`.

    The first item of a circle has the way, with itself at both ends. Where circles share items not each of them is
    found, but one is; where there is none nothing is.
    """
    place = {id: n for n, id in enumerate(names)}
    found: dict[str, list[str]] = {}
    closed: set[str] = set()
    met: set[str] = set()
    for start in names:
        # Depth first, each item once: a file may hold thousands, and calls within calls would run out of stack.
        depth: dict[str, int] = {}
        way: list[str] = []
        left: list[Iterator[str]] = []
        ahead = start if start not in closed else None
        while ahead is not None or left:
            if ahead is not None:
                depth[ahead] = len(way)
                way.append(ahead)
                left.append(iter(names[ahead]))
            ahead = next((id for id in left[-1] if id in place and id not in closed), None)
            if ahead is None:
                closed.add(way.pop())
                left.pop()
            elif ahead in depth:
                if ahead not in met and len(met) < MOST_CIRCLES:
                    met.add(ahead)
                    circle = _from_first(way[depth[ahead] :], place)
                    found.setdefault(circle[0], circle)
                ahead = None
    return found


def _from_first(circle: Sequence[str], place: Mapping[str, int]) -> list[str]:
    at = circle.index(min(circle, key=place.__getitem__))
    return [*circle[at:], *circle[: at + 1]]


def _comparisons(item: Node) -> list[Comparison]:
    text = text_at(item, "when")
    return list(comparisons(parse_condition(text))) if text is not None else []


def _order_problem(
    id: str, named: str, known: Mapping[str, Asked], earlier: set[str], way: Sequence[str]
) -> str | None:
    if named not in known:
        return f"when names {shown(named)}; expected an item of this instrument"
    if named == id:
        return f"when leads in a circle: {id} -> {id}"
    if named in earlier:
        return None
    if named in way[1:2]:
        told = way if len(way) <= _LONGEST_WAY else [*way[: _LONGEST_WAY - 2], "...", way[-1]]
        return f"when leads in a circle: {' -> '.join(told)}"
    return f"when names {shown(named)}, which comes later; expected an item before {shown(id)}"


def _place_problem(
    id: str, named: str, here: tuple[str, str | None], there: tuple[str, str | None], shuffle: str | None
) -> str | None:
    """What is wrong with the two items' places, each a section and its form."""
    if shuffle == "sections" and here[0] != there[0]:
        return f"when names {shown(named)} of another section, but sections are shuffled"
    if here[1] is not None and there[1] is not None and here[1] != there[1]:
        return (
            f"when names {shown(named)} of form {shown(there[1])}, but {shown(id)} is in form {shown(here[1])}: nobody "
            "gets both"
        )
    return None


def answer_problem(comparison: Comparison, item: Asked) -> str | None:
    """What is wrong with a comparison that no answer, or any, would meet."""
    problem = _PROBLEMS[item.type](comparison, item)
    said = f"when compares {shown(comparison.item)} {comparison.op} {shown(comparison.value)}"
    return f"{said}{problem}" if problem else None


def _choice_problem(comparison: Comparison, item: Asked) -> str | None:
    if comparison.op in _ORDERED:
        return ", but choices have no order; expected == or !="
    if comparison.value not in item.choices:
        return f"; expected one of its choices: {quoted(item.choices)}"
    return None


def _number_problem(comparison: Comparison, item: Asked) -> str | None:
    if re.fullmatch(NUMBER, comparison.value) is None:
        return "; expected a number such as 3 or -0.5"
    number = float(comparison.value)
    if comparison.op not in _ORDERED:
        return None if item.takes(number) else "; expected a number that can be answered"
    if not item.is_within(number):
        return "; expected a number that can be answered"
    if (comparison.op == ">" and number == item.high) or (comparison.op == "<" and number == item.low):
        return f", but no answer is {'above' if comparison.op == '>' else 'below'} that"
    return None


def _date_problem(comparison: Comparison, item: Asked) -> str | None:
    if as_date(comparison.value) is None:
        return "; expected a date such as 2026-01-31"
    first, last = text_at(item.node, "min"), text_at(item.node, "max")
    if first is not None and last is not None and last < first:
        return None
    is_within = (first is None or comparison.value >= first) and (last is None or comparison.value <= last)
    return None if is_within else "; expected a date that can be answered"


def _text_problem(comparison: Comparison, item: Asked) -> str | None:
    return ", but texts have no order; expected == or !=" if comparison.op in _ORDERED else None


_PROBLEMS: Mapping[str, Callable[[Comparison, Asked], str | None]] = {
    "scale": _number_problem,
    "number": _number_problem,
    "choice": _choice_problem,
    "multi": _choice_problem,
    "date": _date_problem,
    "text": _text_problem,
}
