"""The order in which one person meets a questionnaire's items at one timepoint.

Things are sorted by the SHA-256 of the seed and their id. A shuffle by a random generator would hang on the
generator's algorithm, which Python promises to keep only in part; a digest is the same in every version, on every
machine and in every language: an analyst can recompute every `position` from the export and the instrument.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from protocol.study import Instrument, Item, Section


def order_seed(pseudonym: str, timepoint: str, instrument: str) -> str:
    """The seed of `item_order` for one person, timepoint and instrument (its id): `PSEUDONYM:TIMEPOINT:INSTRUMENT`."""
    return f"{pseudonym}:{timepoint}:{instrument}"


def item_order(instrument: Instrument, seed: str) -> tuple[str, ...]:
    """The ids of all items in the order in which they are shown; the same for the same seed, always.

    Sections stay whole, since their items share a lead. `shuffle: items` mixes the items of each section and keeps
    the sections where they are; `shuffle: sections` mixes the sections and keeps the items of each as declared.
    """
    sections: Sequence[Section] = instrument.sections
    if instrument.shuffle == "sections":
        sections = sorted(sections, key=lambda section: _place(seed, section.id))
    return tuple(item.id for section in sections for item in _items(section, instrument, seed))


def _items(section: Section, instrument: Instrument, seed: str) -> Sequence[Item]:
    if instrument.shuffle == "items":
        return sorted(section.items, key=lambda item: _place(seed, item.id))
    return section.items


def _place(seed: str, id: str) -> bytes:
    return sha256(f"{seed}:{id}".encode()).digest()
