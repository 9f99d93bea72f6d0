"""Who is asked what: the branching questionnaire of docs/bundle-rules.md, answer by answer.

A condition is met, not met, or open. It is open while an item that it hangs on has not been reached; then nobody can
tell yet whether the item comes. An item that somebody passes has no value, and with no value nothing is compared.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assessments.branching import due
from protocol.bundle import read_bundle
from protocol.conditions import Given
from protocol.instrument import Instrument
from tests.protocol.bundles import as_folder, example

RULES = Path(__file__).parents[2] / "docs" / "bundle-rules.md"
PASSED = None


@pytest.fixture(scope="module")
def dreams(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    (text,) = re.findall(r"^```yaml\n(id: dreams\n.*?)^```$", RULES.read_text(), re.MULTILINE | re.DOTALL)
    files = example() | {"instruments/dreams.yaml": text.encode()}
    return read_bundle(as_folder(files, tmp_path_factory.mktemp("dreams"))).study.instruments["dreams"]


def asked(instrument: Instrument, given: dict[str, Given]) -> list[str]:
    """The items that are asked; one that is open yet has a question mark."""
    return [id if is_due else f"{id}?" for id, is_due in due(instrument, "", given).items() if is_due is not False]


# --- 1. The table of the manual --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "items"),
    [
        ({"dreamt": "no"}, "dreamt"),
        ({"dreamt": "not sure"}, "dreamt tell"),
        ({"dreamt": "yes", "senses": ("sight", "sound"), "clear": 6}, "dreamt senses clear woke"),
        ({"dreamt": "yes", "senses": ("sight", "sound"), "clear": PASSED}, "dreamt senses clear"),
        ({"dreamt": "yes", "senses": PASSED}, "dreamt senses"),
    ],
)
def test_each_answer_leads_to_its_items(dreams: Instrument, given: dict[str, Given], items: str) -> None:
    assert asked(dreams, given) == items.split()


# --- 2. On the way there ---------------------------------------------------------------------------------------------


def test_before_the_first_answer_all_that_hangs_on_it_is_open(dreams: Instrument) -> None:
    assert asked(dreams, {}) == ["dreamt", "senses?", "clear?", "woke?", "tell?"]


def test_an_answer_closes_what_it_decides_and_leaves_the_rest_open(dreams: Instrument) -> None:
    """After *yes* the first half of `tell` is false; the second still hangs on `senses`."""
    assert asked(dreams, {"dreamt": "yes"}) == ["dreamt", "senses", "clear?", "woke?", "tell?"]
    assert asked(dreams, {"dreamt": "yes", "senses": ("neither",)}) == ["dreamt", "senses", "tell"]


def test_one_false_part_of_an_and_decides_before_the_other_is_known(dreams: Instrument) -> None:
    """Nothing was heard: `woke` is not due, though `clear` has not been answered."""
    assert asked(dreams, {"dreamt": "yes", "senses": ("sight",)}) == ["dreamt", "senses", "clear"]


# --- 3. What counts as given -----------------------------------------------------------------------------------------


def test_what_was_given_to_an_item_that_is_no_longer_due_does_not_count(dreams: Instrument) -> None:
    """Somebody goes back and says that they did not dream: what hung on the dream falls with it."""
    given: dict[str, Given] = {"dreamt": "no", "senses": ("sight", "sound"), "clear": 6}
    assert asked(dreams, given) == ["dreamt"]


@pytest.mark.parametrize(("clear", "is_asked"), [(0, True), (7, True), (8, False), (10, False), (PASSED, False)])
def test_a_number_is_compared_and_the_least_one_is_a_number(
    dreams: Instrument, clear: float | None, is_asked: bool
) -> None:
    """`clear < 8` holds at 0, where no picture came; without an answer it does not."""
    given: dict[str, Given] = {"dreamt": "yes", "senses": ("sight", "sound"), "clear": clear}
    assert ("woke" in asked(dreams, given)) is is_asked
