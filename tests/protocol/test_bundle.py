"""What a read bundle is: the example study in full, its content, its digest, and writing it out again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from protocol.bands import Band
from protocol.bundle import Bundle, part_digests, read_bundle, study_from_content, write_bundle
from protocol.content import content_digest
from protocol.durations import Duration
from protocol.instrument import Norm, Score
from protocol.nodes import plain, read_yaml
from protocol.script import Range, Stage, Voice
from protocol.study import Allocation, At, Group, Requirement, ScoreRef, Step, Study, Window
from protocol.text import Text
from tests.protocol.bundles import EXAMPLE, Files, as_folder, changed, example


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(EXAMPLE)


@pytest.fixture(scope="module")
def study(bundle: Bundle) -> Study:
    return bundle.study


def digest_of(files: Files, folder: Path) -> str:
    return read_bundle(as_folder(files, folder)).digest


# --- the example study, field by field --------------------------------------------------------------------------------


def test_the_head_of_the_example_came_through(study: Study) -> None:
    assert study.slug == "small-scenes"
    assert study.title == Text(by_language={"en": "Small scenes: a pilot", "de": "Kleine Szenen: eine Pilotstudie"})
    assert study.languages == ("en", "de")
    assert (study.timezone, study.contact) == ("Europe/London", "lab@example.org")
    assert study.summary.to("en") == (EXAMPLE / "welcome.md").read_text(encoding="utf-8")
    assert study.summary.to("de") == (EXAMPLE / "welcome.de.md").read_text(encoding="utf-8")


def test_the_door_of_the_example_came_through(study: Study) -> None:
    age, heard = study.eligibility
    assert (age.id, age.type, age.choices, age.require) == ("age", "integer", (), Requirement(">=", 18))
    assert age.ask.to("de") == "Wie alt sind Sie?"
    assert (heard.id, heard.type, heard.choices, heard.require) == (
        "heard",
        "choice",
        ("clinic", "web", "friend"),
        None,
    )
    assert study.consent.version == "1.0"
    assert study.consent.text.to("en").startswith("# Before you begin")
    assert [(s.id, s.required) for s in study.consent.statements] == [
        ("take_part", True),
        ("data", True),
        ("recontact", False),
    ]
    assert study.consent.statements[0].text.to("en") == "I agree to take part."


def test_the_arms_of_the_example_came_through(study: Study) -> None:
    bands = (Band("none", 4, 4), Band("dim", 5, 8), Band("typical", 9, 18), Band("vivid", 19, 20))
    assert study.groups == (Group("imagery", ScoreRef("baseline", "scenes_4", "total"), bands),)
    assert study.allocation == Allocation("blocks", (2, 4), ("imagery",))
    assert [(arm.name, arm.ratio, len(arm.steps)) for arm in study.arms] == [("sessions", 1, 2), ("questions", 1, 0)]
    assert study.arms[0].title == Text(by_language={"en": "Sessions first", "de": "Zuerst Übungen"})
    assert not study.is_cohort


def test_the_steps_of_the_example_came_through(study: Study) -> None:
    nine_to_eight = (dt.time(9), dt.time(20))
    week = Window(Duration(0, "s"), Duration(7, "d"))
    assert study.before == (
        Step(
            "baseline",
            "assess",
            Text(by_language={"en": "First questionnaire", "de": "Erster Fragebogen"}),
            instruments=("scenes_4",),
        ),
    )
    s1, s2 = study.arms[0].steps
    assert s1 == Step(
        "s1",
        "session",
        scripts=("potoo",),
        at=At("allocation", "done", Duration(0, "s")),
        window=week,
        remind=(Duration(1, "d"), Duration(3, "d")),
        between=nine_to_eight,
    )
    assert (s2.at, s2.remind) == (At("s1", "done", Duration(1, "d")), (Duration(0, "s"), Duration(2, "d")))
    post, day28 = study.after
    assert post.window == Window(Duration(-1, "d"), Duration(7, "d"))
    assert (post.optional, post.missed) == (False, "stop")
    assert day28.at == At("post", "due", Duration(28, "d"))
    assert (day28.title, day28.optional, day28.missed) == (None, True, "skip")


def test_the_instrument_of_the_example_came_through(study: Study) -> None:
    scenes = study.instruments["scenes_4"]
    assert (scenes.id, scenes.title.to("en"), scenes.licence) == ("scenes_4", "Four small scenes", "CC0-1.0")
    assert scenes.about is not None
    assert scenes.about.to("en").startswith("Close your eyes if you like")
    assert scenes.source.startswith("Own items")
    scale = scenes.scale
    assert (scale.min, scale.max, scale.step, scale.direction) == (1, 5, 1, "higher_is_more")
    assert list(scale.labels) == [1, 2, 3, 4, 5]
    assert scale.labels[2] == Text(by_language={"en": "Dim and vague", "de": "Matt und vage"})
    assert [(section.id, [item.id for item in section.items]) for section in scenes.sections] == [
        ("harbour", ["h1", "h2"]),
        ("desk", ["d1", "d2"]),
    ]
    harbour = scenes.sections[0]
    assert harbour.title == Text(by_language={"en": "A harbour at dusk", "de": "Ein Hafen in der Dämmerung"})
    assert harbour.lead is not None
    assert harbour.lead.to("en") == "Think of a small harbour as the lamps come on."
    first = harbour.items[0]
    assert (first.text.to("de"), first.scale, first.reverse, first.optional) == (
        "Der Umriss der Boote vor dem Himmel",
        scale,
        False,
        False,
    )
    assert scenes.shuffle == "none"
    assert scenes.scores == (
        Score("total", ("h1", "h2", "d1", "d2"), "sum", 1, "prorate"),
        Score("harbour", ("h1", "h2"), "mean", 0, "none"),
    )
    assert [band.label for band in scenes.bands["total"]] == ["none", "dim", "typical", "vivid"]
    assert scenes.norms == (
        Norm("total", "worked example, not a norm", 100, 13, 3, 0.85, "retest", "invented for the example"),
    )


def test_the_script_of_the_example_came_through(study: Study) -> None:
    potoo = study.scripts["potoo"]
    assert (potoo.slug, potoo.title.to("en")) == ("potoo", "A bird you have never seen")
    assert potoo.about is not None
    assert potoo.about.to("en").startswith("A night bird")
    assert potoo.voice == Voice(0.9, Duration(1, "s"))
    assert [(stage.id, stage.kind) for stage in potoo.stages] == [
        ("stage_1", "say"),
        ("stage_2", "say"),
        ("layer_1", "rate"),
        ("stage_4", "say"),
        ("stage_5", "say"),
        ("layer_2", "rate"),
        ("what_came", "report"),
        ("sketch", "draw"),
        ("photo", "reveal"),
        ("match", "compare"),
    ]
    say, rate, report, draw, reveal, compare = (potoo.stages[n] for n in (0, 2, 6, 7, 8, 9))
    assert say.text is not None
    assert say.text.to("en").startswith("Begin with a shape")
    assert say.hold == Duration(20, "s")
    assert rate == Stage("layer_1", "rate", rates="vividness", scale=Range(0, 100))
    assert report.text is not None
    assert (report.text.to("de"), report.min_words) == ("Was kam: ein Bild, Worte, ein Gefühl, nichts?", 0)
    assert (draw.seconds, draw.condition) == (120, "imagery")
    assert (reveal.media, reveal.credit) == ("media/potoo.png", "Drawn for this example, CC0")
    assert reveal.alt is not None
    assert reveal.alt.to("en").startswith("A brown bird")
    assert compare.scale == Range(0, 100)


def test_a_choice_and_a_rest_come_through(tmp_path: Path) -> None:
    stages = "stages:\n  - {choose: Which way, options: [{label: On}, {label: Skip, goto: sketch}]}\n  - {rest: 2m}\n"
    choose, rest = (
        read_bundle(as_folder(changed("scripts/potoo.yaml", "stages:\n", stages), tmp_path))
        .study.scripts["potoo"]
        .stages[:2]
    )
    assert (choose.kind, choose.text) == ("choose", Text("Which way"))
    assert [(option.label.to("en"), option.goto) for option in choose.options] == [("On", None), ("Skip", "sketch")]
    assert (rest.id, rest.kind, rest.hold) == ("stage_2", "rest", Duration(2, "m"))


def test_an_items_own_scale_has_the_instruments_direction_unless_it_says_otherwise(tmp_path: Path) -> None:
    own = "{min: 0, max: 10, labels: {0: {en: None, de: Nichts}, 10: {en: All, de: Alles}}}"
    files = changed(
        "instruments/scenes_4.yaml", 'Himmel"}}', f'Himmel"}}, reverse: true, optional: true, scale: {own}}}'
    )
    changed("instruments/scenes_4.yaml", "higher_is_more", "higher_is_less", files)
    item = read_bundle(as_folder(files, tmp_path)).study.instruments["scenes_4"].items()[0]
    assert (item.scale.min, item.scale.max, item.scale.step, item.scale.direction) == (0, 10, 1, "higher_is_less")
    assert item.scale.labels == {
        0: Text(by_language={"en": "None", "de": "Nichts"}),
        10: Text(by_language={"en": "All", "de": "Alles"}),
    }
    assert (item.reverse, item.optional) == (True, True)


def test_bands_are_ascending_however_they_are_declared(tmp_path: Path) -> None:
    files = changed("instruments/scenes_4.yaml", "{none: [4, 4], dim: [5, 8]", "{dim: [5, 8], none: [4, 4]")
    bands = read_bundle(as_folder(files, tmp_path)).study.instruments["scenes_4"].bands["total"]
    assert [band.label for band in bands] == ["none", "dim", "typical", "vivid"]


def test_labels_are_ascending_however_they_are_declared(tmp_path: Path) -> None:
    files = changed("instruments/scenes_4.yaml", '{1: "Nothing', '{5: "All", 1: "Nothing')
    changed("instruments/scenes_4.yaml", ', 5: "As clear as seeing it"', "", files)
    labels = read_bundle(as_folder(files, tmp_path)).study.instruments["scenes_4"].scale.labels
    assert list(labels) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("require", "requirement"),
    [
        ('type: integer, require: "< 65.5"', Requirement("<", 65.5)),
        ('type: integer, require: "!=0"', Requirement("!=", 0)),
        ("type: boolean, require: true", Requirement("is", True)),
        ("type: choice, choices: [a, b, c], require: [a, c]", Requirement("in", ("a", "c"))),
    ],
)
def test_a_requirement_of_every_type_comes_through(require: str, requirement: Requirement, tmp_path: Path) -> None:
    files = changed("study.yaml", 'type: integer, require: ">= 18"', require)
    assert read_bundle(as_folder(files, tmp_path)).study.eligibility[0].require == requirement


def test_nothing_of_a_study_can_be_changed(study: Study) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.slug = "other"  # type: ignore[misc]


# --- content and digest -----------------------------------------------------------------------------------------------


def test_the_content_holds_everything_parsed_in_the_order_of_the_files(bundle: Bundle) -> None:
    parts = json.loads(bundle.content)
    assert list(parts) == ["study", "texts", "instruments", "scripts", "media"]
    assert list(parts["study"])[:4] == ["format", "slug", "title", "languages"]
    assert list(parts["texts"]) == ["welcome.md", "welcome.de.md", "consent.md", "consent.de.md"]
    assert list(parts["instruments"]["scenes_4"]["scores"]) == ["total", "harbour"]
    assert parts["media"] == {"media/potoo.png": hashlib.sha256(example()["media/potoo.png"]).hexdigest()}


def test_the_study_of_a_content_is_the_bundles(bundle: Bundle) -> None:
    assert study_from_content(bundle.content) == bundle.study


def test_the_digest_is_that_of_the_content(bundle: Bundle) -> None:
    assert bundle.digest == content_digest(bundle.content)
    assert len(bundle.digest) == 64


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("study.yaml", "slug: small-scenes\n", "slug: small-scenes # a comment\n\n"),
        ("study.yaml", "format: 1\nslug: small-scenes\n", "slug: small-scenes\nformat: 1.0\n"),
        (
            "study.yaml",
            "{method: blocks, blocks: [2, 4], by: [imagery]}",
            "{by: [imagery], blocks: [2, 4.0], method: blocks}",
        ),
        ("study.yaml", "languages: [en, de]", "languages:\n  - en\n  - 'de'"),
        ("instruments/scenes_4.yaml", "mean: 13.0", "mean: 13"),
        ("instruments/scenes_4.yaml", "min: 1\n", "min: 0x1\n"),
        ("instruments/scenes_4.yaml", "en: {1: ", "en: {'1': "),
        ("scripts/potoo.yaml", "slug: potoo", "\"slug\": 'potoo'"),
    ],
)
def test_how_it_is_written_does_not_count(file: str, old: str, new: str, bundle: Bundle, tmp_path: Path) -> None:
    assert digest_of(changed(file, old, new), tmp_path) == bundle.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("study.yaml", "Europe/London", "Europe/Berlin"),
        ("study.yaml", "blocks: [2, 4]", "blocks: [4, 2]"),
        ("study.yaml", '[scenes_4], at: "post.due', '[scenes_4], missed: skip, at: "post.due'),
        ("instruments/scenes_4.yaml", "mean: 13.0", "mean: 13.1"),
        ("instruments/scenes_4.yaml", "Dim and vague", "Dim and vague."),
        ("scripts/potoo.yaml", "seconds: 120", "seconds: 121"),
        ("welcome.md", "Small scenes\n", "Small scenes\n\n"),
        ("consent.de.md", "Bevor Sie", "Bevor Sie "),
    ],
)
def test_what_it_says_counts(file: str, old: str, new: str, bundle: Bundle, tmp_path: Path) -> None:
    assert digest_of(changed(file, old, new), tmp_path) != bundle.digest


def test_the_bytes_of_a_picture_count(bundle: Bundle, tmp_path: Path) -> None:
    files = example()
    files["media/potoo.png"] += b"\0"
    assert digest_of(files, tmp_path) != bundle.digest


def test_line_ends_of_a_text_count_as_its_bytes_do(bundle: Bundle, tmp_path: Path) -> None:
    files = example()
    files["welcome.md"] = files["welcome.md"].replace(b"\n", b"\r\n")
    assert digest_of(files, tmp_path) != bundle.digest


def test_a_part_has_a_digest_of_its_own(bundle: Bundle, tmp_path: Path) -> None:
    files = changed("scripts/potoo.yaml", "seconds: 120", "seconds: 121")
    before, after = part_digests(bundle.content), part_digests(read_bundle(as_folder(files, tmp_path)).content)
    assert before["instruments"] == after["instruments"]
    assert before["scripts"]["potoo"] != after["scripts"]["potoo"]


def test_a_script_with_another_picture_is_another_script(bundle: Bundle, tmp_path: Path) -> None:
    files = example()
    files["media/potoo.png"] += b"\0"
    after = part_digests(read_bundle(as_folder(files, tmp_path)).content)
    assert part_digests(bundle.content)["scripts"]["potoo"] != after["scripts"]["potoo"]


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s", "s.zip", "deep/er/s"])
def test_what_is_written_reads_as_the_same(name: str, bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    again = read_bundle(tmp_path / name)
    assert again == Bundle(bundle.study, bundle.content, bundle.digest, again.media)
    assert list(again.media) == ["media/potoo.png"]
    with again.open_media("media/potoo.png") as stream:
        assert stream.read() == example()["media/potoo.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [name.partition("/")[0]]


HARD_TEXTS = [
    "yes: no",
    "true",
    "null",
    "~",
    "012",
    "1e3",
    ".inf",
    "- a",
    "# no comment",
    "a # b",
    "a: b",
    "'quoted'",
    '"quoted"',
    "\\n",
    " space around ",
    "two\nlines\n",
    "a\ttab",
    "[a, b]",
    "{a: b}",
    "*alias",
    "&anchor",
    "!tag",
    "%percent",
    "@at",
    "`tick`",
    "| pipe",
    "> fold",
    "? question",
    "next\x85line",
    "line\u2028separator",
    "paragraph\u2029end",
    "zero\ufeffwidth",
    "🦉 owl",
    "e\u0301 is not \u00e9",
    "<<",
    "=",
    "---",
    "...",
    "x" * 3_000,
    "12:30:45",
    "0s",
    "2026-11-24",
]


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_a_text_that_looks_like_something_else_is_written_as_the_same_text(text: str, tmp_path: Path) -> None:
    files = changed("instruments/scenes_4.yaml", 'source: "Own', f"source: {json.dumps(text)} #")
    changed("instruments/scenes_4.yaml", '{en: "The outline', f'{{en: {json.dumps(text)}, de: "Umriss"}}}} # "', files)
    bundle = read_bundle(as_folder(files, tmp_path / "a"))
    scenes = bundle.study.instruments["scenes_4"]
    assert (scenes.source, scenes.items()[0].text.to("en")) == (text, text)
    write_bundle(bundle.content, bundle.open_media, tmp_path / "b")
    assert read_bundle(tmp_path / "b").content == bundle.content


def test_the_same_content_makes_the_same_zip(bundle: Bundle, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None


def test_an_empty_folder_is_filled(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    write_bundle(bundle.content, bundle.open_media, tmp_path / "s")
    assert read_bundle(tmp_path / "s").digest == bundle.digest


def test_nothing_is_overwritten(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "notes.txt").write_text("mine")
    (tmp_path / "s.zip").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"mine")
    for name in ("s", "s.zip", "file"):
        with pytest.raises(FileExistsError):
            write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["notes.txt"]
    assert (tmp_path / "s.zip").read_bytes() == (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_a_picture_with_other_bytes_leaves_nothing_behind(name: str, bundle: Bundle, tmp_path: Path) -> None:
    def other(path: str) -> BinaryIO:
        return io.BytesIO(b"other")

    with pytest.raises(ValueError, match="has other bytes"):
        write_bundle(bundle.content, other, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_for_people_to_read(bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle.content, bundle.open_media, tmp_path / "s")
    text = (tmp_path / "s" / "study.yaml").read_text(encoding="utf-8")
    assert "\nlanguages: [en, de]\ntimezone: Europe/London\n" in text
    assert max(len(line) for line in text.splitlines()) <= 120
    node = read_yaml(text.encode(), "study.yaml", pytest.fail)
    assert node is not None
    assert plain(node) == json.loads(bundle.content)["study"]
