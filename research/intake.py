"""A study's files as a form sends them: one zip, or the files themselves, each field a folder of the bundle."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from protocol.bundle import Bundle, read_bundle
from protocol.errors import BundleFaults, Fault
from protocol.sources import MAX_BUNDLE_BYTES

ZIP = "bundle"
# Each field of single files, and the folder of the bundle in which they lie. A browser sends names without folders.
FOLDERS: Mapping[str, str] = {"top": "", "instruments": "instruments", "scripts": "scripts", "media": "media"}


class NothingSent(ValueError):
    """No file was chosen, or both a zip and single files."""


@contextmanager
def received(files: MultiValueDict[str, UploadedFile[Any]]) -> Iterator[Bundle]:
    """The checked bundle that was sent; its media can be read until the block ends, and nothing stays behind.

    Raises:
        NothingSent: There is not exactly one bundle in the form.
        BundleFaults: With every fault of it, each file by the name under which it was sent.
    """
    zips, singles = files.getlist(ZIP), [(name, each) for name in FOLDERS for each in files.getlist(name)]
    if len(zips) + bool(singles) != 1:
        raise NothingSent
    if sum(each.size or 0 for each in [*zips, *(each for _, each in singles)]) > MAX_BUNDLE_BYTES:
        raise BundleFaults(
            [Fault(_name(zips[0]) if zips else "bundle", 1, f"is larger than {MAX_BUNDLE_BYTES:,} bytes")]
        )
    with tempfile.TemporaryDirectory(prefix="potoo-bundle-") as folder:
        path = _path_of(zips[0], Path(folder)) if zips else _laid_out(singles, Path(folder))
        try:
            bundle = read_bundle(path)
        except BundleFaults as found:
            # A fault of the zip itself stands under the name of a temporary file.
            names = {path.name: _name(zips[0])} if zips else {}
            raise BundleFaults(Fault(names.get(f.file, f.file), f.line, f.message) for f in found.faults) from found
        yield bundle


def _name(file: UploadedFile[Any]) -> str:
    return (file.name or "bundle.zip")[:100]


def _path_of(file: UploadedFile[Any], folder: Path) -> Path:
    """Where the zip lies: a large one is read where it was received, and is never in memory as a whole."""
    if hasattr(file, "temporary_file_path"):
        file.flush()
        return Path(file.temporary_file_path())
    return _copied(file, folder / "bundle.zip")


def _laid_out(files: list[tuple[str, UploadedFile[Any]]], folder: Path) -> Path:
    """The folder in which the files lie as in a bundle."""
    faults = []
    for field, file in files:
        place = folder / FOLDERS[field] / (file.name or "upload")
        place.parent.mkdir(exist_ok=True)
        name = place.relative_to(folder).as_posix()
        if place.exists():
            faults.append(Fault(name[:100], 1, "was sent twice; expected each file once"))
            continue
        try:
            _copied(file, place)
        except (OSError, ValueError):
            faults.append(Fault(name[:100], 1, "has a name under which it can't be kept"))
    if faults:
        raise BundleFaults(faults)
    return folder


def _copied(file: UploadedFile[Any], place: Path) -> Path:
    file.seek(0)
    with place.open("xb") as target:
        shutil.copyfileobj(file, target)
    return place
