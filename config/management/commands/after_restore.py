"""`manage.py after_restore`: lets a database that was put back from a backup go on, and send nothing again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from coaching.services import restoring
from coaching.services.occasions import advance_due
from config.tick import CLOSERS
from privacy.erasure import erase_again


class Command(BaseCommand):
    """Names uncertain what may have been sent since the backup, erases again, and prints counts as one JSON line."""

    help = (
        "After a restore: what may have been sent since the backup becomes uncertain, who was erased since is erased "
        "again, and the ticks go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--since`."""
        parser.add_argument(
            "--since",
            metavar="ISO",
            help="only messages due since then, such as 2027-03-01T09:00:00Z (default: all that are due and unsent)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and print what was done."""
        since = _instant(options["since"]) if options["since"] else None
        now = clock.now()
        try:
            erased = erase_again(now=now)
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        uncertain = restoring.doubt_unsent(since=since, now=now)
        # What the schedule lays out anew of the time since the backup may have been sent then, too.
        advance_due(now=now, closers=CLOSERS)
        uncertain += restoring.doubt_unsent(since=since, now=now)
        restoring.release(by="command", now=now, uncertain=uncertain, erased=erased)
        self.stdout.write(json.dumps({"uncertain": uncertain, "erased_again": erased}))


def _instant(text: str) -> datetime:
    expected = f"--since: found {text!r}; expected an instant with its zone, such as 2027-03-01T09:00:00Z"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(expected) from problem
    if instant.tzinfo is None:
        raise CommandError(expected)
    return instant
