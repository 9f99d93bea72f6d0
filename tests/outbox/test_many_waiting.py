"""A hundred thousand messages that wait: a turn asks as much as with a few, and finds by an index what is due."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coaching.models import Enrolment, Message
from coaching.services import falling_due
from config.tick import settle
from tests import world

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
MANY = 100_000
REMINDING = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [0s]'
}
NUMBERS = {
    "postgresql": "SELECT g AS n FROM generate_series(1000, %s) g",
    "sqlite": "WITH RECURSIVE g(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM g WHERE n < %s) SELECT n FROM g",
}
FILL = """
INSERT INTO coaching_message (
  enrolment_id, timepoint, kind, level, n, key, due_at, state, reason, attempts, refusals, way)
SELECT %s, 'later', 'reminder', 0, n, {key}, %s, 'scheduled', '', 0, 0, 'mail' FROM ({numbers}) AS numbers
"""
# How each database says that it looks at every row of the table.
EVERY_ROW = re.compile(
    r"Seq Scan on coaching_message|SCAN coaching_message(?! USING INDEX)|SCAN U?0?\"?coaching_message"
)


def _wait(person: Enrolment, many: int) -> None:
    """So many more messages, due in a year."""
    key = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    statement = FILL.format(key=key, numbers=NUMBERS[connection.vendor])
    at = connection.ops.adapt_datetimefield_value(T0 + dt.timedelta(days=365))
    with connection.cursor() as cursor:
        cursor.execute(statement, [person.pk, at, 999 + many])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE coaching_message")


def _asked() -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        settle(now=T0)
        assert len(falling_due.due_ids(now=T0, most=600)) == 1
    return [query["sql"] for query in queries if "coaching_message" in query["sql"]]


@pytest.mark.django_db
def test_a_turn_asks_no_more_and_looks_at_no_more_rows_with_a_hundred_thousand_that_wait() -> None:
    person = world.consented(world.publish(world.edited(REMINDING, world.TINY), now=T0), T0, email="a@example.org")
    settle(now=T0)
    few = _asked()
    _wait(person, MANY)
    assert Message.objects.count() == MANY + 1
    many = _asked()
    assert len(many) == len(few)
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    for statement in many:
        with connection.cursor() as cursor:
            cursor.execute(explain + statement.replace("%", "%%"), [])
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
        assert not EVERY_ROW.search(plan), f"{statement}\n{plan}"
