"""YAML 1.2 as a tree of nodes that know their line; whatever a study has no use for is refused.

The tree is made from the parser's events. Values are those of the core schema: `yes`, `no` and dates are strings, `012`
is twelve, and what stands in quotes is always a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from protocol.errors import Fault, shown

MAX_BYTES = 1_000_000
MAX_LINE = 50_000  # the parser's time grows with the square of some of a line's parts
MAX_DEPTH = 20
MAX_NODES = 50_000
MAX_NUMBER = 1e12

# What XML, JSON columns and terminals can't all carry: control characters, half of a surrogate pair, non-characters.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Plain = None | bool | int | float | str


@dataclass(slots=True, eq=False)
class Node:
    """A value of the file; `line` counts from 1, and `is_sound` turns false once a fault was reported of it."""

    line: int
    is_sound: bool = True

    def child(self, name: str) -> Node | None:
        """The sound value under `name` of a mapping; None where there is none."""
        return None

    def children(self) -> Iterator[Node]:
        """The sound values of a list (none of anything else)."""
        return iter(())

    def named(self) -> Iterator[tuple[Scalar, Node]]:
        """The keys of a mapping with their sound values (none of anything else)."""
        return iter(())


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """One value: `value` is of the core schema, `text` as written."""

    text: str = ""
    value: Plain = None


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)

    def children(self) -> Iterator[Node]:
        """The sound values of the list."""
        return (item for item in self.items if item.is_sound)


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """Keys with values, in the file's order; no key comes twice."""

    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)

    def child(self, name: str) -> Node | None:
        """The sound value under `name`; None where there is none."""
        entry = self.entries.get(name)
        return entry[1] if entry is not None and entry[1].is_sound else None

    def named(self) -> Iterator[tuple[Scalar, Node]]:
        """The keys with their sound values."""
        return ((key, value) for key, value in self.entries.values() if value.is_sound)


def read_yaml(content: bytes, file: str, report: Callable[[Fault], None]) -> Node | None:
    """The one document in `content`; None when it does not parse. Faults go to `report`."""
    text = decode(content, file, report)
    if text is None:
        return None
    try:
        return _Composer(file, report).compose(text)
    except _Unreadable as unreadable:
        report(unreadable.fault)
        return None


def decode(content: bytes, file: str, report: Callable[[Fault], None]) -> str | None:
    """The text of a UTF-8 file without a byte order mark or control characters; None after a fault."""
    if content.startswith(_BYTE_ORDER_MARKS):
        report(Fault(file, 1, "begins with a byte order mark; expected plain UTF-8 without one"))
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        report(Fault(file, line, f"holds the byte 0x{content[error.start]:02x}, which is not UTF-8"))
        return None
    unfit = UNFIT.search(text)
    if unfit is not None:
        line = text.count("\n", 0, unfit.start()) + 1
        report(Fault(file, line, f"holds the control character U+{ord(unfit.group()):04X}; expected text"))
        return None
    return text


def plain(node: Node) -> Any:
    """The tree as JSON values in the file's order; whole numbers are int, so that 1.0 and 1 are the same."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)  # noqa: S101 - there is no fourth kind of node
    return node.value


class _Unreadable(Exception):
    """The file can't be read any further."""

    def __init__(self, file: str, line: int, message: str) -> None:
        self.fault = Fault(file, line, message)
        super().__init__(message)


