"""Alignment of people and groups, with the noise of their answers taken into account.

Paper A shows that alignment falls with noise while nothing else differs. It is about networks; here each person stands
where it has a network, and trials where it has training samples. That this carries over is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from representations import alignment
from representations.agreement import (
    BOOTSTRAP_SPLITS,
    Material,
    bootstrapped,
    figures,
    measured,
    of_people,
    pair_draws,
    partialled,
    shuffled,
)
from representations.alignment import CORRELATIONS, FEWEST_CELLS, MEASURES, NAMES, Measure
from representations.errors import NotEnough, RepresentationError
from representations.group_tables import (
    Findings,
    Semantic,
    cell_table,
    charts,
    gap_table,
    group_table,
    pair_table,
    people_table,
)
from representations.judgements import Judgements
from representations.resampling import FloatArray, percentile_interval, spearman_brown
from representations.result import Progress, Reference, Result
from representations.threshold import NEAR, is_near

LEAST_RELIABILITY = 0.3
MOST_PAIR_DRAWS = 500
FEWEST_ITEMS = 4
WORTHWHILE_ITEMS = 8
ALL = "all"


@dataclass(frozen=True)
class Choices:
    """What is chosen before anything is seen.

    Attributes:
        measures: which; the first is the one that pairs of people and charts show.
        splits: random splits of each person's trials into halves.
        draws: bootstrap draws of people and items.
        shuffles: draws of the null.
        least_reliability: below this (of all trials, stepped up from halves) noise is not divided out.
        seed: of all chance.
    """

    measures: Sequence[Measure] = MEASURES
    splits: int = 20
    draws: int = 500
    shuffles: int = 100
    least_reliability: float = LEAST_RELIABILITY
    seed: int = 0

    def __post_init__(self) -> None:
        unknown = [name for name in self.measures if name not in MEASURES]
        if unknown or not self.measures or len(set(self.measures)) < len(self.measures):
            raise RepresentationError(
                f"Measures {', '.join(self.measures) or 'none'} were found. "
                f"Expected: each once, of {', '.join(MEASURES)}."
            )
        if min(self.splits, self.draws, self.shuffles) < 1 or not 0 <= self.least_reliability < 1:
            raise RepresentationError(
                f"{self.splits} splits, {self.draws} draws, {self.shuffles} shuffles and a least reliability of "
                f"{self.least_reliability} were found. Expected: 1 or more of each, from 0 to below 1."
            )


def aligned(
    judgements: Judgements,
    group_of: Mapping[str, str] | None = None,
    choices: Choices | None = None,
    *,
    features: FloatArray | None = None,
    semantic: FloatArray | None = None,
    categories: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Result:
    """How far people are aligned within and between groups: raw, and with the noise of their answers divided out.

    Args:
        judgements: everybody's; somebody with fewer than 2 trials or whose judgements are all the same is set aside.
        group_of: the group of each person; one group of all where it is not given.
        choices: measures, numbers of draws, seed.
        features: shape (items, features): where given, a weight for each is fitted to each person's judgements, and the
            dissimilarities are the fitted ones; needed where people judged some of the pairs only.
        semantic: a matrix of what the items mean, shape (items, items): agreement with it, and what is left of the
            alignment without it.
        categories: the class of each item: the null keeps what the classes say and shuffles the rest.
        progress: told how much is done.

    Returns:
        Tables `people`, `pairs`, `cells`, `groups`, `gaps` (of two groups or more) and, with a semantic matrix,
        `semantic`. Alignments have no unit. The intervals are of draws of people and items together, and hold the truth
        at least as often as they say.

    Raises:
        NotEnough: fewer than 4 items, or no group with 2 people who can be used.
        RepresentationError: people without a group, or a matrix or classes of other items.

    Source: noise and alignment arXiv 2605.26973 [P]; division by the correlation of halves Spearman (1904) [R], by
    group as a ratio of means [O]; drawing people and items after Schütt and others (2023) [R].
    """
    choices = choices or Choices()
    kept, aside = _usable(judgements)
    groups, membership = _groups(judgements, kept, group_of)
    judgements = judgements.of(kept)
    generators = np.random.default_rng(choices.seed).spawn(5)
    watched = _Watched(progress, choices.splits + choices.draws * len(choices.measures))
    material = measured(judgements, features, choices.splits, generators[0], watched.part(choices.splits))
    measures, left_out = _possible(choices.measures, material)
    found = []
    for measure in measures:
        raw, crossed = of_people(material, measure)
        estimate = figures(raw, crossed, membership)
        _check_shared(estimate.raw, groups)
        draws = bootstrapped(
            material, measure, membership, choices.draws, generators[1].spawn(1)[0], watched.part(choices.draws)
        )
        values = material.whole.values
        null = shuffled(values, measure, membership, choices.shuffles, generators[2].spawn(1)[0])
        within = None
        if categories is not None:
            classes = _classes(categories, judgements)
            within = shuffled(values, measure, membership, choices.shuffles, generators[3].spawn(1)[0], classes)
        found.append(Findings(measure, raw, crossed, estimate, draws, null, within))
    first = found[0]
    pairs = pair_draws(material.whole.values, first.measure, min(choices.draws, MOST_PAIR_DRAWS), generators[4])
    watched.finish()
    tables = [
        people_table(judgements, material, first, groups, membership, aside),
        pair_table(judgements, found, pairs, groups, membership, choices.least_reliability),
        cell_table(material, groups, membership),
        group_table(found, groups, membership, choices.least_reliability),
    ]
    if len(groups) > 1:
        tables.append(gap_table(found, groups, choices.least_reliability))
    if semantic is not None:
        told = _semantic(material, first.measure, semantic, membership, choices)
        tables.append(told.table(groups, choices.least_reliability))
    warnings = [*left_out, *_said_aside(aside), *_near_threshold(judgements, material)]
    warnings += _refused(found, groups, choices.least_reliability)
    if len(judgements.items) < WORTHWHILE_ITEMS:
        warnings.append(f"With {len(judgements.items)} items the intervals say little; 8 or more would be enough.")
    return Result(
        method="alignment",
        source=alignment.SOURCE,
        tables=tables,
        null=_null(first, choices),
        floor=_floor(first),
        ceiling=_ceiling(first, membership),
        warnings=warnings,
        settings=_settings(choices, measures, judgements, material, groups, features is not None),
        charts=charts(first, groups, judgements, choices.least_reliability),
    )


# --- who and what can be used ----------------------------------------------------------------------------------------


def _usable(judgements: Judgements) -> tuple[list[int], dict[str, str]]:
    """The numbers of the people who can be compared, and why each of the others can't."""
    if len(judgements.items) < FEWEST_ITEMS:
        raise NotEnough(f"There are {len(judgements.items)} items.", f"{FEWEST_ITEMS} items, better {WORTHWHILE_ITEMS}")
    kept, aside = [], {}
    trials = judgements.trials
    for number, name in enumerate(judgements.people):
        values = judgements.value[judgements.person == number]
        if np.ptp(values) == 0:
            aside[name] = f"all {values.size} judgements are the same; enough would be: some that differ"
        elif trials[number] < 2:
            aside[name] = f"{trials[number]} trial; enough would be: 2 trials, better each pair twice"
        else:
            kept.append(number)
    return kept, aside


