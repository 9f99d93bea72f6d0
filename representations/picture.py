"""Charts as SVG: lines, bars and grids of shades, readable in black and white and by a screen reader.

The documents stand alone: no script, no font, no address of anything else. Each carries a title and a description, and
a name that is cut for want of room carries its whole. A page is as high as its names need.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from representations.paper import (
    FAINT,
    INK,
    LINE,
    MARGIN,
    PAPER,
    PLOT_HEIGHT,
    WIDTH,
    Area,
    Axis,
    Level,
    Scale,
    cut,
    drawn_axes,
    drawn_levels,
    folded,
    plain,
    room_left,
    room_right,
    width_of,
    written,
)

__all__ = ["Axis", "BarChart", "Drawable", "Level", "Line", "LineChart", "ShadeChart", "drawn"]

Numbers: TypeAlias = Sequence[float] | npt.NDArray[np.float64]

# Told apart without colour too: each line has a dash and a mark of its own, and each colour's darkness is enough for
# a thin line on paper (4.5:1 at least).
COLOURS = ("#1b5e7d", "#a34a12", "#3d6b21", "#6a3d9a", "#8a1c3b", "#44546a")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4")
MARKS = ("circle", "square", "triangle", "diamond", "cross", "ring")
MOST_MARKS = 60  # more of them on one line hide it
TITLE_SIZE, TITLE_LINE = 15, 20
BOLD = 1.1  # how much wider bold letters are
LEAST_RIMMED = 10  # px: between smaller cells a rim is all that is seen
PALE, DARK = (247, 250, 252), (20, 80, 110)


@dataclass(frozen=True)
class Line:
    """One series; `low` and `high` draw its interval; `joined` False leaves marks alone."""

    name: str
    x: Numbers
    y: Numbers
    low: Numbers | None = None
    high: Numbers | None = None
    joined: bool = True


@dataclass(frozen=True)
class LineChart:
    """Series over a common axis. `describes` is what somebody hears who does not see it."""

    title: str
    describes: str
    x: Axis
    y: Axis
    lines: Sequence[Line]
    levels: Sequence[Level] = ()


@dataclass(frozen=True)
class BarChart:
    """One bar a name, with an interval where `low` and `high` are given."""

    title: str
    describes: str
    names: Sequence[str]
    values: Numbers
    y: Axis
    low: Numbers | None = None
    high: Numbers | None = None
    levels: Sequence[Level] = ()


@dataclass(frozen=True)
class ShadeChart:
    """A grid of shades with the number in each cell where there is room; values (rows, columns); NaN is crossed out."""

    title: str
    describes: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: npt.NDArray[np.float64]
    unit: str = ""


Drawable: TypeAlias = LineChart | BarChart | ShadeChart


def drawn(chart: Drawable) -> str:
    """The chart as one SVG document, `WIDTH` px wide and as high as it needs to be."""
    title = folded(chart.title, WIDTH - 2 * MARGIN, TITLE_SIZE * BOLD)
    top = 28.0 + TITLE_LINE * len(title)
    if isinstance(chart, LineChart):
        body, height = _line_chart(chart, top)
    elif isinstance(chart, BarChart):
        body, height = _bar_chart(chart, top)
    else:
        body, height = _shade_chart(chart, top)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}">\n'
        f"<title>{escape(plain(chart.title))}</title>\n<desc>{escape(plain(chart.describes))}</desc>\n"
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="{PAPER}"/>\n'
        + written(
            MARGIN, 26, title, whole=chart.title, how=f'font-size="{TITLE_SIZE}" font-weight="600"', line=TITLE_LINE
        )
        + "\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


# --- lines -----------------------------------------------------------------------------------------------------------


def _line_chart(chart: LineChart, top: float) -> tuple[list[str], float]:
    every_x = [float(v) for line in chart.lines for v in line.x]
    bounds = [series for line in chart.lines for series in (line.y, line.low, line.high) if series is not None]
    every_y = [float(v) for series in bounds for v in series] + [level.y for level in chart.levels]
    x, y = Scale(chart.x, every_x), Scale(chart.y, every_y)
    area = Area(room_left(y, chart.y.title), WIDTH - room_right(chart.levels), top, top + PLOT_HEIGHT)
    x, y = x.between(area.left, area.right), y.between(area.bottom, area.top)
    parts = drawn_axes(area, x, y, chart.x.title, chart.y.title) + drawn_levels(chart.levels, area, y)
    for k, line in enumerate(chart.lines):
        parts += _series(line, k, x, y)
    legend, height = _legend(chart.lines, area.bottom + 66)
    return parts + legend, height


def _series(line: Line, k: int, x: Scale, y: Scale) -> list[str]:
    colour, dash, mark = _look(k)
    values = [(float(a), float(b)) for a, b in zip(line.x, line.y, strict=True)]
    parts = []
    if line.low is not None and line.high is not None:
        sides = zip(line.x, line.low, line.high, strict=True)
        held = [(float(a), float(b), float(c)) for a, b, c in sides if math.isfinite(b) and math.isfinite(c)]
        edge = [(a, c) for a, _, c in held] + [(a, b) for a, b, _ in reversed(held)]
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in edge)
        parts.append(
            f'<polygon points="{points}" fill="{colour}" fill-opacity="0.12" stroke="{colour}" stroke-width="0.5"/>'
        )
    if line.joined:
        parts += [
            f'<path d="M{"L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in part)}" fill="none" {_stroke(colour, dash)}/>'
            for part in _unbroken(values)
            if len(part) > 1
        ]
    if len(values) <= MOST_MARKS or not line.joined:
        parts += [_mark(mark, x(a), y(b), colour) for a, b in values if x.holds(a) and y.holds(b)]
    return parts


def _unbroken(values: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The stretches between the places where there is no value: a line over a gap would say that there is one."""
    parts: list[list[tuple[float, float]]] = [[]]
    for a, b in values:
        if math.isfinite(a) and math.isfinite(b):
            parts[-1].append((a, b))
        elif parts[-1]:
            parts.append([])
    return parts


