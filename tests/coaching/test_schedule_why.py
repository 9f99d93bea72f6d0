"""Why a message is due: the words that `followups --dry-run` prints, which are the bundle's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from coaching.selectors.followups import _why
from protocol.bundle import read_bundle
from tests.protocol.bundles import PROGRAMME, as_folder, changed, example

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def whys() -> dict[str, str]:
    return {step.id: _why(step) for step in read_bundle(PROGRAMME).study.steps()}


def test_a_step_that_hangs_on_nothing_of_its_own_follows_the_one_before(whys: dict[str, str]) -> None:
    assert whys["first"] == "first follows the step before it"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("post", "post is planned at allocation + 20d"),
        ("probe_2", "probe_2 is planned at probe_1.due + 1d"),
        ("again", "again is planned at first.done + random(7d, 21d)"),
        ("train_1", "train_1 is planned at allocation + 1d at 18:00"),
        ("train_3", "train_3 is planned at allocation + 1d + 4d at 18:00"),
        ("prompt_2", "prompt_2 is planned at allocation + 1d + 1d at random(09:00, 21:00)"),
        ("late", "late is planned at train_8.done + 1d"),
    ],
)
def test_it_is_said_in_the_words_of_the_bundle(step: str, why: str, whys: dict[str, str]) -> None:
    assert whys[step] == why


def test_of_a_series_in_which_each_follows_the_one_before(tmp_path: Path) -> None:
    files = changed("study.yaml", "repeat: 5 times every 1d", "repeat: 5 times", example(PROGRAMME))
    steps = {step.id: step for step in read_bundle(as_folder(files, tmp_path)).study.steps()}
    assert _why(steps["prompt_4"]) == "prompt_4 follows prompt_3, done or missed"
