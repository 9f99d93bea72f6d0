"""`manage.py demo`: the demonstration study, filled, with a link for each kind of reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import clock
from protocol.bundle import BundleFaults
from rehearsal.demo import prepare


class Command(BaseCommand):
    """Makes what is missing of the demonstration and prints its doors."""

    help = "loads the demonstration study with simulated people, keeps what is there, and prints new links"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line a door, and where they are served."""
        if not settings.IS_LOOPBACK:
            raise CommandError("PUBLIC_URL: the demonstration's accounts are for a machine of one's own alone")
        try:
            doors = prepare(bundle=Path(settings.BASE_DIR) / "studies" / "potoo-demo", now=clock.now())
        except BundleFaults as faults:
            raise CommandError("\n".join(str(fault) for fault in faults.faults)) from faults
        self.stdout.write(f"Researcher: {doors.researcher}")
        self.stdout.write(f"Coach: {doors.coach}")
        self.stdout.write(f"Participant: {doors.participant}")
        self.stdout.write(f"All of it is at {settings.PUBLIC_URL}")
