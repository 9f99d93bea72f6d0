"""Somebody in the middle of a questionnaire, and their browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coaching.models import Enrolment
from tests import world
from tests.assessments.papers import NOW, someone


@pytest.fixture
def person(settings: Any, db: None) -> Enrolment:
    """Somebody whose first step is open, by the product's clock."""
    world.move_clock(settings, NOW)
    return someone()


@pytest.fixture
def browser(person: Enrolment) -> Client:
    """Their browser."""
    return world.browser_of(person)
