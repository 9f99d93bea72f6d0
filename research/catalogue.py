"""Which datasets a study has, and what every column of them means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from django.db.models import Max, Q

from assessments.said_tables import GUESSES, JUDGEMENTS, SCHEME_BANDS
from assessments.tables import SCORES, responses
from coaching.models import Study
from coaching.payment_tables import PAYMENTS
from coaching.safety_tables import ADVERSE_EVENTS, SAFETY_ALERTS
from coaching.selectors.studies import declarations
from coaching.tables import (
    ARM,
    FOLLOWUPS,
    PARTICIPANT,
    SAFETY_REPORTS,
    STUDY,
    SYNTHETIC,
    group_column,
    participants,
    people,
)
from imagery.tables import TABLES as OF_SESSIONS
from imagery.tables import dose
from protocol.columns import Column, Kind, Sensitivity, Table
from protocol.study import Study as Declared
from research.flags import DECISIONS
from research.stream import rows_of


class ColumnEntry(TypedDict):
    """A column as the catalogue tells of it; `values` are all that it can take, none where they can't be listed."""

    name: str
    type: Kind
    unit: str
    description: str
    values: list[str]
    source: str
    identifying: bool
    nullable: bool
    sensitivity: Sensitivity


class DescribedDataset(TypedDict):
    """What a dataset is; `time` is the column that `since` and `until` mean."""

    name: str
    title: str
    grain: str
    time: str | None
    columns: list[ColumnEntry]


class DatasetEntry(DescribedDataset):
    """A dataset as the catalogue tells of it: also how many rows it has now."""

    rows: int


def tables(study: Study) -> dict[str, Table]:
    """Every dataset of a study by its name, in the catalogue's order."""
    every = (
        participants(study),
        responses(study),
        SCORES,
        wide(study),
        SCHEME_BANDS,
        JUDGEMENTS,
        *OF_SESSIONS,
        dose(study),
        FOLLOWUPS,
        PAYMENTS,
        SAFETY_REPORTS,
        SAFETY_ALERTS,
        ADVERSE_EVENTS,
        GUESSES,
        DECISIONS,
    )
    return {table.name: table for table in every}


def wide(study: Study) -> Table:
    """Scores with a row a person: a column for every score that any version of the study asks for."""
    return Table(
        name="wide",
        title="Scores, one row a person",
        grain="one person who consented",
        time=None,
        columns=(PARTICIPANT, STUDY, ARM, group_column(study), *_scores(study), SYNTHETIC),
        queryset=people,
        filters={"participant": "participant", "arm": "arm", "synthetic": "synthetic"},
    )


def datasets(study: Study) -> list[DatasetEntry]:
    """The catalogue: every dataset with its number of rows and its columns."""
    counts = {table.name: rows_of(table, study).count() for table in tables(study).values()}
    return [{**described, "rows": counts[described["name"]]} for described in describe(study)]


def describe(study: Study) -> list[DescribedDataset]:
    """Every dataset with its columns."""
    levels = _levels(study)
    return [
        {
            "name": table.name,
            "title": table.title,
            "grain": table.grain,
            "time": table.time,
            "columns": [_entry(table, column, levels) for column in table.columns],
        }
        for table in tables(study).values()
    ]


def entries(study: Study, table: Table) -> list[ColumnEntry]:
    """What the catalogue tells of one dataset's columns."""
    levels = _levels(study)
    return [_entry(table, column, levels) for column in table.columns]


def _entry(table: Table, column: Column, levels: Mapping[str, list[str]]) -> ColumnEntry:
    declared = levels.get(f"{table.name}.{column.name}", levels.get(column.name, []))
    return {
        "name": column.name,
        "type": column.kind,
        "unit": column.unit,
        "description": column.means,
        "values": list(column.levels) or declared,
        "source": column.source,
        "identifying": column.sensitivity != "pseudonymous",
        "nullable": column.nullable,
        "sensitivity": column.sensitivity,
    }


def _levels(study: Study) -> dict[str, list[str]]:
    """The values that columns of these names can take by what the study's versions declare, the newest's first.

    A name of the form DATASET.COLUMN is that dataset's alone.
    """
    levels: dict[str, dict[str, None]] = {}
    for declared in declarations(study).values():
        for name, values in _declared_levels(declared):
            levels.setdefault(name, {}).update(dict.fromkeys(values))
    return {name: list(values) for name, values in levels.items()}


def _declared_levels(declared: Declared) -> Iterator[tuple[str, list[str]]]:
    yield "study", [declared.slug]
    yield "arm", [arm.name for arm in declared.arms]
    yield "timepoint", [step.id for step in declared.steps()]
    yield "instrument", list(declared.instruments)
    yield "item", [item.id for each in declared.instruments.values() for item in each.items()]
    yield "script", list(declared.scripts)
    yield "stage", list(dict.fromkeys(stage.id for each in declared.scripts.values() for stage in each.stages))
    yield "score", [score.name for each in declared.instruments.values() for score in each.scores]
    banded = [bands for each in declared.instruments.values() for bands in each.bands.values()]
    yield "band", [band.label for bands in banded for band in bands]
    yield "language", list(declared.languages)
    yield "form", list(dict.fromkeys(form for each in declared.instruments.values() for form in each.forms))
    schemes = [each for of in declared.instruments.values() for named in of.schemes.values() for each in named]
    yield "scheme", list(dict.fromkeys(scheme.name for scheme in schemes))
    yield "scheme_version", list(dict.fromkeys(scheme.version for scheme in schemes))
    yield "scheme_bands.band", list(dict.fromkeys(band.label for scheme in schemes for band in scheme.bands))
    yield "guess", [*(arm.name for arm in declared.arms), "dont_know"]
    for place, group in enumerate(declared.groups):
        labels = [*(band.label for band in group.bands), "missing"]
        yield f"group_{group.name}", labels
        if place == 0:
            yield "group", labels


def _scores(study: Study) -> Iterator[Column]:
    asked = dict.fromkeys(each for declared in declarations(study).values() for each in _asked(declared))
    for timepoint, instrument, score in asked:
        yield Column(
            f"{timepoint}__{instrument}__{score}",
            "number",
            f"The value of the score {score} of {instrument} at {timepoint}, as in the dataset scores. Empty where the "
            "person didn't come to that questionnaire, it isn't over yet, or too many items were missing.",
            nullable=True,
            source=f"{timepoint}.{instrument}.{score}",
            # There is at most one row for each, so that its greatest value is its value.
            expression=Max(
                "score_rows__value",
                filter=Q(
                    score_rows__administration__occasion__key=timepoint,
                    score_rows__administration__instrument=instrument,
                    score_rows__score=score,
                ),
            ),
        )


def _asked(declared: Declared) -> Iterator[tuple[str, str, str]]:
    """Timepoint, instrument and score of everything that a version asks for, in the study's order."""
    of_arms = [step for arm in declared.arms for step in arm.steps]
    later = [step for arm in declared.arms for step in arm.later]
    for step in (*declared.before, *of_arms, *declared.after, *later):
        for instrument in declared.instruments_at(step):
            for score in declared.instruments[instrument].scores:
                yield step.id, instrument, score.name
