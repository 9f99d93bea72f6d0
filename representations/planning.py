"""How many trials a person are needed: the closed form as a guide, and the lab's own design, played."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from representations.alignment import CrossAlignment
from representations.designs import drawn_features, played
from representations.dissimilarity import fitted, pair_features
from representations.errors import NotEnough, RepresentationError
from representations.picture import Axis, Level, Line, LineChart
from representations.resampling import FloatArray, percentile_interval, split_halves
from representations.result import Column, Progress, Reference, Result, Table
from representations.threshold import NEAR, SOURCE, excess_error, expected_alignment, is_near, trials_for

STEPS = (0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 13, 16, 20)
"""Numbers of trials that are played, in multiples of the free weights."""
NO_NOISE = 1e12
PLAYED_PEOPLE = 4
SEARCHES = 14


@dataclass(frozen=True)
class Study:
    """What a lab intends.

    Attributes:
        items: how many.
        dimensions: how many features a person's dissimilarities are fitted by: the free weights p.
        trials: ratings of pairs a person.
        snr: variance of the signal over that of the noise; or
        reliability: the correlation of two halves of a person's trials (not stepped up) in a study of this design, and
        reliability_trials: how many trials a person had there.
        target: the raw alignment wanted between two people who represent the same.
        features: the lab's own, shape (items, dimensions); drawn anew for each repetition where not given.
    """

    items: int
    dimensions: int
    trials: int
    snr: float | None = None
    reliability: float | None = None
    reliability_trials: int | None = None
    target: float = 0.8
    features: FloatArray | None = None

    def __post_init__(self) -> None:
        cells = self.items * (self.items - 1) // 2
        if self.items < 4 or self.dimensions < 1 or self.trials < 2 or not 0 < self.target < 1:
            raise RepresentationError(
                f"{self.items} items, {self.dimensions} dimensions, {self.trials} trials and a target of {self.target} "
                "were found. Expected: from 4, from 1, from 2, above 0 and below 1."
            )
        if cells < self.dimensions + 2:
            fewest = next(n for n in range(4, 10_000) if n * (n - 1) // 2 >= self.dimensions + 2)
            raise NotEnough(
                f"{self.items} items make {cells} pairs, too few for {self.dimensions} dimensions.", f"{fewest} items"
            )
        if (self.snr is None) == (self.reliability is None):
            raise RepresentationError("An SNR and a reliability, or neither, were found. Expected: one of the two.")
        if self.snr is not None and not 0 < self.snr < np.inf:
            raise RepresentationError(f"An SNR of {self.snr} was found. Expected: above 0.")
        if self.reliability is not None and not 0 < self.reliability < 1:
            raise RepresentationError(f"A reliability of {self.reliability} was found. Expected: above 0, below 1.")
        if self.reliability is not None and (self.reliability_trials or 0) < 8:
            raise RepresentationError(
                f"{self.reliability_trials} trials behind the reliability were found. Expected: 8 or more."
            )
        if self.features is not None and np.shape(self.features) != (self.items, self.dimensions):
            raise RepresentationError(
                f"Features of shape {np.shape(self.features)} were found. Expected: ({self.items}, {self.dimensions})."
            )


def plan(study: Study, *, repetitions: int = 30, seed: int = 0, progress: Progress | None = None) -> Result:
    """Raw alignment of two people who represent the same, by how many pairs each one rates, and how many are needed.

    Everybody rates pairs in a random order of their own, all of them before any comes again; a weight for each feature
    and a level are fitted to each one's ratings, and the fitted dissimilarities are correlated (Pearson).

    Args:
        study: what is intended.
        repetitions: how often the design is played at each number of trials, 2 or more.
        seed: of all chance.
        progress: told how much is done.

    Returns:
        Tables `curve` (by number of trials) and `answer` (one row).

    Raises:
        RepresentationError: fewer than 2 repetitions.
        NotEnough: a reliability that no noise explains.

    Source: the dip and its place arXiv 2605.26973 [P], for networks; closed form and simulation [O].
    """
    if repetitions < 2:
        raise RepresentationError(f"{repetitions} repetitions were found. Expected: 2 or more.")
    p = study.dimensions
    snr = study.snr if study.snr is not None else _snr(study, repetitions, seed)
    guide = trials_for(study.target, p, snr)
    last = max(3 * p, 1.5 * study.trials, min(1.5 * guide, 20 * p))
    numbers = sorted({max(round(step * p), 2) for step in STEPS if step * p <= last} | {study.trials})
    total = len(numbers) + 2
    found = np.empty((len(numbers), repetitions))
    for row, n in enumerate(numbers):
        found[row] = _alignments(study, n, snr, repetitions, seed)
        if progress:
            progress(row + 1, total)
    null = _alignments(study, study.trials, snr, repetitions, seed, is_shared=False)
    clean = _alignments(study, study.trials, NO_NOISE, repetitions, seed)
    rich = _alignments(study, 2 * study.items * (study.items - 1), NO_NOISE, 2, seed)
    if progress:
        progress(total, total)
    at = np.array(numbers)
    means = found.mean(axis=1)
    limits = np.array([percentile_interval(row) for row in found])
    form = expected_alignment(at, p, snr, common_inputs=False)
    needed = _needed(at, means, study.target, p)
    here = int(np.flatnonzero(at == study.trials)[0])
    return Result(
        method="plan",
        source=SOURCE,
        tables=[
            _curve(at, means, limits, form, p, snr),
            _answer(study, snr, needed, guide, float(means[here]), float(form[here])),
        ],
        null=Reference(
            float(null.mean()),
            f"two people of unrelated weights, {study.trials} trials, {repetitions} repetitions",
            *percentile_interval(null),
        ),
        floor=Reference(
            float(np.abs(1 - rich).max()), "how far two people without noise, all pairs rated, are from 1: round-off"
        ),
        ceiling=Reference(
            float(clean.mean()),
            f"two people of the same weights without noise, {study.trials} trials",
            *percentile_interval(clean),
        ),
        warnings=_warnings(study, needed, guide),
        settings={
            "items": study.items,
            "dimensions": p,
            "trials": study.trials,
            "snr": snr,
            "snr_from": "given" if study.snr is not None else "the reliability, by simulation",
            "reliability": study.reliability,
            "reliability_trials": study.reliability_trials,
            "target": study.target,
            "features": "given" if study.features is not None else "drawn",
            "repetitions": repetitions,
            "people_in_each": PLAYED_PEOPLE,
            "seed": seed,
        },
        charts={"curve": _chart(study, at, means, limits, form, snr)},
    )


def _alignments(
    study: Study, trials: int, snr: float, repetitions: int, seed: int, *, is_shared: bool = True
) -> FloatArray:
    """The mean alignment of a few people in each repetition; the same chance for every number of trials and noise."""
    found = np.empty(repetitions)
    for repetition in range(repetitions):
        generator = np.random.default_rng([seed, repetition])
        features = _features(study, generator)
        people = generator.standard_normal((PLAYED_PEOPLE, study.dimensions))
        weights = np.tile(people[0], (PLAYED_PEOPLE, 1)) if is_shared else people
        ratings = played(features, weights, snr, trials, generator)
        values = fitted(ratings, features).values
        found[repetition] = np.nanmean(CrossAlignment(values, values, "pearson")()[np.triu_indices(PLAYED_PEOPLE, 1)])
    return found


def _features(study: Study, generator: np.random.Generator) -> FloatArray:
    if study.features is not None:
        return np.asarray(study.features, dtype=np.float64)
    return drawn_features(study.items, study.dimensions, generator)


def _snr(study: Study, repetitions: int, seed: int) -> float:
    """The SNR at which halves of so many trials would agree as far as was found, by halving the interval."""
    trials, wanted = study.reliability_trials or 0, study.reliability or 0.0
    low, high = -10.0, 14.0  # of the binary logarithm
    ends = [_halves(study, trials, 2.0**end, repetitions, seed) for end in (low, high)]
    if not ends[0] < wanted < ends[1]:
        raise NotEnough(
            f"A reliability of {wanted:g} with {trials} trials does not come from noise in this design, where halves "
            f"agree {max(ends[0], 0):.2f} to {ends[1]:.2f}.",
            f"more trials: a half should hold well over {study.dimensions + 1}",
        )
    for _ in range(SEARCHES):
        middle = (low + high) / 2
        if _halves(study, trials, 2.0**middle, repetitions, seed) < wanted:
            low = middle
        else:
            high = middle
    return float(2.0 ** ((low + high) / 2))


def _halves(study: Study, trials: int, snr: float, repetitions: int, seed: int) -> float:
    found = []
    for repetition in range(repetitions):
        generator = np.random.default_rng([seed, repetition])
        features = _features(study, generator)
        ratings = played(features, generator.standard_normal((1, study.dimensions)), snr, trials, generator)
        first = np.zeros(trials, dtype=np.bool_)
        first[split_halves(trials, generator)[0]] = True
        halves = [fitted(ratings, features, rows).values for rows in (first, ~first)]
        found.append(float(CrossAlignment(halves[0], halves[1], "pearson")()[0, 0]))
    return float(np.nanmean(found))


def _needed(at: np.ndarray[tuple[int], np.dtype[np.intp]], means: FloatArray, target: float, p: int) -> float | None:
    """Where the curve beyond the threshold reaches the target for good; by a line between two that were played."""
    beyond = np.flatnonzero(at > p)
    short = [k for k in beyond if means[k] < target]
    if not short:
        return float(at[beyond[0]]) if beyond.size else None
    k = short[-1]
    if k == len(at) - 1:
        return None
    share = (target - means[k]) / (means[k + 1] - means[k])
    return float(at[k] + share * (at[k + 1] - at[k]))


def _curve(
    at: np.ndarray[tuple[int], np.dtype[np.intp]],
    means: FloatArray,
    limits: FloatArray,
    form: FloatArray,
    p: int,
    snr: float,
) -> Table:
    return Table(
        "curve",
        "Raw alignment of two people who represent the same, by trials.",
        {
            "trials": Column(at, "ratings of pairs a person", "trials"),
            "simulated": Column(means, "mean alignment, this design played"),
            "simulated_low": Column(limits[:, 0], "95 % of the repetitions lie above"),
            "simulated_high": Column(limits[:, 1], "95 % of the repetitions lie below"),
            "closed_form": Column(form, "by the closed form, Gaussian inputs: a guide"),
            "excess_error": Column(excess_error(at, p, snr), "by the closed form; empty where it has no end"),
            "near_threshold": Column(is_near(at, p), f"within {NEAR:.0%} of the free weights"),
        },
    )


def _answer(study: Study, snr: float, needed: float | None, guide: float, simulated: float, form: float) -> Table:
    return Table(
        "answer",
        "How many trials a person are needed, and what is to be had with those planned.",
        {
            "target": Column([study.target], "raw alignment wanted"),
            "snr": Column([snr], "variance of the signal over that of the noise"),
            "trials_needed": Column(
                [None if needed is None else int(np.ceil(needed))],
                "by simulation; empty where it was not reached",
                "trials",
            ),
            "trials_closed_form": Column([int(np.ceil(guide))], "by the closed form", "trials"),
            "trials_planned": Column([study.trials], "a person", "trials"),
            "planned_simulated": Column([simulated], "alignment with those planned, by simulation"),
            "planned_closed_form": Column([form], "the same by the closed form"),
            "threshold": Column([study.dimensions], "free weights: alignment is least near so many trials", "trials"),
            "near_threshold": Column(
                [bool(is_near(study.trials, study.dimensions))], f"whether those planned lie within {NEAR:.0%} of it"
            ),
        },
    )


def _warnings(study: Study, needed: float | None, guide: float) -> list[str]:
    said = []
    p = study.dimensions
    if is_near(study.trials, p):
        said.append(
            f"RED FLAG: {study.trials} trials lie within {NEAR:.0%} of {p} free weights, where alignment is least. "
            f"Enough would be: more than {2 * p}, or so few as {p // 2}."
        )
    if needed is None:
        said.append(
            f"The target of {study.target:g} was not reached by simulation. By the closed form {int(np.ceil(guide))} "
            "trials would be enough."
        )
    elif needed > study.trials:
        said.append(f"{study.trials} trials are too few for the target. Enough would be: {int(np.ceil(needed))}.")
    if study.features is not None and np.linalg.matrix_rank(pair_features(study.features)) < p:
        said.append("Some features are sums of others: fewer weights are free than there are dimensions.")
    return said


def _chart(
    study: Study,
    at: np.ndarray[tuple[int], np.dtype[np.intp]],
    means: FloatArray,
    limits: FloatArray,
    form: FloatArray,
    snr: float,
) -> LineChart:
    p = study.dimensions
    fine = np.unique(np.concatenate([np.linspace(at[0], at[-1], 60), np.linspace(0.7 * p, 1.3 * p, 31)]))
    smooth = expected_alignment(fine, p, snr, common_inputs=False)
    lowest = int(np.argmin(means))
    return LineChart(
        title=f"Alignment by trials, SNR {snr:.2g}",
        describes=(
            f"Two people who represent the same. Simulated alignment is least, {means[lowest]:.2f}, at {at[lowest]} "
            f"trials, and {means[-1]:.2f} at {at[-1]}; the closed form says {form[-1]:.2f} there. "
            f"The threshold lies at {p}."
        ),
        x=Axis("Ratings of pairs a person"),
        y=Axis("Raw alignment", 0.0, 1.0),
        lines=[
            Line("simulated", at.astype(np.float64), means, limits[:, 0], limits[:, 1]),
            Line("closed form", fine, smooth),
            Line(f"threshold, {p}", [p, p], [0.0, 1.0]),
            Line(f"planned, {study.trials}", [study.trials, study.trials], [0.0, 1.0]),
        ],
        levels=[Level(f"target {study.target:g}", study.target)],
    )
