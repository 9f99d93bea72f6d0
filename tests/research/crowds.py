"""Very many rows, made by the database itself: copies of one person's, each with a pseudonym of its own.

`python -m tests.research.crowds N` makes them until there are N responses in the database that the environment names,
and prints one line of JSON: the `authorization` with which they may be read, and the `select` that reads them.
"""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.db import connection  # noqa: E402
from django.db.models import Model  # noqa: E402

import clock  # noqa: E402
from assessments.models import Administration, Answer  # noqa: E402
from assessments.services import Given, Taken, answer  # noqa: E402
from coaching.models import Enrolment, Occasion, Study  # noqa: E402
from research.catalogue import tables  # noqa: E402
from research.stream import rows_of  # noqa: E402
from tests import world  # noqa: E402
from tests.research.calls import caller  # noqa: E402

ITEMS = 100
UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
LATER = {
    "postgresql": "base.answered_at + n * interval '1 second'",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', base.answered_at, n || ' seconds')",
}


def responses(rows: int) -> None:
    """Responses of the study `tiny`, a hundred a person, until there are so many in all."""
    first = Answer.objects.order_by("pk").first() or _first_answer()
    administration = first.administration
    occasion = administration.occasion
    people, others = Enrolment.objects.count() - 1, (rows - 1) // ITEMS
    pseudonym = "CAST(1000000 + n AS text)"
    _copies(Enrolment, occasion.enrolment_id, people, others, pseudonym=pseudonym, screening_id="NULL")
    enrolment, public_id = _after(occasion.enrolment_id), UUID[connection.vendor]
    _copies(Occasion, occasion.pk, people, others, enrolment_id=enrolment, public_id=public_id)
    _copies(Administration, administration.pk, people, others, occasion_id=_after(occasion.pk))
    _copies(
        Answer,
        first.pk,
        Answer.objects.count() - 1,
        rows - 1,
        administration_id=f"{administration.pk} + n / {ITEMS}",
        item=f"'item_' || (n %% {ITEMS})",
        position=f"1 + n %% {ITEMS}",
        status="CASE WHEN n %% 11 = 0 THEN 'declined' ELSE 'answered' END",
        value="CASE WHEN n %% 11 <> 0 THEN 1 + n %% 9 / 2.0 END",
        response_time_ms="300 + n * 37 %% 9000",
        answered_at=LATER[connection.vendor],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert Answer.objects.count() == rows


def _first_answer() -> Answer:
    someone = world.consented(world.tiny())
    taken = answer(
        occasion=world.occasion(someone, "first"),
        instrument="one",
        position=1,
        given=Given("answered", 3),
        now=clock.now(),
        language="en",
    )
    assert isinstance(taken, Taken)
    return taken.answer


def _copies(model: type[Model], base: int, present: int, upto: int, **changed: str) -> None:
    """Copies of a row, numbered from `present` + 1 to `upto`: its columns, but for those that are changed."""
    columns = {field.column: f'base."{field.column}"' for field in model._meta.concrete_fields}
    columns |= {"id": _after(base)} | changed
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE series(n) AS (SELECT %s + 1 UNION ALL SELECT n + 1 FROM series WHERE n < %s) "
            f"INSERT INTO {table} ({names}) SELECT {values} FROM series, {table} base WHERE base.id = %s AND n <= %s",
            [present, upto, base, upto],
        )


def _after(first: int) -> str:
    return f"{first} + n"


def _select(study: Study) -> str:
    """What the database is asked for the rows' columns, as they are stored."""
    table = tables(study)["responses"]
    named = {f"column_{n}": column.expression for n, column in enumerate(table.columns)}
    sql, parameters = rows_of(table, study).annotate(**named).values_list(*named).query.sql_with_params()
    with connection.cursor() as cursor:
        return str(cursor.mogrify(sql, parameters)) if connection.vendor == "postgresql" else sql


if __name__ == "__main__":
    responses(int(sys.argv[1]))
    study = Study.objects.get(slug="tiny")
    authorization = caller(study).headers["Authorization"]
    print(json.dumps({"authorization": authorization, "select": _select(study)}))
