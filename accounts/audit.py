"""The audit log: who did what and when. Written in the transaction of the act itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.models import AuditEntry, User

START = "0" * 64
LOCK = 7_205_001  # any constant: the log's own advisory lock

Actor = User | str  # a member of staff, or one of ACTORS
ACTORS = ("participant", "command", "product")


def name_of(by: Actor) -> str:
    """How the log names an actor: an account's number, never its address."""
    return f"staff:{by.pk}" if isinstance(by, User) else by


def record(*, by: Actor, action: str, now: datetime, study: str = "", subject: str = "", **detail: Any) -> AuditEntry:
    """A new row at the end of the log.

    It takes the log's lock until the surrounding transaction ends, so services call it last: whoever holds it
    never waits for another lock, and no two acts can wait for each other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    # On SQLite every transaction is IMMEDIATE, so there is only one writer anyway.
    last = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first()
    entry = AuditEntry(
        at=now,
        actor=name_of(by),
        action=action,
        study=study,
        subject=subject,
        detail=json.dumps(detail, sort_keys=True, ensure_ascii=False, default=str),
        previous=last or START,
    )
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    return entry


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over the row and the digest of the row before it."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [entry.previous, at, entry.actor, entry.action, entry.study, entry.subject, entry.detail]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def broken_rows() -> Iterator[AuditEntry]:
    """Rows whose digest does not follow from their content and the row before (none in an untouched log)."""
    previous = START
    for entry in AuditEntry.objects.order_by("id").iterator():
        if entry.previous != previous or entry.digest != digest_of(entry):
            yield entry
        previous = entry.digest
