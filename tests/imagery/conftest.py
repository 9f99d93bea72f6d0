"""Somebody with the round of stages before them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

import clock
from coaching.models import Enrolment
from tests import world
from tests.imagery.rounds import DAY, rounds


@pytest.fixture
def now() -> dt.datetime:
    """A day ago, when the study was published and the person consented."""
    return clock.now() - DAY


@pytest.fixture
def person(now: dt.datetime) -> Enrolment:
    return world.consented(rounds(now=now), now)


@pytest.fixture
def browser(person: Enrolment) -> Client:
    return world.browser_of(person)
