"""Means of people and groups over the things that each of them was asked for, with intervals, gaps and reliability.

What was measured stands in a matrix (people, items), NaN where somebody has no value for an item. Every random choice
comes from the generator that is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.resampling import bootstrap_counts, percentile_interval, spearman_brown, split_halves

Floats: TypeAlias = npt.NDArray[np.float64]

FEWEST_PEOPLE, FEWEST_ITEMS = 3, 2
DRAWS, SPLITS = 1000, 100


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; the limits are NaN where there is nobody to draw from."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Who was asked for what.

    Attributes:
        people: names, one a row.
        items: names, one a column.
        groups: of each person.
        values: by what was measured, (people, items), NaN where there is none.
    """

    people: tuple[str, ...]
    items: tuple[str, ...]
    groups: tuple[str, ...]
    values: Mapping[str, Floats]

    def of_people(self, measure: str) -> Floats:
        """Each person's mean over items, (people,); NaN for who has none."""
        return _means(self.values[measure])


def gathered(rows: Sequence[tuple[str, str, str]], values: Mapping[str, Sequence[float]]) -> Cells:
    """Rows of (person, group, item) with their values as cells; several rows of one cell become their mean."""
    people = tuple(dict.fromkeys(person for person, _, _ in rows))
    items = tuple(dict.fromkeys(item for _, _, item in rows))
    group_of = {person: group for person, group, _ in rows}
    at = np.array([(people.index(person), items.index(item)) for person, _, item in rows]).reshape(-1, 2)
    matrices = {}
    for measure, found in values.items():
        numbers = np.asarray(found, dtype=np.float64)
        known = np.isfinite(numbers)
        sums, counts = np.zeros((2, len(people), len(items)))
        np.add.at(sums, (at[known, 0], at[known, 1]), numbers[known])
        np.add.at(counts, (at[known, 0], at[known, 1]), 1)
        matrices[measure] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return Cells(people, items, tuple(group_of[person] for person in people), matrices)


def group_estimates(
    cells: Cells, measures: Sequence[str], generator: np.random.Generator, draws: int = DRAWS
) -> tuple[dict[str, dict[str, Estimate]], dict[tuple[str, str], dict[str, Estimate]]]:
    """Each group's mean over its people's cells, and each pair of groups' gap (first less second).

    The intervals come from drawing people, within their group, and items again and again, the same items for all
    groups. Drawing both makes them wide rather than narrow. Items are not drawn where there is one.

    Returns:
        By group and measure; by pair of groups and measure.
    """
    groups = sorted(set(cells.groups))
    n_items = len(cells.items)
    of_items = bootstrap_counts(n_items, draws, generator) if n_items > 1 else np.ones((draws, 1), dtype=np.intp)
    estimates: dict[str, dict[str, Estimate]] = {}
    drawn: dict[str, dict[str, Floats]] = {}
    for group in groups:
        rows = np.flatnonzero(np.array(cells.groups) == group)
        of_people = bootstrap_counts(len(rows), draws, generator)
        estimates[group], drawn[group] = {}, {}
        for measure in measures:
            matrix = cells.values[measure][rows]
            known = np.isfinite(matrix).astype(np.float64)
            sums = ((of_people @ np.nan_to_num(matrix)) * of_items).sum(axis=1)
            counts = ((of_people @ known) * of_items).sum(axis=1)
            again = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
            drawn[group][measure] = again if len(rows) > 1 else np.full(draws, np.nan)
            mean = float(_means(matrix.reshape(1, -1))[0])
            estimates[group][measure] = Estimate(mean, *percentile_interval(drawn[group][measure]))
    gaps = {
        (one, other): {
            measure: Estimate(
                estimates[one][measure].value - estimates[other][measure].value,
                *percentile_interval(drawn[one][measure] - drawn[other][measure]),
            )
            for measure in measures
        }
        for n, one in enumerate(groups)
        for other in groups[n + 1 :]
    }
    return estimates, gaps


def reliability(matrix: Floats, generator: np.random.Generator, splits: int = SPLITS) -> tuple[float | None, str]:
    """The reliability of people's means over items, and how it was reckoned or why it can't be.

    Items are split into random halves; people's means over both are correlated, the mean over splits stepped up by
    Spearman and Brown's formula.

    Args:
        matrix: (people, items), NaN where there is none.
        generator: where the chance comes from.
        splits: how often.
    """
    people, items = matrix.shape
    if people < FEWEST_PEOPLE or items < FEWEST_ITEMS:
        return None, (
            f"No reliability: {people} people with {items} items were found. Enough would be: {FEWEST_PEOPLE} people "
            f"with {FEWEST_ITEMS} items each."
        )
    found = []
    for _ in range(splits):
        one, other = split_halves(items, generator)
        pair = np.stack([_means(matrix[:, one]), _means(matrix[:, other])])
        pair = pair[:, np.isfinite(pair).all(axis=0)]
        if pair.shape[1] >= FEWEST_PEOPLE and (np.ptp(pair, axis=1) > 1e-12).all():
            found.append(float(np.asarray(np.corrcoef(pair))[0, 1]))
    if not found:
        return None, "No reliability: people don't differ, or too few of them have values in both halves of the items."
    mean = float(np.mean(found))
    # Below 0 there is nothing to step up: the formula would make much of a little.
    return spearman_brown(mean) if mean > 0 else mean, (
        f"Split halves of the {items} items over {people} people, {len(found)} random splits, stepped up by Spearman "
        "and Brown's formula; below 0 means none."
    )


def _means(matrix: Floats) -> Floats:
    """The mean of each row's values; NaN where it has none."""
    known = np.isfinite(matrix).sum(axis=1)
    return np.asarray(np.where(known > 0, np.nansum(matrix, axis=1) / np.maximum(known, 1), np.nan))
