"""A file is what the database was when it was begun, whatever happens while it is read, and leaves nothing behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

import clock
from coaching.models import Enrolment, Study, StudyVersion
from coaching.services.people import new_pseudonym
from research import stream, writers
from research.catalogue import tables
from research.stream import Blocks, file_blocks
from research.writers import FORMATS
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 60


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> StudyVersion:
    """A study of sixty, read three rows at a time."""
    monkeypatch.setattr(stream, "BATCH_ROWS", 3)
    version = world.tiny()
    crowd(version, PEOPLE)
    return version


def crowd(version: StudyVersion, n: int) -> None:
    Enrolment.objects.bulk_create(
        Enrolment(
            study=version.study,
            version=version,
            pseudonym=new_pseudonym(),
            timezone="UTC",
            language="en",
            consented_at=clock.now(),
        )
        for _ in range(n)
    )


def begun(study: Study) -> Blocks:
    """A file of JSON Lines, a block a batch of rows."""
    return file_blocks(tables(study)["participants"], study, FORMATS["jsonl"])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    original = writers.in_blocks
    monkeypatch.setattr("research.writers.jsonl.in_blocks", lambda pieces: original(pieces, size=1))


def people(blocks: Iterator[bytes]) -> list[str]:
    return [json.loads(line)["participant"] for line in b"".join(blocks).splitlines()]


@pytest.mark.usefixtures("small_blocks")
def test_what_changes_while_a_file_is_read_is_not_in_it(version: StudyVersion) -> None:
    before = list(Enrolment.objects.order_by("pk").values_list("pseudonym", flat=True))
    blocks = begun(version.study)
    first = next(blocks)
    crowd(version, 5)
    Enrolment.objects.filter(pseudonym__in=before[-5:]).update(erased_at=clock.now())
    Enrolment.objects.filter(pseudonym=before[-6]).update(paused_at=clock.now())
    content = first + b"".join(blocks)
    assert people(iter([content])) == before
    assert b"paused" not in content
    assert len(people(begun(version.study))) == PEOPLE


@pytest.mark.usefixtures("small_blocks")
def test_nobody_waits_for_a_slow_reader(version: StudyVersion) -> None:
    """Writers go on while somebody reads a file slowly, from another thread than it was begun in."""
    blocks = begun(version.study)
    next(blocks)
    world.consented(version)
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.extend(blocks))
    thread.start()
    thread.join()
    assert len(people(iter(read))) == PEOPLE - 3
    assert not connection.in_atomic_block


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("already_read", [0, 1, PEOPLE])
def test_whoever_leaves_early_leaves_no_query_behind(
    version: StudyVersion, monkeypatch: pytest.MonkeyPatch, already_read: int
) -> None:
    opened: list[BaseDatabaseWrapper] = []
    copied = connection.copy

    def copy() -> BaseDatabaseWrapper:
        opened.append(copied())
        return opened[-1]

    monkeypatch.setattr(connections["default"], "copy", copy)
    blocks = begun(version.study)
    for _ in range(already_read):
        next(blocks, b"")
    blocks.close()
    [own] = opened
    assert own.connection is None
