"""One person, three weekly questionnaires and three weekly sessions: what is sent and asked as they rest, move, leave.

They live in Berlin and come in on Monday, 8 March 2027, at ten. Each questionnaire opens at 18:00, from the Tuesday on,
for three days, and is reminded of at once, a day and two days later, between nine and eight.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from coaching.models import Contact, Enrolment, Message
from coaching.selectors.people import open_occasions
from coaching.services import leaving, people
from coaching.services.occasions import complete_occasion
from config.tick import turn
from privacy import erasure
from tests import world
from tests.protocol.bundles import PROGRAMME, example

pytestmark = pytest.mark.django_db

STUDY = """\
format: 1
slug: weekly
title: Weekly
languages: [en]
timezone: Europe/Berlin
contact: lab@example.org
summary: welcome.md
consent: {version: "1", text: welcome.md, statements: [{id: take_part, text: "I agree to take part."}]}
before:
  - {id: week, do: assess, instruments: [mood], at: "consent + 1d at 18:00", repeat: 3 times every 7d, window: [0d, 3d],
     remind: [0s, 1d, 2d], between: ["09:00", "20:00"]}
  - {id: train, do: session, script: [harbour, meadow], at: "consent + 2d at 18:00", repeat: 3 times every 7d,
     window: [0d, 3d]}
"""


def berlin(day: int, time: str) -> dt.datetime:
    """A wall time of March 2027 in Berlin; clocks go forward on the 28th, after the last of what is looked at."""
    return dt.datetime.fromisoformat(f"2027-03-{day:02} {time}+01:00").astimezone(dt.UTC)


@pytest.fixture
def person(settings: Any) -> Enrolment:
    now = world.move_clock(settings, berlin(8, "10:00"))
    version = world.publish(example(PROGRAMME) | {"study.yaml": STUDY})
    return world.consented(version, now, email="someone@people.example", timezone="Europe/Berlin")


def tick(*moments: dt.datetime) -> None:
    for moment in moments:
        turn(now=moment)


def reminded(person: Enrolment, week: str = "week_1") -> list[str]:
    """What became of a questionnaire's reminders."""
    return list(person.messages.filter(timepoint=week).order_by("n").values_list("state", flat=True))


def states(person: Enrolment) -> dict[str, str]:
    return dict(person.occasions.values_list("key", "state"))


def test_everybody_is_reminded_at_the_hour_and_once(person: Enrolment) -> None:
    tick(berlin(9, "17:59"))
    assert reminded(person) == ["scheduled"] * 3
    tick(berlin(9, "18:00"), berlin(9, "18:00"), berlin(9, "18:01"))
    assert reminded(person) == ["sent", "scheduled", "scheduled"]
    tick(berlin(10, "18:00"), berlin(11, "18:00"))
    assert reminded(person) == ["sent"] * 3
    assert list(person.messages.filter(state="sent").values_list("due_at", flat=True)) == [
        berlin(9, "18:00"),
        berlin(10, "18:00"),
        berlin(11, "18:00"),
    ]


