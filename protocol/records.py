"""Lists and mappings of a bundle's files, made of other kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from protocol.errors import listed, shown
from protocol.kinds import Choice, Defs, Kind, Name, Reading, Schema, Word, found
from protocol.nodes import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True)
class ListOf(Kind):
    """A list; `each` names one of it in messages. With `is_set`, no value comes twice."""

    kind: Kind
    each: str
    least: int = 0
    most: int = 1_000
    is_set: bool = False

    def _noun(self) -> str:
        return f"a list, each value {self.kind.noun}" if isinstance(self.kind, Word | Name | Choice) else "a list"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Sequence):
            self.unexpected(node, what, reading)
            return
        if not self.least <= len(node.items) <= self.most:
            reading.fault(node, f"{what} has {len(node.items)} values; expected {_count(self.least, self.most)}")
        for item in node.children():
            self.kind.check(item, _called(self.each, item), reading)
        if self.is_set:
            self._check_repeats(node, what, reading)

    def _check_repeats(self, node: Sequence, what: str, reading: Reading) -> None:
        seen: set[object] = set()
        for item in node.children():
            value = item.value if isinstance(item, Scalar) else item
            if value in seen:
                reading.fault(item, f"{what} holds {shown(value)} twice")
            seen.add(value)

    def _schema(self, defs: Defs) -> Schema:
        bounds: Schema = {"minItems": self.least} if self.least else {}
        unique: Schema = {"uniqueItems": True} if self.is_set else {}
        return {"type": "array", "items": self.kind.schema(defs), **bounds, "maxItems": self.most, **unique}


def _called(each: str, item: Node) -> str:
    """What messages call one of a list: by its id, if it has one."""
    name = item.child("id")
    return f"{each} {shown(name.value)}" if isinstance(name, Scalar) and isinstance(name.value, str) else each


def _uncalled(what: str) -> str:
    """The same without the id, for messages about the id itself."""
    return what.partition(" '")[0]


def _count(least: int, most: int) -> str:
    if least == most:
        return str(least)
    return f"at least {least}" if most >= 1_000 else f"{least} to {most}"


@dataclass(frozen=True)
class MapOf(Kind):
    """A mapping of ids to values; `each` names one value in messages, `called` is an id for examples."""

    key: Name
    kind: Kind
    each: str
    least: int = 1
    most: int = 200
    called: str = "one"

    def _noun(self) -> str:
        return "a mapping"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Mapping):
            self.unexpected(node, what, reading)
            return
        if not self.least <= len(node.entries) <= self.most:
            reading.fault(node, f"{what} has {len(node.entries)} keys; expected {self.least} to {self.most}")
        for name, (key, value) in node.entries.items():
            self.key.check_name(key, name, f"{self.each} id", reading)
            self.kind.check(value, f"{self.each} {shown(name)}", reading)

    def _schema(self, defs: Defs) -> Schema:
        return {
            "type": "object",
            "minProperties": self.least,
            "maxProperties": self.most,
            "propertyNames": {key: value for key, value in self.key.schema(defs).items() if key != "type"},
            "additionalProperties": self.kind.schema(defs),
        }


@dataclass(frozen=True)
class Field:
    """One key of a record: what it holds and what that means.

    `default` is what a file without the key says; None where it then says nothing. `example` is a value that can stand
    there; None where the value is made of other records, which have examples of their own.
    """

    name: str
    kind: Kind
    means: str
    required: bool = False
    default: Any = None
    example: Any = field(default=None, compare=False)  # no part of what a key is: sorts may share a key

    def described(self, defs: Defs) -> Schema:
        """The key's own schema."""
        default: Schema = {} if self.default is None else {"default": self.default}
        examples: Schema = {} if self.example is None else {"examples": [self.example]}
        return {"description": self.means, **self.kind.schema(defs), **default, **examples}


