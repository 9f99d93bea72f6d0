"""Charts: well-formed whatever the names, nothing touches anything, and each is told apart without colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from representations.paper import INK, PAPER, Axis, Level, Scale, cut, folded, ticks, width_of
from representations.picture import COLOURS, BarChart, Drawable, Line, LineChart, ShadeChart, _look, drawn

pytestmark = pytest.mark.once

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a name that is a good deal longer than there is any room for, person {}"
NAMES = st.text(max_size=60)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def lines(names: list[str], levels: list[Level] | None = None) -> LineChart:
    x = np.arange(1.0, 9.0)
    series = [Line(name, x, np.sqrt(x) * (k + 1), x * k, x * (k + 2)) for k, name in enumerate(names)]
    return LineChart("Growth", "Every line rises.", Axis("Trials"), Axis("Alignment, 0 to 1"), series, levels or [])


def bars(names: list[str], levels: list[Level] | None = None) -> BarChart:
    values = np.linspace(-0.4, 0.9, max(len(names), 1))[: len(names)]
    return BarChart("Shares", "Bars.", names, values, Axis("Share"), values - 0.1, values + 0.1, levels or [])


def shades(names: list[str]) -> ShadeChart:
    values = np.random.default_rng(3).random((len(names), len(names)))
    values[range(len(names)), range(len(names))] = np.nan
    return ShadeChart("Dissimilarity", "A grid.", names, names, values, "rating, 0 to 6")


CROWDED: dict[str, Drawable] = {
    "levels on one another": lines(
        ["one"],
        [
            Level("null: names shuffled within their category", 5.01),
            Level("ceiling by the split halves", 5.0),
            Level("floor", 5.02),
            Level("the top", 8.0),
            Level("the very top of it all", 8.0),
            Level("bottom", 0.0),
            Level("bottom, too", 0.0),
        ],
    ),
    "many lines": lines([LONG.format(k) for k in range(24)]),
    "many short lines": lines([f"P{k}" for k in range(40)]),
    "long titles": LineChart(
        LONG * 3, "", Axis(LONG * 3), Axis(LONG * 4), [Line(LONG, [1e-9, 2e-9], [1e9, 1e9 + 1])], [Level(LONG * 2, 1e9)]
    ),
    "decades": LineChart(
        "Errors", "", Axis("SNR", log=True), Axis("Error", log=True), [Line("a", [0.01, 1000], [1e-17, 3])]
    ),
    "part of a decade": LineChart("Errors", "", Axis("N", log=True), Axis("e"), [Line("a", [300, 450], [1, 2])]),
    "few bars": bars([LONG.format(k) for k in range(3)]),
    "many bars": bars([LONG.format(k) for k in range(90)], [Level("null", 0.0), Level("ceiling", 0.01)]),
    "wide letters": bars(["参加者の長い名前を持つグループ", "WWWWWWWWWWWWWWWWWWWW", "iiiiii"]),
    "few shades": shades(["dog", "cat", "house"]),
    "shades": shades([f"object {k}" for k in range(12)]),
    "many shades": shades([LONG.format(k) for k in range(120)]),
    "nothing": LineChart("Nothing", "", Axis("x"), Axis("y"), []),
    "no bars": bars([]),
    "no shades": ShadeChart("None", "", [], [], np.zeros((0, 0))),
}


@given(st.lists(NAMES, max_size=8), NAMES, NAMES)
def test_a_chart_is_well_formed_for_any_names(names: list[str], title: str, describes: str) -> None:
    charts: list[Drawable] = [
        LineChart(title, describes, Axis(title), Axis(describes), lines(names).lines, [Level(title, 1.0)]),
        BarChart(title, describes, names, [1.0] * len(names), Axis(title), levels=[Level(describes, 0.5)]),
        ShadeChart(title, describes, names, names, np.ones((len(names), len(names))), title),
    ]
    for chart in charts:
        ElementTree.fromstring(drawn(chart).encode())


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6), st.booleans())
def test_a_chart_has_a_place_for_any_numbers(values: list[tuple[float, float]], log: bool) -> None:
    x, y = [a for a, _ in values], [b for _, b in values]
    line = LineChart("t", "d", Axis("x", log=log), Axis("y", log=log), [Line("a", x, y, y, y)], [Level("l", 1.0)])
    bar = BarChart("t", "d", [str(v) for v in x], y, Axis("y"), y, y)
    shade = ShadeChart("t", "d", ["r"], [str(v) for v in y], np.array([y], dtype=np.float64).reshape(1, len(y)))
    for chart in (line, bar, shade):
        root = ElementTree.fromstring(drawn(chart))
        numbers = [value for element in root.iter() for name, value in element.items() if name in {"x", "y", "cx", "d"}]
        assert not re.search(r"nan|inf", " ".join(numbers))


@pytest.mark.parametrize("name", CROWDED)
def test_a_chart_says_what_it_is(name: str) -> None:
    root = ElementTree.fromstring(drawn(CROWDED[name]))
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == CROWDED[name].title


def test_a_name_that_is_cut_carries_its_whole() -> None:
    chart = bars([LONG.format(k) for k in range(20)])
    titles = [title.text for title in ElementTree.fromstring(drawn(chart)).iter(f"{SVG}title")]
    assert set(chart.names) <= set(titles)


def test_a_chart_asks_nobody_for_anything() -> None:
    for chart in CROWDED.values():
        text = drawn(chart).replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"<script|<image|<use|href|url\(|https?:|\sstyle=", text)


def test_no_two_lines_look_alike_without_colour() -> None:
    looks = [_look(k)[1:] for k in range(36)]
    assert len(set(looks)) == 36


def test_lines_and_letters_stand_out_from_the_paper() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in (*COLOURS, INK))
    assert luminance(PAPER) == pytest.approx(1)


def test_every_number_in_a_shade_stands_out_from_it() -> None:
    chart = ShadeChart("t", "d", ["a"], [str(k) for k in range(12)], np.linspace(0, 1, 12)[None, :])
    cells = re.findall(r'fill="rgb\((\d+), (\d+), (\d+)\)"/>\n<text [^>]*fill="(#\w+)"', drawn(chart))
    assert len(cells) == 12
    for *shade, ink in cells:
        parts = [int(v) / 255 for v in shade]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        letters = 0.0 if ink == "#000000" else 1.0
        assert (max(light, letters) + 0.05) / (min(light, letters) + 0.05) >= 4.5


def test_a_line_stops_where_there_is_no_value() -> None:
    chart = LineChart("t", "d", Axis("x"), Axis("y"), [Line("a", [1, 2, 3, 4, 5], [1, 2, np.nan, 2, 1])])
    paths = re.findall(r'<path d="(M[^"]*)" fill="none" stroke="#1b5e7d"', drawn(chart))
    assert [path.count("L") for path in paths] == [1, 1]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_and_inside(low: float, length: float) -> None:
    found = ticks(low, low + length)
    assert all(low - 1e-6 * length <= value <= low + length * (1 + 1e-6) for value in found)
    assert len(found) <= 11


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e6), st.booleans())
def test_a_scale_numbers_each_tick_differently_and_holds_its_values(low: float, length: float, log: bool) -> None:
    values = [low, low + length]
    scale = Scale(Axis("x", log=log), values).between(0, 100)
    labels = [label for _, label in scale.ticks()]
    assert len(set(labels)) == len(labels)
    assert all(scale.holds(v) for v in values if not log or v > 0)
    assert "-0" not in labels


@given(st.text(max_size=80), st.floats(10, 200), st.booleans())
def test_what_is_cut_fits(text: str, room: float, in_the_middle: bool) -> None:
    short = cut(text, room, in_the_middle=in_the_middle)
    assert width_of(short) <= max(room, width_of("…"))
    assert all(width_of(line) <= max(room, width_of("…")) for line in folded(text, room, most=3))


# --- as a browser draws it -------------------------------------------------------------------------------------------


@pytest.fixture
def paper(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 700, "height": 900})
    yield page
    page.close()


@pytest.mark.parametrize("name", CROWDED)
def test_no_two_texts_touch_and_none_leaves_the_page(paper: Page, name: str) -> None:
    paper.set_content(f"<body style='margin:0;width:640px'>{drawn(CROWDED[name])}</body>")
    page, *boxes = paper.evaluate(
        """() => [document.querySelector('svg'), ...document.querySelectorAll('text')].map(element => {
            const b = element.getBoundingClientRect();
            return [b.left, b.top, b.right, b.bottom, element.textContent];
        })"""
    )
    for left, top, right, bottom, said in boxes:
        assert min(left - page[0], top - page[1], page[2] - right, page[3] - bottom) >= -1, said
    for one, other in combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        assert across <= 1 or down <= 3, (one, other)  # boxes have room above and below the letters
