"""`manage.py check_scripts`: what it prints, and when it ends with 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests import world

TRAINING = """\
slug: tap
title: A tap
stages:
  - {id: settle, layer: place, say: "A tap drips. You hear it, or you know it.", hold: 20s}
  - {id: effort, rate: effort, scale: {min: 0, max: 10}}
"""
CONTROL = """\
slug: words
title: Words
purpose: control
matched_to: tap
stages:
  - {id: settle, layer: place, say: "A word drops. You say it, or you spell it.", hold: 20s}
  - {id: effort, rate: effort, scale: {min: 0, max: 10}}
"""
FILES = world.edited(
    {
        "{id: first, title: The first one, do: assess, instruments: [one]}": (
            "{id: first, do: session, script: tap}\n  - {id: second, do: session, script: words}"
        )
    },
    world.TINY,
) | {"scripts/tap.yaml": TRAINING, "scripts/words.yaml": CONTROL}


def checked(what: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]], list[str]]:
    """Its exit status, the lines that it prints, and what it says is amiss."""
    status = 0
    try:
        call_command("check_scripts", str(what))
    except SystemExit as ended:
        status = int(str(ended.code))
    printed = capsys.readouterr()
    return status, [json.loads(line) for line in printed.out.splitlines()], printed.err.splitlines()


def changed(changes: dict[str, str], file: str, folder: Path) -> Path:
    return world.written(world.edited(changes, FILES, file), folder)


def test_each_script_has_a_line_a_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = changed({"languages: [en]": "languages: [en, de]"}, "study.yaml", tmp_path)
    status, lines, amiss = checked(folder, capsys)
    assert (status, amiss) == (0, [])
    assert [(line["script"], line["language"]) for line in lines] == [
        *(("tap", "en"), ("tap", "de"), ("words", "en"), ("words", "de")),
    ]
    tap, in_german, words, _ = lines
    assert tap == {
        **{"script": "tap", "language": "en", "purpose": "training", "minutes": 0.68, "words": 10, "pauses_s": 21.0},
        **{"ratings": 1, "contacts": 1, "words_a_sentence": 5.0, "longest_sentence": 7, "grade": tap["grade"]},
        **{"flagged": [], "layers": ["place"]},
    }
    assert tap["grade"] < 0
    assert in_german["grade"] is None
    assert (words["purpose"], words["matched_to"], words["differences"]) == ("control", "tap", [])


def test_a_control_that_differs_is_told_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, amiss = checked(changed({"hold: 20s": "hold: 40s"}, "scripts/words.yaml", tmp_path), capsys)
    assert status == 1
    assert [(each["what"], each["control"], each["script"]) for each in lines[1]["differences"]] == [
        *(("minutes", 1.01, 0.68), ("pauses_s", 41.0, 21.0)),
    ]
    assert amiss == [
        "words, en: minutes 1.01; expected 0.68 within 0.03, as tap has",
        "words, en: pauses_s 41; expected 21 within 2.1, as tap has",
    ]


def test_a_sentence_above_20_words_ends_with_1_and_one_of_20_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for count, status in ((20, 0), (21, 1)):
        said = {"A tap drips. You hear it, or you know it.": " ".join(["word"] * count)}
        also = {"A word drops. You say it, or you spell it.": " ".join(["word"] * count)}
        files = world.edited(said, FILES, "scripts/tap.yaml")
        files = world.edited(also, files, "scripts/words.yaml")
        found = checked(world.written(files, tmp_path / str(count)), capsys)
        assert (found[0], found[1][0]["longest_sentence"]) == (status, count)
        assert len(found[2]) == 2 * status
    assert found[2][0] == "tap, en: a sentence of 21 words; expected at most 20"


def test_words_are_flagged_with_their_stage_and_left_to_whoever_reads_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = world.edited({"You hear it, or you know it.": "You see it, as is quite normal."}, FILES, "scripts/tap.yaml")
    files = world.edited(
        {"You say it, or you spell it.": "You imagine it, or you spell it."}, files, "scripts/words.yaml"
    )
    status, lines, _ = checked(world.written(files, tmp_path), capsys)
    assert status == 0
    assert [line["flagged"] for line in lines] == [
        [
            {"stage": "settle", "word": "see", "why": "seeing"},
            {"stage": "settle", "word": "normal", "why": "judging"},
        ],
        [{"stage": "settle", "word": "imagine", "why": "imagining"}],
    ]


@pytest.mark.django_db
def test_a_loaded_study_is_known_by_its_slug_and_its_newest_version(capsys: pytest.CaptureFixture[str]) -> None:
    world.publish(FILES)
    world.publish(world.edited({"A tap drips. ": ""}, FILES, "scripts/tap.yaml"))
    status, lines, _ = checked("tiny", capsys)
    assert (status, [line["script"] for line in lines], lines[0]["words"]) == (1, ["tap", "words"], 7)


@pytest.mark.django_db
def test_what_is_neither_a_file_nor_a_study_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"'nowhere' is neither a file nor a study; expected a folder"):
        checked("nowhere", capsys)


def test_a_bundle_with_faults_is_told_with_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, amiss = checked(changed({"max: 10": "max: -1"}, "scripts/tap.yaml", tmp_path), capsys)
    assert (status, lines) == (1, [])
    assert amiss == ["scripts/tap.yaml:5: max is -1; expected a number above min, which is 0"]
