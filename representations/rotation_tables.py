"""The tables and charts of mental rotation: single responses, people, groups, gaps, and the error by turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from representations.people import Cells, Estimate, gathered, group_estimates
from representations.picture import Axis, BarChart, Drawable, Level, Line, LineChart
from representations.polar import Floats
from representations.result import Column, Table

MEASURES = ("total", "systematic", "dependent")
_SHARE = "share of the stimulus's power"


@dataclass(frozen=True, slots=True)
class Trial:
    """One response: the turn that was asked for, its error, and how it lies to the stimulus once turned back.

    Attributes:
        error: squared distance to the stimulus, 0 to 4; 2 has nothing in common with it.
        tilt: degrees, counter-clockwise, -180 to 180.
        likeness: at that tilt, -1 to 1; what is left is shape.
    """

    person: str
    group: str
    item: str
    asked: float
    error: float
    tilt: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's responses to one item, split. `null` is the dependent part at each shuffle of the turns."""

    person: str
    group: str
    item: str
    trials: tuple[Trial, ...]
    total: float
    systematic: float
    dependent: float
    scatter: float
    tilt: float
    tilt_spread: float
    null: Floats


def tables_of(
    cells: Sequence[Cell], generator: np.random.Generator, draws: int, shuffles: int
) -> tuple[list[Table], dict[str, dict[str, Estimate]]]:
    """All tables, and the groups' estimates by group and measure."""
    rows = [(cell.person, cell.group, cell.item) for cell in cells]
    gathered_cells = gathered(rows, {measure: [getattr(cell, measure) for cell in cells] for measure in MEASURES})
    estimates, gaps = group_estimates(gathered_cells, MEASURES, generator, draws)
    tables = [
        _people(cells, gathered_cells),
        _groups(estimates, gathered_cells),
        _by_turn(cells),
        _trend(cells, generator, shuffles),
        _cells(cells),
        _trials(cells),
    ]
    if gaps:
        tables.insert(2, _gaps(gaps))
    return tables, estimates


def _people(cells: Sequence[Cell], gathered_cells: Cells) -> Table:
    people = gathered_cells.people
    own = [[cell for cell in cells if cell.person == person] for person in people]
    nulls = [np.mean([cell.null for cell in of], axis=0) for of in own]
    means = {measure: gathered_cells.of_people(measure) for measure in MEASURES}
    tilts = [np.mean([np.exp(1j * np.radians(t.tilt)) for cell in of for t in cell.trials]) for of in own]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(means["total"] > 0, means["dependent"] / means["total"], np.nan)
    return Table(
        "people",
        "Each person's error, the mean over items: total is systematic plus dependent.",
        {
            "person": Column(people, "Whose."),
            "group": Column(gathered_cells.groups, "The person's group; empty without groups."),
            "items": Column([len(of) for of in own], "How many items could be split."),
            "responses": Column([sum(len(cell.trials) for cell in of) for of in own], "How many responses."),
            "total": Column(means["total"], "The mean squared error, 0 to 4; 2 has nothing in common.", _SHARE),
            "systematic": Column(means["systematic"], "Of it, what is the same at each turn.", _SHARE),
            "dependent": Column(means["dependent"], "Of it, what depends on the turn.", _SHARE),
            "dependent_share": Column(share, "Dependent by total, 0 to 1."),
            "null": Column([null.mean() for null in nulls], "Dependent with the turns shuffled, the mean.", _SHARE),
            "p": Column(
                [
                    (1 + (null <= m + 1e-12).sum()) / (1 + len(null))
                    for null, m in zip(nulls, means["dependent"], strict=True)
                ],
                "The share of shuffles with no more dependent error: small where the turn was heeded.",
            ),
            "tilt": Column([np.degrees(np.angle(t)) for t in tilts], "The mean tilt, counter-clockwise.", "degrees"),
            "tilt_length": Column([abs(t) for t in tilts], "How alike the tilts are, 0 to 1 (resultant length)."),
        },
    )


