"""Where a bundle's files come from: a folder, or a zip that may have been made to do harm."""

from __future__ import annotations

import abc
import hashlib
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from protocol.errors import BundleFaults, Fault, shown

MAX_FILES = 2_000
MAX_FILE_BYTES = 100_000_000
MAX_BUNDLE_BYTES = 400_000_000
MAX_DIRECTORY_BYTES = 1_000_000
CHUNK = 65_536
_END_OF_DIRECTORY = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture, a recording or captions of a bundle, whose bytes are read when they are wanted."""

    path: str
    sha256: str
    opener: Opener

    def open(self) -> BinaryIO:
        """Its bytes, as a stream to read and close."""
        return self.opener()


class Unreadable(Exception):
    """A file of the bundle that can't be read; the message says why, of a file whose name stands before it."""


class TooMuch(Exception):
    """The bundle as a whole is larger than is read; nothing more of it is."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Source(abc.ABC):
    """The files of one bundle, by their path in it. What is read counts against one limit for the whole bundle."""

    def __init__(self) -> None:
        self._left = MAX_BUNDLE_BYTES

    @abc.abstractmethod
    def paths(self, folder: str) -> list[str]:
        """The path of every file in `folder`, sorted; "" is the bundle itself, without its folders."""

    @abc.abstractmethod
    def opener(self, path: str) -> Opener:
        """What opens the file at any later time (Unreadable when it is missing, or no plain file of this bundle)."""

    @abc.abstractmethod
    def _stream(self, path: str) -> BinaryIO:
        """The file, open now."""

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of the file, at most `limit` (Unreadable beyond)."""
        return b"".join(self._chunks(path, limit))

    def sha256(self, path: str) -> str:
        """The file's SHA-256, in hexadecimal."""
        digest = hashlib.sha256()
        for chunk in self._chunks(path, MAX_FILE_BYTES):
            digest.update(chunk)
        return digest.hexdigest()

    def head(self, path: str) -> bytes:
        """The first bytes of the file, which tell its kind."""
        try:
            with self._stream(path) as stream:
                return stream.read(16)
        except _READ_ERRORS as error:
            raise Unreadable(f"can't be read: {_reason(error)}") from error

    def _chunks(self, path: str, limit: int) -> Iterator[bytes]:
        """The file, counted while it is read: what a zip claims about sizes is not believed."""
        left = limit
        try:
            with self._stream(path) as stream:
                while chunk := stream.read(CHUNK):
                    left -= len(chunk)
                    self._left -= len(chunk)
                    if left < 0:
                        raise Unreadable(f"is larger than {limit:,} bytes")
                    if self._left < 0:
                        raise TooMuch(Fault(path, 1, f"brings the bundle above {MAX_BUNDLE_BYTES:,} bytes"))
                    yield chunk
        except _READ_ERRORS as error:
            raise Unreadable(f"can't be read: {_reason(error)}") from error


# NotImplementedError: a way of packing that zipfile doesn't know; RuntimeError: a password; EOFError: cut short.
_READ_ERRORS = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The files at `path`, a folder or a zip.

    Raises:
        BundleFaults: there is nothing there, or a zip that isn't one or that no bundle is packed like.
    """
    if path.is_dir():
        yield Folder(path)
        return
    if not path.is_file():
        raise BundleFaults([Fault(path.name, 1, "is not there; expected a folder or a zip")])
    with ExitStack() as stack:
        try:
            check_directory(path)
            source = Zip(path, stack.enter_context(zipfile.ZipFile(path)))
        except Unreadable as error:
            raise BundleFaults([Fault(path.name, 1, str(error))]) from error
        except _READ_ERRORS as error:
            raise BundleFaults([Fault(path.name, 1, f"is not a zip that can be read: {_reason(error)}")]) from error
        yield source


class Folder(Source):
    """A bundle in a folder. Symbolic links in it are refused: they may lead out of it."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self._listed: dict[Path, dict[str, str]] = {}

    def paths(self, folder: str) -> list[str]:
        """The path of every file in `folder`, sorted; "" is the bundle itself, without its folders."""
        start = self._root / folder
        if not start.is_dir():
            return []
        if start.is_symlink():
            raise Unreadable("is a symbolic link; expected a folder of the bundle")
        found: list[str] = []
        for parent, folders, files in os.walk(start, followlinks=False):
            folders[:] = [] if not folder else sorted(name for name in folders if not _is_junk(name))
            inside = Path(parent).relative_to(self._root).as_posix()
            found += [_nfc(name if inside == "." else f"{inside}/{name}") for name in files if not _is_junk(name)]
            if len(found) > MAX_FILES:
                raise Unreadable(f"holds more than {MAX_FILES:,} files")
        return sorted(found)

    def opener(self, path: str) -> Opener:
        """What opens the file; its name must be written as it is on the disk, on every system."""
        place = self._root
        for part in path.split("/"):
            name = self._names(place).get(_nfc(part))
            if name is None:
                raise Unreadable("is missing")
            place = place / name
            if place.is_symlink():
                raise Unreadable("is a symbolic link; expected a file of the bundle")
        if not place.is_file():
            raise Unreadable("is not a file")
        return lambda: place.open("rb")

    def _stream(self, path: str) -> BinaryIO:
        return self.opener(path)()

    def _names(self, folder: Path) -> dict[str, str]:
        """The names in a folder, as they are on the disk, by one spelling of them."""
        if folder not in self._listed:
            is_listable = folder.is_dir() and not folder.is_symlink() or folder == self._root
            self._listed[folder] = {_nfc(name): name for name in os.listdir(folder)} if is_listable else {}
        return self._listed[folder]


