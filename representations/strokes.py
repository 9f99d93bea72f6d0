"""Drawings as pictures of grey: from the strokes that the product keeps, or from a picture file.

Both come out square, (side, side), 0 for bare paper to 1 for ink, whatever the pen's colour. Pillow is known in this
module alone.
"""

from __future__ import annotations

import io
import json
import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from representations.errors import RepresentationError
from representations.polar import LEAST_SIDE

Floats: TypeAlias = npt.NDArray[np.float64]

SIDE = 96  # px
MOST_BYTES = 20_000_000
MOST_PIXELS = 12_000_000
_UNITS = 1000  # the longer side of the product's paper
_HEIGHTS = (1000, 750)
_FINER = 4  # drawn this much larger, so that edges are smooth
_TEXTURE = 0.06  # difference from the paper that is paper still: grain, compression
_KINDS = ("PNG", "JPEG", "WEBP")


def read_drawing(content: bytes, *, side: int = SIDE, name: str = "The drawing") -> Floats:
    """The drawing as a square picture of grey: (side, side), 0 bare to 1 ink; all zeros where it is blank.

    Args:
        content: a file's bytes: strokes as JSON (version 1), or a PNG, JPEG or WebP picture.
        side: px, at least 64.
        name: how faults name it.

    Raises:
        RepresentationError: it is none of these, too large, or broken.
    """
    if side < LEAST_SIDE:
        raise RepresentationError(f"A side of {side} px was found. Expected: at least {LEAST_SIDE}.")
    if len(content) > MOST_BYTES:
        raise RepresentationError(f"{name}: {len(content)} bytes were found. Expected: at most {MOST_BYTES}.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return ink_of_strokes(content.decode("utf-8-sig", "replace"), side=side, name=name)
    return ink_of_picture(content, side=side, name=name)


def ink_of_strokes(text: str, *, side: int = SIDE, name: str = "The drawing") -> Floats:
    """The lines that are on the paper at the end, as (side, side): 0 bare to 1 ink.

    Lines that were rubbed out, undone or cleared are left out, and so are words. A paper of 4:3 stands in the middle of
    the square. A pen's pressure is not drawn: it differs between devices.

    Args:
        text: strokes as JSON, version 1: `canvas` (w 1000, h 1000 or 750), `strokes` with `size`, `removed_at`, `pts`.
        side: px, at least 64.
        name: how faults name it.

    Raises:
        RepresentationError: it is no such JSON; the message names the line of the drawing that is at fault.
    """
    try:
        drawing = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as fault:
        raise RepresentationError(f"{name}: no JSON was found ({fault}). Expected: strokes of version 1.") from fault
    if not isinstance(drawing, dict) or drawing.get("v") != 1:
        found = drawing.get("v") if isinstance(drawing, dict) else type(drawing).__name__
        raise RepresentationError(f"{name}: version {found!r} was found. Expected: strokes of version 1.")
    canvas = drawing.get("canvas")
    if not isinstance(canvas, dict) or canvas.get("w") != _UNITS or canvas.get("h") not in _HEIGHTS:
        raise RepresentationError(f"{name}: a canvas of {canvas!r} was found. Expected: w 1000 and h 1000 or 750.")
    strokes = drawing.get("strokes")
    if not isinstance(strokes, list):
        raise RepresentationError(f"{name}: no list of strokes was found. Expected: `strokes`, empty where none.")
    share = side * _FINER / _UNITS
    below = (_UNITS - canvas["h"]) / 2
    paper = Image.new("L", (side * _FINER, side * _FINER), 0)
    brush = ImageDraw.Draw(paper)
    for number, stroke in enumerate(strokes, start=1):
        if not isinstance(stroke, dict):
            raise RepresentationError(f"{name}, stroke {number}: {stroke!r:.40} was found. Expected: an object.")
        if stroke.get("removed_at") is None:
            points = _points(stroke.get("pts"), f"{name}, stroke {number}")
            size = stroke.get("size", 3)
            if isinstance(size, bool) or not isinstance(size, int | float) or not 0 < size <= _UNITS:
                raise RepresentationError(f"{name}, stroke {number}: size {size!r} was found. Expected: 1 to 40.")
            _draw(brush, [(x * share, (y + below) * share) for x, y in points], max(size * share, 1.0))
    return np.asarray(paper.reduce(_FINER), dtype=np.float64) / 255


def _points(found: Any, where: str) -> list[tuple[float, float]]:
    if not isinstance(found, list):
        raise RepresentationError(f"{where}: {found!r:.40} was found. Expected: `pts`, a list of points.")
    points = []
    for point in found:
        pair = [_unit(value) for value in point[:2]] if isinstance(point, list) else []
        if len(pair) < 2 or any(map(math.isnan, pair)):
            raise RepresentationError(f"{where}: a point {point!r:.40} was found. Expected: [x, y, …], numbers.")
        points.append((pair[0], pair[1]))
    return points


def _unit(value: Any) -> float:
    """A place on the paper, brought to its edge from beyond it; NaN where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(min(max(value, 0), _UNITS)) if value == value else math.nan


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _draw(brush: ImageDraw.ImageDraw, points: list[tuple[float, float]], wide: float) -> None:
    if len(points) > 1:
        brush.line(points, fill=255, width=max(round(wide), 1))
    radius = wide / 2
    for x, y in points:
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def ink_of_picture(content: bytes, *, side: int = SIDE, name: str = "The picture") -> Floats:
    """What stands out from the paper of a picture file, as (side, side): 0 bare to 1 ink.

    The paper's colour is the median along the edge. Ink is the difference from it in the channel where it is largest,
    as a share of the largest that this paper allows; what is within 6 % of the paper is paper. A picture that is not
    square stands in the middle of one. In a photograph "ink" is thus whatever differs from its edge.

    Args:
        content: the bytes of a PNG, JPEG or WebP file of at most 12 million pixels.
        side: px, at least 64.
        name: how faults name it.

    Raises:
        RepresentationError: it is no such file, or broken.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_KINDS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            upright = ImageOps.exif_transpose(image)
            flat = _on_white(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise RepresentationError(
            f"{name}: too many pixels were found. Expected: at most {MOST_PIXELS // 10**6} million."
        ) from fault
    except Exception as fault:  # whatever a decoder stumbles over, the file is at fault
        raise RepresentationError(
            f"{name}: no picture was found that can be read ({type(fault).__name__}). Expected: PNG, JPEG or WebP."
        ) from fault
    colours = np.asarray(flat, dtype=np.float64)
    edge = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    paper = np.median(edge, axis=0)
    most = np.maximum(paper, 255 - paper)
    ink = (np.abs(colours - paper) / most).max(axis=2)
    ink = np.where(ink < _TEXTURE, 0.0, ink)
    return _squared(ink, side)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    return image.convert("RGB")


def _squared(ink: Floats, side: int) -> Floats:
    longest = max(ink.shape)
    square = np.zeros((longest, longest), dtype=np.float32)
    top, left = (longest - ink.shape[0]) // 2, (longest - ink.shape[1]) // 2
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    small = Image.fromarray(square).resize((side, side), Image.Resampling.BOX)
    return np.clip(np.asarray(small, dtype=np.float64), 0.0, 1.0)
