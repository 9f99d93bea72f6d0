"""A study bundle, read and checked whole."""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from protocol import definitions, grammar
from protocol.building import study_from_content
from protocol.captions import MAX_BYTES as MAX_CAPTION_BYTES
from protocol.captions import Cue, read_captions
from protocol.content import content_digest, content_text, part_digests
from protocol.dumping import write_bundle
from protocol.errors import BundleFaults, Fault, shown
from protocol.kinds import Kind, Mention, Reading
from protocol.media import media_problem, pictures_in
from protocol.nodes import MAX_BYTES, Mapping, Node, Scalar, decode, plain, read_yaml
from protocol.rules.captions import check_recordings
from protocol.rules.instrument import check_instrument
from protocol.rules.script import check_matched, check_script
from protocol.rules.study import check_study
from protocol.rules.then_tests import check_then_tests
from protocol.sources import MediaFile, Source, TooMuch, Unreadable, open_source
from protocol.study import Study

__all__ = [
    "Bundle",
    "BundleFaults",
    "Fault",
    "part_digests",
    "read_bundle",
    "read_source",
    "study_from_content",
    "write_bundle",
]

MAX_YAML_BYTES = 4_000_000  # of all YAML files together: some seconds of reading
MAX_CAPTIONS_BYTES = 4_000_000  # of all captions together: the same


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle.

    Attributes:
        study: The study, every name in it leading somewhere.
        content: Everything parsed, as JSON in the order of the files: `study`, `texts` (path to Markdown),
            `instruments`, `scripts`, `media` (path to SHA-256).
        digest: The SHA-256 of the content in hexadecimal; comments and the order of keys don't count.
        media: Pictures, recordings and captions by their path in the bundle; each opens for reading while the bundle's
            files are there.
    """

    study: Study
    content: str
    digest: str
    media: ReadOnly[str, MediaFile]

    def open_media(self, path: str) -> BinaryIO:
        """The file at `path` in the bundle, open for reading."""
        return self.media[path].open()


def read_bundle(path: Path) -> Bundle:
    """The bundle in the folder or zip at `path`.

    Raises:
        BundleFaults: with every fault that it has.
    """
    with open_source(path) as source:
        return read_source(source)


def read_source(source: Source) -> Bundle:
    """The bundle whose files a source holds.

    Raises:
        BundleFaults: with every fault that it has.
    """
    return _Reader(source).read()


class _Reader:
    """Reads one bundle and gathers its faults."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._faults: list[Fault] = []
        self._yaml_left = MAX_YAML_BYTES
        self._texts: dict[str, str | None] = {}
        self._media: dict[str, MediaFile] = {}
        self._captions_left = MAX_CAPTIONS_BYTES
        self._captions: dict[str, tuple[Cue, ...] | None] = {}

    def read(self) -> Bundle:
        try:
            return self._read()
        except TooMuch as error:
            raise BundleFaults([*self._faults, error.fault]) from error

    def _read(self) -> Bundle:
        study = self._study()
        languages = declared_languages(study) if study is not None else None
        instruments = self._folder("instruments", definitions.instrument, "id", languages)
        scripts = self._folder("scripts", definitions.script, "slug", languages)
        readings = {id: Reading(f"instruments/{id}.yaml", self._faults.append) for id in instruments}
        check_then_tests(instruments, readings)
        for name, script in scripts.items():
            if script is not None:
                check_matched(script, scripts, Reading(f"scripts/{name}.yaml", self._faults.append))
        if study is not None:
            reading = Reading("study.yaml", self._faults.append, languages)
            definitions.study.check(study, "study", reading)
            check_study(study, instruments, scripts, reading)
            self._read_mentions(reading)
        if self._faults or study is None:
            raise BundleFaults(self._faults)
        content = content_text(
            {
                "study": plain(study),
                "texts": self._texts,
                "instruments": {name: plain(node) for name, node in instruments.items() if node is not None},
                "scripts": {name: plain(node) for name, node in scripts.items() if node is not None},
                "media": {path: self._media[path].sha256 for path in sorted(self._media)},
            }
        )
        return Bundle(study_from_content(content), content, content_digest(content), self._media)

    def _study(self) -> Node | None:
        try:
            if "study.yaml" not in self._source.paths("") and "study.yml" in self._source.paths(""):
                self._fault("study.yml", 1, "has a name that nothing reads; expected study.yaml")
                return None
        except Unreadable as error:
            self._fault("study.yaml", 1, str(error))
            return None
        return self._yaml("study.yaml")

    def _yaml(self, path: str) -> Node | None:
        content = self._bytes(path, 1, path)
        if content is None:
            return None
        self._yaml_left -= len(content)
        if self._yaml_left < 0:
            raise TooMuch(Fault(path, 1, f"brings the bundle above {MAX_YAML_BYTES:,} bytes of YAML"))
        return read_yaml(content, path, self._faults.append)

    def _bytes(self, path: str, line: int, by: str) -> bytes | None:
        """The file's bytes; the fault of one that can't be read stands where it is named, at `line` of `by`."""
        try:
            return self._source.read(path, MAX_BYTES)
        except Unreadable as error:
            self._fault(by, line, str(error) if by == path else f"names {shown(path)}, which {error}")
            return None

    def _folder(self, folder: str, kind: Kind, key: str, languages: tuple[str, ...] | None) -> dict[str, Node | None]:
        """The files of `folder` by their name without `.yaml`; None for one that does not parse."""
        try:
            paths = self._source.paths(folder)
        except Unreadable as error:
            self._fault(folder, 1, str(error))
            return {}
        nodes: dict[str, Node | None] = {}
        for path in paths:
            if path.lower().endswith((".yaml", ".yml")):
                self._declared_file(path, kind, key, languages, nodes)
        return nodes

    def _declared_file(
        self, path: str, kind: Kind, key: str, languages: tuple[str, ...] | None, nodes: dict[str, Node | None]
    ) -> None:
        folder, _, name = path.partition("/")
        stem = PurePosixPath(name).stem
        pattern = definitions.slug if key == "slug" else definitions.identifier
        if "/" in name or not name.endswith(".yaml") or re.fullmatch(pattern.pattern, stem) is None:
            self._fault(path, 1, f"has a name that nothing reads; expected {folder}/{key.upper()}.yaml")
            return
        node = nodes[stem] = self._yaml(path)
        if node is None:
            return
        reading = Reading(path, self._faults.append, languages)
        kind.check(node, folder.removesuffix("s"), reading)
        named = node.child(key)
        if isinstance(named, Scalar) and named.value != stem:
            reading.fault(named, f"{key} is {shown(named.value)}; expected {shown(stem)}, by which the file is named")
        if folder == "instruments":
            check_instrument(node, reading)
        else:
            check_script(node, reading)
        self._read_mentions(reading)
        if folder == "scripts":
            check_recordings(node, self._captions, reading)

    def _read_mentions(self, reading: Reading) -> None:
        for mention in reading.mentions:
            if mention.kind == "markdown":
                self._markdown(mention, reading.file)
            else:
                self._file(mention.path, mention.line, reading.file)

    def _markdown(self, mention: Mention, by: str) -> None:
        if mention.path in self._texts:
            return
        self._texts[mention.path] = None
        content = self._bytes(mention.path, mention.line, by)
        text = None if content is None else decode(content, mention.path, self._faults.append)
        if text is None:
            return
        if not text.strip():
            self._fault(mention.path, 1, "is empty; expected text")
        self._texts[mention.path] = text
        for line, path in pictures_in(text):
            if re.fullmatch(grammar.PICTURE_PATH, path) is None:
                noun = definitions.picture.noun
                self._fault(mention.path, line, f"shows {shown(path)}; expected {noun}")
            else:
                self._file(path, line, mention.path)

    def _file(self, path: str, line: int, by: str) -> None:
        if path in self._media:
            return
        try:
            problem = media_problem(path, self._source.head(path))
            if problem is not None:
                self._fault(path, 1, problem)
                return
            if path.endswith(".vtt"):
                self._captions[path] = self._cues(path)
            self._media[path] = MediaFile(path, self._source.sha256(path), self._source.opener(path))
        except Unreadable as error:
            self._fault(by, line, f"names {shown(path)}, which {error}")

    def _cues(self, path: str) -> tuple[Cue, ...] | None:
        content = self._source.read(path, MAX_CAPTION_BYTES)
        self._captions_left -= len(content)
        if self._captions_left < 0:
            raise TooMuch(Fault(path, 1, f"brings the bundle above {MAX_CAPTIONS_BYTES:,} bytes of captions"))
        return read_captions(content, path, self._faults.append)

    def _fault(self, file: str, line: int, message: str) -> None:
        self._faults.append(Fault(file, line, message))


def declared_languages(study: Node) -> tuple[str, ...] | None:
    """The languages that a study's tree declares; None where they can't be told."""
    declared = study.child("languages") if isinstance(study, Mapping) else None
    tags = [node.value for node in declared.children() if isinstance(node, Scalar)] if declared is not None else []
    sound = [tag for tag in tags if isinstance(tag, str) and re.fullmatch(grammar.LANGUAGE, tag)]
    return tuple(dict.fromkeys(sound)) if sound and len(sound) == len(tags) else None
