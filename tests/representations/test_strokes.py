from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imagery.drawings.pictures import render
from imagery.drawings.strokes import read_strokes
from rehearsal.sketches import SUBJECTS, Sketch, stroke_text
from representations.errors import RepresentationError
from representations.strokes import MOST_BYTES, ink_of_picture, ink_of_strokes, read_drawing
from tests.representations.figures import strokes

pytestmark = pytest.mark.once


def png(image: Image.Image, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    image.save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize("subject", range(len(SUBJECTS)))
def test_the_products_strokes_and_its_picture_of_them_give_the_same_ink(subject: int) -> None:
    text = stroke_text(Sketch(subject, 15, -20, 9))
    drawn, seen = read_drawing(text.encode()), read_drawing(render(read_strokes(text)).png)
    assert drawn.shape == seen.shape == (96, 96)
    assert np.corrcoef(drawn.ravel(), seen.ravel())[0, 1] > 0.96
    assert drawn.min() == 0
    assert drawn.max() > 0.7


def test_lines_that_were_taken_off_are_left_out_and_a_blank_paper_is_all_zeros() -> None:
    lines = [(100, 100), (900, 100)], [(100, 900), (900, 900)]
    both = ink_of_strokes(strokes(*lines))
    one = ink_of_strokes(strokes(*lines, removed=(2,)))
    assert both[80:].sum() > 10
    assert one[80:].sum() == 0
    assert np.array_equal(both[:80], one[:80])
    assert not ink_of_strokes(strokes(*lines, removed=(1, 2))).any()
    assert not ink_of_strokes(strokes()).any()


def test_a_low_paper_stands_in_the_middle_of_the_square() -> None:
    ink = ink_of_strokes(strokes([(100, 375), (900, 375)], height=750), side=100)
    assert np.average(np.arange(100), weights=ink.sum(axis=1)) == pytest.approx(49.5, abs=0.3)
    image = Image.new("RGB", (200, 150), "#E9E4D8")
    image.paste("#1D2A30", (20, 70, 180, 80))
    seen = ink_of_picture(png(image), side=100)
    assert np.average(np.arange(100), weights=seen.sum(axis=1)) == pytest.approx(49.5, abs=0.3)


def test_ink_counts_whatever_its_colour_and_paper_grain_does_not() -> None:
    for colour in ("#1D2A30", "#D9A400", "#0067A5", "#B5301F"):
        image = Image.new("RGB", (96, 96), "#E9E4D8")
        image.paste(colour, (40, 40, 56, 56))
        assert read_drawing(png(image))[48, 48] > 0.6
        assert read_drawing(png(image))[5, 5] == 0
    grain = np.random.default_rng(0).integers(225, 236, (96, 96, 3)).astype(np.uint8)
    assert not read_drawing(png(Image.fromarray(grain))).any()


def test_transparent_grey_and_compressed_pictures_are_read() -> None:
    clear = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (30, 30, 50, 50))
    assert read_drawing(png(clear), side=80)[40, 40] == 1
    grey = Image.new("L", (80, 80), 255)
    grey.paste(0, (30, 30, 50, 50))
    assert np.array_equal(read_drawing(png(grey), side=80), read_drawing(png(clear), side=80))
    assert read_drawing(png(grey.convert("RGB"), "JPEG"), side=80)[40, 40] > 0.95


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "version 2 was found"),
        ({"canvas": {"w": 10, "h": 10}}, "canvas"),
        ({"strokes": None}, "no list of strokes"),
        ({"strokes": [3]}, "stroke 1: 3"),
        ({"strokes": [{"pts": 3}]}, "stroke 1: 3 was found"),
        ({"strokes": [{"pts": [[1]]}]}, "stroke 1: a point"),
        ({"strokes": [{"pts": []}, {"pts": [[1, "2"]]}]}, "stroke 2: a point"),
        ({"strokes": [{"pts": [[1, True]]}]}, "stroke 1: a point"),
        ({"strokes": [{"size": -1, "pts": []}]}, "stroke 1: size -1"),
    ],
)
def test_strokes_that_can_not_be_read_are_named(change: dict[str, Any], says: str) -> None:
    drawing = json.loads(strokes([(0, 0), (9, 9)])) | change
    with pytest.raises(RepresentationError, match=f"Drawing 7.*{says}"):
        ink_of_strokes(json.dumps(drawing), name="Drawing 7")


def test_numbers_beyond_all_bounds_stay_on_the_paper() -> None:
    wild = '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[{"pts":[[1e999,-1e999],[' + "9" * 400 + ",0]]}]}"
    assert ink_of_strokes(wild)[0, -1] > 0
    with pytest.raises(RepresentationError, match="NaN is no number"):
        ink_of_strokes('{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[{"pts":[[NaN,0]]}]}')


def test_what_is_no_drawing_is_named() -> None:
    with pytest.raises(RepresentationError, match="no JSON"):
        read_drawing(b"{not json")
    with pytest.raises(RepresentationError, match="version 'list'"):
        ink_of_strokes("[]")
    whole = png(Image.effect_noise((200, 200), 80))
    for content in (b"", b"GIF89a", whole[: len(whole) // 2]):
        with pytest.raises(RepresentationError, match="PNG, JPEG or WebP"):
            read_drawing(content)
    with pytest.raises(RepresentationError, match="at most"):
        read_drawing(b"\x89PNG" + b"0" * MOST_BYTES)
    with pytest.raises(RepresentationError, match="at most 12 million"):
        read_drawing(png(Image.new("1", (3500, 3500))))
    with pytest.raises(RepresentationError, match="at least 64"):
        read_drawing(b"{}", side=32)
