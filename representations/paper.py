"""What every chart is drawn on: text that fits its place, scales with round numbers, axes and named levels.

Nothing here measures letters: how wide a text is is reckoned from above, so that no two of them touch in any font that
a reader's program may take.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 640
MARGIN = 24
PLOT_HEIGHT = 300
LINE = 15  # from one line of text to the next, at 12 px
INK, FAINT, PAPER = "#1c2530", "#c9d1d9", "#ffffff"

_LETTERS = (
    dict.fromkeys("iljtfrI.,:;'|!()[] ", 0.32) | dict.fromkeys("mwMW@%", 0.95) | dict.fromkeys("ABCDGHKNOQRUVXY", 0.76)
)
# What XML 1.0 has no place for, control characters among it.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MOST = 1e150  # beyond it, the distance of two places has no square


@dataclass(frozen=True)
class Axis:
    """One axis: its title with the unit, and its ends (from the values where they are None)."""

    title: str
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal line with a name: a null, a floor, a ceiling."""

    name: str
    y: float


@dataclass(frozen=True)
class Area:
    """The part of the page that values are drawn in, in px from the upper left corner."""

    left: float
    right: float
    top: float
    bottom: float


# --- text ------------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The text on one line, with nothing in it that an XML document can't hold."""
    return " ".join(_NO_XML.sub("\ufffd", text).split())


def width_of(text: str, size: float = 12) -> float:
    """At most how wide the text is in a common sans-serif, in px."""
    return size * sum(1.05 if unicodedata.east_asian_width(c) in "WF" else _LETTERS.get(c, 0.62) for c in text)


def cut(text: str, room: float, size: float = 12, *, in_the_middle: bool = False) -> str:
    """As much of the text as there is room for, with an ellipsis where something is missing.

    Names are cut in the middle, for many of them differ at the end alone.
    """
    text = plain(text)
    if width_of(text, size) <= room:
        return text
    kept = len(text)
    while kept > 0:
        kept -= 1
        behind = kept // 2 if in_the_middle else 0
        short = f"{text[: kept - behind].rstrip()}…{text[len(text) - behind :].lstrip()}"
        if width_of(short, size) <= room:
            return short
    return "…"


