"""What a fit that has not seen a pair says of it: ranks, shared variance, swapped views; and the null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from representations.canonical import (
    RIDGES,
    Choice,
    Finder,
    Floats,
    Indices,
    Shuffle,
    Split,
    choose_dimensions,
    fit_split,
)
from representations.pairings import Pairs, folds
from representations.result import Progress
from representations.retrieval import Ranks, cosines, mean_by_name, ranks

FEWEST_REPEATS = 20
OTHER_DRAWINGS = {True: "the same person's other drawings", False: "other people's drawings"}


@dataclass(frozen=True)
class Settings:
    """What is chosen before the pairs are looked at.

    Attributes:
        folds: in how many parts the pairs are held out, at most one for each photograph or person.
        shuffles: how often the pairs are shuffled to choose the dimensions of a fold.
        null_draws: how often the pairs are shuffled to see what recall nothing gives.
        level: how often nothing may be taken for a related dimension.
        least: the held-out correlation from which a related dimension counts as shared.
        exclusive: how many exclusive dimensions each side keeps; 8 in the paper [C].
        ridges: among which one is chosen.
    """

    folds: int = 5
    shuffles: int = 100
    null_draws: int = 100
    level: float = 0.01
    least: float = 0.5
    exclusive: int = 8
    ridges: tuple[float, ...] = RIDGES


@dataclass
class HeldOut:
    """One entry a pair, from the fit that has not seen it.

    Attributes:
        fold: in which part it was held out.
        photograph_recall, photograph_rank, photograph_gallery: how the drawing finds its photograph.
        drawing_recall, drawing_rank, drawing_gallery: how the photograph finds its drawing among that person's
            drawings (among all, where nobody is told apart); NaN where there is one alone.
        total: squared distance of the drawing from the mean drawing.
        own: how much of it the drawing's own shared code explains.
        other: how much of it the photograph's related code explains.
        swapped: mean absolute error of the photograph's shared part in the drawing's hand, and of the same the other
            way round: (n, 2). mean_picture: that of the mean picture.
        pixels: recall from the pixels as they are; NaN where the two sides have no pixels in common.
        ceiling: recall from other drawings of the same photograph in place of the photograph.
        ceiling_how: whose drawings these are.
        null: (draws,), recall of the whole after each shuffle.
        choices: one a fold.
        shared: how many dimensions are taken for shared in all of them: the median of the choices, lest one fold's
            fractions be of other dimensions than the next one's.
        read_out: for each attribute, R² from the drawings' shared and exclusive, the photographs' shared and
            exclusive code.
    """

    fold: Indices
    photograph_recall: Floats
    photograph_rank: Floats
    photograph_gallery: Floats
    drawing_recall: Floats
    drawing_rank: Floats
    drawing_gallery: Floats
    total: Floats
    own: Floats
    other: Floats
    swapped: Floats
    mean_picture: Floats
    pixels: Floats
    ceiling: Floats
    ceiling_how: str
    null: Floats
    choices: list[Choice]
    shared: int
    read_out: Mapping[str, Floats]


def score_held_out(
    pairs: Pairs, by: str, settings: Settings, generator: np.random.Generator, progress: Progress | None = None
) -> HeldOut:
    """Every pair scored by a fit to the other folds, whose dimensions were chosen within these.

    Args:
        pairs: from `check_pairs`.
        by: whether `people` or `photographs` are held out together.
        settings: what was chosen before.
        generator: for the folds and the shuffles.
        progress: told after every shuffle.
    """
    n = len(pairs.items)
    names = pairs.held_out_by(by)
    count = min(settings.folds, len(np.unique(names)))
    fold = folds(names, count, generator)
    found = _empty(fold, n, settings, pairs)
    steps, done = count * (settings.shuffles + settings.null_draws), 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, steps)

    errors = {name: np.zeros((2, 4)) for name in pairs.attributes}
    for k in range(count):
        fitted = np.flatnonzero(fold != k)
        inner = folds(names[fitted], min(4, len(np.unique(names[fitted]))), generator) == 0
        choice = choose_dimensions(
            pairs.drawings[fitted],
            pairs.photographs[fitted],
            inner,
            _of_part(pairs.shuffle(by), fitted),
            generator,
            ridges=settings.ridges,
            shuffles=settings.shuffles,
            level=settings.level,
            least=settings.least,
            ticked=tick,
        )
        found.choices.append(choice)
    own = draws_repeat(pairs)
    found.ceiling_how = OTHER_DRAWINGS[own]
    found.shared = int(np.median([choice.shared for choice in found.choices]))
    for k, choice in enumerate(found.choices):
        fitted, kept = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        drawings, photographs = pairs.drawings[fitted], pairs.photographs[fitted]
        shuffle = _of_part(pairs.shuffle(by), fitted)
        finder = Finder(pairs.drawings, pairs.photographs, fold == k)
        split = fit_split(
            drawings,
            photographs,
            related=choice.related,
            shared=found.shared,
            ridge=choice.ridge,
            strength=choice.correlations,
            exclusive=settings.exclusive,
            sides=finder.sides,
        )
        _score_fold(found, pairs, split, kept)
        for name, values in pairs.attributes.items():
            errors[name] += _read_out_errors(pairs, split, values, fitted, kept)
        strength = choice.correlations[: choice.related]
        for draw in range(settings.null_draws):
            codes = finder.codes(choice.ridge, strength, shuffle(np.arange(len(fitted)), generator))
            found.null[draw] += _find_photographs(*codes, pairs.items[kept]).recall.sum() / n
            tick()
        drawn = split.drawing.related_code(pairs.drawings[kept]) * split.strength
        found.ceiling[kept] = recall_by_other_drawings(drawn, pairs.part(kept), own)
    found.read_out = {
        name: np.where(spread > 0, 1.0 - residual / np.where(spread > 0, spread, 1.0), np.nan)
        for name, (residual, spread) in errors.items()
    }
    return found


def read_out_r2(code: Floats, truth: Floats, new_code: Floats, new_truth: Floats) -> float:
    """R² with which a straight line through known codes tells the truth of new ones; below 0 where it is of harm.

    Args:
        code: (n, k), what the line is laid through, with
        truth: (n, d).
        new_code: (m, k), what it is tried on, with
        new_truth: (m, d); what it is held against is the mean of the known truth.
    """
    residual, spread = _line_errors(code, truth, new_code, new_truth)
    return 1.0 - residual / spread if spread > 0 else float("nan")


def _empty(fold: Indices, n: int, settings: Settings, pairs: Pairs) -> HeldOut:
    def nothing() -> Floats:
        return np.full(n, np.nan)

    return HeldOut(
        fold=fold,
        photograph_recall=nothing(),
        photograph_rank=nothing(),
        photograph_gallery=nothing(),
        drawing_recall=nothing(),
        drawing_rank=nothing(),
        drawing_gallery=nothing(),
        total=nothing(),
        own=nothing(),
        other=nothing(),
        swapped=np.full((n, 2), np.nan),
        mean_picture=np.full((n, 2), np.nan),
        pixels=nothing(),
        ceiling=nothing(),
        ceiling_how="",
        null=np.zeros(settings.null_draws),
        choices=[],
        shared=0,
        read_out={},
    )


def _of_part(shuffle: Shuffle, part: Indices) -> Shuffle:
    return lambda places, generator: shuffle(part[places], generator)


def _score_fold(found: HeldOut, pairs: Pairs, split: Split, kept: Indices) -> None:
    drawings, photographs, items = pairs.drawings[kept], pairs.photographs[kept], pairs.items[kept]
    of_drawings = split.drawing.related_code(drawings) * split.strength
    of_photographs = split.photograph.related_code(photographs) * split.strength
    to_photograph = _find_photographs(of_drawings, of_photographs, items)
    found.photograph_recall[kept] = to_photograph.recall
    found.photograph_rank[kept] = to_photograph.rank
    found.photograph_gallery[kept] = to_photograph.gallery
    people = pairs.people[kept] if pairs.people is not None else np.full(len(kept), "")
    for person in np.unique(people):
        of = np.flatnonzero(people == person)
        names, codes = mean_by_name(of_drawings[of], items[of])
        if len(names) < 2:
            continue
        back = ranks(cosines(of_photographs[of], codes), np.searchsorted(names, items[of]))
        found.drawing_recall[kept[of]] = back.recall
        found.drawing_rank[kept[of]] = back.rank
        found.drawing_gallery[kept[of]] = back.gallery
    centred = drawings - split.drawing.mean
    by_photograph = split.photograph.related_code(photographs) @ split.drawing.foretold
    found.total[kept] = (centred**2).sum(axis=1)
    found.own[kept] = found.total[kept] - (split.drawing.left_over(drawings) ** 2).sum(axis=1)
    found.other[kept] = found.total[kept] - ((centred - by_photograph) ** 2).sum(axis=1)
    views = split.swapped_drawings(photographs, drawings), split.swapped_photographs(drawings, photographs)
    for side, (view, true, mean) in enumerate(
        zip(views, (drawings, photographs), (split.drawing.mean, split.photograph.mean), strict=True)
    ):
        found.swapped[kept, side] = np.abs(view - true).mean(axis=1)
        found.mean_picture[kept, side] = np.abs(true - mean).mean(axis=1)
    if drawings.shape[1] == photographs.shape[1]:
        names, gallery = mean_by_name(photographs, items)
        likeness = cosines(centred, gallery - split.photograph.mean)
        found.pixels[kept] = ranks(likeness, np.searchsorted(names, items)).recall


def _find_photographs(drawings: Floats, photographs: Floats, items: npt.NDArray[np.str_]) -> Ranks:
    """Each drawing's code among the photographs' codes, each photograph once."""
    names, gallery = mean_by_name(photographs, items)
    return ranks(cosines(drawings, gallery), np.searchsorted(names, items))


def draws_repeat(pairs: Pairs) -> bool:
    """Whether people drew photographs more than once, often enough to be held against themselves."""
    if pairs.people is None:
        return False
    _, times = np.unique(np.stack([pairs.people, pairs.items]), axis=1, return_counts=True)
    return int(times[times > 1].sum()) >= FEWEST_REPEATS


def recall_by_other_drawings(codes: Floats, pairs: Pairs, own: bool) -> Floats:
    """Recall, one a drawing, where other drawings of the same photograph stand in for it; NaN where there are none.

    Args:
        codes: (n, k), one a drawing.
        pairs: whose they are, and of what.
        own: whether the other drawings are the same person's, or other people's.
    """
    if pairs.people is None:
        return np.full(len(codes), np.nan)
    _, whose = np.unique(pairs.people, return_inverse=True)
    _, what = np.unique(pairs.items, return_inverse=True)
    return _by_other_drawings(codes, what, whose, own)


def _by_other_drawings(codes: Floats, what: Indices, whose: Indices, own: bool) -> Floats:
    recall = np.full(len(codes), np.nan)
    everything = np.zeros((int(what.max()) + 1, codes.shape[1]))
    np.add.at(everything, what, codes)
    drawn = np.bincount(what, minlength=len(everything))
    for person in np.unique(whose):
        of = np.flatnonzero(whose == person)
        mine = np.zeros_like(everything)
        np.add.at(mine, what[of], codes[of])
        times = np.bincount(what[of], minlength=len(everything))
        total, count = (mine, times) if own else (everything - mine, drawn - times)
        for query in of:
            right = what[query]
            left, number = total, count
            if own:
                left, number = total.copy(), count.copy()
                left[right] -= codes[query]
                number[right] -= 1
            there = np.flatnonzero(number > 0)
            if number[right] > 0 and len(there) > 1:
                likeness = cosines(codes[query : query + 1], left[there] / number[there, None])
                recall[query] = ranks(likeness, np.searchsorted(there, [right])).recall[0]
    return recall


def _read_out_errors(pairs: Pairs, split: Split, truth: Floats, fitted: Indices, kept: Indices) -> Floats:
    """Residual and spread, (2, 4): from the shared and exclusive code of the drawings, then of the photographs."""
    found = [
        _line_errors(code(values[fitted]), truth[fitted], code(values[kept]), truth[kept])
        for part, values in ((split.drawing, pairs.drawings), (split.photograph, pairs.photographs))
        for code in (part.shared_code, part.exclusive_code)
    ]
    return np.array(found).T


def _line_errors(code: Floats, truth: Floats, new_code: Floats, new_truth: Floats) -> tuple[float, float]:
    known = np.column_stack([np.ones(len(code)), code])
    line = np.linalg.lstsq(known, truth, rcond=None)[0]
    said = np.column_stack([np.ones(len(new_code)), new_code]) @ line
    return float(((new_truth - said) ** 2).sum()), float(((new_truth - truth.mean(axis=0)) ** 2).sum())
