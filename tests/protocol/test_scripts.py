"""What a script declares, key by key."""

from __future__ import annotations

import pytest

from protocol.bundle import read_bundle
from protocol.durations import Duration
from protocol.script import USUAL_FORMS, Range, Safety, Script, Stage, Unlock
from protocol.text import Text
from tests.protocol.bundles import ALL_KINDS, EXAMPLE


@pytest.fixture(scope="module")
def tree() -> Script:
    return read_bundle(ALL_KINDS).study.scripts["tree"]


def said(en: str, de: str) -> Text:
    return Text(by_language={"en": en, "de": de})


def test_a_script_says_what_it_is_for_and_what_it_is_matched_to(tree: Script) -> None:
    words = read_bundle(ALL_KINDS).study.scripts["words"]
    plain = read_bundle(EXAMPLE).study.scripts["potoo"]

    assert (tree.purpose, tree.matched_to) == ("probe", None)
    assert (words.purpose, words.matched_to) == ("control", "tree")
    assert (plain.purpose, plain.matched_to, plain.unlock, plain.safety) == ("training", None, None, Safety())


def test_layers_open_by_a_rating(tree: Script) -> None:
    assert tree.unlock == Unlock("rating", 1, "clarity", 3)
    assert tree.layers() == ("place", "wind")
    assert [stage.layer for stage in tree.stages] == ["place", "place", "wind", None, None, None]


def test_what_is_said_before_and_to_whom_it_becomes_too_much(tree: Script) -> None:
    assert tree.safety == Safety(
        said("There is wind in it", "Es kommt Wind vor"), said("Feel your feet", "Spüren Sie Ihre Füße")
    )


def test_each_stage_has_what_its_kind_has(tree: Script) -> None:
    stand, clear, _, came, heard, close = tree.stages

    assert stand == Stage(
        "stage_1", "say", "place", said("It stands before you", "Er steht vor Ihnen"), Duration(10, "s")
    )
    assert (clear.rates, clear.scale, clear.na) == (
        "clarity",
        Range(1, 5),
        said("There was nothing to rate", "Da war nichts"),
    )
    assert (came.kind, came.forms) == ("form", ("knowing", "sound", "movement"))
    assert [choice.to("de") for choice in heard.choices] == ["Blätter", "Räder"]
    assert (heard.kind, heard.answer) == ("check", 1)
    assert close.na == Text("Nothing")


def test_a_form_without_a_list_offers_the_usual_ones() -> None:
    assert read_bundle(ALL_KINDS).study.scripts["words"].stages[0].forms == USUAL_FORMS