def test_who_is_done_is_not_reminded(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    complete_occasion(occasion=world.occasion(person, "week_1"), now=berlin(9, "20:00"))
    tick(berlin(10, "18:00"), berlin(11, "18:00"))
    assert reminded(person) == ["sent", "cancelled", "cancelled"]


def test_after_the_tick_was_away_one_of_several_goes_and_not_at_night(person: Enrolment) -> None:
    tick(berlin(11, "23:00"))
    assert "sent" not in reminded(person)
    tick(berlin(12, "08:59"))
    assert "sent" not in reminded(person)
    tick(berlin(12, "09:00"))
    assert reminded(person) == ["missed", "missed", "sent"]


def test_after_the_window_nothing_of_it_goes(person: Enrolment) -> None:
    tick(berlin(12, "18:00"))
    assert reminded(person) == ["missed"] * 3
    assert states(person)["week_1"] == "missed"
    assert reminded(person, "week_2") == ["scheduled"] * 3


def test_who_rests_is_offered_and_sent_nothing_and_windows_run_on(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    people.pause(enrolment=person, by="participant", now=berlin(10, "12:00"))
    tick(berlin(10, "18:00"))
    assert open_occasions(world.fresh(person), berlin(10, "18:00")) == []
    people.resume(enrolment=person, by="participant", now=berlin(11, "12:00"))
    tick(berlin(11, "18:00"))
    assert reminded(person) == ["sent", "cancelled", "sent"]
    assert [each.key for each in open_occasions(world.fresh(person), berlin(11, "18:00"))] == ["week_1", "train_1"]


def test_who_rests_past_a_window_has_missed_it(person: Enrolment) -> None:
    people.pause(enrolment=person, by="participant", now=berlin(9, "12:00"))
    tick(berlin(9, "18:00"), berlin(12, "18:00"))
    people.resume(enrolment=person, by="participant", now=berlin(15, "12:00"))
    tick(berlin(16, "18:00"))
    assert states(person)["week_1"] == "missed"
    assert reminded(person, "week_2")[0] == "sent"


def test_who_moves_is_asked_and_reminded_by_the_clock_there(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    people.record_contact(
        enrolment=person,
        email="someone@people.example",
        timezone="Asia/Tokyo",
        by="participant",
        now=berlin(13, "12:00"),
    )
    tick(berlin(13, "12:00"))
    # Six in the evening in Tokyo is ten in the morning in Berlin.
    assert world.occasion(person, "week_2").opens_at == berlin(16, "10:00")
    tick(berlin(16, "10:00"))
    assert reminded(person) == ["sent", "missed", "missed"]
    assert reminded(person, "week_2") == ["sent", "scheduled", "scheduled"]


def test_leaving_the_training_keeps_the_questionnaires_and_their_reminders(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    assert leaving.leave_training(enrolment=person, by="participant", now=berlin(10, "19:00"))
    tick(berlin(10, "19:00"), berlin(16, "18:00"))
    found = states(person)
    assert {found[f"train_{n}"] for n in (1, 2, 3)} == {"missed"}
    assert [each.key for each in open_occasions(world.fresh(person), berlin(16, "18:00"))] == ["week_2"]
    assert reminded(person, "week_2")[0] == "sent"


def test_leaving_all_contact_keeps_what_can_be_answered_and_sends_nothing(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    assert leaving.stop_contact(enrolment=person, by="participant", now=berlin(10, "12:00"))
    tick(berlin(10, "18:00"), berlin(11, "18:00"), berlin(16, "18:00"))
    assert reminded(person) == ["sent", "cancelled", "cancelled"]
    assert "sent" not in reminded(person, "week_2")
    assert [each.key for each in open_occasions(world.fresh(person), berlin(16, "18:00"))] == ["week_2"]


def test_who_allows_contact_again_is_reminded_from_then_on(person: Enrolment) -> None:
    leaving.stop_contact(enrolment=person, by="participant", now=berlin(9, "12:00"))
    tick(berlin(9, "18:00"))
    assert leaving.allow_contact(enrolment=person, by="participant", now=berlin(10, "12:00"))
    tick(berlin(10, "18:00"), berlin(11, "18:00"))
    assert reminded(person) == ["cancelled", "sent", "sent"]


def test_leaving_the_study_ends_everything_and_keeps_what_was_answered(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    complete_occasion(occasion=world.occasion(person, "week_1"), now=berlin(9, "20:00"))
    people.withdraw(enrolment=person, choice="keep", by="participant", now=berlin(10, "12:00"))
    tick(berlin(10, "18:00"), berlin(16, "18:00"))
    found = states(person)
    assert found.pop("week_1") == "done"
    assert set(found.values()) == {"cancelled"}
    assert not Message.objects.filter(enrolment=person, state__in=Message.UNSENT).exists()


def test_leaving_with_the_data_leaves_a_pseudonym_and_a_day(person: Enrolment) -> None:
    tick(berlin(9, "18:00"))
    people.withdraw(enrolment=person, choice="erase", by="participant", now=berlin(10, "12:00"))
    erasure.erase(enrolment=person, by="participant", now=berlin(10, "12:00"), reason="asked for it")
    tick(berlin(10, "18:00"))
    assert world.fresh(person).erased_at == berlin(10, "12:00")
    assert not person.occasions.exists()
    assert not person.messages.exists()
    assert not Contact.objects.filter(enrolment=person).exists()
