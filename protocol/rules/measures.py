"""Rules of what a study measures by: its baseline, outcomes, demand and feedback lead to steps, scores and items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Node, Scalar, named_at, nodes_at, strings_at, text_at
from protocol.rules.anchors import Plan
from protocol.rules.ids import check_unique_ids
from protocol.rules.items import choice_ids

Instruments = Mapping[str, Node | None]


def check_measures(study: Node, plan: Plan, instruments: Instruments, reading: Reading) -> None:
    """Reports what leads nowhere among the keys by which a study says what its numbers are for."""
    steps = {step.id: step.node for step in plan.every() if step.id is not None}
    for node, step in strings_at(study, "baseline"):
        _check_step(node, step, "baseline", steps, plan, reading)
    check_unique_ids(nodes_at(study, "outcomes"), reading)
    for outcome in nodes_at(study, "outcomes"):
        _check_outcome(outcome, steps, plan, instruments, reading)
    for rule in nodes_at(study.child("change"), "floor"):
        _check_score(rule.child("score"), instruments, reading)
    demand, feedback = study.child("demand"), study.child("feedback")
    for owner, key in ((demand, "credibility"), (demand, "expectancy"), (feedback, "scores")):
        for node, _ in strings_at(owner, key):
            _check_score(node, instruments, reading)
    after = feedback.child("after") if feedback is not None else None
    if isinstance(after, Scalar):
        _check_step(after, after.text, "after", steps, plan, reading)
    if demand is not None:
        _check_guess(study, demand.child("guess"), instruments, reading)


def check_then_tests(instruments: Instruments, reading_of: Mapping[str, Reading]) -> None:
    """Reports then-tests of nothing, and those whose items are not the same as of what they look back on."""
    for name, tree in instruments.items():
        of = tree.child("then_of") if tree is not None else None
        if tree is None or not isinstance(of, Scalar):
            continue
        reading = reading_of[name]
        if of.text == name or of.text not in instruments:
            reading.remark(
                of.line,
                f"then_of is {shown(of.text)}; expected another instrument: {listed(set(instruments) - {name})}",
            )
            continue
        other = instruments[of.text]
        if other is not None:
            mine, theirs = set(_items(tree)), set(_items(other))
            differing = sorted(mine ^ theirs)
            if differing:
                reading.remark(
                    of.line,
                    f"then_of is {shown(of.text)}, but {listed(differing[:5], 'and')} are not in both; expected the same items",
                )


def _check_step(node: Node, step: str, key: str, steps: Mapping[str, Node], plan: Plan, reading: Reading) -> None:
    if step not in steps and plan.are_ids_known:
        reading.remark(node.line, f"{key} names {shown(step)}; expected a step of this study")


def _check_outcome(
    outcome: Node, steps: Mapping[str, Node], plan: Plan, instruments: Instruments, reading: Reading
) -> None:
    _check_score(outcome.child("score"), instruments, reading)
    timepoint = outcome.child("timepoint")
    if not isinstance(timepoint, Scalar):
        return
    _check_step(timepoint, timepoint.text, "timepoint", steps, plan, reading)
    score = text_at(outcome, "score")
    step = steps.get(timepoint.text)
    if score is not None and step is not None:
        given = [name for _, name in strings_at(step, "instruments")]
        if score.split(".")[0] not in given:
            reading.remark(
                timepoint.line,
                f"step {shown(timepoint.text)} does not ask {shown(score.split('.')[0])}; expected one that does",
            )


def _check_score(node: Node | None, instruments: Instruments, reading: Reading) -> None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return
    instrument, score = node.value.split(".")
    if instrument not in instruments:
        reading.remark(node.line, f"{shown(node.value)}: expected a file instruments/{instrument}.yaml")
        return
    tree = instruments[instrument]
    known = [key.text for key, _ in named_at(tree, "scores")]
    if known and score not in known:
        reading.remark(node.line, f"{shown(instrument)} has no score {shown(score)}; expected {listed(known)}")


def _check_guess(study: Node, guess: Node | None, instruments: Instruments, reading: Reading) -> None:
    arms = [key.text for key, _ in named_at(study, "arms")]
    item = _check_item(guess.child("item") if guess is not None else None, instruments, reading)
    if guess is None:
        return
    _check_item(guess.child("confidence"), instruments, reading)
    choices = choice_ids(item.child("choices")) if item is not None else []
    for key, arm in named_at(guess, "arms"):
        if choices and key.text not in choices:
            reading.remark(key.line, f"arms names the choice {shown(key.text)}; expected one of {listed(choices)}")
        if isinstance(arm, Scalar) and arm.text not in arms:
            reading.remark(arm.line, f"arms names the arm {shown(arm.text)}; expected one of {listed(arms)}")


def _check_item(node: Node | None, instruments: Instruments, reading: Reading) -> Node | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    instrument, name = node.value.split(".")
    if instrument not in instruments:
        reading.remark(node.line, f"{shown(node.value)}: expected a file instruments/{instrument}.yaml")
        return None
    items = dict(_named_items(instruments[instrument]))
    if items and name not in items:
        reading.remark(node.line, f"{shown(instrument)} has no item {shown(name)}; expected one of its items")
    return items.get(name)


def _named_items(tree: Node | None) -> Iterator[tuple[str, Node]]:
    for section in nodes_at(tree, "sections"):
        for item in nodes_at(section, "items"):
            if id := text_at(item, "id"):
                yield id, item


def _items(tree: Node) -> list[str]:
    return [id for id, _ in _named_items(tree)]
