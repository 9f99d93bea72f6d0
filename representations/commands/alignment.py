"""The method `alignment`: judgements of pairs, triplets, arrangements or matrices, and who is in which group."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representations.alignment import MEASURES
from representations.commands.options import add_groups, groups_of, whole
from representations.errors import RepresentationError
from representations.exports import read_by_item, read_categories
from representations.groups import Choices, aligned
from representations.judgements import Judgements, from_arrangements, from_matrices, from_pair_ratings, from_triplets
from representations.reading import (
    kind_of,
    read_arrangements,
    read_long_matrices,
    read_pairs,
    read_square_matrices,
    read_triplets,
)
from representations.resampling import FloatArray
from representations.result import Progress, Result

USAGE = """\
How alike people's judgements of the same items are, within groups and between them: raw, and with the noise of their
answers divided out. The files, all of one kind, with commas between the cells:

  pairs          participant, a, b, rating          and trial, where a pair is rated more than once
  triplets       participant, a, b, c, odd          the odd one out; and trial, as above
  arrangements   participant, item, x, y            and trial, where somebody made several
  matrices       participant, a, b, dissimilarity   and trial, as above
  square ones    an empty cell and the items above, the items again on the left; a file a matrix, named after its
                 person: P1.csv, or P1.1.csv and P1.2.csv

Noise can be divided out where a person judged everything twice, or with --features.

For example:
  python -m representations alignment pairs.csv --scale 0 6 --groups participants.csv --out alignment"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's files and options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="judgements: .csv, .jsonl or .parquet")
    add_groups(parser)
    scale = parser.add_argument_group("ratings of pairs")
    scale.add_argument(
        "--scale",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="its ends (default: the least and greatest rating)",
    )
    scale.add_argument("--high-is-alike", action="store_true", help="a high rating says that the two are alike")
    beside = parser.add_argument_group("what is known of the items")
    beside.add_argument(
        "--features",
        type=Path,
        metavar="FILE",
        help="item and a column a feature: needed where people saw some pairs alone",
    )
    beside.add_argument(
        "--semantic", type=Path, metavar="FILE", help="a square matrix of how unlike the items' meanings are"
    )
    beside.add_argument(
        "--categories", type=Path, metavar="FILE", help="item, category: the null shuffles within these"
    )
    how = parser.add_argument_group("how it is reckoned")
    how.add_argument(
        "--measure",
        action="append",
        choices=MEASURES,
        metavar="NAME",
        help=f"{', '.join(MEASURES)} (default: all of them)",
    )
    how.add_argument(
        "--draws", type=whole(20), default=Choices.draws, metavar="N", help="of the bootstrap (default %(default)s)"
    )
    how.add_argument(
        "--shuffles", type=whole(20), default=Choices.shuffles, metavar="N", help="of the null (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the files."""
    judgements = _judgements(asked)
    items = judgements.items
    choices = Choices(
        measures=tuple(dict.fromkeys(asked.measure or MEASURES)),
        draws=asked.draws,
        shuffles=asked.shuffles,
        seed=asked.seed,
    )
    return aligned(
        judgements,
        groups_of(asked, judgements.people),
        choices,
        features=_features(asked.features, items) if asked.features else None,
        semantic=_semantic(asked.semantic, items) if asked.semantic else None,
        categories=_categories(asked.categories, items) if asked.categories else None,
        progress=progress,
    )


def _judgements(asked: argparse.Namespace) -> Judgements:
    kind = kind_of(asked.files)
    if kind != "pairs" and (asked.scale or asked.high_is_alike):
        raise RepresentationError(f"--scale or --high-is-alike with {kind} was found. Expected: ratings of pairs.")
    if kind == "pairs":
        pairs = read_pairs(asked.files)
        scale = tuple(asked.scale) if asked.scale else None
        return from_pair_ratings(
            pairs.participant, pairs.a, pairs.b, pairs.rating, scale=scale, high_is_alike=asked.high_is_alike
        )
    if kind == "triplets":
        three = read_triplets(asked.files)
        return from_triplets(three.participant, three.a, three.b, three.c, three.odd)
    if kind == "arrangements":
        laid = read_arrangements(asked.files)
        return from_arrangements(laid.participant, laid.trial, laid.item, laid.x, laid.y)
    matrices = (read_square_matrices if kind == "square matrices" else read_long_matrices)(asked.files)
    return from_matrices(matrices.participant, matrices.items, matrices.values)


def _features(file: Path, items: Sequence[str]) -> FloatArray:
    known, _, values = read_by_item(file)
    return values[_places(file, known, items)]


def _semantic(file: Path, items: Sequence[str]) -> FloatArray:
    matrix = read_square_matrices([file])
    order = _places(file, matrix.items, items)
    told: FloatArray = matrix.values[0][np.ix_(order, order)]
    return told


def _categories(file: Path, items: Sequence[str]) -> list[str]:
    known = read_categories(file)
    _places(file, list(known), items)
    return [known[item] for item in items]


def _places(file: Path, known: Sequence[str], items: Sequence[str]) -> list[int]:
    missing = [item for item in items if item not in known]
    if missing:
        raise RepresentationError(
            f"{file.name}: nothing was found for {', '.join(missing[:10])}. Expected: every item judged."
        )
    return [known.index(item) for item in items]
