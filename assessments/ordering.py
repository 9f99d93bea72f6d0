"""The order in which one person meets a questionnaire's items at one timepoint.

Things are sorted by the SHA-256 of the seed and their id. A shuffle by a random generator would hang on the
generator's algorithm, which Python promises to keep only in part; a digest is the same in every version, on every
machine and in every language: an analyst can recompute every `position` from the export and the instrument.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from protocol.conditions import comparisons
from protocol.instrument import Instrument, Item, Section


def order_seed(pseudonym: str, timepoint: str, instrument: str) -> str:
    """The seed of `item_order` for one person, timepoint and instrument (its id): `PSEUDONYM:TIMEPOINT:INSTRUMENT`."""
    return f"{pseudonym}:{timepoint}:{instrument}"


def item_order(instrument: Instrument, seed: str) -> tuple[str, ...]:
    """The ids of all items in the order in which they are shown; the same for the same seed, always.

    Sections stay whole, since their items share a lead. `shuffle: items` mixes the items of each section and keeps
    the sections where they are; `shuffle: sections` mixes the sections and keeps the items of each as declared. An
    item with a condition comes after what its condition names.
    """
    sections: Sequence[Section] = instrument.sections
    if instrument.shuffle == "sections":
        sections = sorted(sections, key=lambda section: _place(seed, section.id))
    return tuple(item.id for section in sections for item in _items(section, instrument, seed))


def _items(section: Section, instrument: Instrument, seed: str) -> Sequence[Item]:
    if instrument.shuffle != "items":
        return section.items
    shuffled = sorted(section.items, key=lambda item: _place(seed, item.id))
    return _with_conditions_after(shuffled, section)


def _with_conditions_after(shuffled: Sequence[Item], section: Section) -> list[Item]:
    """The items with each that has a condition behind the last one that it names, where that stands in the section."""
    ordered = [item for item in shuffled if item.when is None]
    for item in section.items:  # in the file, what is named stands before what names it
        if item.when is not None:
            named = {comparison.item for comparison in comparisons(item.when)}
            behind = max((n for n, other in enumerate(ordered, start=1) if other.id in named), default=len(ordered))
            ordered.insert(behind, item)
    return ordered


def _place(seed: str, id: str) -> bytes:
    return sha256(f"{seed}:{id}".encode()).digest()
