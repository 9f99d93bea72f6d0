"""Rules of how people are looked after: the questionnaire after sessions is there, and somebody comes to it."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.conditions import comparisons, parse_condition
from protocol.durations import parse_duration
from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, Scalar, has, nodes_at, number_at, strings_at, text_at
from protocol.rules.anchors import Placed, Plan
from protocol.rules.branching import answer_problem
from protocol.rules.ids import check_unique_ids
from protocol.rules.scores import contents

LEAST_WITHIN_S = 60


def check_safety(study: Node, plan: Plan, instruments: Mapping[str, Node | None], reading: Reading) -> None:
    """Reports what leads nowhere in the questionnaire after sessions, and in the rules on answers."""
    safety = study.child("safety")
    _check_rules(safety, plan, instruments, reading)
    within = text_at(safety, "within")
    if safety is not None and within is not None and parse_duration(within).nominal_s < LEAST_WITHIN_S:
        reading.remark(
            safety.line if (line := safety.child("within")) is None else line.line,
            f"within is {shown(within)}; expected at least {LEAST_WITHIN_S // 60}m, so that somebody can look",
        )
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
    ways = [way[len(plan.before) :] for arm, way in plan.ways() if not wanted or arm in wanted] or [()]
    most = max(sum(map(_is_session, (*before, *steps))) for steps in ways)
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


# --- rules on answers ------------------------------------------------------------------------------------------------


def _check_rules(safety: Node | None, plan: Plan, instruments: Mapping[str, Node | None], reading: Reading) -> None:
    rules = nodes_at(safety, "rules")
    check_unique_ids(rules, reading)
    asked = {name for step in plan.declared() for _, name in strings_at(step.node, "instruments")}
    ask = safety.child("ask") if safety is not None else None
    after = text_at(ask, "instrument")
    for rule in rules:
        named = rule.child("instrument")
        if not isinstance(named, Scalar) or not isinstance(named.value, str):
            continue
        if named.value not in instruments:
            reading.remark(
                named.line,
                f"instrument of safety rule is {shown(named.value)}; expected a file instruments/{named.value}.yaml",
            )
        elif named.value not in asked and named.value != after and plan.are_ids_known:
            reading.remark(named.line, f"instrument of safety rule is {shown(named.value)}, which nobody is asked")
        else:
            _check_condition(rule, named.value, instruments[named.value], reading)


def _check_condition(rule: Node, name: str, instrument: Node | None, reading: Reading) -> None:
    when, text = rule.child("when"), text_at(rule, "when")
    if when is None or text is None:
        return
    try:
        condition = parse_condition(text)
    except ValueError as error:
        reading.remark(when.line, f"when is {shown(text)}; {error}")
        return
    held = contents(instrument) if instrument is not None else None
    if held is None:
        return
    for comparison in comparisons(condition):
        item = held.known.get(comparison.item)
        if item is not None:
            problem = answer_problem(comparison, item)
        else:
            problem = f"{shown(name)} has no item {shown(comparison.item)}; expected {listed(held.known)}"
            problem = problem if held.are_items_known else None
        if problem is not None:
            reading.remark(when.line, problem)
