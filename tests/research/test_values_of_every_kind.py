"""The column `value` of a study that asks for more than numbers: the same in every format and on every database."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assessments.models import Administration, Answer
from coaching.models import Study
from rehearsal.services import simulate
from research import stream
from research.catalogue import entries, tables
from research.counts import missing_counts, without_answer
from research.filters import NO_FILTERS, Filters
from research.stream import file_blocks, page
from research.writers import FORMATS
from research.writers.jsonl import objects
from research.writers.values import FORMULA_STARTS, number
from tests import world
from tests.research.test_copying import NUMBERS, TEXTS

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
NOW = dt.datetime(2027, 6, 1, 10, 0, tzinfo=dt.UTC)
# What looks like a number or like JSON is words all the same.
WORDS = ('=1+1, "so"', "-", "@a\nb", '{"a": 1}', "[1]", "4", "-0", "1.50", "NaN", "\\u0041", *filter(None, TEXTS))
# An answer has at most 12 digits before its point and 9 behind it: more than the 15 that SQLite writes by itself.
DIGITS = (13_786_650_925.380474, 984_976_425_718.4532, 0.1 + 0.2, 999_999_999_999.9999, 0.000000001)
FIGURES = (*DIGITS, *(each for each in NUMBERS if each is not None and abs(each) < 1e15))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study() -> Study:
    version = world.publish(EVERY_KIND, now=NOW - dt.timedelta(days=120))
    simulate(version=version, participants=25, seed="7", start=dt.date(2027, 2, 1), now=NOW, by="command")
    sheet = Administration.objects.filter(instrument="person").order_by("pk")[0]
    words = [Answer(item=f"word_{n}", text=text) for n, text in enumerate(WORDS)]
    figures = [Answer(item=f"figure_{n}", value=value) for n, value in enumerate(FIGURES)]
    for position, answer in enumerate((*words, *figures), start=100):
        answer.administration, answer.position, answer.status = sheet, position, "answered"
    Answer.objects.bulk_create([*words, *figures])
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
        for item in ("age", "always", "ways", "since", "name")
    }

    assert values["age"] == {int}
    assert values["always"] == values["ways"] == values["since"] == values["name"] == {str}


def test_every_word_and_every_digit_comes_back(study: Study) -> None:
    rows = [json.loads(line) for line in file(study, "responses", "jsonl").splitlines()]
    pages = page(tables(study)["responses"], study, NO_FILTERS, None, 100_000).rows
    given = {row["item"]: row["value"] for row in rows if row["item"].startswith(("word_", "figure_"))}
    [paged] = [list(objects(tables(study)["responses"].columns, pages))]

    assert [given[f"word_{n}"] for n in range(len(WORDS))] == list(WORDS)
    assert [given[f"figure_{n}"] for n in range(len(FIGURES))] == [number(float(each)) for each in FIGURES]
    assert paged == rows


def test_csv_and_parquet_write_the_same_digits(study: Study) -> None:
    cells = list(csv.DictReader(io.StringIO(file(study, "responses", "csv").decode(), newline="")))
    column = pq.read_table(io.BytesIO(file(study, "responses", "parquet"))).column("value").to_pylist()
    expected = [repr(number(float(each))) for each in FIGURES]

    assert [row["value"] for row in cells if row["item"].startswith("figure_")] == expected
    assert [value for row, value in zip(cells, column, strict=True) if row["item"].startswith("figure_")] == expected
    assert [value for row, value in zip(cells, column, strict=True) if row["item"].startswith("word_")] == list(WORDS)


def test_a_spreadsheet_runs_no_answer(study: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(file(study, "responses", "csv").decode())))
    said = {row["value"] for row in rows if row["item"].startswith("word_")}

    assert '\'=1+1, "so"' in said
    assert not {text for text in said if text.startswith(FORMULA_STARTS)}


def test_the_catalogue_says_which_items_words_may_name_somebody_in(study: Study) -> None:
    [value] = [each for each in entries(study, tables(study)["responses"]) if each["name"] == "value"]

    assert (value["type"], value["sensitivity"], value["identifying"]) == ("scalar", "free_text", True)
    assert value["description"].endswith("before they are published: belief.why, person.how, person.name.")


def test_choices_without_words_name_nobody(db: None) -> None:
    choice = "text: How much came}, {id: q2, type: choice, choices: [much, little], text: And now}"
    version = world.publish(world.edited({"text: How much came}": choice}, world.TINY, "instruments/one.yaml"))
    [value] = [each for each in entries(version.study, tables(version.study)["responses"]) if each["name"] == "value"]

    assert (value["type"], value["sensitivity"], value["identifying"]) == ("scalar", "pseudonymous", False)
    assert "published" not in value["description"]


def test_filters_and_times_narrow_what_is_words_too(study: Study) -> None:
    table = tables(study)["responses"]
    rows = [json.loads(line) for line in file(study, "responses", "jsonl").splitlines()]
    timed = [row for row in rows if row["instrument"] == "person" and row["answered_at"] is not None]
    since = sorted(dt.datetime.fromisoformat(row["answered_at"]) for row in timed)[len(timed) // 2]
    found = b"".join(file_blocks(table, study, FORMATS["jsonl"], Filters({"instrument": "person"}, since=since)))
    late = [row for row in timed if dt.datetime.fromisoformat(row["answered_at"]) >= since]

    assert 0 < len(late) < len(timed)
    assert [json.loads(line) for line in found.splitlines()] == late


def test_each_dataset_lists_the_bands_that_are_its_own(study: Study) -> None:
    def listed(dataset: str, column: str) -> list[str]:
        return next(each["values"] for each in entries(study, tables(study)[dataset]) if each["name"] == column)

    assert listed("scheme_bands", "band") == ["floor", "above", "low", "high"]
    assert listed("scores", "band") == []
    assert listed("guesses", "guess") == ["pictures", "words", "dont_know"]
    assert "not_applicable" in listed("responses", "status")


def test_rows_say_how_the_questionnaire_was_given(study: Study) -> None:
    responses, scores = (
        [json.loads(line) for line in file(study, name, "jsonl").splitlines()] for name in ("responses", "scores")
    )
    eyes = {(row["instrument"], row["eyes"]) for row in responses}
    forms = {(row["instrument"], row["form"]) for row in responses}

    assert eyes == {("person", None), ("belief", "either"), ("pictures", "closed"), ("pictures_then", "closed")}
    assert {form for instrument, form in forms if instrument == "pictures"} == {"a", "b"}
    assert {form for instrument, form in forms if instrument == "person"} == {None}
    assert not any(row["imported"] for row in responses)
    directions = {row["score"]: row["direction"] for row in scores}
    assert directions["total_high_is_vivid"] == "higher_is_more"
    assert directions["total_low_is_vivid"] == "higher_is_less"
    # Items of the other form were never due, whatever else was missing.
    elsewhere = {"a": ("r1", "r2", "r3"), "b": ("s1", "s2", "s3")}
    assert {row["status"] for row in responses if row["item"] in elsewhere.get(row["form"], ())} == {"not_due"}


def test_bands_and_judgements_stand_beside_their_scores(study: Study) -> None:
    scores, bands, judgements = (
        [json.loads(line) for line in file(study, name, "jsonl").splitlines()]
        for name in ("scores", "scheme_bands", "judgements")
    )
    place = ("participant", "timepoint", "instrument", "instrument_version", "score")
    by_place = {tuple(row[name] for name in place): row for row in scores}

    assert len(bands) == 2 * sum(
        row["score"] == "total_high_is_vivid" and row["instrument"] == "pictures" for row in scores
    )
    for row in bands:
        assert row["value"] == by_place[tuple(row[name] for name in place)]["value"]
        assert (row["band"] is None) == (row["value"] is None)
    assert judgements
    for row in judgements:
        score = by_place[tuple(row[name] for name in place)]
        assert (row["value"], row["change"]) == (score["value"], score["change"])
    assert {row["method"] for row in judgements} == {
        *("jacobson_truax", "maassen", "practice_corrected", "conditional", "smallest_detectable", "off_the_floor")
    }


def test_only_columns_that_may_be_empty_are(study: Study) -> None:
    for table in tables(study).values():
        for row in map(json.loads, file(study, table.name, "jsonl").splitlines()):
            empty = {name for name, value in row.items() if value is None}
            assert empty <= {column.name for column in table.columns if column.nullable}, table.name
            off = {c.name: row[c.name] for c in table.columns if c.levels and row[c.name] not in {*c.levels, None}}
            assert off == {}, table.name


def test_what_does_not_apply_is_counted_as_its_own_kind(study: Study) -> None:
    Answer.objects.filter(item__contains="_").delete()
    cell = missing_counts(study)[0]["first", "person"]
    stored = Answer.objects.filter(administration__instrument="person", administration__closed_at__isnull=False)

    assert cell.counts["not_applicable"] == stored.filter(status="not_applicable").count() > 0
    assert cell.counts["not_due"] == stored.filter(status="not_due").count() > 0
    assert cell.missing == stored.filter(status__in=["skipped", "not_reached", "lost"]).count()
    people = list(without_answer(study, ("first", "person"), None, "not_applicable"))
    assert sum(n for _, _, n in people) == cell.counts["not_applicable"]


def test_a_study_of_scales_alone_keeps_numbers(db: None) -> None:
    version = world.example(now=NOW)
    [value] = [each for each in entries(version.study, tables(version.study)["responses"]) if each["name"] == "value"]

    assert (value["type"], value["identifying"]) == ("number", False)
