"""What staff wrote about a person and to them: the person's own to take along, and gone with them."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

import clock
from coaching.models import Adjustment, Enrolment, Letter, Message, Note, Seen
from coaching.services.adjusting import skip_step
from coaching.services.letters import write_to_person, write_to_team
from coaching.services.notes import write_note
from privacy.erasure import erase
from tests import world
from tests.privacy.test_erasure import CANARY, everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Enrolment:
    """Somebody about whom much was written."""
    person, now = world.consented(world.tiny(), email="someone@people.example"), clock.now()
    coach = world.staff(person.study, "coach", email="coach@staff.example")
    given: dict[str, Any] = {"enrolment": person, "by": coach, "now": now}
    note = write_note(text=f"{CANARY} note", key=uuid.uuid4(), **given)
    write_note(text=f"{CANARY} addendum", key=uuid.uuid4(), addendum_to=note, **given)
    write_to_team(enrolment=person, text=f"{CANARY} question", key=uuid.uuid4(), now=now)
    write_to_person(text=f"{CANARY} answer", key=uuid.uuid4(), **given)
    Seen.objects.create(enrolment=person, reason="late:first:2027-01-01", by=coach, at=now)
    skip_step(occasion=world.occasion(person, "first"), reason=f"{CANARY} reason", by=coach, now=now)
    return person


def own_data(person: Enrolment) -> dict[str, Any]:
    answer = world.browser_of(person).post(reverse("privacy:download"))
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "coach@" not in "".join(files.read(name).decode() for name in files.namelist())
    result: dict[str, Any] = json.loads(files.read("my-data.json"))
    return result


def test_a_person_takes_along_what_was_noted_written_and_changed_and_not_who_of_the_staff_did(
    person: Enrolment,
) -> None:
    data = own_data(person)
    assert [(row["text"], row["added_to_note"]) for row in data["notes"]] == [
        (f"{CANARY} note", None),
        (f"{CANARY} addendum", 1),
    ]
    assert [(row["from"], row["text"]) for row in data["messages"]] == [
        ("you", f"{CANARY} question"),
        ("study team", f"{CANARY} answer"),
    ]
    assert [(row["timepoint"], row["change"], row["reason"]) for row in data["timetable_changes"]] == [
        ("first", "skipped", f"{CANARY} reason")
    ]


def test_nothing_that_was_written_is_left_of_an_erased_person(person: Enrolment) -> None:
    assert everything().count(CANARY) >= 5
    erase(enrolment=person, by="participant", reason="participant", now=clock.now() + timedelta(minutes=1))
    assert CANARY not in everything()
    for model in (Note, Letter, Seen, Adjustment, Message):
        assert not model._default_manager.exists(), model