class _Composer:
    """Builds the tree of one file."""

    def __init__(self, file: str, report: Callable[[Fault], None]) -> None:
        self._file = file
        self._report = report
        self._nodes = 0
        self._line = 1
        self._events: Iterator[Event] = iter(())

    def compose(self, text: str) -> Node:
        for number, line in enumerate(text.split("\n"), start=1):
            if len(line) > MAX_LINE:
                self._stop(number, f"has {len(line):,} characters in one line; expected at most {MAX_LINE:,}")
        self._events = self._read_events(text)
        root: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._check_document(event, is_first=root is None)
            elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent):
                root = self._node(event, depth=1)
        if root is None:
            self._stop(1, "is empty")
        return root

    def _read_events(self, text: str) -> Iterator[Event]:
        """The parser's events. Beside its own errors it lets bare ones through (a bad escape is a ValueError)."""
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._line = event.start_mark.line + 1
                yield event
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else self._line
            self._stop(line, f"is not YAML: {error.problem or error.context or 'unexpected content'}")
        except Exception as error:  # whatever hostile input makes the parser raise is a fault of the file
            self._stop(self._line, f"is not YAML: {error or type(error).__name__}")

    def _check_document(self, event: DocumentStartEvent, is_first: bool) -> None:
        if not is_first:
            self._stop(self._line, "holds a second document; expected one")
        if event.version is not None and tuple(event.version) != (1, 2):
            self._stop(self._line, f"says that it is YAML {'.'.join(map(str, event.version))}; expected YAML 1.2")
        if event.tags:
            self._fault(self._line, "holds a %TAG line; tags are not accepted")

    def _node(self, event: Event, depth: int) -> Node:
        line = event.start_mark.line + 1
        self._nodes += 1
        if depth > MAX_DEPTH:
            self._stop(line, f"is nested deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            self._stop(line, f"holds more than {MAX_NODES} values")
        if isinstance(event, AliasEvent):
            self._fault(line, f"holds the alias {shown('*' + event.anchor)}; aliases are not accepted")
            return Scalar(line, is_sound=False)
        assert isinstance(event, NodeEvent)  # noqa: S101 - no other event starts a node
        node = self._of_kind(event, line, depth)
        if event.anchor is not None:
            self._fault(line, f"holds the anchor {shown('&' + event.anchor)}; anchors are not accepted")
            node.is_sound = False
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(line, f"holds the tag {shown(tag)}; tags are not accepted")
            node.is_sound = False
        return node

    def _of_kind(self, event: Event, line: int, depth: int) -> Node:
        if isinstance(event, MappingStartEvent):
            return self._mapping(line, depth)
        if isinstance(event, SequenceStartEvent):
            sequence = Sequence(line)
            for item in self._events:
                if isinstance(item, SequenceEndEvent):
                    break
                sequence.items.append(self._node(item, depth + 1))
            return sequence
        assert isinstance(event, ScalarEvent)  # noqa: S101 - no other event starts a node
        return self._scalar(event, line)

    def _mapping(self, line: int, depth: int) -> Mapping:
        mapping = Mapping(line)
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if value.line > key.line and (not isinstance(value, Scalar) or not value.text):
                value.line = key.line  # faults of a block, or of nothing, belong to the key that names it
            self._enter(mapping, key, value, is_plain=getattr(event, "style", None) is None)
        return mapping

    def _enter(self, mapping: Mapping, key: Node, value: Node, is_plain: bool) -> None:
        if not key.is_sound:
            return
        if not isinstance(key, Scalar):
            self._fault(key.line, "holds a list or a mapping as a key; expected a word")
        elif key.text == "<<" and is_plain:
            self._fault(key.line, "holds the merge key '<<'; merge keys are not accepted")
        else:
            name = (
                str(key.value) if isinstance(key.value, int | float) and not isinstance(key.value, bool) else key.text
            )
            if name in mapping.entries:
                first = mapping.entries[name][0].line
                self._fault(key.line, f"repeats the key {shown(name)}, first on line {first}")
            else:
                mapping.entries[name] = (key, value)

    def _scalar(self, event: ScalarEvent, line: int) -> Scalar:
        text = _with_pairs_joined(event.value)
        unfit = UNFIT.search(text)
        if unfit is not None:
            self._fault(line, f"holds the control character U+{ord(unfit.group()):04X}; expected text")
            return Scalar(line, is_sound=False, text=UNFIT.sub("\N{REPLACEMENT CHARACTER}", text))
        if event.style is not None:
            return Scalar(line, text=text, value=text)
        value = resolve(text)
        if isinstance(value, int | float) and not abs(value) <= MAX_NUMBER:
            self._fault(line, f"holds {shown(text)}; expected a number between -1e12 and 1e12")
            return Scalar(line, is_sound=False, text=text)
        return Scalar(line, text=text, value=value)

    def _fault(self, line: int, message: str) -> None:
        self._report(Fault(self._file, line, message))

    def _stop(self, line: int, message: str) -> NoReturn:
        raise _Unreadable(self._file, line, message)


def _with_pairs_joined(text: str) -> str:
    """The text with each pair of surrogates as one character: so JSON, which is YAML too, escapes beyond U+FFFF."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return text


def resolve(text: str) -> Plain:
    """The value of an unquoted scalar by the core schema of YAML 1.2; whole numbers are int."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    if len(text) <= 40:
        if _OCTAL.fullmatch(text):
            return int(text[2:], 8)
        if _HEX.fullmatch(text):
            return int(text[2:], 16)
        if _INT.fullmatch(text):
            return int(text)
    if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        number = float(
            text.replace(".inf", "inf")
            .replace(".Inf", "inf")
            .replace(".INF", "inf")
            .replace(".n", "n")
            .replace(".N", "n")
        )
        return int(number) if number.is_integer() else number
    return text


def text_at(node: Node | None, key: str) -> str | None:
    """The sound string under `key`; None where there is none."""
    value = node.child(key) if node is not None else None
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None


def number_at(node: Node | None, key: str) -> int | float | None:
    """The sound number under `key`; None where there is none."""
    return number_of(node.child(key) if node is not None else None)


def number_of(node: Node | None) -> int | float | None:
    """The number that a sound node is; None of any other."""
    if node is None or not node.is_sound or not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    return node.value if isinstance(node.value, int | float) else None


def strings_at(node: Node | None, key: str) -> list[tuple[Scalar, str]]:
    """The sound strings of the list under `key`, each with its node."""
    value = node.child(key) if node is not None else None
    items = value.children() if value is not None else iter(())
    return [(item, item.value) for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]


def nodes_at(node: Node | None, key: str) -> list[Node]:
    """The sound values of the list under `key`."""
    value = node.child(key) if node is not None else None
    return list(value.children()) if value is not None else []


def named_at(node: Node | None, key: str) -> list[tuple[Scalar, Node]]:
    """The keys and sound values of the mapping under `key`."""
    value = node.child(key) if node is not None else None
    return list(value.named()) if value is not None else []


def has(node: Node | None, key: str) -> bool:
    """Whether the mapping has the key, whatever is under it."""
    return isinstance(node, Mapping) and key in node.entries
