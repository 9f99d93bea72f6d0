"""A drawing as timed strokes: read from what a browser sent, checked, and written in one form.

The points are most of a drawing. They are read by a grammar of their own into flat arrays, so that no list of lists is
ever made of what a stranger sent; only what is left is read as JSON.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

WIDTH = 1000  # units; the surface is a square, or 4:3
HEIGHTS = (1000, 750)
MOST_BYTES = 5_000_000
MOST_POINTS = 200_000  # more are thinned by distance
MOST_STROKES = 10_000
MOST_WORDS = 200
MOST_OPS = 20_000
MOST_LETTERS = 200  # of one word
MOST_MS = 4 * 3_600_000  # a single-precision float holds every millisecond up to here
STRIDE = 6  # x, y, t, pressure, tilt x, tilt y
COLOURS: Mapping[str, str] = {
    "ink": "#1D2A30",
    "grey": "#76817F",
    "brown": "#7A4A21",
    "red": "#B5301F",
    "yellow": "#D9A400",
    "green": "#00785A",
    "blue": "#0067A5",
    "purple": "#8E4A93",
}

_MOST_REST_BYTES = 2_000_000  # of all that is not points
_MOST_REST_PARTS = 40_000  # objects and lists in it
_POINTERS = ("mouse", "touch", "pen", "keyboard")
_MODES = ("free", "tap", "keys")
_OPS = ("undo", "redo", "clear", "rub", "word")
_TASKS = ("imagery", "memory", "copy")

_NUMBER = r"-?[0-9]{1,25}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?"
_MAYBE = rf"(?:\s*,\s*({_NUMBER}|null))?"
_POINT = re.compile(rf"\s*\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER}){_MAYBE * 3}\s*\]\s*([,\]])", re.ASCII)
_NO_POINTS = re.compile(r"\s*\]", re.ASCII)
_KEY = re.compile(r'"pts"\s*:\s*', re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z", re.ASCII)
_NONE = math.nan


class StrokesFault(ValueError):
    """The text holds no drawing that can be read; the message says why, for a log."""


@dataclass(slots=True)
class Stroke:
    """One line. `points` is flat, six numbers a point: x, y (units), t (ms), pressure 0 to 1, tilts in degrees.

    A pressure or tilt that is not known is NaN.
    """

    id: int
    size: float
    colour: str
    pointer: str
    mode: str
    removed_at: int | None
    points: array[float]

    @property
    def n(self) -> int:
        """How many points it has."""
        return len(self.points) // STRIDE


@dataclass(slots=True)
class Word:
    """A word put on the paper."""

    id: int
    text: str
    x: float
    y: float
    t: int
    removed_at: int | None


@dataclass(slots=True)
class Strokes:
    """A drawing: everything that was put on the paper, what was taken off again, and when."""

    height: int
    strokes: list[Stroke] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    ops: list[dict[str, Any]] = field(default_factory=list)
    canvas: dict[str, float] = field(default_factory=dict)
    task: str = ""
    t0_utc: str = ""
    thinned: bool = False
    blank: bool = False

    @property
    def shown(self) -> list[Stroke]:
        """The lines that are on the paper."""
        return [stroke for stroke in self.strokes if stroke.removed_at is None]

    @property
    def words_shown(self) -> list[Word]:
        """The words that are on the paper."""
        return [word for word in self.words if word.removed_at is None]

    @property
    def is_empty(self) -> bool:
        """Whether the paper is blank."""
        return not self.shown and not self.words_shown

    @property
    def duration_s(self) -> float | None:
        """From the first mark to the last, those taken off again included; None without any."""
        times = [t for s in self.strokes for t in (s.points[2], s.points[-STRIDE + 2])] + [w.t for w in self.words]
        return round((max(times) - min(times)) / 1000, 3) if times else None

    @property
    def text(self) -> str:
        """The drawing as JSON; reading it again gives the same text."""
        head: dict[str, Any] = {"v": 1}
        head |= {"task": self.task} if self.task else {}
        head |= {"canvas": {"w": WIDTH, "h": self.height, **self.canvas}}
        head |= {"t0_utc": self.t0_utc} if self.t0_utc else {}
        head |= {"thinned": True} if self.thinned else {}
        head |= {"blank": True} if self.blank else {}
        words = [
            {"id": w.id, "text": w.text, "x": w.x, "y": w.y, "t": w.t, "removed_at": w.removed_at} for w in self.words
        ]
        tail = {"words": words, "ops": self.ops}
        strokes = ",".join(_stroke_text(stroke) for stroke in self.strokes)
        return f'{_compact(head)[:-1]},"strokes":[{strokes}],{_compact(tail)[1:]}'


def read_strokes(text: str) -> Strokes:
    """The drawing that a browser sent as JSON.

    Places beyond the paper's edge are moved to the edge; times run forward, from 0 to four hours; sizes, pressures and
    tilts are brought into their range; strokes without a point, unknown keys, and what stands under a known key but is
    not of its kind are left out. More than `MOST_POINTS` points are thinned by distance.

    Raises:
        StrokesFault: It is longer than `MOST_BYTES`, no such JSON, or a place is not a number (NaN and infinite ones
            included).
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise StrokesFault("too long")
    rest, taken = _without_points(text)
    content = _read_rest(rest)
    height = _height(content.get("canvas"))
    drawing = Strokes(height=height)
    drawing.strokes = _read_strokes(content.get("strokes"), taken, height)
    drawing.words = _read_words(content.get("words"), height)
    drawing.ops = _read_ops(content.get("ops"))
    drawing.canvas = _read_canvas(content["canvas"])
    drawing.task = content["task"] if content.get("task") in _TASKS else ""
    started = content.get("t0_utc")
    drawing.t0_utc = started if isinstance(started, str) and _INSTANT.fullmatch(started) else ""
    drawing.thinned = content.get("thinned") is True or _thin(drawing.strokes)
    drawing.blank = content.get("blank") is True and drawing.is_empty
    return drawing


