"""What the methods that look at drawings have in common: tables, the pictures they name, and what each is of."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from representations.album import Album
from representations.commands.options import add_groups, chosen_rows, groups_of
from representations.errors import NotEnough, RepresentationError
from representations.exports import Drawing, Stimuli, read_drawings, read_stimuli
from representations.polar import LEAST_SIDE
from representations.result import Progress
from representations.sheets import read_bytes
from representations.strokes import SIDE, Floats, read_drawing

FILES = """\
  drawings       participant, file{more}: such as the export drawings; `file` names a picture (PNG, JPEG, WebP) or
                 strokes as JSON in --pictures
  stimuli        file, and the columns by which a drawing's row tells what it is of, such as script, stage"""


@dataclass(frozen=True)
class Gathered:
    """Drawings with their pictures' places, and the stimuli.

    Attributes:
        drawings: in the order of their tables.
        items: what each is of; empty where nothing says it.
        groups: everybody's, None without groups.
        warnings: how many rows have no drawing.
        stimuli: each item's picture.
    """

    drawings: Sequence[Drawing]
    items: Sequence[str]
    groups: Mapping[str, str] | None
    warnings: Sequence[str]
    stimuli: Mapping[str, Floats]
    album: Album
    side: int

    def pictures(self) -> Iterator[tuple[Drawing, str, str, Floats]]:
        """Each drawing with its item, its group and its picture, read when it is asked for."""
        for drawing, item in zip(self.drawings, self.items, strict=True):
            group = self.groups[drawing.participant] if self.groups else ""
            yield drawing, item, group, read_drawing(self.album.read(drawing.file), side=self.side, name=drawing.place)


def add_drawings(parser: argparse.ArgumentParser, *, needs_stimuli: bool) -> None:
    """Adds the tables, the pictures and the stimuli."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="drawings: .csv, .jsonl or .parquet")
    parser.add_argument(
        "--pictures", type=Path, metavar="PLACE", help="a folder or zip (default: the folder drawings beside FILE)"
    )
    parser.add_argument("--stimuli", type=Path, metavar="FILE", required=needs_stimuli, help="what each drawing is of")
    parser.add_argument(
        "--only", action="append", default=[], metavar="COLUMN=VALUE", help="such rows alone, such as condition=memory"
    )
    parser.add_argument(
        "--side", type=_side, default=SIDE, metavar="PX", help="of what is looked at (default %(default)s)"
    )
    add_groups(parser)


def _side(text: str) -> int:
    if not text.isdigit() or not LEAST_SIDE <= int(text) <= 512:
        raise argparse.ArgumentTypeError(f"{text!r} was found, {LEAST_SIDE} to 512 px were expected")
    return int(text)


def gather(asked: argparse.Namespace, needed: Sequence[str] = ()) -> Gathered:
    """Everything but the drawings' pictures, whose files are looked for.

    Raises:
        RepresentationError: a file, a picture or what a drawing is of is missing or can't be used.
        NotEnough: there is no drawing.
    """
    stimuli = read_stimuli(asked.stimuli) if asked.stimuli else None
    columns = [*needed, *(name for name in (stimuli.columns if stimuli else ()) if name not in needed)]
    drawings, without = read_drawings(asked.files, columns, chosen_rows(asked.only))
    if not drawings:
        raise NotEnough("No row with a drawing was found.", "2 drawings of an item by one person")
    album = Album(_place(asked))
    missing = [drawing for drawing in drawings if not album.holds(drawing.file)]
    if missing:
        some = "\n".join(f"{each.place}: no file {each.file} was found." for each in missing[:10])
        raise RepresentationError(f"{some}\nExpected: {len(missing)} more files in {album.place}.")
    items = [" ".join(stimuli.item_of(drawing)) if stimuli else _item(drawing) for drawing in drawings]
    warnings = [f"{n} rows have no drawing: {why}." for why, n in sorted(without.items())]
    groups = groups_of(asked, (drawing.participant for drawing in drawings))
    shown = _stimuli(stimuli, drawings, album, asked) if stimuli else {}
    return Gathered(drawings, items, groups, warnings, shown, album, asked.side)


def _item(drawing: Drawing) -> str:
    names = ("item",) if "item" in drawing.texts else ("timepoint", "script", "stage")
    return " ".join(text for name in names if (text := drawing.texts.get(name)))


def _place(asked: argparse.Namespace) -> Path:
    if asked.pictures is not None:
        return Path(asked.pictures)
    beside: Path = asked.files[0].parent / "drawings"
    if not beside.is_dir():
        raise RepresentationError(f"{beside}: no such folder was found. Expected: --pictures with a folder or zip.")
    return beside


def _stimuli(
    stimuli: Stimuli, drawings: Sequence[Drawing], album: Album, asked: argparse.Namespace
) -> dict[str, Floats]:
    """The pictures of the items drawn; they may lie in the same album, or beside the table that names them."""
    beside = asked.stimuli.parent
    pictures: dict[str, Floats] = {}
    for drawing in drawings:
        key = stimuli.item_of(drawing)
        item = " ".join(key)
        if item in pictures:
            continue
        if key not in stimuli.files:
            said = ", ".join(f"{name} {value!r}" for name, value in zip(stimuli.columns, key, strict=True))
            raise RepresentationError(
                f"{drawing.place}: {said} was found. Expected: a row for it in {asked.stimuli.name}."
            )
        name = stimuli.files[key]
        content = album.read(name) if album.holds(name) else read_bytes(beside / name)
        pictures[item] = read_drawing(content, side=asked.side, name=name)
    return pictures


def counted(gathered: Gathered, progress: Progress) -> Iterator[tuple[Drawing, str, str, Floats]]:
    """The pictures, with the progress told."""
    for n, each in enumerate(gathered.pictures(), 1):
        yield each
        progress(n, len(gathered.drawings))
