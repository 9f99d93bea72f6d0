"""What a person said about pairs of items: ratings, odd ones out, arrangements, features, whole matrices.

Everything that a person judges comes down to `Judgements`: values of pairs, by trial. A trial is what is never parted
when halves are taken: one rating, one triplet, one arrangement, one feature, one matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError
from representations.resampling import FloatArray, IndexArray, split_halves_within

MOST_ITEMS = 2000
"""A matrix of more items a person would not fit into memory for many people."""


@dataclass(frozen=True)
class Judgements:
    """What people said about pairs of items; all arrays have shape (rows,), a row being one pair in one trial.

    Attributes:
        people: names, in the order of the numbers in `person`.
        items: names, in the order of the numbers in `first` and `second`.
        person: whose the row is.
        trial: a number of the trial that no other trial has, of any person.
        first: the lower-numbered item of the pair.
        second: the higher-numbered one.
        value: how unlike the two are, from 0 up, in the unit of `unit`.
        unit: what the values are.
    """

    people: tuple[str, ...]
    items: tuple[str, ...]
    person: IndexArray
    trial: IndexArray
    first: IndexArray
    second: IndexArray
    value: FloatArray
    unit: str

    @property
    def n_cells(self) -> int:
        """How many pairs there are: n (n - 1) / 2."""
        return len(self.items) * (len(self.items) - 1) // 2

    @property
    def cell(self) -> IndexArray:
        """The place of each row's pair in the upper triangle read by rows, shape (rows,)."""
        n = len(self.items)
        return self.first * (2 * n - self.first - 1) // 2 + self.second - self.first - 1

    @property
    def trials(self) -> IndexArray:
        """How many trials each person has, shape (people,)."""
        return np.bincount(self._person_of_trial(), minlength=len(self.people))

    def first_half(self, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
        """True for the rows of a random half of each person's trials, shape (rows,)."""
        return split_halves_within(self._person_of_trial(), generator)[self.trial]

    def of(self, kept: Sequence[int]) -> Judgements:
        """Those of some of the people alone, by their numbers, in that order."""
        place = np.full(len(self.people), -1, dtype=np.intp)
        place[list(kept)] = np.arange(len(kept))
        rows = place[self.person] >= 0
        trial = np.unique(self.trial[rows], return_inverse=True)[1]
        return Judgements(
            tuple(self.people[k] for k in kept),
            self.items,
            place[self.person[rows]],
            trial,
            self.first[rows],
            self.second[rows],
            self.value[rows],
            self.unit,
        )

    def _person_of_trial(self) -> IndexArray:
        owner = np.zeros(int(self.trial.max()) + 1 if self.trial.size else 0, dtype=np.intp)
        owner[self.trial] = self.person
        return owner


# --- from what people did --------------------------------------------------------------------------------------------


def from_pair_ratings(
    person: Sequence[str],
    a: Sequence[str],
    b: Sequence[str],
    rating: Sequence[float] | FloatArray,
    *,
    scale: tuple[float, float] | None = None,
    high_is_alike: bool = False,
    items: Sequence[str] | None = None,
) -> Judgements:
    """Judgements from ratings of pairs, a row a trial; a pair that is rated again is a trial more.

    Args:
        person: who rated, shape (rows,).
        a: one item's name, shape (rows,).
        b: the other's.
        rating: finite numbers on the scale, shape (rows,).
        scale: the two ends of the scale; the least and the greatest rating of all where it is not given.
        high_is_alike: whether a high rating means that the two are alike.
        items: all items, in the order wanted; those found, sorted, where it is not given.

    Returns:
        Values from 0 (the alike end of the scale) in the rating's own unit.

    Raises:
        RepresentationError: a row that can't be used, with its number from 1.
        NotEnough: no rows, or fewer than 3 items.
    """
    values = _numbers("rating", rating, len(person))
    low, high = scale if scale is not None else (float(values.min(initial=np.inf)), float(values.max(initial=-np.inf)))
    outside = np.flatnonzero((values < low) | (values > high))
    if outside.size:
        raise RepresentationError(
            f"Row {outside[0] + 1}: a rating of {values[outside[0]]:g} was found. Expected: from {low:g} to {high:g}."
        )
    names = _names(items, [*a, *b])
    first, second = _places("a", a, names), _places("b", b, names)
    _check_pairs(first, second, names)
    unlike = high - values if high_is_alike else values - low
    return _judgements(person, np.arange(len(values)), first, second, unlike, names, f"rating, 0 to {high - low:g}")


def from_triplets(
    person: Sequence[str],
    a: Sequence[str],
    b: Sequence[str],
    c: Sequence[str],
    odd: Sequence[str],
    *,
    items: Sequence[str] | None = None,
) -> Judgements:
    """Judgements from choices of the odd one out of three, a row a trial.

    A trial gives three pairs: 0 for the two that were left together, 1 for either with the odd one.

    Args:
        person: who chose, shape (rows,).
        a: one item.
        b: another.
        c: a third.
        odd: which of the three was chosen.
        items: all items in the order wanted; those found, sorted, where it is not given.

    Raises:
        RepresentationError: a row with the same item twice, or whose odd one is none of the three.
        NotEnough: no rows, or fewer than 3 items.

    Source: the odd-one-out task of Hebart and others (2020) [R]; the average over contexts is the chance that a third
    item parts the two.
    """
    names = _names(items, [*a, *b, *c])
    three = np.stack([_places(column, shown, names) for column, shown in (("a", a), ("b", b), ("c", c))], axis=1)
    chosen = _places("odd", odd, names)
    _check_lengths(len(person), odd=len(odd), a=len(a), b=len(b), c=len(c))
    is_odd = three == chosen[:, None]
    for row in range(len(three)):
        if len(set(three[row])) < 3 or is_odd[row].sum() != 1:
            shown = ", ".join(names[k] for k in three[row])
            raise RepresentationError(
                f"Row {row + 1}: {shown} with the odd one {odd[row]} was found. Expected: three items, one of them odd."
            )
    pairs = [(0, 1), (0, 2), (1, 2)]
    first = np.stack([three[:, i] for i, _ in pairs], axis=1).ravel()
    second = np.stack([three[:, j] for _, j in pairs], axis=1).ravel()
    value = np.stack([(is_odd[:, i] | is_odd[:, j]).astype(np.float64) for i, j in pairs], axis=1).ravel()
    trial = np.repeat(np.arange(len(three)), 3)
    return _judgements(
        [person[k] for k in trial.tolist()],
        trial,
        first,
        second,
        value,
        names,
        "share of trials in which they were parted",
    )


def from_arrangements(
    person: Sequence[str],
    arrangement: Sequence[str],
    item: Sequence[str],
    x: Sequence[float] | FloatArray,
    y: Sequence[float] | FloatArray,
    *,
    items: Sequence[str] | None = None,
) -> Judgements:
    """Judgements from items laid out on a surface, a row an item in an arrangement; an arrangement is a trial.

    Distances are divided by the root of the mean squared distance of their arrangement, for how much of the surface
    somebody uses says nothing about the items. With everything in one place they stay 0.

    Args:
        person: who arranged, shape (rows,).
        arrangement: which of this person's arrangements it is.
        item: what was laid there.
        x: across, any unit, the same as y's.
        y: down.
        items: all items in the order wanted; those found, sorted, where it is not given.

    Raises:
        RepresentationError: an item that lies twice in one arrangement, or an arrangement of one item.
        NotEnough: no rows, or fewer than 3 items.

    Source: after Kriegeskorte and Mur (2012) [R]; every arrangement counts the same here, without
    their weights by evidence.
    """
    _check_lengths(len(person), arrangement=len(arrangement), item=len(item))
    names = _names(items, item)
    place = _places("item", item, names)
    at = np.stack([_numbers("x", x, len(person)), _numbers("y", y, len(person))], axis=1)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(person, arrangement, strict=True)):
        rows_of.setdefault(key, []).append(row)
    parts: list[tuple[IndexArray, IndexArray, FloatArray]] = []
    who: list[str] = []
    trial: list[int] = []
    for number, ((name, which), rows) in enumerate(rows_of.items()):
        inside = np.array(rows)
        if len(set(place[inside])) < len(rows) or len(rows) < 2:
            raise RepresentationError(
                f"Arrangement {which} of {name}: {len(rows)} places of {len(set(place[inside]))} items were found. "
                "Expected: two items or more, each in one place."
            )
        i, j = np.triu_indices(len(rows), 1)
        apart = np.sqrt(((at[inside[i]] - at[inside[j]]) ** 2).sum(axis=1))
        spread = float(np.sqrt((apart**2).mean()))
        parts.append((place[inside[i]], place[inside[j]], apart / spread if spread else apart))
        who += [name] * len(i)
        trial += [number] * len(i)
    if not parts:
        raise NotEnough("There is no arrangement.", "2 arrangements of 3 items or more a person")
    first, second, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    unit = "distance, 1 for the root mean square of its arrangement"
    return _judgements(who, np.array(trial), first, second, value, names, unit)


