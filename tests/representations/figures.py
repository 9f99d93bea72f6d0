"""Pictures for the tests of turning: smooth ones, and ones with a known symmetry."""

from __future__ import annotations

import json

import numpy as np

from representations.polar import Floats


def plane(side: int) -> tuple[Floats, Floats]:
    """Radius (1 at the edge) and angle (counter-clockwise from the right) of each pixel."""
    rows, columns = np.indices((side, side), dtype=np.float64)
    right, up = (columns - (side - 1) / 2) / (side / 2), -(rows - (side - 1) / 2) / (side / 2)
    return np.hypot(right, up), np.arctan2(up, right)


def blobs(side: int = 64, seed: int = 0, wide: float = 0.1) -> Floats:
    """Five smooth spots without any symmetry."""
    generator = np.random.default_rng(seed)
    radius, angle = plane(side)
    right, up = radius * np.cos(angle), radius * np.sin(angle)
    ink = np.zeros((side, side))
    for x, y in generator.uniform(-0.5, 0.5, (5, 2)):
        ink += np.exp(-((right - x) ** 2 + (up - y) ** 2) / (2 * wide**2))
    return np.asarray(ink / ink.max())


def petals(fold: int, side: int = 64, handed: float = 0.0) -> Floats:
    """A flower with so many petals; 0 is a ring. With `handed` its petals are swept, and it has no mirror line."""
    radius, angle = plane(side)
    edge = 0.25 * np.cos(fold * (angle - handed * radius)) if fold else 0.0
    return np.asarray(np.exp(-(((radius - 0.5 - edge) / 0.12) ** 2)) * (radius < 1))


def strokes(*lines: list[tuple[float, float]], height: int = 1000, removed: tuple[int, ...] = ()) -> str:
    """Lines as the product keeps a drawing."""
    return json.dumps(
        {
            "v": 1,
            "canvas": {"w": 1000, "h": height},
            "strokes": [
                {
                    "id": n,
                    "size": 8,
                    "color": "ink",
                    "removed_at": 90 if n in removed else None,
                    "pts": [[x, y, 7 * at] for at, (x, y) in enumerate(line)],
                }
                for n, line in enumerate(lines, start=1)
            ],
        }
    )
