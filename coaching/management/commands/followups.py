"""`manage.py followups`: what would be sent, and what became of what was planned."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coaching.selectors.followups import foreseen, messages_of_real_people


class Command(BaseCommand):
    """Prints JSON lines; sends and changes nothing."""

    help = "Prints, as JSON lines, what would be due by an instant (--at … --dry-run), or every message (--status)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which of the two lists is wanted."""
        parser.add_argument("--at", metavar="ISO8601", help="an instant with its offset, such as 2027-03-01T09:00:00Z")
        parser.add_argument("--dry-run", action="store_true", help="list what is unsent and due by --at; sends nothing")
        parser.add_argument("--status", action="store_true", help="list every message and where it stands")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one of the lists."""
        if options["status"] == options["dry_run"] or bool(options["at"]) != options["dry_run"]:
            raise CommandError("expected either --status, or --at ISO8601 with --dry-run")
        lines = self._status() if options["status"] else self._foreseen(_instant(options["at"]))
        for line in lines:
            self.stdout.write(json.dumps(line))

    def _status(self) -> list[dict[str, Any]]:
        return [
            {
                "participant": message.enrolment.pseudonym,
                "timepoint": message.timepoint,
                "kind": message.kind,
                "n": message.n,
                "state": message.state,
                "due_at": _utc(message.due_at),
                "sent_at": _utc(message.sent_at),
                "attempts": message.attempts,
            }
            for message in messages_of_real_people()
        ]

    def _foreseen(self, at: datetime) -> list[dict[str, Any]]:
        return [
            {
                "participant": each.participant,
                "timepoint": each.timepoint,
                "kind": each.kind,
                "n": each.n,
                "due_at": _utc(each.due_at),
                "local": each.local.isoformat(timespec="seconds"),
                "why": each.why,
            }
            for each in foreseen(at)
        ]


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--at: found {text!r}; expected an instant such as 2027-03-01T09:00:00Z") from error
    if at.tzinfo is None:
        raise CommandError(f"--at: found {text!r} without an offset; expected one, such as 2027-03-01T09:00:00Z")
    return at.astimezone(UTC)


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
