"""Notifications from the outbox: who gets one, what it says, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from accounts.models import AuditEntry
from coaching.handover import push
from coaching.handover.configured import Others, others
from coaching.handover.push import PushTransport
from coaching.models import Contact, Enrolment, Message, PersonalLink, PushSubscription, Way
from coaching.selectors.ways import push_key
from coaching.services import bounces, falling_due, leaving, people, ways
from config.settings import services
from config.tick import turn
from tests import world
from tests.outbox.sending import send_one
from tests.outbox.test_outbox import REMINDING, T0, Talk
from tests.outbox.web_gateway import SUBJECT, Browser, Gateway, claims_in, opened, trusting

DAY = dt.timedelta(days=1)


@pytest.fixture
def person(db: None) -> Enrolment:
    return world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@example.org")


def _subscribe(person: Enrolment, browser: Browser) -> PushSubscription:
    device = ways.choose_device(enrolment=person, **browser.posted, by="participant", now=T0)
    assert device is not None
    return device


def _send(person: Enrolment, gateway: Gateway, folder: Path, talk: Talk | None = None, n: int = 1) -> str:
    key = push_key()
    assert key is not None
    transport = PushTransport(
        key, SUBJECT, port=gateway.port, context=trusting(folder), addresses_of=lambda host: ["127.0.0.1"]
    )
    message = person.messages.get(n=n)
    return send_one(message_id=message.pk, transport=talk or Talk(), now=message.due_at, others=Others(push=transport))


def test_a_reminder_goes_to_the_device_and_says_nothing_of_the_study(person: Enrolment, tmp_path: Path) -> None:
    browser, talk, links = Browser(), Talk(), PersonalLink.objects.count()
    _subscribe(person, browser)
    with opened(tmp_path) as gateway:
        assert _send(person, gateway, tmp_path, talk) == "sent"
        assert _send(person, gateway, tmp_path, talk) == ""
    (posted,) = gateway.posted
    said = json.loads(browser.read(posted.body))
    assert said == {"title": "Potoo", "body": "The first one is ready for you", "url": "http://127.0.0.1:8000/me/"}
    assert claims_in(posted.headers["authorization"])[1] == push_key().public  # type: ignore[union-attr]
    assert posted.headers["ttl"] == str(24 * 3600)
    message = person.messages.get(n=1)
    assert (message.state, message.way, message.sent_at) == ("sent", Way.PUSH, T0 + DAY)
    assert talk.mails == []
    assert PersonalLink.objects.count() == links, "a notification is a way in for nobody"


@pytest.mark.parametrize("kind", ["invitation", "link", "message", "alert"])
def test_what_no_click_stops_stays_mail(person: Enrolment, tmp_path: Path, kind: str) -> None:
    _subscribe(person, Browser())
    message = person.messages.get(n=1)
    Message.objects.filter(pk=message.pk).update(kind=kind)
    with opened(tmp_path) as gateway:
        # An alert of nothing, and an invitation of who consented, leave by no way; whatever leaves is mail.
        talk = Talk()
        _send(person, gateway, tmp_path, talk)
        assert gateway.lines == 0
        assert len(talk.mails) == (1 if kind in {"link", "message"} else 0)


def test_the_neutral_message_to_those_who_wait_goes_there_too(tmp_path: Path, db: None) -> None:
    person = world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@example.org")
    browser = Browser()
    _subscribe(person, browser)
    Message.objects.create(enrolment=person, kind="waiting", n=9, due_at=T0 + DAY)
    with opened(tmp_path) as gateway:
        assert _send(person, gateway, tmp_path, n=9) == "sent"
    said = json.loads(browser.read(gateway.posted[0].body))
    assert said["body"] == "There is nothing to do now. We write again when there is."


def test_a_device_that_is_gone_is_forgotten_and_the_message_goes_by_mail(person: Enrolment, tmp_path: Path) -> None:
    _subscribe(person, Browser())
    talk = Talk()
    with opened(tmp_path) as gateway:
        gateway.says[""] = 410
        assert _send(person, gateway, tmp_path, talk) == "scheduled"
        assert (PushSubscription.objects.count(), Contact.objects.get(enrolment=person).way) == (0, Way.MAIL)
        assert person.messages.get(n=1).pk in falling_due.due_ids(now=T0 + DAY, most=10)
        assert _send(person, gateway, tmp_path, talk) == "sent"
        assert len(gateway.posted) == 1
    assert [mail.to for mail in talk.mails] == [["someone@example.org"]]
    assert person.messages.get(n=1).way == Way.MAIL
    assert AuditEntry.objects.filter(action="way.lost", subject=person.pseudonym).count() == 1


def test_a_device_that_is_gone_leaves_the_others(person: Enrolment, tmp_path: Path) -> None:
    gone, here = Browser("gone"), Browser("here")
    _subscribe(person, gone)
    _subscribe(person, here)
    with opened(tmp_path) as gateway:
        gateway.says[gone.path] = 410
        assert _send(person, gateway, tmp_path) == "sent"
    assert [each.endpoint for each in PushSubscription.objects.all()] == [here.endpoint]
    assert Contact.objects.get(enrolment=person).way == Way.PUSH


@pytest.mark.parametrize(("says", "state"), [(503, "scheduled"), (400, "failed"), (b"", "uncertain")])
def test_what_is_put_off_waits_what_is_refused_fails_and_what_nobody_knows_is_never_sent_again(
    person: Enrolment, tmp_path: Path, says: int | bytes, state: str
) -> None:
    _subscribe(person, Browser())
    talk = Talk()
    with opened(tmp_path) as gateway:
        gateway.says[""] = says
        assert _send(person, gateway, tmp_path, talk) == state
        message = person.messages.get(n=1)
        assert (message.state, message.way) == (state, Way.PUSH)
        assert (message.not_before is not None) is (state == "scheduled")
        assert _send(person, gateway, tmp_path, talk) == ""
        assert len(gateway.posted) == 1
    assert talk.mails == []


@pytest.mark.parametrize(
    "what", ["withdraw", "pause", "no mail", "no contact", "held", "off", "off, of two", "by mail", "texts", "another"]
)
def test_whoever_changes_their_mind_between_claim_and_fence_gets_nothing(
    person: Enrolment, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    device, now = _subscribe(person, Browser()), T0 + DAY
    if what == "off, of two":
        _subscribe(person, Browser("two"))
    settings.SMS = services.Sms("127.0.0.1", 9, False, "/")
    own: dict[str, Any] = {"enrolment": person, "by": "participant", "now": now}
    acts = {
        "withdraw": lambda: people.withdraw(choice="keep", **own),
        "pause": lambda: people.pause(**own),
        "no mail": lambda: people.stop_mail(**own),
        "no contact": lambda: leaving.stop_contact(**own),
        "held": lambda: bounces.hold(enrolment=person, reason="bounce", by="command", now=now),
        "off": lambda: ways.leave_device(device=device.pk, **own),
        "off, of two": lambda: ways.leave_device(device=device.pk, **own),
        "texts": lambda: ways.choose_texts(phone="+447700900123", **own),
        "another": lambda: ways.choose_device(**Browser("another").posted, **own),
        "by mail": lambda: ways.choose_mail(**own),
    }
    connected = push.connected

    def meanwhile(*arguments: Any, **named: Any) -> socket.socket:
        acts[what]()
        return connected(*arguments, **named)

    monkeypatch.setattr(push, "connected", meanwhile)
    with opened(tmp_path) as gateway:
        assert _send(person, gateway, tmp_path) in {"", "scheduled"}
        assert gateway.heard == 0
    assert person.messages.get(n=1).state in {"scheduled", "cancelled", "failed"}


def test_what_was_subscribed_under_another_key_is_not_sent_to(person: Enrolment, tmp_path: Path) -> None:
    _subscribe(person, Browser())
    PushSubscription.objects.update(server_key="another")
    talk = Talk()
    with opened(tmp_path) as gateway:
        assert _send(person, gateway, tmp_path, talk) == "sent"
        assert gateway.lines == 0
    assert len(talk.mails) == 1


def test_where_no_notifications_are_sent_everybody_gets_mail(person: Enrolment, mailbox: Any, settings: Any) -> None:
    _subscribe(person, Browser())
    settings.VAPID_KEY = ""
    world.move_clock(settings, T0 + DAY)
    assert [mail.to for mail in mailbox.after_a_tick()] == ["someone@example.org"]


def test_a_turn_asks_a_push_service_and_no_mail_leaves(
    person: Enrolment, mailbox: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The product's own transport, with nothing changed but where the name leads."""
    browser = Browser()
    _subscribe(person, browser)
    with opened(tmp_path) as gateway:
        built = others().push
        assert isinstance(built, PushTransport)
        here = PushTransport(
            built.key, built.subject, gateway.port, trusting(tmp_path), addresses_of=lambda host: ["127.0.0.1"]
        )
        monkeypatch.setattr("config.tick.others", lambda: Others(push=here))
        counts = turn(now=world.move_clock(settings, T0 + DAY))
    assert counts["sent"] == 1
    assert json.loads(browser.read(gateway.posted[0].body))["body"] == "The first one is ready for you"
    assert claims_in(gateway.posted[0].headers["authorization"])[0]["sub"].startswith("mailto:potoo@")
    assert list((mailbox.folder).glob("*.eml")) == []
