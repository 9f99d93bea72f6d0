"""Leaving in three acts, each by itself: what a page says before, what is still asked, sent and exported after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import clock
from accounts.models import AuditEntry
from coaching.models import Enrolment, Message, Occasion, Study
from coaching.selectors.followups import foreseen
from coaching.services.leaving import stop_contact
from config.tick import turn
from research import selectors
from research.counts import people_counts
from tests import world
from tests.builders import utc
from tests.pages import Screen, follow, submit, visit
from tests.protocol.bundles import PROGRAMME, example
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

STUDY = """\
format: 1
slug: small-scenes
title: Weekly
languages: [en]
timezone: UTC
contact: lab@example.org
summary: welcome.md
consent: {version: "1", text: welcome.md, statements: [{id: take_part, text: "I agree to take part."}]}
before:
  - {id: first, do: assess, instruments: [mood], at: "consent + 0s", window: [0d, 1d], missed: skip}
allocation: {method: simple}
arms:
  trained:
    steps:
      - {id: train, do: session, script: harbour, at: "allocation + 1d", repeat: 3 times every 1d, window: [0d, 20h],
         remind: [0s]}
after:
  - {id: post, do: assess, instruments: [mood], at: "train_3 + 7d", window: [0d, 3d], remind: [0s, 1d]}
