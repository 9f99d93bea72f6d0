"""The small languages inside a bundle's strings: ids, anchors, comparisons, times of day, references to a score."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, cast

from protocol.durations import Duration, parse_duration
from protocol.study import At, Moment, Requirement, ScoreRef

ID = r"[a-z][a-z0-9_]{0,23}"
SLUG = r"[a-z][a-z0-9_-]{0,23}"
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
DURATION = r"\+?[0-9]{1,6}[dhms]"
SIGNED_DURATION = r"[+-]?[0-9]{1,6}[dhms]"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
SCORE_REF = rf"{ID}\.{ID}\.{ID}"
OF_INSTRUMENT = rf"{ID}\.{ID}"
DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
NUMBER = r"-?[0-9]{1,12}(\.[0-9]{1,9})?"
# One line, whatever a program takes for the end of one; `;` stands between the choices of one answer.
CHOICE = r"[^;\s](?:[^;\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*[^;\s])?"
_TIME_SPAN = rf"random\( *{TIME} *, *{TIME} *\)"
AT = (
    rf"({ID})(\.(done|due|closed))? *((\+ *-?|- *)[0-9]{{1,6}}[dhms]|\+ *random\( *{DURATION} *, *{DURATION} *\))"
    rf"( +at +({TIME}|{_TIME_SPAN}))?"
)
REPEAT = rf"[1-9][0-9]{{0,2}} times?( +every +{DURATION})?"
CODE = r"[A-Za-z0-9_-]{1,40}"
PARAMETER = r"[A-Za-z][A-Za-z0-9_]{0,39}"
BACK = r"https://[^\s{}]+\{code\}[^\s{}]*"
COMPARISON = r"(>=|<=|>|<|==|!=) *-?[0-9]{1,9}(\.[0-9]{1,6})?"
# Each part of a path starts with neither a dot nor a space: no hidden file, no `..`, no absolute name, no drive letter.
PATH_PART = r"[^\x00-\x20\x7f./\\:*?\"<>|][^\x00-\x1f\x7f/\\:*?\"<>|]*"
MARKDOWN_PATH = rf"({PATH_PART}/)*{PATH_PART}\.md"
PICTURE_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif")
PICTURE_PATH = rf"media/({PATH_PART}/)*{PATH_PART}\.({'|'.join(PICTURE_SUFFIXES)})"
AUDIO_SUFFIXES = ("mp3", "m4a", "ogg", "opus", "wav", "webm")
AUDIO_PATH = rf"media/({PATH_PART}/)*{PATH_PART}\.({'|'.join(AUDIO_SUFFIXES)})"
CAPTIONS_PATH = rf"media/({PATH_PART}/)*{PATH_PART}\.vtt"
STAGE_RESERVED = r"stage_[0-9]+"

_AT_PARTS = re.compile(
    rf"({ID})(?:\.(done|due|closed))? *(\+|-) *(?:(-?[0-9]{{1,6}}[dhms])|random\( *({DURATION}) *, *({DURATION}) *\))"
    rf"(?: +at +(?:({TIME})|random\( *({TIME}) *, *({TIME}) *\)))?".replace("([01]", "(?:[01]")
)


def parse_at(text: str) -> At:
    """The moment that `ANCHOR + DURATION` (or `ANCHOR - DURATION`) names, its draws not yet drawn.

    Raises:
        ValueError: `text` is of another form.
    """
    match = _AT_PARTS.fullmatch(text)
    if match is None or re.fullmatch(AT, text) is None:
        raise ValueError(
            f"{text!r} is not an anchor and a duration, such as 'allocation + 14d', 's1.due + random(1d, 3d)' or "
            "'consent + 1d at 09:00'"
        )
    anchor, moment, sign, duration, least, most, fixed, first, last = match.groups()
    offset = parse_duration(duration or least)
    hours = (first, last) if first else (fixed, fixed) if fixed else None
    return At(
        anchor,
        cast(Moment, moment or "done"),
        Duration(-offset.count, offset.unit) if sign == "-" else offset,
        upto=parse_duration(most) if most else None,
        hours=(parse_time(hours[0]), parse_time(hours[1])) if hours else None,
    )


def parse_repeat(text: str) -> tuple[int, Duration | None]:
    """How often `N times every DURATION` says, and how far apart; None where each follows the one before.

    Raises:
        ValueError: `text` is of another form.
    """
    if re.fullmatch(REPEAT, text) is None:
        raise ValueError(f"{text!r} is not of the form '24 times every 2d' or '10 times'")
    count, _, rest = text.partition(" ")
    _, every, duration = rest.partition("every")
    return int(count), parse_duration(duration.strip()) if every else None


def parse_comparison(text: str) -> Requirement:
    """The requirement that a string such as `>= 18` states.

    Raises:
        ValueError: `text` is of another form.
    """
    if re.fullmatch(COMPARISON, text) is None:
        raise ValueError(f"{text!r} is not a comparison with a number, such as '>= 18'")
    match = re.fullmatch(r"([<>=!]+) *(.+)", text)
    assert match is not None  # noqa: S101 - COMPARISON is the narrower of the two patterns
    op, operand = match.groups()
    return Requirement(cast(Literal[">=", "<=", ">", "<", "==", "!="], op), as_number(operand))


def parse_time(text: str) -> dt.time:
    """The wall time that `HH:MM` names (ValueError otherwise)."""
    if re.fullmatch(TIME, text) is None:
        raise ValueError(f"{text!r} is not a time of day such as '09:00'")
    return dt.time(int(text[:2]), int(text[3:]))


def parse_score_ref(text: str) -> ScoreRef:
    """The score that `STEP.INSTRUMENT.SCORE` names (ValueError otherwise)."""
    if re.fullmatch(SCORE_REF, text) is None:
        raise ValueError(f"{text!r} is not of the form 'STEP.INSTRUMENT.SCORE'")
    return ScoreRef(*text.split("."))


def as_number(text: str) -> int | float:
    """The number that `text` writes; whole numbers are int, so that 1.0 and 1 are the same."""
    value = float(text)
    return int(value) if value.is_integer() else value
