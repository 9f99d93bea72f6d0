"""Conditions on earlier answers: written as `when` says them, and held against what can be answered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Literal

from assessments.importers.declared import Number, Question, digits
from protocol.conditions import LONGEST, Comparison, Condition, Joined
from protocol.grammar import DATE

ORDERED = ("<", "<=", ">", ">=")
_MEETS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_BARE = re.compile(r"[^\s()<>=!\"']+")


class NotCarried(Exception):
    """A condition that `when` can't state; the message says why."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What can be answered to an item: choices, numbers, dates or any text, by its type."""

    id: str
    type: str
    choices: tuple[str, ...] = ()
    low: Number | str | None = None
    high: Number | str | None = None
    step: Number | None = None

    @classmethod
    def of(cls, question: Question) -> Answers:
        """Those to an item of an instrument's file."""
        if question.scale:
            scale = question.scale
            return cls(question.id, "scale", (), scale.min, scale.max, scale.step)
        low, high, step = question.bounds
        return cls(question.id, question.type, tuple(choice.id for choice in question.choices), low, high, step)

    @property
    def are_numbers(self) -> bool:
        """Whether they are numbers."""
        return self.type in ("scale", "number")


def compared(answers: Answers, op: str, value: str) -> Condition:
    """The condition that an answer compares so with a value.

    Raises:
        NotCarried: no answer meets it, or each does, or `when` has no such comparison.
    """
    problem = _problem(answers, op, value)
    if problem:
        raise NotCarried(f"compares {answers.id} {op} {value!r}, {problem}")
    return Comparison(answers.id, op, value)  # type: ignore[arg-type]  # _problem takes no other


def answered(answers: Answers) -> Condition:
    """The condition that there is an answer, whichever: every comparison is false without one.

    Raises:
        NotCarried: no value of it can be named.
    """
    value = _some_value(answers)
    return Joined("or", (Comparison(answers.id, "==", value), Comparison(answers.id, "!=", value)))


def stated(answers: Answers, box: str | None, op: str, value: str) -> Condition:
    """What another program says of an item by the codes of its answers, as a condition.

    Args:
        answers: What can be answered to the item.
        box: Of several choices the one that is on (1) or off (0); None where the answer itself is compared.
        op: How it is compared; an empty value asks whether there is an answer.
        value: What with.

    Raises:
        NotCarried: `when` can't say it.
    """
    if answers.type == "multi":
        return _box(answers, box, op, value)
    if box is not None:
        raise NotCarried(f"names the box {box!r} of {answers.id!r}, which has none")
    if not value:
        if op != "!=":
            raise NotCarried(f"asks whether {answers.id!r} has no answer")
        return answered(answers)
    if answers.choices and op in ORDERED:
        return _by_code(answers, op, value)
    return compared(answers, op, _as_number(value) if answers.are_numbers else value)


def _box(answers: Answers, box: str | None, op: str, value: str) -> Condition:
    if box is None or op not in ("==", "!=") or value not in ("0", "1"):
        raise NotCarried(f"compares the several choices of {answers.id!r} otherwise than by one that is 1 or 0")
    code = next((id for id in answers.choices if id.lower() == box.lower()), box)
    return compared(answers, "==" if (op == "==") == (value == "1") else "!=", code)


def _by_code(answers: Answers, op: str, value: str) -> Condition:
    """A comparison with the order of numeric codes: one of the choices whose codes meet it."""
    codes = {id: _number_of(id) for id in answers.choices}
    limit = _number_of(value)
    if limit is None or any(code is None for code in codes.values()):
        raise NotCarried(f"compares {answers.id!r} by the order of codes that are no numbers")
    met = [id for id, code in codes.items() if code is not None and _MEETS[op](code, limit)]
    if not met:
        raise NotCarried(f"is met by no choice of {answers.id!r}")
    unmet = [id for id in codes if id not in met]
    if unmet and len(unmet) < len(met):
        return joined("and", [compared(answers, "!=", id) for id in unmet])
    return joined("or", [compared(answers, "==", id) for id in met]) if unmet else answered(answers)


