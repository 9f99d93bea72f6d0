"""The study of all kinds, key by key: items of every type, forms, schemes, norms, and what its scores are for."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.bands import Band
from protocol.building import study_from_content
from protocol.bundle import Bundle, BundleFaults, read_bundle, write_bundle
from protocol.conditions import Comparison, Joined
from protocol.content import content_digest
from protocol.dumping import yaml_text
from protocol.durations import Duration
from protocol.instrument import Bounds, Choice, Instrument, Item, LevelError, Norm, Scale, Scheme, Score
from protocol.nodes import plain, read_yaml
from protocol.study import ChangeRules, Demand, Feedback, FloorRule, Guess, OfInstrument, Outcome, Study
from protocol.text import Text
from tests.protocol.bundles import ALL_KINDS, EXAMPLE, as_folder, changed, example


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(ALL_KINDS)


@pytest.fixture(scope="module")
def study(bundle: Bundle) -> Study:
    return bundle.study


@pytest.fixture(scope="module")
def items(study: Study) -> dict[str, Item]:
    return {item.id: item for item in study.instruments["morning"].items()}


def item_of(declared: str, folder: Path) -> Item:
    """The item that `check` becomes when it is declared so."""
    files = changed(
        "instruments/morning.yaml", 'text: "Choose 3 here.", catch: 3', f"text: T, {declared}", example(ALL_KINDS)
    )
    instrument = read_bundle(as_folder(files, folder)).study.instruments["morning"]
    return {item.id: item for item in instrument.items()}["check"]


# --- items ------------------------------------------------------------------------------------------------------------


def test_an_item_of_a_scale_has_the_scale_and_nothing_else(items: dict[str, Item]) -> None:
    scale = Scale(0, 4, 1, "higher_is_less")
    assert items["check"] == Item("check", Text("Choose 3 here."), scale, catch="3")
    assert items["clear"].scale == scale
    assert items["clear"].na == Text(by_language={"en": "There was no picture", "de": "Es gab kein Bild"})


def test_choices_as_words_are_read_as_they_are_stored(items: dict[str, Item]) -> None:
    choices = (Choice("yes", Text("yes")), Choice("no", Text("no")), Choice("can't say", Text("can't say")))
    assert items["dream"] == Item("dream", Text("Did you dream?"), None, type="choice", choices=choices)
    assert not items["dream"].has_number


def test_choices_as_mappings_have_words_and_scores(items: dict[str, Item]) -> None:
    assert items["kind"].choices == (
        Choice("seen", Text(by_language={"en": "Seen", "de": "Gesehen"}), 2),
        Choice("known", Text("known"), 1),
        Choice("and", Text("Both"), 1.5),
    )
    assert items["kind"].has_number
    assert items["kind"].ends is None


def test_choices_as_a_map_have_words_by_their_id(items: dict[str, Item]) -> None:
    touch = Text(by_language={"en": "Touch", "de": "Tasten"})
    assert items["senses"].choices == (Choice("1", Text("Sounds")), Choice("2", Text("Smells")), Choice("touch", touch))
    assert (items["senses"].type, items["senses"].has_number) == ("multi", False)


@pytest.mark.parametrize(
    "choices",
    [
        "[cup, plate]",
        "[{id: cup}, {id: plate}]",
        "[cup, {id: plate, text: plate}]",
        "{cup: cup, plate: plate}",
        "{cup: {en: cup, de: cup}, plate: plate}",
    ],
)
def test_the_ways_to_write_choices_offer_the_same(choices: str, tmp_path: Path) -> None:
    item = item_of(f"type: choice, choices: {choices}", tmp_path)
    assert [(choice.id, choice.text.to("de"), choice.score) for choice in item.choices] == [
        ("cup", "cup", None),
        ("plate", "plate", None),
    ]


def test_choices_count_only_where_each_has_a_score(tmp_path: Path) -> None:
    part = item_of("type: choice, choices: [{id: cup, score: 0}, plate]", tmp_path / "a")
    whole = item_of("type: choice, choices: [{id: cup, score: 0}, {id: plate, score: -1}]", tmp_path / "b")
    assert (part.has_number, whole.has_number) == (False, True)


def test_a_number_has_bounds_or_a_scale_or_neither(items: dict[str, Item]) -> None:
    assert (items["minutes"].bounds, items["minutes"].ends) == (Bounds(0, 120, 0.5), (0, 120))
    assert items["minutes"].unit == Text(by_language={"en": "minutes", "de": "Minuten"})
    assert items["minutes"].reverse
    assert (items["cups"].bounds, items["cups"].ends, items["cups"].scale) == (Bounds(0, 8, 1), (0, 8), None)
    assert (items["weight"].bounds, items["weight"].ends) == (Bounds(), None)
    assert all(items[id].has_number for id in ("minutes", "cups", "weight"))


def test_a_number_with_one_end_has_no_two(tmp_path: Path) -> None:
    item = item_of("type: number, min: 3", tmp_path)
    assert (item.bounds, item.ends) == (Bounds(3), None)


def test_a_text_is_one_line_or_many_and_has_a_length(items: dict[str, Item]) -> None:
    assert (items["words"].is_line, items["words"].longest, items["words"].has_number) == (True, 80, False)
    assert (items["more"].is_line, items["more"].longest, items["more"].optional) == (False, 4_000, True)


def test_a_date_lies_between_two_or_anywhere(items: dict[str, Item]) -> None:
    assert (items["day"].earliest, items["day"].latest) == (dt.date(2020, 1, 1), dt.date(2030, 12, 31))
    assert (items["past"].earliest, items["past"].latest) == (None, None)
    assert items["day"].bounds == Bounds()


def test_conditions_come_through(items: dict[str, Item]) -> None:
    yes = Comparison("dream", "==", "yes")
    kind = Joined("or", (Comparison("kind", "==", "and"), Comparison("kind", "!=", "seen")))
    assert items["dream"].when is None
    assert items["kind"].when == yes
    assert items["senses"].when == Joined("and", (yes, kind))
    assert items["clear"].when == Joined("or", (Comparison("senses", "==", "1"), Comparison("kind", "==", "seen")))
    assert items["past"].when == Comparison("day", ">=", "2026-01-01")


@pytest.mark.parametrize(
    ("na", "text"),
    [
        ("na: true", Text("")),
        ("na: false", None),
        ("na: Not for me", Text("Not for me")),
        ("na: {en: No, de: Nein}", Text(by_language={"en": "No", "de": "Nein"})),
        ("optional: false", None),
    ],
)
def test_what_does_not_apply_can_be_said_or_not(na: str, text: Text | None, tmp_path: Path) -> None:
    assert item_of(na, tmp_path).na == text


@pytest.mark.parametrize(
    ("declared", "catch"),
    [
        ("catch: 3", "3"),
        ("catch: 3.0", "3"),
        ("scale: {min: 0, max: 1, step: 0.25}, catch: 0.25", "0.25"),
        ("type: number, catch: -2", "-2"),
        ("type: choice, choices: [cup, plate], catch: cup", "cup"),
        ("type: choice, choices: {1: Cup, 2: Plate}, catch: 1", "1"),
    ],
)
def test_an_attention_check_has_its_expected_answer_as_text(declared: str, catch: str, tmp_path: Path) -> None:
    assert item_of(declared, tmp_path).catch == catch


# --- instruments ------------------------------------------------------------------------------------------------------


def test_the_head_of_an_instrument_came_through(study: Study) -> None:
    morning, scenes = study.instruments["morning"], study.instruments["scenes"]
    assert (morning.eyes, scenes.eyes) == ("either", "closed")
    assert morning.recall == Text(by_language={"en": "the past week", "de": "die letzte Woche"})
    assert scenes.recall == Duration(7, "d")
    assert morning.interpretation == Text(by_language={"en": "Nothing follows from it.", "de": "Nichts folgt daraus."})


def test_the_scores_of_an_instrument_came_through(study: Study) -> None:
    """`all` are the items with a number that check no attention; what a score says nothing of is as it was."""
    all_of_it, lie_in = study.instruments["morning"].scores
    assert all_of_it == Score("all_of_it", ("kind", "clear", "minutes", "cups", "weight"), "sum", 0.2)
    assert all_of_it.direction is None
    weights = {"minutes": 0.5, "cups": -0.25}
    assert lie_in == Score(
        "lie_in_high_is_more",
        ("clear", "minutes", "cups"),
        "mean",
        direction="higher_is_more",
        weights=weights,
    )
    assert study.instruments["notes"].scores == ()


def test_forms_schemes_and_norms_came_through(study: Study) -> None:
    scenes = study.instruments["scenes"]
    assert scenes.forms == {"one": ("lake",), "two": ("street",)}
    assert list(scenes.schemes) == ["high_is_vivid"]
    assert scenes.schemes["high_is_vivid"] == (
        Scheme("two_steps", "1", "Invented for the example", (Band("floor", 1, 1), Band("above", 2, 5))),
        Scheme(
            "three_steps",
            "2019 online",
            "Invented for the example",
            (Band("floor", 1, 1), Band("low", 2, 3), Band("high", 4, 5)),
        ),
    )
    assert scenes.norms == (
        Norm(
            **{"score": "high_is_vivid", "population": "worked example, not a norm", "n": 100, "mean": 3.4, "sd": 0.6},
            **{"reliability": 0.85, "kind": "retest", "source": "invented for the example"},
            selected=True,
            unverified=True,
            sd_after=0.7,
            practice_gain=-0.1,
            errors=(LevelError(1, 2, 0.2), LevelError(3, 5, 0.4)),
            interval="two to four weeks",
        ),
    )
    assert study.instruments["scenes_then"].then_of == "scenes"


def test_an_instrument_that_says_none_of_it_has_none_of_it() -> None:
    scenes = read_bundle(EXAMPLE).study.instruments["scenes_4"]
    assert scenes == Instrument(
        **{
            name: getattr(scenes, name)
            for name in ("id", "title", "source", "licence", "scale", "sections", "scores", "about", "bands", "norms")
        }
    )
    (norm,) = scenes.norms
    assert (norm.selected, norm.unverified, norm.sd_after, norm.practice_gain, norm.errors, norm.interval) == (
        *(False, False, None, None, (), ""),
    )
    assert all(
        (item.type, item.choices, item.when, item.na, item.catch) == ("scale", (), None, None, None)
        for item in scenes.items()
    )


# --- study.yaml -------------------------------------------------------------------------------------------------------


def test_what_a_study_says_of_its_scores_came_through(study: Study) -> None:
    vivid = OfInstrument("scenes", "high_is_vivid")
    assert study.baseline == ("again", "first")
    assert study.outcomes == (
        Outcome("vividness", vivid, "end", "primary"),
        Outcome("calm_then", OfInstrument("scenes", "calm"), "again", "manipulation_check"),
    )
    assert study.change == ChangeRules(selected_norms=True, floor=(FloorRule(vivid, 2),))
    assert study.demand == Demand(
        credibility=(OfInstrument("belief", "credibility"),),
        expectancy=(OfInstrument("belief", "expectancy"),),
        guess=Guess(
            OfInstrument("belief", "arm"), {"quiet": "quiet", "waiting": "waiting"}, OfInstrument("belief", "sure")
        ),
    )
    assert study.feedback == Feedback((vivid, OfInstrument("morning", "all_of_it")), "end")


def test_a_study_that_says_none_of_it_has_none_of_it() -> None:
    study = read_bundle(EXAMPLE).study
    assert (study.baseline, study.outcomes, study.change, study.demand, study.feedback) == (
        *((), (), ChangeRules(), Demand(), None),
    )
    assert not study.change.selected_norms


# --- content, digest, writing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_what_is_written_reads_as_the_same(name: str, bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    again = read_bundle(tmp_path / name)
    assert (again.digest, again.content, again.study) == (bundle.digest, bundle.content, bundle.study)
    assert study_from_content(bundle.content) == bundle.study


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("instruments/morning.yaml", "{1: ", "{0x1: "),
        ("instruments/morning.yaml", "02: ", "2.0: "),
        ("instruments/morning.yaml", '["yes", "no", "can\'t say"]', "[yes, no, 'can''t say']"),
        ("instruments/morning.yaml", "min: 2020-01-01", "min: '2020-01-01'"),
        ("instruments/scenes.yaml", "{one: [lake], two: [street]}", "{two: [street], one: [lake]}"),
        ("study.yaml", "arms: {quiet: quiet, waiting: waiting}", "arms: {waiting: waiting, quiet: quiet}"),
    ],
)
def test_how_it_is_written_does_not_count(file: str, old: str, new: str, bundle: Bundle, tmp_path: Path) -> None:
    assert read_bundle(as_folder(changed(file, old, new, example(ALL_KINDS)), tmp_path)).digest == bundle.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("instruments/morning.yaml", '02: "Smells"', '"02": "Smells"'),
        ("instruments/morning.yaml", "when: dream == yes", "when: dream  == yes"),
        ("instruments/morning.yaml", "na: true", "na: 'true'"),
        ("instruments/scenes.yaml", "one: [lake]", "three: [lake]"),
        ("instruments/scenes.yaml", "selected: true", "selected: false"),
        ("study.yaml", "baseline: [again, first]", "baseline: [first, again]"),
        ("study.yaml", "role: primary", "role: secondary"),
    ],
)
def test_what_it_says_counts(file: str, old: str, new: str, bundle: Bundle, tmp_path: Path) -> None:
    assert read_bundle(as_folder(changed(file, old, new, example(ALL_KINDS)), tmp_path)).digest != bundle.digest


HARD_IDS = [
    *(
        "yes",
        "true",
        "null",
        "~",
        "7",
        "07",
        "-0",
        "0.50",
        "0.00001",
        "1e3",
        "9999999999999999",
        "0x1F",
        ".inf",
        "1_000",
    ),
    *("- a", "a: b", "# a", "'", '"', 'it\'s "so"', "{a}", "[a, b]", "? a", "*a", "&a", "!a", "<<", "=", "...", "and"),
    *("größer", "杯", "🦉", "e\u0301", "\u200d", "a\tb", "\\n", "x" * 100),
]


@pytest.mark.parametrize(
    "choices", [HARD_IDS, [{"id": id} for id in HARD_IDS], dict.fromkeys(HARD_IDS, "Text")], ids=["words", "ids", "map"]
)
def test_a_choice_may_be_called_anything(choices: Any, tmp_path: Path) -> None:
    written = json.dumps(choices, ensure_ascii=False)
    files = changed(
        "instruments/morning.yaml", "choices: [cup, plate], catch: cup", f"choices: {written}", example(ALL_KINDS)
    )
    bundle = read_bundle(as_folder(files, tmp_path / "a"))
    item = {item.id: item for item in bundle.study.instruments["morning"].items()}["cup"]
    assert [choice.id for choice in item.choices] == HARD_IDS
    write_bundle(bundle.content, bundle.open_media, tmp_path / "b")
    assert read_bundle(tmp_path / "b").content == bundle.content


# What keys and values of a content can be: YAML keeps no control characters, and numbers of up to 1e12.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20)
numbers = st.integers(-(10**12), 10**12) | st.decimals(-1000, 1000, places=4).map(float)
contents = st.recursive(
    texts | numbers.map(lambda n: int(n) if float(n).is_integer() else n) | st.booleans() | st.none(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts | numbers.map(str), parts, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(texts | numbers.map(str), contents, min_size=1, max_size=4))
def test_any_content_is_written_as_the_same(value: dict[str, Any]) -> None:
    faults: list[object] = []
    node = read_yaml(yaml_text(value).encode(), "f.yaml", faults.append)
    assert faults == []
    assert node is not None
    assert content_digest(json.dumps(plain(node))) == content_digest(json.dumps(value))


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(texts.filter(lambda id: id.strip() == id and id and ";" not in id), texts, min_size=1))
def test_a_map_of_any_choices_is_read_or_refused_and_written_as_the_same(choices: dict[str, str]) -> None:
    written = json.dumps(choices, ensure_ascii=False).replace("\u0085", "\\u0085")
    files = changed(
        "instruments/morning.yaml", "choices: [cup, plate], catch: cup", f"choices: {written}", example(ALL_KINDS)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        bundle = _read(as_folder(files, path / "a"))
        if bundle is not None:
            write_bundle(bundle.content, bundle.open_media, path / "b")
            assert read_bundle(path / "b").content == bundle.content


def _read(path: Path) -> Bundle | None:
    try:
        return read_bundle(path)
    except BundleFaults:
        return None
