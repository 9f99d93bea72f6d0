"""`manage.py rehearse BUNDLE [--people 40] [--seed S]`: a study played to its end in a database of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from coaching.selectors.studies import declared
from coaching.services.studies import publish
from config.settings.environment import child_environment
from config.tick import turn
from privacy.erasure import erase
from protocol.bundle import BundleFaults, read_bundle
from rehearsal.rehearse import rehearse
from rehearsal.rehearse_table import lines_of

MOST = 400
START = datetime(2027, 3, 1, 8, tzinfo=UTC)
"""Four weeks before clocks go forward in Europe, so that most studies are rehearsed over that night."""
INTERRUPTED = 130


class Command(BaseCommand):
    """Plays a study with people of every manner, and says what nothing accounts for."""

    help = (
        "plays a study to its end with simulated people, by the real services, in a database of its own: a table, and "
        "exit 1 where a message or a window is not accounted for"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the bundle; `--within` is how the command calls itself in a process of its own."""
        parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a folder or a .zip")
        parser.add_argument("--people", type=_count, default=40, metavar="N", help="how many people (40)")
        parser.add_argument("--seed", default="1", metavar="S", help="any text: other people with another one")
        parser.add_argument("--within", type=Path, help=SUPPRESS)

    def handle(self, *args: Any, bundle: Path, people: int, seed: str, within: Path | None, **options: Any) -> None:
        """Start the rehearsal in a process whose settings name a database, a data folder and a sink of its own."""
        if within is not None:
            self._rehearse(bundle, people, seed, within)
            return
        folder = Path(tempfile.mkdtemp(prefix="potoo-rehearsal-"))
        own = child_environment(
            DATABASE_URL=f"sqlite:///{folder}/rehearsal.sqlite3",
            DATA_DIR=str(folder),
            PUBLIC_URL="http://127.0.0.1:8000",
            # Other settings may name a data folder for themselves, and that one's mails are not a rehearsal's.
            DJANGO_SETTINGS_MODULE="config.settings.base",
            **dict.fromkeys(
                ("REDIS_URL", "EMAIL_URL", "SMS_URL", "CLOCK", "DEBUG", "SECRET_KEY", "DATA_KEY", "VAPID_KEY"), ""
            ),
        )
        command = [sys.executable, "manage.py", "rehearse", str(bundle.absolute()), "--within", str(folder)]
        try:
            status = subprocess.run(  # noqa: S603 - our own interpreter with our own arguments
                [*command, "--people", str(people), "--seed", seed], cwd=settings.BASE_DIR, env=own, check=False
            ).returncode
        except KeyboardInterrupt:
            status = INTERRUPTED
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if status:
            raise SystemExit(status)

    def _rehearse(self, path: Path, people: int, seed: str, folder: Path) -> None:
        try:
            bundle = read_bundle(path)
        except BundleFaults as found:
            for fault in found.faults:
                self.stderr.write(str(fault))
            raise SystemExit(1) from None
        with connection.cursor() as cursor:
            # Nothing of it outlives the command, so nothing waits for the disk.
            cursor.execute("PRAGMA synchronous=OFF")
        call_command("migrate", verbosity=0)
        version, _ = publish(bundle, by="command", now=START)
        try:
            done = rehearse(
                version=version,
                people=people,
                seed=seed,
                start=START,
                turn=turn,
                erase=erase,
                sink=folder / "outbox",
                progress=self._tell,
            )
        except KeyboardInterrupt:
            self.stderr.write("\nStopped. Nothing is kept of it.")
            raise SystemExit(INTERRUPTED) from None
        if self.stderr.isatty():
            self.stderr.write("")
        for line in lines_of(done, declared(version)):
            self.stdout.write(line)
        if done.unexplained:
            raise SystemExit(1)

    def _tell(self, now: datetime, through: int, people: int) -> None:
        """One line that is written over, and only where somebody watches."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{now:%d %B %Y}, {through} of {people} people are through ", ending="")
            self.stderr.flush()


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"{text!r}: expected a whole number from 1 to {MOST}")
    return int(text)
