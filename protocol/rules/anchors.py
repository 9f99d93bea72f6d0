"""Rules of anchors: what a step may wait for, given where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from protocol.durations import parse_duration
from protocol.errors import listed, shown
from protocol.grammar import parse_at
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, has, strings_at, text_at
from protocol.study import At

MAX_REACH_DAYS = 36_600
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Placed:
    """A step where it stands: in `before`, in an arm, or in `after`."""

    id: str | None
    node: Node
    place: str  # "before", "after", or "arm NAME"
    at: At | None

    @property
    def at_line(self) -> int:
        """The line of its `at`."""
        at = self.node.child("at")
        return at.line if at is not None else self.node.line


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a study where they stand; `are_ids_known` is false while an id, or a list of steps, is faulty."""

    before: tuple[Placed, ...]
    arms: Mapping[str, tuple[Placed, ...]]
    after: tuple[Placed, ...]
    is_cohort: bool
    are_ids_known: bool

    def every(self) -> Iterator[Placed]:
        """Every step, as often as it is declared."""
        yield from self.before
        for steps in self.arms.values():
            yield from steps
        yield from self.after


def placed(node: Node, place: str) -> Placed:
    """The step of `node`, with its `at` parsed if it is sound."""
    at = text_at(node, "at")
    return Placed(text_at(node, "id"), node, place, parse_at(at) if at is not None else None)


def check_anchors(plan: Plan, reading: Reading) -> None:
    """Reports anchors that can't be reckoned from."""
    for index, step in enumerate(plan.before):
        _check_anchor(step, plan, (plan.before[:index],), reading)
    for steps in plan.arms.values():
        for index, step in enumerate(steps):
            _check_anchor(step, plan, (plan.before, steps[:index]), reading)
    common = _of_every_arm(plan)
    for index, step in enumerate(plan.after):
        _check_anchor(step, plan, (plan.before, common, plan.after[:index]), reading)
    _check_reach(plan, reading)


def _of_every_arm(plan: Plan) -> tuple[Placed, ...]:
    ids = [{step.id for step in steps} for steps in plan.arms.values()]
    shared = set.intersection(*ids) if ids else set()
    return tuple(step for steps in plan.arms.values() for step in steps if step.id in shared)


def _check_anchor(step: Placed, plan: Plan, visible: Iterable[tuple[Placed, ...]], reading: Reading) -> None:
    at = step.at
    if at is None:
        return
    text = text_at(step.node, "at") or ""
    if at.anchor in ("consent", "allocation"):
        if re.match(rf"{at.anchor}\.", text):
            reading.remark(step.at_line, f"at is {shown(text)}; {at.anchor} is a moment itself and has no .{at.moment}")
        elif at.anchor == "allocation" and plan.is_cohort:
            reading.remark(
                step.at_line, "at is anchored on allocation, but the study has no arms; expected consent or a step"
            )
        elif at.anchor == "allocation" and step.place == "before":
            reading.remark(
                step.at_line, "at is anchored on allocation, which comes after `before`; expected consent or a step"
            )
        return
    reachable = [earlier for steps in visible for earlier in steps if earlier.id == at.anchor]
    if not reachable:
        _report_unreachable(step, at.anchor, plan, reading)
    elif at.moment == "closed" and any(not has(earlier.node, "window") for earlier in reachable):
        reading.remark(step.at_line, f"at is {shown(text)}; {shown(at.anchor)} has no window, so it has no .closed")


def _report_unreachable(step: Placed, anchor: str, plan: Plan, reading: Reading) -> None:
    there = [other for other in plan.every() if other.id == anchor]
    circle = _circle(step, plan)
    if not there:
        if plan.are_ids_known:
            reading.remark(step.at_line, f"at is anchored on {shown(anchor)}, which is no step of this study")
    elif circle:
        reading.remark(step.at_line, f"at closes a circle of anchors: {' -> '.join(circle)}")
    elif step.place == "after" and there[0].place.startswith("arm"):
        if plan.are_ids_known:
            reading.remark(
                step.at_line,
                f"at is anchored on {shown(anchor)}, which only {listed((other.place for other in there), 'and')} has; "
                "a step of `after` may anchor on what every arm has",
            )
    elif (
        step.place.startswith("arm") and there[0].place.startswith("arm") and step.place not in {o.place for o in there}
    ):
        reading.remark(
            step.at_line, f"at is anchored on {shown(anchor)}, a step of {there[0].place}; expected one of its own arm"
        )
    else:
        reading.remark(step.at_line, f"at is anchored on {shown(anchor)}, which comes later; expected an earlier step")


def _circle(step: Placed, plan: Plan) -> list[str]:
    """The ids of a circle that `step` is in, from itself to itself; empty if it is in none."""
    anchors: dict[str, str] = {}
    for other in plan.every():
        if other.id is not None and other.at is not None and (other.place == step.place or other.id not in anchors):
            anchors[other.id] = other.at.anchor
    circle = [step.id] if step.id is not None else []
    while circle and circle[-1] in anchors:
        circle.append(anchors[circle[-1]])
        if circle[-1] == step.id:
            return circle
        if circle[-1] in circle[:-1]:
            return []
    return []


def _check_reach(plan: Plan, reading: Reading) -> None:
    """Reports steps that anchors put so far away that no calendar has the day."""
    reported: set[int] = set()
    for steps in plan.arms.values() or [()]:
        reach = {"consent": 0, "allocation": 0}
        latest = 0
        for step in (*plan.before, *steps, *plan.after):
            start = latest if step.at is None else reach.get(step.at.anchor, 0) + abs(step.at.offset.nominal_s)
            latest = start + _longest_window_s(step)
            if step.id is not None:
                reach.setdefault(step.id, latest)
            if latest > MAX_REACH_DAYS * _DAY_S and id(step) not in reported:
                reported.add(id(step))
                reading.remark(
                    step.at_line, f"lies up to {latest // _DAY_S} days after consent; expected at most {MAX_REACH_DAYS}"
                )


def _longest_window_s(step: Placed) -> int:
    durations = [parse_duration(text).nominal_s for _, text in strings_at(step.node, "window")]
    return max((abs(duration) for duration in durations), default=0)


def has_ids(nodes: Iterable[Node]) -> bool:
    """Whether every one of the steps has a sound id."""
    return all(isinstance(node, MappingNode) and text_at(node, "id") is not None for node in nodes)
