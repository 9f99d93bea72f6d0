"""The way through a session, its sentences, and its time: pure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagery.timeline import (
    about_min,
    following,
    follows_reveal,
    is_point,
    is_sealed,
    place_of,
    points,
    quiet_ms,
    sentences,
    shown,
    stage_called,
    step_of,
    way,
)
from protocol.durations import Duration
from protocol.script import Option, Range, Script, Stage, Voice
from protocol.text import Text


def text(words: str) -> Text:
    return Text(plain=words)


def say(id: str, words: str = "One.", hold: Duration | None = None) -> Stage:
    return Stage(id, "say", text=text(words), hold=hold)


def script(*stages: Stage) -> Script:
    return Script("night", text("Night"), stages, voice=Voice(1.0, Duration(2, "s")))


FORK = script(
    say("a"),
    Stage("b", "choose", text=text("How?"), options=(Option(text("on")), Option(text("far"), "d"))),
    say("c"),
    Stage("d", "choose", text=text("How now?"), options=(Option(text("end"), "f"), Option(text("on")))),
    Stage("e", "reveal", media="media/p.png", alt=text("p")),
    say("f"),
)


def ids(stages: tuple[Stage, ...]) -> list[str]:
    return [stage.id for stage in stages]


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, "abcdef"),
        ({"b": 1}, "abcdef"),
        ({"b": 2}, "abdef"),
        ({"d": 1}, "abcdf"),
        ({"b": 2, "d": 1}, "abdf"),
        ({"b": 2, "d": 2}, "abdef"),
        ({"a": 2, "nowhere": 7}, "abcdef"),
    ],
)
def test_a_choice_leads_where_it_says_and_one_that_was_not_made_jumps_over_nothing(
    choices: dict[str, int], expected: str
) -> None:
    assert "".join(ids(way(FORK, choices))) == expected


def test_what_follows_and_what_is_the_end() -> None:
    a, b, f = (stage_called(FORK, id) for id in "abf")
    assert a is not None
    assert b is not None
    assert f is not None
    assert stage_called(FORK, "z") is None
    assert getattr(following(FORK, a), "id", None) == "b"
    assert getattr(following(FORK, b, 2), "id", None) == "d"
    assert following(FORK, f) is None


def test_parts_are_counted_among_all_stages_so_that_the_count_never_goes_back() -> None:
    assert [place_of(FORK, stage.id) for stage in way(FORK, {"b": 2, "d": 1})] == [1, 2, 4, 6]


def test_what_comes_after_a_picture_that_was_shown_and_what_it_seals() -> None:
    seen = {"a", "b", "d", "e"}
    assert [follows_reveal(FORK, id, seen) for id in "adef"] == [False, False, False, True]
    assert [is_sealed(FORK, id, seen) for id in "adef"] == [True, True, False, False]
    assert not follows_reveal(FORK, "f", seen - {"e"})
    assert not is_sealed(FORK, "a", seen - {"e"})


# --- ratings ---------------------------------------------------------------------------------------------------------


def test_the_points_of_a_rating_are_whole_steps_from_its_low_end() -> None:
    assert points(Range(1, 5)) == (1, 2, 3, 4, 5)
    assert points(Range(0, 10)) == tuple(range(11))
    assert points(Range(0, 11)) == ()
    assert points(Range(-1.5, 1.5)) == (-1.5, -0.5, 0.5, 1.5)
    assert [is_point(Range(0, 100), value) for value in (0, 100, 55, -1, 101, 0.5)] == [True] * 3 + [False] * 3
    assert not is_point(Range(0, 100), float("nan"))


def test_between_ends_that_are_no_whole_steps_apart_any_number_can_be_given() -> None:
    odd = Range(0, 0.5)
    assert (step_of(odd), points(odd), is_point(odd, 0.13), is_point(odd, 0.6)) == (None, (), True, False)
    assert step_of(Range(0, 100)) == 1


def test_numbers_are_shown_as_they_are_posted() -> None:
    assert [shown(value) for value in (0, 7.0, 1_000_000.0, 0.25, -2)] == ["0", "7", "1000000", "0.25", "-2"]


# --- time ------------------------------------------------------------------------------------------------------------


def test_the_quiet_that_a_stage_plans() -> None:
    assert quiet_ms(say("a", hold=Duration(20, "s"))) == 20_000
    assert quiet_ms(Stage("r", "rest", hold=Duration(2, "m"))) == 120_000
    assert quiet_ms(say("a")) == 0
    assert quiet_ms(Stage("d", "draw", text=text("Draw."), seconds=90, condition="imagery")) == 0
    assert quiet_ms(say("a", hold=Duration(999_999, "d"))) == 2**31 - 1


def test_about_how_long_a_session_takes() -> None:
    assert about_min(script(say("a")), "en") == 1
    long = script(
        say("a", " ".join(["word"] * 132), hold=Duration(3, "m")),  # a minute of reading, three of quiet
        Stage("r", "report", text=text("What came?")),  # one of writing
        Stage("d", "draw", text=text("Draw."), seconds=120, condition="imagery"),  # two of drawing
    )
    assert about_min(long, "en") == 7


# --- sentences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", "It is grey. It is still.", ["It is grey.", "It is still."]),
        ("en", "Ready? Then breathe! Now…", ["Ready?", "Then breathe!", "Now…"]),
        ("en", "Wait... and go on. Now.", ["Wait... and go on.", "Now."]),
        ("en", "Feel wood, bark, e.g. the stump. Rest.", ["Feel wood, bark, e.g. the stump.", "Rest."]),
        ("en", "Dr. Gray wrote it at 3 p.m. Then it rained.", ["Dr. Gray wrote it at 3 p.m. Then it rained."]),
        ("en", "Count to 10. Then stop.", ["Count to 10.", "Then stop."]),
        ("en", "It is about 2.5 metres. Good.", ["It is about 2.5 metres.", "Good."]),
        ("en", "Only you and I. Nobody else.", ["Only you and I.", "Nobody else."]),
        ("en", "“Come.” Then quiet.", ["“Come.”", "Then quiet."]),
        ("en", "No. Nothing came.", ["No.", "Nothing came."]),
        ("en", "One line\nover two lines. Yes.", ["One line over two lines.", "Yes."]),
        ("en", "First part\n\nSecond part", ["First part", "Second part"]),
        ("de", "Es ist grau. Es ist still.", ["Es ist grau.", "Es ist still."]),
        ("de", "Etwas, z. B. Rinde. Ruhe.", ["Etwas, z. B. Rinde.", "Ruhe."]),
        ("de", "Etwas, z.B. Rinde. Ruhe.", ["Etwas, z.B. Rinde.", "Ruhe."]),
        ("de", "Am 3. Mai bzw. Juni. Gut.", ["Am 3. Mai bzw. Juni.", "Gut."]),
        ("de-AT", "Rinde, Holz usw. Danach Ruhe.", ["Rinde, Holz usw. Danach Ruhe."]),
        ("de", "„Komm.“ Dann Ruhe. Öffnen Sie die Hand.", ["„Komm.“", "Dann Ruhe.", "Öffnen Sie die Hand."]),
        ("ja", "夜です。静かです。", ["夜です。", "静かです。"]),
        ("en", "", []),
        ("en", "  \n ", []),
    ],
)
def test_what_is_said_is_cut_where_sentences_end(language: str, words: str, expected: list[str]) -> None:
    assert list(sentences(words, language)) == expected


@settings(max_examples=300)
@given(st.text('aB1 .!?…"”)(„z\n', max_size=60), st.sampled_from(["en", "de", "fr"]))
def test_no_word_is_lost_moved_or_added(words: str, language: str) -> None:
    assert " ".join(sentences(words, language)).split() == words.split()
