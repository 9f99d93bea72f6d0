"""Rules of how people are looked after: the questionnaire after sessions is there, and somebody comes to it."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, Scalar, has, number_at, strings_at, text_at
from protocol.rules.anchors import Placed, Plan


def check_safety(study: Node, plan: Plan, instruments: Mapping[str, Node | None], reading: Reading) -> None:
    """Reports what leads nowhere in the questionnaire after sessions."""
    safety = study.child("safety")
    ask = safety.child("ask") if safety is not None else None
    if ask is None:
        return
    named = ask.child("instrument")
    if isinstance(named, Scalar) and isinstance(named.value, str):
        _check_instrument(named, named.value, instruments, reading)
    arms = study.child("arms")
    for node, arm in strings_at(ask, "arms"):
        if not has(study, "arms"):
            reading.remark(node.line, f"arms of ask names {shown(arm)}, but the study has no arms")
        elif isinstance(arms, MappingNode) and arm not in arms.entries:
            reading.remark(node.line, f"arms of ask names {shown(arm)}; expected one of {listed(arms.entries)}")
    _check_sessions(ask, plan, reading)


def _check_instrument(named: Scalar, name: str, instruments: Mapping[str, Node | None], reading: Reading) -> None:
    if name not in instruments:
        reading.remark(named.line, f"instrument of ask is {shown(name)}; expected a file instruments/{name}.yaml")
        return
    tree = instruments[name]
    for key in ("then_of", "forms"):
        if tree is not None and has(tree, key):
            reading.remark(
                named.line,
                f"instrument of ask is {shown(name)}, which has {key}; expected one without, for it comes often",
            )


def _check_sessions(ask: Node, plan: Plan, reading: Reading) -> None:
    """Reports a questionnaire to which nobody comes."""
    every = number_at(ask, "every") if has(ask, "every") else 1
    wanted = {arm for _, arm in strings_at(ask, "arms")}
    if not plan.are_ids_known or every is None or not wanted <= plan.arms.keys():
        return
    before = () if wanted else plan.before
    ways = [steps for arm, steps in plan.arms.items() if not wanted or arm in wanted] or [()]
    most = max(sum(map(_is_session, (*before, *steps, *plan.after))) for steps in ways)
    if most == 0:
        reading.remark(ask.line, "ask follows sessions, but nobody who is asked has one")
    elif every > most:
        line = ask.child("every")
        reading.remark(
            line.line if line is not None else ask.line,
            f"every is {every}; expected at most {most}, the most sessions that anybody has who is asked",
        )


def _is_session(step: Placed) -> bool:
    return text_at(step.node, "do") == "session"
