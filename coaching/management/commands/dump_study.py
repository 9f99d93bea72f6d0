"""`manage.py dump_study SLUG PATH`: a study's latest version as a bundle that loads again without a change."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coaching.models import Study
from coaching.selectors.studies import opener_of
from protocol.bundle import write_bundle


class Command(BaseCommand):
    """Writes the bundle and prints one JSON line."""

    help = "Writes a study's latest version as a bundle: a folder, or a zip where PATH ends in .zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study and where to write."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("path", type=Path, metavar="PATH", help="an empty or new folder, or a new .zip")

    def handle(self, *args: Any, slug: str, path: Path, **options: Any) -> None:
        """Write it; what is there already is never written over."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study {slug!r}.")
        version = study.versions.latest("n")
        try:
            write_bundle(version.content, opener_of(version), path)
        except (OSError, ValueError) as problem:
            raise CommandError(f"Nothing was written: {problem}") from problem
        self.stdout.write(json.dumps({"study": slug, "version": version.n}))
