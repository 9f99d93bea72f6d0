"""Parquet, one row group after the other."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from protocol.columns import Column, Kind
from research.writers import Rows, in_blocks
from research.writers.copying import AS_STORED
from research.writers.values import scalar

GROUP_ROWS = 50_000  # what is kept in memory, as Arrow's columns and not as Python's objects
PARSED_BYTES = 1024 * 1024  # what is read at once of lines that the database wrote

COPIED = AS_STORED

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
    "scalar": pa.string(),  # a column of Parquet has one type: numbers are written as in CSV
}
_MICROSECONDS = pa.timestamp("us", tz="UTC")
_READ_AS: Mapping[Kind, pa.DataType] = {"time": pa.timestamp("us")}


def blocks(columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
    """The file with typed columns; each field's metadata says what it means."""
    declared = schema(columns)
    return in_blocks(_written(columns, (_table(columns, declared, batch) for batch in batches)))


def copied(columns: Sequence[Column], lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same rows from lines that the database wrote: none of their values becomes one of Python's objects."""
    return in_blocks(_written(columns, _tables(columns, in_blocks(lines, PARSED_BYTES))))


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


def _written(columns: Sequence[Column], parts: Iterable[pa.Table]) -> Iterator[bytes]:
    sink, declared = _Sink(), schema(columns)
    with pq.ParquetWriter(sink, declared, compression="zstd") as writer:
        group: list[pa.Table] = []
        for part in parts:
            group.append(part)
            if sum(part.num_rows for part in group) >= GROUP_ROWS:
                writer.write_table(pa.concat_tables(group))
                group = []
                yield sink.drained()
        if group:
            writer.write_table(pa.concat_tables(group))
    yield sink.drained()


def _tables(columns: Sequence[Column], blocks: Iterable[bytes]) -> Iterator[pa.Table]:
    """Arrow's columns of whole lines of CSV."""
    names = [column.name for column in columns]
    convert = pacsv.ConvertOptions(
        column_types={column.name: _READ_AS.get(column.kind, _TYPES[column.kind]) for column in columns},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["true"],
        false_values=["false"],
    )
    parse, declared = pacsv.ParseOptions(newlines_in_values=True), schema(columns)
    for block in blocks:
        read = pacsv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False)
        found = pacsv.read_csv(pa.BufferReader(block), read, parse, convert)
        arrays = [
            _instants(array) if column.kind == "time" else array
            for column, array in zip(columns, found.columns, strict=True)
        ]
        yield pa.Table.from_arrays(arrays, schema=declared)


def _table(columns: Sequence[Column], declared: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [_array(column, list(each)) for column, each in zip(columns, values, strict=True)]
    return pa.Table.from_arrays(arrays, schema=declared)


def _array(column: Column, values: list[Any]) -> pa.Array:
    if column.kind == "time":
        return _instants(pa.array(values, _MICROSECONDS))
    if column.kind == "boolean":
        values = [None if value is None else bool(value) for value in values]
    if column.kind == "scalar":
        values = [None if value is None else _as_text(scalar(value)) for value in values]
    return pa.array(values, _TYPES[column.kind])


def _as_text(found: float | str) -> str:
    return found if isinstance(found, str) else repr(found)


def _instants(microseconds: Any) -> Any:
    """To whole milliseconds by cutting off, as in the other formats; a cast alone would cut towards 1970."""
    return pc.floor_temporal(microseconds, unit="millisecond").cast(_TYPES["time"])
