"""Caps, quiet hours and outages: nobody gets more than the study allows, at no hour that it does not name."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coaching.models import Enrolment, Message
from coaching.services import falling_due
from coaching.windows import is_between, zone
from config import tick
from config.tick import turn
from tests import world

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
pytestmark = pytest.mark.django_db

DIARY = """\
before:
  - {id: diary, title: A diary, do: assess, instruments: [one], at: "consent + 1d at 09:00", window: [0s, 1d],
     repeat: 21 times every 1d, remind: [0s]}
"""
THREE = """\
before:
  - {id: a, title: A, do: assess, instruments: [one], at: "consent + 0s", window: [0s, 20d], remind: [1d, 2d, 3d]}
  - {id: b, title: B, do: assess, instruments: [one], at: "consent + 0s", window: [0s, 20d], remind: [1d, 2d, 3d]}
  - {id: c, title: C, do: assess, instruments: [one], at: "consent + 0s", window: [0s, 20d], remind: [1d, 2d, 3d]}
"""


def _version(steps: str, messages: str = "") -> Any:
    text = world.TINY["study.yaml"]
    assert isinstance(text, str)
    return world.publish({**world.TINY, "study.yaml": text[: text.index("before:")] + steps + messages})


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path)
    return tmp_path


def _sent(person: Enrolment) -> list[tuple[str, dt.datetime | None]]:
    return list(person.messages.filter(state="sent").order_by("sent_at", "pk").values_list("timepoint", "sent_at"))


def _reasons() -> Counter[str]:
    return Counter(Message.objects.exclude(reason="").values_list("reason", flat=True))


def test_a_cap_of_one_a_day_lets_a_daily_reminder_through_each_day_however_late_each_turn_is(box: Path) -> None:
    """A turn that is late one day and on time the next is no second mail of a day; nor is a shorter day in spring."""
    version = _version(DIARY, "messages: {caps: {day: 1}}\n")
    start = dt.datetime(2027, 3, 20, 8, 0, tzinfo=dt.UTC)
    person = world.consented(version, start, email="a@example.org", timezone="Europe/London")
    for day in range(1, 15):
        nine = dt.datetime(2027, 3, 20, 9, 0, tzinfo=zone("Europe/London")) + day * DAY
        turn(now=nine.astimezone(dt.UTC) + dt.timedelta(seconds=59 if day % 2 else 1))
    assert [at.astimezone(zone("Europe/London")).hour for _, at in _sent(person) if at] == [9] * 14
    assert _reasons()["cap"] == 0


def test_what_is_above_the_cap_of_a_day_is_missed_and_no_two_of_one_turn_pass_together(box: Path) -> None:
    person = world.consented(_version(THREE, "messages: {caps: {day: 2}}\n"), T0, email="a@example.org")
    counts = turn(now=T0 + DAY)
    assert counts["sent"] == 2
    assert [step for step, _ in _sent(person)] == ["a", "b"]
    assert turn(now=T0 + DAY + 3 * HOUR)["sent"] == 0
    assert _reasons() == {"cap": 1}
    assert person.messages.get(timepoint="c", n=1).state == "missed"


def test_the_cap_of_a_week_holds_over_its_days(box: Path) -> None:
    person = world.consented(_version(THREE, "messages: {caps: {day: 2, week: 3}}\n"), T0, email="a@example.org")
    for hours in range(24, 24 * 10, 6):
        turn(now=T0 + hours * HOUR)
    assert len(_sent(person)) == 3
    assert person.messages.filter(state="missed", reason="cap").count() == 6


def test_what_is_under_way_or_uncertain_counts_as_sent(box: Path) -> None:
    person = world.consented(_version(THREE, "messages: {caps: {day: 1}}\n"), T0, email="a@example.org")
    first = person.messages.get(timepoint="a", n=1)
    for state in ("claimed", "handing_over", "uncertain"):
        Message.objects.filter(pk=first.pk).update(state=state)
        assert falling_due.due_ids(now=T0 + DAY, most=10) == []
        Message.objects.filter(state="missed").update(state="scheduled", reason="")


def test_caps_are_each_persons_own_and_links_and_news_are_outside_them(box: Path) -> None:
    version = _version(THREE, "messages: {caps: {day: 1}}\n")
    people = [world.consented(version, T0, email=f"{n}@example.org") for n in range(3)]
    for kind in ("link", "message"):
        Message.objects.create(enrolment=people[0], kind=kind, n=1, due_at=T0 + DAY)
    turn(now=T0 + DAY)
    assert [len(_sent(person)) for person in people] == [3, 1, 1]


# --- an outage -------------------------------------------------------------------------------------------------------


def test_after_three_days_without_a_turn_the_latest_go_paced_and_within_their_hours(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 people over four zones, nothing turned for days, back at a bad hour for some; five messages a turn at most."""
    monkeypatch.setattr(tick, "MOST_MESSAGES", 5)
    hours = (dt.time(9), dt.time(20))
    version = _version(THREE, 'messages: {caps: {day: 2}, between: ["09:00", "20:00"]}\n')
    zones = ("Europe/London", "Asia/Tokyo", "America/New_York", "Pacific/Auckland")
    people = [world.consented(version, T0, email=f"{n}@example.org", timezone=zones[n % len(zones)]) for n in range(20)]
    back = T0 + 4 * DAY + 14 * HOUR  # 23:00 in London, 08:00 in Tokyo, 18:00 in New York, 12:00 in Auckland
    most, at = 0, back
    for minute in range(0, 26 * 60, 20):
        at = back + minute * MINUTE
        most = max(most, turn(now=at)["sent"])
    assert most <= 5, "no more than a turn's worth"
    for person in people:
        own = zone(person.timezone)
        sent = person.messages.filter(state="sent")
        # The latest of each step alone, two of the three steps, the third above the cap; each within the hours.
        assert sorted(sent.values_list("n", flat=True)) == [3, 3]
        assert all(is_between(each.sent_at, hours, own) for each in sent if each.sent_at)
        why = Counter(person.messages.exclude(state="sent").values_list("state", "reason"))
        assert why == {("missed", "overtaken"): 6, ("missed", "cap"): 1}
    assert len(list(box.glob("*.eml"))) == 40
    assert turn(now=at + DAY)["sent"] == 0


def test_a_backlog_of_those_who_sleep_does_not_hold_up_those_who_are_awake(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "MOST_MESSAGES", 2)
    version = _version(THREE, 'messages: {between: ["09:00", "20:00"]}\n')
    for n in range(6):
        world.consented(version, T0, email=f"{n}@example.org", timezone="Asia/Tokyo")
    awake = world.consented(version, T0, email="awake@example.org", timezone="Europe/London")
    night_in_tokyo = T0 + 2 * DAY + 6 * HOUR
    assert turn(now=night_in_tokyo)["sent"] == 2
    assert len(_sent(awake)) == 2
