"""`manage.py bounces`: mails that came back hold the addresses that they came back from."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from coaching.delivery_reports import MOST_BYTES
from coaching.services.bounces import take


class Command(BaseCommand):
    """Reads delivery reports and complaints, and prints one JSON line a mail: what it led to."""

    help = "Reads mails that came back (from stdin, files, folders or Maildirs); reading one twice is reading it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the mails."""
        parser.add_argument("paths", nargs="*", metavar="PATH", help="a mail, a folder of mails, or a Maildir")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take each mail in."""
        for name, raw in self._mails([Path(path) for path in options["paths"]]):
            outcome, participant = take(raw, now=clock.now())
            self.stdout.write(json.dumps({"mail": name, "outcome": outcome, "participant": participant}))

    def _mails(self, paths: list[Path]) -> Iterator[tuple[str, bytes]]:
        if not paths:
            yield "-", sys.stdin.buffer.read(MOST_BYTES)
        for path in paths:
            if not path.exists():
                raise CommandError(f"found nothing at {path}; expected a mail, a folder of mails, or a Maildir")
            for file in _files(path):
                with file.open("rb") as mail:
                    yield file.name, mail.read(MOST_BYTES)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    # What a Maildir holds under tmp is not whole yet.
    folders = [path / name for name in ("new", "cur") if (path / name).is_dir()] or [path]
    return sorted(file for folder in folders for file in folder.iterdir() if file.is_file())
