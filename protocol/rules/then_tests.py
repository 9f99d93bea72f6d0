"""Rules of then-tests: each asks the same items as the instrument that it looks back on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import nsmallest

from protocol.errors import MAX_LISTED, listed, shown
from protocol.kinds import Reading
from protocol.nodes import Node, Scalar, text_at
from protocol.rules.items import Asked
from protocol.rules.scores import contents


def check_then_tests(instruments: Mapping[str, Node | None], readings: Mapping[str, Reading]) -> None:
    """Reports then-tests of nothing, and those that do not ask the same as what they look back on."""
    held = {name: contents(tree) for name, tree in instruments.items() if tree is not None}
    for name, tree in instruments.items():
        of = tree.child("then_of") if tree is not None else None
        if not isinstance(of, Scalar) or not isinstance(of.value, str):
            continue
        if of.text == name or of.text not in instruments:
            others = listed(other for other in sorted(instruments) if other != name)
            readings[name].remark(of.line, f"then_of is {shown(of.text)}; expected another instrument: {others}")
            continue
        looked_back_on = instruments[of.text]
        if looked_back_on is None:
            continue
        if text_at(looked_back_on, "then_of") is not None:
            problem: str | None = ", a then-test itself; expected the instrument that was asked before"
        elif held[name].are_items_known and held[of.text].are_items_known:
            problem = _difference(held[name].known, held[of.text].known)
        else:
            problem = None
        if problem is not None:
            readings[name].remark(of.line, f"then_of is {shown(of.text)}{problem}")


def _difference(mine: Mapping[str, Asked], theirs: Mapping[str, Asked]) -> str | None:
    lacking, strange = _few(theirs.keys() - mine.keys()), _few(mine.keys() - theirs.keys())
    said = [
        *([f"lacks {listed(lacking, 'and')}"] if lacking else []),
        *([f"has {listed(strange, 'and')} beside"] if strange else []),
    ]
    if said:
        return f", but this one {' and '.join(said)}; expected the same items"
    other = _few(id for id, item in mine.items() if _answers(item) != _answers(theirs[id]))
    return f", which is answered otherwise at {listed(other, 'and')}; expected the same scales" if other else None


def _few(ids: Iterable[str]) -> list[str]:
    return nsmallest(MAX_LISTED, ids)


def _answers(item: Asked) -> tuple[object, ...]:
    return item.type, item.choices, item.low, item.high, item.step, item.direction
