"""Erasure by staff: the owner alone, with a reason."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from coaching.models import Enrolment
from tests import world
from tests.privacy.test_erasure import ADDRESS, CANARY, answer_all, everything


@pytest.fixture
def person(db: None) -> Enrolment:
    enrolment = world.consented(world.example(sessions=False), email=ADDRESS)
    answer_all(enrolment, "baseline")
    return world.fresh(enrolment)


def address(person: Enrolment, slug: str = "") -> str:
    return reverse("privacy:erase_person", args=[slug or person.study.slug, person.pseudonym])


def test_the_page_says_what_will_happen_and_does_nothing(person: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "owner"))
    page = browser.get(address(person)).content.decode()
    assert person.pseudonym in page
    assert "tombstone" in page
    assert ADDRESS not in page
    assert world.fresh(person).erased_at is None


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nobody_is_erased(person: Enrolment, reason: str) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "owner"))
    response = browser.post(address(person), {"reason": reason})
    assert response.status_code == 422
    assert "Error:" in response.content.decode()
    assert world.fresh(person).erased_at is None


def test_with_a_reason_the_person_is_erased_and_the_reason_kept(person: Enrolment) -> None:
    owner = world.staff(person.study, "owner")
    browser = world.browser_of_staff(owner)
    response = browser.post(address(person), {"reason": "Asked by phone on Monday"})
    assert response["Location"] == reverse("coaching:people", args=["small-scenes"])
    assert CANARY not in everything()
    entry = AuditEntry.objects.get(action="person.erase")
    assert (entry.actor, json.loads(entry.detail)["reason"]) == (f"staff:{owner.pk}", "Asked by phone on Monday")
    assert browser.get(address(person)).status_code == 404
    assert browser.post(address(person), {"reason": "again"}).status_code == 303
    assert AuditEntry.objects.filter(action="person.erase").count() == 1


@pytest.mark.parametrize("role", ["researcher", "coach", "data_manager", "observer"])
def test_only_the_owner_may(person: Enrolment, role: str) -> None:
    browser = world.browser_of_staff(world.staff(person.study, role))
    assert browser.get(address(person)).status_code == 403
    assert browser.post(address(person), {"reason": "r"}).status_code == 403
    assert world.fresh(person).erased_at is None


def test_a_person_of_another_study_is_not_found(person: Enrolment) -> None:
    owner = world.staff(world.tiny().study, "owner")
    browser = world.browser_of_staff(owner)
    for slug in ("tiny", "small-scenes"):
        assert browser.get(address(person, slug)).status_code == 404
        assert browser.post(address(person, slug), {"reason": "r"}).status_code == 404
    assert world.fresh(person).erased_at is None
