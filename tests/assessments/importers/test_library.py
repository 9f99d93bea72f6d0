"""The instruments that ship go to each other program, and what comes back is an instrument that asks the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire

from assessments.importers.declared import questions
from assessments.importers.drafts import problems
from assessments.importers.fhir import from_questionnaire, to_questionnaire
from assessments.importers.losses import Json
from assessments.importers.redcap import from_dictionary, to_dictionary
from assessments.importers.reproschema import from_reproschema, to_reproschema
from protocol.nodes import plain, read_yaml
from tests.assessments.importers.reproschema_world import are_valid, read, world, write

__all__ = ["world"]

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "studies").glob("*/instruments/*.yaml"))


def instrument_in(path: Path) -> Json:
    node = read_yaml(path.read_bytes(), path.name, pytest.fail)
    assert node is not None
    instrument: Json = plain(node)
    return instrument


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def instrument(request: pytest.FixtureRequest) -> Json:
    return instrument_in(request.param)


def ids(of: Json) -> list[str]:
    return [question.id for question in questions(of)]


def test_by_redcap(instrument: Json) -> None:
    dictionary, _ = to_dictionary({instrument["id"]: instrument}, "en")

    found = from_dictionary(dictionary, "en").instruments[instrument["id"]]

    assert ids(found) == ids(instrument)


def test_by_fhir(instrument: Json) -> None:
    resource, _ = to_questionnaire(instrument, url="https://example.org/q", version="1", languages=["en", "de"])

    text = Questionnaire.model_validate(resource).model_dump_json()
    found = from_questionnaire(text.encode("utf-8")).instruments[instrument["id"]]

    assert ids(found) == ids(instrument)
    assert problems(found) == []


def test_by_reproschema(instrument: Json, world: Path) -> None:
    files, _ = to_reproschema(
        {instrument["id"]: instrument}, protocol="s", title="S", version="1", languages=["en", "de"]
    )
    write(files, world)

    assert are_valid(world)
    assert ids(from_reproschema(read(world)).instruments[instrument["id"]]) == ids(instrument)