def _groups(
    judgements: Judgements, kept: Sequence[int], group_of: Mapping[str, str] | None
) -> tuple[list[str], FloatArray]:
    """The groups' names in order, and who is in which, shape (groups, people kept)."""
    names = [judgements.people[k] for k in kept]
    if group_of is not None:
        lost = [name for name in judgements.people if name not in group_of]
        if lost:
            raise RepresentationError(f"{len(lost)} people have no group, {lost[0]} first. Expected: a group for each.")
    whose = [ALL if group_of is None else group_of[name] for name in names]
    groups = sorted(set(whose))
    membership = np.array([[float(own == group) for own in whose] for group in groups]).reshape(len(groups), len(names))
    small = [group for group, row in zip(groups, membership, strict=True) if row.sum() < 2]
    if small or not groups:
        where = f"In group {small[0]} 1 person" if small else "Nobody"
        raise NotEnough(
            f"{where} can be used; {len(judgements.people) - len(kept)} of {len(judgements.people)} people set aside.",
            "2 people a group with 2 or more trials that differ, and 20 a group for an interval worth having",
        )
    return groups, membership


def _possible(measures: Sequence[Measure], material: Material) -> tuple[list[Measure], list[str]]:
    values = [material.whole.values, *(half for pair in material.halves for half in pair)]
    gaps = int((~np.isfinite(material.whole.values)).sum())
    if all(np.all(np.isfinite(one)) for one in values):
        return list(measures), []
    possible = [measure for measure in measures if measure in CORRELATIONS]
    if not possible:
        raise NotEnough(
            f"{NAMES[measures[0]]} needs every pair in either half of the trials; {gaps} of {values[0].size} were "
            "never judged at all.",
            "each pair twice for each person, features to fit them by, or a correlation as the measure",
        )
    dropped = [NAMES[measure] for measure in measures if measure not in CORRELATIONS]
    said = "each pair twice for each person, or features to fit them by"
    why = f"left out: not every pair was judged in either half of the trials. Enough would be: {said}."
    return possible, [f"{' and '.join(dropped)} {why}"] if dropped else []


