"""How the product itself is doing: its ticks, messages, queues and disk. The page of workers and `status` say it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import redis
from django.conf import settings

from coaching.models import Heartbeat
from coaching.selectors.running import QUEUE, RESTORED, TICK, Outgoing, outgoing, signs_of_life
from coaching.services.running import tzdata

LATE_TICKS = 3
"""After how many lengths of a tick without one the last is late."""
BROKER_PATIENCE_S = 1
QUEUE_LATE_S = 180
"""After how long without a sign nobody seems to take from a queue: it is asked for one each minute, with a tick."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """One queue of the broker.

    Attributes:
        name: As workers are given it (`-Q`).
        depth: How many tasks wait in it; None while the broker does not answer.
        heard_at: When a worker last took something from it; None before the first time.
        place: That worker's machine and process.
    """

    name: str
    depth: int | None
    heard_at: datetime | None
    place: str


@dataclass(frozen=True, slots=True)
class Workings:
    """How everything stands.

    Attributes:
        now: By the product's clock.
        tick: The last tick's sign of life; None before the first.
        lag_s: How long ago it began.
        is_late: Whether that is longer than three lengths of a tick, or never.
        messages: What is due, in doubt and not taken.
        broker: `none` where there is none to ask, `ok`, or `away`.
        queues: Each queue; empty without a broker.
        is_held: Whether nothing is sent, for the database was put back from a backup.
        tzdata: The version of the zone rules of this process.
        zone_rules: The version that each part named last, by the part's name.
        disk_free: Bytes that are free where files lie.
    """

    now: datetime
    tick: Heartbeat | None
    lag_s: int | None
    is_late: bool
    messages: Outgoing
    broker: Literal["none", "ok", "away"]
    queues: tuple[QueueStatus, ...]
    is_held: bool
    tzdata: str
    zone_rules: dict[str, str]
    disk_free: int

    @property
    def rules_differ(self) -> bool:
        """Whether two parts go by different rules of time zones, so that due times depend on who works them out."""
        return len({self.tzdata, *self.zone_rules.values()}) > 1


def workings(*, now: datetime) -> Workings:
    """How everything stands now; waits a second for a broker that does not answer, and no longer."""
    signs = signs_of_life()
    tick = signs.get(TICK)
    lag_s = round((now - tick.at).total_seconds()) if tick else None
    depths = _depths() if settings.REDIS_URL else {}
    queues = [_queue(name, depths, signs) for name in settings.QUEUES] if settings.REDIS_URL else []
    return Workings(
        now=now,
        tick=tick,
        lag_s=lag_s,
        is_late=lag_s is None or lag_s > LATE_TICKS * settings.TICK_S,
        messages=outgoing(now=now),
        broker="none" if not settings.REDIS_URL else "away" if depths is None else "ok",
        queues=tuple(queues),
        is_held=RESTORED in signs,
        tzdata=tzdata(),
        zone_rules={name: row.tzdata for name, row in signs.items() if row.tzdata},
        disk_free=shutil.disk_usage(settings.DATA_DIR).free,
    )


def _queue(name: str, depths: dict[str, int] | None, signs: dict[str, Heartbeat]) -> QueueStatus:
    sign = signs.get(QUEUE.format(name))
    depth = None if depths is None else depths[name]
    return QueueStatus(name, depth, sign.at if sign else None, sign.place if sign else "")


def _depths() -> dict[str, int] | None:
    """How many tasks wait in each queue; None when the broker does not say."""
    patience = {"socket_timeout": BROKER_PATIENCE_S, "socket_connect_timeout": BROKER_PATIENCE_S}
    broker = redis.Redis.from_url(settings.REDIS_URL, **patience)
    try:
        # One journey for all of them: a silent broker is waited for once.
        with broker.pipeline(transaction=False) as asked:
            for name in settings.QUEUES:
                asked.llen(name)
            return dict(zip(settings.QUEUES, asked.execute(), strict=True))
    except (redis.RedisError, OSError):
        return None
    finally:
        broker.close()
