"""`manage.py messages SLUG|PATH`: every message that a study would send, as Markdown or a page."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coaching.message_plan import as_html, as_markdown, plan_of
from coaching.models import Study
from coaching.selectors.studies import declared, latest_version
from protocol.bundle import BundleFaults, read_bundle
from protocol.study import Study as Declared


class Command(BaseCommand):
    """Prints the messages of a study; sends and changes nothing."""

    help = "Prints every message that a study would send: of its newest version, or of a bundle that is not loaded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study and the format."""
        parser.add_argument("study", metavar="SLUG|PATH", help="a study's slug, or a bundle (a folder or a .zip)")
        parser.add_argument("--format", choices=("md", "html"), default="md", help="Markdown (default) or a page")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them; a bundle's faults go to stderr as `file:line: message`."""
        plan = plan_of(self._study(options["study"]))
        self.stdout.write(as_html(plan) if options["format"] == "html" else as_markdown(plan))

    def _study(self, named: str) -> Declared:
        path = Path(named)
        # A folder of the study's name beside it is no reason to read that: a path says that it is one.
        study = None if path.suffix == ".zip" or len(path.parts) > 1 else Study.objects.filter(slug=named).first()
        if study is not None:
            return declared(latest_version(study))
        if not path.exists():
            raise CommandError(f"found {named!r}; expected the slug of a study, or the path of a bundle")
        try:
            return read_bundle(path).study
        except BundleFaults as found:
            for fault in found.faults:
                self.stderr.write(str(fault))
            raise SystemExit(1) from None