class Zip(Source):
    """A bundle in a zip, at its top or in its one top folder."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        super().__init__()
        self._path = path
        self._archive = archive
        self._members = _members(archive)

    def paths(self, folder: str) -> list[str]:
        """The path of every file in `folder`, sorted; "" is the bundle itself, without its folders."""
        if not folder:
            return sorted(path for path in self._members if "/" not in path)
        return sorted(path for path in self._members if path.startswith(f"{folder}/"))

    def opener(self, path: str) -> Opener:
        """What opens the file; the zip is opened anew each time, so that it works after this source is closed."""
        member = self._member(path)
        return lambda: _open_member(self._path, member)

    def _stream(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self._archive.open(self._member(path)))

    def _member(self, path: str) -> zipfile.ZipInfo:
        if _nfc(path) not in self._members:
            raise Unreadable("is missing")
        return self._members[_nfc(path)]


def _open_member(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    with zipfile.ZipFile(path) as archive:
        return cast(BinaryIO, archive.open(member))  # the member keeps the file open until it is closed itself


def check_directory(path: Path) -> None:
    """Refuses a zip whose table of contents alone would fill the memory, before anything reads it."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size > MAX_BUNDLE_BYTES:
            raise Unreadable(f"is larger than {MAX_BUNDLE_BYTES:,} bytes")
        stream.seek(max(0, size - CHUNK - 22 - 20))
        tail = stream.read()
    end = tail.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(tail) < end + 22:
        raise Unreadable("is neither a folder nor a zip")
    if int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY_BYTES or _ZIP64_LOCATOR in tail[:end][-20:]:
        raise Unreadable(f"has a table of contents above {MAX_DIRECTORY_BYTES:,} bytes, or is a zip of above 4 GB")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.orig_filename
        parts = name.removesuffix("/").split("/")
        if "\\" in name or "\0" in name or ":" in parts[0] or not all(parts) or {".", ".."} & set(parts):
            raise Unreadable(f"holds the name {shown(name)}, which leads outside the bundle")
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unreadable(f"holds {shown(name)}, a link or a device; expected files only")
        if member.flag_bits & 0x1:
            raise Unreadable(f"holds {shown(name)}, which is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(f"holds {shown(name)}, packed in a way that few programs read; expected deflate")
        if member.is_dir() or any(_is_junk(part) for part in parts):
            continue
        if _nfc(name) in members:
            raise Unreadable(f"holds {shown(name)} twice")
        members[_nfc(name)] = member
        if len(members) > MAX_FILES:
            raise Unreadable(f"holds more than {MAX_FILES:,} files")
    return _without_top_folder(members)


def _without_top_folder(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    tops = {path.partition("/")[0] for path in members}
    top = next(iter(tops)) if len(tops) == 1 else ""
    if f"{top}/study.yaml" not in members:
        return members
    return {path.removeprefix(f"{top}/"): member for path, member in members.items()}


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in _JUNK


def _nfc(name: str) -> str:
    """One spelling of accented letters: systems differ in how they store them in names."""
    return unicodedata.normalize("NFC", name)
