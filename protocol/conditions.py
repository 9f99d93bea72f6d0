"""When an item is asked: comparisons of earlier answers, joined by `and`, `or` and parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Literal, NoReturn, cast

from protocol.errors import shown

Op = Literal["==", "!=", "<", "<=", ">", ">="]
Given = float | str | tuple[str, ...] | None
"""What was answered: a number, a choice, a text or an ISO date, several choices; None for an answer without a value."""

LONGEST = 500
_DEEPEST = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<op>==|!=|<=|>=|<|>)|(?P<sign>[()])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<word>[^\s()<>=!"']+))"""
)
_BARE = re.compile(r"""[^\s()<>=!"']+""")
_ID = re.compile(r"[a-z][a-z0-9_]{0,23}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One answer compared with one value."""

    item: str
    op: Op
    value: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all (`and`) or one (`or`) must hold."""

    by: Literal["and", "or"]
    parts: tuple[Condition, ...]


Condition = Comparison | Joined


def parse_condition(text: str) -> Condition:
    """The condition that a text such as `q3 == yes and (q4 > 2 or q5 != "no idea")` states.

    Raises:
        ValueError: with what was found and what was expected.
    """
    return _Parser(text).parse()


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison of a condition, in the order of the text."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons(part)


def told(condition: Condition) -> str:
    """A condition as text again; parsing it gives the same."""
    if isinstance(condition, Comparison):
        is_bare = _BARE.fullmatch(condition.value) and condition.value not in ("and", "or")
        quote = "'" if '"' in condition.value else '"'
        value = condition.value if is_bare else f"{quote}{condition.value}{quote}"
        return f"{condition.item} {condition.op} {value}"
    parts = (f"({told(part)})" if isinstance(part, Joined) else told(part) for part in condition.parts)
    return f" {condition.by} ".join(parts)


def holds(condition: Condition, given: Mapping[str, Given]) -> bool | None:
    """Whether a condition holds for what was given so far; None while that hangs on an item not in `given`.

    An item that was declined, passed, not asked or does not apply (None) makes each comparison with it false, `!=`
    included: nothing is known of it.
    """
    if isinstance(condition, Comparison):
        return _compares(condition, given[condition.item]) if condition.item in given else None
    found = [holds(part, given) for part in condition.parts]
    decides = condition.by == "or"
    if decides in found:
        return decides
    return None if None in found else not decides


def _compares(comparison: Comparison, given: Given) -> bool:
    op, value = comparison.op, comparison.value
    if given is None:
        return False
    if isinstance(given, tuple):
        return (value in given) == (op == "==")
    if isinstance(given, str):
        return _ordered(op, given, value)
    return _ordered(op, given, float(value))


def _ordered(op: Op, a: float | str, b: float | str) -> bool:
    if op in ("==", "!="):
        return (a == b) == (op == "==")
    return bool({"<": lt, "<=": le, ">": gt, ">=": ge}[op](a, b))


class _Parser:
    """Reads one condition; `and` binds tighter than `or`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._any()
        if self._at < len(self._tokens):
            self._expected("and, or, or the end")
        return condition

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        end = len(text.rstrip())
        place = 0
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                rest = shown(text[place:].strip())
                raise ValueError(f"{rest} can't be read; expected a comparison such as q3 == yes")
            kind = str(match.lastgroup)
            yield "quoted" if kind in ("double", "single") else kind, str(match[kind])
            place = match.end()

    def _any(self) -> Condition:
        return self._joined("or", lambda: self._joined("and", self._one))

    def _joined(self, by: Literal["and", "or"], read: Callable[[], Condition]) -> Condition:
        parts = [read()]
        while self._peek() == ("word", by):
            self._at += 1
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(by, tuple(parts))

    def _one(self) -> Condition:
        if self._peek() == ("sign", "("):
            self._at += 1
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ValueError(f"it is nested more than {_DEEPEST} deep")
            inner = self._any()
            self._depth -= 1
            if self._peek() != ("sign", ")"):
                self._expected(")")
            self._at += 1
            return inner
        kind, item = self._peek()
        if kind != "word" or _ID.fullmatch(item) is None:
            self._expected("an item's id")
        self._at += 1
        kind, op = self._peek()
        if kind != "op":
            self._expected("one of ==, !=, <, <=, >, >=")
        self._at += 1
        kind, value = self._peek()
        if kind not in ("word", "quoted") or (kind == "word" and value in ("and", "or")):
            self._expected("a value")
        self._at += 1
        return Comparison(item, cast(Op, op), value)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _expected(self, what: str) -> NoReturn:
        kind, found = self._peek()
        raise ValueError(f"it has {'nothing more' if kind == 'end' else shown(found)} where {what} was expected")
