"""`manage.py import_instrument FILE --from KIND --out FOLDER`: another program's questionnaire as instruments."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.importers.fhir import from_questionnaire
from assessments.importers.files import read_tree, write_all
from assessments.importers.losses import Converted, ImportFaults
from assessments.importers.redcap import from_dictionary
from assessments.importers.reproschema import from_reproschema
from protocol.dumping import yaml_text
from protocol.grammar import LANGUAGE

READERS: Mapping[str, Callable[[Path, str], Converted]] = {
    "redcap": lambda path, language: from_dictionary(path.read_bytes(), language),
    "fhir": lambda path, language: from_questionnaire(path.read_bytes(), language),
    "reproschema": lambda path, language: from_reproschema(read_tree(path), language),
}


class Command(BaseCommand):
    """Writes `ID.yaml` files; prints one JSON line `{"instruments", "losses"}`, and each loss on stderr."""

    help = (
        "Converts a REDCap data dictionary, a FHIR Questionnaire or a ReproSchema folder into instruments, and says "
        "line by line what does not come along. Nothing is written over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, what it is, and where the instruments go."""
        parser.add_argument("file", type=Path, metavar="FILE", help="for reproschema a folder, a .zip or an activity")
        parser.add_argument("--from", dest="kind", required=True, choices=list(READERS))
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a study's instruments/, say")
        parser.add_argument("--language", default="en", help="what it is written in, where it doesn't say (en)")

    def handle(self, *args: Any, file: Path, kind: str, out: Path, language: str, **options: Any) -> None:
        """Convert it; a file with faults is told with all of them, and then nothing is written."""
        _check_language(language)
        try:
            converted = READERS[kind](file, language)
        except ImportFaults as found:
            for fault in found.faults:
                self.stderr.write(str(fault))
            raise SystemExit(1) from None
        except OSError as problem:
            raise CommandError(f"{file} can't be read: {problem.strerror}.") from problem
        files = {
            out / f"{id}.yaml": [yaml_text(instrument).encode("utf-8")]
            for id, instrument in converted.instruments.items()
        }
        try:
            write_all(files)
        except OSError as problem:
            raise CommandError(f"Nothing was written: {problem}.") from problem
        for loss in converted.losses:
            self.stderr.write(str(loss))
        told = {"instruments": list(converted.instruments), "losses": len(converted.losses)}
        self.stdout.write(json.dumps(told))


def _check_language(language: str) -> None:
    if re.fullmatch(LANGUAGE, language) is None:
        raise CommandError(f"--language: {language!r}; expected a language tag such as en, de-AT or zh-Hant.")
