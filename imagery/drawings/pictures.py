"""Pictures: drawn from strokes, or decoded from what was uploaded, and always written afresh as PNG."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO, Literal

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from imagery.drawings.strokes import COLOURS, STRIDE, WIDTH, Stroke, Strokes

MOST_BYTES = 8 * 1024 * 1024
MOST_SIDE = 4096  # px
# What decoding may take, by kind: a WebP is held several times over while it is decoded.
MOST_PIXELS = {"JPEG": 12_600_000, "PNG": 8_900_000, "WEBP": 3_000_000}
LONGEST_KEPT = 2000  # px
THUMBNAIL = 250  # px
PAPER = "#E9E4D8"

Refusal = Literal["too_big", "no_picture", "too_wide", "broken"]

_MOST_WAITING_BYTES = 40_000_000  # what a JPEG that comes in several scans keeps of all of them
_MOST_SCANS = 64  # a photograph has one, or about ten
_HALVED_FROM = 5_000_000  # pixels
_STRIP = 64  # rows
_FINER = 2  # drawn this much larger, so that edges are smooth
_WORD_PX = 26
_FEWEST_BYTES = 24
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own guards, behind ours. Set for the process: a guard that a thread sets for itself is not one.
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PictureRefused(ValueError):
    """What was uploaded is not kept: more than may be sent, no picture of a known kind, too many pixels, or broken."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and its thumbnail. `ink_fraction` is the share of the surface under lines, 0 to 1; None if uploaded."""

    png: bytes
    thumbnail: bytes
    width: int
    height: int
    ink_fraction: float | None = None


# --- drawn -----------------------------------------------------------------------------------------------------------


def render(drawing: Strokes) -> Picture:
    """The lines and words that are on the paper, 1000 × 1000 or 1000 × 750 px: same strokes, same bytes.

    Words are no ink.
    """
    paper = Image.new("RGB", (WIDTH * _FINER, drawing.height * _FINER), PAPER)
    brush = ImageDraw.Draw(paper)
    for stroke in drawing.shown:
        _draw(brush, stroke)
    # Nothing is blended yet, so the colours are the paper's and the pens'.
    counts = {colour: n for n, colour in paper.getcolors(len(COLOURS) + 1) or ()}
    bare = counts.get(_rgb(PAPER), 0)
    ink_fraction = round(1 - bare / (paper.width * paper.height), 6)
    picture = paper.reduce(_FINER)
    writer = ImageDraw.Draw(picture)
    font = ImageFont.load_default(_WORD_PX)
    for word in drawing.words_shown:
        writer.text((word.x, word.y), word.text, fill=COLOURS["ink"], font=font, anchor="lm")
    return _written(picture, ink_fraction)


def _draw(brush: ImageDraw.ImageDraw, stroke: Stroke) -> None:
    points, colour = stroke.points, COLOURS[stroke.colour]
    before: tuple[float, float] | None = None
    for at in range(0, len(points), STRIDE):
        here = (points[at] * _FINER, points[at + 1] * _FINER)
        pressure = points[at + 3]
        share = 0.6 + 0.8 * pressure if stroke.pointer == "pen" and pressure == pressure else 1
        wide = stroke.size * share * _FINER
        if before is not None:
            brush.line([before, here], fill=colour, width=max(round(wide), 1))
        radius = wide / 2
        brush.ellipse((here[0] - radius, here[1] - radius, here[0] + radius, here[1] + radius), fill=colour)
        before = here


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# --- uploaded --------------------------------------------------------------------------------------------------------


