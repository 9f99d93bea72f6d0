"""A dataset and its columns, described once: every writer, codebook and schema is made from these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "boolean", "time", "scalar"]
Sensitivity = Literal["pseudonymous", "identifying", "free_text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One named property of a dataset's rows.

    Attributes:
        name: As in every file and answer; `snake_case`.
        kind: What its values are; a `time` is an aware UTC instant, a `scalar` a number in one row and a text in
            another (its expression gives a text as JSON, and a number as JSON or as itself).
        means: For the analyst: what it is, and when it is empty.
        expression: Where the value comes from: a database expression over the table's rows.
        unit: Of a number, such as `ms`; empty where there is none.
        levels: Every value that a text can have; empty where that is open.
        nullable: Whether it can be empty.
        sensitivity: `pseudonymous`; `identifying`; `free_text`, which may hold a name.
        source: What recorded it, such as `the person` or `scoring`.
    """

    name: str
    kind: Kind
    means: str
    expression: Any
    unit: str = ""
    levels: tuple[str, ...] = ()
    nullable: bool = False
    sensitivity: Sensitivity = "pseudonymous"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One dataset.

    Attributes:
        name: As in addresses and file names.
        title: For people.
        grain: What one row stands for.
        columns: In the order in which they are handed over.
        queryset: The rows of one study (given as a row or its key), without erased people, ordered by primary key.
        time: The column that `since` and `until` mean.
        filters: The column that each filter compares, by the filter's name.
    """

    name: str
    title: str
    grain: str
    columns: tuple[Column, ...]
    queryset: Callable[[Any], Any]
    time: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The column called `name` (KeyError without it)."""
        return {column.name: column for column in self.columns}[name]
