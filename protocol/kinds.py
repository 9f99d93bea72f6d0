"""Kinds of values in a bundle's files. Each knows how to check a node and how to say the same as JSON Schema."""

from __future__ import annotations

import abc
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from protocol.errors import Fault, listed, shown
from protocol.nodes import Mapping, Node, Scalar, Sequence

# Every character at which some program begins a new line.
_ONE_LINE = r"^[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*\S[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*$"

_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")

Schema = dict[str, Any]
Defs = dict[str, Schema]


@dataclass(slots=True)
class Mention:
    """A file that a text or a stage names."""

    path: str
    line: int
    kind: str


@dataclass(slots=True)
class Reading:
    """One file being checked: its name, the study's languages (None: unknown), what it names, and where faults go."""

    file: str
    report: Callable[[Fault], None]
    languages: tuple[str, ...] | None = None
    mentions: list[Mention] = field(default_factory=list)

    def fault(self, node: Node, message: str) -> None:
        """Reports a fault of `node`, which is no longer sound."""
        node.is_sound = False
        self.report(Fault(self.file, node.line, message))

    def remark(self, line: int, message: str) -> None:
        """Reports a fault of a line that spoils no value."""
        self.report(Fault(self.file, line, message))


class Kind(abc.ABC):
    """What a value may be."""

    @property
    def noun(self) -> str:
        """What was expected, as messages say it."""
        return self._noun()

    def check(self, node: Node, what: str, reading: Reading) -> None:
        """Reports what is wrong with `node`, if nothing was yet; `what` names the value, such as `window`."""
        if node.is_sound:
            self._check(node, what, reading)

    def schema(self, defs: Defs) -> Schema:
        """The same as JSON Schema 2020-12; shared parts go into `defs`."""
        return self._schema(defs)

    def _noun(self) -> str:
        return "a value"

    def _takes(self, text: str) -> bool:
        """Whether `text`, if it stood in quotes, would be of this kind."""
        return False

    @abc.abstractmethod
    def _check(self, node: Node, what: str, reading: Reading) -> None: ...

    @abc.abstractmethod
    def _schema(self, defs: Defs) -> Schema: ...

    def unexpected(self, node: Node, what: str, reading: Reading) -> None:
        """Reports that `node` is something else altogether."""
        hint = ""
        if isinstance(node, Scalar) and isinstance(node.value, bool | int | float) and self._takes(node.text):
            hint = f'; put it in quotes: "{node.text}"'
        reading.fault(node, f"{what} is {found(node)}; expected {self.noun}{hint}")