def folded(text: str, room: float, size: float = 12, most: int = 2) -> list[str]:
    """The text in lines that fit, `most` of them at most; the last one is cut where there is more."""
    lines: list[str] = []
    words = plain(text).split(" ")
    while words and len(lines) < most:
        taken = 1
        while taken < len(words) and width_of(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        last = len(lines) == most - 1
        lines.append(cut(" ".join(words if last else words[:taken]), room, size))
        words = words[taken:]
    return lines


def written(
    x: float, y: float, lines: str | Sequence[str], *, whole: str = "", how: str = "", line: float = LINE
) -> str:
    """Lines of text, the first of them at (x, y); the whole text is what is heard, where the lines are a part of it."""
    lines = [lines] if isinstance(lines, str) else list(lines)
    said = f"<title>{escape(plain(whole))}</title>" if whole and " ".join(lines) != plain(whole) else ""
    how = f" {how}" if how else ""
    if len(lines) == 1:
        return f'<text x="{x:.1f}" y="{y:.1f}"{how}>{said}{escape(lines[0])}</text>'
    spans = "".join(
        f'<tspan x="{x:.1f}" dy="{line if n else 0}">{escape(words)}</tspan>' for n, words in enumerate(lines)
    )
    return f'<text x="{x:.1f}" y="{y:.1f}"{how}>{said}{spans}</text>'


# --- scales ----------------------------------------------------------------------------------------------------------


def step_of(low: float, high: float, about: int = 5) -> float:
    """A round distance (1, 2 or 5 times a power of ten) that divides what lies between into about so many."""
    raw = (high - low) / about
    scale = 10.0 ** math.floor(math.log10(raw))
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= raw * (1 - 1e-9))


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high, about so many of them; low alone where there is nothing between."""
    if not high > low:
        return [low]
    step = step_of(low, high, about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * k for k in range(first, last + 1)]


class Scale:
    """From a value to a place on the page; ends that nobody asked for are round numbers."""

    def __init__(self, axis: Axis, values: Sequence[float]) -> None:
        usable = [min(max(v, -_MOST), _MOST) for v in values if math.isfinite(v) and not (axis.log and v <= 0)]
        low = axis.low if axis.low is not None else min(usable, default=1.0 if axis.log else 0.0)
        high = axis.high if axis.high is not None else max(usable, default=low + 1.0)
        self.log = axis.log and low > 0
        if not high - low > 1e-12 * max(abs(low), abs(high)):
            low, high = (low / 2, high * 2) if self.log else (low - max(0.5, abs(low)), high + max(0.5, abs(high)))
        if not self.log:
            step = step_of(low, high)
            low = low if axis.low is not None else step * math.floor(low / step + 1e-9)
            high = high if axis.high is not None else step * math.ceil(high / step - 1e-9)
        self.low, self.high, self.start, self.end = low, high, 0.0, 1.0

    def between(self, start: float, end: float) -> Scale:
        """The same scale, laid from one place to another."""
        self.start, self.end = start, end
        return self

    def __call__(self, value: float) -> float:
        """The value's place; that of the nearer end, where it lies beyond."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether the value is a number between the ends."""
        rim = 1e-9 * (self.high - self.low)
        return math.isfinite(value) and self.low - rim <= value <= self.high + rim

    def ticks(self) -> list[tuple[float, str]]:
        """Round values, and how each is written."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            every = max(1, round((last - first) / 8))
            factors = (1, 2, 5) if last - first <= 3 else (1,)
            places = [factor * 10.0**k for k in range(first, last + 1, every) for factor in factors]
            found = [v for v in places if self.low * 0.999 <= v <= self.high * 1.001]
            if len(found) > 1:
                return [(v, f"{v:g}") for v in found]
        found = ticks(self.low, self.high)
        step = step_of(self.low, self.high)
        largest = max(abs(self.low), abs(self.high))
        if step >= 1e-4 and largest < 1e6:
            kind = f".{max(0, -math.floor(math.log10(step) + 1e-9))}f"
        else:
            kind = f".{min(math.ceil(math.log10(largest / step)) + 1, 15)}g"
        # A round number may come out as a negative nought.
        return [(v, format(0.0 if abs(v) < step / 2 else v, kind)) for v in found]


# --- axes ------------------------------------------------------------------------------------------------------------


def room_left(y: Scale, y_title: str) -> float:
    """How much the labels and the title of the y axis take."""
    lines = folded(y_title, PLOT_HEIGHT, most=2)
    return 14 + LINE * len(lines) + max(width_of(label) for _, label in y.ticks()) + 12


def drawn_axes(area: Area, x: Scale | None, y: Scale, x_title: str, y_title: str) -> list[str]:
    """Both axes with their numbers and titles; no numbers along the lower one without `x`."""
    parts = []
    for value, label in y.ticks():
        at = y(value)
        parts.append(f'<path d="M{area.left:.1f} {at:.1f}H{area.right:.1f}" stroke="{FAINT}"/>')
        parts.append(written(area.left - 8, at + 4, label, how='text-anchor="end"'))
    taken = -math.inf
    for value, label in x.ticks() if x else ():
        at = x(value) if x else 0.0
        parts.append(f'<path d="M{at:.1f} {area.bottom:.1f}v5" stroke="{INK}"/>')
        half = width_of(label) / 2
        if at - half > taken + 6:
            parts.append(written(at, area.bottom + 19, label, how='text-anchor="middle"'))
            taken = at + half
    parts.append(
        f'<path d="M{area.left:.1f} {area.top:.1f}V{area.bottom:.1f}H{area.right:.1f}" fill="none" stroke="{INK}"/>'
    )
    middle_x, middle_y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    if x_title:
        lines = cut(x_title, area.right - area.left + MARGIN)
        parts.append(written(middle_x, area.bottom + 40, lines, whole=x_title, how='text-anchor="middle"'))
    turned = f'text-anchor="middle" transform="rotate(-90 22 {middle_y:.1f})"'
    parts.append(written(22, middle_y, folded(y_title, area.bottom - area.top), whole=y_title, how=turned))
    return parts


def room_right(levels: Sequence[Level]) -> float:
    """How much the names of the levels take, beside the plot."""
    names = [line for level in levels for line in folded(level.name, 130)]
    return 14 + max((width_of(line) for line in names), default=0.0) + MARGIN / 2


def drawn_levels(levels: Sequence[Level], area: Area, y: Scale) -> list[str]:
    """Each level as a dotted line, its name beside it: moved up or down where two would touch."""
    shown = sorted((level for level in levels if y.holds(level.y)), key=lambda level: y(level.y))
    names = [folded(level.name, 130) for level in shown]
    places: list[float] = []
    for level, lines in zip(shown, names, strict=True):
        least = places[-1] + LINE * len(names[len(places) - 1]) if places else area.top
        places.append(max(y(level.y) - LINE * (len(lines) - 1) / 2, least))
    below = area.bottom + LINE
    for n in reversed(range(len(places))):
        places[n] = min(places[n], below - LINE * len(names[n]))
        below = places[n]
    parts = []
    for level, lines, at in zip(shown, names, places, strict=True):
        true = y(level.y)
        way = f'd="M{area.left:.1f} {true:.1f}H{area.right:.1f}" stroke-width="1.5"'
        # On a bar the dots would be lost without the paper between them.
        parts += [f'<path {way} stroke="{PAPER}"/>', f'<path {way} stroke="{INK}" stroke-dasharray="1 4"/>']
        middle = at + LINE * (len(lines) - 1) / 2
        parts.append(
            f'<path d="M{area.right:.1f} {true:.1f}L{area.right + 10:.1f} {middle:.1f}" stroke="{INK}" '
            f'stroke-width="0.75"/>'
        )
        parts.append(written(area.right + 14, at + 4, lines, whole=level.name, how='font-style="italic"'))
    return parts
