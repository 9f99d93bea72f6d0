"""How much each staff page asks of the database, with 500 people in the study."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import clock
from coaching.models import Enrolment
from rehearsal.services import simulate
from tests import world

MOST = 15
PEOPLE = 500
PAGES = (
    "/studies/",
    "/people/",
    "/staff/workers/",
    "{study}/",
    "{study}/today/",
    "{study}/people/",
    "{study}/people/add/",
    "{study}/messages/",
    "{study}/messages/plan/",
    "{study}/payments/",
    "{study}/safety/",
    "{study}/quality/",
    "{study}/reliability/",
    "{study}/demand/",
    "{study}/export/",
    "{study}/codebook/",
    "{study}/versions/",
    "{study}/scripts/",
    "{study}/scripts/new/",
    "{study}/scripts/potoo/",
    "{study}/scripts/potoo/files/?part=1",
    "{study}/scripts/potoo/changes/",
    "{study}/scripts/potoo/preview/en/",
    "{study}/scripts/potoo/preview/en/photo/",
    "{study}/walk/",
    "{study}/team/",
    "{study}/tokens/",
    "{study}/settings/",
    "{study}/audit/",
    "{person}/",
    "{person}/answers/",
    "{person}/sessions/",
    "{person}/notes/",
    "{person}/messages/",
    "{person}/schedule/",
    "{person}/schedule/baseline/why/",
)


@pytest.mark.django_db
def test_no_page_asks_more_than_fifteen_questions_with_five_hundred_people() -> None:
    version = world.example()
    simulate(version=version, participants=PEOPLE, seed="crowd", start=None, now=clock.now(), by="command")
    busiest = Enrolment.objects.filter(completed_at__isnull=False).earliest("pk")
    browser = world.browser_of_staff(world.staff(version.study, "owner"))
    study = f"/studies/{version.study.slug}"
    asked = {}
    for page in PAGES:
        path = page.format(study=study, person=f"{study}/people/{busiest.pseudonym}")
        browser.get(path)  # what is kept for good is read once
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code in {200, 302}, path
        asked[page] = len(queries)
    assert {page: n for page, n in asked.items() if n > MOST} == {}
