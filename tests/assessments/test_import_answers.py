"""Answers collected elsewhere: a whole file or nothing, with every fault named, and their people outside the study."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from assessments.models import Administration, Answer, ChangeJudgement, ScoreRow
from assessments.selectors import form_of
from coaching.models import Contact, Enrolment, Message, Occasion, StudyVersion
from coaching.selectors.studies import declared
from coaching.services.people import withdraw
from config.tick import turn
from privacy.erasure import erase
from research.selectors import flow
from tests import world
from tests.assessments.papers import scored, statuses
from tests.privacy.test_erasure import everything, give
from tests.research.calls import caller

NOW = dt.datetime(2027, 3, 1, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
PERSON = "participant,age,always,since,how,ways,pets,share,name,prior,hours"
PICTURES = "participant,form,s1,s2,s3,r1,r2,r3,b1,b2,check"
SCENES = "participant,h1,h2,d1,d2"
LOW = "{},a,1,1,,,,,1,5,1"
HIGH = "{},a,5,5,5,,,,5,1,1"


@pytest.fixture
def version(settings: Any, db: None) -> StudyVersion:
    world.move_clock(settings, NOW)
    return world.publish(EVERY_KIND, now=NOW - DAY)


@pytest.fixture
def scenes(settings: Any, db: None) -> StudyVersion:
    world.move_clock(settings, NOW)
    return world.example(now=NOW - DAY)


def counts() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


class Import:
    """`import_answers` with a file of these contents."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        version: StudyVersion,
        content: str | bytes,
        instrument: str,
        timepoint: str,
        *,
        map: str | None = None,
        create: bool = False,
    ) -> dict[str, int]:
        told: dict[str, int] = json.loads(
            self._call(version, content, instrument, timepoint, map, create, io.StringIO())
        )
        return told

    def faults(
        self,
        version: StudyVersion,
        content: str | bytes,
        instrument: str,
        timepoint: str,
        *,
        map: str | None = None,
        create: bool = False,
    ) -> list[str]:
        """What is wrong; that the command ends with 1 and that no table has another row is part of it."""
        before, said = counts(), io.StringIO()
        with pytest.raises(SystemExit) as ended:
            self._call(version, content, instrument, timepoint, map, create, said)
        assert ended.value.code == 1
        assert counts() == before
        return said.getvalue().splitlines()

    def _call(
        self,
        version: StudyVersion,
        content: str | bytes,
        instrument: str,
        timepoint: str,
        map: str | None,
        create: bool,
        said: io.StringIO,
    ) -> str:
        file, columns, out = self._folder / "answers.csv", self._folder / "map.yaml", io.StringIO()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if map is not None:
            columns.write_text(map)
        call_command(
            "import_answers",
            version.study.slug,
            str(file),
            instrument=instrument,
            timepoint=timepoint,
            map=None if map is None else columns,
            create=create,
            stdout=out,
            stderr=said,
        )
        return out.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Import:
    return Import(tmp_path)


