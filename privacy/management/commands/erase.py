"""`manage.py erase PSEUDONYM --study SLUG --reason R`: erases a person, and prints one JSON line."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import clock
from coaching.models import Enrolment
from privacy.erasure import erase
from research.writers.values import instant


class Command(BaseCommand):
    """Erases one person of one study."""

    help = "erases a person: contact, answers and texts go from every table; pseudonym and date stay"

    def add_arguments(self, parser: CommandParser) -> None:
        """What the command takes."""
        parser.add_argument("pseudonym", metavar="PSEUDONYM")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--reason", required=True, type=_reason, metavar="R", help="kept in the audit log")

    def handle(self, *args: Any, pseudonym: str, study: str, reason: str, **options: Any) -> None:
        """Erases, and prints when; of somebody who was erased before, when that was."""
        found = Enrolment.objects.filter(study__slug=study, pseudonym=pseudonym.strip().upper())
        enrolment = found.select_related("study", "version").first()
        if enrolment is None:
            raise CommandError(f"nobody in the study {study!r} has the pseudonym {pseudonym!r}")
        erased_at = erase(enrolment=enrolment, by="command", reason=reason, now=clock.now())
        self.stdout.write(json.dumps({"participant": enrolment.pseudonym, "erased_at": instant(erased_at)}))


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected some words")
    return text.strip()
