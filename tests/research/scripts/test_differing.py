"""How two wordings of a script differ, word by word and part by part; and how its words and its length are reckoned."""

from __future__ import annotations

from typing import Any

import pytest

from imagery.matching import profile
from protocol.building import script_from
from research.editing.differing import differences, word_runs
from research.editing.measuring import measures, totals

LANGUAGES = ("en", "de")


def script(*stages: dict[str, Any], **around: Any) -> dict[str, Any]:
    return {"slug": "s", "title": "T", **around, "stages": list(stages)}


def told(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    return [
        (part.kind, part.sort, part.old, part.new, [(c.key, c.language) for c in part.changes], part.ids)
        for part in differences(before, after, LANGUAGES)
    ]


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ("a small pillow", "a small pillow", [("same", "a small pillow")]),
        (
            "a small pillow",
            "a round pillow",
            [("same", "a "), ("removed", "small"), ("added", "round"), ("same", " pillow")],
        ),
        ("", "all new", [("added", "all new")]),
        ("all gone", "", [("removed", "all gone")]),
        ("one two", "one two three", [("same", "one two"), ("added", " three")]),
        ("one\n\ntwo", "one\ntwo", [("same", "one"), ("removed", "\n\n"), ("added", "\n"), ("same", "two")]),
    ],
)
def test_two_texts_become_one_with_what_was_added_and_taken_out(old: str, new: str, runs: list[Any]) -> None:
    found = word_runs(old, new)
    assert [(run.sort, run.text) for run in found] == runs
    assert "".join(run.text for run in found if run.sort != "added") == old
    assert "".join(run.text for run in found if run.sort != "removed") == new


# --- parts -----------------------------------------------------------------------------------------------------------

SAY = {"say": {"en": "One two", "de": "Eins zwei"}, "hold": "20s"}
RATE = {"id": "r", "rate": "ease", "scale": {"min": 1, "max": 5}}


def test_equal_scripts_do_not_differ() -> None:
    assert told(script(SAY, RATE), script(SAY, RATE)) == []


def test_a_changed_part_is_the_same_part() -> None:
    changed = {**SAY, "say": {"en": "One three", "de": "Eins zwei"}, "hold": "30s"}
    assert told(script(SAY, RATE), script(changed, RATE)) == [
        ("say", "same", 1, 1, [("say", "en"), ("hold", "")], None)
    ]


def test_one_wording_for_all_languages_beside_one_of_each_differs_where_the_words_do() -> None:
    plain = {**SAY, "say": "One two"}
    assert told(script(SAY), script(plain)) == [("say", "same", 1, 1, [("say", "de")], None)]


def test_parts_that_came_and_went_are_told_with_all_they_say() -> None:
    assert told(script(SAY), script(RATE, SAY)) == [
        ("rate", "added", None, 1, [("rate", ""), ("scale.min", ""), ("scale.max", "")], None)
    ]
    assert told(script(SAY, {"rest": "1m"}), script(SAY)) == [("rest", "removed", 2, None, [("rest", "")], None)]


def test_what_something_is_stored_under_is_told_when_it_changes() -> None:
    report = {"report": "What came?"}
    assert told(script(SAY, report), script({"rest": "1m"}, SAY, report))[1] == (
        *("report", "same", 2, 3, [], ("stage_2", "stage_3")),
    )
    named = {"id": "came", **report}
    assert told(script(SAY, report), script(SAY, named)) == [("report", "same", 2, 2, [], ("stage_2", "came"))]
    assert told(script(SAY, named), script({"rest": "1m"}, SAY, named)) == [
        ("rest", "added", None, 1, [("rest", "")], None)
    ]


def test_ways_on_and_answers_are_told_one_by_one() -> None:
    before = {"id": "c", "choose": "Which?", "options": [{"label": "Left"}, {"label": "Right", "goto": "r"}]}
    after = {"id": "c", "choose": "Which?", "options": [{"label": "Left"}, {"label": "Up", "goto": "r"}]}
    assert told(script(before, RATE), script(after, RATE))[0][4] == [
        ("options.2.label", "en"),
        ("options.2.label", "de"),
    ]
    form = {"id": "f", "form": "How?", "forms": ["knowing", "words"]}
    assert told(script(form), script({**form, "forms": ["words", "knowing"]}))[0][4] == [("forms", "")]


def test_what_stands_around_the_parts_is_told_first() -> None:
    after = script(SAY, about="For staff", voice={"rate": 0.9})
    assert told(script(SAY, voice={"rate": 0.8}), after) == [
        ("", "same", None, None, [("about", "en"), ("about", "de"), ("voice.rate", "")], None)
    ]


# --- measures --------------------------------------------------------------------------------------------------------


def test_each_text_that_a_person_reads_is_measured_under_the_name_of_its_field() -> None:
    stages = (
        SAY,
        {"check": "Which?", "choices": ["Leaf", "Wheel"], "answer": 1},
        {"choose": "How?", "options": [{"label": "Slowly"}]},
        {"reveal": "media/a.png", "alt": "A bird that you see"},
    )
    names = measures(script(*stages, about="For staff", safety={"note": "Water"}), ("en",))
    assert set(names) == {
        *("safety-note-en", "stage-1-say-en", "stage-2-check-en", "stage-2-choices-1-en", "stage-2-choices-2-en"),
        *("stage-3-choose-en", "stage-3-options-1-label-en"),
    }


def test_words_to_look_at_are_found_in_their_place() -> None:
    found = measures(script({"say": "Now you see a wave. Try harder."}), ("en",))["stage-1-say-en"].found
    assert [(each.word.lower(), each.why) for each in found] == [("see", "seeing"), ("try harder", "pressing")]


def test_a_comparison_without_imagery_may_not_ask_for_it() -> None:
    say = {"say": "Imagine a wave."}
    assert not measures(script(say), ("en",))["stage-1-say-en"].found
    assert measures(script(say, purpose="control"), ("en",))["stage-1-say-en"].found


def test_the_length_is_that_of_the_script_where_it_is_sound() -> None:
    whole = script(SAY, RATE, {"rest": "1m"}, voice={"rate": 0.8, "pause": "2s"})
    for total in totals(whole, LANGUAGES):
        assert total.minutes == profile(script_from(whole), total.language).minutes


def test_of_a_draft_with_faults_the_rest_is_told() -> None:
    broken = script(SAY, {"rate": "ease", "scale": {"min": "low"}}, {"say": ""}, voice={"rate": "fast"})
    [english, _german] = totals(broken, LANGUAGES)
    assert english.minutes == profile(script_from(script(SAY)), "en").minutes
    assert totals(script({"say": ""}), ("en",))[0].minutes is None


def test_ways_that_lead_back_and_names_that_come_twice_have_an_end() -> None:
    stages = ({"id": "a", "rest": "1s"}, {"id": "a", "choose": "?", "options": [{"label": "x", "goto": "a"}]})
    assert totals(script(*stages), ("en",))[0].minutes is not None
