"""`manage.py load_study PATH`: a study's files become a version of it, or their faults are told."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, transaction

import clock
from coaching.models import StudyVersion
from coaching.services.studies import publish
from protocol.bundle import Bundle, BundleFaults, read_bundle


class Command(BaseCommand):
    """Publishes a bundle, or with `--check` says what publishing it would answer; prints one JSON line."""

    help = "Loads a study bundle (a folder or a .zip); prints one JSON line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the bundle's path."""
        parser.add_argument("path", type=Path, metavar="PATH", help="a folder or a .zip")
        parser.add_argument("--check", action="store_true", help="only look for faults; nothing is stored")

    def handle(self, *args: Any, path: Path, check: bool, **options: Any) -> None:
        """Load or check it; every fault goes to stderr as `file:line: message`, and then nothing is stored."""
        try:
            bundle = read_bundle(path)
        except BundleFaults as found:
            for fault in found.faults:
                self.stderr.write(str(fault))
            raise SystemExit(1) from None
        n: int | None
        is_new: bool | None
        if check:
            n, is_new = self._would_be(bundle)
        else:
            version, is_new = publish(bundle, by="command", now=clock.now())
            n = version.n
        self.stdout.write(json.dumps({"study": bundle.study.slug, "version": n, "changed": is_new}))

    def _would_be(self, bundle: Bundle) -> tuple[int, bool] | tuple[None, None]:
        """As `_would_be`; nothing of it is known without a database, which the files themselves need not."""
        try:
            with transaction.atomic():
                return _would_be(bundle)
        except DatabaseError:
            self.stderr.write(
                "The files have no fault. Which version they would be is not known: no database is ready here. "
                "`manage.py migrate` makes one ready."
            )
            return None, None


def _would_be(bundle: Bundle) -> tuple[int, bool]:
    """The version that publishing would answer with, and whether it would be new."""
    versions = StudyVersion.objects.filter(study__slug=bundle.study.slug)
    latest = versions.order_by("-n").values_list("n", "digest").first() or (0, "")
    return (latest[0], False) if latest[1] == bundle.digest else (latest[0] + 1, True)
