"""The pages to read of a study: audit log and codebook, as people read them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import clock
from accounts.audit import record
from accounts.models import User
from coaching.models import Study
from research.views.words import act_word
from tests import world

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("coaching", "research", "rehearsal", "privacy", "imagery", "assessments")
OF_NO_STUDY = "account."


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def acts() -> set[str]:
    """The acts that the code names where it writes the log."""
    found: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
            given = [each.value for call in calls for each in call.keywords if each.arg == "action"]
            constants = [node for value in given for node in ast.walk(value) if isinstance(node, ast.Constant)]
            found |= {str(node.value) for node in constants if re.fullmatch(r"[a-z]+\.[a-z]+", str(node.value))}
    return found


def test_every_act_in_a_study_has_words() -> None:
    named = acts()
    assert len(named) > 25
    assert [act for act in sorted(named) if not act.startswith(OF_NO_STUDY) and not act_word(act)] == []


@pytest.mark.django_db
def test_the_log_names_accounts_by_address_and_acts_and_details_in_words() -> None:
    study = world.tiny().study
    owner = world.staff(study, "owner", email="owner@staff.example")
    now = clock.now()
    record(by=owner, action="role.grant", now=now, study=study.slug, subject=f"staff:{owner.pk}", role="coach")
    record(by="participant", action="person.withdraw", now=now, study=study.slug, subject="F64349X", at=now)
    page = world.browser_of_staff(owner).get("/studies/tiny/audit/")
    words = text_of(page)
    assert "owner@staff.example Gave a role role.grant owner@staff.example role coach" in words
    assert f"The person Left the study person.withdraw F64349X at {now:%Y-%m-%d %H:%M:%S} " in words
    assert f"staff:{owner.pk}" not in words
    assert "{&quot;" not in page.content.decode()


@pytest.mark.django_db
def test_an_account_that_is_no_more_keeps_its_number_and_an_unknown_act_its_name() -> None:
    study = world.tiny().study
    owner = world.staff(study, "owner")
    gone = User(pk=987_654)
    record(by=gone, action="study.dance", now=clock.now(), study=study.slug, subject=study.slug, steps=[1, 2])
    words = text_of(world.browser_of_staff(owner).get("/studies/tiny/audit/"))
    assert "staff:987654 study.dance tiny steps 1, 2" in words


@pytest.mark.django_db
def test_two_versions_of_a_questionnaire_are_told_apart_and_one_is_not_numbered() -> None:
    study = world.tiny().study
    client = world.browser_of_staff(world.staff(study, "owner"))
    assert "one questionnaire 1" in text_of(client.get("/studies/tiny/codebook/"))
    assert ", version" not in text_of(client.get("/studies/tiny/codebook/"))
    world.publish(world.edited({"text: How much came": "text: How much was there"}, world.TINY, "instruments/one.yaml"))
    assert Study.objects.get().versions.count() == 2
    words = text_of(client.get("/studies/tiny/codebook/?part=item"))
    for n in (1, 2):
        assert f"one questionnaire, version {n} 1" in words
