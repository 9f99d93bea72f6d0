"""The demonstration: three doors that open, and data that stay."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

import clock
from accounts.models import AuditEntry, User
from assessments.models import Answer, ScoreRow
from coaching.middleware import SESSION_KEY
from coaching.models import Adjustment, Enrolment, Letter, Membership, Message, Note, Study
from coaching.services.furnishing import doubt_message
from research.models import ApiToken
from tests import world
from tests.hostile.cast import digest, nothing_changes
from tests.pages import Screen, submit, visit

pytestmark = [pytest.mark.django_db, pytest.mark.once]
BUNDLE = Path(__file__).resolve().parents[2] / "studies" / "potoo-demo"
LINE = re.compile(r"(Researcher|Coach|Participant): (http://127\.0\.0\.1:\d+/\S+)")


def demo() -> dict[str, str]:
    """A start: the address of each door."""
    printed = io.StringIO()
    call_command("demo", stdout=printed)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 4
    found = [LINE.fullmatch(line) for line in lines[:3]]
    doors = {match[1]: match[2] for match in found if match}
    assert list(doors) == ["Researcher", "Coach", "Participant"]
    return doors


@pytest.fixture(scope="module", autouse=True)
def doors(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """The doors of a first start, which every test here finds done; in the end it is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo()
        transaction.set_rollback(True)


def path(url: str) -> str:
    return urlsplit(url).path


def test_each_link_opens_its_door(doors: dict[str, str]) -> None:
    for who in ("Researcher", "Coach"):
        browser = Client()
        assert browser.get(path(doors[who])).status_code == 200
        browser.post(path(doors[who]), follow=True)
        assert browser.get("/studies/potoo-demo/people/").status_code == 200
    participant = Client()
    assert Screen(participant.get(path(doors["Participant"]))).name == "welcome"
    assert Screen(participant.post(path(doors["Participant"]), follow=True)).name == "welcome"


def test_it_holds_forty_simulated_people_with_something_on_every_page(doors: dict[str, str]) -> None:
    people = Enrolment.objects.filter(study__slug="potoo-demo")
    assert people.filter(synthetic=True).count() == 40
    assert set(people.exclude(arm="").values_list("arm", flat=True)) == {"sessions", "questions"}
    browser = Client()
    browser.post(path(doors["Researcher"]))
    for page in ("", "people/", "codebook/", "export/"):
        assert browser.get(f"/studies/potoo-demo/{page}").status_code == 200, page


def test_a_second_start_keeps_the_data_and_makes_new_links(doors: dict[str, str]) -> None:
    before = (Enrolment.objects.count(), Answer.objects.count(), Study.objects.count(), Membership.objects.count())
    second = demo()
    assert before == (
        Enrolment.objects.count(),
        Answer.objects.count(),
        Study.objects.count(),
        Membership.objects.count(),
    )
    assert set(doors.values()).isdisjoint(second.values())


def test_the_participants_link_is_a_fresh_persons_each_time(doors: dict[str, str]) -> None:
    used = Client()
    used.post(path(doors["Participant"]))
    person = Enrolment.objects.get(synthetic=False)
    Enrolment.objects.filter(pk=person.pk).update(screened_at=person.invited_at)
    fresh = Client()
    fresh.post(path(demo()["Participant"]))
    assert Enrolment.objects.filter(synthetic=False).count() == 2


def test_the_researcher_owns_the_study_and_the_coach_does_not() -> None:
    roles = set(Membership.objects.values_list("user__email", "role"))
    assert roles == {
        ("researcher@example.org", "owner"),
        ("researcher@example.org", "researcher"),
        ("coach@example.org", "coach"),
        ("data@example.org", "data_manager"),
        ("observer@example.org", "observer"),
    }


def test_some_have_finished_some_are_on_their_way_and_some_have_left() -> None:
    people = Enrolment.objects.filter(synthetic=True)
    assert people.filter(completed_at__isnull=False).exists()
    assert people.filter(completed_at=None, allocated_at__isnull=False, withdrawn_at=None).count() >= 10
    assert people.filter(withdrawn_at__isnull=False).exists()
    assert people.filter(paused_at__isnull=False).exists()


# --- what goes on beside the answers ---------------------------------------------------------------------------------


def test_every_room_has_something_going_on() -> None:
    study, now = Study.objects.get(), clock.now()
    assert (study.target, study.recruit_from is not None, study.recruit_until is not None) == (60, True, True)
    notes = Note.objects.all()
    assert notes.filter(written_at__lt=now - dt.timedelta(days=1)).count() >= 2
    assert notes.filter(written_at__gt=now - dt.timedelta(days=1)).exists()
    assert notes.filter(addendum_to__isnull=False).exists()
    asked = Letter.objects.filter(is_from_staff=False)
    assert asked.filter(answered_at=None).count() == 2
    assert asked.filter(answered_at__isnull=False).count() == 3
    assert Letter.objects.filter(is_from_staff=True).count() == 3
    assert sorted(Adjustment.objects.values_list("kind", flat=True)) == ["longer", "moved", "skipped"]
    assert all(Adjustment.objects.values_list("reason", flat=True))
    assert Message.objects.filter(state="uncertain").count() == 1
    assert ApiToken.objects.filter(study=study, revoked_at=None).count() == 1


