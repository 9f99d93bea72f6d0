"""Mail that comes back holds the address it came back from, and nothing else does; entering it again lets it go."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import clock
from accounts.models import AuditEntry
from coaching.delivery_reports import report_in
from coaching.models import Contact, Enrolment, Message
from coaching.selectors.own import own_rows
from coaching.services import bounces, falling_due, people
from config.tick import turn
from tests import world
from tests.outbox.sending import send_one
from tests.outbox.test_outbox import REMINDING, T0, Talk

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


def delivery(
    key: str, *, to: str = "someone@example.org", action: str = "failed", status: str = "5.1.1", whole: bool = True
) -> bytes:
    """A delivery report as mail servers write it (RFC 3464, appendix E), with the mail or its headers alone."""
    returned = (
        f"Content-Type: {'message/rfc822' if whole else 'text/rfc822-headers'}\n\n"
        f"From: study@example.org\nTo: {to}\nMessage-ID: <{key}@example.org>\nX-Followup-Key: {key}\nSubject: Hello\n"
        + ("\nThe text of the mail.\n" if whole else "")
    )
    return (
        "From: MAILER-DAEMON@mx.example.net\nTo: study@example.org\nSubject: Undelivered Mail Returned to Sender\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI'm sorry to have to inform you.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 No such user\n\n"
        f"--b\n{returned}\n--b--\n"
    ).encode()


def complaint(key: str, *, kind: str = "abuse", to: str = "[redacted]") -> bytes:
    """A complaint as providers send it (RFC 5965, appendix B)."""
    return (
        "From: <abusedesk@example.com>\nTo: <study@example.org>\nSubject: FW: Hello\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\n"
        "User-Agent: SomeGenerator/1.0\nVersion: 1\n\n"
        f"--b\nContent-Type: message/rfc822\n\nFrom: <study@example.org>\nTo: {to}\n"
        f"Message-ID: <{key}@example.org>\n\nText\n"
        "--b--\n"
    ).encode()


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="Someone@example.org")


@pytest.fixture
def sent(person: Enrolment) -> Message:
    """The first reminder, which the mail server took."""
    message = person.messages.get(n=1)
    send_one(message_id=message.pk, transport=Talk(), now=T0 + DAY)
    message.refresh_from_db()
    assert message.state == "sent"
    return message


def _held(person: Enrolment) -> str:
    return Contact.objects.get(enrolment=person).held_reason


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_delivery_report_is_read_with_the_whole_mail_or_its_headers(whole: bool, ends: bytes) -> None:
    report = report_in(delivery(KEY, whole=whole).replace(b"\n", ends))
    assert report is not None
    assert (report.what, report.key, report.addresses) == ("hard", KEY, {"someone@example.org"})


@pytest.mark.once
@pytest.mark.parametrize(
    ("action", "status", "what"),
    [
        ("failed", "5.1.1", "hard"),
        ("failed", "5.7.0", "hard"),
        ("failed", "4.4.7", "soft"),
        ("delayed", "4.4.1", "soft"),
        ("delivered", "2.0.0", None),
        ("relayed", "2.0.0", None),
        ("expanded", "2.0.0", None),
    ],
)
def test_only_what_failed_for_good_is_hard(action: str, status: str, what: str | None) -> None:
    report = report_in(delivery(KEY, action=action, status=status))
    assert (report.what if report else None) == what


@pytest.mark.once
@pytest.mark.parametrize(("kind", "what"), [("abuse", "complaint"), ("fraud", "complaint"), ("not-spam", None)])
def test_a_complaint_is_read_though_its_addresses_are_left_out(kind: str, what: str | None) -> None:
    report = report_in(complaint(KEY, kind=kind))
    assert (report.what if report else None) == what
    assert report is None or (report.key, report.addresses) == (KEY, frozenset())


@pytest.mark.once
@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: Out of office\n\nX-Followup-Key: " + KEY.encode(),
        delivery(KEY)
        .replace(b"X-Followup-Key: " + KEY.encode(), b"X-Followup-Key: none")
        .replace(b"<" + KEY.encode(), b"<"),
        delivery(KEY).replace(b"multipart/report; report-type=delivery-status;", b"multipart/mixed;"),
        delivery(KEY).replace(b"message/rfc822", b"text/plain"),
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n--b--\n",
    ],
)
def test_words_alone_are_no_report(mail: bytes) -> None:
    assert report_in(mail) is None


# --- what follows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mail", "reason"), [(delivery, "bounce"), (complaint, "complaint")])
def test_what_comes_back_holds_the_address_and_later_messages_fail(sent: Message, mail: Any, reason: str) -> None:
    person = sent.enrolment
    assert bounces.take(mail(sent.key.hex), now=T0 + DAY) == ("held", person.pseudonym)
    assert bounces.take(mail(sent.key.hex), now=T0 + DAY) == ("held before", person.pseudonym)
    assert _held(person) == reason
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("sent", "came back")
    falling_due.settle_due(now=T0 + 2 * DAY)
    second = person.messages.get(n=2)
    assert (second.state, second.reason) == ("failed", "address held")
    entry = AuditEntry.objects.get(action="contact.hold")
    assert (entry.subject, json.loads(entry.detail)) == (person.pseudonym, {"reason": reason})
    assert "example.org" not in entry.detail


def test_what_may_arrive_next_time_holds_nothing(sent: Message) -> None:
    assert bounces.take(delivery(sent.key.hex, status="4.2.2"), now=T0 + DAY)[0] == "soft"
    assert _held(sent.enrolment) == ""


def test_a_report_on_an_address_that_was_changed_since_leaves_the_new_one_alone(sent: Message) -> None:
    person = sent.enrolment
    people.record_contact(
        enrolment=person, email="new@example.org", timezone=person.timezone, by="participant", now=T0 + DAY
    )
    assert bounces.take(delivery(sent.key.hex), now=T0 + DAY)[0] == "old address"
    assert _held(person) == ""


def test_a_report_on_nobodys_mail_is_unknown_and_one_on_an_alert_holds_no_persons_address(sent: Message) -> None:
    assert bounces.take(delivery(KEY), now=T0 + DAY) == ("unknown", "")
    Message.objects.filter(pk=sent.pk).update(kind=Message.Kind.ALERT)
    assert bounces.take(delivery(sent.key.hex), now=T0 + DAY)[0] == "alert"
    assert _held(sent.enrolment) == ""


def test_an_address_held_between_claim_and_hand_over_shuts_the_fence(person: Enrolment) -> None:
    talk = Talk(meanwhile=lambda: bounces.hold(enrolment=person, reason="staff", by="command", now=T0 + DAY))
    message = person.messages.get(n=1)
    assert send_one(message_id=message.pk, transport=talk, now=T0 + DAY) == ""
    assert talk.mails == []
    falling_due.settle_due(now=T0 + DAY)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "address held")


def test_an_alert_to_the_team_goes_whatever_became_of_the_persons_address(person: Enrolment) -> None:
    bounces.hold(enrolment=person, reason="staff", by="command", now=T0)
    alert = Message.objects.create(enrolment=person, kind=Message.Kind.ALERT, n=1, due_at=T0)
    falling_due.settle_due(now=T0)
    alert.refresh_from_db()
    assert alert.state == "scheduled"


# --- the person and the team -----------------------------------------------------------------------------------------


def test_the_person_is_told_and_saving_an_address_lets_it_go(person: Enrolment, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)
    bounces.hold(enrolment=person, reason="bounce", by="command", now=T0)
    browser = world.browser_of(person)
    assert "Mail to this address came back" in browser.get("/me/contact/").content.decode()
    answer = {"email": "Someone@example.org", "timezone": person.timezone}
    assert browser.post("/me/contact/", answer).status_code in {302, 303}
    assert Contact.objects.get(enrolment=person).held_at is None
    assert "came back" not in browser.get("/me/contact/").content.decode()
    turn(now=T0 + DAY)
    assert person.messages.get(n=1).state == "sent"


def test_what_is_held_is_in_the_persons_own_data(person: Enrolment) -> None:
    bounces.hold(enrolment=person, reason="complaint", by="command", now=T0)
    (row,) = own_rows(person)["contact"]
    assert (row["held_since"], row["held_because"]) == (T0, "complaint")


def test_an_address_that_is_taken_away_sends_nothing(person: Enrolment) -> None:
    bounces.hold(enrolment=person, reason="bounce", by="command", now=T0)
    world.browser_of(person).post("/me/contact/", {"email": "", "timezone": person.timezone})
    turn(now=T0 + DAY)
    assert person.messages.get(n=1).state == "failed"


def test_staff_say_so_with_a_button_see_it_on_the_day_and_can_tick_it_off(person: Enrolment) -> None:
    slug, name = person.study.slug, person.pseudonym
    browser = world.browser_of_staff(world.staff(person.study, "coach"))
    page = f"/studies/{slug}/people/{name}/"
    assert "This address came back" in browser.get(page).content.decode()
    assert browser.post(page + "contact/came-back/").status_code == 302
    assert _held(person) == "staff"
    assert "This address came back" not in browser.get(page).content.decode()
    today = browser.get(f"/studies/{slug}/today/").content.decode()
    assert "Address came back" in today
    assert "Someone@example.org" not in today
    reason = f"held:{clock.now():%Y-%m-%d}"
    assert reason in today
    browser.post(page + "seen/", {"reason": reason})
    assert "Address came back" not in browser.get(f"/studies/{slug}/today/").content.decode()
    assert "Mail to their address came back" in browser.get(page + "messages/").content.decode()


def test_nobody_without_an_address_has_the_button_and_a_post_changes_nothing() -> None:
    nobody = world.consented(world.tiny(), T0)
    browser = world.browser_of_staff(world.staff(nobody.study, "coach"))
    page = f"/studies/{nobody.study.slug}/people/{nobody.pseudonym}/"
    assert "This address came back" not in browser.get(page).content.decode()
    browser.post(page + "contact/came-back/")
    assert not AuditEntry.objects.filter(action="contact.hold").exists()


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_reads_stdin_files_and_maildirs(
    sent: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = delivery(sent.key.hex)
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "cur" / "1").write_bytes(b"Subject: hello\n\nNo report.\n")
    (tmp_path / "box" / "tmp" / "3").write_bytes(mail)
    assert _outcomes(str(tmp_path / "box")) == ["no report"]
    (tmp_path / "box" / "new" / "2").write_bytes(mail)
    assert _outcomes(str(tmp_path / "box")) == ["no report", "held"]
    assert _outcomes(str(tmp_path / "box" / "new" / "2")) == ["held before"]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(mail)))
    assert _outcomes() == ["held before"]
    with pytest.raises(CommandError, match="expected a mail, a folder of mails, or a Maildir"):
        call_command("bounces", str(tmp_path / "none"))


def _outcomes(*paths: str) -> list[str]:
    out = io.StringIO()
    call_command("bounces", *paths, stdout=out)
    return [json.loads(line)["outcome"] for line in out.getvalue().splitlines()]
