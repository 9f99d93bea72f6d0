"""`manage.py rescore SLUG`: every score of a study made again from its answers, with what differed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from assessments.selectors import people_with_scores
from assessments.services import rescore
from coaching.models import Study


class Command(BaseCommand):
    """Prints a JSON line for each value that was another, and one at the end: `{"people", "questionnaires", …}`."""

    help = "Makes every score, band and change of a study again from its answers; prints what differed, as JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        """Make them again, one person after the other: stopped half-way, the next call goes on with the rest."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study {slug!r}.")
        people = questionnaires = differences = 0
        for enrolment in people_with_scores(study):
            done = rescore(enrolment=enrolment, now=clock.now())
            people, questionnaires = people + 1, questionnaires + done.questionnaires
            differences += len(done.differences)
            for each in done.differences:
                self.stdout.write(json.dumps(each))
        told = {"people": people, "questionnaires": questionnaires, "differences": differences}
        self.stdout.write(json.dumps(told))
