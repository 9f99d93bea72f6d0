"""Orders that are dealt out in turn: the squares of Williams (1949), written down, and what they are balanced for."""

from __future__ import annotations

from collections import Counter

import pytest

from coaching.draws import Lot, latin_square, script_of
from protocol.study import Counterbalance, Step
from tests.builders import study

pytestmark = pytest.mark.once


def rows(count: int) -> list[str]:
    return ["".join("ABCDEFGH"[thing] for thing in row) for row in latin_square(count)]


def test_two() -> None:
    assert rows(2) == ["AB", "BA"]


def test_three_needs_six_rows() -> None:
    assert rows(3) == ["ABC", "BCA", "CAB", "CBA", "ACB", "BAC"]


def test_four_needs_four() -> None:
    assert rows(4) == ["ABDC", "BCAD", "CDBA", "DACB"]


def test_five_needs_ten() -> None:
    assert rows(5) == [
        *("ABECD", "BCADE", "CDBEA", "DECAB", "EADBC"),
        *("DCEBA", "EDACB", "AEBDC", "BACED", "CBDAE"),
    ]


def test_in_four_rows_of_four_each_comes_once_at_each_place_and_once_after_each_other() -> None:
    square = rows(4)
    assert [sorted(column) for column in zip(*square, strict=True)] == [list("ABCD")] * 4
    after = Counter(one + other for row in square for one, other in zip(row, row[1:], strict=False))
    assert after == Counter(one + other for one in "ABCD" for other in "ABCD" if one != other)


def test_in_six_rows_of_three_each_comes_twice_at_each_place_and_twice_after_each_other() -> None:
    square = rows(3)
    assert [sorted(column) for column in zip(*square, strict=True)] == [list("AABBCC")] * 3
    after = Counter(one + other for row in square for one, other in zip(row, row[1:], strict=False))
    assert after == Counter({one + other: 2 for one in "ABC" for other in "ABC" if one != other})


def test_twelve_people_of_an_arm_get_three_probes_in_balance() -> None:
    deal = Counterbalance("probes", ("p1", "p2", "p3"), ("A", "B", "C"), "latin")
    steps = [Step(id, "session", scripts=deal.scripts, dealt="probes") for id in deal.at]
    declared = study(after=steps, counterbalances=(deal,))
    people = [Lot(f"person {n}", place=3 * n, place_in_arm=n) for n in range(12)]
    given = ["".join(script_of(declared, step, person) or "" for step in steps) for person in people]
    assert given == rows(3) * 2
