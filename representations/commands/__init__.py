"""The command line: a method, its files, and a folder for what it finds.

Each method has a module here of its own, which is read when it is asked for. What it says of itself is `USAGE`, its
options stand in `add_options`, and `run` gives the `Result`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from representations.errors import NotEnough, RepresentationError

if TYPE_CHECKING:
    from representations.result import Progress, Result

# By the method's name: its module here, and what it does.
METHODS = {
    "alignment": ("alignment", "how alike people's judgements are, with the noise divided out"),
    "symmetry": ("symmetry", "rotation profile of drawings, beside what they are of"),
    "rotate": ("rotate", "mental rotation by production: its systematic and its orientation-dependent error"),
    "encoder": ("encoder", "whether a set of features can see a turn at all, layer by layer"),
    "coding": ("coding", "free reports coded by examples, with internal consistency as confidence"),
    "shared": ("shared", "what drawings share with what they are of, and what they have alone"),
    "plan": ("plan", "how many trials a study of alignment needs"),
}
USAGE_FAULT, TOO_LITTLE, STOPPED = 2, 3, 130
DESCRIPTION = "What is represented, by four methods. `METHOD --help` says what files a method takes, with an example."
LAST_WORDS = """\
ends with 0: done; 2: something in the input can't be worked with; 3: there is too little of it; 130: stopped.
Every file's fault is said with its line. Nothing is written until all of it is there."""


class Method(Protocol):
    """What the module of a method offers."""

    USAGE: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Adds the method's files and options."""
        ...  # pragma: no cover

    def run(self, asked: argparse.Namespace, progress: Progress) -> Result:
        """What the method finds in them."""
        ...  # pragma: no cover


class _Parser(argparse.ArgumentParser):
    """One plain message instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_FAULT, f"{self.prog}: {message}. See {self.prog} --help.\n")


def main(arguments: Sequence[str]) -> int:
    """Runs one method; the process's exit status."""
    parser = _Parser(
        prog="python -m representations",
        description=DESCRIPTION,
        epilog="methods:\n"
        + "\n".join(f"  {name:10} {does}" for name, (_, does) in METHODS.items())
        + "\n\n"
        + LAST_WORDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s METHOD FILE … --out FOLDER [--seed N] [options]",
    )
    parser.add_argument("method", metavar="METHOD", choices=METHODS, help="one of those below")
    try:
        name = parser.parse_args(arguments[:1]).method
        running = import_module("representations.commands.running")
        method = cast(Method, import_module(f"representations.commands.{METHODS[name][0]}"))
        asked = _asked(name, method, arguments[1:])
        running.carry_out(name, method, asked)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Nothing was written.\n")
        return STOPPED
    except NotEnough as error:
        sys.stderr.write(f"{error}\n")
        return TOO_LITTLE
    except (RepresentationError, MemoryError, OSError) as error:
        sys.stderr.write(f"{error or 'There is not enough memory for this.'}\n")
        return USAGE_FAULT
    return 0


def _asked(name: str, method: Method, arguments: Sequence[str]) -> argparse.Namespace:
    words, example = method.USAGE.strip().split("\n\nFor example:\n")
    parser = _Parser(
        prog=f"python -m representations {name}",
        usage="%(prog)s [FILE …] --out FOLDER [options]",
        description=words,
        epilog="for example:\n" + example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    method.add_options(parser)
    always = parser.add_argument_group("what comes of it")
    always.add_argument(
        "--out", type=Path, metavar="FOLDER", help="a new folder: result.json, a Parquet file a table, an SVG a chart"
    )
    always.add_argument("--replace", action="store_true", help="the folder may hold an earlier result, which then goes")
    always.add_argument("--format", choices=("table", "json"), help="print the main table, or all of it as JSON")
    always.add_argument("--table", metavar="NAME", help="which table is printed (default: groups, else the first)")
    always.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="of every random choice, 0 or above (default 1)"
    )
    asked = parser.parse_args(arguments)
    if asked.out is None and asked.format is None:
        parser.error("nothing would come of it: give --out FOLDER, or --format table")
    return asked


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} was found, a whole number from 0 up was expected")
    return int(text)
