"""The demonstration: three doors that open, and data that stay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from assessments.models import Answer
from coaching.models import Enrolment, Membership, Study
from tests.pages import Screen

pytestmark = pytest.mark.django_db
BUNDLE = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"
LINE = re.compile(r"(Researcher|Coach|Participant): (http://127\.0\.0\.1:\d+/\S+)")


def demo(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    call_command("demo")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    found = [LINE.fullmatch(line) for line in lines[:3]]
    doors = {match[1]: match[2] for match in found if match}
    assert list(doors) == ["Researcher", "Coach", "Participant"]
    return doors


def path(url: str) -> str:
    return urlsplit(url).path


def test_each_link_opens_its_door(capsys: pytest.CaptureFixture[str]) -> None:
    doors = demo(capsys)
    for who in ("Researcher", "Coach"):
        browser = Client()
        assert browser.get(path(doors[who])).status_code == 200
        browser.post(path(doors[who]), follow=True)
        assert browser.get("/studies/potoo-demo/people/").status_code == 200
    participant = Client()
    assert Screen(participant.get(path(doors["Participant"]))).name == "welcome"
    assert Screen(participant.post(path(doors["Participant"]), follow=True)).name == "welcome"


def test_it_holds_forty_simulated_people_with_something_on_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    doors = demo(capsys)
    people = Enrolment.objects.filter(study__slug="potoo-demo")
    assert people.filter(synthetic=True).count() == 40
    assert set(people.exclude(arm="").values_list("arm", flat=True)) == {"sessions", "questions"}
    browser = Client()
    browser.post(path(doors["Researcher"]))
    for page in ("", "people/", "codebook/", "export/"):
        assert browser.get(f"/studies/potoo-demo/{page}").status_code == 200, page


def test_a_second_start_keeps_the_data_and_makes_new_links(capsys: pytest.CaptureFixture[str]) -> None:
    first = demo(capsys)
    before = (Enrolment.objects.count(), Answer.objects.count(), Study.objects.count(), Membership.objects.count())
    second = demo(capsys)
    assert before == (
        Enrolment.objects.count(),
        Answer.objects.count(),
        Study.objects.count(),
        Membership.objects.count(),
    )
    assert set(first.values()).isdisjoint(second.values())


def test_the_participants_link_is_a_fresh_persons_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    used = Client()
    used.post(path(demo(capsys)["Participant"]))
    person = Enrolment.objects.get(synthetic=False)
    Enrolment.objects.filter(pk=person.pk).update(screened_at=person.invited_at)
    fresh = Client()
    fresh.post(path(demo(capsys)["Participant"]))
    assert Enrolment.objects.filter(synthetic=False).count() == 2


def test_the_researcher_owns_the_study_and_the_coach_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    demo(capsys)
    roles = set(Membership.objects.values_list("user__email", "role"))
    assert roles == {
        ("researcher@example.org", "owner"),
        ("researcher@example.org", "researcher"),
        ("coach@example.org", "coach"),
    }


def test_some_have_finished_some_are_on_their_way_and_some_have_left(capsys: pytest.CaptureFixture[str]) -> None:
    demo(capsys)
    people = Enrolment.objects.filter(synthetic=True)
    assert people.filter(completed_at__isnull=False).exists()
    assert people.filter(completed_at=None, allocated_at__isnull=False, withdrawn_at=None).count() >= 10
    assert people.filter(withdrawn_at__isnull=False).exists()
    assert people.filter(paused_at__isnull=False).exists()


def test_its_words_for_participants_promise_nothing_and_press_nobody() -> None:
    for file in BUNDLE.rglob("*"):
        if file.suffix in {".md", ".yaml"}:
            text = file.read_text(encoding="utf-8")
            found = re.findall(
                r"cure|\bfix|improve|\bnormal|failed|try harder|heil|verbesser|streng", text, re.IGNORECASE
            )
            assert found == [], file
            assert "!" not in re.sub(r"<!--", "", text), file


def test_links_follow_the_public_address(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8765"
    assert all(url.startswith("http://127.0.0.1:8765/") for url in demo(capsys).values())


def test_it_is_never_made_where_others_can_reach_it(settings: Any) -> None:
    settings.IS_LOOPBACK = False
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        call_command("demo")
    assert not Study.objects.exists()
