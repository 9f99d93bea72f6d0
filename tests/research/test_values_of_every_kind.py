"""The column `value` of a study that asks for more than numbers: the same in every format and on every database."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assessments.models import Answer
from coaching.models import Study
from rehearsal.services import simulate
from research import stream
from research.catalogue import entries, tables
from research.stream import file_blocks
from research.writers import FORMATS
from tests import world

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
WORDS = ('=1+1, "so"', "-", "@a\nb", "'", "ünï 漢字 🦉", '{"a": 1}', "1e5", "null", "4", "\\N")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study() -> Study:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=25, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    asked = Answer.objects.filter(item="name", status="answered").order_by("pk")
    for answer, words in zip(asked, WORDS, strict=False):
        Answer.objects.filter(pk=answer.pk).update(text=words)
    assert asked.count() >= len(WORDS)
    return version.study


def file(study: Study, dataset: str, name: str) -> bytes:
    return b"".join(file_blocks(tables(study)[dataset], study, FORMATS[name]))


def by_python(study: Study, dataset: str, name: str) -> bytes:
    table = tables(study)[dataset]
    batches = stream._batches(stream._tuples(table, stream.rows_of(table, study)).query)
    return b"".join(FORMATS[name].writer.blocks(table.columns, batches))


@pytest.mark.parametrize("dataset", ["responses", "scores", "scheme_bands", "judgements", "guesses", "participants"])
def test_the_database_writes_what_python_writes(dataset: str, study: Study) -> None:
    assert file(study, dataset, "csv") == by_python(study, dataset, "csv")
    found, expected = (pq.read_table(io.BytesIO(made(study, dataset, "parquet"))) for made in (file, by_python))
    assert found.equals(expected)


def test_numbers_are_numbers_and_texts_are_texts_in_json(study: Study) -> None:
    rows = [json.loads(line) for line in file(study, "responses", "jsonl").splitlines()]
    values = {
        item: {type(row["value"]) for row in rows if row["item"] == item and row["value"] is not None}
        for item in ("age", "always", "pets", "name")
    }

    assert values["age"] == {int}
    assert values["always"] == values["name"] == {str}
    assert {row["value"] for row in rows if row["item"] == "name"} >= set(WORDS)


def test_a_spreadsheet_runs_no_answer(study: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(file(study, "responses", "csv").decode())))
    said = {row["value"] for row in rows if row["item"] == "name"}

    assert '\'=1+1, "so"' in said
    assert not {text for text in said if text.startswith(("=", "-", "@"))}


def test_the_catalogue_says_that_words_may_name_somebody(study: Study) -> None:
    [value] = [each for each in entries(study, tables(study)["responses"]) if each["name"] == "value"]

    assert value["type"] == "scalar"
    assert value["identifying"]


def test_a_study_of_scales_alone_keeps_numbers(db: None) -> None:
    version = world.example(now=NOW)
    [value] = [each for each in entries(version.study, tables(version.study)["responses"]) if each["name"] == "value"]

    assert (value["type"], value["identifying"]) == ("number", False)
