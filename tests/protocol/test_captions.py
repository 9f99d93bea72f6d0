"""Captions: the words of a recording, word for word, whatever signs stand between them and whoever wrote the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import bundle as reader
from protocol.bundle import part_digests, read_bundle, write_bundle
from protocol.captions import MAX_BYTES, Cue, read_captions, words_of
from protocol.changes import Change, changes
from protocol.errors import Fault
from tests.protocol.bundles import RECORDED, as_folder, as_zip, changed, example, faults_of

VTT = "media/hum.vtt"


def cues_of(text: str) -> tuple[Cue, ...]:
    faults: list[Fault] = []
    found = read_captions(text.encode(), "a.vtt", faults.append)
    assert faults == []
    assert found is not None
    return found


def faults_in(content: bytes) -> list[str]:
    faults: list[Fault] = []
    assert read_captions(content, "a.vtt", faults.append) is None
    return [str(fault) for fault in faults]


def heard(say: str, captions: str, folder: Path) -> list[str]:
    """What is said of a stage with these words and these captions."""
    files = changed("scripts/feather.yaml", '"Mmm, mmm."', f'"{say}"', example(RECORDED))
    return faults_of(as_folder(files | {VTT: captions.encode()}, folder))


def one_cue(words: str) -> str:
    return f"WEBVTT\n\n00:00.000 --> 00:03.000\n{words}\n"


# --- what a file says -------------------------------------------------------------------------------------------------


def test_a_cue_is_its_times_and_its_words_each_with_its_line() -> None:
    first, second = cues_of(example(RECORDED)["media/falls.vtt"].decode())
    assert (first.line, first.start_ms, first.end_ms) == (8, 500, 2_000)
    assert [(word.text, word.line) for word in first.words] == [("A", 9), ("feather", 9), ("falls", 9)]
    assert [word.text for word in second.words] == ["It", "s", "light", "it", "lands"]
    assert [word.line for word in second.words] == [13, 13, 13, 14, 14]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_ends_as_any_system_ends_it(end: str) -> None:
    text = "WEBVTT\n\nid\n00:01.000 --> 00:02.000\nOne\n\n\n\n100:00:00.000 --> 100:00:00.001\nTwo".replace("\n", end)
    cues = cues_of(text)
    assert [(cue.line, cue.start_ms) for cue in cues] == [(4, 1_000), (9, 360_000_000)]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_captions(b"\xef\xbb\xbf" + one_cue("One").encode(), "a.vtt", print) is not None


def test_a_mark_may_run_over_two_lines_and_names_of_signs_are_signs() -> None:
    (cue,) = cues_of(
        one_cue("po<c.loud\nred>too</c> &amp; &eacute;l&#xe9;phant &nbsp;&unknown; &#9999999;<00:01.000>!")
    )
    assert [(word.text, word.line) for word in cue.words] == [
        ("po", 4),
        ("too", 5),
        ("&", 5),
        ("éléphant", 5),
        ("&unknown", 5),
        ("\N{REPLACEMENT CHARACTER}", 5),
    ]


@pytest.mark.parametrize("before", ["\n", " ", "\r\n\r\n"])
def test_the_head_is_the_very_first_line(before: str) -> None:
    (fault,) = faults_in((before + one_cue("One")).encode())
    assert fault.endswith("expected WEBVTT")


# --- word for word ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A feather: light, slow …", ["A", "feather", "light", "slow"]),
        ("Don't. Don\u2019t!", ["Don", "t", "Don", "t"]),
        ("night-bird – night bird", ["night", "bird", "night", "bird"]),
        ("37.5 °C, 5 € & 10 %", ["37", "5", "°C", "5", "€", "&", "10", "%"]),
        ("soft\u00adly \u200eleft", ["softly", "left"]),
        ("cafe\u0301", ["caf\u00e9"]),
        ("闭上眼睛。", ["闭", "上", "眼", "睛"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("\N{OWL}", ["\N{OWL}"]),
        (" …!? ", []),
    ],
)
def test_words_are_what_is_heard_and_signs_are_not(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@pytest.mark.parametrize(
    ("say", "captions"),
    [
        ("Begin with a shape: small, round.", "Begin with a shape.\nSmall \N{EN DASH} round"),
        ("It's there.", "It\u2019s there"),
        ("Cafe\u0301", "CAF\u00c9"),
        ("闭上眼睛", "闭上\n眼睛"),
        ("หลับตา", "หลับ\nตา"),
    ],
)
def test_signs_capitals_and_breaks_of_lines_are_no_difference(say: str, captions: str, tmp_path: Path) -> None:
    assert heard(say, one_cue(captions), tmp_path) == []


@pytest.mark.parametrize(
    ("say", "captions"),
    [("a part", "apart"), ("it s", "is"), ("Ähre", "Ahre"), ("one two", "two one"), ("5 €", "5"), ("眼睛", "眼晴")],
)
def test_another_word_is_a_difference(say: str, captions: str, tmp_path: Path) -> None:
    (fault,) = heard(say, one_cue(captions), tmp_path)
    assert fault.startswith(f"{VTT}:4: ")


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=12))
def test_words_are_the_same_however_a_text_is_cut_between_them(pieces: list[str]) -> None:
    words = [word for piece in pieces for word in words_of(piece)]
    assert list(words_of(" ".join(pieces))) == words
    assert list(words_of(" ".join(words))) == words


# --- in a bundle ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_recordings_and_captions_are_written_and_read_as_the_same(name: str, tmp_path: Path) -> None:
    bundle = read_bundle(RECORDED)
    assert sorted(bundle.media) == sorted(path for path in example(RECORDED) if path.startswith("media/"))
    write_bundle(bundle.content, bundle.open_media, tmp_path / name)
    again = read_bundle(tmp_path / name)
    assert (again.content, again.digest) == (bundle.content, bundle.digest)
    with again.open_media(VTT) as stream:
        assert stream.read() == example(RECORDED)[VTT]


@pytest.mark.parametrize("name", ["media/falls.de.mp3", "media/hum.ogg", "media/falls.vtt", VTT])
def test_the_bytes_of_a_recording_and_of_captions_make_another_script(name: str, tmp_path: Path) -> None:
    before = read_bundle(RECORDED)
    files = example(RECORDED)
    files[name] += b"\n"
    after = read_bundle(as_folder(files, tmp_path))
    assert after.digest != before.digest
    assert part_digests(after.content)["scripts"]["feather"] != part_digests(before.content)["scripts"]["feather"]
    assert changes(before.content, after.content) == (
        Change("script", "feather", "changed"),
        Change("recording", name, "changed"),
    )


def test_captions_of_two_stages_are_held_against_both(tmp_path: Path) -> None:
    files = changed("scripts/feather.yaml", "media/hum.vtt}", "media/falls.vtt}", example(RECORDED))
    assert faults_of(as_folder(files, tmp_path)) == [
        "media/falls.vtt:9: has 'A' as word 1; expected 'Mmm', as scripts/feather.yaml:9 says"
    ]


def test_captions_that_are_faulty_are_not_held_against_what_is_said(tmp_path: Path) -> None:
    faults = heard("Nothing of it.", "WEBVTT\n\n00:00.000 --> 00:03.000\n\n", tmp_path)
    assert faults == [f"{VTT}:3: has a cue without words; expected what is heard then"]


def test_a_study_of_one_language_needs_no_map(tmp_path: Path) -> None:
    files = changed("study.yaml", "languages: [en, de]", "languages: [en]", example(RECORDED))
    script = """\