def _check_shared(raw: FloatArray, groups: Sequence[str]) -> None:
    for group, mean in zip(groups, np.diagonal(raw), strict=True):
        if np.isnan(mean):
            raise NotEnough(
                f"No two people of group {group} judged {FEWEST_CELLS} pairs in common that differ.",
                "the same pairs for everybody, each twice, or features to fit them by",
            )


def _classes(categories: Sequence[str], judgements: Judgements) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    if len(categories) != len(judgements.items):
        raise RepresentationError(
            f"{len(categories)} classes were found. Expected: {len(judgements.items)}, one an item."
        )
    classes = np.unique(np.asarray(categories, dtype=np.str_), return_inverse=True)[1]
    if np.bincount(classes).max() < 2:
        raise NotEnough("Each item is a class of its own.", "2 items or more in a class")
    return classes


def _semantic(
    material: Material, measure: Measure, semantic: FloatArray, membership: FloatArray, choices: Choices
) -> Semantic:
    n = len(material.whole.items)
    table = np.asarray(semantic, dtype=np.float64)
    if table.shape != (n, n) or not np.all(np.isfinite(table)) or not np.allclose(table, table.T):
        raise RepresentationError(
            f"A semantic matrix of shape {table.shape} was found. Expected: ({n}, {n}), symmetric, numbers throughout."
        )
    cells = table[np.triu_indices(n, 1)]
    if np.ptp(cells) == 0:
        raise NotEnough("The semantic matrix is the same for all pairs.", "one that tells some pairs from others")
    kind: Measure = "spearman" if measure == "spearman" else "pearson"
    whole = material.whole.values
    with_it = alignment.CrossAlignment(whole, np.broadcast_to(cells, (1, cells.size)).copy(), kind)()[:, 0]
    rest = partialled(material, cells, kind)
    generator = np.random.default_rng([choices.seed, 1])
    estimate = figures(*of_people(rest, "pearson"), membership)
    draws = bootstrapped(rest, "pearson", membership, choices.draws, generator)
    return Semantic(kind, with_it, membership, estimate, draws)


# --- what it is held against -----------------------------------------------------------------------------------------


def _everybody(matrix: FloatArray) -> float:
    apart = matrix[~np.eye(len(matrix), dtype=np.bool_)]
    known = apart[np.isfinite(apart)]
    return float(known.mean()) if known.size else float("nan")