def lines(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def called(name: str) -> Enrolment:
    """Who stands in the study for somebody whom a file called so."""
    return next(c for c in Contact.objects.all() if name in json.loads(c.external_ids or "{}").values()).enrolment


# --- nothing is stored -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "row 1: "),
        (f"{SCENES}\n", "row 2: "),
        (b"\xef\xbb\xbf" + lines(SCENES, "A,1,1,1,1").encode(), "row 1, column 1: "),
        (lines(SCENES, "Zo\xeb,1,1,1,1").encode("latin-1"), "row 2, column 1: "),
        (",".join([SCENES, *(f"x{n}" for n in range(4_995))]) + "\n", "row 1, column 1001: "),
        (lines(SCENES, "A,1,1,1,1", "B,1,n/a,1,1"), "row 3, column h2: found 'n/a'"),
        (lines(SCENES, "A,1,2.5,1,1"), "row 2, column h2: found '2.5'"),
        (lines(SCENES, "A,1,1,1,1", "A,2,2,2,2"), "row 3, column participant: "),
        (lines(SCENES, "A,1,1,1,1,1"), "row 2, column 6: "),
        (lines(SCENES, "A,1,\x00,1,1"), "row 2: "),
        (lines(SCENES, 'A,1,"1,1,1'), "row 2: "),
        (lines("participant,h1,h2,d1", "A,1,1,1"), "row 1: has no column 'd2'"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    content: str | bytes, says: str, scenes: StudyVersion, put: Import
) -> None:
    assert put.faults(scenes, content, "scenes_4", "baseline", create=True)[0].startswith(says)


def test_one_bad_row_of_three_hundred_stores_none(scenes: StudyVersion, put: Import) -> None:
    rows = [f"P{n},1,2,3,4" for n in range(299)]

    bad = put.faults(scenes, lines(SCENES, *rows, "P299,1,2,3,6"), "scenes_4", "baseline", create=True)

    assert bad == ["row 301, column d2: found '6'; expected a whole number from 1 to 5, or nothing"]
    assert put(scenes, lines(SCENES, *rows), "scenes_4", "baseline", create=True)["people"] == 299


def test_unknown_people_are_faults_each_by_row(scenes: StudyVersion, put: Import) -> None:
    person = world.consented(scenes, NOW - DAY)

    found = put.faults(
        scenes, lines(SCENES, "X,1,1,1,1", f"{person.pseudonym},1,1,1,1", "Y,1,1,1,1"), "scenes_4", "baseline"
    )

    assert [fault.partition(":")[0] for fault in found] == ["row 2, column participant", "row 4, column participant"]
    assert "there is no 'X' in the study; expected a pseudonym, or --create" in found[0]


def test_somebody_of_another_study_is_unknown(scenes: StudyVersion, put: Import) -> None:
    stranger = world.consented(world.tiny(), NOW - DAY)

    assert (
        "there is no" in put.faults(scenes, lines(SCENES, f"{stranger.pseudonym},1,1,1,1"), "scenes_4", "baseline")[0]
    )


@pytest.mark.parametrize("kind", ["invited", "withdrawn", "erased", "not there yet", "answered", "begun"])
def test_who_can_not_be_given_answers_is_told_apart(kind: str, scenes: StudyVersion, put: Import) -> None:
    person = world.invited(scenes.study)[0] if kind == "invited" else world.consented(scenes, NOW - DAY)
    timepoint = "post" if kind == "not there yet" else "baseline"
    row = lines(SCENES, f"{person.pseudonym},1,1,1,1")
    if kind == "withdrawn":
        withdraw(enrolment=person, choice="keep", by="participant", now=NOW)
    if kind == "erased":
        erase(enrolment=person, by="command", reason="asked", now=NOW)
    if kind == "answered":
        put(scenes, row, "scenes_4", "baseline")
    if kind == "begun":
        give(person, "baseline", 1, 1.0)
    says = {
        "invited": "has not consented",
        "withdrawn": "has left the study",
        "erased": "was erased",
        "not there yet": "does not come to post, or not yet",
        "answered": "has answers to scenes_4 at baseline already; nothing is ever replaced",
        "begun": "has answers to scenes_4 at baseline already",
    }[kind]

    assert says in put.faults(scenes, row, "scenes_4", timepoint, create=True)[0]


def test_answers_from_the_future_are_refused(scenes: StudyVersion, put: Import) -> None:
    row = lines(f"{SCENES},answered_at", "A,1,1,1,1,2027-03-02T10:00:00+00:00")

    assert "lies ahead" in put.faults(scenes, row, "scenes_4", "baseline", create=True)[0]


def test_whoever_is_asked_other_items_by_their_version_is_refused(scenes: StudyVersion, put: Import) -> None:
    person = world.consented(scenes, NOW - DAY)
    changed = world.edited({"{id: d2,": "{id: d3,"}, file="instruments/scenes_4.yaml")
    newer = world.publish(changed, now=NOW - DAY / 2)

    found = put.faults(newer, lines(SCENES.replace("d2", "d3"), f"{person.pseudonym},1,1,1,1"), "scenes_4", "baseline")

    assert f"{person.pseudonym}'s version of the study asks other items in scenes_4" in found[0]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("A,41,yes_always,2001-02-03,,words,4.5,50,quick,no,", "row 2, column since: is answered though"),
        ("A,17,yes_always,,,words,4.5,50,quick,no,", "row 2, column age: found '17'"),
    ],
)
def test_answers_of_every_kind_are_checked(row: str, says: str, version: StudyVersion, put: Import) -> None:
    assert put.faults(version, lines(PERSON, row), "person", "first", create=True)[0].startswith(says)


