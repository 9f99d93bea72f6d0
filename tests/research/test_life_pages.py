"""The list of studies and a study's settings: what each says, who may change it, and what a change leaves behind."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment, Role, Study
from coaching.roles import MATRIX
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return world.tiny().study


def browser(study: Study, role: str = "owner") -> Client:
    return world.browser_of_staff(world.staff(study, role))


def at(route: str, study: Study) -> str:
    return reverse(f"research:{route}", args=[study.slug])


def text_of(answer: Any) -> str:
    return " ".join(str(answer.content.decode()).split())


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_tells_state_people_of_target_version_and_role(study: Study) -> None:
    version = study.versions.get()
    for _ in range(3):
        world.consented(version)
    simulated, trying = world.consented(version), world.consented(version)
    Enrolment.objects.filter(pk=simulated.pk).update(synthetic=True)
    Enrolment.objects.filter(pk=trying.pk).update(synthetic=True, ahead_s=0)
    Study.objects.update(state="paused", target=80)
    page = text_of(browser(study, "coach").get(reverse("research:studies")))
    for words in ("Tiny", "tiny", "Paused", "3 of 80", "and 1 simulated", "Coach"):
        assert words in page
    assert "New study" not in page


@pytest.mark.parametrize("is_creator", [True, False])
def test_who_has_no_study_is_told_the_way_to_one_and_the_button_is_for_creators(is_creator: bool) -> None:
    user = world.staff()
    user.is_creator = is_creator
    user.save()
    page = text_of(world.browser_of_staff(user).get(reverse("research:studies")))
    assert "No study yet" in page
    assert page.count("<strong>") == 3
    assert (reverse("research:new_study") in page) is is_creator


def test_the_list_asks_as_little_of_the_database_with_many_studies_as_with_one(
    django_assert_max_num_queries: Any,
) -> None:
    user = world.staff()
    for n in range(12):
        version = world.tiny(slug=f"tiny-{n}")
        world.Membership.objects.create(user=user, study=version.study, role="coach", created_at=clock.now())
        world.consented(version)
    client = world.browser_of_staff(user)
    client.get(reverse("research:studies"))
    with django_assert_max_num_queries(8):
        assert text_of(client.get(reverse("research:studies"))).count("Tiny") == 12


# --- settings: who may -----------------------------------------------------------------------------------------------

FORMS = [("settings", {}), ("set_state", {"act": "pause"}), ("set_plan", {"target": "80"})]


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(("route", "body"), FORMS)
def test_settings_are_for_those_who_may_open_and_close(
    study: Study, role: str, route: str, body: dict[str, str]
) -> None:
    client = browser(study, role)
    answer = client.post(at(route, study), body) if body else client.get(at(route, study))
    assert (answer.status_code == 403) is (role not in MATRIX["publish"])
    study.refresh_from_db()
    changed = (study.state, study.target) != ("open", None)
    assert changed is (bool(body) and role in MATRIX["publish"])


@pytest.mark.parametrize(("route", "body"), FORMS)
def test_another_study_is_not_there(study: Study, route: str, body: dict[str, str]) -> None:
    other = world.tiny(slug="another").study
    client = browser(study)
    answer = client.post(at(route, other), body) if body else client.get(at(route, other))
    assert answer.status_code == 404
    other.refresh_from_db()
    assert (other.state, other.target) == ("open", None)


# --- settings: life --------------------------------------------------------------------------------------------------


def test_a_study_is_opened_paused_and_closed_by_buttons_that_say_what_they_do(study: Study) -> None:
    Study.objects.update(state="draft")
    client = browser(study)
    assert "Everybody who has the address" in text_of(client.get(at("settings", study)))
    for act, state in (("open", "open"), ("pause", "paused"), ("open", "open")):
        answer = client.post(at("set_state", study), {"act": act})
        assert (answer.status_code, answer["Location"]) == (302, at("settings", study))
        study.refresh_from_db()
        assert study.state == state
    client.post(at("set_state", study), {"act": "close", "slug": "tiny"})
    study.refresh_from_db()
    assert study.state == "closed"
    acts = AuditEntry.objects.filter(action__startswith="study.", actor__startswith="staff:")
    assert list(acts.order_by("id").values_list("action", flat=True)) == [
        "study.open",
        "study.paused",
        "study.open",
        "study.closed",
    ]


def test_a_button_pressed_twice_is_one_act(study: Study) -> None:
    client = browser(study)
    for _ in range(2):
        assert client.post(at("set_state", study), {"act": "pause"}).status_code == 302
    assert AuditEntry.objects.filter(action="study.paused").count() == 1


@pytest.mark.parametrize("typed", ["", "Tiny", "tiny-", "yes"])
def test_closing_asks_for_the_slug_and_keeps_what_was_typed(study: Study, typed: str) -> None:
    answer = browser(study).post(at("set_state", study), {"act": "close", "slug": typed})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Write tiny to close the study" in page
    assert f'id="close-slug" name="slug" type="text" value="{typed}"' in page
    study.refresh_from_db()
    assert study.state == "open"


@pytest.mark.parametrize(
    ("was", "act"), [("closed", "open"), ("closed", "pause"), ("draft", "pause"), ("open", "erase")]
)
def test_what_a_study_can_not_do_is_refused_in_words(study: Study, was: str, act: str) -> None:
    Study.objects.update(state=was, closed_at=clock.now() if was == "closed" else None)
    answer = browser(study).post(at("set_state", study), {"act": act})
    assert answer.status_code == 422
    assert "error-summary" in text_of(answer)
    study.refresh_from_db()
    assert study.state == was


def test_a_closed_study_offers_no_button(study: Study) -> None:
    Study.objects.update(state="closed", closed_at=clock.now())
    page = text_of(browser(study).get(at("settings", study)))
    assert 'name="act"' not in page
    assert "for good" in page


def test_the_address_of_the_door_is_there_to_copy(study: Study, settings: Any) -> None:
    settings.PUBLIC_URL = "https://study.example"
    assert "<code>https://study.example/join/tiny/</code>" in text_of(browser(study).get(at("settings", study)))


# --- settings: plan --------------------------------------------------------------------------------------------------


def test_a_plan_is_kept_shown_and_taken_back(study: Study) -> None:
    client = browser(study)
    plan = {"target": "80", "recruit_from": "2027-01-04", "recruit_until": "2027-06-30"}
    for _ in range(2):
        assert client.post(at("set_plan", study), plan).status_code == 302
    study.refresh_from_db()
    assert (study.target, study.recruit_from, study.recruit_until) == (80, dt.date(2027, 1, 4), dt.date(2027, 6, 30))
    page = text_of(client.get(at("settings", study), headers={"accept-language": "de"}))
    assert all(f'value="{value}"' in page for value in plan.values())
    entry = AuditEntry.objects.get(action="study.plan")
    assert json.loads(entry.detail)["target"] == 80
    client.post(at("set_plan", study), dict.fromkeys(plan, ""))
    study.refresh_from_db()
    assert (study.target, study.recruit_from, study.recruit_until) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"target": "0"}, "from 1 to 1,000,000"),
        ({"target": "1.5"}, "from 1 to 1,000,000"),
        ({"target": "-3"}, "from 1 to 1,000,000"),
        ({"target": "\u0663"}, "from 1 to 1,000,000"),
        ({"target": "1000001"}, "from 1 to 1,000,000"),
        ({"recruit_from": "04.01.2027"}, "2027-03-14"),
        ({"recruit_from": "2027-02-30"}, "2027-03-14"),
        ({"recruit_from": "2027-06-30", "recruit_until": "2027-06-29"}, "before the first"),
    ],
)
def test_a_plan_that_is_none_is_refused_where_it_stands(study: Study, given: dict[str, str], words: str) -> None:
    answer = browser(study).post(at("set_plan", study), {"target": "80", **given})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert all(f'value="{value}"' in text_of(answer) for value in given.values())
    study.refresh_from_db()
    assert (study.target, study.recruit_from) == (None, None)