@dataclass(frozen=True)
class Record(Kind):
    """A mapping with known keys; `name` names it in messages and in the schema.

    `elsewhere` are keys that belong to a sibling, with where they do. `examples` together show every key, where no one
    example can have them all.
    """

    name: str
    means: str
    fields: tuple[Field, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()
    examples: tuple[dict[str, Any], ...] = field(default=(), compare=False)

    def _noun(self) -> str:
        return f"a mapping with {listed(self.required, 'and')}" if self.required else "a mapping"

    @property
    def required(self) -> list[str]:
        """The keys that may not be left out."""
        return [field.name for field in self.fields if field.required]

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Mapping):
            self.unexpected(node, what, reading)
            return
        fields = {field.name: field for field in self.fields}
        for name, (key, value) in node.entries.items():
            if name not in fields:
                value.is_sound = False
                reading.fault(key, self._unknown(name, what, fields))
            else:
                fields[name].kind.check(value, self._part(name, what), reading)
        for name in self.required:
            if name not in node.entries:
                reading.remark(node.line, f"{what} lacks {shown(name)}; required: {listed(self.required, 'and')}")

    def _part(self, name: str, what: str) -> str:
        if what == self.name:
            return name
        return f"{name} of {_uncalled(what) if name == 'id' else what}"

    def _unknown(self, name: str, what: str, fields: Iterable[str]) -> str:
        known = list(fields)
        place = dict(self.elsewhere).get(name)
        near = get_close_matches(name, known, n=1, cutoff=0.75)
        hint = f"; it belongs to {place};" if place else f"; did you mean {near[0]!r}?" if near else ";"
        return f"{what} has the unknown key {shown(name)}{hint} known: {', '.join(known)}"

    def _schema(self, defs: Defs) -> Schema:
        name = self.name.replace(" ", "_")
        if name not in defs:
            defs[name] = {}  # stands for itself while its own parts are described
            defs[name] = self.described(defs)
        return {"$ref": f"#/$defs/{name}"}

    def described(self, defs: Defs) -> Schema:
        """The record's own schema, in full."""
        return {
            "description": self.means,
            "type": "object",
            "properties": {field.name: field.described(defs) for field in self.fields},
            "required": self.required,
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class ByKey(Kind):
    """A record of one of several sorts, told by the value of one key, such as `do`."""

    key: str
    sorts: dict[str, Record]
    name: str

    def _noun(self) -> str:
        return f"a mapping with {self.key}: {listed(self.sorts)}"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Mapping):
            self.unexpected(node, what, reading)
            return
        told = node.entries.get(self.key)
        value = told[1] if told else None
        sort = self.sorts.get(value.text) if isinstance(value, Scalar) and isinstance(value.value, str) else None
        if sort is not None:
            sort.check(node, what, reading)
        elif value is None:
            reading.remark(node.line, f"{what} lacks {shown(self.key)}; expected {listed(self.sorts)}")
        elif value.is_sound:
            reading.fault(value, f"{self.key} of {what} is {found(value)}; expected {listed(self.sorts)}")
        if sort is None:
            self._check_shared(node, what, reading)

    def _check_shared(self, node: Mapping, what: str, reading: Reading) -> None:
        """Checks what all sorts have in common, of a mapping of which nobody can tell which sort it is."""
        records = list(self.sorts.values())
        known = {field.name: field for record in records for field in record.fields}
        for name, (key, value) in node.entries.items():
            if name not in known:
                reading.fault(key, f"{what} has the unknown key {shown(name)}; known: {', '.join(known)}")
            elif name != self.key and all(known[name] in record.fields for record in records):
                known[name].kind.check(value, f"{name} of {what}", reading)
                continue
            value.is_sound = value.is_sound and name == self.key

    def _schema(self, defs: Defs) -> Schema:
        return {"oneOf": [record.schema(defs) for record in self.sorts.values()]}


@dataclass(frozen=True)
class ByPresence(Kind):
    """A record of one of several sorts, told by which of their keys it has, such as `say` or `rate`."""

    sorts: dict[str, Record]
    name: str

    def _noun(self) -> str:
        return f"a mapping with one of {listed(self.sorts)}"

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Mapping):
            self.unexpected(node, what, reading)
            return
        present = [key for key in self.sorts if key in node.entries]
        if len(present) == 1:
            self.sorts[present[0]].check(node, what, reading)
        else:
            names = listed(present, "and") or "none"
            reading.fault(node, f"{what} has {names if present else 'none'} of its kinds; expected {self.noun}")

    def _schema(self, defs: Defs) -> Schema:
        return {"oneOf": [record.schema(defs) for record in self.sorts.values()]}
