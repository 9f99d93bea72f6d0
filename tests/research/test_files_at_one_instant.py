"""A file is what the database was when it was begun, whatever happens while it is read, and leaves nothing behind."""

from __future__ import annotations

import csv
import io
import json
import threading
import time

import pyarrow.parquet as pq
import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

import clock
from coaching.models import Enrolment, Occasion, Study, StudyVersion
from coaching.services.people import new_pseudonym
from imagery.models import Report, SessionRun
from research import stream, writers
from research.catalogue import tables
from research.stream import Blocks, file_blocks
from research.writers import FORMATS, parquet
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 60


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> StudyVersion:
    """A study of sixty, read three rows at a time."""
    monkeypatch.setattr(stream, "BATCH_ROWS", 3)
    monkeypatch.setattr(stream, "COPIED_ROWS", 3)
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


def begun(study: Study, file_format: str = "jsonl", dataset: str = "participants") -> Blocks:
    """A file, a block a batch of rows."""
    return file_blocks(tables(study)[dataset], study, FORMATS[file_format])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    original = writers.in_blocks
    for name in ("csv", "jsonl", "parquet"):
        monkeypatch.setattr(f"research.writers.{name}.in_blocks", lambda pieces, size=1: original(pieces, size=1))
    monkeypatch.setattr(parquet, "GROUP_ROWS", 3)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[BaseDatabaseWrapper]:
    """The connections that are made for files."""
    opened: list[BaseDatabaseWrapper] = []
    copied = connection.copy

    def copy() -> BaseDatabaseWrapper:
        opened.append(copied())
        return opened[-1]

    monkeypatch.setattr(connections["default"], "copy", copy)
    return opened


def people(content: bytes, file_format: str = "jsonl") -> list[str]:
    if file_format == "parquet":
        return pq.read_table(io.BytesIO(content))["participant"].to_pylist()  # type: ignore[no-any-return]
    if file_format == "csv":
        return [line["participant"] for line in csv.DictReader(io.StringIO(content.decode(), newline=""))]
    return [json.loads(line)["participant"] for line in content.splitlines()]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_changes_while_a_file_is_read_is_not_in_it(version: StudyVersion, file_format: str) -> None:
    before = list(Enrolment.objects.order_by("pk").values_list("pseudonym", flat=True))
    blocks = begun(version.study, file_format)
    first = next(blocks)
    crowd(version, 5)
    Enrolment.objects.filter(pseudonym__in=before[-5:]).update(erased_at=clock.now())
    Enrolment.objects.filter(pseudonym=before[-6]).update(paused_at=clock.now())
    content = first + b"".join(blocks)
    assert people(content, file_format) == before
    assert b"paused" not in content
    assert len(people(b"".join(begun(version.study, file_format)), file_format)) == PEOPLE


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", FORMATS)
def test_nobody_waits_for_a_slow_reader(version: StudyVersion, file_format: str) -> None:
    """Writers go on while somebody reads a file slowly, from another thread than it was begun in."""
    blocks = begun(version.study, file_format)
    read = [next(blocks)]
    world.consented(version)
    thread = threading.Thread(target=lambda: read.extend(blocks))
    thread.start()
    thread.join()
    assert len(people(b"".join(read), file_format)) == PEOPLE
    assert not connection.in_atomic_block


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("already_read", [0, 1, PEOPLE * 3])
def test_whoever_leaves_early_leaves_no_query_behind(
    version: StudyVersion, opened: list[BaseDatabaseWrapper], already_read: int, file_format: str
) -> None:
    blocks = begun(version.study, file_format)
    for _ in range(already_read):
        next(blocks, b"")
    blocks.close()
    [own] = opened
    assert own.connection is None


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", FORMATS)
def test_a_query_that_still_has_much_to_send_ends_too(
    version: StudyVersion, opened: list[BaseDatabaseWrapper], caplog: pytest.LogCaptureFixture, file_format: str
) -> None:
    long_texts(version, 40)
    blocks = begun(version.study, file_format, "reports")
    assert open_files() in {1, None}
    assert next(blocks)
    blocks.close()
    [own] = opened
    assert own.connection is None
    deadline = time.monotonic() + 10
    while open_files() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not open_files()
    assert caplog.messages == []


def test_inside_a_transaction_its_connection_goes_on_at_once(version: StudyVersion) -> None:
    long_texts(version, 4)
    with transaction.atomic():
        blocks = begun(version.study, "csv", "reports")
        assert next(blocks)
        assert Enrolment.objects.count() == PEOPLE
        blocks.close()
        assert Enrolment.objects.count() == PEOPLE


def long_texts(version: StudyVersion, n: int) -> None:
    """Texts of a megabyte, far more of them than lie on the way between two programs."""
    now, someone = clock.now(), Enrolment.objects.order_by("pk")[0]
    occasion = Occasion.objects.create(enrolment=someone, key="s", kind="imagery", place=9, due_at=now, opens_at=now)
    run = SessionRun.objects.create(occasion=occasion, attempt=1, script="s", script_version=1, started_at=now)
    Report.objects.bulk_create(
        Report(run=run, stage=f"s{i}", place=i, text="word " * 200_000, words=1, after_reveal=False, written_at=now)
        for i in range(n)
    )


def open_files() -> int | None:
    """How many connections with a snapshot of their own the database server has; None where there is no server."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start IS NOT NULL"
        )
        return int(cursor.fetchone()[0])
