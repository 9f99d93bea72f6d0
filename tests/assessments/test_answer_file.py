"""A file of answers from elsewhere: everything that may be wrong with it is named by row and column, all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assessments.answer_file import MOST_COLUMNS, Read, header_of, read_answers
from assessments.answer_map import AnswerFaults, Map, read_map
from protocol.bundle import read_bundle
from protocol.instrument import Instrument
from tests import world

EVERY_KIND = Path(__file__).parents[1] / "studies" / "every_kind"
TEN = """\
id: ten
title: Ten
source: made for the tests
licence: CC0-1.0
scale: {min: 0, max: 10, step: 1, direction: higher_is_more}
sections:
  - {id: only, items: [{id: t1, text: One}, {id: t2, text: Two}, {id: t3, text: Three, optional: true}]}
scores: {total: {of: all, how: sum}}
"""
PERSON = "participant,age,always,since,how,ways,pets,share,name,prior,hours"
LAST = "A,41,yes_always,,,words,4.5,50,quick,no,"


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: Any) -> dict[str, Instrument]:
    folder = tmp_path_factory.mktemp("ten")
    files = world.edited({"instruments: [one]": "instruments: [one, ten]"}, world.TINY) | {"instruments/ten.yaml": TEN}
    tens = read_bundle(world.written(files, folder)).study.instruments
    return {**read_bundle(EVERY_KIND).study.instruments, **tens}


@pytest.fixture
def ten(instruments: dict[str, Instrument]) -> Instrument:
    return instruments["ten"]


@pytest.fixture
def about(instruments: dict[str, Instrument]) -> Instrument:
    return instruments["person"]


def read(content: str | bytes, instrument: Instrument, map: Map | None = None) -> Read:
    raw = content if isinstance(content, bytes) else content.encode()
    return read_answers(raw, instrument, map or Map(), ("en", "de"))


def faults(content: str | bytes, instrument: Instrument, map: Map | None = None) -> list[str]:
    with pytest.raises(AnswerFaults) as raised:
        read(content, instrument, map)
    return raised.value.faults


def of_map(plain: object, header: Sequence[str], instrument: Instrument) -> list[str]:
    with pytest.raises(AnswerFaults) as raised:
        read_map(plain, header, instrument)
    return raised.value.faults


# --- what a sound file gives -----------------------------------------------------------------------------------------


def test_a_row_is_a_person_and_a_cell_is_an_entry_of_its_kind(about: Instrument) -> None:
    found = read(f"{PERSON},language,answered_at\n{LAST},de,2026-01-31T09:30:00+01:00\n", about)

    row = found.rows[0]
    assert (row.number, row.participant, row.language) == (2, "A", "de")
    assert row.answered_at == dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC)
    assert row.cells["age"].entry.value == 41
    assert row.cells["always"].entry.text == "yes_always"
    assert row.cells["pets"].entry.value == 4.5
    assert row.cells["since"].status == row.cells["hours"].status == "not_due"


def test_a_row_that_names_no_language_is_in_the_first_of_the_study(ten: Instrument) -> None:
    assert read("participant,t1,t2,t3\nA,1,2,3\n", ten).rows[0].language == "en"


def test_several_choices_stand_between_semicolons(about: Instrument) -> None:
    row = read(f"{PERSON}\n{LAST.replace('words', 'moving;picture')}\n", about).rows[0]

    assert row.cells["ways"].entry.text == "picture;moving"


def test_an_empty_cell_was_not_reached_or_skipped_where_one_may(ten: Instrument) -> None:
    row = read("participant,t1,t2,t3\nA,1,,\n", ten).rows[0]

    assert (row.cells["t2"].status, row.cells["t3"].status) == ("not_reached", "skipped")


def test_that_it_does_not_apply_is_said_with_na_where_one_can_say_so(about: Instrument) -> None:
    assert read(f"{PERSON}\n{LAST.replace('4.5', 'na')}\n", about).rows[0].cells["pets"].status == "not_applicable"
    assert faults(f"{PERSON}\n{LAST.replace('41', 'na')}\n", about)[0].startswith("row 2, column age: found 'na'")


def test_blank_rows_are_passed_over_and_still_counted(ten: Instrument) -> None:
    assert [row.number for row in read("participant,t1,t2,t3\n\n,,,\nA,1,2,3\n", ten).rows] == [4]


def test_other_line_ends_and_quoted_cells_are_csv_too(ten: Instrument) -> None:
    assert read(b'participant,t1,t2,t3\r\n"A, B",1,"2",3\r\n', ten).rows[0].participant == "A, B"


# --- the file as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "row 1: is missing"),
        (b"\n\n", "row 1: is missing"),
        (b"participant,t1,t2,t3\n", "row 2: is missing; expected a row for each person"),
        (b"\xef\xbb\xbfparticipant,t1,t2,t3\nA,1,2,3\n", "row 1, column 1: begins with a byte order mark"),
        ("participant,t1,t2,t3\nA,1,2,3\n".encode("utf-16"), "row 1, column 1: begins with a byte order mark"),
        ("participant,t1,t2,t3\nA,1,2,3\nJosé,1,2,3\n".encode("latin-1"), "row 3, column 1: holds the byte 0xe9"),
        (b"participant,t1,t2,t3\nA,1,2,3\nB,1,\x00,3\n", "row 3: holds a zero byte"),
        (b'participant,t1,t2,t3\nA,1,2,3\nB,1,"2,3\n', "row 3: can't be read as CSV"),
        (b'participant,t1,t2,t3\nA,"1"x,2,3\n', "row 2: can't be read as CSV"),
        (b"participant,t1,t2\nA,1,2\n", "row 1: has no column 't3'"),
        (b"t1,t2,t3\n1,2,3\n", "row 1: has no column 'participant'"),
        (b"participant,t1,t2,t3,t4\nA,1,2,3,4\n", "row 1, column 5: 't4' is no item of ten"),
        (b"participant,t1,t2,t3,\nA,1,2,3,4\n", "row 1, column 5: '' is no item of ten"),
        (b"participant,t1,t2,t3,t2\nA,1,2,3,2\n", "row 1, column 5: 't2' is there twice"),
        (b"participant;t1;t2;t3\nA;1;2;3\n", "row 1: has no column 'participant'"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_the_place(content: bytes, says: str, ten: Instrument) -> None:
    assert faults(content, ten)[0].startswith(says)


def test_five_thousand_columns_are_too_many(ten: Instrument) -> None:
    header = ",".join(["participant", "t1", "t2", "t3", *(f"x{n}" for n in range(4_996))])

    assert faults(f"{header}\n", ten) == ["row 1, column 1001: the file has 5000 columns; at most 1000 fit"]
    assert len(header_of(",".join(f"x{n}" for n in range(MOST_COLUMNS)).encode())) == MOST_COLUMNS


def test_every_doubled_column_is_named(ten: Instrument) -> None:
    found = faults("participant,t1,t1,t2,t2,t3\nA,1,1,2,2,3\n", ten)

    assert [fault.partition(":")[0] for fault in found] == ["row 1, column 3", "row 1, column 5"]


# --- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["11", "-1", "5.5", "n/a", "NA", "1e1", "5,5", "five", "٣", "nan", "inf", "0x5"])
def test_a_cell_that_is_no_answer_is_named_with_what_was_expected(text: str, ten: Instrument) -> None:
    found = faults(f'participant,t1,t2,t3\nA,1,2,3\nB,1,"{text}",3\n', ten)

    assert len(found) == 1
    assert found[0].startswith("row 3, column t2: found ")
    assert found[0].endswith("expected a whole number from 0 to 10, or nothing")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("41", "17", "column age: found '17'; expected a number at least 18 and at most 99"),
        ("41", "41.5", "column age: found '41.5'"),
        ("yes_always", "perhaps", "column always: found 'perhaps'; expected yes_always, no_later or unsure"),
        ("words", "words;dreams", "column ways: found 'words;dreams'"),
        ("quick", "x" * 41, "column name: found "),
        ("50", "100.5", "column share: found '100.5'"),
        (",yes_always,,", ",no_later,1.2.2001,", "column since: found '1.2.2001'; expected a date"),
        (",yes_always,,", ",no_later,1929-12-31,", "column since: found '1929-12-31'"),
        (",yes_always,,", ",yes_always,2001-02-03,", "column since: is answered though earlier answers leave it out"),
        ("no,", "no,3", "column hours: is answered though earlier answers leave it out"),
    ],
)
def test_each_kind_of_item_says_what_it_takes(old: str, new: str, says: str, about: Instrument) -> None:
    found = faults(f"{PERSON}\n{LAST.replace(old, new)}\n", about)

    assert found[0].startswith(f"row 2, {says}")


def test_what_a_row_has_beside_items_is_checked_too(instruments: dict[str, Instrument]) -> None:
    pictures = instruments["pictures"]
    items = [item.id for item in pictures.items()]
    header = ",".join(["participant", "language", "form", "answered_at", *items])
    blank = "," * len(items)

    found = faults(
        f"{header}\n,fr,c,yesterday{blank}\nA,en,a,2026-01-31T09:30:00{blank}\nA,en,a,{blank[1:]}\n"
        f"{'x' * 201},de,b,0001-01-01T00:00:00+01:00{blank}\n",
        pictures,
    )

    assert [fault.partition(":")[0] for fault in found] == [
        "row 2, column participant",
        "row 2, column language",
        "row 2, column form",
        "row 2, column answered_at",
        "row 3, column answered_at",
        "row 4, column participant",
        "row 5, column participant",
        "row 5, column answered_at",
    ]
    assert "is in row 3 already" in found[5]
    assert "expected a time with its offset" in found[4]


def test_a_questionnaire_of_forms_asks_which_was_given(instruments: dict[str, Instrument]) -> None:
    pictures = instruments["pictures"]
    header = ",".join(["participant", *(item.id for item in pictures.items())])

    assert faults(f"{header}\nA\n", pictures) == ["row 1: has no column 'form'; expected one with a or b"]


def test_more_cells_than_names_are_a_fault_and_fewer_are_empty(ten: Instrument) -> None:
    assert faults("participant,t1,t2,t3\nA,1,2,3,4\n", ten) == [
        "row 2, column 5: is more than the first row has names for"
    ]
    assert read("participant,t1,t2,t3\nA,1\n", ten).rows[0].cells["t2"].status == "not_reached"


def test_every_fault_is_told_and_very_many_are_counted(ten: Instrument) -> None:
    rows = "".join(f"P{n},11,1,1\n" for n in range(250))

    found = faults(f"participant,t1,t2,t3\n{rows}", ten)

    assert found[199].startswith("row 201, column t1")
    assert found[200:] == ["and 50 more faults"]


# --- coded otherwise -------------------------------------------------------------------------------------------------

ONE_TO_TEN = "participant,t1,t2,t3\n" + "".join(f"P{n},{n},{11 - n},5\n" for n in range(1, 11))


def test_a_file_of_1_to_10_for_a_scale_of_0_to_10_is_refused(ten: Instrument) -> None:
    found = faults(ONE_TO_TEN, ten)

    assert len(found) == 1
    assert found[0].startswith("row 2, column t1: no answer of the file is 0, while 1 and 10 are there")


def test_its_map_may_say_that_it_is_coded_by_the_ends_of_the_scale(ten: Instrument) -> None:
    header = header_of(ONE_TO_TEN.encode())

    assert len(read(ONE_TO_TEN, ten, read_map({"scale": {"min": 0, "max": 10}}, header, ten)).rows) == 10
    other = faults(ONE_TO_TEN, ten, read_map({"scale": {"min": 1, "max": 10}}, header, ten))
    assert other == ["map, scale: the file is coded 1 to 10, but t1 goes from 0 to 10; expected the same ends"]


def test_one_answer_of_nought_shows_the_coding(ten: Instrument) -> None:
    assert len(read(ONE_TO_TEN + "P11,0,1,1\n", ten).rows) == 11


# --- the map ---------------------------------------------------------------------------------------------------------

MAPPED = ["who", "q_1", "q_2", "q_3", "more"]


@pytest.mark.parametrize(
    "plain",
    [
        {"participant": "who", "t1": "q_1", "t2": "q_2", "t3": "q_3"},
        {"who": "participant", "q_1": "t1", "q_2": "t2", "q_3": "t3"},
        {"participant": "who", "items": {"t1": "q_1", "t2": "q_2", "t3": "q_3"}},
        {"who": "participant", "items": {"q_1": "t1", "t2": "q_2", "q_3": "t3"}},
    ],
)
def test_a_map_is_read_in_both_directions(plain: dict[str, Any], ten: Instrument) -> None:
    found = read(f"{','.join(MAPPED)}\nA,1,2,3,4\n", ten, read_map(plain, MAPPED, ten))

    assert found.rows[0].participant == "A"
    assert [found.rows[0].cells[item].entry.value for item in ("t1", "t2", "t3")] == [1, 2, 3]
    assert found.passed_over == ("more",)


@pytest.mark.parametrize(
    ("plain", "says"),
    [
        ([], "map: is no mapping"),
        (None, "map: is no mapping"),
        ({"participants": "who"}, "map, participants: found 'who'; expected a column of the file"),
        ({"t1": "q_9"}, "map, t1: found 'q_9'; expected a column of the file"),
        ({"t9": "q_1"}, "map, t9: found 'q_1'"),
        ({"items": ["q_1"]}, "map, items: found"),
        ({"t1": ["q_1", "q_2"]}, "map, t1: found"),
        ({"t1": "q_1", "q_2": "t1"}, "map, t1: has the columns 'q_1' and 'q_2'; expected one"),
        ({"missing": {"99": "gone"}}, "map, missing: found 'gone'; expected declined, skipped"),
        ({"missing": {"99": ["lost"]}}, "map, missing: found "),
        ({"missing": "99"}, "map, missing: found '99'; expected a list of texts"),
        ({"scale": {"min": 0}}, "map, scale: expected {min: number, max: number}"),
        ({"scale": {"min": 0, "max": "ten"}}, "map, scale: expected"),
        ({"scale": {"min": 0, "max": 10, "step": 1}}, "map, scale: found 'step'; expected {min: number, max: number}"),
        ({"scale": "0 to 10"}, "map, scale: expected"),
    ],
)
def test_a_map_that_says_what_is_not_there_is_refused(plain: object, says: str, ten: Instrument) -> None:
    assert of_map(plain, MAPPED, ten)[0].startswith(says)


def test_one_column_is_never_read_as_two_things(ten: Instrument) -> None:
    header = ["participant", "t2", "t3"]

    found = faults("participant,t2,t3\nA,1,2\n", ten, read_map({"t1": "t2"}, header, ten))

    assert found == ["row 1, column 2: 't2' would be read as t1 and as t2; expected a column for each"]


def test_an_item_that_the_map_leaves_out_is_missed(ten: Instrument) -> None:
    plain = {"participant": "who", "t1": "q_1", "t2": "q_2"}

    assert faults(f"{','.join(MAPPED)}\nA,1,2,3,4\n", ten, read_map(plain, MAPPED, ten)) == [
        "row 1: has no column for the item 't3'; expected one, or its name in the map"
    ]


def test_codes_of_missing_answers_stand_for_their_kind(ten: Instrument) -> None:
    header = ["participant", "t1", "t2", "t3"]
    kinds = read_map({"missing": {-99: "declined", 98: "lost"}}, header, ten)
    one = read_map({"missing": ["n/a", 99]}, header, ten)

    cells = read("participant,t1,t2,t3\nA,-99,98,\n", ten, kinds).rows[0].cells
    assert [cells[item].status for item in ("t1", "t2", "t3")] == ["declined", "lost", "skipped"]
    cells = read("participant,t1,t2,t3\nA,n/a,99,3\n", ten, one).rows[0].cells
    assert [cells[item].status for item in ("t1", "t2", "t3")] == ["not_reached", "not_reached", "answered"]