# --- reading ---------------------------------------------------------------------------------------------------------


def _without_points(text: str) -> tuple[str, dict[int, array[float]]]:
    """The text with each list of points replaced by its number, and the lists."""
    pieces: list[str] = []
    taken: dict[int, array[float]] = {}
    begin = 0
    while key := _KEY.search(text, begin):
        if text[key.end() : key.end() + 1] != "[":
            raise StrokesFault("points that are no list")
        points, end = _read_points(text, key.end() + 1)
        pieces += (text[begin : key.end()], str(len(taken)))
        taken[len(taken)] = points
        begin = end
        if len(taken) > MOST_STROKES:
            raise StrokesFault("too many lines")
    pieces.append(text[begin:])
    return "".join(pieces), taken


def _read_points(text: str, at: int) -> tuple[array[float], int]:
    points: array[float] = array("f")
    if empty := _NO_POINTS.match(text, at):
        return points, empty.end()
    while match := _POINT.match(text, at):
        *numbers, then = match.groups()
        points.extend(_NONE if n is None or n == "null" else _single(float(n)) for n in numbers)
        at = match.end()
        if then == "]":
            return points, at
    raise StrokesFault("a point that is not three to six numbers")


def _read_rest(rest: str) -> dict[str, Any]:
    if len(rest) > _MOST_REST_BYTES or rest.count("[") + rest.count("{") > _MOST_REST_PARTS:
        raise StrokesFault("too much beside the points")
    try:
        content = json.loads(rest, parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise StrokesFault("no JSON") from problem
    if not isinstance(content, dict) or content.get("v") != 1:
        raise StrokesFault("not version 1")
    return content


def _refuse(name: str) -> float:
    raise StrokesFault(f"{name} is no number")


def _height(canvas: object) -> int:
    if not isinstance(canvas, dict) or canvas.get("w") != WIDTH or canvas.get("h") not in HEIGHTS:
        raise StrokesFault("a surface of another size")
    return int(canvas["h"])


def _read_canvas(canvas: dict[str, object]) -> dict[str, float]:
    """What the surface measured on the screen."""
    found = {key: _number(canvas.get(key), 0, 20_000) for key in ("css_w", "css_h", "dpr")}
    return {key: _short(value, 2) for key, value in found.items() if value is not None}


def _read_strokes(found: object, taken: dict[int, array[float]], height: int) -> list[Stroke]:
    strokes: list[Stroke] = []
    for each in _objects(found):
        number = each.get("pts")
        # Each list is used once, however often its number is named.
        if not isinstance(number, int) or number not in taken:
            raise StrokesFault("a line without points")
        points = _placed(taken.pop(number), height)
        if not points:
            continue
        strokes.append(
            Stroke(
                id=_id(each, [s.id for s in strokes[-1:]]),
                size=_short(_number(each.get("size"), 1, 40) or 3, 1),
                colour=str(each.get("color")) if each.get("color") in COLOURS else "ink",
                pointer=_one_of(each.get("pointer"), _POINTERS),
                mode=_one_of(each.get("mode"), _MODES),
                removed_at=_ms(each.get("removed_at")),
                points=points,
            )
        )
    return strokes


def _placed(points: array[float], height: int) -> array[float]:
    """The points within the paper, in range and in time."""
    latest = 0.0
    for at in range(0, len(points), STRIDE):
        x, y, t, pressure, tilt_x, tilt_y = points[at : at + STRIDE]
        latest = max(latest, min(float(round(t)), MOST_MS))
        points[at : at + STRIDE] = array(
            "f",
            (
                round(min(max(x, 0), WIDTH), 1),
                round(min(max(y, 0), height), 1),
                latest,
                round(min(max(pressure, 0), 1), 3) if pressure == pressure else _NONE,
                round(min(max(tilt_x, -90), 90)) if tilt_x == tilt_x else _NONE,
                round(min(max(tilt_y, -90), 90)) if tilt_y == tilt_y else _NONE,
            ),
        )
    return points


def _read_words(found: object, height: int) -> list[Word]:
    words: list[Word] = []
    for each in _objects(found)[:MOST_WORDS]:
        x, y = _number(each.get("x"), 0, WIDTH), _number(each.get("y"), 0, height)
        text = _plain(each.get("text"))
        if x is None or y is None or not text:
            continue
        words.append(
            Word(
                id=_id(each, [w.id for w in words[-1:]]),
                text=text,
                x=_short(x, 1),
                y=_short(y, 1),
                t=_ms(each.get("t")) or 0,
                removed_at=_ms(each.get("removed_at")),
            )
        )
    return words


def _read_ops(found: object) -> list[dict[str, Any]]:
    """What was done besides drawing: undone, done again, cleared, rubbed out."""
    ops: list[dict[str, Any]] = []
    for each in _objects(found)[:MOST_OPS]:
        if each.get("op") not in _OPS:
            continue
        of = {key: each[key] for key in ("stroke", "word") if _is_id(each.get(key))}
        ops.append({"op": each["op"], **of, "t": _ms(each.get("t")) or 0})
    return ops


def _objects(found: object) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _one_of(value: object, known: Iterable[str]) -> str:
    return next((each for each in known if each == value), "")


def _is_id(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000


def _id(each: dict[str, Any], before: list[int]) -> int:
    """Its own number where that counts on, else the next one."""
    least = before[0] + 1 if before else 1
    own = each.get("id")
    return own if _is_id(own) and own >= least else least


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return float(min(max(value, low), high))


def _ms(value: object) -> int | None:
    number = _number(value, 0, MOST_MS)
    return None if number is None else round(number)


def _short(value: float, digits: int) -> float:
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _single(value: float) -> float:
    """The number, where a single-precision float can't hold it at the far end of what one can."""
    return min(max(value, -3e38), 3e38)


def _plain(value: object) -> str:
    """A word's text on one line, without characters that can't be seen or stored."""
    if not isinstance(value, str):
        return ""
    seen = "".join(c if c.isprintable() else " " for c in value[: MOST_LETTERS * 2])
    return " ".join(seen.split())[:MOST_LETTERS]


# --- thinning and writing --------------------------------------------------------------------------------------------


def _thin(strokes: list[Stroke]) -> bool:
    """Leaves out points that are near the one before, ever further, until few enough are left; whether any went."""
    apart, has_thinned = 0.5, False
    while sum(stroke.n for stroke in strokes) > MOST_POINTS:
        for stroke in strokes:
            stroke.points = _thinned(stroke.points, apart)
        apart, has_thinned = apart * 2, True
    return has_thinned


def _thinned(points: array[float], apart: float) -> array[float]:
    kept = points[:STRIDE]
    last = len(points) - STRIDE
    x, y = points[0], points[1]
    for at in range(STRIDE, len(points), STRIDE):
        if at == last or math.hypot(points[at] - x, points[at + 1] - y) >= apart:
            x, y = points[at], points[at + 1]
            kept.extend(points[at : at + STRIDE])
    return kept


def _stroke_text(stroke: Stroke) -> str:
    head = {"id": stroke.id, "tool": "pen", "size": stroke.size, "color": stroke.colour}
    head |= {"pointer": stroke.pointer} if stroke.pointer else {}
    head |= {"mode": stroke.mode} if stroke.mode else {}
    head |= {"removed_at": stroke.removed_at}
    points = stroke.points
    texts = (_point_text(points[at : at + STRIDE]) for at in range(0, len(points), STRIDE))
    return f'{_compact(head)[:-1]},"pts":[{",".join(texts)}]}}'


def _point_text(point: array[float]) -> str:
    x, y, t, *more = point
    values = [f"{x:.1f}".removesuffix(".0"), f"{y:.1f}".removesuffix(".0"), f"{t:.0f}"]
    values += ["null" if n != n else f"{n:.3f}".rstrip("0").rstrip(".") for n in more]
    while values[-1] == "null":
        values.pop()
    return f"[{','.join(values)}]"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