def from_features(people: Sequence[str], items: Sequence[str], features: FloatArray) -> Judgements:
    """Judgements from what each person said of each item on a number of features; a feature is a trial.

    Args:
        people: names.
        items: names.
        features: shape (people, items, features), finite, all features in one unit.

    Returns:
        Squared differences; their mean over features is the squared Euclidean distance by the number of features.

    Raises:
        RepresentationError: another shape, or a number that is not finite.
        NotEnough: fewer than 3 items.
    """
    cube = np.asarray(features, dtype=np.float64)
    if cube.ndim != 3 or cube.shape[:2] != (len(people), len(items)):
        raise RepresentationError(
            f"Features of shape {cube.shape} were found. "
            f"Expected: ({len(people)} people, {len(items)} items, features)."
        )
    _check_finite("features", cube)
    i, j = np.triu_indices(len(items), 1)
    unlike = (cube[:, i, :] - cube[:, j, :]) ** 2
    n_features = cube.shape[2]
    return _many(people, items, unlike.transpose(0, 2, 1), n_features, "squared difference of a feature")


def from_matrices(person: Sequence[str], items: Sequence[str], matrices: FloatArray) -> Judgements:
    """Judgements from whole matrices, one or more a person; a matrix is a trial.

    Args:
        person: whose each matrix is, shape (matrices,).
        items: names of the rows and of the columns.
        matrices: shape (matrices, items, items), symmetric, 0 on the diagonal, NaN where nothing is known.

    Raises:
        RepresentationError: another shape, a diagonal that is not 0, two halves that differ, a value below 0.
        NotEnough: no matrix, or fewer than 3 items.
    """
    cube = np.asarray(matrices, dtype=np.float64)
    n = len(items)
    if cube.shape != (len(person), n, n):
        raise RepresentationError(
            f"Matrices of shape {cube.shape} were found. Expected: ({len(person)} matrices, {n} items, {n} items)."
        )
    for k, whole in enumerate(cube):
        largest = float(np.nanmax(np.abs(whole), initial=0.0))
        if not np.allclose(whole, whole.T, rtol=0, atol=1e-9 * largest, equal_nan=True):
            raise RepresentationError(
                f"Matrix {k + 1} of {person[k]}: two different halves were found. Expected: the same."
            )
        if np.any(np.abs(np.diag(whole)) > 1e-9 * largest) or not np.all(np.isfinite(np.diag(whole))):
            raise RepresentationError(
                f"Matrix {k + 1} of {person[k]}: a diagonal that is not 0 was found. Expected: 0."
            )
        if np.any(whole < 0) or np.any(np.isinf(whole)):
            raise RepresentationError(
                f"Matrix {k + 1} of {person[k]}: a value below 0 or without end was found. Expected: from 0 up."
            )
    above = np.triu_indices(n, 1)
    cells = cube[:, above[0], above[1]]
    known = np.isfinite(cells)
    number = np.broadcast_to(np.arange(len(cube))[:, None], cells.shape)[known]
    first = np.broadcast_to(above[0], cells.shape)[known]
    second = np.broadcast_to(above[1], cells.shape)[known]
    names = tuple(_names(items, ()))
    return _judgements([person[k] for k in number], number, first, second, cells[known], names, "as in the matrices")


