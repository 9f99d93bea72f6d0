"""What mails say: the study's words with what belongs in them, else the product's, and always the way to stop them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import clock
from coaching.mailer import one_line, put_in
from coaching.models import Enrolment, Message
from coaching.services import reminders
from tests import world
from tests.mailbox import Mail, Mailbox

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db

STEPS = """\
before:
  - {id: first, title: {en: The first one, de: Das Erste}, do: assess, instruments: [one], window: [0s, 7d],
     remind: [1d]}
  - {id: diary, title: {en: The diary, de: Das Tagebuch}, do: assess, instruments: [one], at: "consent + 2d",
     repeat: 3 times every 1d, remind: [0s]}
"""
MESSAGES = """\
messages:
  reminder:
    subject: {en: "{study}: {step}", de: "{study} - {step}"}
    text: {en: "{step} is open until {until}.\\n\\nYour way in: {link}", de: "{step} ist offen bis {until}. {link}"}
  steps:
    diary:
      subject: {en: A day, de: Ein Tag}
      text: {en: "{step} <b>until</b> {until}: {link} ({contact})", de: "{link}"}
  message: {subject: {en: We wrote, de: Post}, text: {en: "Read: {link}", de: "Lesen: {link}"}}
  hours: {en: We read on weekdays., de: Wir lesen werktags.}
"""
SOURCE = world.edited(
    {
        "languages: [en]\n": "languages: [en, de]\n",
        "summary: welcome.md": "summary: {en: welcome.md, de: welcome.md}",
        "text: consent.md": "text: {en: consent.md, de: consent.md}",
    },
    world.TINY,
)


def _version(messages: str = MESSAGES) -> Any:
    text = SOURCE["study.yaml"]
    assert isinstance(text, str)
    return world.publish({**SOURCE, "study.yaml": text[: text.index("before:")] + STEPS + messages})


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Mailbox:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)
    return Mailbox(tmp_path)


def _person(version: Any, language: str = "en") -> Enrolment:
    return world.consented(version, clock.now(), email="someone@example.org", language=language)


def _mails(mailbox: Mailbox, settings: Any, after: dt.timedelta) -> list[Mail]:
    world.move_clock(settings, clock.now() + after)
    return mailbox.after_a_tick()


@pytest.mark.parametrize(
    ("language", "subject", "begins"),
    [
        ("en", "Tiny: The first one", "The first one is open until Monday 18 January, 09:00.\n\nYour way in: http"),
        ("de", "Tiny - Das Erste", "Das Erste ist offen bis Montag, 18. Januar, 09:00 Uhr. http"),
    ],
)
def test_a_reminder_says_the_studys_words_in_the_persons_language(
    mailbox: Mailbox, settings: Any, language: str, subject: str, begins: str
) -> None:
    world.move_clock(settings, T0)
    _person(_version(), language)
    (mail,) = _mails(mailbox, settings, dt.timedelta(days=1))
    assert mail.subject == subject
    assert mail.body.replace("\r\n", "\n").startswith(begins), mail.body
    assert "{" not in mail.body + mail.subject
    assert "/p/" in mail.body
    assert "/p/" in mail.html
    assert 'lang="' + language + '"' in mail.html


def test_a_step_of_a_series_has_its_own_words_and_no_markup_of_theirs_is_html(mailbox: Mailbox, settings: Any) -> None:
    world.move_clock(settings, T0)
    _person(_version())
    mails = _mails(mailbox, settings, dt.timedelta(days=2, minutes=1))
    (diary,) = [mail for mail in mails if mail.subject == "A day"]
    # Without a window there is no end but the study's.
    assert diary.body.startswith("The diary <b>until</b> the end of the study: http")
    assert "&lt;b&gt;until&lt;/b&gt;" in diary.html
    assert diary.body.count("lab@example.org") == 1, "the contact is named once, where the study's words name it"


def test_the_way_to_stop_stands_in_the_headers_and_in_both_parts_of_a_reminder(mailbox: Mailbox, settings: Any) -> None:
    world.move_clock(settings, T0)
    _person(_version())
    (mail,) = _mails(mailbox, settings, dt.timedelta(days=1))
    stop = str(mail.message["List-Unsubscribe"]).strip(" <>\r\n")
    assert "/u/" in stop
    assert stop in mail.body
    assert stop in mail.html
    client = world.Client()
    assert client.post("/" + stop.split("/", 3)[3]).status_code == 200
    assert Enrolment.objects.get().no_mail_at is not None


@pytest.mark.parametrize("messages", [MESSAGES, MESSAGES.replace("  message:", "  link:"), ""])
def test_news_of_an_answer_say_when_the_team_reads_and_offer_no_end_of_reminders(
    mailbox: Mailbox, settings: Any, messages: str
) -> None:
    world.move_clock(settings, T0)
    reminders.schedule(enrolment=_person(_version(messages)), kind=Message.Kind.MESSAGE, now=clock.now())
    (mail,) = mailbox.after_a_tick()
    assert ("We read on weekdays." in mail.body) == ("We read on weekdays." in mail.html) == bool(messages)
    assert "/u/" not in mail.body
    assert mail.message["List-Unsubscribe"] is None
    assert str(mail.message["Subject"]) == ("We wrote" if messages == MESSAGES else "A message for you: Tiny")


def test_a_waiting_message_of_a_version_that_has_none_any_more_is_in_the_products_words(
    mailbox: Mailbox, settings: Any
) -> None:
    world.move_clock(settings, T0)
    person = _person(_version())
    Message.objects.create(enrolment=person, kind=Message.Kind.WAITING, n=1, due_at=clock.now())
    (mail,) = mailbox.after_a_tick()
    assert "There is nothing to do now." in mail.body
    assert "/u/" in mail.body


def test_a_title_with_a_line_break_or_braces_breaks_no_header_and_is_put_in_once() -> None:
    assert put_in("{study}: {step}", {"study": "{step}", "step": "A"}) == "{step}: A"
    assert one_line("Two\r\nBcc: x@example.org\u2028") == "Two Bcc: x@example.org"
