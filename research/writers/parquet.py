"""Parquet, one row group after the other."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from protocol.columns import Column, Kind
from research.writers import Rows, in_blocks

GROUP_ROWS = 50_000  # what is kept in memory, as Arrow's columns and not as Python's objects

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}
_MICROSECONDS = pa.timestamp("us", tz="UTC")


def blocks(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    """The file with typed columns; each field's metadata says what it means."""
    return in_blocks(_pieces(columns, batches))


def schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema that the columns describe."""
    return pa.schema(
        pa.field(
            column.name,
            _TYPES[column.kind],
            nullable=column.nullable,
            metadata={"description": column.means, "unit": column.unit},
        )
        for column in columns
    )


class _Sink(io.RawIOBase):
    """A file that is only ever written to, and gives away what it holds."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.pieces.append(bytes(content))
        return len(self.pieces[-1])

    def drained(self) -> bytes:
        content = b"".join(self.pieces)
        self.pieces.clear()
        return content


def _pieces(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    sink, declared = _Sink(), schema(columns)
    with pq.ParquetWriter(sink, declared, compression="zstd") as writer:
        group: list[pa.RecordBatch] = []
        for batch in batches:
            group.append(_record_batch(columns, declared, batch))
            if sum(part.num_rows for part in group) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(group, declared))
                group = []
                yield sink.drained()
        if group:
            writer.write_table(pa.Table.from_batches(group, declared))
    yield sink.drained()


def _record_batch(columns: Sequence[Column], declared: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [_array(column, list(each)) for column, each in zip(columns, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=declared)


def _array(column: Column, values: list[Any]) -> pa.Array:
    if column.kind == "time":
        # To whole milliseconds by cutting off, as in the other formats.
        return pa.array(values, _MICROSECONDS).cast(_TYPES["time"], safe=False)
    if column.kind == "boolean":
        values = [None if value is None else bool(value) for value in values]
    return pa.array(values, _TYPES[column.kind])