# --- checks ----------------------------------------------------------------------------------------------------------


def _judgements(
    person: Sequence[str],
    trial: IndexArray,
    first: IndexArray,
    second: IndexArray,
    value: FloatArray,
    names: Sequence[str],
    unit: str,
) -> Judgements:
    _check_lengths(len(person), a=len(first), b=len(second), rating=len(value))
    if not len(person):
        raise NotEnough("There is no judgement at all.", "3 items, each two judged twice by 2 people")
    people, whose = np.unique(np.asarray(person, dtype=np.str_), return_inverse=True)
    number = np.unique(trial, return_inverse=True)[1]
    low, high = np.minimum(first, second), np.maximum(first, second)
    return Judgements(tuple(str(p) for p in people), tuple(names), whose, number, low, high, value, unit)


def _many(people: Sequence[str], items: Sequence[str], unlike: FloatArray, trials_each: int, unit: str) -> Judgements:
    """Judgements where every person has every pair in every trial; unlike: (people, trials, pairs)."""
    names = _names(items, ())
    i, j = np.triu_indices(len(items), 1)
    rows = len(people) * trials_each
    trial = np.repeat(np.arange(rows), i.size)
    who = [name for name in people for _ in range(trials_each * i.size)]
    return _judgements(who, trial, np.tile(i, rows), np.tile(j, rows), unlike.ravel(), names, unit)


