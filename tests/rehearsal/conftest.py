"""Filled studies for the tests of simulated people."""

from __future__ import annotations

import datetime as dt

import pytest

from coaching.models import StudyVersion
from tests.rehearsal.crowds import EVERY_KIND, LIBRARY, START, fill, published


@pytest.fixture(params=[(EVERY_KIND, "8"), (EVERY_KIND, "nine"), (LIBRARY, "7")], ids=["every kind", "nine", "library"])
def filled(db: None, request: pytest.FixtureRequest) -> StudyVersion:
    """A study with simulated people, those on their way among them: several studies and seeds."""
    bundle, seed = request.param
    version = published(bundle)
    fill(version, 60 if bundle == EVERY_KIND else 24, seed, START if bundle == EVERY_KIND else dt.date(2027, 4, 12))
    return version
