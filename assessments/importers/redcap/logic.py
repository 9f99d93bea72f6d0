"""REDCap's branching logic: comparisons of fields with values, joined by and, or and parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from assessments.importers.branching import NotCarried
from protocol.errors import shown

Op = Literal["==", "!=", "<", "<=", ">", ">="]

_OPS: dict[str, Op] = {"=": "==", "==": "==", "<>": "!=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TURNED: dict[Op, Op] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TOKEN = re.compile(
    r"""\s*(?:(?P<field>\[[^\]]*\])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<op><>|!=|<=|>=|==|=|<|>)"""
    r"""|(?P<sign>[()])|(?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![\w.])|(?P<word>[A-Za-z_]\w*))"""
)
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\(\s*([^()\s][^()]*?)\s*\))?")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Compared:
    """One field, or one box of a checkbox field (`code`), compared with a value."""

    field: str
    code: str | None
    op: Op
    value: str


@dataclass(frozen=True, slots=True)
class Both:
    """Parts of which all (`and`) or one (`or`) must hold."""

    by: Literal["and", "or"]
    parts: tuple[Logic, ...]


Logic = Compared | Both


def parse_logic(text: str) -> Logic:
    """What a cell such as `[sex] = '0' and ([ill(2)] = '1' or [age] > 60)` says.

    Raises:
        NotCarried: it is more than comparisons of fields with values.
        ValueError: it can't be read, with what was found and what was expected.
    """
    return _Parser(list(_tokens(text))).parse()


def compared_in(logic: Logic) -> Iterator[Compared]:
    """Every comparison, in the order of the text."""
    if isinstance(logic, Compared):
        yield logic
    else:
        for part in logic.parts:
            yield from compared_in(part)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token; `value` is a text in quotes or a number."""
    end = len(text.rstrip())
    place = 0
    before = ""
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].lstrip()
            if rest[0] in "\"'[":
                raise ValueError(f"has {rest[0]} at {shown(rest)} that is never closed")
            raise NotCarried(f"has {shown(rest)}, more than comparisons of fields with values")
        kind = str(match.lastgroup)
        found = match[kind]
        if kind == "word":
            if found.lower() not in ("and", "or"):
                raise NotCarried(f"has {shown(found)}, a function or a word of REDCap's own")
            found = found.lower()
        if kind == "field" and before == "field":
            raise NotCarried(f"names a field of another event or instance, at {shown(found)}")
        before = kind
        yield "value" if kind in ("double", "single", "number") else kind, found
        place = match.end()


class _Parser:
    """Reads one cell; `and` binds tighter than `or`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def parse(self) -> Logic:
        logic = self._any()
        if self._at < len(self._tokens):
            raise self._unexpected("and, or, or the end")
        return logic

    def _any(self) -> Logic:
        return self._joined("or", lambda: self._joined("and", self._one))

    def _joined(self, by: Literal["and", "or"], read: Callable[[], Logic]) -> Logic:
        parts = [read()]
        while self._peek() == ("word", by):
            self._at += 1
            parts.append(read())
        return parts[0] if len(parts) == 1 else Both(by, tuple(parts))

    def _one(self) -> Logic:
        if self._peek() == ("sign", "("):
            self._at += 1
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ValueError(f"is nested more than {_DEEPEST} deep")
            inner = self._any()
            self._depth -= 1
            if self._take() != ("sign", ")"):
                self._at -= 1
                raise self._unexpected("a closing parenthesis")
            return inner
        return self._comparison()

    def _comparison(self) -> Compared:
        left, op, right = self._take("field", "value"), self._take("op"), self._take("field", "value")
        if left[0] == right[0] == "field":
            raise NotCarried("compares two fields with each other")
        if left[0] == right[0]:
            raise NotCarried("compares two values with each other")
        if left[0] == "value":
            return _compared(right[1], _TURNED[_OPS[op[1]]], left[1])
        return _compared(left[1], _OPS[op[1]], right[1])

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *kinds: str) -> tuple[str, str]:
        token = self._peek()
        if kinds and token[0] not in kinds:
            raise self._unexpected(
                " or ".join({"field": "a field", "value": "a value", "op": "= or <>"}[k] for k in kinds)
            )
        self._at += 1
        return token

    def _unexpected(self, what: str) -> ValueError:
        kind, found = self._peek()
        return ValueError(f"has {'nothing more' if kind == 'end' else shown(found)} where {what} was expected")


def _compared(field: str, op: Op, value: str) -> Compared:
    match = _FIELD.fullmatch(field[1:-1].strip())
    if match is None:
        raise NotCarried(f"names {shown(field)}, a word of REDCap's own")
    return Compared(match[1].lower(), match[2], op, value.strip())
