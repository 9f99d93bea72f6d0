"""Reminders claimed and marked, beside a bare loop over as many rows: no mail is made or sent, for both alike.

Run as `python -m tests.bench.reminders N ROUNDS` with DATABASE_URL set; prints one JSON line.
"""

from __future__ import annotations

import json
import os
import sys
import time

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

import clock  # noqa: E402
from coaching.handover import Compose, Fence, Outcome  # noqa: E402
from coaching.models import Message  # noqa: E402
from coaching.services import falling_due, outbox  # noqa: E402
from tests.outbox.queue import main as queue  # noqa: E402

BARE = (
    "UPDATE bare_message SET state = 'claimed', attempts = attempts + 1, claimed_at = now() "
    "WHERE id = %s AND state = 'scheduled'",
    "UPDATE bare_message SET state = 'handing_over' WHERE id = %s AND state = 'claimed'",
    "UPDATE bare_message SET state = 'sent', sent_at = now() WHERE id = %s AND state = 'handing_over'",
)


class Nowhere:
    """A way out that passes the fence and says that all went well."""

    def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
        return Outcome("sent", 250) if fence() else Outcome("withheld")


def _settle() -> None:
    """What the database does by itself within a minute of such a change: it counts what there is, for its plans."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def product(count: int) -> float:
    queue(count)
    _settle()
    way, now = Nowhere(), clock.now()
    began = time.perf_counter()
    for _ in outbox.send(message_ids=falling_due.due_ids(now=now, most=count), transport=way, now=now):
        pass
    spent = time.perf_counter() - began
    assert Message.objects.filter(state="sent", enrolment__synthetic=False).count() == count
    Message.objects.all().delete()
    return count / spent


def bare(count: int) -> float:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "DROP TABLE IF EXISTS bare_message; "
            "CREATE TABLE bare_message (id int PRIMARY KEY, state text, attempts int, claimed_at timestamptz, "
            "sent_at timestamptz)"
        )
        connection.execute("INSERT INTO bare_message SELECT g, 'scheduled', 0 FROM generate_series(1, %s) g", (count,))
        _settle()
        began = time.perf_counter()
        for row in connection.execute("SELECT id FROM bare_message WHERE state = 'scheduled' ORDER BY id").fetchall():
            for statement in BARE:
                connection.execute(statement, row, prepare=True)
        return count / (time.perf_counter() - began)


if __name__ == "__main__":
    number, rounds = int(sys.argv[1]), int(sys.argv[2])
    # In turn, for the disk under both is not the same from one second to the next.
    print(json.dumps([{"bare": bare(number), "product": product(number)} for _ in range(rounds)]))
