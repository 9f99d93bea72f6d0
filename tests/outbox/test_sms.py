"""Text messages: a real gateway that takes JSON, and what the outbox makes of its answers."""

from __future__ import annotations

import base64
import datetime as dt
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from coaching.handover import Outcome, sms
from coaching.handover.configured import others
from coaching.handover.sms import GatewayTransport, ShortText
from coaching.models import Contact, Enrolment, PersonalLink, Way
from coaching.services import falling_due, people, ways
from config.settings import keys, services
from config.tick import turn
from tests import world
from tests.outbox.sending import send_one
from tests.outbox.test_outbox import REMINDING, T0, Talk
from tests.outbox.web_gateway import Gateway, opened, trusting, un64
from tests.processes import free_port

DAY = dt.timedelta(days=1)
NUMBER = "+447700900123"


def _transport(gateway: Gateway, **changes: Any) -> GatewayTransport:
    said: dict[str, Any] = {"host": "127.0.0.1", "is_tls": False, "target": "/send?from=lab", "user": "lab"}
    return GatewayTransport(**(said | {"port": gateway.port, "password": "a:b"} | changes))


def _text() -> ShortText:
    return ShortText(NUMBER, "Potoo: ready", "k" * 32)


# --- the gateway -----------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_text_arrives_as_the_docs_say() -> None:
    with opened() as gateway:
        assert _transport(gateway).hand_over(_text, lambda: True) == Outcome("sent", 201)
    (posted,) = gateway.posted
    assert posted.path == "/send?from=lab"
    assert json.loads(posted.body) == {"to": NUMBER, "text": "Potoo: ready", "id": "k" * 32}
    assert posted.headers["idempotency-key"] == "k" * 32
    assert posted.headers["content-type"] == "application/json"
    assert base64.b64decode(posted.headers["authorization"].removeprefix("Basic ")) == b"lab:a:b"
    assert posted.headers["host"] == f"127.0.0.1:{gateway.port}"


@pytest.mark.once
def test_the_fence_is_asked_when_the_line_is_open_and_before_a_byte_is_said(tmp_path: Path) -> None:
    with opened(tmp_path, host="localhost") as gateway:

        def fence() -> bool:
            gateway.until(lines=1)
            time.sleep(0.2)
            assert gateway.heard == 0
            return False

        transport = _transport(gateway, host="localhost", is_tls=True, context=trusting(tmp_path))
        assert transport.hand_over(_text, fence) == Outcome("withheld")
        time.sleep(0.2)
        assert gateway.heard == 0
        assert transport.hand_over(_text, lambda: True) == Outcome("sent", 201)


@pytest.mark.once
@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (200, Outcome("sent", 200)),
        (202, Outcome("sent", 202)),
        (429, Outcome("put_off", 429)),
        (500, Outcome("put_off", 500)),
        (503, Outcome("put_off", 503)),
        (401, Outcome("put_off", 401)),
        (502, Outcome("unknown", 502)),
        (504, Outcome("unknown", 504)),
        (400, Outcome("refused", 400)),
        (404, Outcome("refused", 404)),
        (422, Outcome("refused", 422)),
        (b"HTTP/1.1 302 Elsewhere\r\nLocation: /else\r\n\r\n", Outcome("refused", 302)),
        (b"", Outcome("unknown")),
        (b"What?\r\n\r\n", Outcome("unknown")),
    ],
)
def test_what_the_gateway_answers_is_what_becomes_of_it(says: int | bytes, expected: Outcome) -> None:
    with opened() as gateway:
        gateway.says[""] = says
        assert _transport(gateway).hand_over(_text, lambda: True) == expected
        assert len(gateway.posted) == 1


@pytest.mark.once
def test_a_gateway_that_is_not_there_or_is_somebody_else_puts_it_off(tmp_path: Path) -> None:
    asked = lambda: pytest.fail("the fence was asked")  # noqa: E731
    assert _transport(Gateway(port=free_port())).hand_over(_text, asked) == Outcome("put_off")
    with opened(tmp_path, host="else.example") as gateway:
        transport = _transport(gateway, host="localhost", is_tls=True, context=trusting(tmp_path))
        assert transport.hand_over(_text, asked) == Outcome("put_off")
        assert gateway.heard == 0


@pytest.mark.once
def test_a_gateway_that_stays_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "CONTENT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        outcome = _transport(Gateway(port=silent.getsockname()[1])).hand_over(_text, lambda: True)
    assert outcome == Outcome("unknown")
    assert time.monotonic() - began < 5


@pytest.mark.once
def test_nothing_of_a_text_is_in_what_a_log_could_repeat() -> None:
    said = f"{_text()!r} {_transport(Gateway())!r}"
    assert NUMBER not in said
    assert "ready" not in said
    assert "a:b" not in said


# --- the settings ----------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    "url",
    [
        "http://u:hunter2@sms.example/",
        "ftp://u:hunter2@sms.example/",
        "https://",
        "https://u:hunter2@sms.example/#part",
        "https://u:hunter2@sms.example/a b",
        "https://u:hunter2@sms.example:port/",
    ],
)
def test_a_gateway_that_can_not_be_read_is_a_clear_error_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_URL", url)
    with pytest.raises(ImproperlyConfigured, match="SMS_URL: found .* expected https://") as told:
        services.sms("SMS_URL")
    assert "hunter2" not in str(told.value)


