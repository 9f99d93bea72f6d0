"""Media of a bundle: each file is what its name says, and how much of them there may be stands where people read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from protocol import sources
from protocol.bundle import MAX_CAPTIONS_BYTES, MAX_YAML_BYTES, read_bundle, write_bundle
from protocol.captions import MAX_BYTES as MAX_CAPTION_BYTES
from protocol.grammar import AUDIO_SUFFIXES, PICTURE_SUFFIXES
from protocol.media import media_problem
from protocol.sources import MAX_BUNDLE_BYTES, MAX_FILE_BYTES, MAX_FILES
from tests.protocol.bundles import RECORDED, as_folder, changed, example, faults_of

ROOT = Path(__file__).parents[2]
HEADS: dict[str, list[bytes]] = {
    "mp3": [b"ID3\x04\0", b"\xff\xfb\x90\x64", b"\xff\xf3\x40\xc4", b"\xff\xe3\x18\xc4", b"\xff\xfa\x90\x64"],
    "m4a": [b"\0\0\0\x20ftypM4A \0\0\0\0", b"\0\0\0\x1cftypisom"],
    "ogg": [b"OggS\0\x02"],
    "opus": [b"OggS\0\x02"],
    "wav": [b"RIFF\x24\0\0\0WAVEfmt "],
    "webm": [b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81"],
    "vtt": [b"WEBVTT", b"WEBVTT\n", b"WEBVTT spoken", b"WEBVTT\t-", b"WEBVTT\r\n", b"\xef\xbb\xbfWEBVTT\n"],
    "png": [b"\x89PNG\r\n\x1a\n"],
    "jpg": [b"\xff\xd8\xff\xe0"],
    "jpeg": [b"\xff\xd8\xff\xe1"],
    "webp": [b"RIFF\x10\n\0\0WEBPVP8 "],
    "gif": [b"GIF89a", b"GIF87a"],
}
ALSO_OTHERS = {("ogg", "opus"), ("opus", "ogg"), ("jpg", "jpeg"), ("jpeg", "jpg")}
NOUNS = {
    "mp3": "an MP3 recording",
    "m4a": "an MPEG-4 recording",
    "ogg": "an Ogg recording",
    "opus": "an Ogg recording",
    "wav": "a WAVE recording",
    "webm": "a WebM recording",
    "vtt": "a WebVTT file",
}


def test_every_kind_that_a_study_may_name_is_known() -> None:
    assert set(HEADS) == {*AUDIO_SUFFIXES, *PICTURE_SUFFIXES, "vtt"}


@pytest.mark.parametrize("suffix", HEADS)
def test_a_file_is_what_its_name_says_and_nothing_else(suffix: str) -> None:
    for head in HEADS[suffix]:
        assert media_problem(f"media/a.{suffix}", head) is None
    others = [
        head for other in HEADS if other != suffix and (suffix, other) not in ALSO_OTHERS for head in HEADS[other]
    ]
    for head in [*others, b"", b"<html>", b"MZ\x90\0", b"PK\x03\x04", b"\xff\xfeW\0", b"\xff\xf1\x50\x80", b"WEBVTT2"]:
        assert media_problem(f"media/a.{suffix}", head) is not None, head


@pytest.mark.parametrize("suffix", [each for each in NOUNS if each != "vtt"])
def test_a_recording_that_is_another_kind_of_file_is_a_fault(suffix: str, tmp_path: Path) -> None:
    files = changed("scripts/feather.yaml", "media/hum.ogg", f"media/hum.{suffix}", example(RECORDED))
    files[f"media/hum.{suffix}"] = b"<script>alert(1)</script>"
    fault = f"media/hum.{suffix}:1: is not {NOUNS[suffix]}, though its name says so"
    assert faults_of(as_folder(files, tmp_path)) == [fault]


@pytest.mark.parametrize("suffix", [each for each in NOUNS if each != "vtt"])
def test_a_recording_of_any_kind_is_read_and_written_as_the_same(suffix: str, tmp_path: Path) -> None:
    files = changed("scripts/feather.yaml", "media/hum.ogg", f"media/hum.{suffix}", example(RECORDED))
    files[f"media/hum.{suffix}"] = HEADS[suffix][0] + b"\0\1\2" * 1_000
    bundle = read_bundle(as_folder(files, tmp_path / "s"))
    for name in ("folder", "packed.zip"):
        write_bundle(bundle.content, bundle.open_media, tmp_path / name)
        assert read_bundle(tmp_path / name).digest == bundle.digest


@pytest.mark.parametrize("name", ["media/falls.mp3", "media/quiet.wav"])
def test_a_recording_that_is_too_large_is_a_fault(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 1_000)
    files = example(RECORDED)
    files[name] += b"\0" * 1_000
    line = {"media/falls.mp3": 7, "media/quiet.wav": 10}[name]
    expected = f"scripts/feather.yaml:{line}: names {name!r}, which is larger than 1,000 bytes"
    assert set(faults_of(as_folder(files, tmp_path))) == {expected}


LIMITS = f"{MAX_BUNDLE_BYTES // 10**6} MB", f"{MAX_FILE_BYTES // 10**6} MB a file"
YAML = f"{MAX_YAML_BYTES // 10**6} MB of YAML"
CAPTIONS = f"captions {MAX_CAPTION_BYTES // 10**3} kB a file, {MAX_CAPTIONS_BYTES // 10**6} MB together"
SAID = {
    "docs/bundle-rules.md": (*LIMITS, YAML, CAPTIONS, f"{MAX_FILES:,} files"),
    "docs/researcher.md": LIMITS,
    "docs/adr/0002-bundle-reading.md": (*LIMITS, YAML, f"{MAX_FILES:,} files"),
    # A proxy counts the form around the files, too.
    "docs/operating.md": (f"{MAX_BUNDLE_BYTES // 10**6 + 1} MB under `/studies/`",),
}


@pytest.mark.parametrize("page", SAID)
def test_the_limits_that_people_read_are_those_that_hold(page: str) -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert [words for words in SAID[page] if words not in text] == []
    assert re.findall(r"(?<![0-9])(?:20|200) MB", text) == []
