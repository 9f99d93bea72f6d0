"""`manage.py retention [--dry-run]`: removes what was kept for as long as studies said, and prints a JSON line each."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

import clock
from privacy import retention
from research.writers.values import instant


class Command(BaseCommand):
    """Does by hand what the tick does once a day."""

    help = "removes contact details and drafts whose time is over; --dry-run only lists them"

    def add_arguments(self, parser: CommandParser) -> None:
        """What the command takes."""
        parser.add_argument("--dry-run", action="store_true", help="list what is over, remove nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Lists what is over; then removes it, but for answers, which are for people to decide about."""
        now = clock.now()
        for each in list(retention.due(now=now)):
            row = {"study": each.study, "participant": each.participant or None, "what": each.what}
            self.stdout.write(json.dumps(row | {"until": instant(each.until)}))
        if not dry_run:
            retention.forget(now=now, by="command")
