"""Pairs of a drawing and its photograph: what is checked, which are held out, and how they are shuffled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from representations.canonical import Floats, Indices, Shuffle
from representations.errors import NotEnough, RepresentationError

FEWEST_PAIRS = 40
FEWEST_PHOTOGRAPHS = {"people": 4, "photographs": 40}
FEWEST_PEOPLE = 4
SIDE_PX = 24
BLANK = 1e-9


@dataclass(frozen=True)
class Pairs:
    """Drawings and their photographs, one row a pair.

    Attributes:
        drawings, photographs: (n, features of each).
        drawing_shape, photograph_shape: how a row becomes a picture again, (height, width) or (height, width, colours);
            None where the rows are features.
        items: which photograph, a name a pair.
        people: who drew, a name a pair; None where nobody is told apart.
        groups: the group of each person.
        blank: which people drew nothing, and how often.
        attributes: what else is known of each pair, (n, dimensions) a name.
        rows: where each pair stood in what was given; the blank ones are left out.
    """

    drawings: Floats
    photographs: Floats
    drawing_shape: tuple[int, ...] | None
    photograph_shape: tuple[int, ...] | None
    items: npt.NDArray[np.str_]
    people: npt.NDArray[np.str_] | None
    groups: Mapping[str, str]
    blank: Mapping[str, int]
    attributes: Mapping[str, Floats]
    rows: Indices

    def part(self, places: Indices) -> Pairs:
        """Some of the pairs; who drew nothing stays known of all."""
        return replace(
            self,
            drawings=self.drawings[places],
            photographs=self.photographs[places],
            items=self.items[places],
            people=None if self.people is None else self.people[places],
            attributes={name: values[places] for name, values in self.attributes.items()},
            rows=self.rows[places],
        )

    def held_out_by(self, by: str) -> npt.NDArray[np.str_]:
        """The name by which pairs are held out together: the photographs' or the people's."""
        return self.items if by == "photographs" or self.people is None else self.people

    def shuffle(self, by: str) -> Shuffle:
        """How pairs are shuffled where they are held out by people or by photographs.

        By people, each person's photographs among that person's drawings. By photographs, all pairs of one photograph
        together with all of another, so that what is alike on either side stays alike.
        """
        if by == "photographs" or self.people is None:
            return self._shuffle_photographs
        return self._shuffle_within_people

    def _shuffle_within_people(self, places: Indices, generator: np.random.Generator) -> Indices:
        people = self.people if self.people is not None else np.full(len(self.items), "")
        _, whose = np.unique(people[places], return_inverse=True)
        _, what = np.unique(self.items[places], return_inverse=True)
        drawn = np.unique(np.stack([whose, what]), axis=1)[0]
        # Somebody who drew one photograph alone can only be shuffled with others like that.
        whose = np.where(np.bincount(drawn)[whose] < 2, -1, whose)
        home = np.argsort(whose, kind="stable")
        order = np.empty(len(places), dtype=np.intp)
        order[home] = np.lexsort((generator.random(len(places)), whose))
        return order

    def _shuffle_photographs(self, places: Indices, generator: np.random.Generator) -> Indices:
        _, what, counts = np.unique(self.items[places], return_inverse=True, return_counts=True)
        home = np.argsort(what, kind="stable")
        starts = np.cumsum(counts) - counts
        other = generator.permutation(len(counts))
        nth = np.arange(len(places)) - np.repeat(starts, counts)
        order = np.empty(len(places), dtype=np.intp)
        taken = np.repeat(other, counts)
        order[home] = home[starts[taken] + nth % counts[taken]]
        return order


def check_pairs(
    drawings: npt.ArrayLike,
    photographs: npt.ArrayLike,
    items: Sequence[str],
    people: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    attributes: Mapping[str, npt.ArrayLike] | None = None,
    by: str = "photographs",
) -> Pairs:
    """The pairs, checked and as rows of features; blank drawings are left out and counted.

    Args:
        drawings: (n, features), or pictures (n, height, width) or (n, height, width, colours): larger ones are shrunk
            to 24 px a side by the mean of what each pixel covers.
        photographs: the same; the two need not be of one size.
        items: (n,), which photograph.
        people: (n,), who drew.
        groups: each person's group.
        attributes: numbers a pair, (n,) or (n, dimensions).
        by: what will be held out together, `people` or `photographs`.

    Raises:
        RepresentationError: lengths differ, a value is no number, a person has no group.
        NotEnough: too few pairs, photographs or people, or nothing varies.
    """
    if by not in FEWEST_PHOTOGRAPHS:
        raise RepresentationError(f"Hold out by {by!r} was asked for. Expected: people or photographs.")
    rows_x, shape_x = _rows(drawings, "drawings")
    rows_y, shape_y = _rows(photographs, "photographs")
    named = np.asarray([str(item) for item in items], dtype=np.str_)
    drawn_by = None if people is None else np.asarray([str(person) for person in people], dtype=np.str_)
    known = {name: _numbers(values, name) for name, values in (attributes or {}).items()}
    lengths = {"drawings": len(rows_x), "photographs": len(rows_y), "items": len(named)}
    lengths |= {name: len(values) for name, values in known.items()}
    lengths |= {} if drawn_by is None else {"people": len(drawn_by)}
    if len(set(lengths.values())) > 1:
        raise RepresentationError(f"Lengths that differ were found: {lengths}. Expected: one entry a pair in each.")
    # A picture of one shade shows nothing, whichever the shade; of features, noughts alone say nothing.
    blank = np.ptp(rows_x, axis=1) <= BLANK if shape_x is not None else (np.abs(rows_x) <= BLANK).all(axis=1)
    kept = np.flatnonzero(~blank)
    nothing: dict[str, int] = {}
    for person in drawn_by[blank] if drawn_by is not None else [""] * int(blank.sum()):
        nothing[str(person)] = nothing.get(str(person), 0) + 1
    found = Pairs(
        rows_x[kept],
        rows_y[kept],
        shape_x,
        shape_y,
        named[kept],
        None if drawn_by is None else drawn_by[kept],
        _check_groups(drawn_by, groups),
        nothing,
        {name: values[kept] for name, values in known.items()},
        kept,
    )
    _check_enough(found, by)
    return found


def folds(names: npt.NDArray[np.str_], count: int, generator: np.random.Generator) -> Indices:
    """The fold of each entry, 0 .. count - 1: entries of one name stay together, and folds hold alike many names."""
    distinct, where = np.unique(names, return_inverse=True)
    dealt = np.arange(len(distinct)) % count
    return generator.permutation(dealt)[where]


def shrink_pictures(pictures: Floats, side: int = SIDE_PX) -> Floats:
    """Pictures (n, height, width, ...) of at most `side` px, each the mean of what it covers."""
    for axis in (1, 2):
        length = pictures.shape[axis]
        if length > side:
            edges = np.linspace(0.0, length, side + 1)
            pixel = np.arange(length)
            covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
            shares = np.clip(covered, 0.0, None) * side / length
            pictures = np.moveaxis(np.tensordot(pictures, shares, axes=([axis], [1])), -1, axis)
    return pictures


def _rows(values: npt.ArrayLike, name: str) -> tuple[Floats, tuple[int, ...] | None]:
    numbers = _numbers(values, name)
    if numbers.ndim not in {2, 3, 4} or 0 in numbers.shape[1:]:
        raise RepresentationError(
            f"The {name} are an array of shape {numbers.shape}. Expected: (pairs, features), (pairs, height, width) or "
            "(pairs, height, width, colours)."
        )
    if numbers.ndim == 2:
        return numbers, None
    small = shrink_pictures(numbers)
    return small.reshape(len(small), -1), small.shape[1:]


def _numbers(values: npt.ArrayLike, name: str) -> Floats:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RepresentationError(f"The {name} are no array of numbers: {error}.") from error
    if numbers.ndim < 2:
        numbers = numbers.reshape(-1, 1)
    wrong = ~np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1)
    if wrong.any():
        raise RepresentationError(
            f"The {name} hold something that is no finite number in {int(wrong.sum())} pairs, first in number "
            f"{int(np.argmax(wrong)) + 1}. Expected: a number everywhere."
        )
    return numbers


def _check_groups(people: npt.NDArray[np.str_] | None, groups: Mapping[str, str] | None) -> dict[str, str]:
    if not groups:
        return {}
    if people is None:
        raise RepresentationError("Groups were given without people. Expected: who drew, for every pair.")
    without = sorted({str(person) for person in people} - {str(person) for person in groups})
    if without:
        raise RepresentationError(f"No group was found for {', '.join(without[:5])}. Expected: one for everybody.")
    return {str(person): str(group) for person, group in groups.items()}


def _check_enough(pairs: Pairs, by: str) -> None:
    blank = sum(pairs.blank.values())
    found = len(pairs.items)
    if blank and found < FEWEST_PAIRS:
        raise NotEnough(
            f"{blank} of {blank + found} drawings are blank, which leaves {found}.",
            f"{FEWEST_PAIRS} pairs whose drawing shows something",
        )
    if found < FEWEST_PAIRS:
        raise NotEnough(f"{found} pairs of a drawing and a photograph were found.", f"{FEWEST_PAIRS} pairs")
    if pairs.people is None and by == "people":
        raise RepresentationError("People are to be held out, and nobody is named. Expected: who drew, for every pair.")
    people = len(np.unique(pairs.people)) if pairs.people is not None else 0
    if by == "people" and people < FEWEST_PEOPLE:
        who = "One person was" if people == 1 else f"{people} people were"
        raise NotEnough(
            f"{who} found, and people are held out in turn.",
            f"{FEWEST_PEOPLE} people, or photographs held out in place of people "
            f"(with {FEWEST_PHOTOGRAPHS['photographs']} of them)",
        )
    photographs = len(set(pairs.items.tolist()))
    if photographs < FEWEST_PHOTOGRAPHS[by]:
        raise NotEnough(
            f"{photographs} different photographs were found, and {by} are held out.",
            f"{FEWEST_PHOTOGRAPHS[by]} photographs",
        )
    for name, rows in (("drawings", pairs.drawings), ("photographs", pairs.photographs)):
        if not rows.shape[1] or float(np.ptp(rows, axis=0).max()) <= BLANK:
            raise NotEnough(
                f"All {found} {name} are the same: no pixel varies.", f"{name} that differ from one another"
            )
