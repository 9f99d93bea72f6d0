"""Scores of a questionnaire from its answers as chosen.

Sums are made in exact fractions of the decimals that were chosen, not in binary floating point, where the order of the
steps decides whether a total lands on a whole number or just beside it: eleven fives stand for 60 on twelve items, but
`55 * (12 / 11)` is 59.99999999999999, and with that the person is in another band, perhaps another stratum. Each value
becomes a float once, at the end, and is not rounded otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from protocol.bands import band_of
from protocol.study import Instrument, Item, Scale, Score


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of one filled-in questionnaire.

    `value` is None where too many items are missing, or all of them. `items_answered + items_missing` is the number of
    the score's items. `prorated` says that an item was missing and the value stands for all items by the person's own
    mean. `band` is None without a value, below all bands, or without bands.
    """

    name: str
    value: float | None
    items_answered: int
    items_missing: int
    prorated: bool
    band: str | None


def score(instrument: Instrument, values: Mapping[str, float | None]) -> tuple[Scored, ...]:
    """Every score of `instrument`, in the declared order.

    Args:
        instrument: The questionnaire in the version that was answered.
        values: Answers by item id, as chosen (before reversing). None and an absent item both mean missing; ids that
            the instrument doesn't have are ignored.

    Raises:
        ValueError: An answer is not a finite number.
    """
    items = {item.id: item for item in instrument.items()}
    keyed = {id: _keyed(items[id], value) for id, value in values.items() if id in items and value is not None}
    return tuple(_scored(declared, keyed, instrument) for declared in instrument.scores)


def reverse_scored(value: float, scale: Scale) -> float:
    """The mirror image of `value` on its scale, `min + max - value`."""
    return float(_mirrored(value, scale))


def may_be_missing(declared: Score) -> int:
    """How many of the score's items may be missing before it is null: a share of them is rounded down."""
    if isinstance(declared.allow, int):
        return declared.allow
    return int(exact(declared.allow) * len(_members(declared)))


@lru_cache(maxsize=4096)
def exact(number: float) -> Fraction:
    """The decimal that a person would read in `number`: 0.1 is one tenth, not the nearest binary fraction.

    Raises:
        ValueError: `number` is infinite or not a number.
    """
    return Fraction(str(number))


def _scored(declared: Score, keyed: Mapping[str, Fraction], instrument: Instrument) -> Scored:
    members = _members(declared)
    answered = [keyed[id] for id in members if id in keyed]
    missing = len(members) - len(answered)
    value: float | None = None
    if answered and missing <= may_be_missing(declared):
        value = float(_HOW[declared.how, declared.missing](answered, len(members)))
    return Scored(
        name=declared.name,
        value=value,
        items_answered=len(answered),
        items_missing=missing,
        prorated=value is not None and missing > 0 and declared.missing == "prorate",
        band=band_of(value, instrument.bands.get(declared.name, ())),
    )


def _members(declared: Score) -> tuple[str, ...]:
    """The score's items; one that is named by itself and again by its section counts once."""
    return tuple(dict.fromkeys(declared.of))


def _keyed(item: Item, value: float) -> Fraction:
    return _mirrored(value, item.scale) if item.reverse else exact(value)


def _mirrored(value: float, scale: Scale) -> Fraction:
    return exact(scale.min) + exact(scale.max) - exact(value)


def _sum(answered: list[Fraction], _count: int) -> Fraction:
    return sum(answered, Fraction(0))


def _sum_for_all(answered: list[Fraction], count: int) -> Fraction:
    return _sum(answered, count) * count / len(answered)


def _mean(answered: list[Fraction], count: int) -> Fraction:
    return _sum(answered, count) / len(answered)


_HOW = {
    ("sum", "none"): _sum,
    ("sum", "prorate"): _sum_for_all,
    ("mean", "none"): _mean,
    ("mean", "prorate"): _mean,  # the mean of the answered already stands for all items
}
