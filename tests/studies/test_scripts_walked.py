"""The library of scripts, loaded and gone through as a plain form: what is given is stored, and layers open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from coaching.models import Enrolment
from coaching.selectors.studies import declared
from imagery.models import Rating, SessionRun
from imagery.timeline import stage_called
from protocol.script import Script
from tests import world
from tests.pages import Screen, submit, visit
from tests.studies.test_scripts import STUDIES

pytestmark = pytest.mark.django_db
GIVEN = {"rate": "3", "choose": "1", "report": "some words", "form": "place", "check": "1"}


def someone() -> Enrolment:
    return world.consented(world.publish(STUDIES / "script-library"))


def walked(person: Enrolment, step: str, **instead: str) -> list[str]:
    """The ids of the stages of one session, gone through to its end."""
    browser = world.browser_of(person)
    screen = submit(browser, _of_step(browser, person, step))
    script = _script(person, step)
    stages: list[str] = []
    while SessionRun.objects.get(occasion=world.occasion(person, step)).status != "completed":
        id = screen.url.rstrip("/").rpartition("/")[2]
        stage = stage_called(script, id)
        assert stage is not None, screen.url
        stages.append(id)
        given = instead.get(id, GIVEN.get(stage.kind))
        screen = submit(browser, screen, **({id: given} if given else {}))
    return stages


def _of_step(browser: Any, person: Enrolment, step: str) -> Screen:
    return visit(browser, f"/s/{world.occasion(person, step).public_id}/")


def _script(person: Enrolment, step: str) -> Script:
    assert person.version is not None
    study = declared(person.version)
    (slug,) = (each.script for each in study.steps() if each.do == "session" and each.id == step)
    return study.scripts[slug]


def test_a_probe_stores_the_form_and_that_there_was_nothing_to_rate() -> None:
    person = someone()
    assert walked(person, "probe_a1", vividness="na") == [s.id for s in _script(person, "probe_a1").stages]
    rows = {row.stage: (row.status, row.value, row.forms) for row in Rating.objects.all()}
    assert rows == {
        "in_what_form": ("answered", 1, "place"),
        "vividness": ("not_applicable", None, ""),
        "effort": ("answered", 3, ""),
    }


def test_a_first_session_has_the_first_layer_and_whatever_is_in_none(settings: Any) -> None:
    person = someone()
    for step in ("probe_a1", "probe_a2"):
        walked(person, step)
    world.move_clock(settings, dt.timedelta(days=18))
    for step in ("potoo", "word_parts", "tram_ride"):
        script = _script(person, step)
        first = script.layers()[0]
        assert walked(person, step) == [s.id for s in script.stages if s.layer in {None, first}], step
