"""A study with one of its scripts replaced by a draft, read as any bundle is; its faults by where they stand in it.

A script is here what a file of it holds as JSON: `{"slug": …, "title": …, "stages": [{"say": …}, …]}`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from protocol import definitions
from protocol.building import script_from
from protocol.bundle import Bundle, read_source
from protocol.dumping import quoted, texts_of
from protocol.errors import BundleFaults, Fault
from protocol.kinds import Kind, Reading
from protocol.nodes import Node, Sequence, read_yaml
from protocol.script import Script
from protocol.sources import Opener, Source, Unreadable

Json = dict[str, Any]
Place = tuple[str | int, ...]
"""Keys and places (from 0) from the script down to a value: `("stages", 2, "scale", "max")`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file of media that is kept already: its digest is known, and its bytes are read where they are wanted."""

    sha256: str
    opener: Opener


@dataclass(frozen=True, slots=True)
class Misfit:
    """A fault of a draft.

    Attributes:
        path: Where in the script; () for a fault of the script as a whole.
        message: What is wrong, as a bundle's faults say it.
        file: Another file of the study that no longer fits; empty for the script itself.
    """

    path: Place
    message: str
    file: str = ""


class Misfits(Exception):
    """A draft that can't be published as it stands, with everything that is wrong."""

    def __init__(self, misfits: tuple[Misfit, ...]) -> None:
        super().__init__("\n".join(each.message for each in misfits))
        self.misfits = misfits


def with_script(content: str, script: Json, media: Mapping[str, Held]) -> Bundle:
    """The bundle of a stored content in which the script of that slug says `script` instead, or is new.

    Args:
        content: As `Bundle.content`.
        script: The draft, of any shape; its `slug` names the file.
        media: Every file that the content or the draft may name, by its path in the bundle.

    Raises:
        Misfits: The study would have faults.
    """
    parts: Json = json.loads(content)
    texts = {path: text.encode() for path, text in texts_of(parts)}
    file = f"scripts/{script['slug']}.yaml"
    text, places = written(script)
    texts[file] = text.encode("utf-8", "surrogatepass")
    try:
        return read_source(_Stored(texts, media))
    except BundleFaults as found:
        named = dict(_files(script))
        raise Misfits(tuple(_misfit(fault, file, places, named) for fault in found.faults)) from found


def written(script: Json) -> tuple[str, dict[int, Place]]:
    """The script as YAML (JSON is), one value a line, and what stands on which line, from 1."""
    lines, places = [], {}
    for number, (line, path) in enumerate(_lines(script, (), ""), start=1):
        lines.append(line)
        places[number] = path
    return "".join(f"{line}\n" for line in lines), places


def sound_part(script: Json) -> Script | None:
    """As much of a draft as can be told, for its length and its words; None where nothing of it can.

    Stages with faults are left out, and so is what stands around the stages if it has faults. No stage has its name.
    """
    node = read_yaml(written(script)[0].encode("utf-8", "surrogatepass"), "draft", _ignore)
    listed = node.child("stages") if node is not None else None
    stages = listed.items if isinstance(listed, Sequence) else []
    fields = {field.name: field for field in definitions.script.fields}
    stage = fields["stages"].kind.kind  # type: ignore[attr-defined]
    kept = [value for value, each in zip(script.get("stages", ()), stages, strict=False) if _is_sound(stage, each)]
    around: Json = {
        name: script[name]
        for name in ("voice", "safety", "purpose", "unlock")
        if name in script and (of := node.child(name) if node else None) and _is_sound(fields[name].kind, of)
    }
    if not kept:
        return None
    # Names are left out: two of one name, or a way that leads back, would have no end.
    unnamed = [{key: value for key, value in each.items() if key != "id"} for each in kept]
    return script_from({"slug": script["slug"], "title": script["slug"], "stages": unnamed, **around})


def _ignore(fault: Fault) -> None:
    """Faults are told elsewhere."""


def _is_sound(kind: Kind, node: Node) -> bool:
    faults: list[Fault] = []
    kind.check(node, "value", Reading("draft", faults.append))
    return not faults


def _misfit(fault: Fault, file: str, places: Mapping[int, Place], named: Mapping[str, Place]) -> Misfit:
    if fault.file == file:
        return Misfit(places.get(fault.line, ()), fault.message)
    message = f"{fault.file}, line {fault.line}: {fault.message}"
    # A fault of captions belongs to the stage that has them.
    return Misfit(named[fault.file], message) if fault.file in named else Misfit((), message, fault.file)


def _files(script: Json) -> Iterator[tuple[str, Place]]:
    """The files that the stages name, each with where."""
    for index, stage in enumerate(script.get("stages", ())):
        for key in ("reveal", "audio", "captions"):
            value = stage.get(key, "")
            for path in value.values() if isinstance(value, dict) else [value]:
                yield str(path), ("stages", index, key)


def _lines(value: Any, path: Place, head: str) -> Iterator[tuple[str, Place]]:
    """A value's lines, each with the path of what it holds; `head` stands before the first."""
    indent = " " * len(path)
    if isinstance(value, dict | list) and value:
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        yield f"{indent}{head}{opened}", path
        items = list(value.items() if isinstance(value, dict) else enumerate(value))
        for place, (key, part) in enumerate(items, start=1):
            name = f"{quoted(key)}: " if isinstance(value, dict) else ""
            *first, (last, at) = _lines(part, (*path, key), name)
            yield from first
            yield (last if place == len(items) else f"{last},"), at
        yield f"{indent}{closed}", path
    else:
        yield f"{indent}{head}{quoted(value) if isinstance(value, str) else json.dumps(value)}", path


class _Stored(Source):
    """Files at hand: texts as bytes, media where they are kept."""

    def __init__(self, texts: Mapping[str, bytes], media: Mapping[str, Held]) -> None:
        super().__init__()
        self._texts = texts
        self._media = media

    def paths(self, folder: str) -> list[str]:
        """The path of every file in `folder`, sorted; "" is the bundle itself, without its folders."""
        known = {*self._texts, *self._media}
        if not folder:
            return sorted(path for path in known if "/" not in path)
        return sorted(path for path in known if path.startswith(f"{folder}/"))

    def opener(self, path: str) -> Opener:
        """What opens the file at any later time."""
        if path in self._texts:
            return lambda: io.BytesIO(self._texts[path])
        if path not in self._media:
            raise Unreadable("is missing")
        return self._media[path].opener

    def sha256(self, path: str) -> str:
        """The file's SHA-256, which is what it is kept under."""
        return self._media[path].sha256 if path in self._media else super().sha256(path)

    def _stream(self, path: str) -> BinaryIO:
        return self.opener(path)()
