"""The method `rotate`: what people draw, or set, when asked for a thing turned by so and so much."""

from __future__ import annotations

import argparse
from dataclasses import replace

from representations.commands.drawings import FILES, add_drawings, counted, gather
from representations.commands.options import groups_of, whole
from representations.errors import RepresentationError
from representations.exports import read_angles
from representations.people import DRAWS
from representations.result import Progress, Result
from representations.rotation import SHUFFLES, TurnedAngle, TurnedDrawing, drawn_rotation, set_rotation
from representations.sheets import columns_of

USAGE = f"""\
Mental rotation by production. Each response is turned back by what was asked for; its error is split into a
systematic part, the same at each turn, and one that depends on the turn. Angles are degrees, counter-clockwise.
The files, either drawings, which need --stimuli, or settings of a knob:

{FILES.format(more=", angle")}
  settings       participant, item, angle (asked for), given

For example:
  python -m representations rotate turned.csv --pictures drawings.zip --stimuli stimuli.csv --out rotation
  python -m representations rotate settings.csv --groups participants.csv --out rotation"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's files and options."""
    add_drawings(parser, needs_stimuli=False)
    how = parser.add_argument_group("how it is reckoned")
    how.add_argument(
        "--on-paper", action="store_true", help="place and size on the paper count; else they are dropped first"
    )
    how.add_argument(
        "--shuffles", type=whole(20), default=SHUFFLES, metavar="N", help="of the null (default %(default)s)"
    )
    how.add_argument(
        "--draws", type=whole(20), default=DRAWS, metavar="N", help="of the bootstrap (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the files."""
    if all("given" in columns_of(file) for file in asked.files):
        return _settings(asked)
    if asked.stimuli is None:
        raise RepresentationError("Drawings without --stimuli were found. Expected: a table that says what each is of.")
    gathered = gather(asked, ["angle"])
    drawings = [
        TurnedDrawing(each.participant, item, each.number("angle"), picture, group)
        for each, item, group, picture in counted(gathered, progress)
    ]
    result = drawn_rotation(
        drawings,
        gathered.stimuli,
        seed=asked.seed,
        shuffles=asked.shuffles,
        draws=asked.draws,
        on_paper=asked.on_paper,
        progress=progress,
    )
    return replace(result, warnings=[*gathered.warnings, *result.warnings])


def _settings(asked: argparse.Namespace) -> Result:
    rows = read_angles(asked.files)
    groups = groups_of(asked, (row.participant for row in rows))
    settings = [
        TurnedAngle(row.participant, row.item, row.asked, row.given, groups[row.participant] if groups else "")
        for row in rows
    ]
    return set_rotation(settings, seed=asked.seed, shuffles=asked.shuffles, draws=asked.draws)
