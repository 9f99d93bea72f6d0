"""Pictures of a study's numbers as shapes: from counts to coordinates, in the picture's own px."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from research.sums import Plan, week

# --- enrolment -------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 500, 330
LEFT, RIGHT, TOP, BOTTOM = 44, 440, 34, 288
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what stands beside it."""

    at: float
    value: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The curve of those who joined, and the line of the plan.

    Attributes:
        rows: Marks of people, from below.
        weeks: Marks of weeks; the first is week 0, the beginning.
        joined: The points of the curve, as SVG has them.
        area: The same, closed along the axis.
        end: Where the curve ends, which is today.
        plan: Where the plan begins and ends (x, y, x, y); None without one.
    """

    rows: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    joined: str
    area: str
    end: tuple[float, float]
    plan: tuple[float, float, float, float] | None


def enrolment(points: Sequence[tuple[date, int]], plan: Plan | None, today: date) -> Enrolment:
    """The picture of a curve as `sums.curve` gives it (with at least one point), and of a plan, if there is one.

    A day's people stand at its end; time runs from the first day of either to the last, or today.
    """
    first = min([points[0][0], *([plan.first] if plan else [])])
    last = max([today, *([plan.last] if plan else [])])
    days = (last - first).days + 1
    most = max([points[-1][1], *([plan.target] if plan else [])])
    step = nice_step(most)
    top = step * math.ceil(most / step)

    def x(day: date, ends: int = 1) -> float:
        return _round(LEFT + (RIGHT - LEFT) * ((day - first).days + ends) / days)

    def y(people: float) -> float:
        return _round(BOTTOM - (BOTTOM - TOP) * people / top)

    begin = (x(points[0][0], 0), y(0))
    way = [begin, *((x(day), y(n)) for day, n in points)]
    end = (x(max(today, points[-1][0])), y(points[-1][1]))
    if way[-1] != end:
        way.append(end)  # nobody since
    week_step = nice_step(math.ceil(days / 7))
    weeks = range(0, week(last, first) + 1, week_step)
    return Enrolment(
        rows=tuple(Tick(y(n), n) for n in range(0, top + 1, step)),
        weeks=tuple(Tick(x(first + timedelta(weeks=n), 0), n) for n in weeks if 7 * n <= days),
        joined=_points(way),
        area=_points([*way, (end[0], y(0))]),
        end=end,
        plan=(x(plan.first, 0), y(0), x(plan.last), y(plan.target)) if plan else None,
    )


def nice_step(most: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50, … that goes into `most` no more than five times."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if most <= MOST_TICKS * step:
                return step
        power *= 10


def _points(way: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in way)


def _round(value: float) -> float:
    return round(value, 1)


# --- the participant flow --------------------------------------------------------------------------------------------

FLOW_WIDTH = 720
GROUP_WIDTH = 240  # with more groups than fit the picture grows
GAP, PADDING, LINE = 28, 12, 19
CHARACTER = 7.6  # px of a letter of the font's size; a little more than most


@dataclass(frozen=True, slots=True)
class Entry:
    """A box's content: what is counted, how many, and of what it is made."""

    title: str
    n: int
    details: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """One line of a box; `y` is its baseline."""

    y: float
    text: str
    is_head: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its lines; `series` is 0 but for a group's first, `is_out` for those who left the way here."""

    x: float
    y: float
    width: float
    height: float
    words: tuple[Words, ...]
    series: int = 0
    is_out: bool = False

    @property
    def middle(self) -> float:
        """Across."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def inner(self) -> float:
        """Where its lines begin."""
        return self.x + PADDING


@dataclass(frozen=True, slots=True)
class Line:
    """A line between boxes."""

    x1: float
    y1: float
    x2: float
    y2: float
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole diagram."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def flow(levels: Sequence[tuple[Entry, Entry | None]], groups: Sequence[tuple[Entry, ...]]) -> Flow:
    """The diagram: one level below the other, each with those who left the way there at its side, then the groups.

    Args:
        levels: What is counted of everybody, from the door on, with who left the way there (or None).
        groups: For each group its boxes, from above.
    """
    width = max(FLOW_WIDTH, len(groups) * (GROUP_WIDTH + GAP) + GAP)
    half = (width - 3 * GAP) / 2
    boxes: list[Box] = []
    lines: list[Line] = []
    y: float = GAP
    above: Box | None = None
    for entry, out in levels:
        box = _box(entry, GAP, y, half)
        if above is not None:
            lines.append(Line(box.middle, above.bottom, box.middle, box.y))
        boxes.append(box)
        y = box.bottom
        if out is not None:
            beside = _box(out, 2 * GAP + half, box.y, half, is_out=True)
            boxes.append(beside)
            at = box.y + min(box.height, beside.height) / 2
            lines.append(Line(box.x + box.width, at, beside.x, at, is_out=True))
            y = max(y, beside.bottom)
        above = box
        y += GAP
    if groups and above is not None:
        y, more, joined = _groups(groups, above, y + GAP, width)
        boxes += more
        lines += joined
    return Flow(width, y, tuple(boxes), tuple(lines))


def _groups(
    groups: Sequence[tuple[Entry, ...]], above: Box, y: float, width: float
) -> tuple[float, list[Box], list[Line]]:
    """The groups side by side, hung on a line below the last level."""
    each = (width - (len(groups) + 1) * GAP) / len(groups)
    boxes: list[Box] = []
    lines: list[Line] = []
    bar = y - GAP
    middles: list[float] = []
    lowest = y
    for place, entries in enumerate(groups):
        upper: Box | None = None
        at = y
        for entry in entries:
            box = _box(entry, GAP + place * (each + GAP), at, each, series=place + 1 if upper is None else 0)
            if upper is None:
                middles.append(box.middle)
                lines.append(Line(box.middle, bar, box.middle, box.y))
            else:
                lines.append(Line(box.middle, upper.bottom, box.middle, box.y))
            boxes.append(box)
            upper, at = box, box.bottom + GAP
        lowest = max(lowest, at)
    lines += [
        Line(above.middle, above.bottom, above.middle, bar),
        Line(min(above.middle, *middles), bar, max(above.middle, *middles), bar),
    ]
    return lowest, boxes, lines


def _box(entry: Entry, x: float, y: float, width: float, series: int = 0, is_out: bool = False) -> Box:
    fits = max(int((width - 2 * PADDING) / CHARACTER), 8)
    texts = [(line, True) for line in textwrap.wrap(f"{entry.title}: {entry.n}", fits)]
    texts += [(line, False) for word, n in entry.details for line in textwrap.wrap(f"{word}: {n}", fits)]
    words = tuple(Words(y + PADDING + LINE * (n + 0.75), text, head) for n, (text, head) in enumerate(texts))
    return Box(x, y, width, 2 * PADDING + LINE * len(texts), words, series, is_out)
