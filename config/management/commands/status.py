"""`manage.py status`: how the product itself is doing, as one JSON line."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand

import clock
from config.workings import workings


class Command(BaseCommand):
    """Prints what the page of workers shows; ends with 1 when somebody should look."""

    help = "Prints how ticks, messages, queues and disk are doing, as one JSON line; ends with 1 when a tick is late."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        found = workings(now=clock.now())
        tick = found.tick
        line = {
            "at": _said(found.now),
            "tick": {"at": _said(tick.at), "took_ms": tick.took_ms, "counts": tick.counts, "place": tick.place}
            if tick
            else None,
            "lag_s": found.lag_s,
            "late": found.is_late,
            "held": found.is_held,
            "due": found.messages.due,
            "oldest_due_at": _said(found.messages.oldest_due_at),
            "uncertain": found.messages.uncertain,
            "failed_24h": found.messages.failed,
            "broker": found.broker,
            "queues": {
                queue.name: {"depth": queue.depth, "heard_at": _said(queue.heard_at), "place": queue.place}
                for queue in found.queues
            },
            "tzdata": found.tzdata,
            "zone_rules_differ": found.rules_differ,
            "disk_free_bytes": found.disk_free,
        }
        self.stdout.write(json.dumps(line))
        if found.is_late or found.is_held:
            raise SystemExit(1)


def _said(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
