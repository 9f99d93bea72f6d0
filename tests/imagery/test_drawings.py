"""Strokes and pictures: what comes in is brought into one form or refused; the same strokes are the same picture."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imagery.drawings.pictures import LONGEST_KEPT, PAPER, PictureRefused, read_upload, render
from imagery.drawings.strokes import (
    MOST_BYTES,
    MOST_LETTERS,
    MOST_MS,
    MOST_POINTS,
    MOST_STROKES,
    StrokesFault,
    read_strokes,
)
from tests.imagery.easel import line, picture, strokes


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png), formats=["PNG"])
    image.load()
    return image


def uploaded(content: bytes) -> Image.Image:
    return opened(read_upload(io.BytesIO(content)).png)


def colour(image: Image.Image, x: int, y: int) -> Any:
    return image.getpixel((x, y))


# --- strokes ---------------------------------------------------------------------------------------------------------


def test_a_drawing_is_read_with_its_points_words_and_acts() -> None:
    drawing = read_strokes(
        strokes(
            line((10, 20, 0, 0.5, 12, -3), (30.25, 40, 16, None), color="brown", pointer="pen"),
            words=[{"id": 7, "text": "grey like bark", "x": 620, "y": 300, "t": 410}],
            ops=[{"op": "undo", "stroke": 3, "t": 20}],
            task="memory",
            t0_utc="2026-11-24T19:42:03.120Z",
            canvas={"w": 1000, "h": 750, "css_w": 924, "css_h": 620, "dpr": 2},
        )
    )
    (stroke,) = drawing.strokes
    assert list(stroke.points[:6]) == [10, 20, 0, 0.5, 12, -3]
    assert [math.isnan(n) for n in stroke.points[9:]] == [True, True, True]
    assert (stroke.colour, stroke.pointer, stroke.size) == ("brown", "pen", 8)
    assert [(w.text, w.x, w.y) for w in drawing.words] == [("grey like bark", 620, 300)]
    assert json.loads(drawing.text) == {
        "v": 1,
        "task": "memory",
        "canvas": {"w": 1000, "h": 750, "css_w": 924, "css_h": 620, "dpr": 2},
        "t0_utc": "2026-11-24T19:42:03.120Z",
        "strokes": [
            {
                "id": 1,
                "tool": "pen",
                "size": 8,
                "color": "brown",
                "pointer": "pen",
                "mode": "free",
                "removed_at": None,
                "pts": [[10, 20, 0, 0.5, 12, -3], [30.2, 40, 16]],
            }
        ],
        "words": [{"id": 7, "text": "grey like bark", "x": 620, "y": 300, "t": 410, "removed_at": None}],
        "ops": [{"op": "undo", "stroke": 3, "t": 20}],
    }


_numbers = st.one_of(
    st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False, width=32), st.just(1e300)
)
_points = st.lists(st.tuples(_numbers, _numbers, _numbers, st.one_of(st.none(), _numbers)), max_size=5)


@given(st.lists(_points, max_size=4), st.sampled_from([1000, 750]), st.text(max_size=50))
@settings(max_examples=100, deadline=None)
def test_whatever_numbers_come_reading_what_was_written_changes_nothing_more(
    lines: list[Any], height: int, word: str
) -> None:
    sent = strokes(
        *({"size": 3, "pts": points} for points in lines),
        height=height,
        words=[{"id": 1, "text": word, "x": 1, "y": 2, "t": 3}],
    )
    drawing = read_strokes(sent)
    assert read_strokes(drawing.text).text == drawing.text
    drawing.text.encode()  # nothing in it that can't be stored
    for stroke in drawing.strokes:
        for at in range(0, len(stroke.points), 6):
            x, y, t = stroke.points[at : at + 3]
            assert 0 <= x <= 1000
            assert 0 <= y <= height
            assert 0 <= t <= MOST_MS
        times = stroke.points[2::6]
        assert sorted(times) == list(times)


def test_places_beyond_the_paper_are_moved_to_its_edge_and_times_run_forward() -> None:
    drawing = read_strokes(strokes(line((-5, 1e9, 50, 7), (1e30, -1e30, 20, -1)), height=750))
    assert json.loads(drawing.text)["strokes"][0]["pts"] == [[0, 750, 50, 1], [1000, 0, 50, 0]]


def test_what_is_unknown_is_left_out_and_what_is_of_another_kind_too() -> None:
    drawing = read_strokes(
        strokes(
            line(color="octarine", pointer="elbow", size="huge", secret="x"),
            {"size": 3, "pts": []},
            words=["no word", {"text": 3, "x": 1, "y": 1}, {"text": "\x00\ud800 \n", "x": 1, "y": 1}],
            ops=[{"op": "explode", "t": 1}, {"op": "clear", "t": "late"}, 5],
            t0_utc="yesterday",
            colour_of_the_screen="green",
        )
    )
    again = json.loads(drawing.text)
    assert [set(stroke) for stroke in again["strokes"]] == [
        {"id", "tool", "size", "color", "mode", "removed_at", "pts"}
    ]
    assert (again["strokes"][0]["color"], again["strokes"][0]["size"]) == ("ink", 3)
    assert again["words"] == []
    assert again["ops"] == [{"op": "clear", "t": 0}]
    assert set(again) == {"v", "canvas", "strokes", "words", "ops"}


def test_a_words_text_is_one_line_of_a_bounded_length() -> None:
    words = [{"id": 1, "text": "  two \n words\t" + "x" * 1000, "x": 1, "y": 1, "t": 0}]
    (word,) = read_strokes(strokes(words=words)).words
    assert word.text.startswith("two words x")
    assert len(word.text) == MOST_LETTERS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "<svg/>",
        '{"v":1}',
        '{"v":2,"canvas":{"w":1000,"h":1000},"strokes":[]}',
        '{"v":1,"canvas":{"w":1000,"h":65535},"strokes":[]}',
        '{"v":1,"canvas":{"w":NaN,"h":1000},"strokes":[]}',
        strokes(line()).replace("100, 100, 0", "NaN, 100, 0"),
        strokes(line()).replace("100, 100, 0", "Infinity, 100, 0"),
        strokes(line()).replace("100, 100, 0", '"100", 100, 0'),
        strokes(line()).replace("100, 100, 0", "null, 100, 0"),
        strokes(line()).replace("100, 100, 0", "100, 100"),
        strokes(line()).replace("100, 100, 0", "1,2,3,4,5,6,7"),
        strokes(line()).replace("100, 100, 0", "[100], 100, 0"),
        strokes(line()).replace("100, 100, 0", f"{'9' * 400}, 100, 0"),
        strokes(line(), words=[{"x": math.nan}]),
        strokes(line()).replace('"pts": [', '"pts": 0, "was": ['),
        strokes(line()).replace('"pts"', '"\\u0070ts"'),
        strokes(line(), line()).replace('"pts"', '"\\u0070ts": 0, "x"', 1),
        strokes(line())[:-30],
        strokes(words="[" * 100_000),
        '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":' + "[" * 20_000,
        '{"v":1,"canvas":{"w":1000,"h":1000},"ops":[' + "{}," * 100_000 + "{}]}",
        '{"v":1,"canvas":{"w":1000,"h":1000},"strokes":[' + '{"pts":[[1,1,1]]},' * MOST_STROKES + '{"pts":[[1,1,1]]}]}',
        " " * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_drawing_is_refused(text: str) -> None:
    with pytest.raises(StrokesFault):
        read_strokes(text)


def test_a_list_of_points_can_be_named_once_alone() -> None:
    text = strokes(line()).replace('"strokes": [', '"strokes": [{"id": 1, "\\u0070ts": 0},')
    with pytest.raises(StrokesFault):
        read_strokes(text)


def test_points_beyond_the_limit_are_thinned_by_distance_and_the_drawing_says_so() -> None:
    # A line to and fro in steps of a tenth of a unit.
    points = ",".join(f"[{i % 9},{i % 7},{i}]" for i in range(MOST_POINTS + 60_000))
    text = f'{{"v":1,"canvas":{{"w":1000,"h":1000}},"strokes":[{{"size":3,"pts":[{points}]}}]}}'
    assert len(text) < MOST_BYTES
    drawing = read_strokes(text)
    assert drawing.thinned
    assert 2 <= drawing.strokes[0].n <= MOST_POINTS
    assert drawing.strokes[0].points[2] == 0
    assert drawing.strokes[0].points[-4] == MOST_POINTS + 59_999, "the last point stays"
    assert '"thinned":true' in drawing.text


def test_a_drawing_of_the_most_points_is_kept_whole() -> None:
    points = ",".join(f"[{i % 999},5,{i}]" for i in range(MOST_POINTS))
    drawing = read_strokes(f'{{"v":1,"canvas":{{"w":1000,"h":1000}},"strokes":[{{"size":3,"pts":[{points}]}}]}}')
    assert (drawing.thinned, drawing.strokes[0].n) == (False, MOST_POINTS)


def test_a_line_taken_off_is_kept_but_counts_neither_as_a_line_nor_as_ink() -> None:
    whole = read_strokes(strokes(line(), line((800, 800, 300), (900, 900, 1_200))))
    rubbed = read_strokes(strokes(line(), line((800, 800, 300), (900, 900, 1_200), removed_at=1_500)))
    assert (len(whole.shown), len(rubbed.shown), len(rubbed.strokes)) == (2, 1, 2)
    alone = render(read_strokes(strokes(line())))
    assert render(rubbed) == alone
    assert (render(whole).ink_fraction or 0) > (alone.ink_fraction or 0)
    assert rubbed.duration_s == 1.2, "the time it took to draw it was spent"


def test_an_empty_paper_is_blank_and_has_no_duration() -> None:
    drawing = read_strokes(strokes(line(removed_at=5), blank=True))
    assert (drawing.is_empty, drawing.blank) == (True, True)
    assert read_strokes(strokes()).duration_s is None
    assert read_strokes(strokes(line(), blank=True)).blank is False


# --- pictures of strokes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [1000, 750])
def test_a_picture_has_the_papers_size_colour_and_lines(height: int) -> None:
    made = render(read_strokes(strokes(line((100, 100, 0), (900, 100, 50), color="blue"), height=height)))
    image = opened(made.png)
    assert (made.width, made.height) == image.size == (1000, height)
    assert image.mode == "RGB"
    assert "#{:02X}{:02X}{:02X}".format(*colour(image, 500, 300)) == PAPER
    assert colour(image, 500, 100) == (0x00, 0x67, 0xA5)
    assert max(opened(made.thumbnail).size) == 250


def test_ink_is_the_share_of_the_surface_that_lines_cover() -> None:
    made = render(read_strokes(strokes(line((0, 500, 0), (1000, 500, 9), size=10))))
    assert made.ink_fraction == pytest.approx(10 / 1000, rel=0.15)
    assert render(read_strokes(strokes())).ink_fraction == 0


def test_the_same_strokes_are_the_same_bytes() -> None:
    text = strokes(line(pointer="pen"), words=[{"id": 2, "text": "Bark, grün", "x": 30, "y": 40, "t": 1}])
    assert render(read_strokes(text)) == render(read_strokes(read_strokes(text).text))


def test_pressure_makes_a_line_thicker_for_a_pen_alone() -> None:
    def ink(pointer: str, pressure: float) -> float:
        made = render(read_strokes(strokes(line((100, 100, 0, pressure), (900, 100, 9, pressure), pointer=pointer))))
        return made.ink_fraction or 0

    assert ink("pen", 1) > 1.8 * ink("pen", 0.05)
    assert ink("mouse", 1) == ink("mouse", 0.05)


def test_a_word_is_seen_and_is_no_ink() -> None:
    drawing = read_strokes(strokes(words=[{"id": 1, "text": "MMMM", "x": 100, "y": 100, "t": 0}]))
    made = render(drawing)
    box = opened(made.png).crop((100, 80, 200, 120))
    assert len(box.getcolors(10_000) or ()) > 2
    assert made.ink_fraction == 0
    assert drawing.is_empty is False


# --- uploads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("JPEG", "CMYK")])
def test_a_picture_is_written_afresh_as_png(kind: str, mode: str) -> None:
    image = uploaded(picture(80, 60, kind, mode))
    assert (image.size, image.mode) == ((80, 60), "RGB")
    left, right = colour(image, 10, 30), colour(image, 70, 30)
    assert max(left) < 60
    assert min(right) > 200


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "I;16"])
def test_every_kind_of_pixel_becomes_plain_colour(mode: str) -> None:
    source = Image.linear_gradient("L")
    made = source.convert("I").point(lambda v: v * 256).convert(mode) if mode == "I;16" else source.convert(mode)
    target = io.BytesIO()
    made.save(target, format="PNG")
    image = uploaded(target.getvalue())
    assert (image.size, image.mode) == ((256, 256), "RGB")
    assert max(colour(image, 128, 2)) < 30
    assert min(colour(image, 128, 253)) > 220


def test_what_shines_through_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    target = io.BytesIO()
    clear.save(target, format="PNG")
    assert colour(uploaded(target.getvalue()), 10, 10) == (255, 255, 255)


def test_a_photograph_is_turned_the_right_way_up_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = "taken at home"
    image = uploaded(picture(60, 40, "JPEG", exif=exif, comment=b"a secret place"))
    assert image.size == (40, 60)
    assert (max(colour(image, 20, 5)) < 60, min(colour(image, 20, 55)) > 200) == (True, True)


def test_nothing_of_an_upload_but_its_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    content = picture(60, 40, "JPEG", exif=exif, comment=b"SECRET", icc_profile=b"SECRET" * 50) + b"<b>SECRET</b>"
    made = read_upload(io.BytesIO(content))
    assert b"SECRET" not in made.png + made.thumbnail
    assert opened(made.png).info == {}


def test_a_large_picture_is_brought_down_and_a_narrow_one_does_not_vanish() -> None:
    assert uploaded(picture(3000, 1500)).size == (LONGEST_KEPT, 1000)
    assert max(uploaded(picture(4000, 3000, "JPEG")).size) <= LONGEST_KEPT
    made = read_upload(io.BytesIO(picture(4000, 1)))
    assert (made.width, made.height) == (LONGEST_KEPT, 1)


def test_of_a_moving_picture_the_first_is_kept() -> None:
    target = io.BytesIO()
    first, second = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue")
    first.save(target, format="PNG", save_all=True, append_images=[second])
    assert colour(uploaded(target.getvalue()), 4, 4) == (255, 0, 0)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_notes_that_cant_be_read_are_no_reason_to_refuse() -> None:
    broken = b"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\x00" * 14
    assert uploaded(broken + picture(30, 30, "JPEG")[2:]).size == (30, 30)


def test_a_refusal_says_which_it_is() -> None:
    with pytest.raises(PictureRefused) as refused:
        read_upload(io.BytesIO(b"GIF89a" + b"\x00" * 100))
    assert refused.value.why == "no_picture"
