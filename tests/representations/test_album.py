"""The pictures that tables name: found by name, one at a time, in a folder or a zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from representations.album import MOST_BYTES, Album
from representations.errors import RepresentationError

pytestmark = pytest.mark.once


def zipped(file: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def test_pictures_are_found_by_name_in_a_folder_and_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "pictures" / "0a").mkdir(parents=True)
    for name in ("0a1.png", "0a1-small.png"):
        (tmp_path / "pictures" / "0a" / name).write_bytes(name.encode())
    packed = zipped(tmp_path / "p.zip", {"drawings/0a1.png": b"0a1.png", "my-data.json": b"{}"})
    for place in (tmp_path / "pictures", packed):
        album = Album(place)
        assert album.read("0a1.png") == album.read("0a1") == b"0a1.png"
        assert album.holds("0a1")
        assert not album.holds("0a2")
        with pytest.raises(RepresentationError, match="no file called 0a2.png found"):
            album.read("0a2.png")
        with pytest.raises(RepresentationError, match="no file called ../p.zip found"):
            album.read("../p.zip")


def test_a_name_of_two_files_is_refused(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "p.zip", {"a/x.png": b"1", "b/x.png": b"2"})
    with pytest.raises(RepresentationError, match=r"2 files \(a/x.png, b/x.png\) called x.png found"):
        Album(packed).read("x.png")


def test_a_broken_zip_and_too_large_a_picture_are_refused(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "p.zip", {"big.png": bytes(MOST_BYTES + 1), "x.png": bytes(range(256)) * 9})
    with pytest.raises(RepresentationError, match="more than 20,000,000 bytes were found"):
        Album(packed).read("big.png")
    content = bytearray(packed.read_bytes())
    at = content.rindex(b"x.png", 0, content.rindex(b"PK\x01\x02")) + 5
    content[at : at + 8] = bytes(8)
    packed.write_bytes(bytes(content))
    with pytest.raises(RepresentationError, match="p.zip, x.png: it is broken or locked"):
        Album(packed).read("x.png")
    packed.write_bytes(b"no zip")
    with pytest.raises(RepresentationError, match="p.zip: File is not a zip file. Expected: a folder of pictures or a"):
        Album(packed)
    with pytest.raises(RepresentationError, match="gone: .*No such file"):
        Album(tmp_path / "gone")
