"""The overview: a study in numbers, for everybody who may see its people."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

import clock
from assessments.models import Answer
from coaching.models import Enrolment, StudyVersion
from coaching.selectors.studies import declared
from coaching.services import studies
from config.tick import turn
from research.counts import missing_counts
from research.views.studies import _lead, main_measure
from tests import world
from tests.rehearsal.test_simulate import DEMO, fill
from tests.research.calls import person

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def version() -> StudyVersion:
    return world.example(sessions=False)


def browser(version: StudyVersion, role: str = "owner") -> Client:
    return world.browser_of_staff(world.staff(version.study, role))


def page(version: StudyVersion, query: str = "", role: str = "owner") -> str:
    response = browser(version, role).get(reverse("research:study", args=[version.study.slug]) + query)
    assert response.status_code == 200
    return response.content.decode()


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_any_number_of_people_takes_no_more_than_15_queries(django_assert_max_num_queries: Any) -> None:
    """Of the richest study; that 500 people take no more is held for every page (tests/architecture/test_queries)."""
    version = world.publish(DEMO)
    fill(version, 100, now=clock.now())
    client = browser(version)
    address = reverse("research:study", args=[version.study.slug])
    client.get(address)
    with django_assert_max_num_queries(15):
        found = text(client.get(address).content.decode())
    assert "100 simulated people are counted here." in found
    assert "Counts do not add up" not in found


def test_before_anybody_came_every_part_says_what_will_be_there(version: StudyVersion) -> None:
    found = text(page(version))
    assert "0 people have joined. The curve comes with the 5th." in found
    assert "Nothing was due yet." in found
    assert "each step will have its row here" in found


def test_with_real_people_the_simulated_are_left_out_unless_asked_for(version: StudyVersion) -> None:
    fill(version, 7, now=clock.now())
    assert "7 simulated people are counted here." in text(page(version))
    person(version)
    assert "simulated" not in text(page(version)).replace("Simulated people", "")
    assert "Enrolled 1 " in text(page(version))
    assert "Enrolled 8 " in text(page(version, "?people=all"))
    assert "Only simulated people are counted here." in text(page(version, "?people=simulated"))
    assert browser(version).get(reverse("research:study", args=["small-scenes"]) + "?people=x").status_code == 404


def test_the_flow_leads_to_lists_and_says_when_it_does_not_add_up(version: StudyVersion) -> None:
    someone = person(version)
    found = page(version)
    assert f"{reverse('coaching:people', args=['small-scenes'])}?status=completed" in found
    assert "Counts do not add up" not in found
    # An arm that no version declares: nobody can say where its people belong.
    Enrolment.objects.filter(pk=someone.pk).update(arm="lost")
    assert "Counts do not add up: 1 person unplaced (those allocated)." in text(page(version))


def test_the_curve_comes_with_the_fifth_person_and_is_told_in_words(version: StudyVersion) -> None:
    today = clock.now().date()
    studies.set_plan(
        study=version.study,
        target=10,
        recruit_from=today - dt.timedelta(days=9),
        recruit_until=today + dt.timedelta(days=10),
        by="command",
        now=clock.now(),
    )
    for _ in range(4):
        world.consented(version)
    assert 'class="chart"' not in page(version)
    world.consented(version)
    html = page(version)
    assert 'class="chart"' in html
    assert "Week 2 of 3: 5 people have joined, just as many as planned. At this pace the study reaches 10 in" in text(
        html
    )
    assert "Enrolled 5 of 10" in text(html)
    assert "in 10 days" in text(html)


def test_the_main_measure_is_the_first_of_the_last_required_step(version: StudyVersion) -> None:
    assert main_measure(declared(version)) == ("post", "scenes_4")
    assert main_measure(declared(world.tiny())) == ("first", "one")


def test_a_cell_leads_to_its_kinds_and_people_and_both_add_up(version: StudyVersion, settings: Any) -> None:
    someone, absent = person(version, [3, None, 2, 5]), person(version)
    turn(now=world.move_clock(settings, dt.timedelta(days=60)))
    assert missing_counts(version.study)[0]["post", "scenes_4"].counts["not_reached"] == 8
    there = reverse("research:missing", args=["small-scenes", "post", "scenes_4"])
    assert there in page(version)
    found = browser(version, "observer").get(there).content.decode()
    assert "100 % is missing: 8 of the 8 that were due." in text(found)
    assert all(each.pseudonym in found for each in (someone, absent))
    baseline = reverse("research:missing", args=["small-scenes", "baseline", "scenes_4"])
    found = browser(version).get(baseline).content.decode()
    assert "0 % is missing: 0 of the 8 that were due." in text(found)
    assert "Rather not say 1 " in text(found)
    assert someone.pseudonym in found
    assert absent.pseudonym not in found
    assert someone.pseudonym not in browser(version).get(f"{baseline}?kind=lost").content.decode()


@pytest.mark.parametrize("place", [("post", "gone"), ("gone", "scenes_4"), ("post", "-sessions")])
def test_a_cell_that_no_version_has_is_not_found(version: StudyVersion, place: tuple[str, str]) -> None:
    there = reverse("research:missing", args=["small-scenes", *place])
    assert browser(version).get(there).status_code == 404
    real = reverse("research:missing", args=["small-scenes", "post", "scenes_4"])
    assert browser(version).get(f"{real}?kind=gone").status_code == 404


def test_observers_see_counts_and_no_answer(version: StudyVersion) -> None:
    person(version, [5, 5, 5, 5])
    Answer.objects.update(value=4.75)
    found = page(version, role="observer")
    assert "Missing answers" in found
    assert "4.75" not in found


def test_the_flow_is_saved_as_a_picture_that_stands_by_itself(version: StudyVersion) -> None:
    person(version)
    world.invited(version.study)
    response = browser(version, "observer").get(reverse("research:flow_svg", args=["small-scenes"]))
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == 'attachment; filename="small-scenes_flow.svg"'
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own picture
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert {"Invited: 1", "Assessed: 1", "Consented: 1", "Allocated: 1"} <= set(words)
    assert not [each for each in root.iter() if each.tag in {f"{SVG}script", f"{SVG}image", f"{SVG}style"}]
    assert b"http" not in response.content.replace(b"http://www.w3.org/2000/svg", b"")


def test_a_title_with_marks_in_it_breaks_no_picture(version: StudyVersion) -> None:
    tampered = world.tampered(version, "Small scenes", "<b>&\\\"'")
    response = browser(tampered).get(reverse("research:flow_svg", args=["small-scenes"]))
    assert ElementTree.fromstring(response.content).tag == f"{SVG}svg"  # noqa: S314 - our own picture


def test_a_study_of_one_group_is_not_told_as_several(version: StudyVersion) -> None:
    assert "groups, 1 : 1. Version 1." in page(version)
    alone = replace(declared(version), arms=declared(version).arms[:1])
    assert _lead(alone, 3) == "One group. Version 3."


def test_a_pace_is_explained_only_where_something_is_reckoned_by_it(version: StudyVersion) -> None:
    for _ in range(6):
        world.consented(version)
    assert "Pace:" not in page(version)
    version.study.target = 20
    version.study.save()
    assert "Pace:" in page(version)
    version.study.target = 6
    version.study.save()
    assert "Pace:" not in page(version)
