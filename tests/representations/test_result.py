"""A result on disk: whole or not at all, and the same in JSON, Parquet and SVG."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from representations import result as result_module
from representations.errors import RepresentationError
from representations.picture import Axis, BarChart
from representations.result import Column, Reference, Result, Table

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


def a_result(**changes: object) -> Result:
    people = Table(
        "people",
        "One row a person.",
        {
            "participant": Column(["P1", "P2"], "Who."),
            "alignment": Column(np.array([0.5, math.nan]), "How alike.", "0 to 1"),
            "trials": Column(np.array([40, 41]), "How many trials."),
            "is_used": Column(np.array([True, False]), "Whether it counts."),
            "note": Column([None, None], "Nothing at all."),
        },
    )
    given: dict[str, object] = {
        "method": "alignment",
        "source": "A paper [P].",
        "tables": [people],
        "null": Reference(0.01, "200 shuffles", -0.1, 0.1),
        "floor": Reference(0.0, "exact"),
        "ceiling": Reference(None, "no second half"),
        "warnings": ["Few people."],
        "settings": {"seed": 7, "scale": (0, 6), "weights": np.array([1.0, math.inf]), "file": Path("/a/b.csv")},
        "charts": {"bars": BarChart("t", "d", ["P1"], [0.5], Axis("alignment"))},
    }
    return Result(**(given | changes))  # type: ignore[arg-type]


def test_a_result_is_written_whole_in_each_format(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "out"
    written = a_result().write(folder)
    assert [file.name for file in written] == ["bars.svg", "people.parquet", "result.json"]
    said = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert said["null"] == {"value": 0.01, "low": -0.1, "high": 0.1, "how": "200 shuffles"}
    assert said["ceiling"]["value"] is None
    assert said["settings"] == {"seed": 7, "scale": [0, 6], "weights": [1.0, None], "file": "b.csv"}
    table = pq.read_table(folder / "people.parquet")
    assert table.to_pylist() == said["tables"]["people"]["rows"]
    assert table.to_pylist()[1] == {
        "participant": "P2", "alignment": None, "trials": 41, "is_used": False, "note": None,
    }  # fmt: skip
    assert table.schema.field("alignment").metadata == {b"means": b"How alike.", b"unit": b"0 to 1"}
    assert (folder / "bars.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_stops_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(result_module.pq, "write_table", stop)
    with pytest.raises(error):
        a_result().write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


LONG_WRITING = """
import sys
from pathlib import Path
from representations.picture import Axis, BarChart
from representations.result import Column, Reference, Result, Table

charts = {f"chart{k}": BarChart("t", "d", ["a"] * 50, [1.0] * 50, Axis("y")) for k in range(1000)}
nothing = Reference(None, "none")
tables = [Table("t", "m", {"a": Column([1], "a")})]
Result("m", "s", tables, nothing, nothing, nothing, charts=charts).write(Path(sys.argv[1]))
"""


def test_an_interrupt_in_the_middle_of_writing_leaves_all_or_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LONG_WRITING, str(tmp_path / "out")], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not any(files for *_, files in os.walk(tmp_path)):
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    if (tmp_path / "out").exists():
        assert len(list((tmp_path / "out").iterdir())) == 1002
    assert [folder.name for folder in tmp_path.iterdir()] in ([], ["out"])


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RepresentationError, match="is there already. Expected: a folder that does not exist yet"):
        a_result().write(tmp_path)
    with pytest.raises(RepresentationError, match="is no result of an earlier run"):
        a_result().write(tmp_path, replace=True)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_result_can_be_replaced(tmp_path: Path) -> None:
    a_result().write(tmp_path / "out")
    a_result(charts={}).write(tmp_path / "out", replace=True)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["people.parquet", "result.json"]
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_an_earlier_result_comes_back_when_the_new_one_can_not_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_result().write(tmp_path / "out")
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and self.name != "earlier":
            raise OSError("no room")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="no room"):
        a_result(charts={}).write(tmp_path / "out", replace=True)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["bars.svg", "people.parquet", "result.json"]
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(RepresentationError, match="Table t: columns of different lengths were found: {'a': 1, 'b': 2}"):
        Table("t", "m", {"a": Column([1], "a"), "b": Column([1, 2], "b")})


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", ""])
def test_a_name_that_is_no_file_is_refused(name: str) -> None:
    with pytest.raises(RepresentationError, match="names for a file each"):
        a_result(tables=[Table(name, "m", {"a": Column([1], "a")})])


def test_two_tables_of_one_name_are_refused() -> None:
    table = Table("t", "m", {"a": Column([1], "a")})
    with pytest.raises(RepresentationError, match="names for a file each"):
        a_result(tables=[table, table])
    with pytest.raises(KeyError):
        a_result().table("other")
