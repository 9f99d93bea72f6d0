"""Extra practice: offered after what is planned, shown as extra to staff, and counted in the dose."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.urls import reverse

import clock
from coaching.models import Enrolment, StudyVersion
from coaching.selectors.people import open_occasions, study_of
from rehearsal.people import person as simulated
from rehearsal.walking import do
from tests import world
from tests.imagery.test_dose_table import rows
from tests.rehearsal.players import TEMPLATES

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def _do(person: Enrolment, step: str, after: timedelta) -> None:
    now = clock.now() + after
    occasion = next(each for each in open_occasions(person, now) if each.key == step)
    occasion.enrolment = person
    do(occasion=occasion, who=simulated(study_of(person), person.pseudonym, 1, 1.0), now=now)


def _in_training(version: StudyVersion) -> Enrolment:
    """Somebody who was given the arm with sessions: one of the first four at the latest."""
    for _ in range(4):
        person = world.consented(version)
        _do(person, "baseline", timedelta(minutes=1))
        person = world.fresh(person)
        if person.arm == "strategies":
            return person
    raise AssertionError("nobody of four was given the arm")


def test_an_extra_session_is_offered_last_shown_as_extra_and_counts_in_the_dose() -> None:
    person = _in_training(world.publish(TEMPLATES / "strategy-training"))
    offered = [each.key for each in open_occasions(person, clock.now() + timedelta(days=2, hours=6))]
    assert offered[-1] == "extra_1"
    assert "extra_2" not in offered
    _do(person, "extra_1", timedelta(days=2, hours=6))
    person = world.fresh(person)
    assert "extra_2" in [each.key for each in open_occasions(person, clock.now() + timedelta(days=2, hours=7))]
    assert rows(person.study)[person.pseudonym]["training_sessions"] == 1
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    answer = browser.get(reverse("coaching:person_schedule", args=[person.study.slug, person.pseudonym]))
    marks = {row["key"]: row["extra"] for row in answer.context["steps"]}
    assert {key for key, is_extra in marks.items() if is_extra} == {"extra_1"}
    assert "(extra practice)" in html.unescape(answer.content.decode())