def _null(first: Findings, choices: Choices) -> Reference:
    means = first.null.reshape(len(first.null), -1).mean(axis=1)
    means = means[np.isfinite(means)]
    if not means.size:
        return Reference(None, "no null: with items shuffled too few pairs are shared that differ")
    low, high = percentile_interval(means)
    how = f"raw alignment ({NAMES[first.measure]}), items shuffled for each person, {choices.shuffles} draws"
    return Reference(float(means.mean()), how, low, high)


def _floor(first: Findings) -> Reference:
    own = np.diagonal(first.raw)
    exact = np.nanmax(own) if first.measure == "imbalance" else 1.0
    worst = float(np.nanmax(np.abs(own - exact)))
    return Reference(worst, "how far a person's alignment with themselves is from whole, by round-off")


def _ceiling(first: Findings, membership: FloatArray) -> Reference:
    stepped = [spearman_brown(float(half)) for half in first.estimate.half]
    mean = float(np.average(stepped, weights=membership.sum(axis=1)))
    if not np.isfinite(mean):
        return Reference(None, "no reliability: in some group nobody's halves have enough pairs in common that differ")
    return Reference(
        mean,
        "reliability of all trials, stepped up from the correlation of halves: raw alignment of two people who "
        "represent the same reaches this",
    )


# --- what a reader must know -----------------------------------------------------------------------------------------


def _said_aside(aside: Mapping[str, str]) -> list[str]:
    return [f"{name} was set aside: {why}." for name, why in sorted(aside.items())]


def _near_threshold(judgements: Judgements, material: Material) -> list[str]:
    free = material.whole.free_weights
    judged = np.bincount(judgements.person, minlength=len(judgements.people))
    near = int(is_near(judged, free).sum())
    if not near:
        return []
    return [
        f"RED FLAG: {near} of {len(judged)} people judged pairs within {NEAR:.0%} as often as there are free weights "
        f"({free}): alignment can be least there, whatever they represent. Enough would be: more than {2 * free}."
    ]


def _refused(found: Sequence[Findings], groups: Sequence[str], least: float) -> list[str]:
    said = []
    for one in found:
        for group, reliability in zip(groups, one.reliability, strict=True):
            if one.measure not in CORRELATIONS or reliability >= least:
                continue
            if np.isnan(reliability):
                said.append(
                    f"{NAMES[one.measure]}, group {group}: nobody's halves share {FEWEST_CELLS} pairs that differ, so "
                    "noise is not divided out. Enough would be: each pair twice a person, or features to fit them by."
                )
            else:
                said.append(
                    f"{NAMES[one.measure]}, group {group}: a reliability of {reliability:.2f} is below {least:.2f}, so "
                    f"noise is not divided out. Enough would be: {one.times_needed(reliability, least)} as many trials."
                )
    return said


def _settings(
    choices: Choices,
    measures: Sequence[Measure],
    judgements: Judgements,
    material: Material,
    groups: Sequence[str],
    is_fitted: bool,
) -> dict[str, object]:
    return {
        "measures": list(measures),
        "splits": choices.splits,
        "splits_in_each_draw": min(BOOTSTRAP_SPLITS, choices.splits),
        "draws": choices.draws,
        "shuffles": choices.shuffles,
        "least_reliability": choices.least_reliability,
        "seed": choices.seed,
        "people": len(judgements.people),
        "items": len(judgements.items),
        "groups": list(groups),
        "dissimilarities": "fitted by features" if is_fitted else "means of trials",
        "unit": judgements.unit,
        "free_weights": material.whole.free_weights,
    }


class _Watched:
    """One count of work over several parts."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._before = progress, total, 0

    def part(self, size: int) -> Progress:
        """The progress of the next part, of that size."""
        before, self._before = self._before, self._before + size

        def tell(done: int, _: int) -> None:
            if self._progress:
                self._progress(before + done, self._total)

        return tell

    def finish(self) -> None:
        """Says that all is done, also where a measure was left out."""
        if self._progress:
            self._progress(self._total, self._total)
