"""The datasets of sessions as they are handed over, and what a person may take along."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pyarrow.parquet as pq
import pytest

from coaching.models import Enrolment, Study
from coaching.services import people
from config.tick import turn
from imagery.models import Drawing, SessionRun
from imagery.selectors.held import own_rows
from imagery.services import DECLINED, Chosen, Drawn, Rated, Reported, Timing
from imagery.services.pictures import keep
from imagery.tables import TABLES
from privacy.erasure import erase
from privacy.portability import archive, title_of
from protocol.columns import Table
from tests import world
from tests.imagery.rounds import DAY, MINUTE, SLOWLY, T0, begin, give, go, line, rounds, run, someone
from tests.research.calls import caller

pytestmark = pytest.mark.django_db

FIRST_COLUMNS = {
    "sessions": "participant, study, arm, timepoint, script, script_version, attempt, started_at, completed_at, "
    "duration_s, quiet_planned_s, quiet_actual_s, pauses, hidden_s, status",
    "ratings": "participant, study, arm, timepoint, script, stage, kind, rating, status, scale_min, scale_max, "
    "shown_at, answered_at, response_time_ms",
    "reports": "participant, study, arm, timepoint, script, stage, text, words, language, after_reveal",
    "drawings": "participant, study, arm, timepoint, script, stage, condition, file, width, height, strokes, "
    "ink_fraction, duration_s, status",
}
TIMES = {"sessions": "started_at", "ratings": "answered_at", "reports": "written_at", "drawings": "saved_at"}
BY_NAME = {table.name: table for table in TABLES}


def rows(name: str, study: Study) -> list[dict[str, Any]]:
    table: Table = BY_NAME[name]
    named = {f"column_{n}": column.expression for n, column in enumerate(table.columns)}
    found = table.queryset(study).annotate(**named).values_list(*named)
    return [dict(zip((column.name for column in table.columns), row, strict=True)) for row in found]


# --- what they are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIRST_COLUMNS)
def test_columns_come_in_the_order_that_was_promised(name: str) -> None:
    promised = FIRST_COLUMNS[name].split(", ")
    names = [column.name for column in BY_NAME[name].columns]
    assert names[: len(promised)] == promised
    assert "synthetic" in names
    assert (BY_NAME[name].time, len(names)) == (TIMES[name], len(set(names)))


def test_only_what_people_wrote_and_drew_may_identify_them() -> None:
    marked = {
        f"{table.name}.{column.name}": column.sensitivity
        for table in TABLES
        for column in table.columns
        if column.sensitivity != "pseudonymous"
    }
    assert marked == {"reports.text": "free_text", "drawings.words": "free_text", "drawings.file": "identifying"}


def test_the_api_hands_them_over_with_their_catalogue_and_codebook() -> None:
    person = someone()
    end = go(person)
    program = caller(person.study)
    entries = {entry["name"]: entry for entry in program.json("datasets/")}
    counts = {name: entries[name]["rows"] for name in FIRST_COLUMNS}
    assert counts == {"sessions": 1, "ratings": 4, "reports": 2, "drawings": 1}
    for name in FIRST_COLUMNS:
        listed = program.rows(name)
        assert list(listed[0]) == [column["name"] for column in entries[name]["columns"]]
        assert len(program.rows(name, script="night-bird")) == counts[name]
        assert program.rows(name, script="other") == []
        assert program.rows(name, timepoint="second") == []
        assert len(program.rows(name, since=f"{T0:%Y-%m-%dT%H:%M:%SZ}")) == counts[name]
        assert program.rows(name, until=f"{T0:%Y-%m-%dT%H:%M:%SZ}") == []
        lines = list(csv.DictReader(io.StringIO(program.file(name, "csv").decode(), newline="")))
        assert len(lines) == counts[name]
        assert pq.read_table(io.BytesIO(program.file(name, "parquet"))).num_rows == counts[name]
    for name, entry in entries.items():
        handed_over = program.rows(name)
        for column in entry["columns"]:
            found = {row[column["name"]] for row in handed_over}
            assert not column["values"] or found - {None} <= set(column["values"]), (name, column["name"])
            assert column["nullable"] or None not in found, (name, column["name"])
    book = program.json("codebook/")
    [script] = book["scripts"]
    assert (script["script"], script["version"], script["title"]) == ("night-bird", 1, "The potoo of the night")
    assert [stage["stage"] for stage in script["stages"]] == list(SLOWLY)
    clear = script["stages"][1]
    assert (clear["kind"], clear["rates"], clear["min"], clear["max"]) == ("rate", "vividness", 0, 100)
    for file_format in ("csv", "md"):
        text = program.get("codebook/", format=file_format).content.decode()
        assert "What came, if anything?" in text
        assert "At once (goes to words)" in text
    assert end > T0


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_completed_session_and_how_its_time_was_kept() -> None:
    person = someone()
    begin(person, at=T0)
    at = T0
    times = {
        "stage_1": Timing(quiet_ms=21_500, longer_ms=15_000, pauses=1, paused_ms=4_000, hidden_ms=500),
        "stage_4": Timing(quiet_ms=30_000, longer_ms=0, pauses=2, paused_ms=1_000, hidden_ms=0),
    }
    for stage in SLOWLY:
        at += MINUTE
        give(person, stage, at=at, **({"timing": times[stage]} if stage in times else {}))
    [row] = rows("sessions", person.study)
    assert (row["participant"], row["study"], row["timepoint"]) == (person.pseudonym, "rounds", "first")
    assert (row["script"], row["script_version"], row["attempt"]) == ("night-bird", 1, 1)
    assert (row["started_at"], row["completed_at"], row["duration_s"]) == (T0, at, 12 * 60)
    # 20 s, 30 s, a minute's rest and half a one are planned.
    assert (row["quiet_planned_s"], row["quiet_actual_s"]) == (140, 51.5)
    assert (row["pauses"], row["hidden_s"], row["longer_s"], row["paused_s"]) == (3, 0.5, 15, 5)
    assert (row["status"], row["language"], row["arm"], row["synthetic"]) == ("completed", "en", None, False)


def test_time_that_nobody_measured_is_empty() -> None:
    person = someone()
    go(person, until="easy")
    [row] = rows("sessions", person.study)
    assert (row["quiet_planned_s"], row["duration_s"], row["completed_at"]) == (50, None, None)
    assert [row[name] for name in ("quiet_actual_s", "pauses", "hidden_s", "longer_s", "paused_s")] == [None] * 5
    assert row["status"] == "started"


def test_a_session_that_was_never_begun_is_one_missed_row() -> None:
    person = someone()
    turn(now=T0 + 7 * DAY)
    [row] = rows("sessions", person.study)
    assert (row["attempt"], row["status"], row["started_at"], row["quiet_planned_s"]) == (1, "missed", None, None)
    assert {each["status"] for each in rows("ratings", person.study)} == {"not_reached"}
    assert rows("reports", person.study) == rows("drawings", person.study) == []


def test_both_attempts_are_rows_and_so_are_their_ratings() -> None:
    person = someone()
    go(person, until="road")
    begin(person, at=T0 + DAY, again=1)
    give(person, "stage_1", at=T0 + DAY)
    give(person, "clear", DECLINED, at=T0 + DAY)
    assert [(row["attempt"], row["status"]) for row in rows("sessions", person.study)] == [
        (1, "started"),
        (2, "started"),
    ]
    found = [(row["attempt"], row["stage"], row["status"], row["rating"]) for row in rows("ratings", person.study)]
    assert found == [(1, "clear", "answered", 0), (2, "clear", "declined", None)]


def test_two_sums_over_visits_do_not_multiply_one_another() -> None:
    first, second = someone(), someone()
    go(first)
    go(second, until="clear")
    assert [row["quiet_planned_s"] for row in rows("sessions", first.study)] == [140, 20]


# --- what was given --------------------------------------------------------------------------------------------------


def test_ratings_comparisons_and_choices_are_told_apart() -> None:
    person = someone()
    go(person, until="road")
    give(person, "road", Chosen(2))
    found = {row["stage"]: row for row in rows("ratings", person.study)}
    assert (found["clear"]["kind"], found["clear"]["rating"]) == ("vividness", 0)
    assert (found["clear"]["scale_min"], found["clear"]["scale_max"]) == (0, 100)
    assert (found["road"]["kind"], found["road"]["rating"], found["road"]["scale_max"]) == ("choice", 2, None)
    assert (found["clear"]["shown_at"], found["clear"]["answered_at"]) == (T0 + MINUTE, T0 + 2 * MINUTE)


def test_texts_say_whether_a_picture_had_been_shown_and_nothing_to_add_is_empty() -> None:
    person = someone()
    go(person)
    found = {row["stage"]: row for row in rows("reports", person.study)}
    assert (found["words"]["text"], found["words"]["words"]) == ("nothing at all came", 4)
    assert (found["words"]["after_reveal"], found["words"]["language"]) == (False, "en")
    assert (found["after"]["text"], found["after"]["words"], found["after"]["after_reveal"]) == (None, 0, True)


def test_a_drawing_is_told_by_its_strokes_and_one_that_is_none_by_its_reason() -> None:
    drawn, skipped = someone(), someone()
    go(drawn, until="sketch")
    give(drawn, "sketch", Drawn(keep(strokes_text=line(100), upload=None, words="dark", reason="")), at=T0 + MINUTE)
    go(skipped, until="sketch")
    give(skipped, "sketch", Drawn(keep(strokes_text="", upload=None, words="", reason="nothing_came")))
    one, other = rows("drawings", drawn.study)
    assert (one["condition"], one["status"], one["strokes"], one["words"]) == ("imagery", "drawn", 1, "dark")
    assert (one["width"], one["height"], one["duration_s"], one["saved_at"]) == (1000, 1000, 0.4, T0 + MINUTE)
    assert 0 < one["ink_fraction"] < 0.01
    assert len(one["file"]) == 36
    assert (other["status"], other["reason"]) == ("skipped", "nothing_came")
    assert [other[name] for name in ("file", "width", "strokes", "ink_fraction", "words")] == [None] * 5


def test_erased_people_are_in_no_dataset_and_another_studys_are_not_either() -> None:

    person, erased = someone(), someone()
    for each in (person, erased):
        go(each)
    # Twice: each dataset leaves erased people out, whatever an erasure may have forgotten.
    Enrolment.objects.filter(pk=erased.pk).update(erased_at=T0 + DAY)
    for name in FIRST_COLUMNS:
        assert {row["participant"] for row in rows(name, person.study)} == {person.pseudonym}
        assert rows(name, world.tiny().study) == []
    Enrolment.objects.filter(pk=erased.pk).update(erased_at=None)
    erase(enrolment=world.fresh(erased), by="command", reason="asked", now=T0 + DAY)
    for name in FIRST_COLUMNS:
        assert {row["participant"] for row in rows(name, person.study)} == {person.pseudonym}


# --- for the person themself -----------------------------------------------------------------------------------------


def contents(person: Enrolment) -> tuple[dict[str, Any], zipfile.ZipFile]:
    packed = zipfile.ZipFile(io.BytesIO(archive(world.fresh(person), now=T0 + DAY)))
    return json.loads(packed.read("my-data.json")), packed


def test_a_person_takes_along_all_that_they_gave_with_their_pictures() -> None:
    person = someone()
    go(person, until="clear")
    for value in (3, 4):
        give(person, "clear", Rated(value))
    for stage in ("road", "stage_4", "easy", "stage_6"):
        give(person, stage)
    for words in ("one two three", "four five six"):
        give(person, "words", Reported(words))
    for y in (100, 200):
        give(person, "sketch", Drawn(keep(strokes_text=line(y), upload=None, words="", reason="")))
    for stage in ("stage_9", "photo", "match", "after"):
        give(person, stage)
    held, packed = contents(person)
    assert [(row["script"], row["status"]) for row in held["sessions"]] == [("night-bird", "completed")]
    assert len(held["session_parts"]) == 12
    assert [(row["stage"], row["value"], row["question"]) for row in held["ratings"]] == [
        ("clear", 4, ""),
        ("road", 1, "How do you go on?"),
        ("easy", 3, ""),
        ("match", 4, "How close was it?"),
    ]
    assert [row["meaning"] for row in held["ratings"]] == ["", "Slowly", "", ""]
    assert [row["value"] for row in held["earlier_ratings"]] == [3]
    assert [row["text"] for row in held["reports"]] == ["four five six", ""]
    assert [row["text"] for row in held["earlier_reports"]] == ["one two three"]
    [drawing], [earlier] = held["drawings"], held["earlier_drawings"]
    assert "strokes" in json.loads(drawing["strokes"])
    for row in (drawing, earlier):
        assert packed.read(f"drawings/{row['file']}").startswith(b"\x89PNG")
    assert packed.testzip() is None
    assert all(title_of(name) != name for name in own_rows(person))


def test_what_a_session_has_yet_to_show_is_not_in_the_zip_either() -> None:
    person = someone()
    go(person, until="easy")
    text = contents(person)[1].read("my-data.json").decode()
    assert "night-bird" not in text
    turn(now=T0 + 7 * DAY)
    held, packed = contents(person)
    assert [row["status"] for row in held["ratings"]] == ["answered", "answered", "not_reached", "not_reached"]
    for later in ("night-bird", "photo", "How close was it?", "Pink mouth", "match"):
        assert later not in packed.read("my-data.json").decode(), later


def test_a_picture_whose_file_is_not_there_is_made_from_its_strokes() -> None:
    person = someone()
    go(person, until="sketch")
    give(person, "sketch", Drawn(keep(strokes_text=line(100), upload=None, words="", reason="")))
    drawing = Drawing.objects.get()
    before = contents(person)[1].read(f"drawings/{drawing.file}")
    Drawing.objects.update(file="0" * 32 + ".png")
    assert contents(person)[1].read(f"drawings/{'0' * 32}.png") == before


def test_somebody_who_withdrew_keeps_what_they_gave() -> None:
    person = world.consented(rounds(), T0)
    go(person)
    people.withdraw(enrolment=person, choice="keep", by="participant", now=T0 + DAY)
    assert len(contents(person)[0]["ratings"]) == 4
    assert run(person).status == SessionRun.Status.COMPLETED
