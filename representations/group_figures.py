"""Measures of pairs, summed up over people and groups: intervals over people and items, gaps, permuted groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from representations.canonical import Floats, Indices
from representations.pairings import Pairs
from representations.resampling import bootstrap_counts, percentile_interval, permutations
from representations.result import Column, Table

EVERYBODY = "everybody"


@dataclass(frozen=True)
class Measure:
    """A ratio of sums: what stands above and below the line, one entry a pair."""

    name: str
    means: str
    above: Floats
    below: Floats


def summarise_groups(pairs: Pairs, measures: Sequence[Measure], draws: int, generator: np.random.Generator) -> Table:
    """Every measure of everybody and of each group, with its interval.

    The interval is over new people and new photographs alike: both are drawn with replacement, the people within their
    group. The fits are not repeated. NaN where people are told apart and there is one, or nothing is below the line.
    """
    grid = _Grid(pairs, draws, generator)
    rows = []
    for name, members in grid.groups.items():
        for measure in measures:
            value, drawn = grid.ratio(measure, members)
            rows.append((name, measure, len(members), grid.drawings(members), value, *_interval(drawn, members, pairs)))
    return Table(
        "groups",
        "Each measure of each group, over all its drawings, from fits that have not seen them.",
        {
            "group": Column([row[0] for row in rows], "the group, or everybody"),
            "measure": Column([row[1].name for row in rows], "which measure"),
            "measures": Column([row[1].means for row in rows], "what it says"),
            "people": Column([None if pairs.people is None else row[2] for row in rows], "people in the group"),
            "drawings": Column([row[3] for row in rows], "their drawings that show something"),
            "value": Column([row[4] for row in rows], "the measure"),
            "low": Column([row[5] for row in rows], f"2.5 % of {draws} draws of people and photographs lie below"),
            "high": Column([row[6] for row in rows], f"2.5 % of {draws} draws of people and photographs lie above"),
        },
    )


def compare_groups(pairs: Pairs, measures: Sequence[Measure], draws: int, generator: np.random.Generator) -> Table:
    """Every two groups' difference in every measure: its interval, and how often permuted groups differ as much."""
    grid = _Grid(pairs, draws, generator)
    rows = []
    for (a, of_a), (b, of_b) in combinations([one for one in grid.groups.items() if one[0] != EVERYBODY], 2):
        for measure in measures:
            (value_a, drawn_a), (value_b, drawn_b) = grid.ratio(measure, of_a), grid.ratio(measure, of_b)
            enough = len(of_a) > 1 and len(of_b) > 1
            limits = percentile_interval(drawn_a - drawn_b) if enough else (np.nan, np.nan)
            p = grid.permuted(measure, of_a, of_b, generator) if enough else np.nan
            rows.append((a, b, measure, value_a - value_b, *limits, p))
    return Table(
        "gaps",
        "The difference of every two groups in each measure; empty without groups.",
        {
            "group": Column([row[0] for row in rows], "the one"),
            "other": Column([row[1] for row in rows], "the other"),
            "measure": Column([row[2].name for row in rows], "which measure"),
            "difference": Column([row[3] for row in rows], "the one's less the other's"),
            "low": Column([row[4] for row in rows], f"2.5 % of {draws} draws of people and photographs lie below"),
            "high": Column([row[5] for row in rows], f"2.5 % of {draws} draws of people and photographs lie above"),
            "p": Column([row[6] for row in rows], f"share of {draws} permutations of people that differ as much"),
        },
    )


