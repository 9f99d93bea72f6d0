"""Simple drawings in a few strokes, for simulated people. Pure, and the same for the same numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imagery.drawings.strokes import read_strokes

Line = list[tuple[int, int]]

SIDE = 1000  # units: the paper is square
REACH = 60  # how far a drawing is moved about the paper, so that no two are quite alike


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing: which of the subjects, how far it is moved (units), and how fast it was drawn (ms a point)."""

    subject: int
    dx: int
    dy: int
    point_ms: int


def stroke_text(sketch: Sketch) -> str:
    """The timed strokes of a sketch as the product keeps them."""
    at = 0
    strokes = []
    for number, line in enumerate(SUBJECTS[sketch.subject % len(SUBJECTS)](), start=1):
        points = []
        for x, y in line:
            points.append([x + sketch.dx, y + sketch.dy, at])
            at += sketch.point_ms
        at += 6 * sketch.point_ms  # the way to the next line
        pen = {"id": number, "tool": "pen", "size": 8, "color": "ink", "pointer": "mouse", "mode": "free"}
        strokes.append(pen | {"pts": points})
    drawing = {"v": 1, "canvas": {"w": SIDE, "h": SIDE}, "strokes": strokes}
    return read_strokes(json.dumps(drawing)).text


def _bird() -> Iterator[Line]:
    yield _arc(500, 360, 130, 130, 180, 360)
    yield [(370, 360), (390, 560), (470, 780)]
    yield [(630, 360), (610, 560), (530, 780)]
    yield _arc(450, 380, 42, 42, 0, 360)
    yield _arc(550, 380, 42, 42, 0, 360)
    yield [(460, 470), (500, 485), (540, 470)]
    yield [(250, 800), (750, 780)]


def _round() -> Iterator[Line]:
    yield _arc(500, 500, 230, 260, 0, 360)
    yield _arc(430, 440, 50, 50, 0, 360)
    yield _arc(570, 440, 50, 50, 0, 360)


def _room() -> Iterator[Line]:
    yield [(200, 250), (800, 250), (800, 750), (200, 750), (200, 250)]
    yield [(430, 320), (570, 320), (570, 480), (430, 480), (430, 320)]
    yield [(250, 600), (750, 600)]
    yield [(300, 600), (300, 740)]
    yield [(700, 600), (700, 740)]


def _shore() -> Iterator[Line]:
    yield [(120, 380), (880, 380)]
    yield [(150, 620), (320, 560), (520, 590), (700, 680), (860, 700)]
    yield _arc(300, 700, 40, 24, 0, 360)
    yield _arc(380, 740, 30, 18, 0, 360)
    yield [(640, 300), (670, 280), (700, 300), (730, 280), (760, 300)]


def _little() -> Iterator[Line]:
    yield _arc(500, 520, 90, 90, 0, 360)


SUBJECTS: tuple[Callable[[], Iterator[Line]], ...] = (_bird, _round, _room, _shore, _little)


def _arc(x: int, y: int, across: int, down: int, begin: int, end: int) -> Line:
    """Points every 20 degrees, clockwise from the right."""
    turns = (math.radians(turn) for turn in range(begin, end + 1, 20))
    return [(round(x + across * math.cos(turn)), round(y + down * math.sin(turn))) for turn in turns]
