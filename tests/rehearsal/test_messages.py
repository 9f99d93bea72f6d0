"""Messages of simulated people: rows by the rules of real ones, and never a mail."""

from __future__ import annotations

import datetime as dt

import pytest

from coaching.models import Message
from coaching.schedule import plan
from coaching.selectors.people import facts_of
from coaching.selectors.studies import declared
from coaching.services import falling_due
from config.tick import turn
from rehearsal.services import simulate
from tests import world
from tests.mailbox import Mailbox

NOW = dt.datetime(2027, 6, 1, 12, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def test_every_message_of_a_simulated_person_is_one_that_the_plan_has(mailbox: Mailbox) -> None:
    version = world.example()
    simulate(version=version, participants=30, seed="letters", start=None, now=NOW, by="command")
    assert set(Message.objects.values_list("state", flat=True)) == {"sent", "cancelled"}
    for person in version.study.enrolments.all():
        planned = plan(declared(version), facts_of(person, person.occasions.all()), NOW)
        for message in person.messages.all():
            assert planned[message.timepoint].reminders[message.n - 1] == message.due_at
            occasion = person.occasions.get(key=message.timepoint)
            ended = occasion.settled_at or NOW
            assert (message.state == "sent") == (message.due_at < ended) or person.paused_at or person.withdrawn_at


def test_nobody_simulated_is_ever_mailed(mailbox: Mailbox) -> None:
    version = world.example()
    simulate(version=version, participants=20, seed="letters", start=None, now=NOW, by="command")
    person = version.study.enrolments.first()
    assert person is not None
    Message.objects.create(enrolment=person, kind="link", n=1, due_at=NOW)
    assert falling_due.due_ids(now=NOW, most=100) == []
    turn(now=NOW + dt.timedelta(days=30))
    assert not list(mailbox.folder.glob("*"))
    assert not Message.objects.filter(state="scheduled", kind="reminder").exists()
