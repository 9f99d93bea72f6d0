"""Comma-separated values by RFC 4180, but for lines that end in a line feed alone; safe to open in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from protocol.columns import Column, Kind
from research.writers import Rows, in_blocks
from research.writers.copying import IN_TEXT
from research.writers.values import CSV_VALUES, formula_safe

COPIED = IN_TEXT

# The standard library's writer quotes other texts than the database does, and not the same ones in each version.
_needs_quotes = re.compile('[,"\r\n]').search


def blocks(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    """A header and one line a row; null is empty, and text that would be a formula begins with an apostrophe."""
    written = [_CELLS[column.kind] for column in columns]
    return in_blocks(_headed(columns, (_lines(written, batch) for batch in batches)))


def copied(columns: Sequence[Column], lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same file from lines that the database wrote."""
    return in_blocks(_headed(columns, iter(lines)))


def _headed(columns: Sequence[Column], lines: Iterator[bytes]) -> Iterator[bytes]:
    header = f"{','.join(quoted(formula_safe(column.name)) for column in columns)}\n".encode()
    # With the first of the lines, so that whoever has the header knows that the query was begun.
    yield b"".join((header, next(lines, b"")))
    yield from lines


def _lines(written: Sequence[Callable[[Any], str]], rows: Sequence[tuple[Any, ...]]) -> bytes:
    lines = [
        ",".join(["" if value is None else write(value) for write, value in zip(written, row, strict=True)])
        for row in rows
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def quoted(text: str) -> str:
    """The text, in quotes where it has to be: an empty one too, so that it is not taken for null."""
    if text and not _needs_quotes(text):
        return text
    return '"' + text.replace('"', '""') + '"'


_CELLS: dict[Kind, Callable[[Any], str]] = {
    **CSV_VALUES,
    "text": lambda value: quoted(formula_safe(value)),
    "scalar": lambda value: quoted(CSV_VALUES["scalar"](value)),
}
