"""The programme of a person as the database keeps it: settled by what they do, and by the tick."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from accounts.audit import broken_rows
from accounts.models import AuditEntry
from coaching.models import AllocationSlot, Enrolment, Occasion
from coaching.selectors.people import open_occasions
from coaching.services import people
from coaching.services.occasions import advance_due, complete_occasion, record_measure
from config.tick import turn
from tests import world

T0 = dt.datetime(2027, 1, 11, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def _baseline(person: Enrolment, now: dt.datetime, total: float | None = 4) -> Enrolment:
    record_measure(enrolment=person, timepoint="baseline", instrument="scenes_4", values={"total": total}, now=now)
    complete_occasion(occasion=world.occasion(person, "baseline"), now=now)
    return world.fresh(person)


@pytest.mark.django_db
def test_allocation_follows_the_last_required_step_of_before_in_its_transaction() -> None:
    person = world.consented(world.example(sessions=False), T0)
    assert (person.arm, person.allocated_at) == ("", None)
    person = _baseline(person, T0 + DAY)
    assert person.arm in {"sessions", "questions"}
    assert person.allocated_at == T0 + DAY
    assert person.groups == {"imagery": "none"}
    post = world.occasion(person, "post")
    assert (post.opens_at, post.closes_at) == (T0 + 14 * DAY, T0 + 22 * DAY)


@pytest.mark.django_db
def test_someone_without_the_score_is_in_the_stratum_missing() -> None:
    person = _baseline(world.consented(world.example(), T0), T0, total=None)
    assert person.groups == {"imagery": "missing"}
    assert person.allocation_slot.list.stratum == "imagery=missing"


@pytest.mark.django_db
def test_completing_twice_is_completing_once() -> None:
    person = _baseline(world.consented(world.example(), T0), T0)
    arm, at = person.arm, world.occasion(person, "baseline").settled_at
    person = _baseline(person, T0 + DAY)
    assert (person.arm, world.occasion(person, "baseline").settled_at) == (arm, at)
    assert AllocationSlot.objects.filter(taken_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_the_tick_settles_what_the_calendar_closed_and_only_once() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    late = T0 + 21 * DAY  # due after 14 days, open from a day before until 7 days after
    assert turn(now=late - dt.timedelta(milliseconds=1))["missed"] == 0
    assert turn(now=late)["missed"] == 1
    assert turn(now=late)["missed"] == 0
    post = world.occasion(person, "post")
    assert (post.state, post.settled_at) == (Occasion.State.MISSED, late)
    assert post.closed_at == late
    assert world.fresh(person).completed_at is None, "day28 hangs on post.due and still comes"
    turn(now=T0 + 60 * DAY)
    assert world.fresh(person).completed_at == T0 + 60 * DAY


@pytest.mark.django_db
def test_what_is_open_is_known_between_two_ticks() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    assert open_occasions(person, T0 + 12 * DAY) == []
    assert [o.key for o in open_occasions(person, T0 + 13 * DAY)] == ["post"]
    assert open_occasions(person, T0 + 21 * DAY) == []


@pytest.mark.django_db
def test_a_pause_offers_nothing_and_windows_run_on() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    people.pause(enrolment=person, by="participant", now=T0 + DAY)
    assert open_occasions(world.fresh(person), T0 + 14 * DAY) == []
    people.resume(enrolment=person, by="participant", now=T0 + 15 * DAY)
    assert [o.key for o in open_occasions(world.fresh(person), T0 + 15 * DAY)] == ["post"]


@pytest.mark.django_db
def test_withdrawing_cancels_what_is_to_come_and_keeps_what_was_done() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0 + DAY)
    states = dict(person.occasions.values_list("key", "state"))
    assert states == {"baseline": "done", "post": "cancelled", "day28": "cancelled"}
    turn(now=T0 + 100 * DAY)
    assert dict(person.occasions.values_list("key", "state")) == states


@pytest.mark.django_db
def test_a_new_zone_moves_what_is_still_to_come() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    people.record_contact(enrolment=person, email="", timezone="America/New_York", by="participant", now=T0 + DAY)
    # 14 calendar days after 04:00 in New York: no clock change lies between, so the same instant; day28 crosses one.
    assert world.occasion(person, "post").due_at == T0 + 14 * DAY
    before = world.occasion(person, "day28").due_at
    people.record_contact(enrolment=person, email="", timezone="Pacific/Auckland", by="participant", now=T0 + DAY)
    assert before == T0 + 42 * DAY
    assert world.occasion(person, "day28").due_at == T0 + 42 * DAY


@pytest.mark.django_db
def test_a_required_step_missed_with_stop_ends_it_before_allocation() -> None:
    changes = {
        "do: assess, instruments: [scenes_4]}\nallocation": "do: assess, instruments: [scenes_4], "
        "window: [0s, 7d]}\nallocation"
    }
    person = world.consented(world.publish(world.edited(changes)), T0)
    turn(now=T0 + 7 * DAY)
    person = world.fresh(person)
    assert (person.excluded_by, person.excluded_at) == ("missed:baseline", T0 + 7 * DAY)
    assert person.arm == ""
    assert person.completed_at is not None
    assert set(person.occasions.values_list("state", flat=True)) == {"missed"}


@pytest.mark.django_db
def test_a_required_step_missed_with_skip_is_followed_by_allocation_in_the_same_tick() -> None:
    changes = {
        "do: assess, instruments: [scenes_4]}\nallocation": "do: assess, instruments: [scenes_4], window: [0s, 7d], "
        "missed: skip}\nallocation"
    }
    person = world.consented(world.publish(world.edited(changes)), T0)
    counts = turn(now=T0 + 7 * DAY)
    assert (counts["people"], counts["missed"], counts["allocated"]) == (1, 1, 1)
    person = world.fresh(person)
    assert person.arm
    assert person.groups == {"imagery": "missing"}


@pytest.mark.django_db
def test_without_closers_nothing_is_found_missed() -> None:
    person = _baseline(world.consented(world.example(sessions=False), T0), T0)
    late = T0 + 30 * DAY
    people.record_contact(enrolment=person, email="a@example.org", timezone="Europe/London", by="participant", now=late)
    assert world.occasion(person, "post").settled_at is None
    assert advance_due(now=late, closers={})["missed"] == 1


@pytest.mark.django_db
def test_blocks_stay_balanced_one_after_the_other() -> None:
    version = world.example()
    for n in range(40):
        _baseline(world.consented(version, T0), T0, total=4 if n % 2 else 12)
    for stratum in ("imagery=none", "imagery=typical"):
        slots = list(AllocationSlot.objects.filter(list__stratum=stratum).order_by("position"))
        assert [slot.position for slot in slots] == list(range(1, len(slots) + 1))
        for number in {slot.block for slot in slots}:
            arms = Counter(slot.arm for slot in slots if slot.block == number)
            assert arms["sessions"] == arms["questions"]


@pytest.mark.django_db
def test_the_audit_log_chains_every_act_and_names_no_address() -> None:
    person = world.consented(world.example(), T0, email="canary-audit@example.org")
    people.pause(enrolment=person, by="participant", now=T0)
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions == ["study.publish", "consent.give", "contact.change", "person.pause"]
    assert not list(broken_rows())
    assert not any("canary-audit" in f"{e.subject}{e.detail}" for e in AuditEntry.objects.all())