def test_unknown_languages_and_forms_are_named(version: StudyVersion, put: Import) -> None:
    found = put.faults(version, lines(f"{PICTURES},language", "A,c,,,,,,,1,5,1,fr"), "pictures", "first", create=True)

    assert found == [
        "row 2, column language: found 'fr'; expected one of en or de",
        "row 2, column form: found 'c'; expected one of a or b",
    ]


@pytest.mark.parametrize(
    ("map", "says"),
    [
        ("who: participant\n", "map, who: found 'participant'"),
        ("h1: [a\n", "map.yaml"),
        ("h1: h1\nh1: h2\n", "map.yaml"),
        ("- h1\n", "map: is no mapping"),
        ("scale: {min: 0, max: 10}\n", "map, scale: the file is coded 0 to 10, but h1 goes from 1 to 5"),
    ],
)
def test_a_bad_map_stores_nothing(map: str, says: str, scenes: StudyVersion, put: Import) -> None:
    assert put.faults(scenes, lines(SCENES, "A,1,1,1,1"), "scenes_4", "baseline", map=map, create=True)[0].startswith(
        says
    )


@pytest.mark.parametrize(
    ("instrument", "timepoint", "says"),
    [
        ("scenes_4", "nowhere", "no step 'nowhere'"),
        ("scenes_9", "baseline", "does not ask 'scenes_9'"),
        ("scenes_4", "s1", "expected a step with questionnaires"),
    ],
)
def test_what_the_study_does_not_ask_is_no_place_for_answers(
    instrument: str, timepoint: str, says: str, scenes: StudyVersion, put: Import
) -> None:
    before = counts()
    with pytest.raises(CommandError, match=says):
        put(scenes, lines(SCENES, "A,1,1,1,1"), instrument, timepoint, create=True)
    assert counts() == before


# --- newcomers -------------------------------------------------------------------------------------------------------


def test_newcomers_are_imported_and_outside_consent_flow_and_allocation(version: StudyVersion, put: Import) -> None:
    before = flow(version.study)

    told = put(
        version, lines(PICTURES, LOW.format("Ann Example"), HIGH.format("Ben")), "pictures", "first", create=True
    )

    assert told == {"people": 2, "created": 2, "answers": 11}
    assert flow(version.study) == before
    person = called("Ann Example")
    assert re.fullmatch(r"[A-Z0-9]{6,8}", person.pseudonym)
    assert (person.consented_at, person.allocated_at, person.arm) == (None, None, "")
    rows = caller(version.study).rows("participants")
    assert [(row["status"], row["arm"], row["consented_at"]) for row in rows] == [("imported", None, None)] * 2


def test_what_a_file_calls_people_is_with_their_contact_alone(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("ann.example@home")), "pictures", "first", create=True)

    told = everything().splitlines()
    assert [line.partition(":")[0] for line in told if "ann.example" in line] == ["coaching.Contact"]
    by = caller(version.study, scopes=("export:read",))
    assert "ann.example" not in json.dumps([by.rows("participants"), by.rows("responses"), by.rows("scores")])