def _look(k: int) -> tuple[str, str, str]:
    """Colour, dash and mark of the k-th line; no two of the first 36 have the same dash and mark."""
    turn = k // len(MARKS)
    return COLOURS[k % len(COLOURS)], DASHES[k % len(DASHES)], MARKS[(k + turn) % len(MARKS)]


def _stroke(colour: str, dash: str) -> str:
    return f'stroke="{colour}" stroke-width="2"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _mark(kind: str, x: float, y: float, colour: str) -> str:
    shapes = {
        "circle": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{colour}"/>',
        "ring": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{PAPER}" stroke="{colour}" stroke-width="1.5"/>',
        "square": f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{colour}"/>',
        "triangle": f'<path d="M{x:.1f} {y - 4:.1f}l4 7h-8z" fill="{colour}"/>',
        "diamond": f'<path d="M{x:.1f} {y - 4.5:.1f}l4 4.5l-4 4.5l-4 -4.5z" fill="{colour}"/>',
        "cross": f'<path d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6" stroke="{colour}" stroke-width="2"/>',
    }
    return shapes[kind]


def _legend(lines: Sequence[Line], top: float) -> tuple[list[str], float]:
    """The names under the plot, in as many columns as fit, and where the page ends."""
    names = [line.name for line in lines]
    if not any(names):
        return [], top - 12
    room = WIDTH - 2 * MARGIN
    widest = min(max(width_of(plain(name)) for name in names) + 50, room)
    least = 1 if len(names) <= 8 else 2
    columns = max(least, min(len(names), math.floor(room / widest)))
    parts = []
    for k, name in enumerate(names):
        colour, dash, mark = _look(k)
        left, at = MARGIN + (k % columns) * room / columns, top + (k // columns) * 20
        parts += [f'<path d="M{left:.1f} {at - 4:.1f}h28" {_stroke(colour, dash)}/>'] if lines[k].joined else []
        parts.append(_mark(mark, left + 14, at - 4, colour))
        parts.append(written(left + 36, at, cut(name, room / columns - 54, in_the_middle=True), whole=name))
    return parts, top + ((len(names) - 1) // columns) * 20 + 18


# --- bars ------------------------------------------------------------------------------------------------------------


def _bar_chart(chart: BarChart, top: float) -> tuple[list[str], float]:
    values = [float(v) for v in chart.values]
    bounds = [float(v) for series in (chart.low, chart.high) if series is not None for v in series]
    y = Scale(chart.y, [0.0, *values, *bounds, *(level.y for level in chart.levels)])
    area = Area(room_left(y, chart.y.title), WIDTH - room_right(chart.levels), top, top + PLOT_HEIGHT)
    y = y.between(area.bottom, area.top)
    parts, intervals = drawn_axes(area, None, y, "", chart.y.title), []
    room = (area.right - area.left) / max(len(values), 1)
    thick = min(room * 0.6, 60)
    for k, value in enumerate(values):
        middle = area.left + room * (k + 0.5)
        if math.isfinite(value):
            high, low = sorted((y(value), y(0.0)))
            parts.append(
                f'<rect x="{middle - thick / 2:.1f}" y="{high:.1f}" width="{thick:.1f}" '
                f'height="{max(low - high, 0.5):.1f}" fill="{COLOURS[0]}"/>'
            )
        if chart.low is not None and chart.high is not None:
            intervals += _interval(middle, float(chart.low[k]), float(chart.high[k]), y)
    named, height = _names_below(chart.names, area)
    return parts + drawn_levels(chart.levels, area, y) + intervals + named, height


def _interval(x: float, low: float, high: float, y: Scale) -> list[str]:
    """A line with two ends, in ink with a rim of paper, so that it is seen on the bar and beside it."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return []
    way = f"M{x - 4:.1f} {y(low):.1f}h8m-4 0V{y(high):.1f}m-4 0h8"
    return [f'<path d="{way}" fill="none" stroke="{c}" stroke-width="{w}"/>' for c, w in ((PAPER, 4), (INK, 1.5))]


def _names_below(names: Sequence[str], area: Area) -> tuple[list[str], float]:
    """Names under what they name: upright where they fit, else turned; every n-th alone where they are too many."""
    room = (area.right - area.left) / max(len(names), 1)
    widest = max((width_of(plain(name)) for name in names), default=0.0)
    every = max(1, math.ceil(LINE / room))
    if widest <= room - 6 or room >= 80:
        lines = [folded(name, room - 6, most=3) for name in names]
        return [
            written(area.left + room * (k + 0.5), area.bottom + 19, each, whole=names[k], how='text-anchor="middle"')
            for k, each in enumerate(lines)
        ], area.bottom + 21 + LINE * max(map(len, lines), default=0)
    parts = []
    for k in range(0, len(names), every):
        at, below = area.left + room * (k + 0.5) + 4, area.bottom + 12
        turned = f'text-anchor="end" transform="rotate(-90 {at:.1f} {below:.1f})"'
        parts.append(written(at, below, cut(names[k], 150, in_the_middle=True), whole=names[k], how=turned))
    return parts, area.bottom + min(widest, 150) + 30


# --- shades ----------------------------------------------------------------------------------------------------------


def _shade_chart(chart: ShadeChart, top: float) -> tuple[list[str], float]:
    n_rows, n_columns = chart.values.shape
    finite = chart.values[np.isfinite(chart.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    named = min(max((width_of(plain(name)) for name in chart.rows), default=0.0), 160)
    area = Area(named + MARGIN + 8, WIDTH - 110, top, top + PLOT_HEIGHT)
    across, down = (area.right - area.left) / max(n_columns, 1), PLOT_HEIGHT / max(n_rows, 1)
    parts = []
    every = max(1, math.ceil(LINE / down))
    for i in range(n_rows):
        if i % every == 0:
            at = area.top + down * (i + 0.5) + 4
            parts.append(
                written(
                    area.left - 8,
                    at,
                    cut(chart.rows[i], 160, in_the_middle=True),
                    whole=chart.rows[i],
                    how='text-anchor="end"',
                )
            )
        for j in range(n_columns):
            value, left, upper = float(chart.values[i, j]), area.left + across * j, area.top + down * i
            parts += _cell(value, (value - low) / (high - low) if high > low else 0.0, left, upper, across, down)
    below, height = _names_below(chart.columns, area)
    return parts + below + _shades(low, high, chart.unit, area, has_gaps=finite.size < chart.values.size), height


def _cell(value: float, share: float, left: float, top: float, across: float, down: float) -> list[str]:
    rim = f' stroke="{FAINT}"' if min(across, down) >= LEAST_RIMMED else ""
    box = f'x="{left:.1f}" y="{top:.1f}" width="{across:.1f}" height="{down:.1f}"{rim}'
    if not math.isfinite(value):
        cross = f"M{left:.1f} {top:.1f}l{across:.1f} {down:.1f}m0 {-down:.1f}l{-across:.1f} {down:.1f}"
        return [f'<rect {box} fill="{PAPER}"/>', f'<path d="{cross}" stroke="{FAINT}"/>']
    shade = _shade(share)
    parts = [f'<rect {box} fill="rgb{shade}"/>']
    label = f"{value:.2f}" if abs(value) < 1000 else f"{value:.3g}"
    if across >= width_of(label) + 4 and down >= LINE:
        ink = PAPER if _luminance(shade) < 0.179 else "#000000"  # where both are as well seen: 4.58:1
        middle = f'text-anchor="middle" fill="{ink}"'
        parts.append(written(left + across / 2, top + down / 2 + 4, label, how=middle))
    return parts


def _shade(share: float) -> tuple[int, int, int]:
    red, green, blue = (round(pale + (dark - pale) * share) for pale, dark in zip(PALE, DARK, strict=True))
    return red, green, blue


def _luminance(colour: tuple[int, int, int]) -> float:
    """The relative luminance as WCAG has it, 0 (black) to 1 (white)."""
    linear = [v / 3294.6 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _shades(low: float, high: float, unit: str, area: Area, *, has_gaps: bool) -> list[str]:
    """The scale beside the grid: the darkest above with what it stands for, the palest below."""
    left, steps, tall = area.right + 16, 12, 10
    parts = [
        f'<rect x="{left:.1f}" y="{area.top + tall * n:.1f}" width="16" height="{tall}" '
        f'fill="rgb{_shade(1 - n / (steps - 1))}"/>'
        for n in range(steps)
    ]
    end = area.top + tall * steps
    parts.append(
        f'<rect x="{left:.1f}" y="{area.top:.1f}" width="16" height="{tall * steps}" fill="none" stroke="{INK}"/>'
    )
    parts.append(written(left + 22, area.top + 10, f"{high:.3g}"))
    parts.append(written(left + 22, end, f"{low:.3g}"))
    if unit:
        parts.append(written(left, end + 22, folded(unit, 92), whole=unit))
    if has_gaps:
        below = end + 62
        parts += _cell(math.nan, 0.0, left, below, 16, 16)
        parts.append(written(left + 22, below + 12, "no value"))
    return parts
