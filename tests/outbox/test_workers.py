"""Signs of life, the page and the command that show them, and the guard of a database that was put back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment, Heartbeat, Message
from coaching.services import outbox, restoring, running
from coaching.tasks import send_messages
from config.celery import app
from config.tasks import pulse, tick
from config.tick import HELD, turn
from privacy import erasure_list
from privacy.erasure import erase
from tests import world
from tests.processes import free_port

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
REMINDING = {
    "first, title: The first one, do: assess, instruments: [one]": "first, title: The first one, do: assess, "
    'instruments: [one], at: "consent + 0s", window: [0s, 7d], remind: [1d, 2d, 4d]'
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")


@pytest.fixture
def person() -> Enrolment:
    return world.consented(world.publish(world.edited(REMINDING, world.TINY)), T0, email="someone@example.org")


@pytest.fixture
def at_once() -> Iterator[None]:
    """What a tick hands to the workers is done on the spot."""
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False


def _page(person: Enrolment, role: str = "owner") -> str:
    return world.browser_of_staff(world.staff(person.study, role)).get("/staff/workers/").content.decode()


def _status() -> tuple[dict[str, Any], int]:
    out = StringIO()
    try:
        call_command("status", stdout=out)
    except SystemExit as end:
        return json.loads(out.getvalue()), int(str(end.code))
    return json.loads(out.getvalue()), 0


# --- signs of life ---------------------------------------------------------------------------------------------------


def test_a_turn_leaves_a_sign_with_what_it_did(person: Enrolment) -> None:
    turn(now=T0 + DAY)
    turn(now=T0 + DAY + MINUTE)
    sign = Heartbeat.objects.get(name="tick")
    assert sign.at == T0 + DAY + MINUTE
    assert sign.counts["turn"] == 2
    assert sign.counts["sent"] == 0
    assert sign.tzdata == running.tzdata()
    assert sign.place == running.place()


@pytest.mark.usefixtures("at_once")
def test_two_beats_send_a_message_once_and_none_sends_it_late(person: Enrolment, settings: Any, tmp_path: Path) -> None:
    world.move_clock(settings, T0 + DAY - MINUTE)
    assert tick()["pointed_out"] == 0
    # No beat for six hours, then two at once.
    world.move_clock(settings, T0 + DAY + dt.timedelta(hours=6))
    assert [tick()["pointed_out"], tick()["pointed_out"]] == [1, 0]
    assert list(person.messages.order_by("n").values_list("state", flat=True)) == ["sent", "scheduled", "scheduled"]
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


@pytest.mark.usefixtures("at_once")
def test_each_queue_is_heard_of_at_most_once_a_minute(settings: Any) -> None:
    now = world.move_clock(settings, T0)
    tick()
    names = {f"queue {name}" for name in settings.QUEUES}
    first = dict(Heartbeat.objects.filter(name__in=names).values_list("name", "at"))
    assert set(first) == names
    tick()
    assert dict(Heartbeat.objects.filter(name__in=names).values_list("name", "at")) == first
    world.move_clock(settings, now + 2 * MINUTE)
    tick()
    assert all(row.at >= now + 2 * MINUTE for row in Heartbeat.objects.filter(name__in=names))


def test_every_task_has_a_queue_that_a_plain_worker_takes_from(settings: Any) -> None:
    app.loader.import_default_modules()
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert set(own) == {"config.tick", "config.pulse", "config.sweep_files", "coaching.send_messages"}
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in own}
    assert queues["coaching.send_messages"] == "mail"
    assert queues["config.sweep_files"] == "media"
    assert queues["config.tick"] == "ticks"
    # Each by a name of its own, or what is sent to one would come to all.
    assert {(queue.name, queue.routing_key) for queue in app.amqp.queues.values()} == {(n, n) for n in settings.QUEUES}
    for task in own.values():
        assert task.acks_late is False
        soft, hard = task.soft_time_limit or app.conf.task_soft_time_limit, task.time_limit or app.conf.task_time_limit
        assert 0 < soft < hard


# --- the page and the command ----------------------------------------------------------------------------------------


def test_the_page_says_in_words_that_the_last_tick_is_late(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0)
    assert "There was no tick yet" in _page(person)
    turn(now=now)
    assert "The last tick was" not in _page(person)
    world.move_clock(settings, now + 10 * MINUTE)
    assert "The last tick was 10 minutes ago. Nothing is sent and nothing closes." in _page(person)
    line, status = _status()
    assert (line["late"], status, line["broker"]) == (True, 1, "none")
    turn(now=clock.now())
    line, status = _status()
    assert (line["late"], status) == (False, 0)


def test_the_page_answers_with_no_broker_behind_its_address(person: Enrolment, settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    page = _page(person)
    assert "The broker does not answer" in page
    assert page.count("not known") == len(settings.QUEUES)
    assert _status()[0]["queues"]["mail"]["depth"] is None


def test_the_page_counts_what_is_due_in_doubt_and_not_taken(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0 + 2 * DAY)
    person.messages.filter(n=2).update(state="uncertain")
    person.messages.filter(n=3).update(state="failed", due_at=now - MINUTE)
    line, _status_code = _status()
    assert (line["due"], line["uncertain"], line["failed_24h"]) == (1, 1, 1)
    assert line["oldest_due_at"] == "2027-01-12T09:00:00Z"
    assert "1, the oldest since 2027-01-12 09:00:00" in _page(person)
    person.messages.filter(n=3).update(due_at=now - 2 * DAY)
    assert _status()[0]["failed_24h"] == 0


def test_the_page_says_that_all_runs_only_while_nothing_is_in_doubt(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0 + DAY)
    turn(now=now)
    assert "All of it runs" in _page(person)
    for state in ("uncertain", "failed"):
        person.messages.filter(n=1).update(state=state)
        assert "All of it runs" not in _page(person)


def test_the_page_warns_of_two_versions_of_the_zone_rules(person: Enrolment) -> None:
    turn(now=clock.now())
    pulse("mail")
    assert "different rules of time zones" not in _page(person)
    Heartbeat.objects.filter(name="queue mail").update(tzdata="1999.1")
    assert "different rules of time zones" in _page(person)
    assert "1999.1" in _page(person)


@pytest.mark.parametrize("role", ["owner", "researcher", "coach", "data_manager", "observer"])
def test_the_page_is_for_those_who_lead_a_study(person: Enrolment, role: str) -> None:
    response = world.browser_of_staff(world.staff(person.study, role)).get("/staff/workers/")
    assert response.status_code == (200 if role in {"owner", "researcher"} else 403)


def test_the_page_asks_the_same_few_questions_however_much_waits(person: Enrolment) -> None:
    browser = world.browser_of_staff(world.staff(person.study, "owner"))
    asked = []
    for n in (10, 200):
        rows = [Message(enrolment=person, kind="message", n=n * 1000 + each, due_at=T0) for each in range(n)]
        Message.objects.bulk_create(rows)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/staff/workers/")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 10


# --- a database that was put back ------------------------------------------------------------------------------------


def _put_back(person: Enrolment) -> None:
    """The database as it was before the last turn; what lies beside it stays."""
    Heartbeat.objects.filter(name="tick").update(counts={"turn": 1})
    person.messages.filter(n=1).update(state="scheduled", attempts=0, sent_at=None)


def test_a_database_older_than_its_turns_sends_nothing(person: Enrolment, tmp_path: Path) -> None:
    turn(now=T0)
    assert turn(now=T0 + DAY)["sent"] == 1
    _put_back(person)
    assert turn(now=T0 + DAY + MINUTE) == HELD
    assert restoring.is_held(now=T0 + DAY + MINUTE)
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
    assert "was put back from a backup" in _page(person)
    assert _status()[0]["held"] is True


def test_a_database_older_than_its_last_message_alone_sends_nothing(person: Enrolment) -> None:
    turn(now=T0 + DAY)
    person.messages.filter(n=1).update(state="scheduled", attempts=0, sent_at=None)
    assert turn(now=T0 + DAY + MINUTE) == HELD


@pytest.mark.usefixtures("at_once")
def test_a_worker_sends_nothing_that_a_broker_still_points_out(person: Enrolment, settings: Any) -> None:
    world.move_clock(settings, T0 + DAY)
    tick()
    _put_back(person)
    assert send_messages([person.messages.get(n=1).pk]) == []
    assert person.messages.get(n=1).state == "scheduled"
    assert tick() == HELD


def test_after_restore_names_what_was_due_uncertain_and_goes_on(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0 + DAY)
    turn(now=T0)
    turn(now=now)
    _put_back(person)
    assert turn(now=now) == HELD
    out = StringIO()
    call_command("after_restore", stdout=out)
    assert json.loads(out.getvalue()) == {"uncertain": 1, "erased_again": 0}
    rows = list(person.messages.order_by("n").values_list("state", "reason"))
    assert rows == [("uncertain", "restored"), ("scheduled", ""), ("scheduled", "")]
    assert turn(now=now)["sent"] == 0
    assert turn(now=T0 + 2 * DAY)["sent"] == 1
    entry = AuditEntry.objects.get(action="product.restored")
    assert json.loads(entry.detail) == {"uncertain": 1, "erased": 0}


def test_a_message_that_somebody_lets_go_again_is_no_sign_of_a_restore(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0 + DAY)
    turn(now=now)
    person.messages.filter(n=1).update(state="uncertain")
    outbox.resolve(message=person.messages.get(n=1), was_delivered=False, by="command", now=now)
    assert turn(now=now + MINUTE)["sent"] == 1


def test_a_disk_that_takes_no_sign_keeps_no_message(person: Enrolment, tmp_path: Path) -> None:
    (tmp_path / "turns").write_text("a file where the folder should be")
    assert turn(now=T0 + DAY)["sent"] == 1


def test_an_erasure_stands_in_a_list_outside_the_database(person: Enrolment, tmp_path: Path) -> None:
    erase(enrolment=person, by="command", reason="asked", now=T0)
    erase(enrolment=person, by="command", reason="asked", now=T0 + DAY)
    (line,) = (tmp_path / "erased.jsonl").read_text().splitlines()
    found = {"study": "tiny", "pseudonym": person.pseudonym, "erased_at": "2027-01-11T09:00:00+00:00"}
    assert json.loads(line) == found


def test_after_restore_erases_again_who_stands_in_the_list(person: Enrolment, settings: Any) -> None:
    now = world.move_clock(settings, T0 + DAY)
    other = world.consented(world.tiny(slug="other"), now + MINUTE, email="b@example.org")
    for each in (person, other):
        # Of the other, somebody of that pseudonym was erased before they came.
        erasure_list.append(study=each.study.slug, pseudonym=each.pseudonym, erased_at=now)
    erasure_list.append(study="gone", pseudonym="AAAAAAA", erased_at=now)
    out = StringIO()
    call_command("after_restore", stdout=out)
    assert json.loads(out.getvalue())["erased_again"] == 1
    assert world.fresh(person).erased_at is not None
    assert world.fresh(other).erased_at is None


def test_a_line_of_the_list_that_was_cut_off_is_named_and_nothing_is_done(person: Enrolment, tmp_path: Path) -> None:
    (tmp_path / "erased.jsonl").write_text('{"study": "tin')
    erasure_list.append(study="tiny", pseudonym=person.pseudonym, erased_at=T0 + DAY)
    with pytest.raises(CommandError, match="line 1: found"):
        call_command("after_restore")
    assert world.fresh(person).erased_at is None


def test_a_turn_that_is_to_stop_ends_the_mail_in_hand_and_begins_no_other(person: Enrolment) -> None:
    world.consented(person.version, T0, email="another@example.org")
    answers = iter([True, False])
    assert turn(now=T0 + DAY, goes_on=lambda: next(answers))["sent"] == 1
    states = list(Message.objects.filter(n=1).order_by("due_at", "pk").values_list("state", flat=True))
    assert states == ["sent", "scheduled"]
    assert turn(now=T0 + DAY)["sent"] == 1
