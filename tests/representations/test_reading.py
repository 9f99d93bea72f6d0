"""Files of judgements and exports: what is right is read, and each fault is said with its file and line."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery.tables.drawings import DRAWINGS
from imagery.tables.reports import REPORTS as REPORTS_TABLE
from protocol.columns import Table as ProductTable
from representations.errors import NotEnough, RepresentationError
from representations.exports import read_drawings, read_groups, read_labelled, read_named_arrays, read_reports
from representations.reading import (
    kind_of,
    read_arrangements,
    read_long_matrices,
    read_pairs,
    read_square_matrices,
    read_triplets,
)
from research.writers import FORMATS

pytestmark = pytest.mark.once

Read = Callable[[list[Path]], Any]
PAIRS = "participant,a,b,rating\nP1,dog,cat,2\nP1,dog,car,6.5\n"
SQUARE = ",dog,cat,car\ndog,0,1,2\ncat,1,0,\ncar,2,,0\n"


def written(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def fault(folder: Path, read: Read, content: str | bytes, name: str = "file.csv") -> str:
    with pytest.raises(RepresentationError) as caught:
        read([written(folder, content, name)])
    return str(caught.value)


# --- what is right ---------------------------------------------------------------------------------------------------


def test_pairs_are_read(tmp_path: Path) -> None:
    pairs = read_pairs([written(tmp_path, PAIRS)])
    assert pairs.participant == ["P1", "P1"]
    assert (pairs.a, pairs.b) == (["dog", "dog"], ["cat", "car"])
    assert pairs.rating.tolist() == [2.0, 6.5]


def test_a_trial_tells_repeats_apart(tmp_path: Path) -> None:
    content = "participant,a,b,rating,trial\nP1,dog,cat,2,1\nP1,cat,dog,3,2\nP2,dog,cat,3,1\n"
    assert read_pairs([written(tmp_path, content)]).rating.tolist() == [2.0, 3.0, 3.0]


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    files = [written(tmp_path, PAIRS, "one.csv"), written(tmp_path, PAIRS.replace("P1", "P2"), "two.csv")]
    assert read_pairs(files).participant == ["P1", "P1", "P2", "P2"]


def test_triplets_are_read(tmp_path: Path) -> None:
    triplets = read_triplets([written(tmp_path, "participant,a,b,c,odd\nP1,dog,cat,car,car\n")])
    assert (triplets.c, triplets.odd) == (["car"], ["car"])


def test_arrangements_are_read(tmp_path: Path) -> None:
    found = read_arrangements([written(tmp_path, "participant,item,x,y\nP1,dog,1,-2\nP1,cat,3e1,4\n")])
    assert found.trial == ["1", "1"]
    assert (found.x.tolist(), found.y.tolist()) == ([1.0, 30.0], [-2.0, 4.0])


def test_a_square_matrix_is_read_and_named_after_its_file(tmp_path: Path) -> None:
    other = ",car,dog,cat\ncar,0,2,\ndog,2,,1\ncat,,1,0\n"
    found = read_square_matrices([written(tmp_path, SQUARE, "P1.csv"), written(tmp_path, other, "P2.csv")])
    assert (found.participant, found.items) == (["P1", "P2"], ["dog", "cat", "car"])
    assert np.array_equal(found.values[0], found.values[1], equal_nan=True)
    assert np.array_equal(found.values[0], [[0, 1, 2], [1, 0, np.nan], [2, np.nan, 0]], equal_nan=True)


def test_a_long_matrix_is_read(tmp_path: Path) -> None:
    content = "participant,a,b,dissimilarity\nP1,dog,cat,1\nP1,car,dog,2\nP2,dog,cat,0\n"
    found = read_long_matrices([written(tmp_path, content)])
    assert (found.participant, found.items) == (["P1", "P2"], ["car", "cat", "dog"])
    assert np.array_equal(found.values[0], [[0, np.nan, 2], [np.nan, 0, 1], [2, 1, 0]], equal_nan=True)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("participant,a,b,rating", "pairs"),
        ("odd,c,b,a,participant,trial", "triplets"),
        ("participant,item,x,y", "arrangements"),
        ("participant,a,b,dissimilarity", "long matrices"),
        (",dog,cat", "square matrices"),
    ],
)
def test_the_kind_is_told_by_the_columns(tmp_path: Path, header: str, kind: str) -> None:
    assert kind_of([written(tmp_path, header + "\n")]) == kind


def test_bytes_ahead_line_ends_blank_lines_and_quotes_are_no_fault(tmp_path: Path) -> None:
    content = '\ufeffparticipant,a,b,rating\r\n\r\nP1,"dog, the ""old"" one","two\r\nlines",2\r\nP1,cat,ca\u0308r,3'
    pairs = read_pairs([written(tmp_path, content)])
    assert pairs.a == ['dog, the "old" one', "cat"]
    assert pairs.b == ["two\r\nlines", "cär"]


@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=9)] * 2), max_size=9
    )
)
def test_whatever_stands_in_a_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("participant", "a", "b", "rating"), *(("P1", a, b, 1) for a, b in rows)])
    file = written(tmp_path_factory.mktemp("any"), text.getvalue())
    try:
        found = read_pairs([file])
    except RepresentationError as error:
        said = str(error)
    else:
        said = file.name
        alike = [tuple(unicodedata.normalize("NFC", name) for name in row) for row in rows]
        assert list(zip(found.a, found.b, strict=True)) == alike
    assert file.name in said


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "content", "said"),
    [
        (read_pairs, "", "file.csv: the file is empty."),
        (read_pairs, "\n \n", "file.csv: the file is empty."),
        (read_pairs, "participant,a,b,rating\n", "file.csv: no row was found."),
        (read_pairs, "participant,a,rating\nP1,x,1\n", "header: missing: 'b' in 'participant', 'a', 'rating'."),
        (read_pairs, "participant,a,b,rating,colour\nP1,x,y,1,red\n", "header: unknown: 'colour'"),
        (read_pairs, "participant,a,b,b,rating\nP1,x,y,y,1\n", "header: twice: 'b'"),
        (read_pairs, "participant, a,b,rating\nP1,x,y,1\n", "header: unknown: ' a'"),
        (read_pairs, "participant;a;b;rating\nP1;x;y;1\n", "Expected: cells with commas between them"),
        (read_pairs, "participant,a,b,rating\nP1,x,y,1\nP1,x,z\n", "line 3: 3 cells were found. Expected: 4"),
        (read_pairs, 'participant,a,b,rating\nP1,"x"y,z,1\n', "line 2: "),
        (read_pairs, 'participant,a,b,rating\nP1,x,"y,1\n', "line 2: unexpected end of data"),
        (read_pairs, 'participant,a,b,rating\nP1,"x\nz",y,1\nP1,u,v,w\n', "line 4: rating 'w' was found."),
        (read_pairs, "participant,a,b,rating\nP1,x,y,\n", "line 2: an empty rating was found. Expected: a number"),
        (read_pairs, "participant,a,b,rating\nP1,x,y,nan\n", "line 2: rating 'nan' was found."),
        (read_pairs, "participant,a,b,rating\nP1,x,y,1e999\n", "line 2: rating '1e999' was found."),
        (read_pairs, 'participant,a,b,rating\nP1,x,y,"3,5"\n', "line 2: rating '3,5' was found."),
        (read_pairs, "participant,a,b,rating\nP1,x,y,1_0\n", "line 2: rating '1_0' was found."),
        (read_pairs, "participant,a,b,rating\n,x,y,1\n", "line 2: an empty participant was found. Expected: a name."),
        (
            read_pairs,
            "participant,a,b,rating\nP1,x ,y,1\n",
            "line 2: a 'x ' was found. Expected: a name without blanks",
        ),
        (read_pairs, "participant,a,b,rating\nP1,x,x,1\n", "line 2: x twice was found. Expected: different items."),
        (
            read_pairs,
            "participant,a,b,rating\nP1,x,y,1\nP1,y,x,2\n",
            "line 3: y and x of P1 as in file.csv, line 2 was found. Expected: the pair once, or a column trial",
        ),
        (read_pairs, "participant,a,b,rating,trial\nP1,x,y,1,1\nP1,y,x,2,1\n", "line 3: y and x of P1"),
        (read_pairs, "participant,a,b,rating,trial\nP1,x,y,1,\n", "line 2: an empty trial was found."),
        (read_pairs, "participant,a,b,rating\nP1,x,y,\xe9\n".encode("latin-1"), "line 2: the byte e9 was found"),
        (read_pairs, "participant,a,b,rating\n".encode("utf-16"), "UTF-16 was found. Expected: UTF-8"),
        (read_pairs, "participant,a,b,rating\nP1,x,\x00y,1\n", "line 2: a NUL was found."),
        (read_triplets, "participant,a,b,c,odd\nP1,x,y,z,w\n", "line 2: odd 'w' was found. Expected: one of x, y, z."),
        (read_triplets, "participant,a,b,c,odd\nP1,x,y,x,y\n", "line 2: x twice was found."),
        (read_triplets, "participant,a,b,c,odd\nP1,x,y,z,z\nP1,z,y,x,x\n", "line 3: z, y, x of P1"),
        (
            read_arrangements,
            "participant,item,x,y\nP1,dog,1,1\nP1,dog,2,2\n",
            "line 3: dog of P1 as in file.csv, line 2",
        ),
        (read_arrangements, "participant,item,x,y\nP1,dog,left,1\n", "line 2: x 'left' was found."),
        (read_long_matrices, "participant,a,b,dissimilarity\nP1,x,y,-1\n", "line 2: dissimilarity -1 was found."),
        (read_long_matrices, "participant,a,b,dissimilarity\nP1,x,y,1\nP1,y,x,1\n", "line 3: y and x of P1"),
        (read_square_matrices, ",dog,dog\ndog,0,1\ndog,1,0\n", "header: 'dog', 'dog' was found."),
        (read_square_matrices, ",dog,cat\ncat,0,1\ndog,1,0\n", "rows 'cat', 'dog' were found. Expected: dog, cat"),
        (read_square_matrices, ",dog,cat\ndog,0,1\ncat,2,0\n", "line 2: 1 and 2 for dog and cat were found."),
        (read_square_matrices, ",dog,cat\ndog,0,1\ncat,,0\n", "line 2: 1 and nan for dog and cat were found."),
        (read_square_matrices, ",dog,cat\ndog,1,1\ncat,1,0\n", "line 2: a value below 0, or a diagonal that is not 0"),
        (read_square_matrices, ",dog,cat\ndog,0,-1\ncat,-1,0\n", "line 2: a value below 0"),
        (read_square_matrices, ",dog,cat\ndog,0\ncat,1,0\n", "line 2: 1 values was found. Expected: 2 values."),
        (read_square_matrices, ",dog,cat\ndog,0,near\ncat,1,0\n", "line 2: cat 'near' was found."),
        (kind_of, "who,what\nP1,x\n", "header: 'who', 'what' was found. Expected: participant, a, b, rating (pairs)"),
        (lambda files: read_groups(files[0]), "participant,group\nP1,a\nP1,b\n", "line 3: P1 in b, and in a before"),
        (read_labelled, "text,category\nNothing came.,none\nNothing came.,vivid\n", "line 3: 'Nothing came.' as vivid"),
        (read_labelled, "text,category\n ,none\n", "line 2: an empty text was found."),
        (read_labelled, "text,category\nI saw it.,\n", "line 2: an empty category was found."),
    ],
)
def test_a_fault_is_said_with_its_place(tmp_path: Path, read: Read, content: str | bytes, said: str) -> None:
    found = fault(tmp_path, read, content)
    assert said in found
    assert found.startswith("file.csv")
    assert "Expected: " in found or "Enough would be: " in found


def test_all_faults_are_said_at_once_and_many_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"P1,a{k},b{k},none\n" for k in range(25))
    lines = fault(tmp_path, read_pairs, "participant,a,b,rating\n" + rows).splitlines()
    assert len(lines) == 11
    assert lines[9].startswith("file.csv, line 11: rating 'none' was found.")
    assert lines[10] == "And 15 more like these."


@pytest.mark.parametrize("name", ["file.txt", "file", "file.xlsx"])
def test_another_format_is_refused(tmp_path: Path, name: str) -> None:
    assert "Expected: one of .csv, .jsonl, .parquet." in fault(tmp_path, read_pairs, PAIRS, name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RepresentationError, match=r"gone.csv: No such file or directory. Expected: a file"):
        read_pairs([tmp_path / "gone.csv"])
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(RepresentationError, match=r"folder.csv: a folder or device was found"):
        read_pairs([tmp_path / "folder.csv"])


def test_files_of_two_kinds_are_refused(tmp_path: Path) -> None:
    files = [written(tmp_path, PAIRS, "a.csv"), written(tmp_path, SQUARE, "b.csv")]
    with pytest.raises(RepresentationError, match=r"a.csv \(pairs\), b.csv \(square matrices\) was found"):
        kind_of(files)


def test_square_matrices_of_other_items_or_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    one, twin = written(tmp_path, SQUARE, "P1.csv"), written(tmp_path / "more", SQUARE, "P1.csv")
    other = written(tmp_path, SQUARE.replace("car", "van"), "P2.csv")
    with pytest.raises(RepresentationError, match=r"Two files called P1 were found. Expected: one file a matrix."):
        read_square_matrices([one, twin])
    with pytest.raises(RepresentationError, match=r"P2.csv: other items than in P1.csv: car, van"):
        read_square_matrices([one, other])


# --- exports ---------------------------------------------------------------------------------------------------------

REPORTS = [
    {"participant": "P1", "study": "s", "arm": None, "timepoint": "t1", "script": "beach", "stage": "tell",
     "text": "=a line, \"quoted\"\nand one more", "words": 6, "language": "en", "after_reveal": False},
    {"participant": "P2", "study": "s", "arm": "x", "timepoint": "t1", "script": "beach", "stage": "tell",
     "text": None, "words": 0, "language": "de", "after_reveal": True},
]  # fmt: skip


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows([{k: f"'{v}" if str(v).startswith("=") else v for k, v in row.items()} for row in rows])
    return text.getvalue()


@pytest.mark.parametrize("name", ["reports.csv", "reports.jsonl", "reports.parquet"])
def test_reports_are_read_alike_in_each_format(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name.endswith("csv"):
        file.write_text(as_csv(REPORTS), encoding="utf-8")
    elif name.endswith("jsonl"):
        file.write_text("".join(json.dumps(row) + "\n" for row in REPORTS), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(REPORTS), file)
    first, second = read_reports([file])
    assert (first.participant, first.occasion, first.language) == ("P1", "t1 beach tell", "en")
    assert first.text.replace("\r\n", "\n") == '=a line, "quoted"\nand one more'
    assert (second.text, second.language) == ("", "de")


def exported(file: Path, table: ProductTable, rows: list[dict[str, Any]]) -> Path:
    """Rows as the product's own writers write them; a column that a row says nothing of has something of its kind."""
    of_kind = {"text": "x", "integer": 2, "number": 0.5, "boolean": True, "time": datetime(2026, 11, 3, tzinfo=UTC)}
    told = [tuple(row.get(column.name, of_kind[column.kind]) for column in table.columns) for row in rows]
    file.write_bytes(b"".join(FORMATS[file.suffix[1:]].writer.blocks(table.columns, [told])))
    return file


