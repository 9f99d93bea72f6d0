"""What the datasets hold, and that every format says the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

import clock
from accounts.models import AuditEntry
from assessments.models import Answer, ScoreRow
from assessments.services import erase_person
from coaching.models import Enrolment, StudyVersion
from coaching.services import forgetting
from research.writers.values import FORMULA_STARTS
from tests import world
from tests.research.calls import Caller, caller, fill_in, person

pytestmark = pytest.mark.django_db

DATASETS = ("participants", "responses", "scores", "wide", "dose", "followups")
OF_SESSIONS = ("sessions", "ratings", "reports", "drawings", "events")
FIRST_COLUMNS = {
    "participants": "participant, study, study_version, arm, group, status, language, timezone, consented_at, "
    "allocated_at, completed_at, withdrawn_at, synthetic",
    "responses": "participant, study, arm, timepoint, instrument, instrument_version, item, value, status, "
    "answered_at, response_time_ms, changes, position, language",
    "scores": "participant, study, arm, timepoint, instrument, instrument_version, score, value, items_answered, "
    "items_missing, prorated, band, change, reliable_change, reliable_change_verdict",
    "wide": "participant, study, arm, group, baseline__scenes_4__total, baseline__scenes_4__harbour, "
    "post__scenes_4__total, post__scenes_4__harbour, day28__scenes_4__total, day28__scenes_4__harbour",
    "dose": "participant, study, arm, study_duration_d, training_duration_d, training_session_length_min, "
    "training_sessions, training_sessions_per_week, training_trials_per_session, training_total_time_min",
    "followups": "participant, study, arm, timepoint, kind, n, due_at, sent_at, state, attempts",
}


@pytest.fixture
def version() -> StudyVersion:
    return world.example(sessions=False)


@pytest.fixture
def program(version: StudyVersion) -> Caller:
    return caller(version.study)


def only(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    [found] = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


# --- columns and values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", DATASETS)
def test_columns_come_in_the_order_that_was_promised(version: StudyVersion, program: Caller, dataset: str) -> None:
    person(version)
    promised = FIRST_COLUMNS[dataset].split(", ")
    entry = only(program.json("datasets/"), name=dataset)
    described = [column["name"] for column in entry["columns"]]
    assert described[: len(promised)] == promised
    assert "synthetic" in described
    for row in program.rows(dataset):
        assert list(row) == described


def test_the_catalogue_counts_rows_and_tells_what_each_column_is(version: StudyVersion, program: Caller) -> None:
    person(version)
    entries = program.json("datasets/")
    assert {entry["name"] for entry in entries} == {
        *DATASETS,
        *OF_SESSIONS,
        "scheme_bands",
        "judgements",
        "guesses",
        "safety_reports",
        "safety_alerts",
        "adverse_events",
        "payments",
        "decisions",
    }
    assert {entry["name"]: entry["rows"] for entry in entries} == {
        "participants": 1,
        "responses": 4,
        "scores": 2,
        "wide": 1,
        "dose": 1,
        # Three reminders of `post` and two of `day28`, planned with the allocation.
        "followups": 5,
        "decisions": 0,
        "scheme_bands": 0,
        "judgements": 0,
        "guesses": 0,
        "safety_reports": 0,
        "safety_alerts": 0,
        "adverse_events": 0,
        "payments": 0,
        **dict.fromkeys(OF_SESSIONS, 0),
    }
    for entry in entries:
        assert entry["time"] in {None, *(column["name"] for column in entry["columns"])}
        for column in entry["columns"]:
            assert set(column) >= {"name", "type", "unit", "description", "values", "source", "identifying"}
            assert len(column["description"]) > 10
    status = only(only(entries, name="responses")["columns"], name="status")
    assert status["values"] == ["answered", "declined", "skipped", "not_applicable", "not_reached", "not_due", "lost"]


def test_listed_values_are_all_that_occur(version: StudyVersion, program: Caller) -> None:
    person(version)
    person(version, [None, None, None, None])
    for entry in program.json("datasets/"):
        rows = program.rows(entry["name"])
        for column in entry["columns"]:
            found = {row[column["name"]] for row in rows} - {None}
            assert not column["values"] or found <= set(column["values"]), column["name"]
            assert column["nullable"] or None not in {row[column["name"]] for row in rows}, column["name"]


def test_a_persons_answers_come_as_they_were_chosen(version: StudyVersion, program: Caller) -> None:
    someone = person(version, [3, None, 1, 5])
    rows = program.rows("responses")
    assert [(row["item"], row["value"], row["status"], row["position"]) for row in rows] == [
        ("h1", 3, "answered", 1),
        ("h2", None, "declined", 2),
        ("d1", 1, "answered", 3),
        ("d2", 5, "answered", 4),
    ]
    assert {row["participant"] for row in rows} == {someone.pseudonym}
    total = only(program.rows("scores"), score="total")
    assert (total["value"], total["items_missing"], total["prorated"], total["band"]) == (12, 1, True, "typical")
    harbour = only(program.rows("scores"), score="harbour")
    assert (harbour["value"], harbour["items_answered"], harbour["band"]) == (None, 1, None)
    [wide] = program.rows("wide")
    assert wide["baseline__scenes_4__total"] == 12
    assert wide["baseline__scenes_4__harbour"] is None
    assert wide["post__scenes_4__total"] is None


def test_whoever_has_no_score_has_a_row_of_nulls_in_wide(version: StudyVersion, program: Caller) -> None:
    newcomer = world.consented(version)
    [wide] = program.rows("wide")
    assert wide["participant"] == newcomer.pseudonym
    assert {value for name, value in wide.items() if "__" in name} == {None}


def test_wide_has_the_columns_of_every_version(version: StudyVersion, program: Caller) -> None:
    person(version)
    world.publish(world.edited({"id: post,": "id: after,", "post.due": "after.due"}, world.without_sessions()))
    names = list(program.rows("wide")[0])
    assert names[4:6] == ["baseline__scenes_4__total", "baseline__scenes_4__harbour"]
    assert {"post__scenes_4__total", "after__scenes_4__total"} <= set(names)
    assert len(names) == len(set(names))


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_person_is_in_the_dataset_from_consent_on(version: StudyVersion, program: Caller) -> None:
    world.invited(version.study)
    assert program.rows("participants") == []
    someone = world.consented(version, timezone="America/Vancouver", language="de")
    [row] = program.rows("participants")
    assert row["participant"] == someone.pseudonym
    assert (row["status"], row["arm"], row["group"], row["allocated_at"]) == ("consented", None, None, None)
    assert (row["timezone"], row["language"], row["study_version"]) == ("America/Vancouver", "de", 1)


def test_the_group_is_that_of_allocation(version: StudyVersion, program: Caller) -> None:
    person(version, [1, 1, 1, 1])
    person(version, [None, None, None, None])
    rows = program.rows("participants")
    assert [row["group"] for row in rows] == ["none", "missing"]
    assert [row["status"] for row in rows] == ["active", "active"]
    assert all(row["arm"] in {"sessions", "questions"} and row["allocated_at"] for row in rows)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ((), "active"),
        (("paused_at",), "paused"),
        (("paused_at", "completed_at"), "completed"),
        (("completed_at", "withdrawn_at"), "withdrawn"),
    ],
)
def test_a_status_is_the_last_word(
    version: StudyVersion, program: Caller, changes: tuple[str, ...], status: str
) -> None:
    someone = person(version)
    Enrolment.objects.filter(pk=someone.pk).update(**dict.fromkeys(changes, clock.now()))
    assert program.rows("participants")[0]["status"] == status


def test_in_a_cohort_people_are_active_from_consent_and_in_no_group() -> None:
    version = world.tiny()
    world.consented(version)
    [row] = caller(version.study).rows("participants")
    assert (row["status"], row["arm"], row["group"]) == ("active", None, None)


def test_further_groups_have_columns_of_their_own(version: StudyVersion) -> None:
    second = "  second:\n    score: baseline.scenes_4.harbour\n    bands: {low: [1, 3], high: [4, 5]}\n"
    again = world.publish(world.edited({"groups:\n": f"groups:\n{second}"}, world.without_sessions()))
    person(again, [4, 5, 1, 1])
    [row] = caller(again.study).rows("participants")
    assert (row["group"], row["group_imagery"]) == ("high", "typical")


def test_an_erased_person_is_in_no_dataset_and_leaves_a_tombstone(version: StudyVersion, program: Caller) -> None:
    gone, stays = person(version), person(version)
    now = clock.now()
    erase_person(gone)
    forgetting.empty_person(gone, now=now)
    for dataset in DATASETS:
        found = {row["participant"] for row in program.rows(dataset)}
        assert found == {stays.pseudonym}, dataset
        assert gone.pseudonym.encode() not in program.file(dataset, "csv")
    [tombstone] = program.json("tombstones/")
    assert tombstone["participant"] == gone.pseudonym
    assert tombstone["erased_at"] == now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_no_address_and_no_external_id_is_in_any_dataset(version: StudyVersion, program: Caller) -> None:
    canaries = ("canary@address.example", "canary-label", "canary-external")
    invited, _ = world.invited(version.study, email=canaries[0], label=canaries[1])
    person(version, enrolment=invited, email=canaries[0], external_ids={"PROLIFIC_PID": canaries[2]})
    for dataset in DATASETS:
        for file_format in ("csv", "jsonl", "parquet"):
            content = program.file(dataset, file_format)
            assert not any(canary.encode() in content for canary in canaries), (dataset, file_format)
    for path in ("flow/", "codebook/", "tombstones/", "datasets/"):
        content = program.get(path).content
        assert not any(canary.encode() in content for canary in canaries), path
    [reached] = caller(version.study, scopes=["contact:read"]).json("contacts/")
    assert reached == {
        "participant": invited.pseudonym,
        "email": canaries[0],
        "external_ids": {"PROLIFIC_PID": canaries[2]},
        "panel_id": None,
        "codes": [],
    }
    assert AuditEntry.objects.filter(action="contacts.read").count() == 1


# --- formats ---------------------------------------------------------------------------------------------------------


def as_csv(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """JSON's rows as CSV promises to write them."""

    def cell(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    return [{name: cell(value) for name, value in row.items()} for row in rows]


def as_json(value: Any) -> Any:
    """A value of Parquet as JSON promises to write it."""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_format_holds_the_same_values(version: StudyVersion, program: Caller, dataset: str) -> None:
    for values in ([1, 2, 3, 4], [5, None, 4, 4], [None, None, None, None]):
        person(version, values)
    someone = person(version)
    Answer.objects.filter(administration__occasion__enrolment=someone, item="h1").update(response_time_ms=1234)
    ScoreRow.objects.filter(enrolment=someone).update(reliable_change=-1.2345678901234567, change=-3.0)
    Enrolment.objects.filter(pk=someone.pk).update(synthetic=True)
    rows = program.rows(dataset, page_size=2)
    assert rows
    assert program.rows(dataset) == rows
    assert [json.loads(line) for line in program.file(dataset, "jsonl").decode().splitlines()] == rows
    text = program.file(dataset, "csv").decode()
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == as_csv(rows)
    assert text.count("\n") == len(rows) + 1
    table = pq.read_table(io.BytesIO(program.file(dataset, "parquet")))
    assert [{name: as_json(value) for name, value in row.items()} for row in table.to_pylist()] == rows


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_a_file_without_rows_is_a_file(version: StudyVersion, program: Caller, dataset: str, file_format: str) -> None:
    content = program.file(dataset, file_format)
    if file_format == "csv":
        assert content.decode().split("\n")[0].startswith("participant,study,")
        assert content.count(b"\n") == 1
    elif file_format == "jsonl":
        assert content == b""
    else:
        assert pq.read_table(io.BytesIO(content)).num_rows == 0


def test_parquet_has_types_and_says_what_its_columns_mean(version: StudyVersion, program: Caller) -> None:
    person(version)
    schema = pq.read_schema(io.BytesIO(program.file("responses", "parquet")))
    types = {name: str(schema.field(name).type) for name in ("item", "value", "changes", "answered_at", "synthetic")}
    assert types == {
        "item": "string",
        "value": "double",
        "changes": "int64",
        "answered_at": "timestamp[ms, tz=UTC]",
        "synthetic": "bool",
    }
    assert b"chosen" in schema.field("value").metadata[b"description"]


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_a_spreadsheet_would_run_is_made_safe_in_csv_alone(
    version: StudyVersion, program: Caller, start: str
) -> None:
    text = f'{start}cmd("x"),\r\n1'
    someone = person(version)
    Enrolment.objects.filter(pk=someone.pk).update(timezone=text)
    [line] = csv.DictReader(io.StringIO(program.file("participants", "csv").decode(), newline=""))
    assert line["timezone"] == f"'{text}"
    assert program.rows("participants")[0]["timezone"] == text
    assert json.loads(program.file("participants", "jsonl"))["timezone"] == text
    table = pq.read_table(io.BytesIO(program.file("participants", "parquet")))
    assert table.to_pylist()[0]["timezone"] == text


def test_a_negative_number_stays_a_number(version: StudyVersion, program: Caller) -> None:
    person(version)
    ScoreRow.objects.update(change=-2.0, reliable_change=-0.5)
    lines = list(csv.DictReader(io.StringIO(program.file("scores", "csv").decode(), newline="")))
    assert {(line["change"], line["reliable_change"]) for line in lines} == {("-2", "-0.5")}


def test_files_come_with_their_name_and_are_written_down(version: StudyVersion, program: Caller) -> None:
    program.file("responses", "csv", arm="questions", synthetic="false")
    response = program.get("datasets/responses/file/", format="parquet")
    assert response["Content-Disposition"] == 'attachment; filename="small-scenes_responses.parquet"'
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    program.rows("responses")
    entries = AuditEntry.objects.filter(action="export.file").order_by("pk")
    assert [json.loads(entry.detail)["format"] for entry in entries] == ["csv", "parquet"]
    assert json.loads(entries[0].detail)["filters"] == {"arm": "questions", "synthetic": "false"}
    assert {(entry.study, entry.subject) for entry in entries} == {("small-scenes", "responses")}


# --- the commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_the_command_writes_the_bytes_of_the_api(
    version: StudyVersion, program: Caller, tmp_path: Path, dataset: str, file_format: str
) -> None:
    person(version, [1, None, 3, 4])
    out = tmp_path / "out"
    call_command("export", "small-scenes", dataset=dataset, format=file_format, out=str(out))
    assert out.read_bytes() == program.file(dataset, file_format)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_dash_is_the_standard_output(
    version: StudyVersion, program: Caller, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    call_command("export", "small-scenes", dataset="participants", format="csv", out="-")
    assert capfdbinary.readouterr().out == program.file("participants", "csv")


@pytest.mark.parametrize(
    ("slug", "given", "named"),
    [
        ("nowhere", {}, "nowhere"),
        ("small-scenes", {"dataset": "nothing"}, "participants, responses, scores, wide"),
        ("small-scenes", {"format": "xlsx"}, "csv, jsonl, parquet"),
        ("small-scenes", {"out": "/nowhere/at/all"}, "/nowhere/at/all"),
    ],
)
def test_what_can_not_be_exported_is_said(version: StudyVersion, slug: str, given: dict[str, str], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("export", slug, **{"dataset": "scores", "format": "csv", "out": "-", **given})


def test_a_token_is_printed_once_as_one_line(version: StudyVersion, capsys: pytest.CaptureFixture[str]) -> None:
    owner = world.staff(version.study, "owner", email="owner@lab.example")
    call_command("api_token", owner.email.upper(), study="small-scenes", scopes="export:read,contact:read")
    [line] = capsys.readouterr().out.splitlines()
    token = json.loads(line)
    assert list(token) == ["token"]
    assert Caller(version.study, header=f"Bearer {token['token']}").get("contacts/").status_code == 200


@pytest.mark.parametrize(
    ("email", "slug", "scopes", "named"),
    [
        ("nobody@lab.example", "small-scenes", "export:read", "nobody@lab.example"),
        ("coach@lab.example", "nowhere", "export:read", "nowhere"),
        ("coach@lab.example", "small-scenes", "export:read", "coach"),
        ("coach@lab.example", "small-scenes", "everything", "everything"),
        ("coach@lab.example", "small-scenes", ",", "none"),
    ],
)
def test_a_token_that_could_not_be_used_is_not_made(
    version: StudyVersion, email: str, slug: str, scopes: str, named: str
) -> None:
    world.staff(version.study, "coach", email="coach@lab.example")
    with pytest.raises(CommandError, match=named):
        call_command("api_token", email, study=slug, scopes=scopes)


def test_change_is_from_the_first_timepoint_and_null_there(version: StudyVersion, settings: Any) -> None:
    someone = person(version, [1, 1, 1, 1])
    world.move_clock(settings, dt.timedelta(days=14))
    fill_in(someone, "post", "scenes_4", [5, 5, 5, 5])
    totals = [row for row in caller(version.study).rows("scores") if row["score"] == "total"]
    assert [(row["timepoint"], row["change"], row["reliable_change_verdict"]) for row in totals] == [
        ("baseline", None, None),
        ("post", 16, "increased"),
    ]
