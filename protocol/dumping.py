"""A stored content written out as a bundle again: reading it gives the same digest."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from protocol.nodes import MAX_NUMBER, resolve

_WIDTH = 110
_CHUNK = 65_536
_PACKED = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp3", ".m4a", ".ogg", ".opus", ".webm")
# Words that need no quotes anywhere: nothing in them that YAML reads as a sign, a number or a truth value.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@-]+)*|-?[0-9]{1,6}[dhms]")
_NOT_BARE = re.compile(r"true|false|null", re.IGNORECASE)
_NUMBER_KEY = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029", "\ufeff": "\\ufeff"}


def write_bundle(content: str, media: Callable[[str], BinaryIO], path: Path) -> None:
    """Writes the bundle of a stored content to `path`: a zip where it ends in `.zip`, else a folder.

    Args:
        content: As `Bundle.content`.
        media: Opens a picture, a recording or captions by their path in the bundle.
        path: Where to; nothing is there afterwards if anything goes wrong.

    Raises:
        FileExistsError: `path` is a folder that is not empty, or a file.
        ValueError: a file has other bytes than the content says.
    """
    parts: dict[str, Any] = json.loads(content)
    if path.is_dir() and path.suffix != ".zip":
        if any(path.iterdir()):
            raise FileExistsError(f"{path} is not empty")
    elif path.exists():
        raise FileExistsError(f"{path} exists")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".bundle-") as workshop:
        made = Path(workshop) / "bundle"
        if path.suffix == ".zip":
            _write_zip(parts, media, made)
        else:
            _write_folder(parts, media, made)
        os.replace(made, path)


def _write_folder(parts: dict[str, Any], media: Callable[[str], BinaryIO], folder: Path) -> None:
    folder.mkdir()
    for name, text in texts_of(parts):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8"))
    for name, digest in parts["media"].items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as target:
            _copy(name, digest, media, target)


def _write_zip(parts: dict[str, Any], media: Callable[[str], BinaryIO], path: Path) -> None:
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts_of(parts):
            archive.writestr(_member(name), text.encode("utf-8"))
        for name, digest in parts["media"].items():
            with archive.open(_member(name), "w") as target:
                _copy(name, digest, media, cast(BinaryIO, target))


def _member(name: str) -> zipfile.ZipInfo:
    """An entry without a time of its own: the same content makes the same zip."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    # What is packed already takes its time to pack again, and gets no smaller.
    member.compress_type = zipfile.ZIP_STORED if name.lower().endswith(_PACKED) else zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _copy(name: str, digest: str, media: Callable[[str], BinaryIO], target: BinaryIO) -> None:
    copied = hashlib.sha256()
    with media(name) as source:
        while chunk := source.read(_CHUNK):
            copied.update(chunk)
            target.write(chunk)
    if copied.hexdigest() != digest:
        raise ValueError(f"{name} has other bytes than the content says; nothing was written")


def texts_of(parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text file of a content's bundle: its path and its text."""
    yield "study.yaml", yaml_text(parts["study"])
    yield from parts["texts"].items()
    for folder in ("instruments", "scripts"):
        for name, value in parts[folder].items():
            yield f"{folder}/{name}.yaml", yaml_text(value)


def yaml_text(value: dict[str, Any] | list[Any]) -> str:
    """The mapping or list as YAML that people like to read: short parts on one line, the others as blocks."""
    lines = _mapping(value, 0) if isinstance(value, dict) else _sequence(value, 0)
    return "".join(f"{line}\n" for line in lines)


def _mapping(value: dict[str, Any], indent: int) -> Iterator[str]:
    for key, part in value.items():
        name = f"{' ' * indent}{_key(key)}:"
        flow = _flow(part)
        if not _has_parts(part) or (indent > 0 or isinstance(part, list)) and len(name) + len(flow) < _WIDTH:
            yield f"{name} {flow}"
        else:
            yield name
            yield from _mapping(part, indent + 2) if isinstance(part, dict) else _sequence(part, indent + 2)


def _sequence(value: list[Any], indent: int) -> Iterator[str]:
    for part in value:
        flow = _flow(part)
        if not _has_parts(part) or indent + len(flow) < _WIDTH:
            yield f"{' ' * indent}- {flow}"
        else:
            lines = list(_mapping(part, indent + 2) if isinstance(part, dict) else _sequence(part, indent + 2))
            yield f"{' ' * indent}- {lines[0].lstrip()}"
            yield from lines[1:]


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict | list) and len(value) > 0


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _key(key: str) -> str:
    """A key that is a number as it was read, or a string: `007` in quotes is another key than 7."""
    number = resolve(key) if _NUMBER_KEY.fullmatch(key) else None
    is_bare = isinstance(number, int | float) and abs(number) <= MAX_NUMBER and str(number) == key
    return key if is_bare else _string(key)


def _string(text: str) -> str:
    if _BARE.fullmatch(text) and not _NOT_BARE.fullmatch(text):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """A text in quotes, on one line whatever it holds."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(_BREAKS.get(character, character) for character in escaped)
