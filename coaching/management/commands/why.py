"""`manage.py why PSEUDONYM STEP --study SLUG`: why a step of one person is due when it is."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

import clock
from coaching.explanation import Explained
from coaching.models import Study
from coaching.person_pages import own_now
from coaching.selectors.people import people_in
from coaching.selectors.why import why
from coaching.why_words import sentences
from coaching.windows import zone


class Command(BaseCommand):
    """Prints the chain from the step's anchor to its end; changes nothing."""

    help = "Says why a step of one person is due when it is: a sentence a line, or with --json one JSON object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose step it is."""
        parser.add_argument("pseudonym", metavar="PSEUDONYM")
        parser.add_argument("step", metavar="STEP", help="the step's id, as in an export's timepoint")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="one JSON object: the links and the sentences")

    def handle(self, *args: Any, pseudonym: str, step: str, **options: Any) -> None:
        """Print it."""
        slug = options["study"]
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"no study has the slug {slug!r}")
        person = people_in(study).filter(pseudonym=pseudonym.upper()).first()
        if person is None:
            raise CommandError(f"{slug}: nobody has the pseudonym {pseudonym!r}")
        if person.consented_at is None:
            raise CommandError(f"{person}: has not consented, so nothing is planned yet")
        told = why(person, step, own_now(person, clock.now()))
        if told is None:
            known = ", ".join(person.occasions.order_by("place").values_list("key", flat=True))
            raise CommandError(f"{person}: found step {step!r}; expected one of {known}")
        where = zone(person.timezone)

        def at(instant: datetime) -> str:
            return instant.astimezone(where).isoformat(sep=" ", timespec="minutes")

        with translation.override("en"):
            said = sentences(told, at=at, named=str)
        if options["json"]:
            self.stdout.write(json.dumps(_object(told, person.pseudonym, said)))
            return
        self.stdout.write(f"{person.pseudonym} {told.step.id}: {told.planned.state}")
        for sentence in said:
            self.stdout.write(f"  {sentence}")


def _object(told: Explained, participant: str, said: list[str]) -> dict[str, Any]:
    planned = told.planned
    times = {name: getattr(planned, name) for name in ("due_at", "opens_at", "closes_at", "settled_at")}
    return {
        "participant": participant,
        "timepoint": told.step.id,
        "state": planned.state,
        **{name: _plain(value) for name, value in times.items()},
        "links": [
            {"kind": link.kind, **{name: _plain(value) for name, value in link.values.items()}} for link in told.links
        ],
        "words": said,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
