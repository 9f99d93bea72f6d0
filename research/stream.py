"""Rows of a dataset: a page at a time, or all of them as a file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.sql import Query

from coaching.models import Study
from protocol.columns import Kind, Table
from research.filters import NO_FILTERS, BadParameters, Fault, Filters, narrowed
from research.writers import Format
from research.writers.copying import copy_statement

BATCH_ROWS = 2_000
COPIED_ROWS = 256  # lines joined at once; far fewer bytes than a block has, but where texts are long
Row = tuple[Any, ...]

# PostgreSQL begins by itself where it doesn't commit by itself; SQLite's usual way to begin would be a writer's.
_BEGIN = {"postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN DEFERRED"}


def rows_of(table: Table, study: Study, filters: Filters = NO_FILTERS) -> QuerySet:  # type: ignore[type-arg]
    """The rows of a dataset, in its order, not yet asked for columns."""
    return narrowed(table, table.queryset(study), filters).order_by("pk")


def _tuples(table: Table, rows: QuerySet, *ahead: str) -> QuerySet:  # type: ignore[type-arg]
    """The rows as tuples of the table's columns, after the fields `ahead`."""
    named = dict(zip(_names(table), (column.expression for column in table.columns), strict=True))
    tuples: QuerySet = rows.annotate(**named).values_list(*ahead, *named)  # type: ignore[type-arg]
    return tuples


def _names(table: Table) -> list[str]:
    """Names of our own: a column may be called as a field of the rows is, and mean another thing."""
    return [f"column_{n}" for n in range(len(table.columns))]


# --- a page at a time ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind a row, or (backwards) ahead of one. Rows that come or go elsewhere don't move it."""

    towards: Literal["next", "previous"]
    row: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and the cursors of its neighbours."""

    rows: list[Row]
    next: Cursor | None
    previous: Cursor | None


def page(table: Table, study: Study, filters: Filters, cursor: Cursor | None, size: int) -> Page:
    """The page of at most `size` rows at a cursor; without one, the first."""
    rows = rows_of(table, study, filters)
    backwards = cursor is not None and cursor.towards == "previous"
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor.row).order_by("-pk") if backwards else rows.filter(pk__gt=cursor.row)
    # One row more than is shown tells whether there is a page beyond.
    found: list[Row] = list(_tuples(table, rows, "pk")[: size + 1])
    is_more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    # The page that we come from lies on the other side, even when all of its rows have gone meanwhile.
    first = shown[0][0] if shown else cursor.row + 1 if cursor else 0
    last = shown[-1][0] if shown else cursor.row - 1 if cursor else 0
    return Page(
        rows=[row[1:] for row in shown],
        next=Cursor("next", last) if (is_more or backwards) else None,
        previous=Cursor("previous", first) if (is_more if backwards else cursor is not None) else None,
    )


def seal(cursor: Cursor, study: Study, table: Table) -> str:
    """A cursor as text that nobody can read or make up: the numbers of rows stay inside."""
    content = json.dumps([study.pk, table.name, cursor.towards, cursor.row])
    return _cipher().encrypt(content.encode()).decode().rstrip("=")


def unseal(text: str, study: Study, table: Table) -> Cursor:
    """The cursor of this dataset that `seal` made a text of.

    Raises:
        BadParameters: It is no such text, or another dataset's.
    """
    try:
        content = json.loads(_cipher().decrypt(text + "=" * (-len(text) % 4)))
    except (InvalidToken, ValueError):
        content = []
    if content[:2] != [study.pk, table.name]:
        expected = f"one from next or previous of a page of {table.name}"
        raise BadParameters([Fault("cursor", "an unknown cursor", expected)])
    return Cursor(content[2], content[3])


def _cipher() -> Fernet:
    key = hashlib.sha256(f"research.cursor:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


# --- a whole file ----------------------------------------------------------------------------------------------------


class Blocks(Iterator[bytes]):
    """The blocks of a file being written. Closing it early ends its query, as when a client leaves."""

    def __init__(self, blocks: Iterator[bytes], source: Iterator[Any]) -> None:
        self._source = source
        # The first block is made at once: what can go wrong goes wrong before anything is answered.
        self._blocks = chain([next(blocks, b"")], blocks)

    def __next__(self) -> bytes:
        return next(self._blocks)

    def close(self) -> None:
        """Ends the query and gives its connection back."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def file_blocks(table: Table, study: Study, file_format: Format, filters: Filters = NO_FILTERS) -> Blocks:
    """A dataset as a file, in blocks of about 64 KiB, as it stood at one instant."""
    query = _tuples(table, rows_of(table, study, filters)).query
    if file_format.copies and connection.vendor == "postgresql":
        lines = _lines(table, query, file_format.copy_writer.COPIED)
        return Blocks(file_format.copy_writer.copied(table.columns, lines), lines)
    batches = _batches(query)
    return Blocks(file_format.writer.blocks(table.columns, batches), batches)


def file_name(table: Table, study: Study, file_format: Format) -> str:
    """What to call the file."""
    return f"{study.slug}_{table.name}.{file_format.name}"


def _batches(query: Query) -> Iterator[Sequence[Row]]:
    """Tuples of the table's columns, by the database's own cursor, so that memory doesn't grow with the rows."""
    with _snapshot() as own:
        compiler = query.get_compiler(connection=own)
        chunks = compiler.execute_sql(chunked_fetch=True, chunk_size=BATCH_ROWS)
        try:
            for chunk in chunks:
                yield list(compiler.results_iter([chunk], tuple_expected=True))
        finally:
            # Before its connection goes. (A query that can't find anything isn't asked, and leaves nothing to close.)
            getattr(chunks, "close", lambda: None)()


def _lines(table: Table, query: Query, written: Mapping[Kind, str]) -> Iterator[bytes]:
    """Lines of CSV, some hundreds at a time, written by PostgreSQL's COPY. Closed early, it takes the COPY back."""
    with _snapshot() as own, own.wrap_database_errors, own.cursor() as cursor:
        try:
            rows, parameters = query.get_compiler(connection=own).as_sql()
        except EmptyResultSet:
            return
        statement = cursor.mogrify(copy_statement(table.columns, _names(table), rows, written), parameters)
        if own is not connection:
            with cursor.copy(statement) as copy:
                lines = iter(copy)
                while joined := b"".join(islice(lines, COPIED_ROWS)):
                    yield joined
            return
        # Until a COPY is over its connection does nothing else, and this one isn't ours alone.
        with cursor.copy(statement) as copy:
            kept = list(copy)
        if kept:
            yield b"".join(kept)


@contextmanager
def _snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own that sees the database as it was at one instant, however long it is read from.

    Of its own, since a server may go on with a response in another thread, and since the request's transactions may
    write: on SQLite they would keep every other writer waiting for as long as the client takes. Inside a transaction
    that has already begun, that one is the instant.
    """
    if connection.in_atomic_block:
        yield connection
        return
    own = connection.copy()
    own.inc_thread_sharing()
    try:
        if own.vendor == "postgresql":
            own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute(_BEGIN[own.vendor])
        yield own
    finally:
        own.close()
