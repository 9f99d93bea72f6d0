"""Rules of anchors: what a step may wait for, given where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from protocol.durations import parse_duration
from protocol.errors import listed, shown
from protocol.grammar import parse_at, parse_repeat
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, has, strings_at, text_at
from protocol.step_building import at_in_series
from protocol.study import At

MAX_REACH_DAYS = 36_600
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Placed:
    """A step where it stands: in `before`, in an arm, or in `after`."""

    id: str | None
    node: Node
    place: str  # "before", "after", "arm NAME", or "later of arm NAME"
    at: At | None
    series: str = ""  # what the file calls a repeated step
    time: int = 1  # its place in its series
    times: int = 1  # how often it comes

    @property
    def name(self) -> str | None:
        """What the file calls it."""
        return self.series or self.id

    def is_called(self, name: str) -> bool:
        """Whether `name` is its own, or that of its series."""
        return name == self.id or (self.series != "" and name == self.series)

    def is_meant_by(self, name: str) -> bool:
        """Whether a step that is anchored on `name` waits for this one: of a repeated step the last time."""
        return name == self.id or (self.series != "" and name == self.series and self.time == self.times)

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
    later: Mapping[str, tuple[Placed, ...]]
    is_cohort: bool
    are_ids_known: bool

    def every(self) -> Iterator[Placed]:
        """Every step, as often as it is declared."""
        yield from self.before
        for steps in self.arms.values():
            yield from steps
        yield from self.after
        for steps in self.later.values():
            yield from steps

    def declared(self) -> Iterator[Placed]:
        """Every step as the file declares it: of a repeated one the first time."""
        return (step for step in self.every() if step.time == 1)

    def ways(self) -> Iterator[tuple[str, tuple[Placed, ...]]]:
        """The arms, each with the steps of its people in their order; one without a name where there are none."""
        for arm, steps in self.arms.items() or (("", ()),):
            yield arm, (*self.before, *steps, *self.after, *self.later.get(arm, ()))


def placed(nodes: Iterable[Node], place: str) -> tuple[Placed, ...]:
    """The steps of a list, with their `at` parsed if it is sound; a repeated one as often as it comes."""
    return tuple(step for node in nodes for step in _times(node, place))


def _times(node: Node, place: str) -> Iterator[Placed]:
    id, text, repeat = text_at(node, "id"), text_at(node, "at"), text_at(node, "repeat")
    at = parse_at(text) if text is not None else None
    if repeat is None or id is None:
        yield Placed(id, node, place, at)
        return
    times, every = parse_repeat(repeat)
    for time in range(1, times + 1):
        yield Placed(f"{id}_{time}", node, place, at_in_series(id, at, time, every), id, time, times)


def amount(nodes: Iterable[Node]) -> int:
    """How many steps a list has, a repeated one counted as often as it comes."""
    repeats = (text_at(node, "repeat") for node in nodes)
    return sum(1 if repeat is None else parse_repeat(repeat)[0] for repeat in repeats)


def times_of(plan: Plan, name: str) -> str:
    """What the times of a repeated step are called, as a fault ends; empty if `name` is that of no repeated step."""
    last = next((step for step in plan.every() if step.series == name and step.time == step.times), None)
    return "" if last is None else f"; its times are called {name}_1 to {last.id}"


def check_anchors(plan: Plan, reading: Reading) -> None:
    """Reports anchors that can't be reckoned from."""
    _check_list(plan.before, plan, (), reading)
    for steps in plan.arms.values():
        _check_list(steps, plan, (plan.before,), reading)
    common = _of_every_arm(plan)
    _check_list(plan.after, plan, (plan.before, common), reading)
    for arm, steps in plan.later.items():
        _check_list(steps, plan, (plan.before, plan.arms.get(arm, ()), plan.after), reading)
    _check_reach(plan, reading)


