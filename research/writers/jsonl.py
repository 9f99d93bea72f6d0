"""JSON Lines: one object a row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from protocol.columns import Column
from research.writers import Rows, in_blocks
from research.writers.values import JSON_VALUES

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def blocks(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    """One line a row, in UTF-8; every column is there, null where it is empty."""
    return in_blocks("".join(f"{_encoded(each)}\n" for each in objects(columns, batch)).encode() for batch in batches)


def objects(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Rows as what JSON can hold, by the columns' names."""
    names = [column.name for column in columns]
    written = [JSON_VALUES[column.kind] for column in columns]
    for row in rows:
        values = [None if value is None else write(value) for write, value in zip(written, row, strict=True)]
        yield dict(zip(names, values, strict=True))
