"""A database that was put back from a backup: it believes that nothing was sent since, and must not send it again.

Beside the database, in `DATA_DIR/turns`, lie the number of the last turn and the last message that was handed over, in
files of the database's own name. A database that knows of fewer turns, or of fewer attempts at that message, is older
than what was sent. Then nothing is sent until somebody ran `manage.py after_restore`.
"""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor, record
from coaching.models import Heartbeat, Message
from coaching.selectors.running import RESTORED, TICK
from coaching.services import running

FOLDER = "turns"
SUSPECT = (*Message.UNSENT, Message.State.HANDING_OVER)
REASON = "restored"
OWN = (running.INSTALLATION, TICK, RESTORED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the database: the last turn's number, the last message's key and attempt."""

    turn: int
    key: str
    attempt: int


def is_held(*, now: datetime) -> bool:
    """Whether nothing may be sent, for the database was put back from a backup. Once seen, it is kept in it."""
    rows = {row.name: row for row in Heartbeat.objects.filter(name__in=OWN)}
    if RESTORED in rows:
        return True
    if running.INSTALLATION not in rows:
        return False
    last = _read(rows[running.INSTALLATION].place)
    is_older = last.turn > running.turn_of(rows.get(TICK)) and _knows_fewer_turns(last)
    is_older = is_older or _knows_fewer_attempts(last)
    if is_older:
        Heartbeat.objects.get_or_create(name=RESTORED, defaults={"at": now, "place": running.place()})
    return is_older


def _knows_fewer_turns(last: _Beside) -> bool:
    """Asked once more: another turn may have begun between the look at the database and that at the file."""
    return last.turn > running.turn_of(Heartbeat.objects.filter(name=TICK).first())


def _knows_fewer_attempts(last: _Beside) -> bool:
    """Whether the last message handed over was attempted less often than that; of one that is gone nothing is known."""
    return bool(last.key) and Message.objects.filter(key=last.key, attempts__lt=last.attempt).exists()


def begin_turn(*, now: datetime) -> bool:
    """Whether a turn may begin; it is counted then, in the database and beside it."""
    if is_held(now=now):
        log.error("The database is older than what was sent: nothing is sent until `manage.py after_restore` was run")
        return False
    name, turn = running.installation(now=now), running.count_turn(now=now)
    _write(name, ".turn", str(turn))
    return True


def note_sent(*, message_id: int, now: datetime) -> None:
    """Notes beside the database that a message was handed over."""
    row = Message.objects.filter(pk=message_id).values_list("key", "attempts").first()
    if row is not None:
        _write(running.installation(now=now), ".sent", f"{row[0].hex} {row[1]}")


def doubt_unsent(*, since: datetime | None, now: datetime) -> int:
    """Names every unsent message `uncertain` that was due by now, and since then if given; how many.

    Without `since`, however long ago they were due: what waited for an hour, or for a mail server, may have left after
    the backup too.
    """
    rows = Message.objects.filter(state__in=SUSPECT, due_at__lte=now, enrolment__synthetic=False)
    if since is not None:
        rows = rows.filter(due_at__gte=since)
    return rows.update(state=Message.State.UNCERTAIN, reason=REASON)


@transaction.atomic
def release(*, uncertain: int, erased: int, by: Actor, now: datetime) -> None:
    """Lets turns begin again; how many messages and people that concerned goes into the audit log."""
    name = running.installation(now=now)
    turn = running.continue_after(turn=_read(name).turn, now=now)
    Heartbeat.objects.filter(name=RESTORED).delete()
    _write(name, ".sent", "")
    _write(name, ".turn", str(turn))
    record(by=by, action="product.restored", now=now, uncertain=uncertain, erased=erased)


def _read(name: str) -> _Beside:
    """What the two files say; zeros where there are none."""
    folder = Path(settings.DATA_DIR) / FOLDER
    turn = _text(folder / f"{name}.turn")
    key, _, attempt = _text(folder / f"{name}.sent").partition(" ")
    return _Beside(int(turn) if turn.isdecimal() else 0, key, int(attempt) if attempt.isdecimal() else 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _write(name: str, suffix: str, text: str) -> None:
    """Replaces one of the files as a whole. A disk that takes nothing keeps no message from leaving."""
    folder = Path(settings.DATA_DIR) / FOLDER
    half = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half.write_text(text, encoding="ascii")
        os.replace(half, folder / f"{name}{suffix}")
    except OSError as problem:
        with suppress(OSError):
            half.unlink()
        log.warning("The sign of life beside the database can't be written (%s)", type(problem).__name__)