@pytest.mark.parametrize("ending", FORMATS)
def test_what_the_product_exports_is_read(tmp_path: Path, ending: str) -> None:
    text = '- a line, "quoted"\nand=one more'
    said = [{"participant": "P1", "text": text, "language": "en"}, {"participant": "P2", "text": None}]
    first, second = read_reports([exported(tmp_path / f"reports.{ending}", REPORTS_TABLE, said)])
    assert (first.participant, first.text, first.language) == ("P1", text, "en")
    assert (second.participant, second.text) == ("P2", "")
    given = [
        {"participant": "P1", "file": "0a.png", "status": "drawn", "condition": "memory"},
        {"participant": "P2", "file": None, "status": "skipped", "condition": "memory"},
        {"participant": "P2", "file": "0b.png", "status": "uploaded", "condition": "copy"},
    ]
    drawings = exported(tmp_path / f"drawings.{ending}", DRAWINGS, given)
    found, without = read_drawings([drawings], ["script", "stage"], {"condition": "memory"})
    assert [(each.participant, each.file) for each in found] == [("P1", "0a.png")]
    assert without == {"skipped": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"participant": "P1", "text": "a"}\n{"participant": "P1"', "line 2: Expecting ',' delimiter"),
        ('{"participant": "P1", "text": "a"}\n\n[1]\n', "line 3: '[1]' was found. Expected: a JSON object."),
        (
            '{"participant": "P1", "text": "a"}\n{"participant": "P1"}\n',
            "line 2: other keys than in the first line: text.",
        ),
        ('{"participant": "P1", "text": ["a"]}\n', "line 1, text: a list was found."),
        ("[" * 100_000, "line 1: "),
    ],
)
def test_a_fault_in_json_lines_is_said_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    assert said in fault(tmp_path, read_reports, content, "file.jsonl")


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(REPORTS), tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    for broken in (b"", b"PAR1", content[:200], content[:-9], b"text,participant\n"):
        assert "Expected: a Parquet file." in fault(tmp_path, read_reports, broken, "file.parquet")


