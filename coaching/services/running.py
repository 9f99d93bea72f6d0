"""Signs of life: a row for each part of the product that goes on by itself, overwritten by its next sign."""

from __future__ import annotations

import importlib.metadata
import os
import socket
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

from django.db import transaction

from coaching.models import Heartbeat
from coaching.selectors.running import QUEUE, TICK

INSTALLATION = "installation"
"""Names the database itself, in `place`: the same in every copy of it, and in no other."""
# `restored` is there from the moment in which a restore was noticed until `after_restore` was run.


def installation(*, now: datetime) -> str:
    """The database's own name; given to it the first time that somebody asks."""
    row, _ = Heartbeat.objects.get_or_create(name=INSTALLATION, defaults={"at": now, "place": uuid.uuid4().hex})
    return row.place


@transaction.atomic
def count_turn(*, now: datetime) -> int:
    """The number of the turn that begins, from 1; two that begin at once never have the same."""
    return _number_turn(lambda last: last + 1, now=now)


@transaction.atomic
def continue_after(*, turn: int, now: datetime) -> int:
    """Lets the next turn have a higher number than `turn`, whatever the database knows of turns; the number reached."""
    return _number_turn(lambda last: max(last, turn), now=now)


def _number_turn(number: Callable[[int], int], *, now: datetime) -> int:
    Heartbeat.objects.get_or_create(name=TICK, defaults={"at": now})
    row = Heartbeat.objects.select_for_update().get(name=TICK)
    row.counts = {**row.counts, "turn": number(turn_of(row))}
    row.at, row.place, row.tzdata = now, place(), tzdata()
    row.save(update_fields=["counts", "at", "place", "tzdata"])
    return turn_of(row)


def turn_of(row: Heartbeat | None) -> int:
    """The number of the last turn that a tick's row knows of; 0 before the first."""
    return int(row.counts.get("turn", 0)) if row is not None else 0


@transaction.atomic
def note_turn(*, took_ms: int, counts: Mapping[str, int]) -> None:
    """What the turn that ends did, and how long it took."""
    row = Heartbeat.objects.select_for_update().filter(name=TICK).first()
    if row is not None:
        row.took_ms, row.counts = took_ms, {**counts, "turn": turn_of(row)}
        row.save(update_fields=["took_ms", "counts"])


def note_queue(name: str, *, now: datetime) -> None:
    """Somebody works on that queue."""
    values = {"at": now, "place": place(), "tzdata": tzdata()}
    Heartbeat.objects.update_or_create(name=QUEUE.format(name), defaults=values)


def place() -> str:
    """This machine and process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


@cache
def tzdata() -> str:
    """The version of the time zone rules that this process goes by: the pinned package's."""
    return importlib.metadata.version("tzdata")
