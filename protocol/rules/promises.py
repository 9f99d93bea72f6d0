"""Rules of what a study promises beyond its steps: wordings can be filled in, and every step named there exists."""

from __future__ import annotations

import re

from protocol.durations import parse_duration
from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Scalar, has, named_at, number_of, strings_at, text_at
from protocol.rules.anchors import Plan

PLACES = ("study", "step", "until", "link", "contact")
WITHOUT_STEP = ("study", "link", "contact")
NEEDS_LINK = ("invitation", "reminder", "link", "message")
_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")


def check_promises(study: Node, plan: Plan, reading: Reading) -> None:
    """Reports what leads nowhere in messages, panel and payments."""
    messages = study.child("messages")
    for key in ("invitation", "reminder", "link", "message", "waiting"):
        wording = messages.child(key) if messages is not None else None
        if wording is not None:
            _check_wording(wording, key, key, reading)
    for step, wording in named_at(messages, "steps"):
        _check_wording(wording, "reminder", f"step {shown(step.text)}", reading)
    caps = messages.child("caps") if messages is not None else None
    a_day, a_week = (number_of(caps.child(key)) if caps is not None else None for key in ("day", "week"))
    if caps is not None and a_day is not None and a_week is not None and a_day > a_week:
        reading.remark(caps.line, f"day of caps is {a_day}; expected at most that of a week, {a_week}")
    between = strings_at(messages, "between")
    if len(between) == 2 and between[0][1] >= between[1][1]:
        reading.remark(
            between[0][0].line,
            f"between of messages is {between[0][1]} to {between[1][1]}; expected the earlier time first",
        )
    waiting = messages.child("waiting") if messages is not None else None
    if waiting is not None:
        _check_waiting(study, waiting, plan, reading)
    for owner, of in (("messages", "steps"), ("panel", "codes"), ("payments", "steps")):
        _check_steps([key for key, _ in named_at(study.child(owner), of)], f"{of} of {owner}", plan, reading)
    _check_codes(study.child("panel"), reading)
    for _, amount in named_at(study.child("payments"), "steps"):
        number = number_of(amount)
        if number is not None and round(number, 2) != number:
            reading.remark(amount.line, f"steps of payments holds {number}; expected at most two decimals")


def _check_steps(keys: list[Scalar], what: str, plan: Plan, reading: Reading) -> None:
    """Reports names that lead to no step, or to one that another name holds already."""
    if not plan.are_ids_known:
        return
    taken: dict[str, str] = {}
    for key in keys:
        called = [step for step in plan.every() if key.is_sound and step.is_called(key.text)]
        if key.is_sound and not called:
            reading.remark(key.line, f"{what} names {shown(key.text)}; expected a step of this study")
        twice = next((step.id for step in called if taken.get(step.id or "", key.text) != key.text), None)
        if twice is not None:
            both = listed([shown(taken[twice]), shown(key.text)], "and")
            reading.remark(key.line, f"{what} names {both}, which are both {shown(twice)}; expected one of them")
        taken |= {step.id: key.text for step in called if step.id is not None and step.id not in taken}


def _check_codes(panel: Node | None, reading: Reading) -> None:
    """Reports a code that means two things to the panel."""
    screenout = text_at(panel, "screenout")
    for step, code in named_at(panel, "codes"):
        if isinstance(code, Scalar) and code.text == screenout:
            reading.remark(
                code.line,
                f"codes of panel gives {shown(step.text)} the code {shown(code.text)}, which screenout has; "
                "expected another",
            )


def _check_waiting(study: Node, waiting: Node, plan: Plan, reading: Reading) -> None:
    if plan.is_cohort:
        reading.remark(waiting.line, "waiting goes after allocation, but the study has no arms")
    else:
        _check_arms(study, waiting, "waiting", reading)
    every = waiting.child("every")
    text = text_at(waiting, "every")
    if every is not None and text is not None and parse_duration(text).count == 0:
        reading.remark(every.line, f"every of waiting is {shown(text)}; expected some time between two messages")


def _check_arms(study: Node, owner: Node | None, what: str, reading: Reading) -> None:
    arms = study.child("arms")
    for node, arm in strings_at(owner, "arms"):
        if not has(study, "arms"):
            reading.remark(node.line, f"arms of {what} names {shown(arm)}, but the study has no arms")
        elif isinstance(arms, Mapping) and arm not in arms.entries:
            reading.remark(node.line, f"arms of {what} names {shown(arm)}; expected one of {listed(arms.entries)}")


def _check_wording(wording: Node, kind: str, what: str, reading: Reading) -> None:
    known = PLACES if kind == "reminder" else WITHOUT_STEP
    for key in ("subject", "text"):
        for node, text in _texts(wording.child(key)):
            for match in _PLACE.finditer(text):
                if match[1] not in known:
                    expected = listed(["{" + name + "}" for name in known])
                    reading.remark(node.line, f"{key} of {what} holds {shown(match[0])}; expected {expected}")
            if key == "text" and kind in NEEDS_LINK and "{link}" not in text:
                reading.remark(node.line, f"text of {what} lacks {{link}}, without which nobody finds the way in")
            if key == "subject" and "{link}" in text:
                reading.remark(node.line, f"subject of {what} holds {{link}}; a way in belongs in the text")


def _texts(node: Node | None) -> list[tuple[Node, str]]:
    """Each wording of a text, with its node."""
    if isinstance(node, Scalar):
        return [(node, node.text)]
    if isinstance(node, Mapping):
        return [(value, value.text) for _, value in node.named() if isinstance(value, Scalar)]
    return []
