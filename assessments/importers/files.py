"""Files and folders of the exchange: read whole within limits, written all or none."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from assessments.importers.losses import Fault, ImportFaults

MAX_FILES = 5_000
MAX_TREE_BYTES = 100_000_000


def read_tree(path: Path) -> dict[str, bytes]:
    """The files of a folder or a zip by their path in it; of a single file, those of the folder that it lies in.

    Raises:
        ImportFaults: there are too many, or too much in them.
        OSError: they can't be read.
    """
    if path.suffix == ".zip" and path.is_file():
        return _of_zip(path)
    folder = path if path.is_dir() else path.parent
    found = sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
    _check(len(found), sum(each.stat().st_size for each in found))
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}


def _of_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(len(members), sum(member.file_size for member in members))
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ImportFaults([Fault(path.name, "", f"is no zip that can be read: {error}")]) from None


def _check(files: int, size: int) -> None:
    if files > MAX_FILES:
        raise ImportFaults([Fault("the files", "", f"are {files:,}; expected at most {MAX_FILES:,}")])
    if size > MAX_TREE_BYTES:
        raise ImportFaults([Fault("the files", "", f"have {size:,} bytes; expected at most {MAX_TREE_BYTES:,}")])


def write_all(files: Mapping[Path, Iterable[bytes]]) -> None:
    """Writes files, all of them or none; each is given in pieces, and none is written over.

    Raises:
        FileExistsError: one of them is there already.
        OSError: one can't be written.
    """
    standing = next((path for path in files if path.exists()), None)
    if standing is not None:
        raise FileExistsError(f"{standing} exists")
    written: list[tuple[str, Path]] = []
    done: list[Path] = []
    try:
        for path, pieces in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".exchange-")
            written.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.writelines(pieces)
                os.fchmod(file.fileno(), 0o644)
        for name, path in written:
            os.link(name, path)  # refuses a file that came meanwhile
            done.append(path)
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise
    finally:
        for name, _ in written:
            Path(name).unlink(missing_ok=True)
