"""Messages that are claimed a few at a time: each still stands for itself."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from types import SimpleNamespace

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction

from coaching.handover import Compose, Fence, Outcome
from coaching.models import Message
from coaching.services import outbox
from coaching.services.occasions import complete_occasion
from config.tick import turn
from tests import world
from tests.outbox.sending import send_one
from tests.outbox.test_outbox import DAY, REMINDING, T0, Talk

NOW = T0 + DAY
PEOPLE = 7


@pytest.fixture
def due(transactional_db: None) -> list[int]:
    """Seven messages of seven people that are due, from the longest due to the shortest."""
    version = world.publish(world.edited(REMINDING, world.TINY))
    for n in range(PEOPLE):
        world.consented(version, T0 + dt.timedelta(seconds=n - PEOPLE), email=f"person-{n}@example.org")
    return list(Message.objects.filter(n=1).order_by("due_at").values_list("pk", flat=True))


def _states(due: list[int]) -> list[str]:
    rows = dict(Message.objects.values_list("pk", "state"))
    return [rows[pk] for pk in due]


def test_each_goes_once_in_the_order_in_which_they_were_asked_for(due: list[int]) -> None:
    talk = Talk()
    asked = list(reversed(due))
    assert list(outbox.send(message_ids=asked, transport=talk, now=NOW)) == [(pk, "sent") for pk in asked]
    assert [mail.to[0] for mail in talk.mails] == [f"person-{n}@example.org" for n in reversed(range(PEOPLE))]
    assert list(outbox.send(message_ids=due, transport=talk, now=NOW)) == []


def test_no_more_are_claimed_than_are_handed_over_next(due: list[int]) -> None:
    seen: list[list[str]] = []
    talk = Talk(meanwhile=lambda: seen.append(_states(due)))
    list(outbox.send(message_ids=due, transport=talk, now=NOW))
    assert seen[0] == ["claimed"] * outbox.TOGETHER + ["scheduled"] * (PEOPLE - outbox.TOGETHER)
    assert seen[1][0] == "sent"


def test_who_is_done_while_another_is_written_to_gets_none(due: list[int]) -> None:
    last = Message.objects.get(pk=due[4]).enrolment

    def meanwhile() -> None:
        talk.meanwhile = None
        complete_occasion(occasion=world.occasion(last, "first"), now=NOW)

    talk = Talk(meanwhile=meanwhile)
    sent = dict(outbox.send(message_ids=due, transport=talk, now=NOW))
    assert due[4] in sent, "it was claimed"
    assert sent[due[4]] != "sent"
    assert last.contact.email not in [mail.to[0] for mail in talk.mails]
    assert Message.objects.get(pk=due[4]).state == "cancelled"


def test_after_a_no_the_rest_stays_as_it_was(due: list[int]) -> None:
    talk = Talk()
    list(outbox.send(message_ids=due, transport=talk, now=NOW, goes_on=lambda: len(talk.mails) < 2))
    assert _states(due) == ["sent", "sent"] + ["scheduled"] * (PEOPLE - 2)
    list(outbox.send(message_ids=due, transport=talk, now=NOW))
    assert _states(due) == ["sent"] * PEOPLE
    assert len(talk.mails) == PEOPLE


def test_what_a_slow_server_keeps_waiting_is_given_back_before_its_lease_is_over(
    due: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = iter(range(0, 1000, 6))
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: next(passed)))
    list(outbox.send(message_ids=due, transport=Talk(), now=NOW))
    # Two of the first five, for the third would begin after 12 s; then the last two.
    assert _states(due) == ["sent", "sent", "scheduled", "scheduled", "scheduled", "sent", "sent"]


def test_one_that_can_not_be_made_keeps_no_other_and_is_put_off(
    due: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks(Talk):
        def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
            mail: EmailMessage = compose()
            if mail.to == ["person-1@example.org"]:
                raise ValueError(mail.to)
            return super().hand_over(lambda: mail, fence)

    caplog.set_level(logging.ERROR)
    list(outbox.send(message_ids=due, transport=Breaks(), now=NOW))
    assert _states(due) == ["sent", "scheduled"] + ["sent"] * (PEOPLE - 2)
    held = Message.objects.get(pk=due[1])
    assert (held.refusals, held.not_before is not None) == (1, True)
    assert "ValueError" in caplog.text
    assert "example.org" not in caplog.text
    Message.objects.filter(pk=held.pk).update(not_before=None)
    assert send_one(message_id=held.pk, transport=Talk(), now=NOW) == "sent"


def test_what_breaks_after_the_fence_is_not_sent_again(due: list[int]) -> None:
    class Breaks(Talk):
        def hand_over(self, compose: Compose, fence: Fence) -> Outcome:
            assert fence()
            raise ValueError

    assert send_one(message_id=due[0], transport=Breaks(), now=NOW) == ""
    assert _states(due)[0] == "handing_over"
    Message.objects.filter(pk=due[0]).update(handing_over_at=NOW - DAY * 500)
    turn(now=NOW)
    assert _states(due)[0] == "uncertain"


def test_a_row_that_somebody_holds_is_passed_over_and_nobody_waits(due: list[int]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Message.objects.select_for_update().get(pk=due[1])
            held.set()
            done.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        list(outbox.send(message_ids=due[:3], transport=Talk(), now=NOW))
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    finally:
        done.set()
        holder.join()
    assert _states(due[:3]) == ["sent", "scheduled", "sent"]


def test_each_statement_is_planned_once_a_connection(due: list[int]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("nothing is planned ahead there")
    list(outbox.send(message_ids=due, transport=Talk(), now=NOW))
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
        used = {row[0].split("=", 1)[1].split("'")[1]: row[1] for row in cursor.fetchall() if "state =" in row[0]}
    assert used == {"claimed": 2, "handing_over": PEOPLE, "sent": PEOPLE}
