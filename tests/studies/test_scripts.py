"""The scripts that ship: they begin from what people have, presume no picture, and let everybody out again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from imagery.matching import differences, profile
from imagery.timeline import about_min, ends_layer, sentences, way
from imagery.wording import (
    MOST_GRADE,
    MOST_WORDS_A_SENTENCE,
    imagining,
    judging,
    presuming,
    reading,
    texts,
    texts_of,
    words,
)
from protocol.bundle import read_bundle
from protocol.script import Range, Script, Stage
from protocol.study import Study
from protocol.text import Text

STUDIES = Path(__file__).resolve().parents[2] / "studies"
LANGUAGES = ("en", "de")

TRAINING = (*("potoo", "kitchen", "sea-walk", "tree-in-wind", "cloth-stall", "tram-ride", "workbench", "rain-on-tent"),)
PROBES = ("probe-a1", "probe-a2", "probe-b1", "probe-b2")
CONTROLS = {"word-parts": "potoo", "days-and-months": "tram-ride"}
LIBRARY = tuple(("script-library", slug) for slug in (*TRAINING, *PROBES, *CONTROLS))
DEMO = tuple(("potoo-demo", slug) for slug in ("potoo", "kitchen", "shore-walk"))
OF_IMAGERY = tuple(named for named in (*LIBRARY, *DEMO) if named[1] not in CONTROLS)
PRACTISED = tuple(named for named in OF_IMAGERY if named[1] not in PROBES)

# What each scene is known by, in either language.
SCENES = {
    "potoo": r"birds?|beak|feathers?|Vogel|Schnabel|Federn",
    "kitchen": r"kitchen|worktop|tap|Küche|Arbeitsplatte|Wasserhahn",
    "sea-walk": r"shore|sea|gull|Strand|Meer|Möwe",
    "tree-in-wind": r"tree|trunk|bark|Baum|Stamm",
    "cloth-stall": r"stall|silk|linen|Marktstand|Seide|Leinen",
    "tram-ride": r"tram|wheels|Straßenbahn|Räder",
    "workbench": r"workbench|sandpaper|Werkbank|Schleifpapier",
    "rain-on-tent": r"tent|rain|Zelt|Regen",
    "probe-a1": r"letter|box|slot|flap|Brief|Briefkasten|Kasten|Schlitz|Klappe",
    "probe-a2": r"bicycle|bell|lever|Fahrrad|Klingel|Lenker|Hebel",
    "probe-b1": r"garden|gate|latch|hinge|Gartentor|Tor|Riegel|Angel",
    "probe-b2": r"watering|spout|bucket|Gießkanne|Kanne|Rohr|Eimer",
}
# What training walks through in this order, by how its stages are named.
ORDER = ("place", "touch", "sound", "movement", "colour", "whole")
# No childhood, no people, no loss, no danger, no needles, no food to be ashamed of, no heights.
NOT_NEUTRAL = re.compile(
    r"\b(child\w*|mother|father|parents?|school|friends?|dead|death|grave|lost|blood|needles?|knife|knives|"
    r"cliffs?|tower|ladder|cake|sweets|diet|Kind\w*|Mutter|Vater|Eltern|Schule|Freund\w*|tot|Tod|Grab|verloren|Blut|"
    r"Nadeln?|Messer|Klippe\w*|Turm|Leiter|Kuchen|Diät)\b"
)


@cache
def study(folder: str) -> Study:
    return read_bundle(STUDIES / folder).study


def script_of(named: tuple[str, str]) -> Script:
    folder, slug = named
    return study(folder).scripts[slug]


def library(slug: str) -> Script:
    return study("script-library").scripts[slug]


def said(stage: Stage, language: str) -> str:
    return stage.text.to(language) if stage.text else ""


def each(names: tuple[tuple[str, str], ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("named", names, ids=["/".join(named) for named in names])


def places(script: Script, kind: str, *rated: str) -> list[int]:
    """Where the stages of a kind stand, or of them those that rate one of these."""
    return [
        place for place, stage in enumerate(script.stages) if stage.kind == kind and (not rated or stage.rates in rated)
    ]


# --- what is there ----------------------------------------------------------------------------------------------------


def test_the_library_holds_twelve_originals_of_which_four_are_probes_and_two_controls() -> None:
    scripts = study("script-library").scripts
    purposes = {slug: script.purpose for slug, script in scripts.items()}
    assert purposes == {
        **dict.fromkeys(TRAINING, "training"),
        **dict.fromkeys(PROBES, "probe"),
        **dict.fromkeys(CONTROLS, "control"),
    }
    assert {slug: scripts[slug].matched_to for slug in CONTROLS} == CONTROLS


def test_every_script_is_gone_through_at_some_step_and_the_potoo_is_the_first_of_training() -> None:
    steps = [step.script for step in study("script-library").steps() if step.do == "session"]
    assert sorted(steps) == sorted(slug for _, slug in LIBRARY)
    assert [slug for slug in steps if slug in TRAINING][0] == "potoo"


@each((*LIBRARY, *DEMO))
def test_every_text_is_written_in_both_languages(named: tuple[str, str]) -> None:
    script = script_of(named)
    assert script.about is not None
    for where, text in _texts(script):
        assert set(text.by_language) == set(LANGUAGES), where
        assert text.to("en") != text.to("de"), where


def _texts(script: Script) -> Iterator[tuple[str, Text]]:
    for where, text in (("title", script.title), ("about", script.about)):
        assert text is not None
        yield where, text
    for stage in script.stages:
        parts = (stage.text, stage.alt, stage.na, *stage.choices, *(option.label for option in stage.options))
        yield from ((stage.id, text) for text in parts if text is not None)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@each((*LIBRARY, *DEMO))
def test_no_sentence_has_more_than_fifteen_words(named: tuple[str, str], language: str) -> None:
    for where, text in texts(script_of(named), language):
        for sentence in sentences(text, language):
            assert len(words(sentence)) <= MOST_WORDS_A_SENTENCE, (where, sentence)


@each((*LIBRARY, *DEMO))
def test_a_script_and_each_stage_of_it_are_for_ages_11_to_12(named: tuple[str, str]) -> None:
    script = script_of(named)
    whole = reading("\n\n".join(text for _, text in texts(script, "en")), "en")
    assert whole.grade is not None
    assert whole.grade <= MOST_GRADE
    for stage in script.stages:
        grade = reading("\n\n".join(texts_of(stage, "en")), "en").grade
        assert grade is None or grade <= MOST_GRADE, (stage.id, grade)


@pytest.mark.parametrize("language", LANGUAGES)
@each((*LIBRARY, *DEMO))
def test_nothing_presumes_a_picture_presses_or_judges(named: tuple[str, str], language: str) -> None:
    for where, text in texts(script_of(named), language):
        assert [*presuming(text, language), *judging(text, language)] == [], (where, text)
        assert "!" not in text, (where, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", CONTROLS)
def test_a_control_asks_for_no_imagery(slug: str, language: str) -> None:
    for where, text in texts(library(slug), language):
        assert imagining(text, language) == (), (where, text)


@pytest.mark.parametrize("language", LANGUAGES)
@each(OF_IMAGERY)
def test_that_nothing_came_and_that_one_just_knows_is_said_to_be_enough_before_anything_else(
    named: tuple[str, str], language: str
) -> None:
    allowed = said(script_of(named).stages[1], language)
    for word in {"en": (r"\bnothing\b", r"\bknowing\b"), "de": (r"\bnichts\b", r"\bwissen\b")}[language]:
        assert re.search(word, allowed, re.IGNORECASE), allowed


@pytest.mark.parametrize("language", LANGUAGES)
@each((*LIBRARY, *DEMO))
def test_the_scenes_are_neutral(named: tuple[str, str], language: str) -> None:
    for where, text in texts(script_of(named), language):
        assert NOT_NEUTRAL.search(text) is None, (where, text)


# --- safety -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@each((*LIBRARY, *DEMO))
def test_every_script_says_beforehand_what_it_is_about_and_how_to_get_out(
    named: tuple[str, str], language: str
) -> None:
    safety = script_of(named).safety
    assert safety.note is not None
    assert safety.exit is not None
    assert safety.note.to(language).startswith({"en": "It is about ", "de": "Es geht "}[language])
    assert re.search(
        {"en": "at any time|dry path", "de": "jederzeit|trockener Weg"}[language], safety.note.to(language)
    )
    for word in {"en": ("feet", "floor", "Look around", "five things"), "de": ("Füße", "Boden", "um", "fünf Dinge")}[
        language
    ]:
        assert word in safety.exit.to(language)


@pytest.mark.parametrize("language", LANGUAGES)
@each((*LIBRARY, *DEMO))
def test_every_script_ends_with_feet_room_and_date(named: tuple[str, str], language: str) -> None:
    """In no layer, so that it is said however many layers are open."""
    last = script_of(named).stages[-1]
    assert (last.kind, last.layer) == ("say", None)
    for word in {"en": ("feet", "room", "date"), "de": ("Füße", "Raum", "Datum")}[language]:
        assert word in said(last, language)


def test_there_is_a_dry_path_by_the_sea() -> None:
    for script in (library("sea-walk"), study("potoo-demo").scripts["shore-walk"]):
        (water,) = (stage for stage in script.stages if stage.id in {"movement_way", "way"})
        (dry,) = (n for n, option in enumerate(water.options, start=1) if "dry" in option.label.to("en"))
        gone = way(script, {water.id: dry})
        after = gone[[stage.id for stage in gone].index(water.id) + 1 :]
        assert not any(re.search(r"\b(wave|water|wet)\b", said(stage, "en")) for stage in after)


# --- how it is built --------------------------------------------------------------------------------------------------


@each(OF_IMAGERY)
def test_the_form_is_asked_once_and_before_anything_about_clearness(named: tuple[str, str]) -> None:
    script = script_of(named)
    (form,) = places(script, "form")
    clearness = places(script, "rate", "vividness", "clarity")
    assert all(form < place for place in clearness)
    assert len(clearness) <= 1
    assert form > len(script.stages) / 2
    assert all(stage.na is not None for stage in script.stages if stage.rates in {"vividness", "clarity"})


@each(PRACTISED)
def test_training_asks_for_no_match_and_for_no_rating_within_a_layer(named: tuple[str, str]) -> None:
    script = script_of(named)
    assert script.purpose == "training"
    assert places(script, "compare") == []
    assert [stage.id for stage in script.stages if stage.kind == "rate" and stage.layer is not None] == []


@each(PRACTISED)
def test_training_goes_from_place_and_touch_by_sound_and_movement_to_colours_and_the_whole(
    named: tuple[str, str],
) -> None:
    parts = [stage.id.partition("_")[0] for stage in script_of(named).stages]
    found = [part for part, _ in itertools.groupby(part for part in parts if part in ORDER)]
    assert found == list(ORDER)


@each(PRACTISED)
def test_colours_can_be_left_out(named: tuple[str, str]) -> None:
    script = script_of(named)
    (choice,) = (stage for stage in script.stages if stage.id == "colour_way")
    (without,) = (n for n, option in enumerate(choice.options, start=1) if "Without" in option.label.to("en"))
    ids = [stage.id for stage in way(script, {choice.id: without})]
    assert [id for id in ids if id.startswith("colour_")] == ["colour_way", "colour_end"]


@each((*LIBRARY, *DEMO))
def test_whatever_is_chosen_every_layer_is_gone_through_to_its_end(named: tuple[str, str]) -> None:
    """Else the next layer would never open to somebody who leaves something out."""
    script = script_of(named)
    choices = [[(stage.id, n + 1) for n in range(len(stage.options))] for stage in script.stages if stage.options]
    ends = {stage.id for stage in script.stages if ends_layer(script, stage)}
    for chosen in itertools.product(*choices):
        assert ends <= {stage.id for stage in way(script, dict(chosen))}, chosen


@pytest.mark.parametrize("slug", [*TRAINING, *CONTROLS])
def test_layers_open_by_exposure_and_never_by_a_rating(slug: str) -> None:
    script = library(slug)
    assert script.unlock is not None
    assert (script.unlock.by, script.unlock.times) == ("exposure", 2)
    assert len(script.layers()) in {3, 6}


@each(PRACTISED)
def test_training_has_a_rest(named: tuple[str, str]) -> None:
    assert places(script_of(named), "rest")


@pytest.mark.parametrize("slug", [*TRAINING, *CONTROLS])
def test_the_librarys_sessions_ask_once_whether_somebody_attended(slug: str) -> None:
    """In no layer, so that it is asked however many layers are open."""
    script = library(slug)
    (place,) = places(script, "check")
    assert (script.stages[place].layer, len(script.stages[place].choices)) == (None, 3)


@pytest.mark.parametrize("language", LANGUAGES)
@each(PRACTISED)
def test_training_takes_8_to_12_minutes_and_its_first_session_4_or_more(named: tuple[str, str], language: str) -> None:
    script = script_of(named)
    assert 8 <= about_min(script, language) <= 12
    assert profile(script, language, script.layers()[1:]).minutes >= 4


# --- probes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", PROBES)
def test_a_probe_rates_vividness_from_1_to_5_after_the_form_and_shows_nothing(slug: str) -> None:
    script = library(slug)
    (rated,) = (stage for stage in script.stages if stage.rates == "vividness")
    assert rated.scale == Range(1, 5)
    assert rated.na is not None
    assert places(script, "reveal") == places(script, "compare") == []
    assert script.unlock is None
    assert 4 <= about_min(script, "en") <= 6


@pytest.mark.parametrize("slug", PROBES)
def test_a_probes_scene_is_in_no_training_and_in_no_other_probe(slug: str) -> None:
    scene = re.compile(rf"\b({SCENES[slug]})\b", re.IGNORECASE)
    for language in LANGUAGES:
        assert any(scene.search(text) for _, text in texts(library(slug), language))
        for folder, other in (*LIBRARY, *DEMO):
            if other != slug:
                for where, text in texts(study(folder).scripts[other], language):
                    assert scene.search(text) is None, (other, where, text)


@pytest.mark.parametrize("slug", PROBES)
def test_no_training_scene_is_in_a_probe(slug: str) -> None:
    for trained in TRAINING:
        scene = re.compile(rf"\b({SCENES[trained]})\b", re.IGNORECASE)
        for language in LANGUAGES:
            assert any(scene.search(text) for _, text in texts(library(trained), language)), trained
            for where, text in texts(library(slug), language):
                assert scene.search(text) is None, (trained, where, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n", [1, 2])
def test_the_two_sets_are_equal_stage_by_stage_in_kind_words_sentences_and_time(n: int, language: str) -> None:
    one, other = library(f"probe-a{n}"), library(f"probe-b{n}")
    assert _shape(one, language) == _shape(other, language)
    assert profile(one, language) == profile(other, language)


def _shape(script: Script, language: str) -> list[tuple[object, ...]]:
    return [
        (
            *(stage.id, stage.kind, stage.hold, stage.rates, stage.scale, stage.forms),
            sum(len(words(text)) for text in texts_of(stage, language)),
            len(sentences(said(stage, language), language)),
        )
        for stage in script.stages
    ]


# --- controls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", CONTROLS)
def test_a_control_asks_as_much_as_its_script_with_every_number_of_layers_open(slug: str, language: str) -> None:
    assert differences(library(slug), library(CONTROLS[slug]), language) == ()


@pytest.mark.parametrize("slug", CONTROLS)
def test_a_control_asks_the_same_kinds_of_questions_in_the_same_order(slug: str) -> None:
    kinds = [
        [(stage.kind, stage.rates) for stage in library(each).stages if stage.kind != "say"]
        for each in (slug, CONTROLS[slug])
    ]
    assert kinds[0] == kinds[1]
