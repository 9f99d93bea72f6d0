"""The tables and charts of rotation profiles: single drawings, stimuli, people, groups and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.people import Cells, Estimate
from representations.picture import Axis, BarChart, Drawable, Level, Line, LineChart
from representations.polar import BLUR_SHARE, Floats, interpolation_floor
from representations.result import Column, Table

Complexes: TypeAlias = npt.NDArray[np.complex128]

COMPARED = ("likeness", "mirrored_likeness", "distance", "mirror_odd")


@dataclass(frozen=True, slots=True)
class ItemDrawing:
    """One person's drawing of an item; the picture is (rows, columns), grey 0 to 1."""

    person: str
    item: str
    picture: npt.ArrayLike
    group: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one picture holds.

    Attributes:
        shares: (most + 2,), of orders 0 to `most` and of all beyond; they add up to 1.
        mirror_odd: the share that no mirror line explains, 0 to 0.5.
        spectrum: what it is compared by, (rings, orders), of length 1.
        beside: by what was compared with the stimulus; empty without one.
    """

    shares: Floats
    mirror_odd: float
    spectrum: Complexes
    beside: Mapping[str, float]


def measure_of(profile: Profile, measure: str) -> float:
    """What a profile says under that name; NaN where nothing was compared."""
    return profile.mirror_odd if measure == "mirror_odd" else profile.beside.get(measure, float("nan"))


_MEANS = {
    "likeness": "The cosine with the stimulus at the best turn, up to 1.",
    "mirrored_likeness": "The same with the stimulus mirrored: larger where the drawing is the other hand's.",
    "distance": "Half the sum of the differences between both profiles, 0 to 1.",
    "mirror_odd": "The share of power that no mirror line explains, 0 to 0.5.",
}


def _shares(profiles: Sequence[Profile], most: int) -> dict[str, Column]:
    columns = {
        f"m{order}": Column(
            [profile.shares[order] for profile in profiles],
            f"The share of power that comes back {order} times in a full turn, 0 to 1.",
        )
        for order in range(most + 1)
    }
    columns["beyond"] = Column([p.shares[-1] for p in profiles], f"The share at orders above {most}, 0 to 1.")
    return columns


def drawings_table(kept: Sequence[ItemDrawing], profiles: Sequence[Profile], most: int) -> Table:
    """One row a drawing."""
    return Table(
        "drawings",
        "Each drawing with its content by order, and how it lies to its stimulus.",
        {
            "person": Column([drawing.person for drawing in kept], "Whose."),
            "group": Column([drawing.group for drawing in kept], "The person's group; empty without groups."),
            "item": Column([drawing.item for drawing in kept], "What was drawn."),
            **{name: Column([measure_of(p, name) for p in profiles], means) for name, means in _MEANS.items()},
            "turn": Column(
                [measure_of(p, "turn") for p in profiles], "By how much it is turned, counter-clockwise.", "degrees"
            ),
            **_shares(profiles, most),
        },
    )


def stimuli_table(of_stimuli: Mapping[str, Profile], pictures: Mapping[str, npt.ArrayLike], most: int) -> Table:
    """One row a stimulus."""
    return Table(
        "stimuli",
        "Each stimulus with its content by order.",
        {
            "item": Column(list(of_stimuli), "Which."),
            "mirror_odd": Column([p.mirror_odd for p in of_stimuli.values()], _MEANS["mirror_odd"]),
            "interpolation": Column(
                [interpolation_floor(pictures[item], turns=8, blur_share=BLUR_SHARE) for item in of_stimuli],
                "What turning it on its pixels alone costs, as a share of it.",
            ),
            **_shares(list(of_stimuli.values()), most),
        },
    )


def people_table(cells: Cells) -> Table:
    """One row a person."""
    return Table(
        "people",
        "Each person's means over items.",
        {
            "person": Column(cells.people, "Whose."),
            "group": Column(cells.groups, "The person's group; empty without groups."),
            "drawn": Column(np.isfinite(cells.values["mirror_odd"]).sum(axis=1), "How many items were drawn."),
            **{name: Column(cells.of_people(name), means) for name, means in _MEANS.items()},
        },
    )


def groups_table(estimates: Mapping[str, Mapping[str, Estimate]], cells: Cells) -> Table:
    """One row a group and measure."""
    keys = [(group, measure) for group in estimates for measure in COMPARED]
    return Table(
        "groups",
        "Each group's means over its people and items.",
        {
            "group": Column([group for group, _ in keys], "Which; empty without groups."),
            "people": Column([cells.groups.count(group) for group, _ in keys], "How many."),
            "measure": Column([measure for _, measure in keys], "As in the table of drawings."),
            **_limits([estimates[group][measure] for group, measure in keys]),
        },
    )


def gaps_table(gaps: Mapping[tuple[str, str], Mapping[str, Estimate]]) -> Table:
    """One row a pair of groups and measure."""
    keys = [(pair, measure) for pair in gaps for measure in COMPARED]
    return Table(
        "gaps",
        "The difference of each two groups, the first less the second.",
        {
            "group": Column([pair[0] for pair, _ in keys], "The first."),
            "other": Column([pair[1] for pair, _ in keys], "The second."),
            "measure": Column([measure for _, measure in keys], "As in the table of drawings."),
            **_limits([gaps[pair][measure] for pair, measure in keys]),
        },
    )


def _limits(found: Sequence[Estimate]) -> dict[str, Column]:
    return {
        "value": Column([one.value for one in found], "The estimate."),
        "low": Column([one.low for one in found], "Lower limit of the 95 % interval, people and items drawn again."),
        "high": Column([one.high for one in found], "Upper limit of it."),
    }


def charts_of(
    kept: Sequence[ItemDrawing],
    profiles: Sequence[Profile],
    of_stimuli: Mapping[str, Profile],
    estimates: Mapping[str, Mapping[str, Estimate]],
    most: int,
    null: float | None,
) -> dict[str, Drawable]:
    """The content by order as lines, and the likeness to the stimuli as bars."""
    orders = list(range(most + 1))
    groups = sorted(estimates)
    lines = []
    if of_stimuli:
        mean = np.mean([profile.shares[:-1] for profile in of_stimuli.values()], axis=0)
        lines.append(Line("stimuli", orders, mean))
    for group in groups:
        own = [p.shares[:-1] for drawing, p in zip(kept, profiles, strict=True) if drawing.group == group]
        lines.append(Line(group or "drawings", orders, np.mean(own, axis=0)))
    charts: dict[str, Drawable] = {
        "content": LineChart(
            title="Symmetry content of drawings and stimuli",
            describes="Lines: the mean share of power at each order, for the stimuli and for each group's drawings.",
            x=Axis("order m (times a full turn)", 0.0, float(most)),
            y=Axis("share of power", low=0.0),
            lines=lines,
        )
    }
    if of_stimuli:
        found = [estimates[group]["likeness"] for group in groups]
        charts["likeness"] = BarChart(
            title="Likeness of drawings to their stimuli, at the best turn",
            describes="Bars: each group's mean likeness with its 95 % interval; the null is other items' stimuli.",
            names=[group or "drawings" for group in groups],
            values=[one.value for one in found],
            y=Axis("likeness (cosine)", low=0.0, high=1.0),
            low=[one.low for one in found],
            high=[one.high for one in found],
            levels=[Level("null (other stimuli)", null)] if null is not None else [],
        )
    return charts