"""
START = utc("2027-03-01T10:00Z")


@pytest.fixture
def person(settings: Any) -> Enrolment:
    """Somebody who was allocated, began the first session of the training, and left it there."""
    now = world.move_clock(settings, START)
    version = world.publish(example(PROGRAMME) | {"study.yaml": STUDY})
    person = world.consented(version, now, email="someone@people.example")
    turn(now=world.move_clock(settings, START + timedelta(days=1, minutes=1)))
    turn(now=world.move_clock(settings, START + timedelta(days=2, minutes=5)))
    client = world.browser_of(person)
    page = visit(client, "/me/next/")
    assert page.name == "session", page.text
    submit(client, page)
    return world.fresh(person)


def leaves(client: Client, act: str) -> Screen:
    """The page after one of the acts, by its own address: what follows is read before the button."""
    page = visit(client, f"/me/leave/{act}/")
    assert (page.name, len(page.primaries)) == ("home", 1)
    assert "What happens then" in page.text
    return submit(client, page)


def after(settings: Any, **length: float) -> None:
    now = world.move_clock(settings, timedelta(**length))
    turn(now=now)
    turn(now=now)


def states(person: Enrolment) -> dict[str, str]:
    return dict(Occasion.objects.filter(enrolment=person).values_list("key", "state"))


def sent(person: Enrolment) -> list[str]:
    rows = Message.objects.filter(enrolment=person, state="sent").order_by("due_at", "n")
    return [f"{m.timepoint} {m.n}" for m in rows]


def test_the_acts_stand_in_the_studys_order_beside_leaving_the_study(person: Enrolment) -> None:
    client = world.browser_of(person)
    acts = [link for link in visit(client, "/me/").links if link.startswith("/me/leave/")]
    assert acts == ["/me/leave/training/", "/me/leave/contact/", "/me/leave/data/"]
    assert visit(client, "/me/leave/").act("withdraw").options("data") == ["keep", "erase"]


def test_a_study_says_which_acts_it_offers_and_in_which_order(settings: Any) -> None:
    world.move_clock(settings, START)
    text = STUDY + "withdraw: {offer: [data, training]}\n"
    client = world.browser_of(world.consented(world.publish(example(PROGRAMME) | {"study.yaml": text})))
    assert [link for link in visit(client, "/me/leave/").links if link.startswith("/me/leave/")] == [
        "/me/leave/data/",
        "/me/leave/training/",
    ]
    assert visit(client, "/me/leave/contact/").url == "/me/leave/", "what is not offered leads to what is"


def test_opening_the_pages_changes_nothing(person: Enrolment) -> None:
    client = world.browser_of(person)
    for act in ("training", "contact", "data"):
        visit(client, f"/me/leave/{act}/")
    assert world.fresh(person).left_training_at is None
    assert world.fresh(person).no_contact_at is None
    assert world.fresh(person).erased_at is None
    assert client.get("/me/leave/messages/again/").status_code == 405
    assert client.get("/me/leave/everything/").status_code == 404


def test_who_stops_the_training_is_followed_like_everybody_else(person: Enrolment, settings: Any) -> None:
    client = world.browser_of(person)
    home = leaves(client, "training")
    assert "You stopped the training. The questionnaires go on." in home.text
    assert "/me/leave/training/" not in home.links
    turn(now=clock.now())
    assert {key: state for key, state in states(person).items() if key.startswith("train")} == {
        "train_1": "missed",
        "train_2": "missed",
        "train_3": "missed",
    }
    before = sent(person)
    after(settings, days=7, minutes=2)
    assert visit(client, "/me/next/").name == "question"
    assert [each for each in sent(person) if each not in before] == ["post 1"]
    after(settings, days=1)
    assert [each for each in sent(person) if each not in before] == ["post 1", "post 2"]


def test_stopping_the_training_is_no_withdrawal_and_the_exports_say_so(person: Enrolment, settings: Any) -> None:
    leaves(world.browser_of(person), "training")
    after(settings, minutes=1)
    row = caller(person.study).rows("participants")[0]
    assert (row["status"], row["withdrawn_at"]) == ("active", None)
    assert row["left_training_at"].endswith("Z")
    assert {s["status"] for s in caller(person.study).rows("sessions")} == {"missed"}
    arm = selectors.flow(person.study)["arms"]["trained"]
    assert arm == {"allocated": 1, "started": 1, "completed": 0, "missed": 1, "withdrawn": 0}
    assert people_counts(person.study).groups["trained"].stopped_training == 1
    owner = world.browser_of_staff(world.staff(person.study))
    page = visit(owner, "/studies/small-scenes/")
    assert "Stopped the training, stay in the follow-up" in page.text
    logged = AuditEntry.objects.get(action="training.leave")
    assert (logged.actor, logged.subject) == ("participant", person.pseudonym)


def test_no_more_messages_means_none_while_everything_can_be_answered(person: Enrolment, settings: Any) -> None:
    client = world.browser_of(person)
    before = sent(person)
    home = leaves(client, "contact")
    assert "You asked us to send you nothing any more." in home.text
    assert [f for f in foreseen(clock.now() + timedelta(days=60)) if f.kind == "reminder"] == []
    after(settings, days=1)
    assert sent(person) == before
    assert visit(client, "/me/next/").name == "session"
    row = caller(person.study).rows("participants")[0]
    assert (row["status"], row["left_training_at"], row["no_contact_at"][-1]) == ("active", None, "Z")
    kinds = {m["state"] for m in caller(person.study).rows("followups", timepoint="train_2")}
    assert kinds == {"cancelled"}


def test_what_is_not_planned_yet_is_not_foreseen_for_who_wants_no_messages(settings: Any) -> None:
    now = world.move_clock(settings, START)
    text = STUDY.replace('"train_3 + 7d"', '"allocation + 7d"')
    version = world.publish(example(PROGRAMME) | {"study.yaml": text})
    person = world.consented(version, now, email="someone@people.example")
    later = now + timedelta(days=60)
    assert [each.timepoint for each in foreseen(later)] == ["post", "post"]
    stop_contact(enrolment=person, by="participant", now=now)
    assert foreseen(later) == []


def test_messages_can_be_allowed_again(person: Enrolment, settings: Any) -> None:
    client = world.browser_of(person)
    home = leaves(client, "contact")
    home = submit(client, home, home.act("allow-contact"))
    assert "/me/leave/contact/" in home.links
    assert world.fresh(person).no_contact_at is None
    before = sent(person)
    after(settings, days=1)
    assert sent(person) != before
    assert set(AuditEntry.objects.filter(action__startswith="contact.").values_list("action", flat=True)) >= {
        "contact.stop",
        "contact.allow",
    }


def test_a_link_that_they_ask_for_still_comes(person: Enrolment, settings: Any) -> None:
    leaves(world.browser_of(person), "contact")
    Client().post("/me/link/", {"email": "someone@people.example"})
    after(settings, minutes=1)
    assert Message.objects.get(kind="link").state == "sent"


def test_having_the_data_erased_is_an_act_by_itself(person: Enrolment) -> None:
    client = world.browser_of(person)
    page = leaves(client, "data")
    assert page.name == "withdrawn"
    assert world.fresh(person).erased_at is not None
    assert caller(person.study).rows("participants") == []


def test_the_acts_are_theirs_alone_and_end_with_the_study(person: Enrolment) -> None:
    assert visit(Client(), "/me/leave/training/").url == "/me/link/"
    client = world.browser_of(person)
    home = visit(client, "/me/")
    submit(client, home, home.act("withdraw"), data="keep")
    for act in ("training", "contact"):
        client.post(f"/me/leave/{act}/")
        assert visit(client, f"/me/leave/{act}/").name == "withdrawn"
    assert (world.fresh(person).left_training_at, world.fresh(person).no_contact_at) == (None, None)


def test_without_sessions_there_is_no_training_to_stop() -> None:
    client = world.browser_of(world.consented(world.tiny()))
    assert [link for link in visit(client, "/me/leave/").links if link.startswith("/me/leave/")] == [
        "/me/leave/contact/",
        "/me/leave/data/",
    ]


def test_the_last_words_of_a_study_stand_on_its_last_page_and_stay(settings: Any) -> None:
    world.move_clock(settings, START)
    text = STUDY + "debrief: debrief.md\n"
    files = example(PROGRAMME) | {"study.yaml": text, "debrief.md": "It was about **weeks**.\n"}
    person = world.consented(world.publish(files))
    client = world.browser_of(person)
    assert "It was about weeks." not in visit(client, "/me/").text
    for _ in range(6):
        after(settings, days=10)
    done = follow(client, visit(client, "/me/"))
    assert done.name == "done"
    assert "It was about weeks" in done.text
    home = visit(client, "/me/")
    gone = submit(client, home, home.act("withdraw"), data="keep")
    assert (gone.name, "It was about weeks" in gone.text) == ("withdrawn", True)
    assert Study.objects.count() == 1
