"""How fast synthetic people are made."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from rehearsal.services import simulate
from tests import world

PEOPLE = 3_000
SLOWEST = 10_000 / 300  # people a second: ten thousand in five minutes, on a machine that does other things too


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_people_take_minutes() -> None:
    version = world.example()
    now = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    began = time.monotonic()
    done = simulate(version=version, participants=PEOPLE, seed="rate", start=None, now=now, by="command")
    rate = done.added / (time.monotonic() - began)
    print(f"{rate:.0f} simulated people a second; at least {SLOWEST:.0f} are asked for")
    assert rate > SLOWEST
