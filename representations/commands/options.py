"""Options that several methods have, and what they are given in."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from representations.errors import RepresentationError
from representations.exports import read_groups


def whole(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"{text!r} was found, a whole number from {least} to {most:,} was expected"
            )
        return int(text)

    return read


def between(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers above `low` and up to `high`."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = low
        if not low < found <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} was found, a number above {low:g} and up to {high:g} was expected"
            )
        return found

    return read


def add_groups(parser: argparse.ArgumentParser) -> None:
    """Adds what says who is in which group."""
    parser.add_argument(
        "--groups", type=Path, metavar="FILE", help="participant, group: such as the export participants"
    )
    parser.add_argument(
        "--group-column",
        default="group",
        metavar="NAME",
        help="which column of that file says the group (default group)",
    )


def groups_of(asked: argparse.Namespace, people: Iterable[str]) -> dict[str, str] | None:
    """The group of everybody, None where no file says it.

    Raises:
        RepresentationError: the file can't be used, or says nothing of some of the people.
    """
    if asked.groups is None:
        return None
    groups = read_groups(asked.groups, asked.group_column)
    missing = sorted(set(people) - set(groups))
    if missing:
        some = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        raise RepresentationError(
            f"{asked.groups.name}: no group was found for {some}. Expected: a group for everybody."
        )
    return groups


def chosen_rows(texts: Iterable[str]) -> dict[str, str]:
    """What `--only COLUMN=VALUE` says, by column.

    Raises:
        RepresentationError: no such form, or a column twice.
    """
    chosen: dict[str, str] = {}
    for text in texts:
        column, is_there, value = text.partition("=")
        if not (column and is_there) or column in chosen:
            raise RepresentationError(f"--only {text}: Expected: COLUMN=VALUE, each column once.")
        chosen[column] = value
    return chosen
