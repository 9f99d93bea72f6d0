"""`manage.py study SLUG [open|pause|close]`: where a study stands in its life, or its next step."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from coaching.models import Study
from coaching.services.studies import StateFault, set_state

ACTS = {"open": Study.State.OPEN, "pause": Study.State.PAUSED, "close": Study.State.CLOSED}


class Command(BaseCommand):
    """Opens, pauses or closes a study; prints one JSON line `{"study", "state", "changed"}`."""

    help = "Says where a study stands, or opens, pauses or closes it; prints one JSON line. Closed is for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study and what to do."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("act", nargs="?", choices=list(ACTS), help="without it nothing is changed")

    def handle(self, *args: Any, slug: str, act: str | None, **options: Any) -> None:
        """Do it, or only say."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study {slug!r}.")
        try:
            is_changed = act is not None and set_state(study=study, state=ACTS[act], by="command", now=clock.now())
        except StateFault as fault:
            raise CommandError(f"{slug}: {fault}.") from fault
        self.stdout.write(json.dumps({"study": slug, "state": study.state, "changed": is_changed}))
