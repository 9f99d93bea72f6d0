"""The method `plan`: no files, but what a lab intends; the items' features, where they are known."""

from __future__ import annotations

import argparse
from pathlib import Path

from representations.commands.options import between, whole
from representations.errors import RepresentationError
from representations.exports import read_by_item
from representations.planning import Study, plan
from representations.result import Progress, Result

USAGE = """\
How many ratings of pairs a person a study of alignment needs: the closed form as a guide, and your own design played
with people whose representations are known. Noise is told as the ratio of signal to noise, or by the correlation of
two halves of a person's trials in an earlier study of this design. No file is needed; where the items' features are
known:

  features   item, and a column a feature

For example:
  python -m representations plan --items 24 --dimensions 30 --trials 120 --snr 1 --target 0.8 --out plan
  python -m representations plan --features features.csv --trials 120 --reliability 0.4 --reliability-trials 80
    --format table"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is intended."""
    parser.add_argument("--items", type=whole(4, 2000), metavar="N", help="how many are compared")
    parser.add_argument(
        "--dimensions", type=whole(1, 10_000), metavar="P", help="how many weights are fitted for a person"
    )
    parser.add_argument("--features", type=Path, metavar="FILE", help="in place of these two: the items' own features")
    parser.add_argument("--trials", type=whole(1), metavar="N", required=True, help="ratings of pairs a person")
    noise = parser.add_argument_group("noise, as one of")
    either = noise.add_mutually_exclusive_group(required=True)
    either.add_argument(
        "--snr", type=between(0, 1e6), metavar="X", help="variance of the signal over that of the noise"
    )
    either.add_argument(
        "--reliability", type=between(0, 1), metavar="R", help="correlation of two halves of the trials"
    )
    noise.add_argument("--reliability-trials", type=whole(2), metavar="N", help="how many trials that was with")
    parser.add_argument(
        "--target", type=between(0, 1), default=Study.target, metavar="A", help="alignment wanted (default %(default)s)"
    )
    parser.add_argument(
        "--repetitions", type=whole(2, 10_000), default=30, metavar="N", help="of the simulation (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the study would need."""
    features = None
    if asked.features is not None:
        items, names, features = read_by_item(asked.features)
        asked.items, asked.dimensions = len(items), len(names)
    if asked.items is None or asked.dimensions is None:
        raise RepresentationError("No --items and --dimensions were found. Expected: both, or --features with a file.")
    study = Study(
        items=asked.items,
        dimensions=asked.dimensions,
        trials=asked.trials,
        snr=asked.snr,
        reliability=asked.reliability,
        reliability_trials=asked.reliability_trials,
        target=asked.target,
        features=features,
    )
    return plan(study, repetitions=asked.repetitions, seed=asked.seed, progress=progress)