slug: feather
title: A feather
stages:
  - {say: {en: "Mmm, mmm."}, audio: media/hum.ogg, captions: media/hum.vtt}
  - {say: "Mmm, mmm.", audio: {en: media/hum.ogg}, captions: {en: media/hum.vtt}}
"""
    assert faults_of(as_folder(files | {"scripts/feather.yaml": script.encode()}, tmp_path)) == []


# --- files made to do harm --------------------------------------------------------------------------------------------

HOSTILE: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", f"{VTT}:1: is not a WebVTT file, though its name says so"),
    "a picture": (b"\x89PNG\r\n\x1a\n", f"{VTT}:1: is not a WebVTT file, though its name says so"),
    "a page": (b"<html><script>alert(1)</script>", f"{VTT}:1: is not a WebVTT file, though its name says so"),
    "another encoding": (
        "\ufeffWEBVTT\n".encode("utf-16-le"),
        f"{VTT}:1: is not a WebVTT file, though its name says so",
    ),
    "bytes after the head": (b"WEBVTT\n\n\xff\xfe", f"{VTT}:3: holds the byte 0xff, which is not UTF-8"),
    "null characters": (b"WEBVTT\n\n\0", f"{VTT}:3: holds the control character U+0000; expected text"),
    "a huge file": (
        b"WEBVTT\n" + b"\n" * MAX_BYTES,
        "scripts/feather.yaml:9: names 'media/hum.vtt', which is larger than 200,000 bytes",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("how", ["folder", "zip"])
def test_a_file_that_holds_no_captions_is_a_fault(what: str, how: str, tmp_path: Path) -> None:
    content, fault = HOSTILE[what]
    files = example(RECORDED) | {VTT: content}
    path = as_folder(files, tmp_path / "s") if how == "folder" else as_zip(files, tmp_path / "s.zip")
    assert faults_of(path) == [fault]


def test_captions_that_lead_to_themselves_are_not_followed(tmp_path: Path) -> None:
    folder = as_folder(example(RECORDED), tmp_path)
    (folder / VTT).unlink()
    (folder / VTT).symlink_to(VTT.removeprefix("media/"))
    (fault,) = faults_of(folder)
    assert (
        fault
        == "scripts/feather.yaml:9: names 'media/hum.vtt', which is a symbolic link; expected a file of the bundle"
    )


def test_captions_from_which_nothing_ever_comes_are_not_waited_for(tmp_path: Path) -> None:
    folder = as_folder(example(RECORDED), tmp_path)
    (folder / VTT).unlink()
    os.mkfifo(folder / VTT)
    assert faults_of(folder) == ["scripts/feather.yaml:9: names 'media/hum.vtt', which is not a file"]


def test_captions_count_against_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_CAPTIONS_BYTES", 300)
    assert faults_of(as_folder(example(RECORDED), tmp_path)) == [
        "media/falls.de.vtt:1: brings the bundle above 300 bytes of captions"
    ]


WEARING = {
    "marks that stay open": one_cue("<" * 190_000),
    "marks that close": one_cue("<>" * 95_000),
    "half names of signs": one_cue("&" * 190_000),
    "a long number of a sign": one_cue("&#" + "9" * 190_000 + ";"),
    "blocks that are none": "WEBVTT\n" + "\n\nx" * 60_000,
    "arrows": "WEBVTT\n\n" + "-->" * 60_000,
    "spaces before an arrow": "WEBVTT\n\n00:00.000" + " " * 190_000 + "-->",
    "a time of many digits": "WEBVTT\n\n" + "9" * 190_000 + ":00:00.000 --> 00:01.000\nx",
    "one word": one_cue("x" * 190_000),
    "marks over a letter": one_cue("a" + "\u0301" * 90_000),
    "cues without words": "WEBVTT\n\n"
    + "".join(f"{n // 60:02}:{n % 60:02}.000 --> 59:59.999\n\n" for n in range(3_000)),
}


@pytest.mark.parametrize("what", WEARING)
def test_a_file_made_to_wear_the_reader_out_is_read_once_and_refused_in_short(what: str, tmp_path: Path) -> None:
    assert len(WEARING[what]) <= MAX_BYTES
    faults = heard("x", WEARING[what], tmp_path)
    assert 1 <= len(faults) <= 501
    assert all(len(fault) < 300 for fault in faults)


PIECES = [
    *(
        "WEBVTT",
        "\n",
        "\n\n",
        "\r",
        " ",
        "\t",
        "-->",
        " --> ",
        "00:00.000",
        "00:01.000",
        "99:99:99.999",
        "NOTE",
        "STYLE",
    ),
    *("<", ">", "<v A>", "&", "&amp;", ";", "x", "Mmm", "\u2028", "\x85", "\N{OWL}", "00:00.000 --> 00:01.000\n"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_follows_the_head_is_cues_or_faults(text: str) -> None:
    faults: list[Fault] = []
    cues = read_captions(f"WEBVTT\n\n{text}".encode(), "a.vtt", faults.append)
    assert (cues is None) == bool(faults)
    lines = text.replace("\r", "\n").count("\n") + 3
    assert all(1 <= fault.line <= lines for fault in faults)
    for before, after in zip(cues or (), (cues or ())[1:], strict=False):
        assert before.start_ms < before.end_ms <= after.start_ms


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_cues_or_faults(content: bytes) -> None:
    faults: list[Fault] = []
    assert (read_captions(content, "a.vtt", faults.append) is None) == bool(faults)