def read_upload(file: IO[bytes]) -> Picture:
    """An uploaded PNG, JPEG or WebP, the right way up, at most 2000 px a side, with nothing in it but its pixels.

    Of a moving picture the first one; what shines through is laid on white.

    Raises:
        PictureRefused: Nothing of it may be kept.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise PictureRefused("too_big")
    kind = _kind(file.read(_FEWEST_BYTES))
    file.seek(0)
    if kind is None:
        raise PictureRefused("no_picture")
    if (kind == "PNG" and not _has_end(file)) or (kind == "JPEG" and _scans(file) > _MOST_SCANS):
        raise PictureRefused("broken")
    try:
        image: Image.Image = Image.open(file, formats=[kind])
        _check_size(image, kind)
        image, turn = _decoded(image)  # the whole of it is let go of here
        picture = _smaller(image)
        picture = picture.transpose(turn) if turn is not None else picture
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise PictureRefused("too_wide") from problem
    except Exception as problem:  # whatever a decoder stumbles over, the picture is at fault
        raise PictureRefused("broken") from problem
    return _written(picture)


def _kind(head: bytes) -> str | None:
    if len(head) < _FEWEST_BYTES:
        return None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _has_end(file: IO[bytes]) -> bool:
    """Whether a PNG's last chunk is there; the decoder would do without it."""
    at = len(b"\x89PNG\r\n\x1a\n")
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            file.seek(0)
            return len(head) == 8
        at += 12 + int.from_bytes(head[:4], "big")


def _scans(file: IO[bytes]) -> int:
    """How often a JPEG begins to go over its pixels: a small file can do so for minutes."""
    count, last = 0, b""
    while piece := file.read(1 << 16):
        count += (last + piece).count(b"\xff\xda")
        last = piece[-1:]
    file.seek(0)
    return count


def _check_size(image: Image.Image, kind: str) -> None:
    """Holds the size that the picture declares against the limits, before a pixel of it is decoded."""
    pixels = image.width * image.height
    if max(image.size) > MOST_SIDE or pixels > MOST_PIXELS[kind]:
        raise PictureRefused("too_wide")
    layers = getattr(image, "layer", ())  # of a JPEG: (id, samples across, samples down, table)
    if layers:
        most = max(layer[1] for layer in layers) * max(layer[2] for layer in layers)
        if 2 * pixels * sum(layer[1] * layer[2] / most for layer in layers) > _MOST_WAITING_BYTES:
            raise PictureRefused("too_wide")


def _decoded(image: Image.Image) -> tuple[Image.Image, Image.Transpose | None]:
    """The picture in plain colour, halved if it is large; and how it has to be turned."""
    if image.width * image.height > _HALVED_FROM:
        image.draft("RGB", (image.width // 2, image.height // 2))  # a JPEG can be decoded at half its size
    image.load()
    turn = _turn(image)  # not before: asked for its notes, a PNG is decoded, and what fails then is not told
    return _plain(image, 2 if image.width * image.height > _HALVED_FROM else 1), turn


def _smaller(image: Image.Image) -> Image.Image:
    if max(image.size) <= LONGEST_KEPT:
        return image
    return image.resize(_within(image.size, LONGEST_KEPT), Image.Resampling.LANCZOS)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # notes that can't be read are no reason to refuse the picture
        return None


def _plain(image: Image.Image, part: int) -> Image.Image:
    """The picture in plain colour, `part` times smaller; in strips, since the whole would be there twice or more."""
    if image.mode == "RGB" and part == 1 and "transparency" not in image.info:
        return image
    whole = Image.new("RGB", (-(-image.width // part), -(-image.height // part)))
    for top in range(0, image.height, _STRIP):
        strip = _flattened(image.crop((0, top, image.width, min(top + _STRIP, image.height))))
        whole.paste(strip.reduce(part) if part > 1 else strip, (0, top // part))
    return whole


def _flattened(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    return image.convert("RGB")


def _written(picture: Image.Image, ink_fraction: float | None = None) -> Picture:
    picture.info.clear()  # a profile, notes or a place that would go along
    small = picture.resize(_within(picture.size, THUMBNAIL), Image.Resampling.BOX)
    return Picture(_png(picture), _png(small), picture.width, picture.height, ink_fraction)


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size, brought down to `longest` at its longer side and never to nothing at the other."""
    share = min(longest / max(size), 1)
    return max(round(size[0] * share), 1), max(round(size[1] * share), 1)


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, format="PNG", compress_level=6)
    return target.getvalue()
