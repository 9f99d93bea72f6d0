"""Ids that may come once only."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.errors import shown
from protocol.kinds import Reading
from protocol.nodes import Node, Scalar


def check_unique_ids(nodes: Iterable[Node], reading: Reading, taken: dict[str, int] | None = None) -> dict[str, int]:
    """Reports every `id` that an earlier node has; gives the line of each id's first use.

    Args:
        nodes: Mappings, in the order of the file; those without a sound id are passed over.
        reading: The file that they are of.
        taken: Ids in use already, with their line; it is added to.
    """
    lines = {} if taken is None else taken
    for node in nodes:
        named = node.child("id")
        if isinstance(named, Scalar) and isinstance(named.value, str):
            claim(named, named.value, lines, reading)
    return lines


def claim(named: Scalar, name: str, lines: dict[str, int], reading: Reading) -> None:
    """Reports `name` if it is in `lines`, else enters it."""
    if name in lines:
        reading.remark(named.line, f"the id {shown(name)} is taken, on line {lines[name]}; expected another")
    else:
        lines[name] = named.line
