"""Notes about a person: one however often the form is sent, its author's for a day, and then only added to."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment, Note
from coaching.selectors.people import enrolments
from coaching.services import forgetting
from coaching.services.notes import LOCKED_AFTER, NoteLocked, change_note, write_note
from tests import world

pytestmark = pytest.mark.django_db

WORDS = "Called about the evenings: zyx-canary"


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.tiny())


@pytest.fixture
def coach(person: Enrolment) -> Any:
    return world.staff(person.study, "coach", email="coach@staff.example")


def url(person: Enrolment, name: str = "person_notes", *more: Any) -> str:
    return reverse(f"coaching:{name}", args=[person.study.slug, person.pseudonym, *more])


def page_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def written(person: Enrolment, by: Any, text: str = WORDS, **more: Any) -> Note:
    note = write_note(enrolment=person, text=text, key=uuid.uuid4(), by=by, now=clock.now(), **more)
    assert note is not None
    return note


def test_a_note_is_read_by_those_who_may_act_with_who_wrote_it(person: Enrolment, coach: Any) -> None:
    browser = world.browser_of_staff(coach)
    answer = browser.post(url(person), {"text": WORDS, "key": str(uuid.uuid4())}, follow=True)
    assert WORDS in answer.content.decode()
    for role in ("owner", "researcher", "coach"):
        page = page_of(world.browser_of_staff(world.staff(person.study, role)), url(person))
        assert WORDS in page
        assert "coach@staff.example" in page


@pytest.mark.parametrize("role", ["data_manager", "observer"])
def test_a_note_is_shown_to_nobody_else_on_no_page(person: Enrolment, coach: Any, role: str) -> None:
    note = written(person, coach)
    browser = world.browser_of_staff(world.staff(person.study, role))
    for address in (url(person), url(person, "change_note", note.key)):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"text": "x", "key": str(uuid.uuid4()), "act": "add"}).status_code == 403
    page = page_of(browser, url(person, "person"))
    assert "canary" not in page
    assert url(person) not in page
    assert Note.objects.get().text == WORDS


def test_a_form_that_is_sent_twice_is_one_note_and_other_words_in_it_are_another(person: Enrolment, coach: Any) -> None:
    browser, key = world.browser_of_staff(coach), str(uuid.uuid4())
    for _ in range(3):
        browser.post(url(person), {"text": WORDS, "key": key})
    assert Note.objects.count() == 1
    browser.post(url(person), {"text": "Gone back, and written anew", "key": key})
    assert [note.text for note in Note.objects.order_by("pk")] == [WORDS, "Gone back, and written anew"]


def test_a_key_of_somebody_elses_note_costs_nobody_a_note(person: Enrolment, coach: Any) -> None:
    other = world.consented(world.tiny(slug="other"))
    key = written(other, coach).key
    world.browser_of_staff(coach).post(url(person), {"text": WORDS, "key": str(key)})
    assert person.notes.get().text == WORDS
    assert other.notes.count() == 1


def test_its_author_changes_a_note_for_a_day_and_the_page_says_that_it_was_changed(
    settings: Any, person: Enrolment, coach: Any
) -> None:
    note = written(person, coach)
    world.move_clock(settings, LOCKED_AFTER - timedelta(minutes=5))
    browser = world.browser_of_staff(coach)
    form = {"text": "Other words", "key": str(uuid.uuid4()), "act": "change"}
    for _ in range(2):
        assert browser.post(url(person, "change_note", note.key), form).status_code == 302
    note.refresh_from_db()
    assert note.text == "Other words"
    assert note.changed_at is not None
    assert "changed" in page_of(browser, url(person))
    assert AuditEntry.objects.filter(action="note.change").count() == 1


def test_after_a_day_a_note_stands_and_what_was_typed_is_not_lost(settings: Any, person: Enrolment, coach: Any) -> None:
    note = written(person, coach)
    world.move_clock(settings, LOCKED_AFTER)
    browser = world.browser_of_staff(coach)
    form = {"text": "Too late for this", "key": str(uuid.uuid4()), "act": "change"}
    answer = browser.post(url(person, "change_note", note.key), form)
    assert answer.status_code == 422
    assert "Too late for this" in answer.content.decode()
    assert Note.objects.get().text == WORDS
    with pytest.raises(NoteLocked):
        change_note(note=note, text="x", by=coach, now=clock.now())
    assert browser.post(url(person, "change_note", note.key), form | {"act": "add"}).status_code == 302
    added = Note.objects.get(addendum_to=note)
    assert added.text == "Too late for this"
    assert Note.objects.get(pk=note.pk).text == WORDS


def test_nobody_but_its_author_changes_a_note_at_any_time(person: Enrolment, coach: Any) -> None:
    note = written(person, coach)
    other = world.staff(person.study, "owner")
    answer = world.browser_of_staff(other).post(
        url(person, "change_note", note.key), {"text": "x", "key": str(uuid.uuid4()), "act": "change"}
    )
    assert answer.status_code == 422
    assert Note.objects.get().text == WORDS


def test_what_is_added_to_an_addendum_stands_below_the_note_itself(person: Enrolment, coach: Any) -> None:
    note = written(person, coach)
    first = written(person, coach, "one", addendum_to=note)
    second = written(person, coach, "two", addendum_to=first)
    assert second.addendum_to == note


def test_a_note_of_another_study_is_not_found(person: Enrolment, coach: Any) -> None:
    theirs = world.consented(world.tiny(slug="other"))
    note = written(theirs, coach)
    browser = world.browser_of_staff(coach)
    assert browser.get(url(theirs)).status_code == 404
    assert browser.get(url(person, "change_note", note.key)).status_code == 404


def test_the_log_has_the_act_and_not_the_words_and_the_database_holds_them_encrypted(
    person: Enrolment, coach: Any
) -> None:
    note = written(person, coach)
    change_note(note=note, text="zyx-canary again", by=coach, now=clock.now())
    entries = AuditEntry.objects.filter(action__startswith="note.")
    assert [(e.action, e.subject) for e in entries] == [
        ("note.write", person.pseudonym),
        ("note.change", person.pseudonym),
    ]
    assert "canary" not in "".join(e.detail for e in entries)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM coaching_note")
        assert "canary" not in str(cursor.fetchall())


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_what_is_no_note_is_refused_and_still_there(person: Enrolment, coach: Any, text: str) -> None:
    answer = world.browser_of_staff(coach).post(url(person), {"text": text, "key": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert not Note.objects.exists()
    if text.strip():
        assert text in answer.content.decode()


def test_nothing_is_written_of_somebody_who_was_erased_meanwhile(person: Enrolment, coach: Any) -> None:
    forgetting.empty_person(person, now=clock.now())
    gone = enrolments().get(pk=person.pk)
    assert write_note(enrolment=gone, text="x", key=uuid.uuid4(), by=coach, now=clock.now()) is None
    assert not Note.objects.exists()
