"""`load_study --check` needs no database: whoever writes a study may have nothing but its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import world
from tests.processes import Product

pytestmark = pytest.mark.once


@pytest.mark.parametrize("database", ["", "postgres://nobody@127.0.0.1:1/none"], ids=["no tables", "no database"])
def test_files_without_a_fault_are_said_to_be_so(tmp_path: Path, database: str) -> None:
    said = Product(tmp_path, database).manage("load_study", "--check", str(world.SMALL_SCENES))
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {"study": "small-scenes", "version": None, "changed": None}
    assert said.stderr.splitlines() == [
        "The files have no fault. Which version they would be is not known: no database is ready here. "
        "`manage.py migrate` makes one ready."
    ]


def test_faults_are_told_as_ever(tmp_path: Path) -> None:
    faulty = world.written(world.edited({"languages: [en, de]": "languages: []"}), tmp_path / "study")
    said = Product(tmp_path).manage("load_study", "--check", str(faulty))
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.startswith("study.yaml:")
    assert "Traceback" not in said.stderr
