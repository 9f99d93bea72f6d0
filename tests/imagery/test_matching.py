"""Whether a control asks as much as its script: pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagery.matching import TOLERANCES, Difference, differences, profile
from imagery.timeline import about_min
from protocol.durations import Duration
from protocol.script import Option, Range, Script, Stage, Unlock, Voice
from protocol.text import Text

TEN = Range(0, 10)


def text(words: str) -> Text:
    return Text(plain=words)


def say(id: str, words: int = 20, hold_s: int = 10, layer: str | None = None) -> Stage:
    """One sentence of so many words."""
    said = " ".join(["word"] * words) + "."
    return Stage(id, "say", layer=layer, text=text(said), hold=Duration(hold_s, "s"))


def rate(id: str = "effort") -> Stage:
    return Stage(id, "rate", rates="effort", scale=TEN)


def script(*stages: Stage, unlock: Unlock | None = None) -> Script:
    return Script("one", text("One"), stages, voice=Voice(1.0, Duration(2, "s")), unlock=unlock)


WHOLE = script(
    Stage("settle", "say", text=text("Sit down. Take a breath.")),
    Stage("quiet", "rest", hold=Duration(30, "s")),
    Stage("way", "choose", text=text("Which way?"), options=(Option(text("This"), "last"), Option(text("That")))),
    say("middle", 11, 20),
    Stage("form", "form", text=text("In what form?"), forms=("knowing",)),
    Stage("clear", "rate", rates="vividness", scale=TEN, na=text("Nothing came")),
    Stage("close", "compare", text=text("How close?"), scale=TEN),
    Stage("words", "report", text=text("What came?")),
    Stage("seen", "check", text=text("Who?"), choices=(text("He"), text("She")), answer=1),
    Stage("sketch", "draw", text=text("Draw it."), seconds=60, condition="imagery"),
    Stage("photo", "reveal", media="media/a.png", alt=text("A bird")),
    say("last", 22, 0),
)


# --- what a script asks ----------------------------------------------------------------------------------------------


def test_a_profile_counts_what_is_said_asked_and_waited() -> None:
    found = profile(WHOLE, "en")
    assert found.words == 5 + 2 + 1 + 1 + 11 + 3 + 2 + 2 + 2 + 1 + 1 + 1 + 2 + 22
    assert found.pauses_s == 2 + 30 + 20
    assert (found.ratings, found.contacts) == (2, 7)
    said_s = (5 + 11 + 22) / 2.2
    asked_s = 15 * 5 + 60 + 60 + 15
    assert found.minutes == pytest.approx((said_s + asked_s + found.pauses_s) / 60)
    assert about_min(WHOLE, "en") == round(found.minutes)


def test_a_layer_that_is_locked_is_not_counted() -> None:
    layered = script(say("a", 10, 10, "one"), say("b", 10, 20, "two"), rate())
    assert (profile(layered, "en", ["two"]).words, profile(layered, "en", ["two"]).pauses_s) == (10, 10)
    assert (profile(layered, "en").words, profile(layered, "en").pauses_s) == (20, 30)


def test_a_profile_is_of_one_language() -> None:
    both = Text(by_language={"en": "One two.", "de": "Eins. Zwei. Drei."})
    found = script(Stage("a", "say", text=both))
    assert [(profile(found, each).words, profile(found, each).pauses_s) for each in ("en", "de")] == [(2, 0), (3, 4)]


# --- where a control differs -----------------------------------------------------------------------------------------

TRAINING = script(say("a", 100, 100), say("b", 100, 100), rate())


def named(control: Script, of: Script = TRAINING) -> list[tuple[str, int | None]]:
    return [(each.what, each.open) for each in differences(control, of, "en")]


def test_a_script_differs_in_nothing_from_itself() -> None:
    assert differences(WHOLE, WHOLE, "en") == ()
    assert differences(TRAINING, TRAINING, "en") == ()


@pytest.mark.parametrize(
    ("control", "differs"),
    [
        (script(say("a", 110, 100), say("b", 110, 95), rate()), []),
        (script(say("a", 90, 105), say("b", 90, 100), rate()), []),
        (script(say("a", 111, 95), say("b", 110, 95), rate()), ["words"]),
        (script(say("a", 89, 105), say("b", 90, 105), rate()), ["words"]),
        (script(say("a", 110, 89), say("b", 110, 90), rate()), ["pauses_s"]),
        (script(say("a", 110, 110), say("b", 110, 110), rate()), ["minutes"]),
        (script(say("a", 100, 100), say("b", 100, 90), rate(), rate("ease")), ["ratings", "contacts"]),
        (script(say("a", 100, 100), say("b", 100, 100)), ["ratings", "contacts"]),
    ],
)
def test_a_control_may_be_as_far_off_as_the_tolerance_and_no_further(control: Script, differs: list[str]) -> None:
    assert [what for what, _ in named(control)] == differs


def test_a_difference_says_what_each_has_and_how_far_apart_they_may_be() -> None:
    control = script(say("a", 50, 122), say("b", 100, 100), rate())
    assert differences(control, TRAINING, "en") == (
        Difference("words", 150, 200, pytest.approx(200 * TOLERANCES["words"])),
        Difference("pauses_s", 222, 200, pytest.approx(20)),
    )


def test_another_question_in_place_of_a_rating_is_a_difference_in_ratings_alone() -> None:
    asked = Stage("form", "form", text=text(""), forms=("knowing",))
    assert [what for what, _ in named(script(*TRAINING.stages[:2], asked))] == ["ratings"]


# --- where layers open one by one ------------------------------------------------------------------------------------


def layered(first: int, second: int, *, times: int = 2, last: str = "two") -> Script:
    stages = say("a", 100, first, "one"), say("b", 100, second, last), rate()
    return script(*stages, unlock=Unlock("exposure", times))


def test_each_number_of_open_layers_is_compared() -> None:
    """All in all they take the same time; with one layer open they do not."""
    assert named(layered(100, 100), layered(100, 100)) == []
    assert named(layered(60, 140), layered(100, 100)) == [("minutes", 1), ("pauses_s", 1)]


def test_a_control_opens_as_many_layers_after_as_many_sessions() -> None:
    assert named(layered(100, 100, times=3), layered(100, 100)) == [("times", None)]
    assert named(layered(100, 100, last="one"), layered(100, 100)) == [("layers", None)]
    assert named(replace(layered(100, 100), unlock=None), layered(100, 100)) == [("layers", None), ("times", None)]