def _groups(estimates: Mapping[str, Mapping[str, Estimate]], gathered_cells: Cells) -> Table:
    keys = [(group, measure) for group in estimates for measure in MEASURES]
    found = [estimates[group][measure] for group, measure in keys]
    return Table(
        "groups",
        "Each group's mean error over its people and items.",
        {
            "group": Column([group for group, _ in keys], "Which; empty without groups."),
            "people": Column([gathered_cells.groups.count(group) for group, _ in keys], "How many."),
            "measure": Column([measure for _, measure in keys], "total, systematic or dependent."),
            **_estimate_columns(found),
        },
    )


def _gaps(gaps: Mapping[tuple[str, str], Mapping[str, Estimate]]) -> Table:
    keys = [(pair, measure) for pair in gaps for measure in MEASURES]
    found = [gaps[pair][measure] for pair, measure in keys]
    return Table(
        "gaps",
        "The difference of each two groups, the first less the second.",
        {
            "group": Column([pair[0] for pair, _ in keys], "The first."),
            "other": Column([pair[1] for pair, _ in keys], "The second."),
            "measure": Column([measure for _, measure in keys], "total, systematic or dependent."),
            **_estimate_columns(found),
        },
    )


def _estimate_columns(found: Sequence[Estimate]) -> dict[str, Column]:
    drawn = "of the 95 % interval, people and items drawn again"
    return {
        "value": Column([one.value for one in found], "The estimate.", _SHARE),
        "low": Column([one.low for one in found], f"Lower limit {drawn}; empty for one person.", _SHARE),
        "high": Column([one.high for one in found], f"Upper limit {drawn}; empty for one person.", _SHARE),
    }


def _away(asked: float) -> float:
    """How far a turn is from upright, 0 to 180 degrees."""
    return abs((asked + 180) % 360 - 180)


def _by_turn(cells: Sequence[Cell]) -> Table:
    found: dict[tuple[str, float], list[Trial]] = {}
    for trial in (trial for cell in cells for trial in cell.trials):
        found.setdefault((trial.group, round(trial.asked % 360, 3)), []).append(trial)
    keys = sorted(found)
    return Table(
        "turns",
        "Each group's error at each turn that was asked for.",
        {
            "group": Column([group for group, _ in keys], "Which; empty without groups."),
            "asked": Column([turn for _, turn in keys], "The turn, counter-clockwise.", "degrees"),
            "responses": Column([len(found[key]) for key in keys], "How many."),
            "error": Column([np.mean([t.error for t in found[key]]) for key in keys], "The mean error.", _SHARE),
            "away": Column(
                [np.mean([abs(t.tilt) for t in found[key]]) for key in keys], "The mean size of the tilt.", "degrees"
            ),
            "likeness": Column(
                [np.mean([t.likeness for t in found[key]]) for key in keys],
                "The mean likeness once the tilt is undone.",
            ),
        },
    )


def _trend(cells: Sequence[Cell], generator: np.random.Generator, shuffles: int) -> Table:
    groups = sorted({cell.group for cell in cells})
    slopes, chances, counts = [], [], []
    for group in groups:
        own = [cell for cell in cells if cell.group == group]
        away = [np.array([_away(trial.asked) / 180 for trial in cell.trials]) for cell in own]
        errors = [np.array([trial.error for trial in cell.trials]) for cell in own]
        away = [turns - turns.mean() for turns in away]
        size = sum(float((turns**2).sum()) for turns in away)
        if size < 1e-12:
            slopes.append(np.nan)
            chances.append(np.nan)
        else:
            slope = sum(float(turns @ error) for turns, error in zip(away, errors, strict=True)) / size
            null = [
                sum(float(generator.permutation(turns) @ error) for turns, error in zip(away, errors, strict=True))
                / size
                for _ in range(shuffles)
            ]
            slopes.append(slope)
            chances.append((1 + sum(abs(one) >= abs(slope) - 1e-12 for one in null)) / (1 + shuffles))
        counts.append(len(own))
    return Table(
        "trend",
        "Whether the error grows with the way from upright: what turning step by step would cost.",
        {
            "group": Column(groups, "Which; empty without groups."),
            "pairs": Column(counts, "How many pairs of a person and an item."),
            "slope": Column(slopes, "Error added from upright to upside down, within person and item.", _SHARE),
            "p": Column(chances, "The share of shuffles, of turns within person and item, with as steep a slope."),
        },
    )