def test_what_is_said_belongs_to_simulated_people_who_were_there_then() -> None:
    for each in (*Note.objects.all(), *Letter.objects.all()):
        assert each.enrolment.synthetic
        assert each.enrolment.consented_at < each.written_at <= clock.now()
        assert "!" not in each.text
    with pytest.raises(ValueError, match="no simulated person"):
        doubt_message(person=Enrolment.objects.get(synthetic=False))


def test_some_answered_the_least_vivid_everywhere_so_that_there_is_something_to_look_into() -> None:
    floors = ScoreRow.objects.filter(score="total", value=16, administration__instrument="scenes_16")
    assert floors.exists()


def test_what_readers_took_away_does_not_come_back() -> None:
    Note.objects.all().delete()
    Letter.objects.update(answered_at=clock.now())
    Message.objects.filter(state="uncertain").update(state="sent", sent_at=clock.now())
    ApiToken.objects.update(revoked_at=clock.now())
    before = digest(frozenset(LINKS))
    demo()
    assert digest(frozenset(LINKS)) == before


# A start makes new links and says so.
LINKS = ("accounts_signinlink", "accounts_auditentry", "coaching_personallink", "coaching_browsersession")


# --- doors that open with one press ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["researcher", "coach", "participant"])
def test_the_landing_page_opens_each_door_with_one_press(who: str) -> None:
    browser = Client()
    landing = visit(browser, "/")
    door = next(form for form in landing.forms if form.action == f"/demo/{who}/")
    inside = submit(browser, landing, door)
    assert inside.status == 200
    if who == "participant":
        assert (inside.url, inside.name) == ("/join/potoo-demo/", "welcome")
        assert SESSION_KEY in browser.session
    else:
        assert browser.get("/studies/potoo-demo/people/").status_code == 200
        account = User.objects.get(pk=browser.session["_auth_user_id"])
        assert account.email == f"{who}@example.org"
        entry = AuditEntry.objects.filter(action="account.sign_in").latest("id")
        assert '"how": "demo"' in entry.detail


def test_the_coach_comes_in_where_people_are_and_the_researcher_where_studies_are() -> None:
    for who, where in (("coach", {"/today/", "/people/"}), ("researcher", {"/studies/"})):
        browser = Client()
        assert browser.post(f"/demo/{who}/")["Location"] == "/staff/home/"
        assert browser.get("/staff/home/")["Location"] in where


def test_one_press_gives_the_browser_a_new_key() -> None:
    for who in ("researcher", "coach", "participant"):
        browser = Client()
        browser.get("/")
        session = browser.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        browser.post(f"/demo/{who}/")
        assert browser.session.session_key != planted


def test_two_presses_of_the_participants_door_make_one_person() -> None:
    before = Enrolment.objects.count()
    for _ in range(3):
        Client().post("/demo/participant/")
    assert Enrolment.objects.count() == before


@pytest.mark.parametrize("who", ["researcher", "coach", "participant", "owner", "data", "researcher@example.org"])
def test_nothing_opens_where_others_can_reach_it(settings: Any, who: str) -> None:
    settings.IS_LOOPBACK = False
    with nothing_changes():
        browser = Client()
        assert browser.post(f"/demo/{who}/").status_code == 404
        assert dict(browser.session) == {}
    assert "/demo/" not in browser.get("/").content.decode()


@pytest.mark.parametrize("who", ["owner", "data", "observer", "data@example.org", "staff", "x"])
def test_no_other_account_has_a_door(who: str) -> None:
    world.staff(Study.objects.get(), "owner", email="owner@example.org")
    with nothing_changes():
        browser = Client()
        assert browser.post(f"/demo/{who}/").status_code == 404
        assert "_auth_user_id" not in browser.session


def test_an_account_without_its_role_or_switched_off_has_none() -> None:
    User.objects.filter(email="coach@example.org").update(is_active=False)
    assert Client().post("/demo/coach/").status_code == 404
    Membership.objects.filter(user__email="researcher@example.org").delete()
    assert Client().post("/demo/researcher/").status_code == 404


def test_a_door_opens_for_a_form_of_our_own_alone() -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/demo/researcher/", headers={"origin": "https://evil.example"}).status_code == 403
    assert browser.get("/demo/researcher/").status_code == 405
    assert browser.put("/demo/researcher/").status_code in {403, 405}


def test_its_words_for_participants_promise_nothing_and_press_nobody() -> None:
    for file in BUNDLE.rglob("*"):
        if file.suffix in {".md", ".yaml"}:
            text = file.read_text(encoding="utf-8")
            found = re.findall(
                r"cure|\bfix|improve|\bnormal|failed|try harder|heil|verbesser|streng", text, re.IGNORECASE
            )
            assert found == [], file
            assert "!" not in re.sub(r"<!--|!=", "", text), file


def test_links_follow_the_public_address(settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8765"
    assert all(url.startswith("http://127.0.0.1:8765/") for url in demo().values())
