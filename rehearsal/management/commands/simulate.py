"""`manage.py simulate SLUG --participants N --seed S [--start DATE]`: synthetic people, as one JSON line of counts."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import clock
from coaching.models import Study
from coaching.selectors.studies import latest_version
from rehearsal.services import BadStart, simulate

MOST = 1_000_000


class Command(BaseCommand):
    """Fills a study with synthetic people."""

    help = "adds synthetic people to a study: same seed, same people; again with the same seed, nothing is added"

    def add_arguments(self, parser: CommandParser) -> None:
        """What the command takes."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--participants", type=_count, required=True, metavar="N")
        parser.add_argument("--seed", required=True, metavar="S")
        parser.add_argument("--start", type=_day, metavar="DATE", help="the first day on which people come")

    def handle(self, *args: Any, slug: str, participants: int, seed: str, start: date | None, **options: Any) -> None:
        """Simulates, tells its progress on stderr, and prints the counts."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"no study has the slug {slug!r}")
        version = latest_version(study)
        try:
            done = simulate(
                version=version,
                participants=participants,
                seed=seed,
                start=start,
                now=clock.now(),
                by="command",
                progress=self._teller(),
            )
        except BadStart as problem:
            raise CommandError(f"--start {problem}: what has not come yet is not simulated") from problem
        counts = {**asdict(done), "start": done.start.isoformat()}
        self.stdout.write(json.dumps({"study": slug, "version": version.n, "seed": seed, **counts}))

    def _teller(self) -> Callable[[int, int], None]:
        began = time.monotonic()

        def tell(done: int, of: int) -> None:
            rate = done / max(time.monotonic() - began, 0.001)
            self.stderr.write(f"{done} of {of} people, {rate:.0f} a second", lambda line: line)

        return tell


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 to {MOST}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a date such as 2026-03-01") from problem
