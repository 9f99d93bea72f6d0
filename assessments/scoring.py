"""Scores of a questionnaire from its answers as chosen.

Sums are made in whole numbers, or in exact fractions of the decimals that were chosen, not in binary floating point,
where the order of the steps decides whether a total lands on a whole number or just beside it: eleven fives stand for
60 on twelve items, but `55 * (12 / 11)` is 59.99999999999999, and with that the person is in another band, perhaps
another stratum. Each value becomes a float once, at the end, and is not rounded otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from protocol.bands import Band, band_of
from protocol.instrument import Direction, Instrument, Item, Scale, Score

Exact = int | Fraction
Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of one filled-in questionnaire.

    `value` is None where too many items are missing, or all of them. `items_answered + items_missing` is the number of
    the score's items that were asked of this person: those of another form, and those that were not due, are neither.
    `prorated` says that an item was missing and the value stands for all items by the person's own mean. `band` is
    None without a value, below all bands, or without bands. `direction` is what a higher value means.
    """

    name: str
    value: float | None
    items_answered: int
    items_missing: int
    prorated: bool
    band: str | None
    direction: Direction = "higher_is_more"


def score(
    instrument: Instrument, values: Values, *, form: frozenset[str] | None = None, not_due: frozenset[str] = frozenset()
) -> tuple[Scored, ...]:
    """Every score of `instrument`, in the declared order.

    Args:
        instrument: The questionnaire in the version that was answered.
        values: Answers by item id as chosen (before reversing); of a choice the number that it counts. None and an
            absent item both mean missing; ids that the instrument doesn't have are ignored.
        form: The items of the parallel form that was given; None where there are no forms.
        not_due: The items that were not asked because of earlier answers.

    Raises:
        ValueError: An answer is not a finite number.
    """
    return Scorer(instrument, form)(values, not_due)


class Scorer:
    """`score` for many sheets of one questionnaire: what hangs on the questionnaire alone is reckoned once."""

    def __init__(self, instrument: Instrument, form: frozenset[str] | None = None) -> None:
        self._rules = [_Rule(declared, instrument, form) for declared in instrument.scores]

    def __call__(self, values: Values, not_due: frozenset[str] = frozenset()) -> tuple[Scored, ...]:
        """Every score of one sheet; arguments and errors as of `score`."""
        numbers = {id: _number(value) for id, value in values.items() if value is not None}
        for id in not_due:
            numbers.pop(id, None)
        return tuple(rule.scored(numbers, not_due) for rule in self._rules)


def reverse_scored(value: float, scale: Scale) -> float:
    """The mirror image of `value` on its scale, `min + max - value`."""
    return float(exact(scale.min) + exact(scale.max) - exact(value))


def may_be_missing(declared: Score, count: int | None = None) -> int:
    """How many of the score's items (`count` of them, or all) may be missing: a share of them is rounded down."""
    if isinstance(declared.allow, int):
        return declared.allow
    return int(exact(declared.allow) * (len(members(declared)) if count is None else count))


def members(declared: Score) -> tuple[str, ...]:
    """The score's items; one that is named by itself and again by its section counts once."""
    return tuple(dict.fromkeys(declared.of))


def is_mirrored(item: Item, declared: Score, instrument: Instrument) -> bool:
    """Whether a score counts an item as `min + max - value`.

    A reversed item is turned round, and once more where the score declares a direction that is not its scale's.
    """
    own = item.scale.direction if item.scale is not None else instrument.scale.direction
    return item.reverse != (declared.direction is not None and own != declared.direction)


def direction_of(declared: Score, instrument: Instrument) -> Direction:
    """What a higher value of a score means."""
    return declared.direction or instrument.scale.direction


@lru_cache(maxsize=4096)
def exact(number: float) -> Fraction:
    """The decimal that a person would read in `number`: 0.1 is one tenth, not the nearest binary fraction.

    Raises:
        ValueError: `number` is infinite or not a number.
    """
    return Fraction(str(number))


Part = tuple[str, Exact | None, Exact]
"""An item of a score: its id, what it is taken from where it is turned round, and its weight."""


