"""How fast synthetic people are made."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from rehearsal.services import simulate
from tests import world

PEOPLE = 3_000


@pytest.mark.slow
@pytest.mark.django_db
def test_thousands_of_people_are_all_added_and_how_fast_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    version = world.example()
    now = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    began = time.monotonic()
    done = simulate(version=version, participants=PEOPLE, seed="rate", start=None, now=now, by="command")
    rate = done.added / (time.monotonic() - began)
    with capsys.disabled():
        print(f"\n{rate:.0f} simulated people a second: 10,000 in {10_000 / rate:.0f} s")
    assert (done.added, version.study.enrolments.filter(synthetic=True).count()) == (PEOPLE, PEOPLE)
