"""`manage.py check_scripts PATH_OR_SLUG`: how long scripts take, how they read, and whether controls match."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coaching.models import StudyVersion
from coaching.selectors.studies import declared
from imagery.matching import differences, profile
from imagery.wording import Found, imagining, judging, presuming, reading, texts
from protocol.bundle import BundleFaults, read_bundle
from protocol.script import Script
from protocol.study import Study

MOST_WORDS = 20
"""The longest sentence that passes; 15 words is what a script aims at, and its line says how many the longest has."""

Line = dict[str, Any]


class Command(BaseCommand):
    """Prints one JSON line a script and language, and on stderr what keeps a script from being used as it is."""

    help = (
        "Measures the scripts of a bundle or of a study's newest version: minutes, words, reading grade, words that "
        "presume seeing, and where a control differs from its script. Ends with 1 where a control differs or a "
        f"sentence has more than {MOST_WORDS} words."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the bundle or the study."""
        parser.add_argument("what", metavar="PATH_OR_SLUG", help="a folder, a .zip, or the slug of a loaded study")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Measure every script in every language; a bundle with faults is told with all of them."""
        try:
            study = _study(what)
        except BundleFaults as found:
            for fault in found.faults:
                self.stderr.write(str(fault))
            raise SystemExit(1) from None
        is_sound = True
        for script in study.scripts.values():
            for language in study.languages:
                line = _line(script, study, language)
                self.stdout.write(json.dumps(line, ensure_ascii=False))
                for lack in _lacks(line):
                    is_sound = False
                    self.stderr.write(f"{script.slug}, {language}: {lack}")
        if not is_sound:
            raise SystemExit(1)


def _study(what: str) -> Study:
    """The study in the files at a path, or else the newest version of the study with that slug."""
    path = Path(what)
    if path.exists():
        return read_bundle(path).study
    version = StudyVersion.objects.filter(study__slug=what).order_by("-n").first()
    if version is None:
        raise CommandError(f"{what!r} is neither a file nor a study; expected a folder, a .zip or a study's slug.")
    return declared(version)


def _line(script: Script, study: Study, language: str) -> Line:
    read = texts(script, language)
    whole = reading("\n\n".join(text for _, text in read), language)
    line: Line = {
        "script": script.slug,
        "language": language,
        "purpose": script.purpose,
        **{name: _rounded(value) for name, value in asdict(profile(script, language)).items()},
        "words_a_sentence": _rounded(whole.words_a_sentence),
        "longest_sentence": whole.longest,
        "grade": _rounded(whole.grade),
        "flagged": [
            {"stage": where, "word": found.word, "why": found.why}
            for where, text in read
            for found in _flagged(script, text, language)
        ],
        "layers": list(script.layers()),
    }
    if script.matched_to is not None:
        differing = differences(script, study.scripts[script.matched_to], language)
        line["matched_to"] = script.matched_to
        line["differences"] = [
            {name: _rounded(value) for name, value in asdict(difference).items()} for difference in differing
        ]
    return line


def _flagged(script: Script, text: str, language: str) -> Iterator[Found]:
    yield from presuming(text, language)
    yield from judging(text, language)
    if script.purpose == "control":
        yield from imagining(text, language)


def _lacks(line: Line) -> Iterator[str]:
    if line["longest_sentence"] > MOST_WORDS:
        yield f"a sentence of {line['longest_sentence']} words; expected at most {MOST_WORDS}"
    for unlike in line.get("differences", ()):
        of = "" if unlike["open"] is None else f" with {unlike['open']} layers open"
        yield (
            f"{unlike['what']} {unlike['control']:g}{of}; expected {unlike['script']:g} within "
            f"{unlike['tolerance']:g}, as {line['matched_to']} has"
        )


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value