@pytest.mark.once
def test_a_gateway_is_described_from_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMS_URL", raising=False)
    assert services.sms("SMS_URL") is None
    monkeypatch.setenv("SMS_URL", "https://lab:p%40ss@sms.example/v1/send?from=Lab")
    said = services.sms("SMS_URL")
    assert said == services.Sms("sms.example", 443, True, "/v1/send?from=Lab", "lab", "p@ss")
    assert "p@ss" not in repr(said)
    monkeypatch.setenv("SMS_URL", "http://127.0.0.1:9000")
    assert services.sms("SMS_URL") == services.Sms("127.0.0.1", 9000, False, "/")


@pytest.mark.once
def test_a_vapid_key_is_one_of_the_curve_or_made_from_any_long_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    monkeypatch.setenv("VAPID_KEY", given)
    assert keys.vapid_key(tmp_path, made_if_missing=False) == given
    monkeypatch.setenv("VAPID_KEY", "any text of more than thirty-two characters")
    made = keys.vapid_key(tmp_path, made_if_missing=False)
    assert len(un64(made)) == 32
    assert made == keys.vapid_key(tmp_path, made_if_missing=False)
    for bad in ("hunter2", "A" * 43, "_" * 42 + "8"):
        monkeypatch.setenv("VAPID_KEY", bad)
        with pytest.raises(ImproperlyConfigured, match="VAPID_KEY: found") as told:
            keys.vapid_key(tmp_path, made_if_missing=False)
        assert bad not in str(told.value)


@pytest.mark.once
def test_without_a_vapid_key_there_is_none_for_the_world_and_a_kept_one_for_trying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAPID_KEY", raising=False)
    assert keys.vapid_key(tmp_path, made_if_missing=False) == ""
    assert keys.vapid_key(tmp_path, made_if_missing=True) == keys.vapid_key(tmp_path, made_if_missing=True) != ""
    assert (tmp_path / "vapid.key").stat().st_mode & 0o777 == 0o600


# --- from the outbox -------------------------------------------------------------------------------------------------


@pytest.fixture
def gateway(settings: Any) -> Any:
    with opened() as gateway:
        settings.SMS = services.Sms("127.0.0.1", gateway.port, False, "/send", "lab", "pw")
        yield gateway


@pytest.fixture
def person(db: None, gateway: Gateway) -> Enrolment:
    person = world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@example.org")
    assert ways.choose_texts(enrolment=person, phone=NUMBER, by="participant", now=T0)
    return person


def _send(person: Enrolment, talk: Talk | None = None) -> str:
    message = person.messages.get(n=1)
    return send_one(message_id=message.pk, transport=talk or Talk(), now=T0 + DAY, others=others())


def test_a_reminder_leaves_with_the_turn_once_and_its_link_lets_the_person_in(
    person: Enrolment, gateway: Gateway, mailbox: Any, settings: Any
) -> None:
    now = world.move_clock(settings, T0 + DAY)
    assert turn(now=now)["sent"] == 1
    assert turn(now=now)["sent"] == 0
    (posted,) = gateway.posted
    said, message = json.loads(posted.body), person.messages.get(n=1)
    assert said["to"] == NUMBER
    assert said["id"] == posted.headers["idempotency-key"] == message.key.hex
    words, _, link = said["text"].rpartition(" ")
    assert words == "Potoo: The first one is ready for you"
    assert (message.state, message.way) == ("sent", Way.SMS)
    browser = Client()
    assert browser.post(link.removeprefix("http://127.0.0.1:8000")).headers["Location"] == "/me/"
    assert browser.get("/me/").status_code == 200
    assert list(mailbox.folder.glob("*.eml")) == []


def test_a_put_off_text_goes_again_under_the_same_name(person: Enrolment, gateway: Gateway) -> None:
    gateway.says[""] = 503
    assert _send(person) == "scheduled"
    assert _send(person) == ""
    person.messages.update(not_before=None)
    gateway.says[""] = 201
    assert _send(person) == "sent"
    assert len({posted.headers["idempotency-key"] for posted in gateway.posted}) == 1
    assert len(gateway.posted) == 2


@pytest.mark.parametrize(("says", "state"), [(b"", "uncertain"), (504, "uncertain"), (400, "failed")])
def test_what_nobody_knows_is_never_sent_again_by_itself(
    person: Enrolment, gateway: Gateway, says: int | bytes, state: str
) -> None:
    gateway.says[""] = says
    assert _send(person) == state
    assert _send(person) == ""
    assert falling_due.due_ids(now=T0 + DAY, most=10) == []
    assert len(gateway.posted) == 1


def test_no_link_is_made_for_a_text_that_never_left(person: Enrolment, gateway: Gateway) -> None:
    links = PersonalLink.objects.count()
    person.occasions.update(closes_at=T0 + DAY)
    assert _send(person) == "scheduled"
    assert (PersonalLink.objects.count(), gateway.heard) == (links, 0)


def test_pauses_hold_texts_back_too(person: Enrolment, gateway: Gateway, settings: Any, mailbox: Any) -> None:
    people.pause(enrolment=person, by="participant", now=T0)
    turn(now=world.move_clock(settings, T0 + DAY))
    assert person.messages.get(n=1).state == "cancelled"
    assert gateway.lines == 0


def test_without_a_gateway_or_a_number_it_is_mail_again(person: Enrolment, gateway: Gateway, settings: Any) -> None:
    talk = Talk()
    settings.SMS = None
    assert _send(person, talk) == "sent"
    settings.SMS = services.Sms("127.0.0.1", gateway.port, False, "/send")
    Contact.objects.update(phone="")
    person.messages.filter(n=1).update(state="scheduled")
    assert _send(person, talk) == "sent"
    assert len(talk.mails) == 2
    assert gateway.lines == 0
