"""The plan of steps on the page of a study: a line a step, and one for all times of a repeated one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocol.bundle import read_bundle
from research.codebook_entries import timepoints
from research.outline import outline
from tests.protocol.bundles import EXAMPLE, PROGRAMME, as_folder, changed, example

pytestmark = pytest.mark.once


def rows_of(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[str, Any] = outline(read_bundle(path).study, "en", {})
    return {(row["id"], row["who"]): row for row in found["steps"]}


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], dict[str, str]]:
    return rows_of(PROGRAMME)


def test_a_repeated_step_is_one_line(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    assert list(rows) == [
        ("first", "Everybody"),
        ("again", "Everybody"),
        ("train_1 … train_8", "now"),
        ("prompt_1 … prompt_5", "now"),
        ("post", "Every group"),
        ("probe_1", "Every group"),
        ("probe_2", "Every group"),
        ("train_1 … train_8", "Later, later"),
        ("late", "Later, later"),
    ]


def test_when_says_how_often_and_what_is_drawn(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    when = {id: row["when"] for (id, _who), row in rows.items()}
    assert when["again"] == "first done + 7 days to 21 days, drawn for each person"
    assert when["prompt_1 … prompt_5"] == (
        "Group given + 1 day, at a time between 09:00 and 21:00, drawn for each person; 5 times, 1 day apart"
    )
    assert when["train_1 … train_8"] == "post closed + 1 day, at 18:00; 8 times, 2 days apart"
    assert when["late"] == "train_8 done + 1 day"
    assert when["probe_1"] == "post closed + 1 hour"


def test_what_names_every_script_and_how_they_are_gone_through(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    assert rows["train_1 … train_8", "now"]["what"] == (
        "The harbour, The meadow, The street (in the orders of a Latin square), How you are now"
    )
    assert rows["probe_1", "Every group"]["what"] == (
        "one of The harbour, The meadow (by a Latin square), How you are now"
    )
    assert rows["first", "Everybody"]["what"] == "Scenes"


def test_times_that_follow_one_another_and_scripts_as_listed(tmp_path: Path) -> None:
    files = example(PROGRAMME)
    for _ in range(2):
        changed("study.yaml", "street], order: latin, at", "street], at", files)
    changed("study.yaml", "repeat: 8 times every 2d", "repeat: 8 times", files)
    row = rows_of(as_folder(files, tmp_path))["train_1 … train_8", "now"]
    assert row["when"] == "Group given + 1 day, at 18:00; 8 times, each after the one before"
    assert row["what"].startswith("The harbour, The meadow, The street (as listed)")


def test_a_step_that_comes_once_is_said_as_ever() -> None:
    when = {id: row["when"] for (id, _who), row in rows_of(EXAMPLE).items()}
    assert when["s2"] == "s1 done + 1 day"
    assert when["day28"] == "Second questionnaire due + 28 days"


def test_the_codebook_says_which_arms_have_a_timepoint_sooner_or_later() -> None:
    arms = {row["timepoint"]: row["arms"] for row in timepoints(read_bundle(PROGRAMME).study, "en")}
    assert arms["train_1"] == arms["post"] == ["now", "wait"]
    assert (arms["prompt_1"], arms["late"]) == (["now"], ["wait"])