def _names(wanted: Sequence[str] | None, found: Sequence[str]) -> list[str]:
    names = sorted(set(found)) if wanted is None else list(wanted)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RepresentationError(f"Item {twice} was found twice. Expected: each item once.")
    if len(names) < 3:
        raise NotEnough(f"There are {len(names)} items.", "3 items, and 8 or more for an interval worth having")
    if len(names) > MOST_ITEMS:
        raise RepresentationError(f"{len(names)} items were found. Expected: at most {MOST_ITEMS}.")
    return names


def _places(column: str, shown: Sequence[str], names: Sequence[str]) -> IndexArray:
    place = {name: k for k, name in enumerate(names)}
    for row, name in enumerate(shown):
        if name not in place:
            raise RepresentationError(f"Row {row + 1}: {column} {name!r} was found. Expected: one of the items.")
    return np.array([place[name] for name in shown], dtype=np.intp)


def _check_pairs(first: IndexArray, second: IndexArray, names: Sequence[str]) -> None:
    _check_lengths(len(first), b=len(second))
    same = np.flatnonzero(first == second)
    if same.size:
        raise RepresentationError(
            f"Row {same[0] + 1}: {names[first[same[0]]]} with itself was found. Expected: two different items."
        )


def _numbers(column: str, given: Sequence[float] | FloatArray, n: int) -> FloatArray:
    values = np.asarray(given, dtype=np.float64)
    if values.shape != (n,):
        raise RepresentationError(f"Column {column}: shape {values.shape} was found. Expected: ({n},).")
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        raise RepresentationError(f"Row {wrong[0] + 1}: {column} {values[wrong[0]]} was found. Expected: a number.")
    return values


def _check_finite(what: str, values: FloatArray) -> None:
    if not np.all(np.isfinite(values)):
        at = tuple(int(k) + 1 for k in np.argwhere(~np.isfinite(values))[0])
        raise RepresentationError(f"The {what} hold no number at {at}. Expected: numbers throughout.")


def _check_lengths(n: int, **columns: int) -> None:
    for name, length in columns.items():
        if length != n:
            raise RepresentationError(f"Column {name}: {length} rows were found. Expected: {n}, as many as people.")
