"""Shared and exclusive content of drawings and their photographs.

How much of a photographed object got into the drawing of it, and what in the drawing is the drawer's own: style, hand,
colour. The paper is about networks that learn two kinds of pictures; that a person's imagery stands between photograph
and drawing is our use of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from representations.canonical import Floats, fit_split
from representations.group_figures import Measure, compare_codes, compare_groups, summarise_groups
from representations.pairings import Pairs, check_pairs
from representations.result import Column, Progress, Reference, Result, Table
from representations.shared_charts import draw_shared
from representations.shared_scores import HeldOut, Settings, score_held_out

SOURCE = (
    "Gonzalez-Garcia, van de Weijer and Bengio, Image-to-image translation for cross-domain disentanglement, NeurIPS "
    "2018, arXiv 1805.09730 [C]: the split into shared and exclusive parts, retrieval by the shared code, swapped "
    "views. Our own [O]: regularised canonical correlation in place of its networks, dimensions chosen on shuffled and "
    "held-out pairs, people and groups."
)
SIDES = ("drawing", "photograph")
FEW_PEOPLE = 10


def find_shared_content(
    drawings: npt.ArrayLike,
    photographs: npt.ArrayLike,
    items: Sequence[str],
    *,
    people: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    attributes: Mapping[str, npt.ArrayLike] | None = None,
    hold_out: str | None = None,
    settings: Settings | None = None,
    bootstraps: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Result:
    """What drawings and their photographs share, and what each has alone, by linear parts.

    Args:
        drawings: (n, height, width[, colours]) pictures or (n, features); pictures above 24 px a side are shrunk.
        photographs: the same, the photograph (or the drawing made while looking) that belongs to each drawing.
        items: (n,), which photograph it is.
        people: (n,), who drew.
        groups: each person's group.
        attributes: what else is known of each drawing (ink, strokes, seconds), numbers of shape (n,) or (n, d): how far
            it can be read from either part.
        hold_out: `people` (the default with people: can a stranger's drawing be told among photographs that others
            drew as well?) or `photographs` (the default without: can drawings of photographs never met be told?).
        settings: folds, shuffles, what counts as shared.
        bootstraps: draws for the intervals.
        seed: of everything that is drawn by chance.
        progress: told how far it is.

    Returns:
        Tables `groups`, `gaps`, `people`, `pairs`, `dimensions`, `swapped`, `attributes` and `exclusive`. The null is
        the recall of shuffled pairs, the floor is guessing, the ceiling the recall where other drawings of the same
        photograph stand in for it.

    Raises:
        RepresentationError: lengths differ, a value is no number, a person has no group.
        NotEnough: too few pairs, photographs or people, or nothing varies.
    """
    by = hold_out or ("people" if people is not None else "photographs")
    chosen = settings or Settings()
    generator = np.random.default_rng(seed)
    pairs = check_pairs(drawings, photographs, items, people, groups, attributes, by)
    found = score_held_out(pairs, by, chosen, generator, progress)
    every = fit_split(
        pairs.drawings,
        pairs.photographs,
        related=int(np.median([choice.related for choice in found.choices])),
        shared=found.shared,
        ridge=float(np.median([choice.ridge for choice in found.choices])),
        exclusive=chosen.exclusive,
    )
    measures = _measures(found)
    summary = summarise_groups(pairs, measures, bootstraps, generator)
    tables = [
        summary,
        compare_groups(pairs, measures, bootstraps, generator),
        _people_table(pairs, found),
        _pairs_table(pairs, found),
        _dimensions_table(found, chosen),
        _swapped_table(found),
        _attributes_table(found),
        compare_codes(pairs, every.drawing.exclusive_code(pairs.drawings), bootstraps, generator),
    ]
    null, floor, ceiling = _references(found, by)
    return Result(
        method="shared",
        source=SOURCE,
        tables=tables,
        null=null,
        floor=floor,
        ceiling=ceiling,
        warnings=_warnings(pairs, found, by),
        settings=asdict(chosen)
        | {"engine": "linear", "hold_out": by, "bootstraps": bootstraps, "seed": seed, "pairs": len(pairs.items)},
        charts=draw_shared(pairs, found, every, summary, (null, floor, ceiling), chosen),
    )


def _measures(found: HeldOut) -> list[Measure]:
    ones = np.ones(len(found.total))
    there = np.isfinite(found.drawing_recall).astype(float)
    return [
        Measure(
            "photograph_recall", "share of drawings that find their photograph first", found.photograph_recall, ones
        ),
        Measure(
            "photograph_rank",
            "share of the other photographs that come before the right one: 0 none, 0.5 guessing",
            (found.photograph_rank - 1.0) / (found.photograph_gallery - 1.0),
            ones,
        ),
        Measure(
            "drawing_recall",
            "share of photographs that find their drawing first among the person's own drawings",
            np.nan_to_num(found.drawing_recall),
            there,
        ),
        Measure(
            "drawing_rank",
            "share of the other drawings that come before the right one: 0 none, 0.5 guessing",
            np.nan_to_num((found.drawing_rank - 1.0) / (found.drawing_gallery - 1.0)),
            there,
        ),
        Measure("shared_fraction", "share of the drawing's variance in its own shared code", found.own, found.total),
        Measure(
            "explained_by_photograph",
            "share of the drawing's variance that the photograph's related code foretells; below 0 where it misleads",
            found.other,
            found.total,
        ),
    ]


def _people_table(pairs: Pairs, found: HeldOut) -> Table:
    whose = pairs.people if pairs.people is not None else np.full(len(pairs.items), "")
    names = sorted({*whose.tolist(), *pairs.blank}) if pairs.people is not None else [""]
    of = [np.flatnonzero(whose == name) for name in names]
    blank = [pairs.blank.get(name, 0) for name in names]
    # What is blank finds its photograph as often as guessing does.
    guess = float(np.mean(1.0 / found.photograph_gallery))

    def ratio(above: Floats, below: Floats) -> list[float]:
        return [float(above[k].sum() / below[k].sum()) if below[k].sum() > 0 else float("nan") for k in of]

    measured = {one.name: Column(ratio(one.above, one.below), one.means) for one in _measures(found)}
    hits = [float(found.photograph_recall[k].sum()) for k in of]
    with_blank = [(hit + b * guess) / (len(k) + b) for hit, k, b in zip(hits, of, blank, strict=True)]
    return Table(
        "people",
        "One row a person (one row in all where nobody is told apart), from fits that have not seen the pair.",
        {
            "participant": Column(names, "who drew; empty where nobody is told apart"),
            "group": Column([pairs.groups.get(name) for name in names], "the person's group"),
            "drawings": Column([len(k) for k in of], "drawings that show something"),
            "blank": Column(blank, "drawings that show nothing, and are left out"),
            **measured,
            "recall_with_blank": Column(with_blank, "photograph_recall with each blank drawing counted as a guess"),
        },
    )


def _pairs_table(pairs: Pairs, found: HeldOut) -> Table:
    n = len(pairs.items)
    return Table(
        "pairs",
        "One row a drawing that shows something, from the fit that has not seen it.",
        {
            "row": Column(pairs.rows + 1, "which pair of the input, from 1"),
            "participant": Column([None] * n if pairs.people is None else pairs.people, "who drew"),
            "item": Column(pairs.items, "which photograph"),
            "fold": Column(found.fold + 1, "the part in which it was held out"),
            "photograph_rank": Column(found.photograph_rank, "place of the right photograph; ties count half"),
            "photograph_recall": Column(found.photograph_recall, "1 first, 0 not, between where others tie"),
            "photograph_gallery": Column(found.photograph_gallery, "photographs to choose from"),
            "drawing_rank": Column(found.drawing_rank, "place of the right drawing; ties count half"),
            "drawing_recall": Column(found.drawing_recall, "1 first, 0 not, between where others tie"),
            "drawing_gallery": Column(found.drawing_gallery, "drawings to choose from"),
        },
    )


def _dimensions_table(found: HeldOut, settings: Settings) -> Table:
    fold, dimension, correlation, threshold, ridge, related, shared = [], [], [], [], [], [], []
    for k, choice in enumerate(found.choices):
        shown = range(min(len(choice.correlations), choice.related + 5))
        fold += [k + 1] * len(shown)
        dimension += [j + 1 for j in shown]
        correlation += [float(choice.correlations[j]) for j in shown]
        threshold += [choice.threshold] * len(shown)
        ridge += [choice.ridge] * len(shown)
        related += [j < choice.related for j in shown]
        shared += [j < choice.shared for j in shown]
    return Table(
        "dimensions",
        "The dimensions of each fold, and five beyond them, on pairs held out within the fold.",
        {
            "fold": Column(fold, "the part that was held out from all of this"),
            "dimension": Column(dimension, "in the order of the fit, from 1"),
            "correlation": Column(correlation, "between the two sides' codes, on held-out pairs"),
            "threshold": Column(threshold, f"what shuffled pairs exceed in {settings.level:.0%} of shuffles"),
            "ridge": Column(ridge, "the share of the mean variance that was added to each axis"),
            "related": Column(related, "above the threshold, as all before it: used to find"),
            "shared": Column(shared, f"related, and at least {settings.least:g}; what splits is the folds' median"),
        },
    )


def _swapped_table(found: HeldOut) -> Table:
    error, mean = found.swapped.mean(axis=0), found.mean_picture.mean(axis=0)
    return Table(
        "swapped",
        "The other side's shared part with the side's own exclusive part, held against the true picture.",
        {
            "side": Column(SIDES, "what is made anew"),
            "error": Column(error, "mean absolute error", "units of the pictures"),
            "mean_picture": Column(mean, "the same for the mean picture", "units of the pictures"),
            "share": Column(error / mean, "error as a share of the mean picture's"),
        },
    )


def _attributes_table(found: HeldOut) -> Table:
    names = sorted(found.read_out)
    figures = np.array([found.read_out[name] for name in names]).reshape(len(names), 4)
    return Table(
        "attributes",
        "How far what is known of the pairs can be read from either part: R² on held-out pairs.",
        {"attribute": Column(names, "what is known")}
        | {
            f"{side}_{part}": Column(figures[:, 2 * s + p], f"R² from the {side}'s {part} code; up to 0: not at all")
            for s, side in enumerate(SIDES)
            for p, part in enumerate(("shared", "exclusive"))
        },
    )


def _references(found: HeldOut, by: str) -> tuple[Reference, Reference, Reference]:
    gallery = found.photograph_gallery
    low, high = np.quantile(found.null, [0.025, 0.975])
    known = found.ceiling[np.isfinite(found.ceiling)]
    how = "photographs shuffled" if by == "photographs" else "photographs shuffled among each person's drawings"
    return (
        Reference(
            float(found.null.mean()),
            f"photograph_recall after fits to {how}, {len(found.null)} shuffles, with as many dimensions",
            float(low),
            float(high),
        ),
        Reference(
            float(np.mean(1.0 / gallery)),
            f"guessing among {int(gallery.min())} to {int(gallery.max())} photographs",
        ),
        Reference(
            float(known.mean()) if known.size else None,
            f"recall where {found.ceiling_how} of the same photograph stand in for it, {known.size} drawings"
            if known.size
            else "unknown: no photograph was drawn twice by people who are told apart",
        ),
    )


def _warnings(pairs: Pairs, found: HeldOut, by: str) -> list[str]:
    said = []
    blank = sum(pairs.blank.values())
    if blank:
        said.append(
            f"{blank} blank drawings of {blank + len(pairs.items)} were left out; people.recall_with_blank counts each "
            "as a guess."
        )
    unrelated = sum(choice.related == 0 for choice in found.choices)
    if unrelated:
        said.append(
            f"In {unrelated} of {len(found.choices)} folds no dimension goes together above the null: recall is "
            "guessing there, and nothing is split."
        )
    elif not found.shared:
        said.append(
            "Drawings and photographs are related, but no dimension is mostly shared: the fraction and "
            "the swapped views say nothing."
        )
    if by == "people":
        said.append(
            "People were held out, not photographs: other people's drawings of the same photographs were seen. Recall "
            "says whether a drawing can be told among these photographs alone."
        )
    drew: dict[str, set[str]] = {}
    people = pairs.people if pairs.people is not None else ()
    for person, item in zip(people, pairs.items, strict=False):
        drew.setdefault(pairs.groups.get(str(person), ""), set()).add(str(item))
    sizes = {name: sum(group == name for group in pairs.groups.values()) for name in drew if name}
    if len({frozenset(one) for one in drew.values()}) > 1:
        said.append("The groups did not draw the same photographs: a gap may be one of the photographs.")
    if small := sorted(name for name, size in sizes.items() if size < FEW_PEOPLE):
        said.append(f"Fewer than {FEW_PEOPLE} people in {', '.join(small)}: the interval is too narrow.")
    return said
