"""The method `symmetry`: what of a drawing comes back m times in a full turn, beside what it is of."""

from __future__ import annotations

import argparse
from dataclasses import replace

from representations.commands.drawings import FILES, add_drawings, counted, gather
from representations.commands.options import whole
from representations.people import DRAWS
from representations.profile_tables import ItemDrawing
from representations.profiles import SHUFFLES, rotation_profile
from representations.result import Progress, Result
from representations.symmetry import MOST_ORDER

USAGE = f"""\
The rotation profile of drawings: how much of each comes back m times in a full turn, and how much no mirror line
explains, beside what it is of. The files:

{FILES.format(more="")}

For example:
  python -m representations symmetry drawings.csv --pictures drawings.zip --stimuli stimuli.csv --only condition=memory
    --groups participants.csv --out profile"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's files and options."""
    add_drawings(parser, needs_stimuli=False)
    how = parser.add_argument_group("how it is reckoned")
    how.add_argument(
        "--on-paper", action="store_true", help="place and size on the paper count; else they are dropped first"
    )
    how.add_argument(
        "--most", type=whole(1, 32), default=MOST_ORDER, metavar="M", help="the highest order (default %(default)s)"
    )
    how.add_argument(
        "--shuffles", type=whole(20), default=SHUFFLES, metavar="N", help="of the null (default %(default)s)"
    )
    how.add_argument(
        "--draws", type=whole(20), default=DRAWS, metavar="N", help="of the bootstrap (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the files."""
    gathered = gather(asked)
    drawings = [
        ItemDrawing(each.participant, item, picture, group)
        for each, item, group, picture in counted(gathered, progress)
    ]
    result = rotation_profile(
        drawings,
        gathered.stimuli,
        seed=asked.seed,
        most=asked.most,
        shuffles=asked.shuffles,
        draws=asked.draws,
        on_paper=asked.on_paper,
        progress=progress,
    )
    return replace(result, warnings=[*gathered.warnings, *result.warnings])
