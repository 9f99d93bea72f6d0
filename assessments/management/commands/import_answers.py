"""`manage.py import_answers SLUG FILE.csv`: answers that were collected elsewhere, all of a file or nothing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import clock
from assessments.answer_file import Read, header_of, read_answers
from assessments.answer_map import AnswerFaults, Map, read_map
from assessments.services import import_answers
from coaching.models import Study
from coaching.selectors.studies import declared, latest_version
from protocol.errors import Fault, listed
from protocol.instrument import Instrument
from protocol.nodes import plain, read_yaml
from protocol.study import Study as Declared


class Command(BaseCommand):
    """Stores a file of answers, and prints one JSON line: `{"people", "created", "answers"}`."""

    help = "Imports answers from a CSV file: a row a person, a column an item. Prints one JSON line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, what it answers and when, and how its columns are called."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--instrument", required=True, metavar="ID", help="the questionnaire that was answered")
        parser.add_argument("--timepoint", required=True, metavar="STEP", help="the step at which it was")
        parser.add_argument("--map", type=Path, metavar="MAP.yaml", help="which column is what")
        parser.add_argument("--create", action="store_true", help="enrol unknown people as imported")

    def handle(
        self, *args: Any, slug: str, file: Path, instrument: str, timepoint: str, map: Path | None, **options: Any
    ) -> None:
        """Import it."""
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study {slug!r}.")
        version = latest_version(study)
        described = _instrument(declared(version), instrument, timepoint)
        try:
            read = _read(file, map, described, declared(version).languages)
            imported = import_answers(
                version=version,
                instrument=instrument,
                timepoint=timepoint,
                rows=read.rows,
                columns=read.columns,
                creates=options["create"],
                by="command",
                now=clock.now(),
            )
        except AnswerFaults as found:
            for fault in found.faults:
                self.stderr.write(fault)
            raise SystemExit(1) from None
        if read.passed_over:
            self.stderr.write(f"Not read, since the map names nothing for it: {listed(read.passed_over, 'and')}.")
        told = {"people": imported.people, "created": imported.created, "answers": imported.answers}
        self.stdout.write(json.dumps(told))


def _instrument(study: Declared, instrument: str, timepoint: str) -> Instrument:
    step = next((step for step in study.steps() if step.id == timepoint), None)
    if step is None:
        raise CommandError(
            f"--timepoint: the study has no step {timepoint!r}; expected {listed(step.id for step in study.steps())}."
        )
    if instrument not in step.instruments:
        expected = listed(step.instruments) if step.instruments else "a step with questionnaires"
        raise CommandError(f"--instrument: {timepoint} does not ask {instrument!r}; expected {expected}.")
    return study.instruments[instrument]


def _read(file: Path, map: Path | None, instrument: Instrument, languages: tuple[str, ...]) -> Read:
    content = _bytes(file)
    mapped = Map() if map is None else read_map(_yaml(map), header_of(content), instrument)
    return read_answers(content, instrument, mapped, languages)


def _yaml(path: Path) -> object:
    faults: list[Fault] = []
    node = read_yaml(_bytes(path), path.name, faults.append)
    if node is None or faults:
        raise AnswerFaults([str(fault) for fault in faults])
    return plain(node)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise CommandError(f"{path} can't be read: {problem.strerror}.") from problem
