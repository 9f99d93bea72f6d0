"""Recordings, captions and pictures of parts: streamed, looked into, kept under their digest, served to the team."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from coaching.models import BundleFile, StudyVersion
from config import uploads
from research.models import ScriptDraft, ScriptFile
from research.scripts import drafts
from tests import world
from tests.research.scripts.desks import Desk, Page, example

pytestmark = pytest.mark.django_db

MP3 = b"ID3\x04" + b"\x00" * 60
PNG = bytes(world.files()["media/potoo.png"])  # type: ignore[arg-type]


@pytest.fixture
def version(tmp_path: Path, settings: Any) -> StudyVersion:
    settings.DATA_DIR = tmp_path
    return example()


@pytest.fixture
def desk(version: StudyVersion) -> Desk:
    return Desk(version.study)


def sent(desk: Desk, part: int, **files: Any) -> Any:
    """The form of a part's files, as it stands, with some files chosen."""
    page = desk.open("files/", part=str(part))
    chosen = {name.replace("_", "-"): file for name, file in files.items()}
    return desk.client.post(f"{desk.path}files/", {**page.fields, **chosen})


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def vtt(text: str) -> bytes:
    return f"WEBVTT\n\n00:00.000 --> 00:04.000\n{text}\n".encode()


def stage(desk: Desk, part: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ScriptDraft.objects.get(ended_at=None).content)["stages"][part - 1]
    return found


def both(desk: Desk, **more: Any) -> Any:
    return sent(desk, 1, audio_en_file=upload("Shape.MP3", MP3), audio_de_file=upload("form.mp3", MP3 + b"1"), **more)


def test_recordings_and_captions_are_kept_and_the_part_names_them(desk: Desk) -> None:
    english, german = desk.open().fields["stage-1-say-en"], desk.open().fields["stage-1-say-de"]
    answer = both(desk, captions_en_file=upload("a.vtt", vtt(english)), captions_de_file=upload("b.vtt", vtt(german)))
    assert answer.headers["Location"].endswith("/scripts/potoo/#stage-1")
    part, digest = stage(desk, 1), hashlib.sha256(MP3).hexdigest()
    assert part["audio"]["en"] == f"media/potoo/shape-{digest[:8]}.mp3"
    assert set(part["captions"]) == {"en", "de"}
    assert ScriptFile.objects.count() == 4
    assert AuditEntry.objects.filter(action="script.file").count() == 4
    desk.press("check")
    assert "No fault was found." in desk.open(check="1").text


def test_what_was_uploaded_is_published_with_the_study(version: StudyVersion) -> None:
    desk = Desk(version.study, role="owner")
    both(desk)
    assert desk.publish().status_code == 303
    made = version.study.versions.latest("n")
    path = json.loads(made.content)["scripts"]["potoo"]["stages"][0]["audio"]["en"]
    assert BundleFile.objects.get(version=made, path=path).size == len(MP3)
    assert json.loads(made.content)["media"][path] == hashlib.sha256(MP3).hexdigest()


def test_captions_that_say_something_else_are_a_fault_of_the_part(desk: Desk) -> None:
    both(desk, captions_en_file=upload("a.vtt", vtt("Other words.")), captions_de_file=upload("b.vtt", vtt("Andere.")))
    desk.press("check")
    page = desk.open(check="1")
    assert page.html.count('<a href="#stage-1">Part 1: media/potoo/') == 2


def test_saving_the_parts_afterwards_keeps_the_files(desk: Desk) -> None:
    both(desk)
    before = stage(desk, 1)["audio"]
    desk.press("save", **{"title-en": "Another title"})
    desk.press("down-1")
    assert stage(desk, 2)["audio"] == before


def test_one_that_is_there_already_can_be_chosen_and_taken_away(desk: Desk) -> None:
    both(desk)
    path = stage(desk, 1)["audio"]["en"]
    page = desk.open("files/", part="2")
    assert path in page.options["audio-en"]
    desk.client.post(f"{desk.path}files/", {**page.fields, "audio-en": path})
    assert stage(desk, 2)["audio"] == {"en": path}
    page = desk.open("files/", part="2")
    desk.client.post(f"{desk.path}files/", {**page.fields, "audio-en": ""})
    assert "audio" not in stage(desk, 2)


def test_a_picture_is_replaced(desk: Desk) -> None:
    answer = sent(desk, 9, reveal_file=upload("night.png", PNG + b"\x00"))
    assert answer.status_code == 303
    assert stage(desk, 9)["reveal"].startswith("media/potoo/night-")


