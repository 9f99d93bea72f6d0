"""A study's life: draft, open, paused, closed, and what each lets people do."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

import clock
from accounts.models import AuditEntry
from coaching.models import Message, Occasion, Study
from coaching.selectors.people import open_occasions
from coaching.services import studies
from config.tick import settle
from tests import world

pytestmark = pytest.mark.django_db


def to(study: Study, state: str) -> bool:
    return studies.set_state(study=study, state=state, by="command", now=clock.now())


@pytest.mark.parametrize("state", ["draft", "paused", "closed"])
def test_a_study_that_is_not_open_shows_newcomers_a_shut_door_and_stores_nothing(state: str) -> None:
    version = world.tiny()
    Study.objects.update(state=state, closed_at=clock.now() if state == "closed" else None)
    client = Client()
    for path in ("", "eligibility/", "consent/"):
        answer = client.get(f"/join/tiny/{path}")
        assert answer.status_code == 403
        assert 'data-screen="error"' in answer.content.decode()
    posted = client.post("/join/tiny/consent/", {"take_part": "yes", "study-version": str(version.n)})
    assert posted.status_code == 403
    assert version.study.enrolments.count() == 0


def test_a_paused_study_lets_nobody_new_in_and_those_who_are_in_go_on() -> None:
    version = world.tiny()
    person = world.consented(version)
    assert to(version.study, "paused")
    assert [o.key for o in open_occasions(world.fresh(person), clock.now())] == ["first"]
    assert world.browser_of(person).get("/me/").status_code == 200


def test_closing_ends_every_step_undone_and_cancels_what_has_not_left() -> None:
    version = world.example()
    person = world.consented(version, email="a@example.org")
    Message.objects.create(enrolment=person, timepoint="baseline", kind="reminder", n=9, due_at=clock.now())
    assert to(version.study, "closed")
    assert not Message.objects.filter(state__in=Message.UNSENT).exists()
    assert open_occasions(world.fresh(person), clock.now()) == []
    settle(now=clock.now())
    person = world.fresh(person)
    assert set(person.occasions.values_list("state", flat=True)) == {Occasion.State.MISSED}
    assert person.excluded_by == "missed:baseline"
    assert person.completed_at is not None
    assert world.occasion(person, "baseline").administrations.get().answers.filter(status="not_reached").exists()


def test_whoever_acts_in_the_moment_of_the_closing_is_settled_by_the_tick_too() -> None:
    version = world.example()
    person = world.consented(version)
    assert to(version.study, "closed")
    # As a transaction leaves it that began before the study closed and ends after.
    type(person).objects.update(next_boundary_at=None, completed_at=None)
    assert settle(now=clock.now())["people"] == 1
    assert world.fresh(person).completed_at is not None
    assert settle(now=clock.now())["people"] == 0


@pytest.mark.parametrize(
    ("was", "act", "becomes"),
    [
        ("draft", "open", "open"),
        ("open", "pause", "paused"),
        ("paused", "open", "open"),
        ("draft", "close", "closed"),
        ("open", "close", "closed"),
        ("paused", "close", "closed"),
    ],
)
def test_each_step_of_its_life_is_in_the_log_and_asking_twice_is_asking_once(was: str, act: str, becomes: str) -> None:
    world.tiny()
    Study.objects.update(state=was)
    assert said(act) == {"study": "tiny", "state": becomes, "changed": True}
    assert said(act) == {"study": "tiny", "state": becomes, "changed": False}
    assert AuditEntry.objects.filter(action=f"study.{becomes}").count() == 1


@pytest.mark.parametrize(("was", "act"), [("closed", "open"), ("closed", "pause"), ("draft", "pause")])
def test_a_step_that_its_life_does_not_have_is_refused_by_name(was: str, act: str) -> None:
    world.tiny()
    Study.objects.update(state=was, closed_at=clock.now() if was == "closed" else None)
    with pytest.raises(CommandError, match=f"the study is {was}: it can't become"):
        said(act)
    assert Study.objects.get().state == was


def test_a_loaded_study_is_open_at_once_and_a_new_version_leaves_its_state_alone() -> None:
    version = world.tiny()
    assert (version.study.state, version.study.opened_at is not None) == ("open", True)
    to(version.study, "paused")
    world.publish(world.edited({"title: Tiny\n": "title: Tinier\n"}, world.TINY))
    assert Study.objects.get().state == "paused"


def test_a_test_persons_pages_tell_the_time_of_their_own_clock_and_the_tick_leaves_them_alone() -> None:
    version = world.example()
    person = world.consented(version)
    type(person).objects.filter(pk=person.pk).update(synthetic=True, ahead_s=400 * 86_400)
    browser = world.browser_of(world.fresh(person))
    question = browser.get("/me/next/", follow=True)
    item = str(question.context["item"])
    browser.post(question.request["PATH_INFO"], {item: "3"})
    assert person.occasions.get(key="baseline").started_at > clock.now() + dt.timedelta(days=399)
    settle(now=clock.now() + dt.timedelta(days=400))
    assert not world.fresh(person).occasions.filter(state="missed").exists()


def said(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("study", "tiny", *arguments, stdout=out)
    answer: dict[str, object] = json.loads(out.getvalue())
    return answer
