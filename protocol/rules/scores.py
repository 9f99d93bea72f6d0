"""Rules of scores: each counts items that have a number, and can reckon with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, has, named_at, nodes_at, number_at, number_of, strings_at, text_at
from protocol.rules.items import Asked, asked


@dataclass(frozen=True, slots=True)
class Contents:
    """What an instrument asks.

    Attributes:
        of_section: The ids of the items of each section.
        every: The ids of all items.
        known: The items of which it can be told how they are answered, in the order of the file.
        are_ids_known: False while an id or a part is faulty: nobody can tell then what a name was meant to lead to.
        are_items_known: Whether that is so, and `known` holds all items.
    """

    of_section: Mapping[str, Sequence[str]]
    every: frozenset[str]
    known: Mapping[str, Asked]
    are_ids_known: bool
    are_items_known: bool


def contents(instrument: Node) -> Contents:
    """What an instrument asks, as far as its parts are sound."""
    sections = nodes_at(instrument, "sections")
    items = [item for section in sections for item in nodes_at(section, "items")]
    scale = instrument.child("scale")
    known = {id: found for item in items if (id := text_at(item, "id")) and (found := asked(item, scale))}
    are_ids_known = not _has_faulty_parts(instrument) and all(text_at(node, "id") for node in (*sections, *items))
    return Contents(
        of_section={
            name: [id for item in nodes_at(section, "items") if (id := text_at(item, "id"))]
            for section in sections
            if (name := text_at(section, "id"))
        },
        every=frozenset(id for item in items if (id := text_at(item, "id"))),
        known=known,
        are_ids_known=are_ids_known,
        are_items_known=are_ids_known and len(known) == len(items),
    )


def score_names(instrument: Node | None) -> list[str] | None:
    """The scores that an instrument declares, sound or not; None where nobody can tell."""
    scores = instrument.child("scores") if instrument is not None else None
    return list(scores.entries) if isinstance(scores, MappingNode) else None


def score_problem(instrument: str, tree: Node | None, score: str) -> str | None:
    """What is wrong with the name of an instrument's score; None if there is that score, or nobody can tell."""
    known = score_names(tree)
    if known is None or score in known:
        return None
    expected = f"expected {listed(known)}" if known else "it has none"
    return f"{shown(instrument)} has no score {shown(score)}; {expected}"


def counted_items(instrument: Node, score: str) -> list[str] | None:
    """The items that a declared score counts; None where nobody can tell."""
    held = contents(instrument)
    declared = {key.text: node for key, node in named_at(instrument, "scores")}.get(score)
    return _counted(declared, held) if declared is not None and held.are_items_known else None


def check_scores(instrument: Node, held: Contents, reading: Reading) -> None:
    """Reports scores that count what is not there or has no number, and what they can't reckon with."""
    of_instrument = text_at(instrument.child("scale"), "direction")
    for key, score in named_at(instrument, "scores"):
        items = _counted(score, held)
        if text_at(score, "of") == "all":
            if held.are_items_known and not items:
                reading.remark(key.line, "of is all, but no item has a number; expected items of type scale or number")
        else:
            _check_parts(score, held, reading)
        known = {id: held.known[id] for id in items if id in held.known}
        _check_countable(score, known, reading)
        _check_direction(score, known, of_instrument, reading)
        if held.are_items_known:
            _check_weights(score, items, reading)
            _check_allow(score, items, reading)


def _counted(score: Node, held: Contents) -> list[str]:
    """The ids of the items that a score's `of` leads to, each once."""
    if text_at(score, "of") == "all":
        return [id for id, item in held.known.items() if item.has_number and not item.is_catch]
    found: dict[str, None] = {}
    for _, name in strings_at(score, "of"):
        found |= dict.fromkeys(held.of_section.get(name, [name] if name in held.every else []))
    return list(found)


def _has_faulty_parts(instrument: Node) -> bool:
    if not isinstance(instrument, MappingNode) or instrument.child("sections") is None:
        return True
    sections = instrument.entries["sections"][1]
    parts = getattr(sections, "items", [])
    return any(
        not part.is_sound for section in parts for part in (section, *getattr(section.child("items"), "items", []))
    )


def _check_parts(score: Node, held: Contents, reading: Reading) -> None:
    taken: set[str] = set()
    for node, name in strings_at(score, "of"):
        if name not in held.of_section and name not in held.every:
            if held.are_ids_known:
                reading.remark(node.line, f"of names {shown(name)}; expected an item or a section of this instrument")
            continue
        items = held.of_section.get(name, [name])
        again = next((item for item in items if item in taken), None)
        if again is not None:
            reading.remark(node.line, f"of counts the item {shown(again)} twice")
        taken.update(items)
        if name in held.of_section:
            checks = [shown(id) for id in items if id in held.known and held.known[id].is_catch]
            if checks:
                reading.remark(
                    node.line,
                    f"of counts the section {shown(name)} and with it {listed(checks, 'and')}, there to check "
                    "attention; expected the other items by their ids",
                )


def _check_countable(score: Node, items: Mapping[str, Asked], reading: Reading) -> None:
    without = [f"{shown(id)} of type: {item.type}" for id, item in items.items() if not item.has_number]
    if without:
        reading.remark(
            _line(score, "of"),
            f"of counts {listed(without, 'and')}, without a number; expected type: scale or number, or a choice whose "
            "choices all have a score",
        )


def _check_direction(score: Node, items: Mapping[str, Asked], of_instrument: str | None, reading: Reading) -> None:
    """Reports items that a score's own direction turns round though they have no two ends."""
    direction = text_at(score, "direction")
    if direction is None:
        return
    endless = [
        shown(id) for id, item in items.items() if item.has_number and not item.has_ends and direction != of_instrument
    ]
    if endless:
        reading.remark(
            _line(score, "direction"),
            f"direction turns {listed(endless, 'and')} round, without two ends; expected a scale, or a number with min "
            "and max",
        )


def _check_weights(score: Node, of: Sequence[str], reading: Reading) -> None:
    counted = set(of)
    weights = named_at(score, "weights")
    for key, weight in weights:
        if key.text not in counted:
            reading.remark(key.line, f"weights names {shown(key.text)}; expected an item that the score counts")
        elif number_of(weight) == 0:
            reading.remark(
                key.line, f"the weight of {shown(key.text)} is 0; expected another number, or leave it out of `of`"
            )
    numbers = [number_of(weight) for key, weight in weights if key.text in counted]
    known = [number for number in numbers if number is not None]
    if known and len(known) == len(numbers) and sum(known) + len(of) - len(known) <= 0:
        reading.remark(_line(score, "weights"), "the weights come to 0 or less in all; expected a sum above 0")


def _check_allow(score: Node, of: Sequence[str], reading: Reading) -> None:
    missing = score.child("missing")
    count = number_at(missing, "allow")
    if missing is not None and of and isinstance(count, int) and count > len(of):
        reading.remark(
            _line(missing, "allow"), f"allow is {count}; expected at most the number of the score's items, {len(of)}"
        )


def _line(node: Node, key: str) -> int:
    return node.entries[key][1].line if isinstance(node, MappingNode) and has(node, key) else node.line
