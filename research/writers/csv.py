"""Comma-separated values by RFC 4180, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from protocol.columns import Column
from research.writers import Rows, in_blocks
from research.writers.values import CSV_VALUES, formula_safe


def blocks(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    """A header and one line a row; null is empty, and text that would be a formula begins with an apostrophe."""
    return in_blocks(_pieces(columns, batches))


def _pieces(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    written = [CSV_VALUES[column.kind] for column in columns]
    buffer = io.StringIO(newline="")
    lines = csv.writer(buffer, lineterminator="\r\n")
    lines.writerow([formula_safe(column.name) for column in columns])
    for batch in batches:
        lines.writerows(
            ["" if value is None else write(value) for write, value in zip(written, row, strict=True)] for row in batch
        )
        yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
