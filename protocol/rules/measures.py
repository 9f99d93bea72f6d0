"""Rules of what a study measures by: its baseline, outcomes, demand and feedback lead to steps, scores and items."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.errors import listed, quoted, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, Scalar, has, named_at, nodes_at, number_at, strings_at, text_at
from protocol.rules.anchors import Plan, times_of
from protocol.rules.ids import check_unique_ids
from protocol.rules.items import Asked
from protocol.rules.scores import contents, counted_items, score_problem

Instruments = Mapping[str, Node | None]


def check_measures(study: Node, plan: Plan, instruments: Instruments, reading: Reading) -> None:
    """Reports what leads nowhere among the keys by which a study says what its numbers are for."""
    steps = {step.id: step.node for step in plan.every() if step.id is not None}
    for node, step in strings_at(study, "baseline"):
        _check_step(node, "baseline", steps, plan, reading)
        if step in steps and text_at(steps[step], "do") == "session":
            reading.remark(node.line, f"baseline names {shown(step)}, a session; expected a step with do: assess")
    check_unique_ids(nodes_at(study, "outcomes"), reading)
    safety = study.child("safety")
    ask = safety.child("ask") if safety is not None else None
    after = text_at(ask, "instrument") if ask is not None else None
    for outcome in nodes_at(study, "outcomes"):
        _check_outcome(outcome, steps, plan, instruments, reading, after)
    for rule in nodes_at(study.child("change"), "floor"):
        _check_floor(rule, instruments, reading)
    demand, feedback = study.child("demand"), study.child("feedback")
    for owner, key in ((demand, "credibility"), (demand, "expectancy"), (feedback, "scores")):
        for node, _ in strings_at(owner, key):
            _check_score(node, instruments, reading)
    _check_step(feedback.child("after") if feedback is not None else None, "after of feedback", steps, plan, reading)
    guess = demand.child("guess") if demand is not None else None
    if guess is not None:
        _check_guess(study, guess, instruments, reading)


def _check_step(node: Node | None, what: str, steps: Mapping[str, Node], plan: Plan, reading: Reading) -> None:
    if isinstance(node, Scalar) and node.text not in steps and plan.are_ids_known:
        expected = times_of(plan, node.text) or "; expected a step of this study"
        reading.remark(node.line, f"{what} names {shown(node.text)}{expected}")


def _check_outcome(
    outcome: Node,
    steps: Mapping[str, Node],
    plan: Plan,
    instruments: Instruments,
    reading: Reading,
    after: str | None,
) -> None:
    is_score = _check_score(outcome.child("score"), instruments, reading)
    timepoint = outcome.child("timepoint")
    _check_step(timepoint, "timepoint", steps, plan, reading)
    score, step = text_at(outcome, "score"), steps.get(text_at(outcome, "timepoint") or "")
    if not is_score or timepoint is None or score is None or step is None:
        return
    instrument = score.split(".")[0]
    asked = step.child("instruments")
    are_known = asked is not None or text_at(step, "do") == "session"
    asked_here = [name for _, name in strings_at(step, "instruments")]
    if text_at(step, "do") == "session" and after is not None:
        asked_here.append(after)
    if are_known and instrument not in asked_here:
        reading.remark(
            timepoint.line,
            f"timepoint is {shown(text_at(outcome, 'timepoint'))}, at which {shown(instrument)} is not asked",
        )


def _check_score(node: Node | None, instruments: Instruments, reading: Reading) -> bool:
    """Reports a name that leads to no score; whether it leads to one."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return False
    instrument, score = node.value.split(".")
    if instrument not in instruments:
        reading.remark(node.line, f"names {shown(node.value)}; expected a file instruments/{instrument}.yaml")
        return False
    problem = score_problem(instrument, instruments[instrument], score)
    if problem is not None:
        reading.remark(node.line, problem)
    return problem is None


def _check_floor(rule: Node, instruments: Instruments, reading: Reading) -> None:
    if not _check_score(rule.child("score"), instruments, reading):
        return
    instrument, score = (text_at(rule, "score") or ".").split(".")
    tree, items = instruments[instrument], rule.child("items")
    counted = counted_items(tree, score) if tree is not None else None
    count = number_at(rule, "items")
    if counted is not None and items is not None and count is not None and count > len(counted):
        reading.remark(
            items.line, f"items is {count}; expected at most the number of the score's items, {len(counted)}"
        )


# --- the guess of the arm --------------------------------------------------------------------------------------------


def _check_guess(study: Node, guess: Node, instruments: Instruments, reading: Reading) -> None:
    arms = study.child("arms")
    item = _check_item(guess.child("item"), "type: choice", ("choice",), instruments, reading)
    _check_item(guess.child("confidence"), "type: scale or number", ("scale", "number"), instruments, reading)
    for key, arm in named_at(guess, "arms"):
        if item is not None and key.is_sound and key.text not in item.choices:
            offered = quoted(item.choices)
            reading.remark(
                key.line, f"arms of guess names the choice {shown(key.text)}; expected one of its choices: {offered}"
            )
        if isinstance(arm, Scalar) and isinstance(arms, MappingNode) and arm.text not in arms.entries:
            reading.remark(
                arm.line, f"arms of guess names the arm {shown(arm.text)}; expected one of {listed(arms.entries)}"
            )
    if not has(study, "arms") and isinstance(guess, MappingNode):
        reading.remark(guess.line, "guess asks for the arm, but the study has no arms")


def _check_item(
    node: Node | None, expected: str, types: tuple[str, ...], instruments: Instruments, reading: Reading
) -> Asked | None:
    """The item that a name leads to, if it is of one of the types; reports what else it leads to."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    instrument, name = node.value.split(".")
    if instrument not in instruments:
        reading.remark(node.line, f"names {shown(node.value)}; expected a file instruments/{instrument}.yaml")
        return None
    tree = instruments[instrument]
    held = contents(tree) if tree is not None else None
    if held is None or (name not in held.known and not held.are_items_known):
        return None
    item = held.known.get(name)
    if item is None:
        reading.remark(node.line, f"{shown(instrument)} has no item {shown(name)}; expected {listed(held.known)}")
    elif item.type not in types:
        reading.remark(node.line, f"{shown(node.value)} is type: {item.type}; expected an item of {expected}")
        return None
    return item