def found(node: Node) -> str:
    """The node, as messages name what was found."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    value = node.value if isinstance(node, Scalar) else None
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the truth value {shown(value).strip(chr(39)).lower()}"
    if isinstance(value, int | float):
        return f"the number {shown(value).strip(chr(39))}"
    return shown(value) if value.strip() else "empty"


# --- scalars ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word(Kind):
    """A string: of at most `longest` characters, of the form of `pattern` where there is one."""

    expected: str = "text"
    pattern: str | None = None
    longest: int = 20_000
    is_one_line: bool = False
    mention: str | None = None  # what kind of file the string names, if it names one

    def _noun(self) -> str:
        return self.expected

    def _takes(self, text: str) -> bool:
        return self.pattern is None or re.fullmatch(self.pattern, text) is not None

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str) or not value.strip():
            self.unexpected(node, what, reading)
        elif len(value) > self.longest:
            reading.fault(node, f"{what} has {len(value)} characters; expected at most {self.longest}")
        elif self.is_one_line and len(value.splitlines()) > 1:
            reading.fault(node, f"{what} runs over several lines; expected one line")
        elif self.mention is not None and _OUTSIDE.search(value):
            reading.fault(node, f"{what} is {shown(value)}, which leads outside the bundle; expected {self.noun}")
        elif not self._takes(value):
            self.unexpected(node, what, reading)
        elif self.mention is not None:
            reading.mentions.append(Mention(value, node.line, self.mention))

    def _schema(self, defs: Defs) -> Schema:
        pattern = rf"^(?:{self.pattern})$" if self.pattern else _ONE_LINE if self.is_one_line else r"\S"
        return {"type": "string", "maxLength": self.longest, "pattern": pattern}


@dataclass(frozen=True)
class Name(Kind):
    """An id or a slug, without the `reserved` ones (a pattern)."""

    pattern: str
    expected: str
    longest: int = 24
    reserved: str | None = None

    def _noun(self) -> str:
        return self.expected

    def _takes(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str) or not value:
            self.unexpected(node, what, reading)
        else:
            self.check_name(node, value, what, reading)

    def check_name(self, node: Node, name: str, what: str, reading: Reading) -> None:
        """The same of a name that is a key."""
        if len(name) > self.longest:
            reading.fault(node, f"{what} {shown(name)} has {len(name)} characters; expected at most {self.longest}")
        elif re.fullmatch(self.pattern, name) is None:
            reading.fault(node, f"{what} is {shown(name)}; expected {self.noun}")
        elif self.reserved is not None and re.fullmatch(self.reserved, name) is not None:
            reading.fault(node, f"{what} is {shown(name)}, a reserved name; expected another")

    def _schema(self, defs: Defs) -> Schema:
        schema: Schema = {"type": "string", "pattern": f"^{self.pattern}$", "maxLength": self.longest}
        return schema | ({"not": {"pattern": f"^(?:{self.reserved})$"}} if self.reserved else {})


@dataclass(frozen=True)
class Checked(Kind):
    """A string that `problem` finds nothing wrong with; what it says completes the message."""

    base: Word
    problem: Callable[[str], str | None]

    def _noun(self) -> str:
        return self.base.noun

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        self.base.check(node, what, reading)
        if node.is_sound and isinstance(node, Scalar) and (problem := self.problem(str(node.value))):
            reading.fault(node, f"{what} is {shown(node.value)}; {problem}")

    def _schema(self, defs: Defs) -> Schema:
        return self.base.schema(defs)


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    words: tuple[str, ...]

    def _noun(self) -> str:
        return listed(self.words)

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Scalar) or node.value not in self.words:
            reading.fault(node, f"{what} is {found(node)}; expected {self.noun}")

    def _schema(self, defs: Defs) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Constant(Kind):
    """One number."""

    value: int

    def _noun(self) -> str:
        return str(self.value)

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or node.value != self.value:
            self.unexpected(node, what, reading)

    def _schema(self, defs: Defs) -> Schema:
        return {"const": self.value}


@dataclass(frozen=True)
class Truth(Kind):
    """true or false."""

    def _noun(self) -> str:
        return "true or false"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Scalar) or not isinstance(node.value, bool):
            self.unexpected(node, what, reading)

    def _schema(self, defs: Defs) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds (`above` and `below` are excluded themselves)."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    is_whole: bool = False

    def _noun(self) -> str:
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (
                ("at least", self.low),
                ("above", self.above),
                ("at most", self.high),
                ("below", self.below),
            )
            if bound is not None
        ]
        return " ".join(["a whole number" if self.is_whole else "a number", " and ".join(bounds)]).strip()

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        value = node.value if isinstance(node, Scalar) else None
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or (self.is_whole and isinstance(value, float))
        ) or not self._is_within(value):
            self.unexpected(node, what, reading)

    def _is_within(self, value: float) -> bool:
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def _schema(self, defs: Defs) -> Schema:
        bounds = {
            "minimum": self.low,
            "maximum": self.high,
            "exclusiveMinimum": self.above,
            "exclusiveMaximum": self.below,
        }
        kept = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "integer" if self.is_whole else "number", **kept}


@dataclass(frozen=True)
class Either(Kind):
    """One kind or another, told apart by what is found."""

    expected: str
    kinds: tuple[Kind, ...]
    which: Callable[[Node], int | None]

    def _noun(self) -> str:
        return self.expected

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        place = self.which(node)
        if place is None:
            self.unexpected(node, what, reading)
        else:
            self.kinds[place].check(node, what, reading)

    def _schema(self, defs: Defs) -> Schema:
        return {"anyOf": [kind.schema(defs) for kind in self.kinds]}


# --- texts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words(Kind):
    """Words in every language of the study: one string for all, or a map of language to string."""

    word: Word
    language: str
    expected: str = "text, or a map of language to text"

    def _noun(self) -> str:
        return self.expected

    def _takes(self, text: str) -> bool:
        return self.word._takes(text)

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if isinstance(node, Mapping):
            check_languages(node, what, self.language, reading)
            for key, value in node.named():
                self.word.check(value, f"{what} in {key.text}", reading)
        elif isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
            self.word.check(node, what, reading)
        else:
            self.unexpected(node, what, reading)

    def _schema(self, defs: Defs) -> Schema:
        word = self.word.schema(defs)
        by_language = {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{self.language}$"},
            "additionalProperties": word,
        }
        return {"anyOf": [word, by_language]}


def check_languages(node: Mapping, what: str, pattern: str, reading: Reading) -> None:
    """Reports languages that a map lacks, or has though the study doesn't (while they are unknown: bad tags only)."""
    if reading.languages is None:
        for key, _ in node.entries.values():
            if re.fullmatch(pattern, key.text) is None:
                reading.fault(key, f"{what} has the key {shown(key.text)}; expected a language such as en, de-AT")
        if not node.entries:
            reading.fault(node, f"{what} is an empty map; expected a text for each language")
        return
    for name, (key, value) in node.entries.items():
        if name not in reading.languages:
            value.is_sound = False
            reading.fault(key, f"{what} has a text in {shown(name)}; the study's languages are {_tags(reading)}")
    lacking = [language for language in reading.languages if language not in node.entries]
    if lacking:
        reading.remark(
            node.line, f"{what} lacks {listed(lacking, 'and')}; expected a text for each of {_tags(reading)}"
        )


def _tags(reading: Reading) -> str:
    return listed(reading.languages or (), "and")
