"""The method `encoder`: layers of any network, to the same pictures at equal turns."""

from __future__ import annotations

import argparse
from pathlib import Path

from representations.commands.options import whole
from representations.encoders import SHUFFLES, Layer, audit
from representations.errors import RepresentationError
from representations.exports import read_arrays
from representations.result import Progress, Result

USAGE = """\
What an encoder keeps of a picture's orientation, layer by layer: how far each layer turns with its input, at which
orders of the turn it has anything, and whether the turn can be read out of it. One file:

  layers   .npz, in the order of the layers, each NAME with the shape (n turns, items, features), the turns 360 k / n;
           beside it, where there is one, NAME.turned_back: the same with the turn undone in what the features stand
           for; and NAME.mirrored: to the mirrored pictures

For example:
  python -m representations encoder layers.npz --out audit"""
KINDS = ("turned_back", "mirrored")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's file and options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the layers' responses: .npz")
    parser.add_argument(
        "--most", type=whole(1, 64), metavar="M", help="the highest order (default 8, or what n turns tell)"
    )
    parser.add_argument(
        "--shuffles",
        type=whole(20),
        default=SHUFFLES,
        metavar="N",
        help="of the turns, for the null (default %(default)s)",
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the file."""
    arrays = read_arrays(asked.file)
    beside = {f"{name}.{kind}" for name in arrays for kind in KINDS}
    names = [name for name in arrays if name not in beside]
    lonely = [name for name in names if name.endswith(tuple(f".{kind}" for kind in KINDS))]
    if lonely:
        raise RepresentationError(
            f"{asked.file.name}: {lonely[0]} was found. Expected: the layer that it belongs to, too."
        )
    layers = [Layer(name, arrays[name], *(arrays.get(f"{name}.{kind}") for kind in KINDS)) for name in names]
    return audit(layers, seed=asked.seed, most=asked.most, shuffles=asked.shuffles, progress=progress)
