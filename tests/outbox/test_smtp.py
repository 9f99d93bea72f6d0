"""The talk with a real mail server in a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from coaching.handover import Outcome, smtp
from coaching.handover.smtp import SmtpTransport
from coaching.models import Enrolment
from coaching.services import falling_due, outbox
from tests import world
from tests.outbox.mail_server import Manners
from tests.outbox.sending import send_one
from tests.processes import ROOT, free_port

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
REMINDING = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [0s]'
}


def _transport(port: int, **changes: Any) -> SmtpTransport:
    said = {"host": "127.0.0.1", "user": "", "password": "", "starts_tls": False, "is_tls": False}
    return SmtpTransport(port=port, local_hostname="test.example", **(said | changes))


@contextmanager
def _served(folder: Path, manners: Manners) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.mail_server", str(folder), str(port)], cwd=ROOT, stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(manners)).encode())
    process.stdin.close()
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def _silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def _mail(body: str = "A first line.\n.A line that begins with a dot.\n.\nThe last line.") -> EmailMultiAlternatives:
    return EmailMultiAlternatives(
        "A subject", body, "Potoo <potoo@test.example>", ["someone@canary.example"], headers={"X-Followup-Key": "key"}
    )


def test_a_mail_arrives_as_it_was_written_dots_and_all(tmp_path: Path) -> None:
    with _served(tmp_path, Manners()) as port:
        assert _transport(port).hand_over(_mail, lambda: True) == Outcome("sent", 250)
    (path,) = tmp_path.glob("*.eml")
    arrived = message_from_bytes(path.read_bytes())
    assert (arrived["X-Rcpt"], arrived["Subject"]) == ("someone@canary.example", "A subject")
    text = arrived.get_payload()
    assert str(text).splitlines()[:4] == ["A first line.", ".A line that begins with a dot.", ".", "The last line."]


def test_the_fence_is_asked_after_the_354_and_nothing_is_accepted_when_it_says_no(tmp_path: Path) -> None:
    with _served(tmp_path, Manners(before_354_s=0.2)) as port:
        began, asked = time.monotonic(), []

        def fence() -> bool:
            asked.append(time.monotonic() - began)
            return False

        assert _transport(port).hand_over(_mail, fence) == Outcome("withheld")
    assert asked[0] >= 0.2
    assert not list(tmp_path.glob("*.eml"))


@pytest.mark.parametrize(
    ("manners", "expected"),
    [
        (Manners(refused=1.0), Outcome("put_off", 451)),
        (Manners(refused=1.0, permanent=True), Outcome("refused", 550)),
    ],
)
def test_what_the_server_refuses_before_the_354_never_passes_the_fence(
    tmp_path: Path, manners: Manners, expected: Outcome
) -> None:
    with _served(tmp_path, manners) as port:
        assert _transport(port).hand_over(_mail, lambda: pytest.fail("the fence was asked")) == expected


def test_a_reply_that_never_comes_leaves_it_unknown(tmp_path: Path) -> None:
    with _served(tmp_path, Manners(dropped=1.0)) as port:
        assert _transport(port).hand_over(_mail, lambda: True) == Outcome("unknown")
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_a_server_that_is_not_there_puts_it_off() -> None:
    assert _transport(free_port()).hand_over(_mail, lambda: True) == Outcome("put_off")


def test_a_server_that_stays_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TALK_S", 0.5)
    with _silent() as port:
        began = time.monotonic()
        assert _transport(port).hand_over(_mail, lambda: True) == Outcome("put_off")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("changes", [{"starts_tls": True}, {"is_tls": True}, {"user": "me", "password": "secret"}])
def test_without_the_encryption_or_the_login_that_was_asked_for_nothing_is_sent(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    with _served(tmp_path, Manners()) as port:
        outcome = _transport(port, **changes).hand_over(_mail, lambda: pytest.fail("the fence was asked"))
    assert outcome.what == "put_off"
    assert not list(tmp_path.glob("*.eml"))


@pytest.mark.django_db
def test_no_word_of_a_refusal_reaches_a_log_or_a_row(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    person: Enrolment = world.consented(
        world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@canary.example"
    )
    with _served(tmp_path, Manners(refused=1.0, permanent=True)) as port, caplog.at_level("DEBUG"):
        message = person.messages.get()
        assert send_one(message_id=message.pk, transport=_transport(port), now=T0) == "failed"
    assert "canary" not in person.messages.get().reason
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "canary" not in said


@pytest.mark.django_db(transaction=True)
def test_many_at_once_send_each_message_once(tmp_path: Path) -> None:
    version = world.publish(world.edited(REMINDING, world.TINY))
    for n in range(6):
        world.consented(version, T0, email=f"person-{n}@mail.test")
    ids = falling_due.due_ids(now=T0, most=100)
    with _served(tmp_path, Manners(before_354_s=0.02)) as port:

        def worker() -> None:
            for message_id in ids:
                send_one(message_id=message_id, transport=_transport(port), now=T0)
            outbox.connection.close()

        threads = [threading.Thread(target=worker) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(list(tmp_path.glob("*.eml"))) == 6