def _as_number(value: str) -> str:
    """A number as the format writes it: `2.0` is `2`, `.5` is `0.5`."""
    value = f"0{value}" if value.startswith(".") else value
    return re.sub(r"\.?0+$", "", value) if re.fullmatch(r"-?[0-9]+\.[0-9]+", value) else value


def _number_of(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None


def joined(by: Literal["and", "or"], parts: Iterable[Condition]) -> Condition:
    """All or one of some conditions, without joints in joints of the same kind and without repeats."""
    flat: dict[Condition, None] = {}
    for part in parts:
        flat |= dict.fromkeys(part.parts if isinstance(part, Joined) and part.by == by else (part,))
    if by == "and":
        flat = dict.fromkeys(part for part in flat if not _is_implied(part, flat))
    return next(iter(flat)) if len(flat) == 1 else Joined(by, tuple(flat))


def asked_item(condition: Condition) -> str | None:
    """The item of which a condition says no more than that it is answered; None of any other condition."""
    if not isinstance(condition, Joined) or condition.by != "or" or len(condition.parts) != 2:
        return None
    one, other = condition.parts
    if not isinstance(one, Comparison) or not isinstance(other, Comparison):
        return None
    same = (one.item, one.value) == (other.item, other.value)
    return one.item if same and (one.op, other.op) == ("==", "!=") else None


def written(condition: Condition) -> str:
    """The condition as `when` holds it.

    Raises:
        NotCarried: it is too long, or holds a value with both kinds of quotes.
    """
    text = _written(condition)
    if len(text) > LONGEST:
        raise NotCarried(f"has {len(text)} characters as a condition; at most {LONGEST} are taken")
    return text


def _is_implied(condition: Condition, beside: Iterable[Condition]) -> bool:
    """Whether that an item is answered follows from a comparison with it that must hold too."""
    item = asked_item(condition)
    return item is not None and any(isinstance(each, Comparison) and each.item == item for each in beside)


def _written(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return f"{condition.item} {condition.op} {_value(condition.value)}"
    parts = (_written(part) if isinstance(part, Comparison) else f"({_written(part)})" for part in condition.parts)
    return f" {condition.by} ".join(parts)


def _value(value: str) -> str:
    if _BARE.fullmatch(value) and value not in ("and", "or"):
        return value
    for quote in ('"', "'"):
        if quote not in value and "\n" not in value:
            return f"{quote}{value}{quote}"
    raise NotCarried("compares with a text that holds both kinds of quotes, or several lines")


def _problem(answers: Answers, op: str, value: str) -> str | None:
    if answers.are_numbers:
        return _number_problem(answers, op, value)
    if answers.type == "date":
        return _date_problem(answers, value)
    if op in ORDERED:
        return "but its answers have no order"
    if answers.choices and value not in answers.choices:
        return "which is none of its choices"
    return None


def _number_problem(answers: Answers, op: str, value: str) -> str | None:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", value):
        return "which is no number"
    found = Fraction(value)
    low = None if answers.low is None else Fraction(str(answers.low))
    high = None if answers.high is None else Fraction(str(answers.high))
    is_within = (low is None or found >= low) and (high is None or found <= high)
    on_step = not answers.step or ((found - (low or 0)) / Fraction(str(answers.step))).denominator == 1
    if not is_within or (op in ("==", "!=") and not on_step):
        return "which can't be answered"
    if (op == ">" and found == high) or (op == "<" and found == low):
        return "which no answer is"
    return None


def _date_problem(answers: Answers, value: str) -> str | None:
    if not is_date(value):
        return "which is no date such as 2026-01-31"
    low, high = answers.low, answers.high
    is_within = (low is None or value >= str(low)) and (high is None or value <= str(high))
    return None if is_within else "which can't be answered"


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, written year first."""
    try:
        return re.fullmatch(DATE, text) is not None and dt.date.fromisoformat(text) is not None
    except ValueError:
        return False


def _some_value(answers: Answers) -> str:
    if answers.choices:
        return answers.choices[0]
    if answers.are_numbers:
        known = next((end for end in (answers.low, answers.high) if end is not None), 0)
        return digits(float(known)) if _number_problem(answers, "==", digits(float(known))) is None else "0"
    if answers.type == "date":
        return str(answers.low or answers.high or "2000-01-01")
    return "-"
