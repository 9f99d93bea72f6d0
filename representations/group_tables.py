"""The tables and charts of alignment by group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from representations.agreement import Figures, Material
from representations.alignment import CORRELATIONS, NAMES, Measure
from representations.judgements import Judgements
from representations.picture import Axis, BarChart, Drawable, Level, ShadeChart
from representations.resampling import FloatArray, percentile_interval, spearman_brown
from representations.result import Column, Table
from representations.threshold import is_near

MOST_SHADES = 60
"""A grid of more people than this would show nothing."""


@dataclass(frozen=True)
class Findings:
    """All that one measure gives.

    Attributes:
        measure: which.
        raw: alignment of each two people, shape (people, people).
        crossed: of one's half with another's; on the diagonal the agreement of one's own halves.
        estimate: means by group.
        draws: the same for each bootstrap draw.
        null: mean raw alignment with shuffled items, shape (shuffles, groups, groups).
        within: the same, shuffled within classes; None where there are none.
    """

    measure: Measure
    raw: FloatArray
    crossed: FloatArray
    estimate: Figures
    draws: Figures
    null: FloatArray
    within: FloatArray | None

    @property
    def reliability(self) -> FloatArray:
        """Of all trials, for each group, stepped up from halves."""
        return np.array([spearman_brown(float(half)) for half in self.estimate.half])

    def may_divide(self, a: int, b: int, least: float) -> bool:
        """Whether the noise of these two groups may be divided out."""
        return self.measure in CORRELATIONS and bool(self.reliability[a] >= least and self.reliability[b] >= least)

    @staticmethod
    def times_needed(reliability: float, least: float) -> str:
        """How many times as many trials would reach the least reliability, in words."""
        if not reliability > 0:
            return "many times"
        return f"about {math.ceil(10 * least * (1 - reliability) / (reliability * (1 - least))) / 10:g} times"


@dataclass(frozen=True)
class Semantic:
    """What a semantic matrix takes out.

    Attributes:
        measure: `pearson` or `spearman`.
        with_it: each person's correlation with it, shape (people,).
        membership: shape (groups, people).
        estimate: alignment of what is left.
        draws: the same for each bootstrap draw.
    """

    measure: Measure
    with_it: FloatArray
    membership: FloatArray
    estimate: Figures
    draws: Figures

    def table(self, groups: Sequence[str], least: float) -> Table:
        """Agreement with the matrix and alignment without it, a row each two groups."""
        a, b = np.triu_indices(len(groups))
        own = [float(_means(self.with_it[row > 0][:, None])[0]) for row in self.membership]
        stepped = np.array([spearman_brown(float(half)) for half in self.estimate.half])
        may = (stepped[a] >= least) & (stepped[b] >= least)
        limits = _limits(self.draws.free[:, a, b])
        return Table(
            "semantic",
            f"What the semantic matrix explains, and alignment without it ({NAMES[self.measure]}).",
            {
                "group_a": Column([groups[k] for k in a.tolist()], "one group"),
                "group_b": Column([groups[k] for k in b.tolist()], "the other, or the same"),
                "agreement_a": Column([own[k] for k in a], "mean correlation of its people with the semantic matrix"),
                "agreement_b": Column([own[k] for k in b], "the same of the other"),
                "raw": Column(self.estimate.raw[a, b], "mean alignment of two people, the semantic matrix taken out"),
                "disattenuated": Column(
                    np.where(may, self.estimate.free[a, b], np.nan), "the same with noise divided out, where reliable"
                ),
                "disattenuated_low": Column(np.where(may, limits[0], np.nan), "its 95 % limit below"),
                "disattenuated_high": Column(np.where(may, limits[1], np.nan), "its 95 % limit above"),
            },
        )


def people_table(
    judgements: Judgements,
    material: Material,
    first: Findings,
    groups: Sequence[str],
    membership: FloatArray,
    aside: Mapping[str, str],
) -> Table:
    """A row a person, those set aside last."""
    free = material.whole.free_weights
    judged = np.bincount(judgements.person, minlength=len(judgements.people))
    half = np.diagonal(first.crossed)
    gone = sorted(aside)
    none, nothing = [None] * len(gone), [float("nan")] * len(gone)
    return Table(
        "people",
        f"How much each person gave, and how far their own halves agree ({NAMES[first.measure]}).",
        {
            "participant": Column([*judgements.people, *gone], "who"),
            "group": Column([*_own_groups(groups, membership), *none], "their group; empty where set aside"),
            "trials": Column([*judgements.trials.tolist(), *none], "trials used", "trials"),
            "judged": Column([*judged.tolist(), *none], "values of pairs that these gave", "pairs"),
            "cells": Column(
                [*(material.whole.counts > 0).sum(axis=1).tolist(), *none],
                "different pairs judged once or more",
                "pairs",
            ),
            "fewest_behind_a_cell": Column(
                [*material.whole.counts.min(axis=1).tolist(), *none], "trials behind the least judged pair", "trials"
            ),
            "free_weights": Column([*([free] * len(judged)), *none], "numbers that were free to be fitted"),
            "near_threshold": Column(
                [*is_near(judged, free).tolist(), *none], "judged within 30 % as often as there are free weights"
            ),
            "half_reliability": Column([*half, *nothing], "correlation of two halves, mean over splits"),
            "reliability": Column(
                [*(spearman_brown(float(one)) for one in half), *nothing], "the same stepped up to all trials"
            ),
            "set_aside": Column([*([None] * len(judged)), *(aside[name] for name in gone)], "why, where set aside"),
        },
    )


def pair_table(
    judgements: Judgements,
    found: Sequence[Findings],
    draws: FloatArray,
    groups: Sequence[str],
    membership: FloatArray,
    least: float,
) -> Table:
    """A row each two people; the interval is of draws of items."""
    first = found[0]
    a, b = np.triu_indices(len(judgements.people), 1)
    whose = _own_groups(groups, membership)
    low, high = _limits(draws)
    half = np.diagonal(first.crossed)
    stepped = np.array([spearman_brown(float(one)) for one in half])
    may = (stepped[a] >= least) & (stepped[b] >= least) & (first.measure in CORRELATIONS)
    own = np.where(half > 0, half, np.nan)
    free = (first.crossed[a, b] + first.crossed[b, a]) / 2 / np.sqrt(own[a] * own[b])
    if first.measure == "imbalance":
        low, high = np.full_like(low, np.nan), np.full_like(high, np.nan)
    return Table(
        "pairs",
        "Alignment of each two people. One pair's figure is noisy: read groups.",
        {
            "participant_a": Column([judgements.people[k] for k in a], "one"),
            "participant_b": Column([judgements.people[k] for k in b], "the other"),
            "group_a": Column([whose[k] for k in a], "group of the one"),
            "group_b": Column([whose[k] for k in b], "group of the other"),
            **{one.measure: Column(one.raw[a, b], f"raw alignment: {NAMES[one.measure]}") for one in found},
            "low": Column(low, f"95 % limit below of {first.measure}, draws of items"),
            "high": Column(high, "the same above"),
            "disattenuated": Column(
                np.where(may, free, np.nan), f"{first.measure} with noise divided out, where both are reliable enough"
            ),
        },
    )


def group_table(found: Sequence[Findings], groups: Sequence[str], membership: FloatArray, least: float) -> Table:
    """A row each measure and two groups (or one with itself)."""
    a, b = np.triu_indices(len(groups))
    columns: dict[str, list[object]] = {}

    def add(**values: object) -> None:
        for name, value in values.items():
            columns.setdefault(name, []).append(value)

    sizes = membership.sum(axis=1).astype(int)
    for one in found:
        for g, h in zip(a.tolist(), b.tolist(), strict=True):
            raw, free = percentile_interval(one.draws.raw[:, g, h]), percentile_interval(one.draws.free[:, g, h])
            may = one.may_divide(g, h, least)
            null = percentile_interval(one.null[:, g, h])
            empty = float("nan")
            add(
                measure=one.measure,
                group_a=groups[g],
                group_b=groups[h],
                people_a=sizes[g],
                people_b=sizes[h],
                raw=one.estimate.raw[g, h],
                raw_low=raw[0],
                raw_high=raw[1],
                reliability_a=one.reliability[g],
                reliability_b=one.reliability[h],
                disattenuated=one.estimate.free[g, h] if may else empty,
                disattenuated_low=free[0] if may else empty,
                disattenuated_high=free[1] if may else empty,
                null=float(np.mean(one.null[:, g, h])),
                null_low=null[0],
                null_high=null[1],
                null_within_categories=empty if one.within is None else float(np.mean(one.within[:, g, h])),
                refused=_why_not(one, g, h, least),
            )
    means = {
        "measure": "which measure of alignment",
        "group_a": "one group",
        "group_b": "the other, or the same",
        "people_a": "people of the one",
        "people_b": "people of the other",
        "raw": "mean alignment of two different people",
        "raw_low": "its 95 % limit below, draws of people and items",
        "raw_high": "the same above",
        "reliability_a": "reliability of all trials in the one, stepped up from halves",
        "reliability_b": "the same in the other",
        "disattenuated": "alignment with noise divided out",
        "disattenuated_low": "its 95 % limit below, draws of people and items",
        "disattenuated_high": "the same above",
        "null": "mean raw alignment with items shuffled for each person",
        "null_low": "95 % of these means lie above",
        "null_high": "95 % of these means lie below",
        "null_within_categories": "the same, shuffled within classes of items",
        "refused": "why noise was not divided out; empty where it was",
    }
    return Table(
        "groups",
        "Alignment within and between groups.",
        {name: Column(values, means[name]) for name, values in columns.items()},
    )


def gap_table(found: Sequence[Findings], groups: Sequence[str], least: float) -> Table:
    """A row each measure and two different groups: do they differ, and in what?"""
    a, b = np.triu_indices(len(groups), 1)
    measures = [one.measure for one in found for _ in a]
    may = np.array([one.may_divide(g, h, least) for one in found for g, h in zip(a.tolist(), b.tolist(), strict=True)])
    parts: dict[str, Column] = {
        "measure": Column(measures, "which measure of alignment"),
        "group_a": Column([groups[k] for k in a.tolist()] * len(found), "one group"),
        "group_b": Column([groups[k] for k in b.tolist()] * len(found), "the other"),
    }
    kinds = {
        "raw_gap": "raw alignment within the one minus within the other; noise alone makes such a gap",
        "gap": "the same with noise divided out",
        "structure": "mean alignment within the two minus between them, noise divided out; 0 for one structure",
    }
    for name, means in kinds.items():
        usable = np.ones_like(may) if name == "raw_gap" else may
        value = np.concatenate([getattr(one.estimate, name)[a, b] for one in found])
        low, high = np.concatenate([_limits(getattr(one.draws, name)[:, a, b]) for one in found], axis=1)
        parts[name] = Column(np.where(usable, value, np.nan), means)
        parts[f"{name}_low"] = Column(np.where(usable, low, np.nan), "its 95 % limit below, draws of people and items")
        parts[f"{name}_high"] = Column(np.where(usable, high, np.nan), "the same above")
        if name == "structure":
            told = [bool(x > 0) if ok else None for x, ok in zip(low, may, strict=True)]
            parts["told_apart"] = Column(told, "whether the whole interval of structure lies above 0")
    return Table("gaps", "How groups differ.", parts)


def cell_table(material: Material, groups: Sequence[str], membership: FloatArray) -> Table:
    """A row each group and pair of items: the mean matrix, and what stands behind each of its values."""
    i, j = np.triu_indices(len(material.whole.items), 1)
    items = material.whole.items
    own = [np.flatnonzero(row) for row in membership]
    return Table(
        "cells",
        "How unlike each two items are to each group, by the mean of its people.",
        {
            "group": Column([group for group in groups for _ in i], "whose"),
            "item_a": Column([items[k] for k in i.tolist()] * len(groups), "one item"),
            "item_b": Column([items[k] for k in j.tolist()] * len(groups), "the other"),
            "dissimilarity": Column(
                np.concatenate([_means(material.whole.values[rows]) for rows in own]),
                "mean over people who have a value; empty where nobody has",
                "as in settings, unit",
            ),
            "people": Column(
                np.concatenate([np.isfinite(material.whole.values[rows]).sum(axis=0) for rows in own]),
                "people who have a value",
                "people",
            ),
            "trials": Column(
                np.concatenate([material.whole.counts[rows].sum(axis=0) for rows in own]),
                "trials that showed this very pair",
                "trials",
            ),
        },
    )


def charts(first: Findings, groups: Sequence[str], judgements: Judgements, least: float) -> dict[str, Drawable]:
    """Alignment by group, raw and without noise; and each two people, where they are few enough."""
    a, b = np.triu_indices(len(groups))
    names, values, low, high = [], [], [], []
    for g, h in zip(a.tolist(), b.tolist(), strict=True):
        where = groups[g] if g == h else f"{groups[g]} / {groups[h]}"
        for kind, estimate, draws, may in (
            ("raw", first.estimate.raw, first.draws.raw, True),
            ("noise-free", first.estimate.free, first.draws.free, first.may_divide(g, h, least)),
        ):
            ends = percentile_interval(draws[:, g, h])
            names.append(f"{where}, {kind}")
            values.append(float(estimate[g, h]) if may else float("nan"))
            low.append(ends[0] if may else float("nan"))
            high.append(ends[1] if may else float("nan"))
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True))
    drawn: dict[str, Drawable] = {
        "alignment": BarChart(
            title="Alignment by group",
            describes=f"{NAMES[first.measure]}, with 95 % intervals: {said}.",
            names=names,
            values=values,
            y=Axis(NAMES[first.measure]),
            low=low,
            high=high,
            levels=[Level("shuffled items", float(np.mean(first.null)))],
        )
    }
    if len(judgements.people) <= MOST_SHADES:
        drawn["people"] = ShadeChart(
            title="Raw alignment of each two people",
            describes=f"A grid of {len(judgements.people)} people by as many: {NAMES[first.measure]}.",
            rows=judgements.people,
            columns=judgements.people,
            values=np.where(np.eye(len(first.raw), dtype=np.bool_), np.nan, first.raw),
        )
    return drawn


def _limits(draws: FloatArray) -> FloatArray:
    """The 95 % limits of each column, shape (2, columns)."""
    if np.all(np.isfinite(draws)):
        return np.asarray(np.quantile(draws, [0.025, 0.975], axis=0), dtype=np.float64)
    return np.array([percentile_interval(column) for column in draws.T]).reshape(-1, 2).T


def _means(values: FloatArray) -> FloatArray:
    """The mean of each column over what is known of it."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0), dtype=np.float64)


def _own_groups(groups: Sequence[str], membership: FloatArray) -> list[str]:
    return [groups[k] for k in membership.argmax(axis=0)]


def _why_not(one: Findings, a: int, b: int, least: float) -> str | None:
    if one.measure not in CORRELATIONS:
        return "this measure is no correlation: its fall by noise is no factor"
    if one.may_divide(a, b, least):
        return None
    return f"a reliability below {least:g}"
