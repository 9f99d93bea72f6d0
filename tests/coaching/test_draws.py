"""What chance decides for one person: the same whenever it is asked, evenly, and for each person their own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from coaching.draws import Lot, hour_of, latin_square, offset_of, script_of
from protocol.durations import ZERO, Duration
from protocol.study import At, Counterbalance, Step, Study
from tests.builders import arm, study

pytestmark = pytest.mark.once

SEEDS = [f"P{n:05d}" for n in range(4_000)]


def at(**others: object) -> At:
    return replace(At("consent", "done", ZERO, drawn_for="train"), **others)


def session(id: str, *scripts: str, **others: object) -> Step:
    return Step(id, "session", scripts=scripts, **others)  # type: ignore[arg-type]


def squared(counts: Counter[int], cells: int) -> float:
    """χ² against evenness over so many cells."""
    expected = counts.total() / cells
    return sum((counts[cell] - expected) ** 2 / expected for cell in counts) + expected * (cells - len(counts))


# --- moments ----------------------------------------------------------------------------------------------------------


def test_what_is_declared_is_not_drawn() -> None:
    assert offset_of(at(offset=Duration(3, "d")), Lot("A")) == Duration(3, "d")
    assert hour_of(at(), "train", Lot("A")) is None
    assert hour_of(at(hours=(dt.time(9, 5), dt.time(9, 5))), "train", Lot("A")) == dt.time(9, 5)


def test_a_draw_is_the_same_whenever_it_is_asked() -> None:
    """Literal: a later release that drew otherwise would move everybody who is in the middle of a study."""
    between = at(offset=Duration(7, "d"), upto=Duration(21, "d"))
    assert [offset_of(between, Lot(seed)).count for seed in ("ABC234", "XYZ789", "QRS456")] == [10, 15, 19]
    day = at(hours=(dt.time(9), dt.time(21)))
    assert [f"{hour_of(day, f'prompt_{n}', Lot('ABC234')):%H:%M}" for n in (1, 2, 3)] == ["17:55", "12:10", "13:19"]


def test_all_times_of_a_series_have_one_length_and_each_its_own_hour() -> None:
    series = [
        at(
            offset=Duration(1, "d"),
            upto=Duration(90, "d"),
            further=Duration(n, "d"),
            hours=(dt.time(0), dt.time(23, 59)),
        )
        for n in range(20)
    ]
    assert len({offset_of(each, Lot("A")) for each in series}) == 1
    assert len({hour_of(each, f"train_{n}", Lot("A")) for n, each in enumerate(series)}) > 15


def test_two_steps_are_drawn_each_by_itself() -> None:
    wide = at(offset=Duration(0, "d"), upto=Duration(5_000, "d"))
    assert offset_of(wide, Lot("A")) != offset_of(replace(wide, drawn_for="other"), Lot("A"))


def test_days_are_whole_and_other_lengths_are_of_seconds() -> None:
    days = {offset_of(at(offset=Duration(7, "d"), upto=Duration(9, "d")), Lot(seed)) for seed in SEEDS[:200]}
    assert days == {Duration(7, "d"), Duration(8, "d"), Duration(9, "d")}
    mixed = {offset_of(at(offset=Duration(36, "h"), upto=Duration(2, "d")), Lot(seed)) for seed in SEEDS[:200]}
    assert {each.unit for each in mixed} == {"s"}
    assert all(36 * 3_600 <= each.count <= 48 * 3_600 for each in mixed)
    assert len(mixed) > 190


@pytest.mark.parametrize(("least", "most"), [(7, 21), (0, 1), (1, 28)])
def test_a_drawn_length_is_even_over_people(least: int, most: int) -> None:
    between = at(offset=Duration(least, "d"), upto=Duration(most, "d"))
    counts = Counter(offset_of(between, Lot(seed)).count for seed in SEEDS)
    cells = most - least + 1
    found = squared(counts, cells)
    print(f"days {least} to {most}: χ² {found:.1f} on {cells - 1} df over {len(SEEDS)} people")
    assert (min(counts), max(counts)) == (least, most)
    assert found < 3 * cells + 25


def test_a_drawn_hour_is_even_over_people_and_never_its_end() -> None:
    day = at(hours=(dt.time(9), dt.time(10)))
    drawn = [hour_of(day, "prompt_1", Lot(seed)) for seed in SEEDS]
    minutes = Counter(60 * each.hour + each.minute - 540 for each in drawn if each is not None)
    found = squared(minutes, 60)
    print(f"minutes of an hour: χ² {found:.1f} on 59 df over {len(SEEDS)} people")
    assert (min(minutes), max(minutes)) == (0, 59)
    assert found < 3 * 60 + 25


# --- orders -----------------------------------------------------------------------------------------------------------


def test_one_script_is_everybodys() -> None:
    assert script_of(study(), session("s1", "a"), Lot("A")) == "a"
    assert script_of(study(), Step("q", "assess"), Lot("A")) is None


def series(order: str, times: int, *scripts: str) -> list[Step]:
    return [
        session(f"train_{n}", *scripts, order=order, series="train", time=n)  # one time after the other
        for n in range(1, times + 1)
    ]


def orders_of(declared: Study, steps: list[Step], lots: list[Lot]) -> list[str]:
    return ["".join(script_of(declared, step, lot) or "-" for step in steps) for lot in lots]


def test_a_drawn_order_has_each_script_once_a_round() -> None:
    steps = series("random", 8, *"abc")
    orders = orders_of(study(after=steps), steps, [Lot(seed) for seed in SEEDS[:600]])
    assert all(sorted(each[:3]) == sorted(each[3:6]) == list("abc") for each in orders)
    assert all(len(set(each[6:])) == 2 for each in orders)
    firsts = Counter(each[:3] for each in orders)
    seconds = Counter(each[3:6] for each in orders)
    assert len(firsts) == len(seconds) == 6
    assert sum(each[:3] == each[3:6] for each in orders) < 200  # a round does not repeat the one before


def test_rows_of_a_square_are_taken_in_turn_and_each_round_takes_the_next() -> None:
    steps = series("latin", 8, *"abcd")
    orders = orders_of(study(after=steps), steps, [Lot("x", place) for place in range(5)])
    assert orders == ["abdcbcad", "bcadcdba", "cdbadacb", "dacbabdc", "abdcbcad"]


def test_before_allocation_the_turn_is_among_all_and_then_among_those_of_the_arm() -> None:
    steps = series("latin", 4, *"abcd")
    early, late = study(before=steps), study(arms=[arm("one", *steps), arm("two")])
    lot = Lot("x", place=1, place_in_arm=2)
    assert orders_of(early, steps, [lot]) == ["bcad"]
    assert orders_of(late, steps, [lot, replace(lot, place_in_arm=None)]) == ["cdba", "bcad"]


def test_sessions_that_are_dealt_out_have_each_script_once_wherever_they_stand() -> None:
    """Those in `before` and those after allocation are of one order: the place in the arm comes too late for it."""
    deal = Counterbalance("probes", ("p1", "p2", "p3"), ("a", "b", "c"), "latin")
    p1, p2, p3 = (session(id, *"abc", dealt="probes") for id in deal.at)
    declared = study(before=[p1], arms=[arm("one", p2), arm("two", p2)], after=[p3], counterbalances=(deal,))
    for place in range(12):
        for place_in_arm in (None, *range(6)):
            [order] = orders_of(declared, [p1, p2, p3], [Lot("x", place, place_in_arm)])
            assert sorted(order) == list("abc")


def test_a_drawn_deal_has_every_order_alike() -> None:
    deal = Counterbalance("probes", ("p1", "p2", "p3"), ("a", "b", "c"), "random")
    steps = [session(id, *"abc", dealt="probes") for id in deal.at]
    orders = Counter(orders_of(study(after=steps, counterbalances=(deal,)), steps, [Lot(seed) for seed in SEEDS]))
    found = squared(Counter(dict(enumerate(orders.values()))), 6)
    print(f"six orders: χ² {found:.1f} on 5 df over {len(SEEDS)} people")
    assert len(orders) == 6
    assert found < 40


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 7, 8, 11, 12, 30])
def test_a_square_is_balanced_for_place_and_for_what_comes_before(count: int) -> None:
    rows = latin_square(count)
    often = len(rows) // count
    assert len(rows) == (count if count % 2 == 0 else 2 * count)
    assert all(sorted(row) == list(range(count)) for row in rows)
    places = Counter((place, thing) for row in rows for place, thing in enumerate(row))
    assert set(places.values()) == {often}
    pairs = Counter(pair for row in rows for pair in zip(row, row[1:], strict=False))
    assert len(pairs) == count * (count - 1)
    assert set(pairs.values()) == {often}
