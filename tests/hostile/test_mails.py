"""What a mail may hold, and whom it may go to."""

from __future__ import annotations

import email
import email.policy
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import clock
from coaching.mailer import compose
from coaching.models import Message
from protocol.errors import BundleFaults
from tests import world
from tests.hostile.cast import Cast, is_clear, nothing_changes
from tests.hostile.conftest import Outbox

pytestmark = pytest.mark.django_db


BREAKS = ("\r\n", "\n", "\r", "\u2028", "\x0b", "\x85")


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_a_title_that_breaks_a_line_is_a_fault_of_the_bundle(line_break: str) -> None:
    title = json.dumps(f"A study{line_break}Bcc: evil@evil.example")
    with pytest.raises(BundleFaults, match=r"study.yaml:\d+: "):
        world.publish(world.edited({"title: Tiny\n": f"title: {title}\n"}, world.TINY))


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_no_address_can_add_a_header_to_a_mail(cast: Cast, line_break: str) -> None:
    message = Message(enrolment=cast.walker, kind=Message.Kind.LINK, n=1, due_at=clock.now())
    hostile = f"reader@people.example{line_break}"
    mail = compose(message, to=hostile, url="http://127.0.0.1:8000/p/x/", now=clock.now())
    source = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    assert source["To"] == "reader@people.example"
    assert mail.recipients() == ["reader@people.example"]
    try:
        mail = compose(message, to=hostile + "Bcc: evil@evil.example", url="http://x/", now=clock.now())
        source = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    except ValueError:
        return
    assert (source["Bcc"], source["Cc"], len(source.get_all("To"))) == (None, None, 1)


@pytest.mark.parametrize(
    "address",
    [
        "a@people.example\r\nBcc: evil@evil.example",
        "a@people.example\nBcc:evil@evil.example",
        "a@people.example,evil@evil.example",
        "a@people.example;evil@evil.example",
        '"a\r\nBcc: evil@evil.example"@people.example',
        "Ann <a@people.example>",
        "a@people.example%0aBcc:evil@evil.example",
    ],
)
def test_an_address_is_one_address(cast: Cast, address: str, outbox: Outbox) -> None:
    with nothing_changes():
        for path in (reverse("coaching:contact"), reverse("coaching:mail_link")):
            answer: Any = cast.browser("participant").post(path, {"email": address, "timezone": "Europe/London"})
            assert answer.status_code == 422
            assert is_clear(answer) == ""
    assert outbox() == []


def test_everybody_with_an_address_gets_a_mail_of_their_own(cast: Cast, outbox: Outbox) -> None:
    for _ in range(3):
        world.consented(cast.version, email="shared@people.example")
    Client().post(reverse("coaching:mail_link"), {"email": "shared@people.example"})
    mails = outbox()
    assert [mail["To"] for mail in mails] == ["shared@people.example"] * 3
    assert len({mail.as_string() for mail in mails}) == 3
