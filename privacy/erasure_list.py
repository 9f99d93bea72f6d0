"""Who was erased, outside the database: a backup that is put back knows nothing of erasures after it.

`DATA_DIR/erased.jsonl` holds a line a person, with study, pseudonym and date: what their tombstone says, and no more.
It is to be kept apart from the backups of the database.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

NAME = "erased.jsonl"


@dataclass(frozen=True, slots=True)
class Erased:
    """One person who was erased."""

    study: str
    pseudonym: str
    erased_at: datetime


def append(*, study: str, pseudonym: str, erased_at: datetime) -> None:
    """Adds a line, which is on the disk when this returns.

    Raises:
        OSError: The disk takes nothing; then nobody is erased either, and it can be tried again.
    """
    line = json.dumps({"study": study, "pseudonym": pseudonym, "erased_at": erased_at.isoformat()}) + "\n"
    descriptor = os.open(_path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        is_cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        # One write: lines of two processes never mix.
        os.write(descriptor, (f"\n{line}" if is_cut_off else line).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lines() -> Iterator[Erased]:
    """Everybody in the list, in the order of their erasure; nobody where there is no list.

    Raises:
        ValueError: A line is none, as after a fall of the machine; its number is said.
    """
    if not _path().exists():
        return
    text = _path().read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found = json.loads(line)
            yield Erased(found["study"], found["pseudonym"], datetime.fromisoformat(found["erased_at"]))
        except (ValueError, KeyError, TypeError) as problem:
            expected = "expected a JSON object with study, pseudonym and erased_at"
            raise ValueError(f"{_path()}, line {number}: found {line!r}; {expected}") from problem


def _path() -> Path:
    return Path(settings.DATA_DIR) / NAME
