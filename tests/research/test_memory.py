"""The memory that a file takes does not grow with its rows."""

from __future__ import annotations

import tracemalloc

import pyarrow as pa
import pytest

import clock
from coaching.models import Enrolment, StudyVersion
from coaching.services.people import LETTERS
from research.catalogue import tables
from research.stream import file_blocks
from research.writers import FORMATS
from tests import world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.alone]

FEW, MANY = 52_000, 110_000  # both more than a row group of Parquet
GROWTH_BYTES = 5_000_000


def crowd(version: StudyVersion, upto: int) -> None:
    """People who consented, numbered in the alphabet of pseudonyms, until there are `upto` of them."""
    now = clock.now()
    for start in range(Enrolment.objects.count(), upto, 5_000):
        Enrolment.objects.bulk_create(
            Enrolment(
                study=version.study,
                version=version,
                pseudonym="".join(LETTERS[(n >> shift) % 16] for shift in (20, 16, 12, 8, 4, 0)),
                timezone="Europe/London",
                language="en",
                consented_at=now,
            )
            for n in range(start, min(start + 5_000, upto))
        )


def peak_bytes(version: StudyVersion, file_format: str) -> tuple[int, int]:
    """The most that Python and Arrow held at once while a file was read, and the file's length."""
    table = tables(version.study)["participants"]
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    length = sum(len(block) for block in file_blocks(table, version.study, FORMATS[file_format]))
    peak = tracemalloc.get_traced_memory()[1] + pool.max_memory()
    tracemalloc.stop()
    pa.set_memory_pool(usual)
    return peak, length


def test_twice_the_rows_take_no_more_memory() -> None:
    version = world.tiny()
    crowd(version, FEW)
    few = {name: peak_bytes(version, name) for name in FORMATS}
    crowd(version, MANY)
    for name in FORMATS:
        peak, length = peak_bytes(version, name)
        print(f"{name}: {few[name][0] / 1e6:.1f} MB for {FEW}, {peak / 1e6:.1f} MB for {MANY} ({length / 1e6:.1f} MB)")
        assert length > 2 * few[name][1]
        assert peak < few[name][0] + GROWTH_BYTES, name
