"""The talk between a person and the study's team: on both their pages, told of by a mail that says nothing of it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from accounts.models import AuditEntry
from accounts.throttle import LIMITS
from coaching.models import Enrolment, Letter, Message
from coaching.services import letters, people
from tests import world
from tests.mailbox import Mailbox
from tests.pages import submit, visit

pytestmark = pytest.mark.django_db

ASKED = "May I do it in the evening, zyx-canary?"
ANSWER = "Yes, whenever it suits you, zyx-canary."
OWN = "/me/messages/"


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.tiny(), email="someone@people.example")


@pytest.fixture
def coach(person: Enrolment) -> Any:
    return world.staff(person.study, "coach", email="coach@staff.example")


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Mailbox:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path / "outbox")
    return Mailbox(tmp_path / "outbox")


def url(person: Enrolment, name: str = "person_messages") -> str:
    return reverse(f"coaching:{name}", args=[person.study.slug, person.pseudonym])


def ask(person: Enrolment, text: str = ASKED) -> Letter:
    letter = letters.write_to_team(enrolment=person, text=text, key=uuid.uuid4(), now=clock.now())
    assert letter is not None
    return letter


def answer(browser: Client, person: Enrolment, text: str = ANSWER, key: uuid.UUID | None = None) -> Any:
    return browser.post(url(person, "write_message"), {"text": text, "key": str(key or uuid.uuid4())}, follow=True)


# --- both sides of it ------------------------------------------------------------------------------------------------


def test_a_person_writes_from_their_page_without_javascript_and_the_team_answers(person: Enrolment, coach: Any) -> None:
    theirs, ours = world.browser_of(person), world.browser_of_staff(coach)
    home = visit(theirs, "/me/")
    assert OWN in home.links
    assert OWN not in {each.get("href") for each in home.primaries}
    page = visit(theirs, OWN)
    assert (page.name, len(page.primaries)) == ("messages", 1)
    after = submit(theirs, page, text=ASKED)
    assert (after.name, after.status) == ("messages", 200)
    assert ASKED in after.text
    assert ASKED in ours.get(url(person)).content.decode()
    assert ANSWER in answer(ours, person).content.decode()
    assert Letter.objects.get(is_from_staff=False).answered_at is not None
    assert "1 new message" in visit(theirs, "/me/").text
    read = visit(theirs, OWN)
    assert ANSWER in read.text
    # Who of the team wrote is the team's own.
    assert "coach@staff.example" not in read.html
    assert "new message" not in visit(theirs, "/me/").text


def test_a_mail_says_that_somebody_wrote_and_nothing_of_what(person: Enrolment, coach: Any, mailbox: Mailbox) -> None:
    answer(world.browser_of_staff(coach), person)
    mails = mailbox.after_a_tick()
    assert [mail.to for mail in mails] == ["someone@people.example"]
    mail = mails[0]
    assert "wrote to you" in mail.body
    assert "/p/" in mail.body
    for part in (mail.subject, mail.body, mail.html):
        assert "canary" not in part
        assert "coach@" not in part
    assert mail.message["List-Unsubscribe"] is None
    assert len(mailbox.after_a_tick()) == 1, "once"


def test_several_messages_before_the_mail_leaves_are_one_mail(person: Enrolment, coach: Any, mailbox: Mailbox) -> None:
    browser = world.browser_of_staff(coach)
    answer(browser, person, "One")
    answer(browser, person, "Two")
    assert len(mailbox.after_a_tick()) == 1
    answer(browser, person, "Three")
    assert len(mailbox.after_a_tick()) == 2


def test_a_form_that_is_sent_twice_is_one_message_and_one_mail(person: Enrolment, coach: Any) -> None:
    ours, theirs, key = world.browser_of_staff(coach), world.browser_of(person), uuid.uuid4()
    for _ in range(3):
        answer(ours, person, key=key)
    assert (Letter.objects.count(), Message.objects.filter(kind="message").count()) == (1, 1)
    answer(ours, person, "Gone back, and written anew", key=key)
    assert Letter.objects.count() == 2
    own = {"text": ASKED, "key": str(uuid.uuid4())}
    for _ in range(2):
        theirs.post(OWN, own)
    assert Letter.objects.filter(is_from_staff=False).count() == 1


# --- who gets no mail ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("paused", "take a break"),
        ("no mail", "asked for no mail"),
        ("left", "left the study"),
        ("simulated", "is simulated"),
        ("no address", "no address"),
    ],
)
def test_where_no_mail_may_go_the_message_waits_in_the_talk_and_the_page_says_so(
    person: Enrolment, coach: Any, mailbox: Mailbox, state: str, said: str
) -> None:
    now = clock.now()
    acts: dict[str, Any] = {
        "paused": lambda: people.pause(enrolment=person, by="participant", now=now),
        "no mail": lambda: people.stop_mail(enrolment=person, by="participant", now=now),
        "left": lambda: people.withdraw(enrolment=person, choice="keep", by="participant", now=now),
        "simulated": lambda: Enrolment.objects.filter(pk=person.pk).update(synthetic=True),
        "no address": lambda: person.contact.__class__.objects.update(email="", email_hash=""),
    }
    acts[state]()
    page = answer(world.browser_of_staff(coach), person).content.decode()
    assert ANSWER in page
    assert said in page
    assert mailbox.after_a_tick() == []
    assert not Message.objects.filter(kind="message").exists()
    assert ANSWER in visit(world.browser_of(world.fresh(person)), OWN).text


def test_whoever_has_not_consented_is_not_written_to(person: Enrolment, coach: Any) -> None:
    invited, _ = world.invited(person.study, email="new@people.example")
    browser = world.browser_of_staff(coach)
    assert "has not agreed" in browser.get(url(invited)).content.decode()
    assert answer(browser, invited).status_code == 422
    assert not Letter.objects.exists()


# --- the person's side -----------------------------------------------------------------------------------------------


def test_whoever_takes_a_break_or_is_through_may_write_and_whoever_left_may_read(person: Enrolment) -> None:
    browser = world.browser_of(person)
    people.pause(enrolment=person, by="participant", now=clock.now())
    assert OWN in visit(browser, "/me/").links
    submit(browser, visit(browser, OWN), text="While away")
    people.resume(enrolment=person, by="participant", now=clock.now())
    Enrolment.objects.filter(pk=person.pk).update(completed_at=clock.now())
    submit(browser, visit(browser, OWN), text="All done")
    people.withdraw(enrolment=person, choice="keep", by="participant", now=clock.now())
    assert OWN in visit(browser, "/me/").links
    page = visit(browser, OWN)
    assert "While away" in page.text
    assert "All done" in page.text
    assert not any("text" in form.names() for form in page.forms)
    browser.post(OWN, {"text": "After all", "key": str(uuid.uuid4())})
    assert Letter.objects.count() == 2


def test_whoever_is_not_through_the_door_is_led_there(person: Enrolment) -> None:
    invited, _ = world.invited(person.study)
    for who in (invited, world.consented(world.tiny(slug="other"), contact=False)):
        assert "/join/" in visit(world.browser_of(who), OWN).url
        assert world.browser_of(who).post(OWN, {"text": "x", "key": str(uuid.uuid4())}).status_code == 303
    assert not Letter.objects.exists()


def test_too_many_messages_at_once_are_held_up_and_what_was_typed_stays(settings: Any, person: Enrolment) -> None:
    browser = world.browser_of(person)
    for n in range(LIMITS["letter:person"]):
        submit(browser, visit(browser, OWN), text=f"Number {n}")
    page = submit(browser, visit(browser, OWN), text="One too many")
    assert page.status == 429
    assert "One too many" in page.text
    assert Letter.objects.count() == LIMITS["letter:person"]


@pytest.mark.parametrize("text", ["", " ", "x" * 4_001])
def test_what_is_no_message_is_refused(person: Enrolment, text: str) -> None:
    assert world.browser_of(person).post(OWN, {"text": text, "key": str(uuid.uuid4())}).status_code == 422
    assert not Letter.objects.exists()


def test_news_count_what_this_browser_has_not_shown_since_the_person_wrote_last(person: Enrolment, coach: Any) -> None:
    browser = world.browser_of_staff(coach)
    answer(browser, person, "One")
    ask(person)
    answer(browser, person, "Two")
    answer(browser, person, "Three")
    assert "2 new messages" in visit(world.browser_of(person), "/me/").text


# --- who may read it -------------------------------------------------------------------------------------------------


def test_roles_read_and_write_as_the_table_says(person: Enrolment) -> None:
    ask(person)
    reads = {"owner": 200, "researcher": 200, "coach": 200, "data_manager": 200, "observer": 403}
    writes = {"owner": 302, "researcher": 302, "coach": 302, "data_manager": 403, "observer": 403}
    for role, status in reads.items():
        browser = world.browser_of_staff(world.staff(person.study, role))
        page = browser.get(url(person))
        assert page.status_code == status, role
        form = {"text": "x", "key": str(uuid.uuid4()), "newest": str(uuid.uuid4())}
        for name in ("write_message", "messages_seen"):
            assert browser.post(url(person, name), form).status_code == writes[role], f"{role} at {name}"
        timeline = browser.get(url(person, "person")).content.decode()
        assert ("canary" in timeline) == (status == 200), role
        assert (url(person) in timeline) == (status == 200), role


def test_a_talk_of_another_study_is_not_found(person: Enrolment, coach: Any) -> None:
    theirs = world.consented(world.tiny(slug="other"))
    browser = world.browser_of_staff(coach)
    assert browser.get(url(theirs)).status_code == 404
    assert answer(browser, theirs).status_code == 404


def test_seen_without_an_answer_takes_what_was_on_the_page_and_nothing_later(person: Enrolment, coach: Any) -> None:
    first = ask(person)
    later = ask(person, "And one more thing")
    browser = world.browser_of_staff(coach)
    for _ in range(2):
        browser.post(url(person, "messages_seen"), {"newest": str(first.key)})
    first.refresh_from_db()
    later.refresh_from_db()
    assert first.answered_at is not None
    assert later.answered_at is None
    assert AuditEntry.objects.filter(action="letter.seen").count() == 1
    theirs = world.consented(world.tiny(slug="other"))
    foreign = ask(theirs)
    browser.post(url(person, "messages_seen"), {"newest": str(foreign.key)})
    foreign.refresh_from_db()
    assert foreign.answered_at is None


def test_the_log_has_the_acts_and_not_the_words(person: Enrolment, coach: Any) -> None:
    ask(person)
    answer(world.browser_of_staff(coach), person)
    entries = AuditEntry.objects.filter(action="letter.write")
    assert [entry.actor for entry in entries] == ["participant", f"staff:{coach.pk}"]
    assert "canary" not in "".join(entry.detail + entry.subject for entry in entries)
