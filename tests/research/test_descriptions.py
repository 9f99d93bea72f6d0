"""What the API says of itself and of the data: codebook, OpenAPI, schemas, docs."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from coaching.models import StudyVersion
from config.access import ROUTES
from tests import world
from tests.research.calls import Caller, caller, person

pytestmark = pytest.mark.django_db

SHARED = ("name", "type", "unit", "description", "values", "source")


@pytest.fixture
def version() -> StudyVersion:
    return world.example(sessions=False)


@pytest.fixture
def program(version: StudyVersion) -> Caller:
    return caller(version.study)


# --- the codebook ----------------------------------------------------------------------------------------------------


def test_the_codebook_holds_the_catalogue_and_what_is_asked(version: StudyVersion, program: Caller) -> None:
    book = program.json("codebook/")
    assert book["datasets"] == program.json("datasets/")
    [instrument] = book["instruments"]
    assert (instrument["instrument"], instrument["version"]) == ("scenes_4", 1)
    assert [item["item"] for item in instrument["items"]] == ["h1", "h2", "d1", "d2"]
    first = instrument["items"][0]
    assert first["text"] == "The outline of the boats against the sky"
    assert (first["min"], first["max"], first["direction"], first["reversed"]) == (1, 5, "higher_is_more", False)
    assert first["labels"]["2"] == "Dim and vague"
    total = instrument["scores"][0]
    assert (total["score"], total["how"], total["items"]) == ("total", "sum", ["h1", "h2", "d1", "d2"])
    assert total["bands"][0] == {"label": "none", "low": 4, "high": 4}
    assert total["norms"][0]["kind"] == "retest"
    assert [step["timepoint"] for step in book["timepoints"]] == ["baseline", "post", "day28"]


def test_each_content_of_an_instrument_is_told_apart(version: StudyVersion, program: Caller) -> None:
    changed = world.edited(
        {"The colours of the lamps on the water": "The colours of the lamps"},
        world.without_sessions(),
        "instruments/scenes_4.yaml",
    )
    world.publish(changed)
    instruments = program.json("codebook/")["instruments"]
    assert [(each["version"], each["items"][1]["text"]) for each in instruments] == [
        (2, "The colours of the lamps"),
        (1, "The colours of the lamps on the water"),
    ]


def test_the_codebook_as_a_table_has_a_line_for_each_column_item_and_score(
    version: StudyVersion, program: Caller
) -> None:
    response = program.get("codebook/", format="csv")
    assert response["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    columns = [line for line in lines if line["part"] == "column"]
    told = [(entry["name"], column) for entry in program.json("datasets/") for column in entry["columns"]]
    assert [(line["in"], line["name"], line["description"]) for line in columns] == [
        (dataset, column["name"], column["description"]) for dataset, column in told
    ]
    assert [line["name"] for line in lines if line["part"] == "item"] == ["h1", "h2", "d1", "d2"]
    assert [line["name"] for line in lines if line["part"] == "score"] == ["total", "harbour"]


def test_the_codebook_as_a_page_keeps_words_of_the_study_inside_their_cells(program: Caller) -> None:
    changed = world.edited(
        {"The colours of the lamps on the water": "A | B <script>\\nC & D"},
        world.without_sessions(),
        "instruments/scenes_4.yaml",
    )
    world.publish(changed)
    response = program.get("codebook/", format="md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    [line] = [line for line in text.splitlines() if "A \\| B &lt;script> C &amp; D" in line]
    assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_the_codebook_says_what_a_csv_does_to_formulas(program: Caller) -> None:
    assert any("apostrophe" in convention for convention in program.json("codebook/")["conventions"])


def test_a_codebook_has_three_formats(program: Caller) -> None:
    assert program.get("codebook/", format="pdf").status_code == 400


# --- OpenAPI ---------------------------------------------------------------------------------------------------------


def description() -> Any:
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200
    return response.json()


def test_the_description_is_clean_and_of_the_version_that_was_promised(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))
    assert description()["openapi"].startswith("3.1")


def test_every_route_is_described_with_its_problems() -> None:
    paths = description()["paths"]
    assert len(paths) == sum(rule.who == "token" for rule in ROUTES.values()) + 1
    for path, calls in paths.items():
        assert set(calls) == {"get"}
        for status, answer in calls["get"]["responses"].items():
            problems = "application/problem+json" in answer["content"]
            assert problems == (status != "200"), (path, status)
        assert (calls["get"]["security"] == [{"token": []}]) == ("schemas" not in path)


def test_answers_are_as_they_are_described(version: StudyVersion, program: Caller) -> None:
    """Rows of every dataset, and every other answer in JSON, against the schema that the API publishes of them."""
    person(version)
    person(version, [None, None, None, None])
    document = description()
    below = "/api/v1/studies/{slug}/"
    asked = {
        f"{below}datasets/{{dataset}}/": [
            f"datasets/{name}/" for name in ("participants", "responses", "scores", "wide")
        ],
        **{f"{below}{path}": [path] for path in ("", "datasets/", "codebook/", "flow/", "tombstones/")},
        "/api/v1/studies/": ["/api/v1/studies/"],
        "/api/v1/": ["/api/v1/"],
    }
    for path, addresses in asked.items():
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for address in addresses:
            Draft202012Validator({**schema, "components": document["components"]}).validate(program.json(address))
    problem = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    Draft202012Validator(problem).validate(program.get("flow/", colour="red").json())


@pytest.mark.parametrize("name", ["study", "instrument", "script"])
def test_the_schemas_of_the_bundle_are_there_for_anyone(name: str) -> None:
    response = Client().get(f"/api/v1/schemas/{name}.json")
    assert response["Content-Type"] == "application/schema+json"
    schema = response.json()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


# --- docs ------------------------------------------------------------------------------------------------------------


def test_the_docs_hold_nothing_inline_and_nothing_of_another_host() -> None:
    page = Client().get("/api/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address


def test_the_docs_script_asks_this_host_alone() -> None:
    text = Client().get("/api/docs/", {"script": ""}).content.decode()
    assert "/api/v1/schema/" in text
    settings = json.loads(re.search(r"const swaggerSettings = (\{.*?\});", text, re.DOTALL)[1])  # type: ignore[index]
    assert settings["validatorUrl"] is None
    assert "http:" not in text
    assert "https:" not in text
