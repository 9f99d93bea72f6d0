"""The order of items: what is mixed, what stays together, and that it never changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.ordering import item_order, order_seed
from protocol.instrument import Instrument, Item, Scale, Score, Section
from protocol.text import Text

Shuffle = Literal["none", "items", "sections"]
SCALE = Scale(1, 5, 1, "higher_is_more")


def questionnaire(shuffle: Shuffle, sizes: tuple[int, ...] = (4, 4, 4)) -> Instrument:
    """Sections a, b, c, ... with items a1, a2, ..., b1, ..."""
    sections = []
    for letter, size in zip("abcdefgh", sizes, strict=False):
        items = tuple(Item(f"{letter}{n}", Text(letter), SCALE) for n in range(1, size + 1))
        sections.append(Section(letter, items))
    everything = tuple(item.id for section in sections for item in section.items)
    return Instrument(
        "made_up",
        Text("Made up"),
        "none",
        "CC0-1.0",
        SCALE,
        tuple(sections),
        (Score("total", everything, "sum"),),
        shuffle=shuffle,
    )


SEEDS = [order_seed(f"K{n}", "before", "made_up") for n in range(600)]
sizes = st.lists(st.integers(1, 6), min_size=1, max_size=6).map(tuple)


def test_a_seed_names_the_person_the_timepoint_and_the_instrument() -> None:
    assert order_seed("K7QX2M", "before", "scenes_4") == "K7QX2M:before:scenes_4"


def test_without_shuffle_the_order_is_the_files() -> None:
    instrument = questionnaire("none")

    assert {item_order(instrument, seed) for seed in SEEDS} == {tuple(item.id for item in instrument.items())}


# The order into which `printf %s K7QX2M:follow_up:made_up:ID | sha256sum` puts them. An analyst may rely on it.
PINNED_ITEMS = ["a3", "a4", "a2", "a1", "b2", "b1", "b3", "b4", "c3", "c1", "c2", "c4"]
PINNED_SECTIONS = ["c1", "c2", "c3", "c4", "a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]


def test_the_order_of_a_seed_never_changes() -> None:
    seed = order_seed("K7QX2M", "follow_up", "made_up")

    assert list(item_order(questionnaire("items"), seed)) == PINNED_ITEMS
    assert list(item_order(questionnaire("sections"), seed)) == PINNED_SECTIONS


@given(sizes, st.sampled_from(["none", "items", "sections"]), st.text())
def test_every_item_comes_once(sizes: tuple[int, ...], shuffle: Shuffle, seed: str) -> None:
    instrument = questionnaire(shuffle, sizes)

    assert sorted(item_order(instrument, seed)) == sorted(item.id for item in instrument.items())


@given(sizes, st.sampled_from(["items", "sections"]), st.text())
def test_sections_stay_whole(sizes: tuple[int, ...], shuffle: Shuffle, seed: str) -> None:
    letters = [id[0] for id in item_order(questionnaire(shuffle, sizes), seed)]

    changes = sum(one != other for one, other in pairwise(letters))

    assert changes == len(sizes) - 1


@given(sizes, st.text())
def test_shuffling_items_keeps_the_sections_where_they_are(sizes: tuple[int, ...], seed: str) -> None:
    letters = [id[0] for id in item_order(questionnaire("items", sizes), seed)]

    assert letters == sorted(letters)


@given(sizes, st.text())
def test_shuffling_sections_keeps_the_items_of_each_as_declared(sizes: tuple[int, ...], seed: str) -> None:
    order = item_order(questionnaire("sections", sizes), seed)

    for letter in {id[0] for id in order}:
        within = [id for id in order if id[0] == letter]
        assert within == sorted(within)


@given(st.text())
def test_the_order_is_the_same_every_time(seed: str) -> None:
    assert item_order(questionnaire("items"), seed) == item_order(questionnaire("items"), seed)


def test_another_person_timepoint_or_instrument_is_another_order() -> None:
    instrument = questionnaire("items", (6, 6, 6))

    orders = {
        item_order(instrument, order_seed(*names))
        for names in [
            ("K7QX2M", "before", "a"),
            ("K7QX2N", "before", "a"),
            ("K7QX2M", "after", "a"),
            ("K7QX2M", "before", "b"),
        ]
    }

    assert len(orders) == 4


@pytest.mark.parametrize(("shuffle", "place"), [("items", slice(0, 4)), ("sections", slice(0, 12, 4))])
def test_nobody_is_favoured_for_first_place(shuffle: Shuffle, place: slice) -> None:
    """600 people: each of k things is first about 600 / k times (five standard deviations allowed; seeds are fixed)."""
    first = [item_order(questionnaire(shuffle), seed)[place][0] for seed in SEEDS]

    things = set(first)
    expected = len(SEEDS) / (4 if shuffle == "items" else 3)
    spread = 5 * (expected * (1 - expected / len(SEEDS))) ** 0.5
    assert all(abs(first.count(thing) - expected) < spread for thing in things)
    assert len(things) == round(len(SEEDS) / expected)


def test_a_dropped_item_leaves_the_others_in_their_order() -> None:
    """So a corrected version of a questionnaire keeps what can be kept."""
    for seed in SEEDS[:50]:
        long, short = questionnaire("items", (5,)), questionnaire("items", (4,))
        assert tuple(id for id in item_order(long, seed) if id != "a5") == item_order(short, seed)