@pytest.mark.parametrize(
    ("field", "name", "content", "said"),
    [
        ("audio_en_file", "shape.mp3", PNG, "is not an MP3 recording, though its name says so"),
        ("audio_en_file", "shape.exe", MP3, "expected mp3, m4a, ogg, opus, wav, webm"),
        ("audio_en_file", "shape.png", PNG, "expected mp3, m4a, ogg, opus, wav, webm"),
        ("captions_en_file", "shape.vtt", b"not captions", "is not a WebVTT file"),
        ("audio_en_file", "mp3", MP3, "has a name that ends otherwise"),
        ("audio_en_file", "empty.mp3", b"", "is not an MP3 recording"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_told_beside_its_field_and_not_kept(
    desk: Desk, field: str, name: str, content: bytes, said: str
) -> None:
    answer = sent(desk, 1, **{field: upload(name, content)})
    assert answer.status_code == 422
    page = Page(answer)
    assert said in page.text
    assert f'id="{field.replace("_", "-")}-error"' in page.html
    assert not ScriptFile.objects.exists()
    assert not ScriptDraft.objects.exists()


def test_of_two_files_the_good_one_is_not_lost_with_the_bad_one(desk: Desk) -> None:
    answer = sent(desk, 1, audio_en_file=upload("a.mp3", MP3), audio_de_file=upload("b.mp3", PNG))
    page = Page(answer)
    assert page.fields["audio-en"] == ScriptFile.objects.get().path


def test_a_file_beyond_what_a_bundle_takes_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_FILE_BYTES", 50)
    answer = sent(desk, 1, audio_en_file=upload("a.mp3", MP3))
    assert answer.status_code == 422
    assert "is larger than 50 bytes" in Page(answer).text


def test_a_recording_may_be_longer_than_what_a_request_keeps_in_memory(desk: Desk) -> None:
    content = MP3 + bytes(uploads.MOST_BYTES)
    assert sent(desk, 1, audio_en_file=upload("long.mp3", content)).status_code == 303
    assert ScriptFile.objects.get().size == len(content)


def test_hostile_names_lead_nowhere(desk: Desk) -> None:
    for name in ("../../etc/passwd.mp3", "..mp3.mp3", "ä ö/ü.mp3", "x" * 300 + ".mp3", "<script>.mp3"):
        assert sent(desk, 1, audio_en_file=upload(name, MP3 + name.encode())).status_code in {303, 422}
    for path in ScriptFile.objects.values_list("path", flat=True):
        assert path.startswith("media/potoo/")
        assert ".." not in path
        assert len(path) < 100


def test_a_path_that_is_not_there_is_not_chosen(desk: Desk) -> None:
    page = desk.open("files/", part="1")
    desk.client.post(f"{desk.path}files/", {**page.fields, "audio-en": "media/none.mp3"})
    assert not ScriptDraft.objects.exists()


def test_somebody_who_saved_meanwhile_is_not_written_over_and_the_files_stay(version: StudyVersion) -> None:
    first, second = Desk(version.study), Desk(version.study, role="owner")
    page = second.open("files/", part="1")
    first.press("save", **{"stage-1-say-en": "Other words"})
    answer = second.client.post(f"{second.path}files/", {**page.fields, "audio-en-file": upload("a.mp3", MP3)})
    assert answer.status_code == 409
    assert ScriptFile.objects.count() == 1
    assert "audio" not in stage(first, 1)


def test_a_part_that_has_no_files_leads_back(desk: Desk) -> None:
    for part in ("", "0", "3", "99", "x", "-1"):
        assert desk.client.get(f"{desk.path}files/", {"part": part}).status_code == 302
        assert desk.client.post(f"{desk.path}files/", {"part": part}).status_code == 400


def test_the_team_can_look_at_a_file_and_nobody_else(desk: Desk, version: StudyVersion) -> None:
    digest = BundleFile.objects.get(version=version).sha256
    answer = desk.client.get(f"{desk.path}files/{digest}/")
    assert b"".join(answer.streaming_content) == PNG
    assert (answer["Content-Type"], answer["Content-Security-Policy"]) == ("image/png", "sandbox; default-src 'none'")
    both(desk)
    answer = desk.client.get(f"{desk.path}files/{hashlib.sha256(MP3).hexdigest()}/", headers={"range": "bytes=0-2"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"ID3")
    for name in ("0" * 64, "x", "..", digest[:63]):
        assert desk.client.get(f"{desk.path}files/{name}/").status_code == 404
    other = world.tiny()
    stranger = world.browser_of_staff(world.staff(other.study, "owner"))
    assert stranger.get(f"{desk.path}files/{digest}/").status_code == 404
    assert Desk(version.study, role="observer").client.get(f"{desk.path}files/{digest}/").status_code == 403
