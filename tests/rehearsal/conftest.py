"""Filled studies for the tests of simulated people: each made once for all tests of a module, and then taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from coaching.models import StudyVersion
from tests import world
from tests.rehearsal import crowds, test_simulate
from tests.rehearsal.crowds import EVERY_KIND, LATELY, LATELY_FROM, LIBRARY, LONG_AGO, published


@pytest.fixture(
    scope="module",
    params=[(EVERY_KIND, "8"), (EVERY_KIND, "nine"), (LIBRARY, "7")],
    ids=["every kind", "nine", "library"],
)
def filled(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[StudyVersion]:
    """A study with simulated people, those on their way among them: several studies and seeds.

    Every test of a module that uses it finds it in the database, so whoever wants none belongs into another module.
    """
    bundle, seed = request.param
    with django_db_blocker.unblock(), transaction.atomic():
        version = published(bundle)
        people, start = (60, crowds.START) if bundle == EVERY_KIND else (24, dt.date(2027, 4, 12))
        crowds.fill(version, people, seed, start)
        yield version
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[StudyVersion]:
    """The demonstration's study with simulated people who came long ago (seed `s`) and lately; as with `filled`."""
    with django_db_blocker.unblock(), transaction.atomic():
        version = world.publish(test_simulate.DEMO)
        test_simulate.fill(version, LONG_AGO)
        test_simulate.fill(version, LATELY, seed="lately", start=LATELY_FROM)
        yield version
        transaction.set_rollback(True)
