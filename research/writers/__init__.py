"""The formats of a file: each turns batches of rows into blocks of bytes, with memory constant in the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from protocol.columns import Column, Kind

BLOCK_BYTES = 64 * 1024

Rows = Iterable[Sequence[tuple[Any, ...]]]


class Writer(Protocol):
    """What a format's module offers."""

    def blocks(self, columns: Sequence[Column], batches: Rows) -> Iterator[bytes]:
        """The file, piece by piece."""
        ...  # pragma: no cover


class CopyWriter(Protocol):
    """What the module of a format offers whose values the database can write."""

    @property
    def COPIED(self) -> Mapping[Kind, str]:  # noqa: N802 - a constant of the module
        """How the database is to write a value of each kind, as an expression over `{0}`."""
        ...  # pragma: no cover

    def copied(self, columns: Sequence[Column], lines: Iterable[bytes]) -> Iterator[bytes]:
        """The file, piece by piece, from pieces of whole lines of CSV, a line a row."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Format:
    """One format that a dataset can be had in; `copies` says whether the database can write its values."""

    name: str
    content_type: str
    copies: bool = False

    @property
    def writer(self) -> Writer:
        """The format's module, read when it is first needed: Arrow alone takes half a second."""
        return cast(Writer, import_module(f"research.writers.{self.name}"))

    @property
    def copy_writer(self) -> CopyWriter:
        """The same module, where the format `copies`."""
        return cast(CopyWriter, self.writer)


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8; header=present", copies=True),
    "jsonl": Format("jsonl", "application/x-ndjson"),
    "parquet": Format("parquet", "application/vnd.apache.parquet", copies=True),
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
