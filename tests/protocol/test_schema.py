"""The published JSON Schemas say what the checker does, as far as a schema can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from protocol import definitions
from protocol.definitions import of_instrument, of_item, of_script, of_study
from protocol.kinds import Reading
from protocol.nodes import plain, read_yaml
from protocol.records import Record
from protocol.schema import instrument_schema, script_schema, study_schema
from tests.protocol.bundles import ALL_KINDS, EXAMPLE, FAULTS, PROGRAMME, RECORDED, Row, example, rows_of

SCHEMAS = {"study.yaml": study_schema(), "instruments": instrument_schema(), "scripts": script_schema()}
RECORDS = {"study.yaml": definitions.study, "instruments": definitions.instrument, "scripts": definitions.script}
ROWS = [(path.stem, row) for path in sorted(FAULTS.glob("*.txt")) for row in rows_of(path)]
IN_YAML = [(stem, row) for stem, row in ROWS if row.file.endswith(".yaml")]

# Of the shape of a file, what a schema can't say: which zones there are, how long a duration is, that labels are of the
# same points in every language, and how conditions are put together.
BEYOND_A_SCHEMA = {
    "timezone is unknown",
    "timezone is a fixed offset",
    "timezone is an abbreviation",
    "timezone is the machine's",
    "timezone is Factory",
    "timezone is posixrules",
    "timezone is a path",
    "timezone is in small letters",
    "window is above twenty years",
    "a hold is above twenty years",
    "a label is of a point off the scale",
    "labels lack a point in one language",
    "recall is above twenty years",
    "a condition has one equals sign",
    "a condition compares with nothing",
    "a condition compares nothing",
    "a condition only names an item",
    "a condition ends in and",
    "a condition begins with or",
    "two comparisons are joined by nothing",
    "two comparisons are joined by AND",
    "two comparisons are joined by a sign",
    "a parenthesis is not closed",
    "a parenthesis is closed twice",
    "parentheses hold nothing",
    "parentheses are too deep",
    "a quoted value is not closed",
    "a value of two words stands without quotes",
    "a value that joins stands without quotes",
    "a condition negates",
    "answers are kept until a day that there is not",
    "a condition turns value and item round",
}


def kind_of(file: str) -> str:
    return file.partition("/")[0]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("study", "file"),
    [
        (study, name)
        for study in (EXAMPLE, ALL_KINDS, RECORDED, PROGRAMME)
        for name in example(study)
        if name.endswith(".yaml")
    ],
    ids=lambda part: getattr(part, "name", part),
)
def test_the_example_passes_its_schema(study: Path, file: str) -> None:
    node = read_yaml(example(study)[file], file, pytest.fail)
    assert node is not None
    assert [error.message for error in Draft202012Validator(SCHEMAS[kind_of(file)]).iter_errors(plain(node))] == []


@pytest.mark.parametrize("row", [row for _, row in IN_YAML], ids=[f"{stem}: {row.claim}" for stem, row in IN_YAML])
def test_the_schema_refuses_what_the_checker_refuses_by_shape(row: Row) -> None:
    unparsed: list[object] = []
    node = read_yaml(row.files()[row.file], row.file, unparsed.append)
    if node is None or unparsed:
        return  # repeated keys and infinities are of YAML, not of what it says
    value = plain(node)
    faults: list[object] = []
    record = RECORDS[kind_of(row.file)]
    record.check(node, record.name, Reading(row.file, faults.append))
    is_refused = not Draft202012Validator(SCHEMAS[kind_of(row.file)]).is_valid(value)
    if row.claim in BEYOND_A_SCHEMA:
        assert (bool(faults), is_refused) == (True, False)
    else:
        assert is_refused == bool(faults), faults


def test_rows_that_are_beyond_a_schema_exist() -> None:
    assert {row.claim for _, row in ROWS} >= BEYOND_A_SCHEMA


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_says_what_it_means(name: str) -> None:
    parts = [SCHEMAS[name], *SCHEMAS[name]["$defs"].values()]
    assert all(part["description"] for part in parts)
    for part in parts:
        assert all(value["description"].endswith((".", "?")) for value in part["properties"].values())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_reference_leads_to_a_definition(name: str) -> None:
    named = {value for key, value in _pairs(SCHEMAS[name]) if key == "$ref"}
    assert named == {f"#/$defs/{definition}" for definition in SCHEMAS[name]["$defs"]}


def test_a_schema_requires_what_the_contract_requires() -> None:
    assert SCHEMAS["study.yaml"]["required"] == [
        "format",
        "slug",
        "title",
        "languages",
        "timezone",
        "contact",
        "summary",
        "consent",
    ]
    assert set(SCHEMAS["instruments"]["required"]) == {
        "id",
        "title",
        "source",
        "licence",
        "scale",
        "sections",
        "scores",
    }
    assert set(SCHEMAS["scripts"]["required"]) == {"slug", "title", "stages"}


def test_a_definition_has_one_name_each() -> None:
    modules = (of_study, of_instrument, of_item, of_script)
    records = {id(part): part for module in modules for part in vars(module).values() if isinstance(part, Record)}
    assert len({record.name for record in records.values()}) == len(records) > 10


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from _pairs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(part)