def test_time_passes_and_nothing_happens_to_the_imported(version: StudyVersion, put: Import, settings: Any) -> None:
    put(version, lines(PICTURES, LOW.format("A")), "pictures", "first", create=True)
    before = everything()

    for days in (1, 3, 30, 400):
        turn(now=world.move_clock(settings, NOW + days * DAY))

    assert everything() == before
    assert not Message.objects.exists()


def test_answers_scores_and_counts_are_those_of_the_file(version: StudyVersion, put: Import) -> None:
    put(
        version,
        lines(PICTURES, LOW.format("A"), HIGH.format("B"), "C,b,,,,3,,3,3,3,1"),
        "pictures",
        "first",
        create=True,
    )

    a, b, c = called("A"), called("B"), called("C")
    assert statuses(a, "first")["s3"] == "not_due"
    # 1 + 1 + 1 and 5 reversed to 1: nothing appears, at the floor.
    assert scored(a, "total_high_is_vivid", "first").value == 4
    assert scored(b, "total_high_is_vivid", "first").value == 25
    assert statuses(c, "first")["r2"] == "not_reached"
    assert (scored(c, "total_high_is_vivid", "first").prorated, statuses(c, "first")["s1"]) == (True, "not_due")
    assert set(Administration.objects.values_list("imported", flat=True)) == {True}
    assert set(Answer.objects.values_list("answered_at", flat=True)) == {None}


def test_a_fault_is_named_by_the_column_of_the_file(scenes: StudyVersion, put: Import) -> None:
    content = "who,when,h1,h2,d1,d2\nA,2031-01-31T09:30:00+01:00,1,2,3,1\nB,,1,2,3,1"
    said = put.faults(scenes, content, "scenes_4", "baseline", map="{participant: who, answered_at: when}")

    assert [line.partition(":")[0] for line in said] == ["row 2, column when", "row 2, column who", "row 3, column who"]


def test_what_was_not_brought_is_not_asked_of_the_imported(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("A")), "pictures", "end", create=True)
    put(version, lines("participant,sense,gain,guess,sure,why", "A,5,50,words,3,"), "belief", "end")

    sheets = Administration.objects.filter(occasion__key="end").order_by("place")
    assert [(sheet.instrument, sheet.imported) for sheet in sheets] == [("pictures", True), ("belief", True)]


def test_those_who_are_imported_leave_the_turn_of_forms_as_it_was(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("A")), "pictures", "first", create=True)

    people = [world.consented(version, now=NOW + place * DAY) for place in range(2)]

    pictures = declared(version).instruments["pictures"]
    assert [form_of(world.occasion(person, "first"), pictures) for person in people] == ["a", "b"]


def test_answers_have_the_time_that_the_file_gives(scenes: StudyVersion, put: Import) -> None:
    row = "A,1,2,3,,2026-01-31T09:30:00+01:00"
    put(scenes, lines(f"{SCENES},answered_at", row), "scenes_4", "baseline", create=True)

    at = dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC)
    assert set(Answer.objects.filter(status="answered").values_list("answered_at", flat=True)) == {at}
    assert Answer.objects.get(item="d2").answered_at is None


def test_a_second_timepoint_finds_the_same_people(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("A"), LOW.format("B")), "pictures", "first", create=True)

    told = put(version, lines(PICTURES, HIGH.format("A"), LOW.format("B")), "pictures", "again", create=True)

    assert told == {"people": 2, "created": 0, "answers": 11}
    assert Enrolment.objects.count() == 2
    person = called("A")
    put(version, lines(PICTURES, HIGH.format(person.pseudonym)), "pictures", "end")
    later = scored(person, "total_high_is_vivid", "end")
    assert later.change is not None
    assert ChangeJudgement.objects.filter(score=later).exists()
    assert {o.state for o in Occasion.objects.all()} == {"done"}


def test_another_questionnaire_of_the_same_step_joins_it(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("A")), "pictures", "first", create=True)

    put(version, lines(PERSON, "A,41,yes_always,,,words,4.5,50,quick,yes,3.5"), "person", "first")

    assert Occasion.objects.count() == 1
    assert scored(called("A"), "trained", "first").value == 1


