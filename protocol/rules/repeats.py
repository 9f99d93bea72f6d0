"""Rules of what comes in another order, or more than once: repeated steps, random moments, scripts dealt out."""

from __future__ import annotations

from protocol.errors import listed, shown
from protocol.grammar import parse_at, parse_repeat
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, has, named_at, strings_at, text_at
from protocol.rules.anchors import Placed, Plan

MOST_TIMES = 366


def check_repeat(step: Node, reading: Reading) -> None:
    """Reports what is wrong with how often a step comes, and with what is drawn for it."""
    repeat = text_at(step, "repeat")
    if repeat is not None:
        times, every = parse_repeat(repeat)
        if times > MOST_TIMES:
            reading.remark(_line(step, "repeat"), f"repeat is {shown(repeat)}; expected at most {MOST_TIMES} times")
        if every is not None and every.count == 0:
            reading.remark(_line(step, "repeat"), f"repeat is {shown(repeat)}; expected some time between two times")
        _check_length(step, times, reading)
    listed_scripts = strings_at(step, "script")
    if has(step, "order") and not listed_scripts and text_at(step, "script") is not None:
        reading.remark(_line(step, "order"), "order goes through a list of scripts, but script names one")
    if listed_scripts and text_at(step, "order") in (None, "sequence") and not has(step, "repeat"):
        reading.remark(
            _line(step, "script"),
            "script lists several, of which a step that comes once would only take the first; expected repeat, or "
            "order: random or latin",
        )
    _check_draws(step, reading)


def _check_length(step: Node, times: int, reading: Reading) -> None:
    """Reports scripts at the end of a list that a repeated step never comes to."""
    scripts = [slug for _, slug in strings_at(step, "script")]
    if len(scripts) > times and text_at(step, "order") in (None, "sequence"):
        reading.remark(
            _line(step, "script"),
            f"script lists {len(scripts)}, but repeat is {times} times, which never come to "
            f"{listed([shown(slug) for slug in scripts[times:]], 'and')}",
        )


def _check_draws(step: Node, reading: Reading) -> None:
    text = text_at(step, "at")
    at = parse_at(text) if text is not None else None
    if at is None:
        return
    if at.upto is not None and at.upto.nominal_s <= at.offset.nominal_s:
        reading.remark(
            _line(step, "at"), f"at draws between {at.offset} and {at.upto}; expected the shorter first, then a longer"
        )
    if at.hours is not None and at.hours[0] > at.hours[1]:
        first, last = at.hours
        reading.remark(
            _line(step, "at"), f"at is between {first:%H:%M} and {last:%H:%M} of a day; expected the earlier time first"
        )


def check_counterbalance(study: Node, plan: Plan, reading: Reading) -> None:
    """Reports steps among which scripts can't be dealt out."""
    steps: dict[str, Placed] = {}
    for step in plan.declared():
        if step.id is not None:
            steps.setdefault(step.series or step.id, step)
    taken: dict[str, str] = {}
    for key, each in named_at(study, "counterbalance"):
        sound = True
        for node, name in strings_at(each, "at"):
            problem = _problem(name, steps, plan)
            if problem is None and name in taken:
                problem = f"which {shown(taken[name])} deals out already"
            taken.setdefault(name, key.text)
            sound = sound and problem is None and name in steps and text_at(steps[name].node, "script") is not None
            if problem is not None:
                reading.remark(node.line, f"at of counterbalance {shown(key.text)} names {shown(name)}, {problem}")
        if sound:
            _check_together(each, key.text, steps, plan, reading)


def _problem(name: str, steps: dict[str, Placed], plan: Plan) -> str | None:
    step = steps.get(name)
    if step is None:
        if any(other.id == name for other in plan.every()):
            return "a time of a repeated step; expected steps that come once"
        return "which is no step of this study" if plan.are_ids_known else None
    if text_at(step.node, "do") != "session":
        return "which is no session"
    if step.series:
        return "which is repeated; expected steps that come once"
    if strings_at(step.node, "script"):
        return "which lists several scripts; expected steps with one script each"
    return None


def _check_together(each: Node, name: str, steps: dict[str, Placed], plan: Plan, reading: Reading) -> None:
    named = [step for _, step in strings_at(each, "at")]
    for step in plan.declared():
        first = steps[step.id].node if step.id in named else step.node
        script, other = text_at(first, "script"), text_at(step.node, "script")
        if script is not None and other is not None and script != other:
            reading.remark(
                each.line,
                f"counterbalance {shown(name)} names {shown(step.id)}, which has {shown(script)} on line {first.line} "
                f"but {shown(other)} on line {step.node.line}; expected one script",
            )
            return
    scripts = [text_at(steps[step].node, "script") for step in named]
    if None not in scripts and len(set(scripts)) < len(scripts):
        reading.remark(
            each.line,
            f"counterbalance {shown(name)} deals out {listed([str(s) for s in scripts], 'and')}; "
            "expected another script at each step",
        )
    for arm, way in plan.ways():
        here = [step for step in named if any(other.id == step for other in way)]
        if here and len(here) < len(named):
            lacking = listed([step for step in named if step not in here], "and")
            where = f"arm {arm}" if arm else "everybody's way"
            reading.remark(
                each.line, f"counterbalance {shown(name)}: {where} has {listed(here, 'and')} but not {lacking}"
            )
            return


def _line(node: Node, key: str) -> int:
    child = node.child(key)
    if child is not None:
        return child.line
    return node.entries[key][0].line if isinstance(node, Mapping) and key in node.entries else node.line
