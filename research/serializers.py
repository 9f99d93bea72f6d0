"""The shapes of the API's answers, as its own description (OpenAPI) tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from assessments.tables import RESPONSES, SCORES
from coaching.models import Study
from coaching.tables import ARM, PARTICIPANT, STUDY, SYNTHETIC, columns
from imagery.tables import TABLES as OF_SESSIONS
from protocol.columns import Column, Kind

_JSON_TYPES: Mapping[Kind, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "scalar": {"type": ["number", "string"]},
}
_LINK = {"type": ["string", "null"], "format": "uri"}


def row_schema(described: Iterable[Column]) -> dict[str, Any]:
    """The JSON Schema of a row with these columns; further columns may follow."""
    return {
        "type": "object",
        "properties": {column.name: _property(column) for column in described},
        "required": [column.name for column in described],
        "additionalProperties": True,
    }


def page_schema() -> dict[str, Any]:
    """The JSON Schema of a page of rows of any dataset, by the columns that every study has."""
    datasets = {
        "participants": columns({}),
        "responses": RESPONSES.columns,
        "scores": SCORES.columns,
        "wide": (PARTICIPANT, STUDY, ARM, SYNTHETIC),
        **{table.name: table.columns for table in OF_SESSIONS},
    }
    rows = [{"title": name, **row_schema(described)} for name, described in datasets.items()]
    return {
        "type": "object",
        "properties": {
            "next": {**_LINK, "description": "The address of the next page; null on the last."},
            "previous": {**_LINK, "description": "The address of the page before; null on the first."},
            "results": {"type": "array", "items": {"anyOf": rows}},
        },
        "required": ["next", "previous", "results"],
    }


def _property(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {**_JSON_TYPES[column.kind], "description": column.means}
    if column.nullable:
        types = described["type"] if isinstance(described["type"], list) else [described["type"]]
        described["type"] = [*types, "null"]
    if column.levels:
        described["enum"] = [*column.levels, *([None] if column.nullable else [])]
    return described


class FaultSerializer(serializers.Serializer[Any]):
    """One thing wrong in a request."""

    where = serializers.CharField()
    found = serializers.CharField()
    expected = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class RootSerializer(serializers.Serializer[Any]):
    """Where to go on."""

    studies = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()


class StudySerializer(serializers.Serializer[Any]):
    """A study as a token sees it."""

    slug = serializers.CharField()
    title = serializers.CharField(help_text="In the study's first language.")
    languages = serializers.ListField(child=serializers.CharField())
    timezone = serializers.CharField()
    version = serializers.IntegerField(help_text="The newest version, which newcomers consent to.")
    state = serializers.ChoiceField(Study.State.values, help_text="Where it stands in its life; open lets people in.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="What the token may read now.")
    url = serializers.URLField()
    datasets = serializers.URLField()
    codebook = serializers.URLField()
    flow = serializers.URLField()
    reliability = serializers.URLField()
    tombstones = serializers.URLField()
    contacts = serializers.URLField()


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of a dataset."""

    name = serializers.CharField()
    type = serializers.CharField(help_text="text, integer, number, boolean, time, or scalar (numbers and texts)")
    unit = serializers.CharField()
    description = serializers.CharField()
    values = serializers.ListField(
        child=serializers.CharField(), help_text="All that it can take; empty where they can't be listed."
    )
    source = serializers.CharField()  # type: ignore[assignment]
    identifying = serializers.BooleanField(help_text="Whether a person might be recognised by it; free texts count.")
    nullable = serializers.BooleanField()
    sensitivity = serializers.CharField(help_text="pseudonymous, identifying or free_text")


class DatasetSerializer(serializers.Serializer[Any]):
    """A dataset of the catalogue."""

    name = serializers.CharField()
    title = serializers.CharField()
    grain = serializers.CharField(help_text="What one row stands for.")
    rows = serializers.IntegerField()
    time = serializers.CharField(allow_null=True, help_text="The column that since and until mean.")
    columns = ColumnSerializer(many=True)


class CodebookSerializer(serializers.Serializer[Any]):
    """The catalogue, and what the study asks and scores."""

    study = serializers.CharField()
    title = serializers.CharField()
    versions = serializers.IntegerField()
    language = serializers.CharField()
    conventions = serializers.ListField(child=serializers.CharField())
    datasets = DatasetSerializer(many=True)
    timepoints = serializers.ListField(child=serializers.DictField())
    groups = serializers.ListField(child=serializers.DictField())
    instruments = serializers.ListField(child=serializers.DictField())
    scripts = serializers.ListField(child=serializers.DictField())


class ArmFlowSerializer(serializers.Serializer[Any]):
    """How many people of an arm stand where."""

    allocated = serializers.IntegerField()
    started = serializers.IntegerField(help_text="Began at least one step after allocation.")
    completed = serializers.IntegerField(help_text="No step is open or can still open, and they had not left.")
    missed = serializers.IntegerField(help_text="Missed at least one required step.")
    withdrawn = serializers.IntegerField()


class FlowSerializer(serializers.Serializer[Any]):
    """How many people stand where: `assessed` = the sum of `excluded` + `unfinished` + `consented`."""

    invited = serializers.IntegerField()
    assessed = serializers.IntegerField(help_text="Came to the door.")
    excluded = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By the first question that was not met, or missed:STEP for people excluded after consent.",
    )
    unfinished = serializers.IntegerField(help_text="Began at the door and neither consented nor were excluded.")
    consented = serializers.IntegerField(help_text="Those excluded afterwards are not among them.")
    allocated = serializers.IntegerField()
    arms = serializers.DictField(child=ArmFlowSerializer())


class TombstoneSerializer(serializers.Serializer[Any]):
    """A person who was erased."""

    participant = serializers.CharField()
    erased_at = serializers.DateTimeField()


class ContactSerializer(serializers.Serializer[Any]):
    """Where a person can be reached, and what other systems call them."""

    participant = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    external_ids = serializers.DictField(child=serializers.CharField())
