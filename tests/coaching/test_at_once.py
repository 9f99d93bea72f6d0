"""Arrivals at once, from connections of their own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

import clock
from accounts.audit import broken_rows
from coaching.models import AllocationSlot, Enrolment, Screening
from coaching.services import people
from coaching.services.occasions import complete_occasion, record_measure
from tests import world

AT_ONCE = 20


def _all_at_once(acts: list[Callable[[], object]]) -> None:
    """Runs each act in a thread, and so on a connection, of its own; the first error of any is raised."""
    gate, errors = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            with connection.cursor():
                gate.wait(30)
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


@pytest.mark.django_db(transaction=True)
def test_twenty_people_allocated_at_once_leave_every_block_balanced_and_no_slot_skipped_or_shared() -> None:
    version, now = world.example(), clock.now()
    crowd = [world.consented(version, now) for _ in range(AT_ONCE)]
    for n, person in enumerate(crowd):
        record_measure(
            enrolment=person, timepoint="baseline", instrument="scenes_4", values={"total": (4, 7, 12)[n % 3]}, now=now
        )

    def complete(person: Enrolment) -> Callable[[], object]:
        occasion = world.occasion(person, "baseline")
        return lambda: complete_occasion(occasion=occasion, now=now)

    _all_at_once([complete(person) for person in crowd])

    taken = AllocationSlot.objects.filter(taken_at__isnull=False)
    assert taken.count() == AT_ONCE
    assert taken.values("enrolment").distinct().count() == AT_ONCE
    for slots in _by_list():
        assert [slot.position for slot in slots] == list(range(1, len(slots) + 1))
        given = [slot.taken_at is not None for slot in slots]
        assert given == sorted(given, reverse=True), "a place was skipped"
        for block in {slot.block for slot in slots}:
            arms = Counter(slot.arm for slot in slots if slot.block == block)
            assert arms["sessions"] == arms["questions"]
        assert abs(sum((slot.arm == "sessions") - (slot.arm == "questions") for slot in slots if slot.taken_at)) <= 2
    for person in crowd:
        fresh = world.fresh(person)
        assert fresh.arm == fresh.allocation_slot.arm


@pytest.mark.django_db(transaction=True)
def test_one_person_completing_from_twenty_connections_is_allocated_once() -> None:
    person = world.consented(world.example(), clock.now())
    occasion = world.occasion(person, "baseline")
    _all_at_once([lambda: complete_occasion(occasion=occasion, now=clock.now())] * AT_ONCE)
    assert AllocationSlot.objects.filter(taken_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_consent_form_posted_from_twenty_connections_is_one_person() -> None:
    version = world.tiny()

    def consent() -> None:
        now = clock.now()
        screening = people.begin_screening(study=version.study, now=now, key="the-same-form")
        people.consent(
            version=version,
            agreed={"take_part"},
            language="en",
            eligibility={},
            external_ids={},
            now=now,
            screening=screening,
        )

    _all_at_once([consent] * AT_ONCE)
    assert (Enrolment.objects.count(), Screening.objects.count()) == (1, 1)
    assert not list(broken_rows())


def _by_list() -> list[list[AllocationSlot]]:
    slots = AllocationSlot.objects.order_by("list", "position")
    return [[s for s in slots if s.list_id == list_id] for list_id in sorted({s.list_id for s in slots})]
