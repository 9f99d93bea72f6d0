"""Bundles for tests: example studies, whole or with parts of their files put otherwise.

`EXAMPLE` is a small trial as people write it; `ALL_KINDS` has an item of every type and every key that rests on one;
`RECORDED` has a session that is heard (its recordings are no more than the first bytes of one); `PROGRAMME` has every
key of a programme that runs itself: repeats, draws, later steps, messages, safety, panel, payment, leaving, keeping.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from protocol.bundle import BundleFaults, read_bundle

EXAMPLE = Path(__file__).parents[1] / "studies" / "small_scenes"
ALL_KINDS = Path(__file__).parent / "all_kinds"
RECORDED = Path(__file__).parent / "recorded"
PROGRAMME = Path(__file__).parent / "programme"
FAULTS = Path(__file__).parent / "faults"

Files = dict[str, bytes]


class Row(NamedTuple):
    """One thing wrong with an example study, and all that is said of it."""

    claim: str
    study: Path
    file: str
    changes: list[tuple[list[str], list[str]]]
    faults: list[str]

    def files(self) -> Files:
        """The example study with the row's changes."""
        files = example(self.study)
        for old, new in self.changes:
            files = changed(self.file, "\n".join(old), "\n".join(new), files)
        return files


def rows_of(path: Path) -> list[Row]:
    """The rows of a file of faults (its head explains its marks)."""
    rows: list[Row] = []
    study = EXAMPLE
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        mark, _, rest = line.partition(" ")
        if mark == "@":
            file = rest
        elif mark == "%":
            study = {path.name: path for path in (EXAMPLE, ALL_KINDS, RECORDED, PROGRAMME)}[rest]
        elif mark == "==":
            rows.append(Row(rest, study, file, [], []))
        elif mark == ">":
            rows[-1].faults.append(rest.replace("␠", " "))
        elif mark in ("-", "+"):
            pairs = rows[-1].changes
            if not pairs or (mark == "-" and pairs[-1][1]):
                pairs.append(([], []))
            pairs[-1]["-+".index(mark)].append(rest.replace("␠", " "))
        else:
            assert mark in ("", "#"), f"{path.name}:{number}: no line of a file of faults begins with {mark!r}"
    return rows


def example(study: Path = EXAMPLE) -> Files:
    """The files of an example study by their path."""
    return {path.relative_to(study).as_posix(): path.read_bytes() for path in study.rglob("*") if path.is_file()}


def changed(file: str, old: str, new: str, files: Files | None = None) -> Files:
    """The example with the first `old` of one file put as `new`; an empty `old` stands for the whole file."""
    files = example() if files is None else files
    text = files[file].decode("utf-8")
    assert old in text, f"{old!r} is not in {file}"
    files[file] = (text.replace(old, new, 1) if old else new).encode("utf-8")
    return files


def as_folder(files: Mapping[str, bytes], folder: Path) -> Path:
    """The files, written to `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def as_zip(files: Mapping[str, bytes], path: Path) -> Path:
    """The files in a zip at `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def faults_of(path: Path) -> list[str]:
    """What is said of the bundle at `path`, a line a fault; nothing of a sound one."""
    try:
        read_bundle(path)
    except BundleFaults as error:
        return [str(fault) for fault in error.faults]
    return []