def _check_list(
    steps: tuple[Placed, ...], plan: Plan, visible: tuple[tuple[Placed, ...], ...], reading: Reading
) -> None:
    """Each declared step of a list may wait for what is visible to all of them, and for what stands before it."""
    for index, step in enumerate(steps):
        if step.time == 1:
            _check_anchor(step, plan, (*visible, steps[:index]), reading)


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
    reachable = [earlier for steps in visible for earlier in steps if earlier.is_meant_by(at.anchor)]
    if not reachable:
        _report_unreachable(step, at.anchor, plan, reading)
    elif at.moment == "closed" and any(not has(earlier.node, "window") for earlier in reachable):
        reading.remark(step.at_line, f"at is {shown(text)}; {shown(at.anchor)} has no window, so it has no .closed")


def _report_unreachable(step: Placed, anchor: str, plan: Plan, reading: Reading) -> None:
    there = [other for other in plan.every() if other.is_called(anchor)]
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
                f"at is anchored on {shown(anchor)}, which only {_places(there)} has; "
                "a step of `after` may anchor on what every arm has",
            )
    elif "arm" in step.place and "arm" in there[0].place and _arm(step) not in {_arm(other) for other in there}:
        reading.remark(
            step.at_line, f"at is anchored on {shown(anchor)}, a step of {there[0].place}; expected one of its own arm"
        )
    else:
        reading.remark(step.at_line, f"at is anchored on {shown(anchor)}, which comes later; expected an earlier step")


def _places(steps: Iterable[Placed]) -> str:
    return listed(dict.fromkeys(step.place for step in steps), "and")


def _arm(step: Placed) -> str:
    return step.place.rpartition("arm ")[2]


def _circle(step: Placed, plan: Plan) -> list[str]:
    """The names of a circle that `step` is in, from itself to itself; empty if it is in none."""
    anchors: dict[str, str] = {}
    called = {other.id: other.name for other in plan.every() if other.id is not None}
    for other in plan.declared():
        if other.name is not None and other.at is not None and (other.place == step.place or other.name not in anchors):
            anchors[other.name] = called.get(other.at.anchor) or other.at.anchor
    circle = [step.name] if step.name is not None else []
    while circle and circle[-1] in anchors:
        circle.append(anchors[circle[-1]])
        if circle[-1] == step.name:
            return circle
        if circle[-1] in circle[:-1]:
            return []
    return []


def _check_reach(plan: Plan, reading: Reading) -> None:
    """Reports steps that anchors put so far away that no calendar has the day."""
    reported: set[int] = set()
    for _, steps in plan.ways():
        reach = {"consent": 0, "allocation": 0}
        latest = 0
        for step in steps:
            start = latest if step.at is None else reach.get(step.at.anchor, 0) + _offset_s(step.at)
            latest = start + _longest_window_s(step)
            if step.id is not None:
                reach.setdefault(step.id, latest)
            if step.series:
                reach[step.series] = latest
            if latest > MAX_REACH_DAYS * _DAY_S and id(step.node) not in reported:
                reported.add(id(step.node))
                reading.remark(
                    step.at_line, f"lies up to {latest // _DAY_S} days after consent; expected at most {MAX_REACH_DAYS}"
                )


def _offset_s(at: At) -> int:
    most = at.offset if at.upto is None else max(at.offset, at.upto, key=lambda duration: duration.nominal_s)
    return abs(most.nominal_s) + at.further.nominal_s


def _longest_window_s(step: Placed) -> int:
    durations = [parse_duration(text).nominal_s for _, text in strings_at(step.node, "window")]
    return max((abs(duration) for duration in durations), default=0)


def has_ids(nodes: Iterable[Node]) -> bool:
    """Whether every one of the steps has a sound id, and says soundly how often it comes."""
    return all(isinstance(node, MappingNode) and text_at(node, "id") is not None and is_counted(node) for node in nodes)


def is_counted(node: Node) -> bool:
    """Whether it is known how often a step comes."""
    return not has(node, "repeat") or text_at(node, "repeat") is not None
