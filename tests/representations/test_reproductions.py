"""Each chapter's script comes to the figures that the chapter tells, and draws the pictures that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "docs" / "representations"
METHODS = ["alignment", "consistency", "shared", "symmetry"]
SHOWN = re.compile(r"!\[(?P<says>[^\]]*)\]\(figures/(?P<name>[\w-]+\.svg)\)")


def test_every_method_has_a_chapter_with_a_script() -> None:
    scripts = sorted(file.stem for file in CHAPTERS.glob("*.py"))
    assert scripts == [*METHODS, "wanted"]  # the last holds the table of all of them
    assert [name for name in METHODS if not (CHAPTERS / f"{name}.md").is_file()] == []


@pytest.mark.parametrize("name", METHODS)
def test_a_chapter_shows_its_pictures_and_says_what_is_on_them(name: str) -> None:
    shown = SHOWN.findall((CHAPTERS / f"{name}.md").read_text(encoding="utf-8"))
    assert shown
    for says, picture in shown:
        assert len(says) > 5, picture
        assert (CHAPTERS / "figures" / picture).is_file(), picture


def test_no_picture_lies_there_unshown() -> None:
    chapters = "".join((CHAPTERS / f"{name}.md").read_text(encoding="utf-8") for name in METHODS)
    there = {file.name for file in (CHAPTERS / "figures").iterdir()}
    assert there == {name for _, name in SHOWN.findall(chapters)}


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_a_chapter_holds(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", f"docs.representations.{name}", str(tmp_path)]
    environment = dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    header, *figures = done.stdout.splitlines()
    assert header.split() == ["figure", "found", "wanted", "holds"]
    verdicts = [line.split()[-1] for line in figures]
    assert "yes" in verdicts
    assert "NO" not in verdicts
    shown = {picture for _, picture in SHOWN.findall((CHAPTERS / f"{name}.md").read_text(encoding="utf-8"))}
    drawn = {file.name for file in tmp_path.glob("*.svg")}
    assert shown <= drawn
    for picture in drawn:
        ElementTree.parse(tmp_path / picture)