class _Rule:
    """One score's rule with its items looked up."""

    def __init__(self, declared: Score, instrument: Instrument, form: frozenset[str] | None) -> None:
        items = {item.id: item for item in instrument.items()}
        asked = [id for id in members(declared) if form is None or id in form]
        self._declared = declared
        self._bands: tuple[Band, ...] = instrument.bands.get(declared.name, ())
        self._direction = direction_of(declared, instrument)
        self._parts: list[Part] = [
            (id, _mirror(items[id], declared, instrument), _whole(exact(declared.weights.get(id, 1)))) for id in asked
        ]
        self._make = _HOW[declared.how, declared.missing]
        self._plain = None if declared.weights else _Plain(self._parts)
        self._allowed: dict[int, int] = {}  # how many may be missing, by how many are asked

    def scored(self, numbers: Mapping[str, Exact], not_due: frozenset[str]) -> Scored:
        parts = [part for part in self._parts if part[0] not in not_due] if not_due else self._parts
        if self._plain is not None:
            total, answered = self._plain.added(numbers)
            weight: Exact = answered
        else:
            given = [part for part in parts if part[0] in numbers]
            answered = len(given)
            weight = sum(by for _, _, by in given)
            total = sum((numbers[id] if mirror is None else mirror - numbers[id]) * by for id, mirror, by in given)
        missing = len(parts) - answered
        found: float | None = None
        if answered and weight and missing <= self._may_be_missing(len(parts)):
            every = weight if not missing else sum(by for _, _, by in parts)
            found = float(self._make(total, weight, every))
        return Scored(
            name=self._declared.name,
            value=found,
            items_answered=answered,
            items_missing=missing,
            prorated=found is not None and missing > 0 and self._declared.missing == "prorate",
            band=band_of(found, self._bands) if self._bands else None,
            direction=self._direction,
        )

    def _may_be_missing(self, count: int) -> int:
        if count not in self._allowed:
            self._allowed[count] = may_be_missing(self._declared, count)
        return self._allowed[count]


class _Plain:
    """The sum of a score without weights, as most are: hardly a step of Python's an item."""

    def __init__(self, parts: list[Part]) -> None:
        self._upright = [id for id, mirror, _ in parts if mirror is None]
        self._turned = [id for id, mirror, _ in parts if mirror is not None]
        self._mirrors = {id: mirror for id, mirror, _ in parts if mirror is not None}

    def added(self, numbers: Mapping[str, Exact]) -> tuple[Exact, int]:
        """The sum of the items that have a number, and how many these are."""
        of, mirrors = numbers.get, self._mirrors
        upright = [number for number in map(of, self._upright) if number is not None]
        turned = [mirrors[id] - number for id in self._turned if (number := of(id)) is not None]
        return sum(upright) + sum(turned), len(upright) + len(turned)


@lru_cache(maxsize=4096)
def _number(value: float) -> Exact:
    return int(value) if value % 1 == 0 else exact(value)


def _whole(number: Fraction) -> Exact:
    """A whole number as an int, which reckons faster."""
    return number.numerator if number.denominator == 1 else number


def _mirror(item: Item, declared: Score, instrument: Instrument) -> Exact | None:
    """`min + max` of an item that is turned round; None for one that counts as it is."""
    if item.ends is None or not is_mirrored(item, declared, instrument):
        return None
    return _whole(exact(item.ends[0]) + exact(item.ends[1]))


# Python rounds the quotient of two whole numbers as exactly as it rounds a fraction.


def _sum(total: Exact, _weight: Exact, _every: Exact) -> Exact:
    return total


def _sum_for_all(total: Exact, weight: Exact, every: Exact) -> Exact | float:
    return total if weight == every else total * every / weight


def _mean(total: Exact, weight: Exact, _every: Exact) -> Exact | float:
    return total / weight


_HOW: Mapping[tuple[str, str], Callable[[Exact, Exact, Exact], Exact | float]] = {
    ("sum", "none"): _sum,
    ("sum", "prorate"): _sum_for_all,
    ("mean", "none"): _mean,
    ("mean", "prorate"): _mean,  # the mean of the answered already stands for all items
}
