"""What is worth a second look in somebody's data. A flag says what was seen; it never takes anything out.

A rule has a version: change what it looks for, and its version goes up, so that a decision tells what it was about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tag = Literal["check", "may_be_true", "finding"]

LEAST_ITEMS = 8
FAST_MS = 1_200
HIDDEN_SHARE = 0.5
HIDDEN_LEAST_MS = 30_000
DRAWINGS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A `finding` is a result of the study and can't be left out; `may_be_true` is expected of many."""

    name: str
    version: int
    tag: Tag


FAST = Rule("fast", 1, "check")
HIDDEN = Rule("hidden", 1, "check")
CATCH = Rule("catch", 1, "check")
SAME = Rule("same", 1, "may_be_true")
EMPTY = Rule("empty", 1, "may_be_true")
FLOOR = Rule("floor", 1, "finding")
RULES: Mapping[str, Rule] = {rule.name: rule for rule in (FAST, HIDDEN, CATCH, SAME, EMPTY, FLOOR)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the rules need of a questionnaire that is over.

    Attributes:
        answered: How many items that are answered on a scale have a value, attention checks aside.
        lowest: The least value as chosen; None where nothing was.
        highest: The greatest.
        at_floor: How many of the values are the end of the item's scale that says least of what is asked.
        timed: How many answers have a response time.
        fast: How many of those took less than 1.2 s.
        took_ms: The response times together.
    """

    answered: int
    lowest: float | None
    highest: float | None
    at_floor: int
    timed: int
    fast: int
    took_ms: int


@dataclass(frozen=True, slots=True)
class Check:
    """An attention check that was shown: what its item expects and what was given, empty without an answer."""

    item: str
    expected: str
    given: str

    @property
    def is_missed(self) -> bool:
        """Whether it was answered otherwise than it asks; who gives no answer says nothing of how they read."""
        return self.given not in ("", self.expected)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw: the numbers that its evidence names, and the attention checks that were missed."""

    rule: Rule
    numbers: Mapping[str, float]
    missed: tuple[Check, ...] = ()


def of_sheet(sheet: Sheet) -> Iterator[Seen]:
    """What is to be seen in one questionnaire.

    fast: the (lower) median of at least 8 response times is under 1.2 s, that is, half of them or more are.
    floor: at least 8 answers, all at the end that says least: what somebody without a mind's eye answers.
    same: at least 8 answers, all the same, and not all at that end.
    """
    if sheet.timed >= LEAST_ITEMS and 2 * sheet.fast >= sheet.timed:
        yield Seen(FAST, {"fast": sheet.fast, "timed": sheet.timed, "took_s": round(sheet.took_ms / 1000)})
    if sheet.answered < LEAST_ITEMS:
        return
    if sheet.at_floor == sheet.answered:
        yield Seen(FLOOR, {"answered": sheet.answered})
    elif sheet.lowest is not None and sheet.lowest == sheet.highest:
        yield Seen(SAME, {"answered": sheet.answered, "value": sheet.lowest})


def of_checks(checks: Sequence[Check]) -> Iterator[Seen]:
    """What is to be seen in the attention checks of one questionnaire: one of them at least was missed."""
    missed = tuple(check for check in checks if check.is_missed)
    if missed:
        yield Seen(CATCH, {"failed": len(missed), "asked": len(checks)}, missed)


def of_session(hidden_ms: int, span_ms: int) -> Iterator[Seen]:
    """What is to be seen in one session: its page was out of sight for over half of its time, and for 30 s at least.

    `span_ms` is the time for which its parts were shown.
    """
    if hidden_ms >= HIDDEN_LEAST_MS and hidden_ms > HIDDEN_SHARE * span_ms:
        yield Seen(HIDDEN, {"hidden_s": round(hidden_ms / 1000), "span_s": round(span_ms / 1000)})


@dataclass(frozen=True, slots=True)
class NoDrawing:
    """A drawing of somebody's that is blank, or was passed over for another reason than that nothing came."""

    timepoint: str
    script: str
    is_blank: bool


def of_drawings(missing: Sequence[NoDrawing]) -> Iterator[tuple[NoDrawing, Seen]]:
    """What is to be seen in one person's drawings, in their order: two without a line. It stands at the second.

    "Nothing came" is an answer and is not looked at.
    """
    if len(missing) >= DRAWINGS:
        blank = sum(each.is_blank for each in missing)
        yield missing[DRAWINGS - 1], Seen(EMPTY, {"blank": blank, "skipped": len(missing) - blank})
