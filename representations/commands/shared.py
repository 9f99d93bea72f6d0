"""The method `shared`: what drawings share with what they are of, and what they have alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from representations.commands.drawings import FILES, add_drawings, counted, gather
from representations.commands.options import groups_of, whole
from representations.errors import RepresentationError
from representations.exports import read_named_arrays
from representations.result import Progress, Result
from representations.shared import find_shared_content
from representations.shared_by_network import find_shared_by_network

USAGE = f"""\
What drawings share with the pictures they are of, and what they have alone: whether a drawing finds its picture among
all, what share of it the picture explains, and the drawer's own hand. The files, either drawings, which need
--stimuli, or arrays:

{FILES.format(more="")}
  arrays         .npz: drawings, photographs (n, features) or (n, height, width[, colours]), items (n,), and people (n,)

Files of drawings are looked at as ink: what stands out from their edge. For colours, give arrays.

For example:
  python -m representations shared drawings.csv --pictures drawings.zip --stimuli stimuli.csv --out shared"""

ENGINES: Mapping[str, Callable[..., Result]] = {"linear": find_shared_content, "network": find_shared_by_network}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's files and options."""
    add_drawings(parser, needs_stimuli=False)
    how = parser.add_argument_group("how it is reckoned")
    how.add_argument(
        "--engine",
        choices=ENGINES,
        default="linear",
        help="by linear parts, in seconds; or by a network, in minutes, which needs torch (default %(default)s)",
    )
    how.add_argument(
        "--hold-out",
        choices=("people", "photographs"),
        help="what a fit has never seen: the person (default), or the picture (default where nobody is told apart)",
    )
    how.add_argument(
        "--draws", type=whole(20), default=1000, metavar="N", help="of the bootstrap (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the files."""
    if any(file.suffix.lower() == ".npz" for file in asked.files):
        return _of_arrays(asked, progress)
    if asked.stimuli is None:
        raise RepresentationError("Drawings without --stimuli were found. Expected: a table that says what each is of.")
    gathered = gather(asked)
    shown = list(counted(gathered, progress))
    result = ENGINES[asked.engine](
        np.stack([picture for *_, picture in shown]),
        np.stack([gathered.stimuli[item] for _, item, _, _ in shown]),
        [item for _, item, _, _ in shown],
        people=[each.participant for each, *_ in shown],
        groups=gathered.groups,
        hold_out=asked.hold_out,
        bootstraps=asked.draws,
        seed=asked.seed,
        progress=progress,
    )
    return replace(result, warnings=[*gathered.warnings, *result.warnings])


def _of_arrays(asked: argparse.Namespace, progress: Progress) -> Result:
    if len(asked.files) != 1:
        raise RepresentationError(f"{len(asked.files)} files were found. Expected: one .npz, or tables of drawings.")
    file: Path = asked.files[0]
    arrays = read_named_arrays(file, ("drawings", "photographs", "items"), ("people",))
    people = [str(name) for name in arrays["people"].ravel()] if "people" in arrays else None
    return ENGINES[asked.engine](
        arrays["drawings"],
        arrays["photographs"],
        [str(name) for name in arrays["items"].ravel()],
        people=people,
        groups=groups_of(asked, people or ()),
        hold_out=asked.hold_out,
        bootstraps=asked.draws,
        seed=asked.seed,
        progress=progress,
    )
