"""The charts of shared and exclusive content."""

from __future__ import annotations

import numpy as np

from representations.canonical import Split
from representations.pairings import Pairs
from representations.picture import Axis, BarChart, Drawable, Level, Line, LineChart, ShadeChart
from representations.result import Reference, Table
from representations.shared_scores import HeldOut, Settings


def draw_shared(
    pairs: Pairs,
    found: HeldOut,
    every: Split,
    summary: Table,
    references: tuple[Reference, Reference, Reference],
    settings: Settings,
) -> dict[str, Drawable]:
    """The charts `recall`, `dimensions` and, where both sides are pictures and something is shared, `swapped`.

    Args:
        pairs: what was given.
        found: what the fits that have not seen a pair say.
        every: the split fitted to all pairs.
        summary: the table of the groups.
        references: null, floor and ceiling of the recall.
        settings: what was chosen before.
    """
    rows = [row for row in summary.rows() if row["measure"] == "photograph_recall"]
    null, floor, ceiling = references
    held = [("guessing", floor.value), ("shuffled pairs", null.high), ("other drawings in place", ceiling.value)]
    pixels = found.pixels[np.isfinite(found.pixels)]
    held.append(("pixels as they are", float(pixels.mean()) if pixels.size else None))
    levels = [Level(name, value) for name, value in held if value is not None]
    spread = " to ".join(f"{row['value']:.2f}" for row in (rows[0], rows[-1]))
    charts: dict[str, Drawable] = {
        "recall": BarChart(
            "Drawings that find their photograph first",
            f"Recall at 1 for {len(rows)} groups, {spread}; guessing gives {floor.value or 0.0:.3f}.",
            [str(row["group"]) for row in rows],
            [row["value"] for row in rows],
            Axis("Recall at 1", 0.0, 1.0),
            [row["low"] for row in rows],
            [row["high"] for row in rows],
            levels,
        ),
        "dimensions": _dimensions_chart(found, settings),
    }
    view = _swapped_chart(pairs, found, every)
    return charts | ({"swapped": view} if view else {})


def _dimensions_chart(found: HeldOut, settings: Settings) -> LineChart:
    most = min(40, *(len(choice.correlations) for choice in found.choices))
    rs = np.array([choice.correlations[:most] for choice in found.choices])
    threshold = float(np.median([choice.threshold for choice in found.choices]))
    related = int(np.median([choice.related for choice in found.choices]))
    return LineChart(
        "How closely the two sides go together",
        f"Correlation on held-out pairs over {most} dimensions; {related} are above what shuffled pairs give.",
        Axis("Dimension, in the order of the fit", 1.0, float(most)),
        Axis("Correlation on held-out pairs", min(-0.2, float(rs.min())), 1.0),
        [Line("median of folds", np.arange(1.0, most + 1), np.median(rs, axis=0), rs.min(axis=0), rs.max(axis=0))],
        [Level("shuffled", threshold), Level("mostly shared", settings.least)],
    )


def _swapped_chart(pairs: Pairs, found: HeldOut, every: Split) -> ShadeChart | None:
    shape = pairs.drawing_shape
    if shape is None or pairs.photograph_shape is None or shape[0] != pairs.photograph_shape[0] or not every.shared:
        return None
    # The pair in the middle, neither the best nor the worst of them.
    pair = int(np.argsort(found.swapped[:, 0])[len(found.swapped) // 2])
    drawing, photograph = pairs.drawings[[pair]], pairs.photographs[[pair]]
    panels = []
    for rows, size in (
        (photograph, pairs.photograph_shape),
        (drawing, shape),
        (every.swapped_drawings(photograph, drawing), shape),
    ):
        picture = rows.reshape(size)
        panels += [picture.mean(axis=2) if picture.ndim == 3 else picture, np.full((size[0], 1), np.nan)]
    whole = np.concatenate(panels[:-1], axis=1)
    item = pairs.items[pair]
    return ShadeChart(
        f"Photograph, drawing, and the photograph in this hand: {item}",
        "Three pictures side by side: the photograph, the drawing, and the photograph's shared part with the drawing's "
        "exclusive part. Of all pairs, the one whose view is of middling error.",
        [""] * whole.shape[0],
        [""] * whole.shape[1],
        whole,
    )
