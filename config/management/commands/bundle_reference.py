"""`manage.py bundle_reference`: every key of a study's files, as docs/bundle.md prints them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from protocol.reference import page


class Command(BaseCommand):
    """Prints the page."""

    help = "Prints the reference of the study bundle, in Markdown."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write("\n".join(page()), ending="\n")
