"""The database as the settings open it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection


def asked(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_what_was_acknowledged_survives_and_references_hold() -> None:
    if connection.vendor == "sqlite":
        assert asked("PRAGMA journal_mode") == "wal"
        assert asked("PRAGMA synchronous") == 2
        assert asked("PRAGMA foreign_keys") == 1
        assert asked("PRAGMA busy_timeout") == 20_000
    else:
        assert asked("SHOW fsync") == "on"
        assert asked("SHOW synchronous_commit") == "on"


@pytest.mark.django_db(transaction=True)
def test_a_transaction_takes_its_turn_before_it_reads() -> None:
    if connection.vendor == "sqlite":
        assert connection.transaction_mode == "IMMEDIATE"
    else:
        assert asked("SHOW transaction_isolation") == "read committed"


def test_zones_come_from_the_pinned_package() -> None:
    # The zone files of Debian 12 still set the clock back here in November 2026; the pinned ones do not.
    assert datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("America/Vancouver")).strftime("%z") == "-0700"
