"""Nothing is kept for longer than a study says: contact details, drafts; and staff are told when answers are due."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import clock
from accounts.models import AuditEntry
from coaching.handover.folder import FolderTransport
from coaching.models import ClosedPanelId, Contact, Enrolment, Study, StudyVersion
from coaching.services import links, people
from coaching.services.occasions import complete_occasion
from coaching.services.studies import set_state
from config.tick import turn
from imagery.models import DrawingDraft, SessionRun
from privacy import retention
from tests import world
from tests.builders import utc
from tests.coaching.panels import FILES, came, through_the_door
from tests.pages import visit

pytestmark = pytest.mark.django_db

START = utc("2027-03-01T10:00Z")
KEPT = {"before:\n": "retention: {contact: 60d, drafts: 10d, research: 400d}\nbefore:\n"}


@pytest.fixture
def version(settings: Any) -> StudyVersion:
    world.move_clock(settings, START)
    return world.publish(world.edited(KEPT, world.TINY))


def somebody(version: StudyVersion) -> Enrolment:
    return world.consented(
        version, email="someone@people.example", timezone="Europe/Berlin", external_ids={"LAB": "17"}
    )


def at(settings: Any, **length: float) -> None:
    """The tick, so long after the start."""
    turn(now=world.move_clock(settings, START + dt.timedelta(**length)))


def is_known(person: Enrolment) -> bool:
    return Contact.objects.filter(enrolment=person).exclude(email="").exists()


def test_contact_details_go_so_long_after_somebody_completed_and_not_sooner(
    version: StudyVersion, settings: Any
) -> None:
    person, other = somebody(version), somebody(version)
    complete_occasion(occasion=world.occasion(person, "first"), now=clock.now())
    at(settings, days=59)
    assert is_known(person)
    at(settings, days=61)
    assert not Contact.objects.filter(enrolment=person).exists()
    assert is_known(other), "who still takes part can be reached"
    entries = AuditEntry.objects.filter(action="contact.forget")
    assert [(e.actor, e.subject) for e in entries] == [("product", person.pseudonym)]
    assert world.fresh(person).pseudonym == person.pseudonym
    at(settings, days=63)
    assert entries.count() == 1, "what is gone is not removed again"


def test_they_go_as_well_after_a_withdrawal_and_after_the_study(version: StudyVersion, settings: Any) -> None:
    left, stayed = somebody(version), somebody(version)
    people.withdraw(enrolment=left, choice="keep", by="participant", now=clock.now())
    owner = world.staff(version.study)
    at(settings, days=30)
    set_state(study=Study.objects.get(), state="closed", by=owner, now=clock.now())
    at(settings, days=61)
    assert (is_known(left), is_known(stayed)) == (False, True)
    at(settings, days=91)
    assert not is_known(stayed)


def test_a_link_still_leads_to_ones_own_data(version: StudyVersion, settings: Any) -> None:
    person = somebody(version)
    token = links.mint(enrolment=person, now=clock.now())
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    at(settings, days=61)
    assert not is_known(person)
    client = Client()
    client.post(f"/p/{token}/")
    assert visit(client, "/me/").name == "withdrawn"
    assert client.post("/me/data/download/").status_code == 200


def test_mails_that_were_written_as_files_go_with_the_address(
    version: StudyVersion, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    person = somebody(version)
    FolderTransport(tmp_path).hand_over(
        lambda: EmailMessage("Subject", "Words", "lab@example.org", ["someone@people.example"]), lambda: True
    )
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    assert len(list(tmp_path.glob("*.eml"))) == 1
    at(settings, days=61)
    assert list(tmp_path.glob("*.eml")) == []


def test_a_panels_id_is_closed_when_it_is_forgotten(settings: Any) -> None:
    world.move_clock(settings, START)
    world.publish(FILES)
    through_the_door("p1")
    person = Enrolment.objects.get()
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    at(settings, days=91)
    assert not Contact.objects.exists()
    assert ClosedPanelId.objects.count() == 1
    _, screen = came("p1")
    assert (screen.status, screen.name) == (410, "error")
    assert Enrolment.objects.count() == 1


def test_drafts_of_drawings_go_so_long_after_their_last_change(version: StudyVersion, settings: Any) -> None:
    person = somebody(version)
    occasion = world.occasion(person, "first")
    run = SessionRun.objects.create(occasion=occasion, attempt=1, started_at=clock.now(), script="x", script_version=1)
    DrawingDraft.objects.create(run=run, stage="d", rev=1, strokes="[]", saved_at=START)
    at(settings, days=9)
    assert DrawingDraft.objects.exists()
    at(settings, days=10, minutes=1)
    assert not DrawingDraft.objects.exists()
    assert AuditEntry.objects.get(action="drafts.forget").subject == person.pseudonym


def test_the_command_lists_what_is_over_and_removes_it_only_without_dry_run(
    version: StudyVersion, settings: Any
) -> None:
    person = somebody(version)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    world.move_clock(settings, START + dt.timedelta(days=59))
    early = StringIO()
    call_command("retention", "--dry-run", stdout=early)
    assert early.getvalue() == ""
    world.move_clock(settings, START + dt.timedelta(days=70))
    said = StringIO()
    call_command("retention", "--dry-run", stdout=said)
    row = json.loads(said.getvalue())
    # 60 calendar days later in Berlin, where the clocks went forward meanwhile
    assert {**row, "until": row["until"][:13]} == {
        "study": "tiny",
        "participant": person.pseudonym,
        "what": "contact",
        "until": "2027-04-30T09",
    }
    assert is_known(person)
    call_command("retention", stdout=StringIO())
    assert not is_known(person)
    assert AuditEntry.objects.get(action="contact.forget").actor == "command"


def test_staff_are_told_when_answers_have_been_kept_for_as_long_as_was_said(
    version: StudyVersion, settings: Any
) -> None:
    owner = world.staff(version.study)
    set_state(study=Study.objects.get(), state="closed", by=owner, now=clock.now())
    client = world.browser_of_staff(owner)
    world.move_clock(settings, START + dt.timedelta(days=399))
    assert "answers are kept until" not in visit(client, "/studies/tiny/").text
    world.move_clock(settings, START + dt.timedelta(days=400, hours=1))
    assert "answers are kept until 4 Apr 2028" in visit(client, "/studies/tiny/").text
    said = StringIO()
    call_command("retention", "--dry-run", stdout=said)
    assert [json.loads(line)["what"] for line in said.getvalue().splitlines()] == ["research"]


def test_a_turn_looks_once_a_day_and_asks_one_question_else(version: StudyVersion, settings: Any) -> None:
    person = somebody(version)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    retention.nightly(now=START + dt.timedelta(days=30))
    with CaptureQueriesContext(connection) as asked:
        retention.nightly(now=START + dt.timedelta(days=30, hours=2))
    assert len(asked) == 1


def test_many_are_seen_to_over_several_turns(
    version: StudyVersion, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_A_TURN", 2)
    for _ in range(5):
        people.withdraw(enrolment=somebody(version), choice="keep", by="participant", now=clock.now())
    later = START + dt.timedelta(days=61)
    assert [retention.nightly(now=later)["contacts_forgotten"] for _ in range(4)] == [2, 2, 1, 0]