def _cells(cells: Sequence[Cell]) -> Table:
    return Table(
        "pairs",
        "Each person's error with each item.",
        {
            "person": Column([cell.person for cell in cells], "Whose."),
            "group": Column([cell.group for cell in cells], "The person's group."),
            "item": Column([cell.item for cell in cells], "Which item."),
            "responses": Column([len(cell.trials) for cell in cells], "How many responses."),
            "total": Column([cell.total for cell in cells], "The mean squared error.", _SHARE),
            "systematic": Column([cell.systematic for cell in cells], "Of it, the same at each turn.", _SHARE),
            "dependent": Column([cell.dependent for cell in cells], "Of it, what depends on the turn.", _SHARE),
            "scatter": Column(
                [cell.scatter for cell in cells],
                "Variance between responses to one turn, where turns were repeated: no rotation in it.",
                _SHARE,
            ),
            "null": Column([cell.null.mean() for cell in cells], "Dependent with the turns shuffled.", _SHARE),
            "tilt": Column([cell.tilt for cell in cells], "The mean tilt, counter-clockwise.", "degrees"),
            "tilt_spread": Column([cell.tilt_spread for cell in cells], "Circular standard deviation.", "degrees"),
        },
    )


def _trials(cells: Sequence[Cell]) -> Table:
    trials = [trial for cell in cells for trial in cell.trials]
    return Table(
        "responses",
        "Each response, turned back by what was asked for.",
        {
            "person": Column([trial.person for trial in trials], "Whose."),
            "item": Column([trial.item for trial in trials], "Which item."),
            "asked": Column([trial.asked for trial in trials], "The turn asked for, counter-clockwise.", "degrees"),
            "error": Column([trial.error for trial in trials], "Squared distance to the stimulus.", _SHARE),
            "tilt": Column([trial.tilt for trial in trials], "How it lies to the stimulus.", "degrees"),
            "likeness": Column(
                [trial.likeness for trial in trials], "Cosine with the stimulus once the tilt is undone."
            ),
        },
    )


def charts_of(
    cells: Sequence[Cell], estimates: Mapping[str, Mapping[str, Estimate]], null: float, floor: float | None
) -> dict[str, Drawable]:
    """The groups' parts of the error as bars, and the error by turn as lines."""
    parts = [(group, measure) for group in estimates for measure in MEASURES[1:]]
    found = [estimates[group][measure] for group, measure in parts]
    levels = [Level("null (turns shuffled)", null)]
    if floor is not None:
        levels.append(Level("floor (interpolation)", floor))
    turns = _by_turn(cells).rows()
    groups = sorted({row["group"] for row in turns})
    return {
        "parts": BarChart(
            title="Error of rotation: systematic and orientation-dependent",
            describes="Bars: each group's mean error in two parts that add up to it, with 95 % intervals.",
            names=[f"{group}: {measure}" if group else measure for group, measure in parts],
            values=[one.value for one in found],
            y=Axis("error (share of power)", low=0.0),
            low=[one.low for one in found],
            high=[one.high for one in found],
            levels=levels,
        ),
        "turns": LineChart(
            title="Error by the turn asked for",
            describes="Lines: each group's mean error at each turn, systematic part included.",
            x=Axis("turn asked for (degrees, counter-clockwise)", 0.0, 360.0),
            y=Axis("error (share of power)", low=0.0),
            lines=[
                Line(
                    group or "all",
                    [row["asked"] for row in turns if row["group"] == group],
                    [row["error"] for row in turns if row["group"] == group],
                )
                for group in groups
            ],
        ),
    }
