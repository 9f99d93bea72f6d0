"""Queries that are made into SQL once, for pages that are asked for again and again: making one costs more than asking.

    FIND = Prepared(lambda: Occasion.objects.filter(public_id=Slot("id", models.UUIDField())))
    found = FIND.first(id=occasion_id)

What comes back is what the query set itself would give. A query whose SQL hangs on what it is given (lists, slices,
prefetches) can't be one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class Slot(Value):
    """The place in a query of a value that comes with the asking, under a name of its own."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(name, output_field)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """A parameter, with this slot where its value will be."""
        return "%s", [self]

    def filled(self, values: Mapping[str, Any]) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(values[self.value], connection)


class Prepared(Generic[M]):
    """A query that is made into SQL when it is first asked, for the whole process."""

    def __init__(self, build: Callable[[], QuerySet[M]]) -> None:
        self._build = build

    def all(self, **values: Any) -> list[M]:
        """Every object, with the slots filled by `values`."""
        return list(self._made.ask(values))

    def first(self, **values: Any) -> M | None:
        """The first object by the query's own order; None where there is none."""
        return next(self._made.ask(values), None)

    @cached_property
    def _made(self) -> _Made[M]:
        return _Made(self._build())


class _Made(Generic[M]):
    """The SQL of a query, and the way from its rows to objects: as Django's own, but reckoned once."""

    def __init__(self, query_set: QuerySet[M]) -> None:
        compiler = query_set.query.get_compiler(using=query_set.db)
        self._sql, self._parameters = compiler.as_sql()
        columns, info = [column for column, _, _ in compiler.select], compiler.klass_info
        self._model: type[M] = info["model"]
        self._own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        self._names = [column.target.attname for column in columns[self._own]]
        self._related = get_related_populators(info, compiler.select, query_set.db)  # type: ignore[call-arg]
        # The compiler is not kept: it holds a connection, which belongs to one thread.
        self._converters = list(compiler.get_converters(columns).items())
        # Most of what is joined is not there; only a field's own converter may make something of that.
        self._keep_null = {n for n, column in enumerate(columns) if not hasattr(column.target, "from_db_value")}
        self._db = query_set.db

    def ask(self, values: Mapping[str, Any]) -> Iterator[M]:
        parameters = [each.filled(values) if isinstance(each, Slot) else each for each in self._parameters]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            rows = cursor.fetchall()
        for row in map(list, rows):
            for place, (converters, column) in self._converters:
                if row[place] is None and place in self._keep_null:
                    continue
                for convert in converters:
                    row[place] = convert(row[place], column, connection)
            found = self._model.from_db(self._db, self._names, row[self._own])
            for related in self._related:
                related.populate(row, found)
            yield found