def test_drawings_without_a_file_are_counted_by_what_there_is(tmp_path: Path) -> None:
    rows = ["P1,memory,0a.png,drawn", "P1,copy,,skipped", "P2,memory,,words", "P3,memory,,drawn", "P3,memory,,words"]
    content = "participant,condition,file,status\n" + "".join(f"{row}\n" for row in rows)
    found, without = read_drawings([written(tmp_path, content)])
    assert [(each.participant, each.texts["condition"], each.file) for each in found] == [("P1", "memory", "0a.png")]
    assert without == {"skipped": 1, "words": 2, "without a file": 1}


def test_groups_leave_out_who_is_in_none(tmp_path: Path) -> None:
    file = written(tmp_path, "participant,study,group\nP1,s,aphantasia\nP2,s,\n")
    assert read_groups(file) == {"P1": "aphantasia"}


def test_arrays_are_read_by_name_and_nothing_in_them_is_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", responses=np.ones((2, 3)))
    assert read_named_arrays(tmp_path / "a.npz", ["responses"])["responses"].shape == (2, 3)
    with pytest.raises(RepresentationError, match="the arrays responses were found. Expected: states."):
        read_named_arrays(tmp_path / "a.npz", ["states"])
    np.savez(tmp_path / "b.npz", responses=np.array([{"a": 1}], dtype=object))
    (tmp_path / "c.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:-40])
    (tmp_path / "d.npz").write_bytes(b"")
    for name in ("b.npz", "c.npz", "d.npz", "e.npz"):
        with pytest.raises(RepresentationError, match=f"{name}: .*Expected: a whole .npz file of plain arrays"):
            read_named_arrays(tmp_path / name, ["responses"])
    with pytest.raises(RepresentationError, match="Expected: .npz"):
        read_named_arrays(tmp_path / "a.npy", ["responses"])


def test_nothing_was_found_is_told_from_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(NotEnough, match="Enough would be: one row with the columns participant, text"):
        read_reports([written(tmp_path, "participant,text\n")])
