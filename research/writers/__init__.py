"""The formats of a file: each turns batches of rows into blocks of bytes, with memory constant in the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from protocol.columns import Column

BLOCK_BYTES = 64 * 1024

Rows = Iterable[Sequence[tuple[Any, ...]]]


class Writer(Protocol):
    """What a format's module offers."""

    def blocks(self, columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
        """The file, piece by piece."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Format:
    """One format that a dataset can be had in."""

    name: str
    content_type: str

    @property
    def writer(self) -> Writer:
        """The format's module, read when it is first needed: Arrow alone takes half a second."""
        return cast(Writer, import_module(f"research.writers.{self.name}"))


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8; header=present"),
    "jsonl": Format("jsonl", "application/x-ndjson"),
    "parquet": Format("parquet", "application/vnd.apache.parquet"),
}


def in_blocks(pieces: Iterable[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The same bytes in blocks of at least `size`, the last one excepted: a server pays for each block it sends."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    for piece in pieces:
        waiting.append(piece)
        waiting_bytes += len(piece)
        if waiting_bytes >= size:
            yield b"".join(waiting)
            waiting, waiting_bytes = [], 0
    if waiting:
        yield b"".join(waiting)
