"""From numbers to shapes: where things stand in a picture follows from them and from nothing else."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research import figures
from research.figures import BOTTOM, LEFT, RIGHT, TOP, Box, Entry, enrolment, flow, nice_step
from research.sums import Plan, curve

MONDAY = dt.date(2027, 3, 1)


def day(n: int) -> dt.date:
    return MONDAY + dt.timedelta(days=n)


@pytest.mark.parametrize(
    ("most", "step"),
    [(0, 1), (1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (80, 20), (100, 20), (101, 50), (10_000, 2_000)],
)
def test_an_axis_has_at_most_five_steps_of_a_round_number(most: int, step: int) -> None:
    assert nice_step(most) == step


def test_the_plan_goes_from_corner_to_corner_and_the_curve_ends_today() -> None:
    found = enrolment(curve([day(0), day(3), day(9)]), Plan(10, day(0), day(19)), day(9))
    assert found.plan == (LEFT, BOTTOM, RIGHT, TOP)
    assert found.end == (LEFT + (RIGHT - LEFT) / 2, BOTTOM - round((BOTTOM - TOP) * 0.3, 1))
    assert [tick.value for tick in found.rows] == [0, 2, 4, 6, 8, 10]
    assert found.joined.startswith(f"{LEFT},{BOTTOM} ")
    assert found.joined.endswith(f"{found.end[0]:g},{found.end[1]:g}")


def test_a_curve_goes_on_level_while_nobody_joins() -> None:
    found = enrolment(curve([day(0), day(1)]), None, day(9))
    assert found.plan is None
    assert found.end[0] == RIGHT
    last, before = found.joined.split()[-1], found.joined.split()[-2]
    assert last.split(",")[1] == before.split(",")[1]


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60),
    st.none() | st.tuples(st.integers(1, 500), st.integers(-30, 100), st.integers(0, 300)),
    st.integers(0, 100),
)
def test_nothing_is_drawn_outside_and_the_curve_never_falls(
    days: list[int], planned: tuple[int, int, int] | None, later: int
) -> None:
    plan = Plan(planned[0], day(planned[1]), day(planned[1] + planned[2])) if planned else None
    found = enrolment(curve([day(n) for n in sorted(days)]), plan, day(max(days) + later))
    points = [tuple(map(float, each.split(","))) for each in found.joined.split()]
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert all(one[0] <= two[0] and one[1] >= two[1] for one, two in zip(points, points[1:], strict=False))
    assert points[-1] == found.end
    assert all(LEFT <= tick.at <= RIGHT for tick in found.weeks)
    assert all(TOP <= tick.at <= BOTTOM for tick in found.rows)


entries = st.builds(
    Entry,
    st.text("abcdefghij ", min_size=1, max_size=60).filter(str.strip),
    st.integers(0, 100_000),
    st.lists(
        st.tuples(st.sampled_from(["Started", "Did not start because of something long"]), st.integers(0, 999)),
        max_size=4,
    ).map(tuple),
)


@given(
    st.lists(st.tuples(entries, st.none() | entries), min_size=1, max_size=4),
    st.lists(st.lists(entries, min_size=1, max_size=4).map(tuple), max_size=6),
)
def test_no_box_of_the_flow_lies_on_another_or_outside(
    levels: list[tuple[Entry, Entry | None]], groups: list[tuple[Entry, ...]]
) -> None:
    found = flow(levels, groups)
    assert len(found.boxes) == len(levels) + sum(out is not None for _, out in levels) + sum(map(len, groups))
    assert all(_is_inside(box, found) for box in found.boxes)
    assert not any(_overlap(one, two) for one, two in combinations(found.boxes, 2))
    assert [box.series for box in found.boxes if box.series] == list(range(1, len(groups) + 1))
    for line in found.lines:
        assert 0 <= line.x1 <= found.width
        assert 0 <= line.y1 <= line.y2 <= found.height


def test_every_number_is_in_the_picture() -> None:
    found = flow([(Entry("Assessed", 112), Entry("Not in the study", 48, (("age", 29),)))], [(Entry("A", 31),)])
    words = [line.text for box in found.boxes for line in box.words]
    assert words == ["Assessed: 112", "Not in the study: 48", "age: 29", "A: 31"]


def _is_inside(box: Box, whole: figures.Flow) -> bool:
    lines = all(box.y < line.y < box.bottom for line in box.words)
    return lines and box.x >= 0 and box.y >= 0 and box.right <= whole.width + 0.01 and box.bottom <= whole.height


def _overlap(one: Box, two: Box) -> bool:
    across = one.x < two.right - 0.01 and two.x < one.right - 0.01
    return across and one.y < two.bottom and two.y < one.bottom
