"""`manage.py export_instrument SLUG ID --to KIND --out PATH`: instruments for another program, and answers for FHIR."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from assessments.importers.fhir import (
    Given,
    Scored,
    Sitting,
    to_bundle,
    to_observations,
    to_questionnaire,
    to_response,
)
from assessments.importers.files import write_all
from assessments.importers.losses import Json, Loss
from assessments.importers.redcap import to_dictionary
from assessments.importers.reproschema import to_reproschema
from assessments.models import Administration, Answer
from coaching.models import Enrolment, StudyVersion
from protocol.errors import listed

Pieces = dict[Path, Iterable[bytes]]
# Marks records of nobody real, as FHIR marks them.
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported: instruments of one version of a study, by their id."""

    version: StudyVersion
    instruments: dict[str, Json]
    languages: list[str]
    out: Path

    @property
    def slug(self) -> str:
        """The study's."""
        return self.version.study.slug


class Command(BaseCommand):
    """Writes the files; prints one JSON line `{"study", "version", "instruments", "files", "losses", "people"}`."""

    help = (
        "Writes instruments of a study's newest version as a REDCap data dictionary, a FHIR Questionnaire or a "
        "ReproSchema protocol, and says line by line what they don't hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, the instruments, what they become and where they go."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument(
            "instruments", nargs="+", metavar="INSTRUMENT", help="one id; for redcap and reproschema more"
        )
        parser.add_argument("--to", dest="kind", required=True, choices=list(_WRITERS))
        parser.add_argument(
            "--out", type=Path, required=True, metavar="PATH", help="a new file; for reproschema a folder"
        )
        parser.add_argument("--language", help="the language that comes first, or alone where there is but one")
        parser.add_argument(
            "--answers", action="store_true", help="fhir: everybody's answers and scores too, in PATH.answers.ndjson"
        )

    def handle(
        self,
        *args: Any,
        slug: str,
        instruments: list[str],
        kind: str,
        out: Path,
        language: str | None,
        answers: bool,
        **options: Any,
    ) -> None:
        """Write them; what is there already is never written over."""
        order = _order(slug, instruments, language, out)
        if kind == "fhir" and len(order.instruments) > 1:
            raise CommandError("A Questionnaire is one instrument; expected one INSTRUMENT with --to fhir.")
        if answers and kind != "fhir":
            raise CommandError(f"--answers goes with --to fhir; the answers of {kind} are the study's export.")
        files, losses = _WRITERS[kind](order)
        people = _People(order) if answers else None
        if people is not None:
            files[out.with_name(f"{out.stem}.answers.ndjson")] = people.lines()
        try:
            write_all(files)
        except OSError as problem:
            raise CommandError(f"Nothing was written: {problem}.") from problem
        for loss in losses:
            self.stderr.write(str(loss))
        told = {
            "study": slug,
            "version": order.version.n,
            "instruments": list(order.instruments),
            "files": len(files),
            "losses": len(losses),
        }
        self.stdout.write(json.dumps(told | ({"people": people.count} if people is not None else {})))


def _order(slug: str, ids: list[str], language: str | None, out: Path) -> Order:
    version = StudyVersion.objects.select_related("study").filter(study__slug=slug).order_by("-n").first()
    if version is None:
        raise CommandError(f"There is no study {slug!r}.")
    content: Json = json.loads(version.content)
    unknown = [id for id in ids if id not in content["instruments"]]
    if unknown:
        known = listed(content["instruments"]) if content["instruments"] else "a study that has some"
        raise CommandError(f"{slug} has no instrument {unknown[0]!r}; expected {known}.")
    languages: list[str] = content["study"]["languages"]
    if language is not None and language not in languages:
        raise CommandError(f"--language: {language!r} is none of the study's; expected {listed(languages)}.")
    ordered = [language, *(tag for tag in languages if tag != language)] if language else languages
    return Order(version, {id: content["instruments"][id] for id in ids}, ordered, out)


# --- the three kinds -------------------------------------------------------------------------------------------------


def _redcap(order: Order) -> tuple[Pieces, tuple[Loss, ...]]:
    dictionary, losses = to_dictionary(order.instruments, order.languages[0])
    return {order.out: [dictionary]}, losses


def _fhir(order: Order) -> tuple[Pieces, tuple[Loss, ...]]:
    ((id, instrument),) = order.instruments.items()
    resource, losses = to_questionnaire(
        instrument, url=_address(order.slug, id), version=str(_version_of(order.version, id)), languages=order.languages
    )
    return {order.out: [_document(resource)]}, losses


def _reproschema(order: Order) -> tuple[Pieces, tuple[Loss, ...]]:
    title = json.loads(order.version.content)["study"]["title"]
    documents, losses = to_reproschema(
        order.instruments,
        protocol=order.slug,
        title=title,
        version=str(order.version.n),
        languages=order.languages,
    )
    return {order.out / path: [_document(document)] for path, document in documents.items()}, losses


_WRITERS: Mapping[str, Callable[[Order], tuple[Pieces, tuple[Loss, ...]]]] = {
    "redcap": _redcap,
    "fhir": _fhir,
    "reproschema": _reproschema,
}


def _document(value: Json) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _address(slug: str, instrument: str) -> str:
    """The canonical address of a questionnaire: it names it, and need not open."""
    return f"{settings.PUBLIC_URL}/fhir/Questionnaire/{slug}-{instrument}"


def _version_of(version: StudyVersion, instrument: str) -> int:
    """The first version of the study that had this content of the questionnaire, as responses name it."""
    return int(version.part_versions.get("instruments", {}).get(instrument, version.n))


# --- answers ---------------------------------------------------------------------------------------------------------


class _People:
    """Writes a bundle of each person who was given the questionnaire; one is in memory at a time."""

    def __init__(self, order: Order) -> None:
        self.count = 0
        self._order = order
        (self._id,) = order.instruments
        self._instrument = cache(self._read_instrument)

    def lines(self) -> Iterator[bytes]:
        for enrolment, given in groupby(self._administrations(), key=lambda each: each.occasion.enrolment):
            self.count += 1
            resources = [resource for administration in given for resource in self._resources(administration)]
            tagged = [_tagged(resource, enrolment) for resource in resources]
            bundle = to_bundle(tagged, f"{self._order.slug}.{self._id}.{enrolment.pseudonym}")
            yield json.dumps(bundle, ensure_ascii=False).encode("utf-8") + b"\n"

    def _administrations(self) -> Iterator[Administration]:
        found: QuerySet[Administration] = Administration.objects.filter(
            instrument=self._id,
            occasion__enrolment__study=self._order.version.study,
            occasion__enrolment__erased_at=None,
        )
        return (
            found.select_related("occasion__enrolment")
            .prefetch_related("answers", "scores")
            .order_by("occasion__enrolment_id", "occasion__place", "pk")
            .iterator(chunk_size=500)
        )

    def _read_instrument(self, n: int) -> Json:
        content = StudyVersion.objects.values_list("content", flat=True).get(study=self._order.version.study, n=n)
        instrument: Json = json.loads(content)["instruments"][self._id]
        return instrument

    def _resources(self, administration: Administration) -> list[Json]:
        instrument = self._instrument(administration.instrument_version)
        answers = list(administration.answers.all())
        sitting = self._sitting(administration, answers)
        language = administration.language or self._order.languages[0]
        given = {answer.item: Given(answer.status, answer.value, answer.text) for answer in answers}
        scores = [
            Scored(row.score, row.value, row.items_answered, row.items_missing, row.prorated, row.band)
            for row in sorted(administration.scores.all(), key=lambda row: row.pk)
        ]
        return [
            to_response(instrument, given, sitting, languages=[language]),
            *to_observations(instrument, scores, sitting, language=language),
        ]

    def _sitting(self, administration: Administration, answers: list[Answer]) -> Sitting:
        instants = [answer.answered_at for answer in answers if answer.answered_at is not None]
        at = administration.finished_at or max(instants, default=None)
        return Sitting(
            questionnaire=f"{_address(self._order.slug, self._id)}|{administration.instrument_version}",
            participant=administration.occasion.enrolment.pseudonym,
            study=f"{settings.PUBLIC_URL}/fhir/studies/{self._order.slug}",
            timepoint=administration.occasion.key,
            authored=_instant(at) if at is not None else "",
            status=_status(administration),
        )


def _status(administration: Administration) -> Literal["completed", "in-progress", "stopped"]:
    if administration.finished_at is not None:
        return "completed"
    return "in-progress" if administration.closed_at is None else "stopped"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tagged(resource: Json, enrolment: Enrolment) -> Json:
    return resource | {"meta": {"tag": [TEST_DATA]}} if enrolment.synthetic else resource
