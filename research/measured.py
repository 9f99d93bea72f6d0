"""One questionnaire at one timepoint as numbers: a row a person, and what people are told apart by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.branching import items_of_form
from assessments.derived import Kept, numbers
from assessments.models import Administration, Answer, ScoreRow
from assessments.scoring import is_mirrored, members
from coaching.models import Study
from coaching.selectors.studies import declared
from protocol.study import Instrument, Score
from protocol.study import Study as Declared
from research.counts import Versions, versions_of


@dataclass(frozen=True, slots=True)
class Person:
    """Whose numbers a row holds."""

    key: int
    arm: str
    language: str
    form: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One score of one questionnaire at one timepoint.

    Attributes:
        people: In the order in which they came.
        items: The score's items.
        rows: A row a person, a number an item, all turned as the score counts them; None is missing.
        values: The score of each person; None where it has none.
    """

    people: tuple[Person, ...]
    items: tuple[str, ...]
    rows: tuple[tuple[float | None, ...], ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A questionnaire in one of its contents, and the timepoints that ask it, in the study's order."""

    instrument: Instrument
    version: int
    timepoints: tuple[str, ...]


def places_of(study: Study, versions: Versions | None = None) -> list[Place]:
    """Every questionnaire that makes a score, each content once, the newest first."""
    found: dict[tuple[str, int], Place] = {}
    for version in versions or versions_of(study):
        of = declared(version)
        for name, instrument in of.instruments.items():
            key = (name, version.part_versions["instruments"][name])
            timepoints = _timepoints(of, name)
            if instrument.scores and timepoints and key not in found:
                found[key] = Place(instrument, key[1], timepoints)
    return list(found.values())


def measured(study: Study, place: Place, timepoint: str, synthetic: bool | None) -> dict[str, Measured]:
    """Every score of a questionnaire at a timepoint, by its name; three queries, whatever the people are."""
    sheets = Administration.objects.filter(
        occasion__enrolment__study=study,
        occasion__enrolment__erased_at=None,
        occasion__key=timepoint,
        instrument=place.instrument.id,
        instrument_version=place.version,
        closed_at__isnull=False,
    )
    if synthetic is not None:
        sheets = sheets.filter(occasion__enrolment__synthetic=synthetic)
    of = sheets.order_by("occasion__enrolment").values_list(
        "pk", "occasion__enrolment", "occasion__enrolment__arm", "language", "form"
    )
    people = {pk: Person(person, arm, language, form) for pk, person, arm, language, form in of}
    kept: dict[int, list[Kept]] = {pk: [] for pk in people}
    answers = Answer.objects.filter(administration__in=sheets).order_by()
    for pk, item, status, value, text in answers.values_list("administration", "item", "status", "value", "text"):
        if pk in kept:
            kept[pk].append(Kept(item, status, value, text))
    scores: dict[tuple[int, str], float | None] = {
        (pk, score): value
        for pk, score, value in ScoreRow.objects.filter(administration__in=sheets)
        .order_by()
        .values_list("administration", "score", "value")
    }
    given = {pk: numbers(place.instrument, rows) for pk, rows in kept.items()}
    return {score.name: _of_score(place.instrument, score, people, given, scores) for score in place.instrument.scores}


def _of_score(
    instrument: Instrument,
    score: Score,
    people: Mapping[int, Person],
    given: Mapping[int, Mapping[str, float | None]],
    scores: Mapping[tuple[int, str], float | None],
) -> Measured:
    """Items of different forms stand in the same columns, in their order: each form is the same measure."""
    ends = {item.id: item.ends for item in instrument.items() if is_mirrored(item, score, instrument)}
    columns = {form: _columns(instrument, score, form) for form in {person.form for person in people.values()}}
    rows = []
    for pk, person in people.items():
        row = [_turned(given[pk].get(id), ends.get(id)) for id in columns[person.form]]
        rows.append(tuple(row))
    widest = max(columns.values(), key=len, default=members(score))
    width = len(widest)
    return Measured(
        people=tuple(people.values()),
        items=tuple(widest) if len(columns) <= 1 else tuple(f"{n}" for n in range(1, width + 1)),
        rows=tuple((*row, *(None,) * (width - len(row))) for row in rows),
        values=tuple(scores.get((pk, score.name)) for pk in people),
    )


def _columns(instrument: Instrument, score: Score, form: str) -> Sequence[str]:
    asked = items_of_form(instrument, form)
    return [id for id in members(score) if id in asked]


def _turned(value: float | None, ends: tuple[float, float] | None) -> float | None:
    return value if value is None or ends is None else ends[0] + ends[1] - value


def _timepoints(study: Declared, instrument: str) -> tuple[str, ...]:
    return tuple(step.id for step in study.steps() if instrument in step.instruments)
