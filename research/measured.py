"""One questionnaire as numbers: a row a person, an item a column, and what people are told apart by.

One questionnaire at the timepoints that are asked for, and no more of a study, is read at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from assessments.branching import items_of_form
from assessments.entries import counted
from assessments.models import Administration, Answer, ScoreRow
from assessments.scoring import is_mirrored, members
from coaching.models import Study
from coaching.selectors.studies import declared
from protocol.instrument import Instrument, Item, Scheme, Score
from protocol.study import Study as Declared
from research.counts import Versions, versions_of


@dataclass(frozen=True, slots=True)
class Person:
    """Whose numbers a row holds: `key` is the same at every timepoint.

    `answered_at` is when the last answer was given; None where that is not known.
    """

    key: int
    arm: str
    language: str
    form: str
    synthetic: bool
    answered_at: datetime | None


BY: Mapping[str, Callable[[Person], str]] = {
    "arm": lambda person: person.arm,
    "language": lambda person: person.language,
    "form": lambda person: person.form,
}
BAND = "band:"
"""What people are told apart by: one of `BY`, or `band:` and a scheme's name."""

Row = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One score of one questionnaire at one timepoint.

    Attributes:
        people: Whose questionnaire is closed, in the order in which they came.
        items: The score's items, of all parallel forms.
        rows: A row a person, a number an item: turned round and weighted as the score counts it. None is missing:
            not answered, not due, or of a form that the person was not given.
        values: The score of each person, prorated where it allows that; None where it has no value.
        of_form: The items that each form asks; by the empty text all, where there are no forms.
    """

    people: tuple[Person, ...]
    items: tuple[str, ...]
    rows: tuple[Row, ...]
    values: tuple[float | None, ...]
    of_form: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A questionnaire in one of its contents, and where it is asked.

    Attributes:
        instrument: The questionnaire.
        version: n of the first version of the study with that content.
        timepoints: The steps that ask it, in the study's order.
        pair: The two of them that are compared unless told: the study's first two baselines, else the first two.
            Empty where it is asked once.
    """

    instrument: Instrument
    version: int
    timepoints: tuple[str, ...]
    pair: tuple[str, ...]


def places_of(study: Study, versions: Versions | None = None) -> list[Place]:
    """Every questionnaire that makes a score, each content once, the newest first."""
    found: dict[tuple[str, int], Place] = {}
    for version in versions or versions_of(study):
        of = declared(version)
        for name, instrument in of.instruments.items():
            key = (name, version.part_versions["instruments"][name])
            timepoints = tuple(step.id for step in of.steps() if name in of.instruments_at(step))
            if instrument.scores and timepoints and key not in found:
                found[key] = Place(instrument, key[1], timepoints, _pair(of, timepoints))
    return list(found.values())


def schemes_of(instrument: Instrument, score: Score) -> tuple[Scheme, ...]:
    """The schemes that a questionnaire names for a score; its own bands come first, as a scheme without a name."""
    own = instrument.bands.get(score.name, ())
    named = instrument.schemes.get(score.name, ())
    return (*([Scheme("", "", instrument.source, own)] if own else []), *named)


def told_apart_by(instrument: Instrument) -> list[str]:
    """All that the people who gave a questionnaire can be told apart by."""
    schemes = [scheme.name for score in instrument.scores for scheme in schemes_of(instrument, score)]
    return [*BY, *dict.fromkeys(BAND + name for name in schemes)]


def in_order(place: Place, one: str, other: str) -> tuple[str, str]:
    """Two timepoints of a questionnaire in the study's order."""
    order = place.timepoints.index
    return (one, other) if order(one) <= order(other) else (other, one)


def measured(
    study: Study, place: Place, timepoints: Sequence[str], synthetic: bool | None = None
) -> dict[str, dict[str, Measured]]:
    """Every score of a questionnaire by timepoint and by its name, in three queries.

    Erased people are not among them; the simulated alone, or the others alone, if `synthetic` says so.
    """
    scores = place.instrument.scores
    sheets = Administration.objects.filter(
        occasion__enrolment__study=study,
        occasion__enrolment__erased_at=None,
        occasion__key__in=timepoints,
        instrument=place.instrument.id,
        instrument_version=place.version,
        closed_at__isnull=False,
    )
    if synthetic is not None:
        sheets = sheets.filter(occasion__enrolment__synthetic=synthetic)
    # Of answers collected elsewhere, `finished_at` is when they were read from their file.
    whose = (
        sheets.annotate(answered_at=Max("answers__answered_at"))
        .order_by("occasion__enrolment")
        .values_list(
            "pk",
            "occasion__key",
            "occasion__enrolment",
            "occasion__enrolment__arm",
            "language",
            "form",
            "occasion__enrolment__synthetic",
            "answered_at",
        )
    )
    people: dict[str, dict[int, Person]] = {timepoint: {} for timepoint in timepoints}
    for pk, timepoint, key, arm, language, form, is_simulated, answered_at in whose:
        people[timepoint][pk] = Person(key, arm, language, form, is_simulated, answered_at)
    items = {item.id: item for item in place.instrument.items()}
    of_scores = {id for score in scores for id in members(score)}
    numbers: dict[int, dict[str, float | None]] = {pk: {} for sheet in people.values() for pk in sheet}
    answers = Answer.objects.filter(
        administration__in=sheets.order_by(), status=Answer.Status.ANSWERED, item__in=of_scores
    )
    for pk, item, value, text in answers.order_by().values_list("administration", "item", "value", "text"):
        if pk in numbers:  # a sheet that was closed since the first query
            numbers[pk][item] = counted(items[item], value, text)
    values: dict[tuple[int, str], float | None] = {
        (pk, score): value
        for pk, score, value in ScoreRow.objects.filter(administration__in=sheets.order_by())
        .order_by()
        .values_list("administration", "score", "value")
    }
    return {
        timepoint: {score.name: _of_score(place.instrument, score, sheet, numbers, values) for score in scores}
        for timepoint, sheet in people.items()
    }


def _of_score(
    instrument: Instrument,
    score: Score,
    people: Mapping[int, Person],
    numbers: Mapping[int, Mapping[str, float | None]],
    values: Mapping[tuple[int, str], float | None],
) -> Measured:
    items = {item.id: item for item in instrument.items()}
    ids = members(score)
    counts = [(id, _mirror(items[id], score, instrument), score.weights.get(id, 1)) for id in ids]
    return Measured(
        people=tuple(people.values()),
        items=ids,
        rows=tuple(tuple(_counted(numbers[pk].get(id), ends, by) for id, ends, by in counts) for pk in people),
        values=tuple(values.get((pk, score.name)) for pk in people),
        of_form={form: items_of_form(instrument, form).intersection(ids) for form in instrument.forms or ("",)},
    )


def _mirror(item: Item, score: Score, instrument: Instrument) -> float | None:
    """`min + max` of an item that is turned round; None for one that counts as it is."""
    return sum(item.ends) if item.ends is not None and is_mirrored(item, score, instrument) else None


def _counted(value: float | None, mirror: float | None, weight: float) -> float | None:
    if value is None:
        return None
    return weight * (value if mirror is None else mirror - value)


def _pair(study: Declared, timepoints: Sequence[str]) -> tuple[str, ...]:
    baselines = [key for key in timepoints if key in study.baseline]
    pair = tuple(baselines if len(baselines) > 1 else timepoints)[:2]
    return pair if len(pair) == 2 else ()
