"""Files of a bundle: which are read, from a folder or a zip, and which could do harm."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from protocol import sources
from protocol.bundle import read_bundle
from tests.protocol.bundles import EXAMPLE, as_folder, as_zip, changed, example, faults_of

# --- a folder ---------------------------------------------------------------------------------------------------------


def test_a_bundle_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "nothing") == ["nothing:1: is not there; expected a folder or a zip"]


def test_an_empty_folder_lacks_its_study(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == ["study.yaml:1: is missing"]


def test_another_ending_than_yaml_is_named(tmp_path: Path) -> None:
    files = example()
    files["study.yml"] = files.pop("study.yaml")
    files["instruments/scenes_4.yml"] = files.pop("instruments/scenes_4.yaml")
    files["scripts/more/potoo.yaml"] = files.pop("scripts/potoo.yaml")
    assert faults_of(as_folder(files, tmp_path)) == [
        "instruments/scenes_4.yml:1: has a name that nothing reads; expected instruments/ID.yaml",
        "scripts/more/potoo.yaml:1: has a name that nothing reads; expected scripts/SLUG.yaml",
        "study.yml:1: has a name that nothing reads; expected study.yaml",
    ]


def test_a_file_whose_name_is_no_id_is_a_fault(tmp_path: Path) -> None:
    files = example()
    files["instruments/My scale.yaml"] = files["instruments/scenes_4.yaml"]
    assert faults_of(as_folder(files, tmp_path)) == [
        "instruments/My scale.yaml:1: has a name that nothing reads; expected instruments/ID.yaml"
    ]


def test_what_no_step_uses_is_read_checked_and_kept(tmp_path: Path) -> None:
    files = example()
    files["instruments/spare.yaml"] = files["instruments/scenes_4.yaml"].replace(b"id: scenes_4", b"id: spare")
    files["scripts/spare-one.yaml"] = files["scripts/potoo.yaml"].replace(b"slug: potoo", b"slug: spare-one")
    study = read_bundle(as_folder(files, tmp_path)).study
    assert (list(study.instruments), list(study.scripts)) == (["scenes_4", "spare"], ["potoo", "spare-one"])
    files["instruments/spare.yaml"] = files["instruments/spare.yaml"].replace(b"sd: 3.0", b"sd: 0")
    assert faults_of(as_folder(files, tmp_path)) == [
        "instruments/spare.yaml:34: sd is the number 0; expected a number above 0"
    ]


def test_files_that_nothing_names_are_passed_over(tmp_path: Path) -> None:
    files = example() | {
        "README.md": b"\xff",
        "notes.txt": b"\0",
        ".git/config": b"\xff",
        ".DS_Store": b"\0",
        "media/other.bin": b"\0",
        "instruments/README.md": b"About these",
        "instruments/.scenes_4.yaml.swp": b"\0",
    }
    assert read_bundle(as_folder(files, tmp_path)).digest == read_bundle(EXAMPLE).digest


@pytest.mark.parametrize("name", ["welcome.md", "instruments/scenes_4.yaml", "study.yaml", "media/potoo.png"])
def test_a_symbolic_link_is_refused(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    files = example()
    outside.write_bytes(files[name])
    folder = as_folder(files, tmp_path / "s")
    (folder / name).unlink()
    (folder / name).symlink_to(outside)
    assert [fault.partition("symbolic link")[1] for fault in faults_of(folder)] == ["symbolic link"]


@pytest.mark.parametrize("name", ["instruments", "media"])
def test_a_folder_that_is_a_symbolic_link_is_refused(name: str, tmp_path: Path) -> None:
    folder = as_folder(example(), tmp_path / "s")
    (folder / name).rename(tmp_path / "moved")
    (folder / name).symlink_to(tmp_path / "moved")
    assert any("is a symbolic link" in fault for fault in faults_of(folder))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = as_folder(example(), tmp_path)
    (folder / "welcome.md").unlink()
    os.mkfifo(folder / "welcome.md")
    assert faults_of(folder) == ["study.yaml:7: names 'welcome.md', which is not a file"]


def test_a_folder_in_a_files_place_is_a_fault(tmp_path: Path) -> None:
    files = example()
    del files["welcome.md"]
    files["welcome.md/inside.md"] = b"x"
    assert faults_of(as_folder(files, tmp_path)) == ["study.yaml:7: names 'welcome.md', which is not a file"]


def test_names_with_accents_are_found_however_they_are_stored(tmp_path: Path) -> None:
    files = changed("study.yaml", "welcome.md", "Gru\u0308ße.md")
    files["Gr\u00fcße.md"] = files.pop("welcome.md")
    assert faults_of(as_folder(files, tmp_path)) == []
    assert faults_of(as_zip(files, tmp_path / "s.zip")) == []


def test_a_yaml_file_of_more_than_a_megabyte_is_refused(tmp_path: Path) -> None:
    files = example()
    files["study.yaml"] += b"#" * 1_000_000
    assert faults_of(as_folder(files, tmp_path)) == ["study.yaml:1: is larger than 1,000,000 bytes"]


def test_yaml_files_of_more_than_four_megabytes_together_are_refused(tmp_path: Path) -> None:
    files = example()
    for number in range(5):
        spare = files["instruments/scenes_4.yaml"].replace(b"id: scenes_4", f"id: spare_{number}".encode())
        files[f"instruments/spare_{number}.yaml"] = spare + (b"#" * 999 + b"\n") * 900
    assert faults_of(as_folder(files, tmp_path)) == [
        "instruments/spare_4.yaml:1: brings the bundle above 4,000,000 bytes of YAML"
    ]


def test_more_files_than_a_study_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILES", 20)
    files = example() | {f"instruments/note_{number}.txt": b"" for number in range(30)}
    assert faults_of(as_folder(files, tmp_path)) == [
        "instruments:1: holds more than 20 files",
        "study.yaml:23: instruments names 'scenes_4'; expected a file instruments/scenes_4.yaml",
        "study.yaml:37: instruments names 'scenes_4'; expected a file instruments/scenes_4.yaml",
        "study.yaml:38: instruments names 'scenes_4'; expected a file instruments/scenes_4.yaml",
    ]
    assert faults_of(as_zip(files, tmp_path / "s.zip")) == ["s.zip:1: holds more than 20 files"]


# --- Markdown and pictures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "welcome.md:1: is empty; expected text"),
        (b" \n", "welcome.md:1: is empty; expected text"),
        (b"\xef\xbb\xbfHello", "welcome.md:1: begins with a byte order mark; expected plain UTF-8 without one"),
        (b"One\ntwo \xfc", "welcome.md:2: holds the byte 0xfc, which is not UTF-8"),
        (b"One\n\ntwo \0", "welcome.md:3: holds the control character U+0000; expected text"),
        (b"![A bird](media/heron.png)", "welcome.md:1: names 'media/heron.png', which is missing"),
        (
            b"Hello\n![A bird](https://example.org/a.png)",
            "welcome.md:2: shows 'https://example.org/a.png'; "
            "expected the path of a picture under media/ (png, jpg, jpeg, webp, gif)",
        ),
    ],
)
def test_a_faulty_markdown_file_is_named(content: bytes, fault: str, tmp_path: Path) -> None:
    assert faults_of(as_folder(example() | {"welcome.md": content}, tmp_path)) == [fault]


def test_a_picture_that_a_text_shows_is_of_the_bundle(tmp_path: Path) -> None:
    png = example()["media/potoo.png"]
    files = example() | {"welcome.md": b'![A bird](<media/two birds.png> "Birds")', "media/two birds.png": png + b"2"}
    bundle = read_bundle(as_folder(files, tmp_path))
    assert list(bundle.media) == ["media/potoo.png", "media/two birds.png"]
    with bundle.open_media("media/two birds.png") as stream:
        assert stream.read() == png + b"2"


@pytest.mark.parametrize(
    ("name", "head", "noun"),
    [
        ("potoo.png", b"\xff\xd8\xff\xe0", "a PNG picture"),
        ("potoo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a PNG picture"),
        ("potoo.png", b"", "a PNG picture"),
        ("potoo.jpg", b"\x89PNG\r\n\x1a\n", "a JPEG picture"),
        ("potoo.jpeg", b"GIF89a", "a JPEG picture"),
        ("potoo.webp", b"RIFF\0\0\0\0WAVEfmt ", "a WebP picture"),
        ("potoo.gif", b"GIF90a", "a GIF picture"),
    ],
)
def test_a_picture_is_what_its_name_says(name: str, head: bytes, noun: str, tmp_path: Path) -> None:
    files = changed("scripts/potoo.yaml", "media/potoo.png", f"media/{name}")
    files[f"media/{name}"] = head
    assert faults_of(as_folder(files, tmp_path)) == [f"media/{name}:1: is not {noun}, though its name says so"]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("potoo.jpg", b"\xff\xd8\xff\xe0"),
        ("potoo.jpeg", b"\xff\xd8\xff\xe1"),
        ("potoo.webp", b"RIFF\x10\n\0\0WEBPVP8 "),
        ("potoo.gif", b"GIF89a"),
    ],
)
def test_pictures_of_other_kinds_are_read(name: str, head: bytes, tmp_path: Path) -> None:
    files = changed("scripts/potoo.yaml", "media/potoo.png", f"media/{name}")
    files[f"media/{name}"] = head
    assert faults_of(as_folder(files, tmp_path)) == []


def test_a_picture_that_is_too_large_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 10_000)
    assert faults_of(as_folder(example(), tmp_path)) == [
        "scripts/potoo.yaml:14: names 'media/potoo.png', which is larger than 10,000 bytes"
    ]


# --- a zip ------------------------------------------------------------------------------------------------------------


def test_a_zip_is_read_like_its_folder(tmp_path: Path) -> None:
    assert read_bundle(as_zip(example(), tmp_path / "s.zip")).content == read_bundle(EXAMPLE).content


def test_a_zip_is_known_by_what_it_is_and_not_by_its_name(tmp_path: Path) -> None:
    assert read_bundle(as_zip(example(), tmp_path / "upload")).digest == read_bundle(EXAMPLE).digest


def test_a_bundle_in_the_one_top_folder_of_a_zip_is_read(tmp_path: Path) -> None:
    files = {f"small-scenes-main/{name}": content for name, content in example().items()}
    files |= {"__MACOSX/small-scenes-main/._study.yaml": b"\0", "small-scenes-main/.DS_Store": b"\0"}
    assert read_bundle(as_zip(files, tmp_path / "s.zip")).digest == read_bundle(EXAMPLE).digest


def test_a_bundle_beside_other_top_folders_is_not_looked_for(tmp_path: Path) -> None:
    files = {f"a/{name}": content for name, content in example().items()} | {"b/x": b""}
    assert faults_of(as_zip(files, tmp_path / "s.zip")) == ["study.yaml:1: is missing"]


def test_pictures_of_a_zip_can_be_read_after_the_bundle_was(tmp_path: Path) -> None:
    bundle = read_bundle(as_zip(example(), tmp_path / "s.zip"))
    with bundle.media["media/potoo.png"].open() as stream:
        assert stream.read() == example()["media/potoo.png"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.md",
        "/etc/evil.md",
        "media/../../evil.md",
        "C:/evil.md",
        "C:evil.md",
        "media\\evil.md",
        "..\\evil.md",
        "media//evil.md",
        "./evil.md",
        "media/..",
        "..",
    ],
)
def test_a_name_that_leads_out_of_a_zip_is_refused(name: str, tmp_path: Path) -> None:
    path = as_zip(example() | {name: b""}, tmp_path / "s.zip")
    assert faults_of(path) == [f"s.zip:1: holds the name {name!r}, which leads outside the bundle"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    link = zipfile.ZipInfo("media/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert faults_of(path) == ["s.zip:1: holds 'media/link.png', a link or a device; expected files only"]


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert fault.startswith("s.zip:1: holds ")
    assert fault.endswith("which is encrypted")


def test_a_name_that_comes_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("welcome.md", "Other")
    assert faults_of(path) == ["s.zip:1: holds 'welcome.md' twice"]


def test_a_rare_way_of_packing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("study.yaml", "a: 1")
    assert faults_of(path) == ["s.zip:1: holds 'study.yaml', packed in a way that few programs read; expected deflate"]


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    bomb = b"#" * 50_000_000
    path = as_zip(example() | {"study.yaml": bomb}, tmp_path / "s.zip")
    assert path.stat().st_size < 300_000
    assert faults_of(path) == ["study.yaml:1: is larger than 1,000,000 bytes"]


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("study.yaml", b"#" * 30_000_000)
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(signature)
        content[place + offset : place + offset + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert fault.startswith("study.yaml:1: can't be read")


def test_many_files_count_against_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BUNDLE_BYTES", 80_000)
    files = example() | {"media/second.png": example()["media/potoo.png"]}
    files["welcome.md"] = b"![A bird](media/second.png)"
    assert faults_of(as_folder(files, tmp_path)) == ["media/second.png:1: brings the bundle above 80,000 bytes"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip",
        b"PK\x03\x04" + b"\0" * 100,
        b"PK\x05\x06",
        b"PK\x05\x06" + b"\0" * 17,
        b"\x1f\x8b\x08" + zlib.compress(b"tar"),
    ],
)
def test_a_file_that_is_no_zip_is_a_fault(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert fault.startswith("s.zip:1: is ")


def test_an_empty_zip_lacks_its_study(tmp_path: Path) -> None:
    path = as_zip({}, tmp_path / "s.zip")
    assert faults_of(path) == ["study.yaml:1: is missing"]


def test_a_zip_that_was_cut_short_is_a_fault(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    path.write_bytes(path.read_bytes()[:-300])
    assert len(faults_of(path)) == 1


def test_a_broken_member_is_a_fault_where_it_is_named(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("welcome.md").header_offset
    content = bytearray(path.read_bytes())
    content[start + 45 : start + 60] = b"\xff" * 15
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert fault.startswith("study.yaml:7: names 'welcome.md', which can't be read: ")


def test_a_table_of_contents_that_fills_the_memory_is_refused_unread(tmp_path: Path) -> None:
    path = as_zip(example(), tmp_path / "s.zip")
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", 50_000_000)
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert fault.startswith("s.zip:1: has a table of contents above 1,000,000 bytes")


def test_a_zip_of_the_large_form_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("study.yaml", "a: 1")
    content = buffer.getvalue()
    end = content.rindex(b"PK\x05\x06")
    path = tmp_path / "s.zip"
    path.write_bytes(content[:end] + b"PK\x06\x07" + b"\0" * 16 + content[end:])
    (fault,) = faults_of(path)
    assert "is a zip of above 4 GB" in fault
