"""Neutral contact for those who wait: as often as the study says, to them alone, and nothing once it is over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from coaching.models import Enrolment
from coaching.selectors.followups import foreseen
from coaching.services import people
from coaching.services.occasions import complete_occasion
from coaching.windows import zone
from config.tick import turn
from tests import world

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db

MESSAGES = """\
messages:
  waiting: {subject: {en: You are still with us, de: Noch dabei}, text: {en: Nothing to do now., de: Nichts zu tun.},
    every: 14d, times: 6, arms: [questions]}
  between: ["09:00", "20:00"]
"""


@pytest.fixture
def waiting(settings: Any, tmp_path: Path) -> Enrolment:
    """Somebody who was given the arm that waits; the folder of mails is the test's own."""
    return _allocated(settings, tmp_path)["questions"]


def _allocated(settings: Any, tmp_path: Path, **how: Any) -> dict[str, Enrolment]:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)
    files = world.files()
    text = files["study.yaml"]
    assert isinstance(text, str)
    version = world.publish({**files, "study.yaml": text + MESSAGES})
    found = {}
    for n in range(4):
        person = world.consented(version, T0, email=f"{n}@example.org", **how)
        complete_occasion(occasion=world.occasion(person, "baseline"), now=T0)
        person = world.fresh(person)
        found[person.arm] = person
    return found


def _days(person: Enrolment, state: str = "sent") -> list[int]:
    rows = person.messages.filter(kind="waiting", state=state).order_by("n")
    return [((each.sent_at or each.due_at) - T0).days for each in rows]


def _live(days: int, start: int = 0, every: int = 1) -> None:
    for day in range(start, days, every):
        turn(now=T0 + day * DAY)


def test_over_months_it_comes_every_two_weeks_to_those_who_wait_alone(settings: Any, tmp_path: Path) -> None:
    found = _allocated(settings, tmp_path)
    due = found["questions"].messages.filter(kind="waiting").order_by("n")
    # The same wall time each time: the last is after the clocks went forward.
    local = [each.due_at.astimezone(zone("Europe/London")) for each in due]
    assert [(each.date() - T0.date()).days for each in local] == [14, 28, 42, 56, 70, 84]
    assert {each.hour for each in local} == {9}
    _live(120)
    # The last window of the study closes on day 49 and with it ends the waiting: later ones are not needed.
    assert _days(found["questions"]) == [14, 28, 42]
    assert _days(found["questions"], "cancelled") == [56, 70, 83]
    assert not found["sessions"].messages.filter(kind="waiting").exists()


def test_it_goes_at_the_same_wall_time_within_the_hours_of_the_study_over_a_change_of_clocks(
    settings: Any, tmp_path: Path
) -> None:
    person = _allocated(settings, tmp_path, timezone="Asia/Tokyo")["questions"]
    own = zone("Asia/Tokyo")
    assert {each.due_at.astimezone(own).hour for each in person.messages.filter(kind="waiting")} == {18}
    people.record_contact(
        enrolment=person, email="new@example.org", timezone="America/New_York", by="participant", now=T0 + DAY
    )
    # 09:00 UTC is 04:00 there, before the study's hours, whichever side of the change of clocks.
    local = [each.due_at.astimezone(zone("America/New_York")) for each in person.messages.filter(kind="waiting")]
    assert {(each.hour, each.minute) for each in local} == {(9, 0)}


@pytest.mark.parametrize("how", ["withdraw", "no contact", "pause", "no mail"])
def test_nobody_hears_who_left_or_asked_for_quiet(waiting: Enrolment, how: str) -> None:
    _live(20, every=7)
    at = T0 + 20 * DAY
    if how == "withdraw":
        people.withdraw(enrolment=waiting, choice="keep", by="participant", now=at)
    elif how == "no contact":
        Enrolment.objects.filter(pk=waiting.pk).update(no_contact_at=at)
    elif how == "pause":
        people.pause(enrolment=waiting, by="participant", now=at)
    else:
        people.stop_mail(enrolment=waiting, by="participant", now=at)
    _live(90, start=20, every=7)
    assert _days(waiting) == [14]
    assert not waiting.messages.filter(kind="waiting", state__in=("scheduled", "claimed")).exists()


def test_of_several_that_fell_due_in_an_outage_only_the_latest_goes(waiting: Enrolment) -> None:
    turn(now=T0 + 45 * DAY)
    assert _days(waiting) == [45]
    states = waiting.messages.filter(kind="waiting").order_by("n").values_list("state", "reason")
    assert list(states)[:3] == [("missed", "overtaken"), ("missed", "overtaken"), ("sent", "")]


def test_a_look_ahead_names_none_that_falls_due_when_the_calendar_has_ended_the_study(waiting: Enrolment) -> None:
    found = [each.n for each in foreseen(T0 + 120 * DAY) if each.kind == "waiting"]
    assert sorted(found) == sorted([1, 2, 3] * Enrolment.objects.filter(arm="questions").count())


def test_simulated_people_get_none_and_a_look_ahead_names_those_of_the_real(waiting: Enrolment) -> None:
    found = [
        each for each in foreseen(T0 + 30 * DAY) if each.participant == waiting.pseudonym and each.kind == "waiting"
    ]
    assert [(each.n, each.due_at) for each in found] == [(1, T0 + 14 * DAY), (2, T0 + 28 * DAY)]
    assert found[0].why == "waits for what comes later"
