"""Queries that are made into SQL once give what the query sets themselves would."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    FilteredRelation,
    Model,
    Q,
    QuerySet,
    UUIDField,
)
from django.test.utils import CaptureQueriesContext

import clock
from coaching.models import Enrolment, Measure, Occasion
from coaching.prepared import Prepared, Slot
from coaching.selectors.people import enrolments
from coaching.services.occasions import record_measure
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Enrolment:
    person = world.consented(world.example())
    record_measure(enrolment=person, timepoint="pre", instrument="one", values={"total": 4.5}, now=clock.now())
    return person


def _held(found: Model) -> dict[str, Any]:
    """Every loaded field of an object."""
    return {name: value for name, value in vars(found).items() if name != "_state"}


def _alike(query: Prepared[Any], plain: QuerySet[Any], **values: Any) -> list[Any]:
    found, expected = query.all(**values), list(plain)
    assert [_held(each) for each in found] == [_held(each) for each in expected]
    assert expected
    return found


def test_objects_and_what_is_joined_to_them_are_the_same(person: Enrolment) -> None:
    query = Prepared(lambda: enrolments().filter(pk=Slot("id", BigIntegerField())))
    (found,) = _alike(query, enrolments().filter(pk=person.pk), id=person.pk)
    assert found.version.digest == person.version.digest  # type: ignore[union-attr]
    assert (found.study, found.get_deferred_fields()) == (person.study, set())
    assert found.version.get_deferred_fields() == {"content"}


def test_uuids_times_and_texts_are_asked_for_as_the_database_keeps_them(person: Enrolment) -> None:
    query = Prepared(
        lambda: Occasion.objects.filter(
            public_id=Slot("id", UUIDField()),
            kind=Slot("kind", CharField()),
            opens_at__lte=Slot("now", DateTimeField()),
        )
    )
    first = person.occasions.filter(opens_at__isnull=False).first()
    assert first is not None
    assert first.opens_at is not None
    asked = {"id": first.public_id, "kind": first.kind, "now": first.opens_at}
    assert query.first(**asked) == first
    assert query.first(**asked | {"now": first.opens_at - dt.timedelta(seconds=1)}) is None
    assert query.first(**asked | {"id": uuid4()}) is None


def test_each_asking_has_its_own_values_and_one_statement(person: Enrolment) -> None:
    other = world.consented(person.version)  # type: ignore[arg-type]
    query = Prepared(lambda: Enrolment.objects.filter(pk=Slot("id", BigIntegerField())))
    with CaptureQueriesContext(connection) as asked:
        assert [query.first(id=each.pk) for each in (person, other, person)] == [person, other, person]
    assert len(asked) == 3


def test_what_was_not_found_of_a_join_is_left_unset(person: Enrolment) -> None:
    relation = FilteredRelation("measures", condition=Q(measures__timepoint=Slot("at", CharField())))
    query = Prepared(
        lambda: (
            Enrolment.objects.filter(pk=Slot("id", BigIntegerField()))  # type: ignore[misc]
            .annotate(measure=relation)
            .select_related("measure")
        )
    )
    (found,) = query.all(id=person.pk, at="pre")
    assert found.measure == Measure.objects.get()  # type: ignore[attr-defined]
    (found,) = query.all(id=person.pk, at="nowhere")
    assert not hasattr(found, "measure")


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_over_its_own_connection() -> None:
    person = world.consented(world.example())
    query = Prepared(lambda: Occasion.objects.filter(enrolment=Slot("who", BigIntegerField())).order_by("place"))
    expected, found = query.all(who=person.pk), []

    def ask() -> None:
        found.append(query.all(who=person.pk))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [expected] * 3
