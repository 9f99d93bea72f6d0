"""One study with its people for all tests of a module: each test's changes are taken back, and the cast at the end."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import clock
from config.tick import turn
from tests.hostile.cast import Cast

Outbox = Callable[[], list[EmailMessage]]


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast, made once a module; tests that use it are marked `django_db`, which takes back what they did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Cast()
        transaction.set_rollback(True)


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Outbox:
    """Everything that has been mailed so far: what is due leaves first, as it would with the next tick."""
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", str(tmp_path / "outbox")

    def mailed() -> list[EmailMessage]:
        turn(now=clock.now())
        written = sorted((tmp_path / "outbox").glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in written]

    return mailed