def test_one_person_by_two_names_is_a_fault(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("A")), "pictures", "first", create=True)

    found = put.faults(
        version, lines(PICTURES, LOW.format("A"), LOW.format(called("A").pseudonym)), "pictures", "again"
    )

    assert found == ["row 3, column participant: is the same person as in row 2; expected a row a person"]


def test_the_same_file_again_is_refused(version: StudyVersion, put: Import) -> None:
    file = lines(PICTURES, LOW.format("A"), HIGH.format("B"))
    put(version, file, "pictures", "first", create=True)

    found = put.faults(version, file, "pictures", "first", create=True)

    assert [fault.partition(":")[0] for fault in found] == ["row 2, column participant", "row 3, column participant"]
    assert "already; nothing is ever replaced" in found[0]


def test_the_audit_log_says_how_many_and_not_who(version: StudyVersion, put: Import) -> None:
    put(version, lines(PICTURES, LOW.format("Ann Example")), "pictures", "first", create=True)

    entry = AuditEntry.objects.get(action="answers.import")
    assert (entry.subject, json.loads(entry.detail)) == ("first.pictures", {"people": 1, "created": 1})


def test_erasing_an_imported_person_leaves_a_tombstone_and_nothing_else(version: StudyVersion, put: Import) -> None:
    put(version, lines(PERSON, "Ann Example,41,yes_always,,,words,4.5,50,A canary,no,"), "person", "first", create=True)
    person = called("Ann Example")

    erase(enrolment=person, by="command", reason="asked", now=NOW)

    told = everything()
    assert "Ann Example" not in told
    assert "canary" not in told
    for model in (Contact, Administration, Answer, ScoreRow, Occasion):
        assert not model._default_manager.exists()
    stone = world.fresh(person)
    assert (stone.erased_at, stone.language, stone.consented_at) == (NOW, "", None)
    assert caller(version.study).rows("participants") == []
    found = put.faults(version, lines(PICTURES, LOW.format(person.pseudonym)), "pictures", "again", create=True)
    assert "was erased" in found[0]


# --- people of the study ---------------------------------------------------------------------------------------------


def test_the_last_answers_before_allocation_are_followed_by_it(scenes: StudyVersion, put: Import) -> None:
    person, other = world.consented(scenes, NOW - DAY), world.consented(scenes, NOW - DAY)

    told = put(scenes, lines(SCENES, f"{person.pseudonym},5,5,5,5"), "scenes_4", "baseline")

    assert told == {"people": 1, "created": 0, "answers": 4}
    person = world.fresh(person)
    assert world.occasion(person, "baseline").state == "done"
    assert person.allocated_at is not None
    assert person.arm in ("sessions", "questions")
    assert person.groups == {"imagery": "vivid"}
    assert world.fresh(other).allocated_at is None
    assert flow(scenes.study)["allocated"] == 1


def test_a_step_is_done_when_its_last_questionnaire_is(version: StudyVersion, put: Import) -> None:
    person = world.consented(version, NOW - DAY)

    put(version, lines(PICTURES, LOW.format(person.pseudonym)), "pictures", "first")
    assert world.occasion(person, "first").settled_at is None

    put(version, lines(PERSON, f"{person.pseudonym},41,yes_always,,,words,4.5,50,,no,"), "person", "first")
    assert world.occasion(person, "first").state == "done"
    assert statuses(person, "first")["since"] == "not_due"


def test_people_of_the_study_and_newcomers_come_in_one_file(scenes: StudyVersion, put: Import) -> None:
    person = world.consented(scenes, NOW - DAY)

    told = put(scenes, lines(SCENES, "New,1,1,1,1", f"{person.pseudonym},2,2,2,2"), "scenes_4", "baseline", create=True)

    assert told == {"people": 2, "created": 1, "answers": 8}
    assert flow(scenes.study)["consented"] == 1
    assert scored(called("New"), "total", "baseline").band == "none"
    assert scored(person, "total", "baseline").band == "dim"