def compare_codes(pairs: Pairs, codes: Floats, draws: int, generator: np.random.Generator) -> Table:
    """How far apart every two groups' mean codes are, in spreads between people, beside permuted groups.

    Args:
        pairs: whose they are.
        codes: (n, e), one a drawing; each person's are averaged first.
        draws: permutations of people.
        generator: where the permutations come from.
    """
    rows = []
    if pairs.people is not None and pairs.groups:
        names, whose = np.unique(pairs.people, return_inverse=True)
        means = np.zeros((len(names), codes.shape[1]))
        np.add.at(means, whose, codes)
        means /= np.bincount(whose)[:, None]
        spread = means.std(axis=0)
        means = means / np.where(spread > 0, spread, 1.0)
        group = np.array([pairs.groups[str(name)] for name in names])
        for a, b in combinations(sorted(set(group.tolist())), 2):
            of_a, of_b = np.flatnonzero(group == a), np.flatnonzero(group == b)
            if min(len(of_a), len(of_b)) < 2:
                continue
            both = np.concatenate([of_a, of_b])
            orders = [np.arange(len(both)), *(generator.permutation(len(both)) for _ in range(draws))]
            apart = np.array([_apart(means[both[order]], len(of_a)) for order in orders])
            rows.append((a, b, apart[0], np.median(apart[1:]), float((apart >= apart[0] - 1e-12).mean())))
    return Table(
        "exclusive",
        "How far the groups' exclusive codes (style, hand, colour) lie apart; empty without two people a group.",
        {
            "group": Column([row[0] for row in rows], "the one"),
            "other": Column([row[1] for row in rows], "the other"),
            "distance": Column([row[2] for row in rows], "between the mean codes", "spreads between people"),
            "permuted": Column([row[3] for row in rows], "the middle distance of permuted groups", "the same"),
            "p": Column([row[4] for row in rows], f"share of {draws} permutations of people that are as far apart"),
        },
    )


class _Grid:
    """Sums over the drawings of each person of each item, and draws of both with replacement."""

    def __init__(self, pairs: Pairs, draws: int, generator: np.random.Generator) -> None:
        people = pairs.people if pairs.people is not None else np.full(len(pairs.items), "")
        names, self.whose = np.unique(people, return_inverse=True)
        items, self.what = np.unique(pairs.items, return_inverse=True)
        self.shape = len(names), len(items)
        group = np.array([pairs.groups.get(str(name), "") for name in names])
        self.groups: dict[str, Indices] = {EVERYBODY: np.arange(len(names))}
        for name in sorted(set(group.tolist()) - {""}):
            self.groups[name] = np.flatnonzero(group == name)
        self.of_items = bootstrap_counts(len(items), draws, generator).astype(float)
        self.of_people = {
            name: bootstrap_counts(len(members), draws, generator).astype(float)
            for name, members in self.groups.items()
        }

    def drawings(self, members: Indices) -> int:
        return int(np.isin(self.whose, members).sum())

    def ratio(self, measure: Measure, members: Indices) -> tuple[float, Floats]:
        """The measure of these people, and of every draw."""
        above, below = self._sums(measure.above)[members], self._sums(measure.below)[members]
        of_people = next(counts for name, counts in self.of_people.items() if self.groups[name] is members)
        drawn_above = ((of_people @ above) * self.of_items).sum(axis=1)
        drawn_below = ((of_people @ below) * self.of_items).sum(axis=1)
        return _over(np.array([above.sum()]), np.array([below.sum()]))[0], _over(drawn_above, drawn_below)

    def permuted(self, measure: Measure, a: Indices, b: Indices, generator: np.random.Generator) -> float:
        """The share of permutations of people between two groups that differ at least as much as the groups do."""
        both = np.concatenate([a, b])
        above, below = self._sums(measure.above)[both].sum(axis=1), self._sums(measure.below)[both].sum(axis=1)
        draws = len(self.of_items)
        orders = np.vstack([np.arange(len(both)), permutations(len(both), draws, generator)])
        first, last = orders[:, : len(a)], orders[:, len(a) :]
        gaps = _over(above[first].sum(axis=1), below[first].sum(axis=1)) - _over(
            above[last].sum(axis=1), below[last].sum(axis=1)
        )
        return float((np.abs(gaps) >= abs(gaps[0]) - 1e-12).mean()) if np.isfinite(gaps[0]) else float("nan")

    def _sums(self, values: Floats) -> Floats:
        total = np.zeros(self.shape)
        np.add.at(total, (self.whose, self.what), values)
        return total


def _interval(drawn: Floats, members: Indices, pairs: Pairs) -> tuple[float, float]:
    if pairs.people is not None and len(members) < 2:
        return float("nan"), float("nan")
    return percentile_interval(drawn)


def _over(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def _apart(means: Floats, first: int) -> float:
    return float(np.linalg.norm(means[:first].mean(axis=0) - means[first:].mean(axis=0)))
