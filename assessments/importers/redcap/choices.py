"""The cell of a dictionary that holds a field's choices or a slider's labels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assessments.importers.declared import Number
from assessments.importers.wording import LONGEST_TITLE, WORDS, cut, one_line, without_markup
from protocol.errors import shown
from protocol.grammar import CHOICE

YES_NO = {"yesno": ("yes", "no"), "truefalse": ("true", "false")}


def parse_choices(cell: str) -> dict[str, str]:
    """The labels by code of a cell such as `1, never | 2, often`.

    Raises:
        ValueError: with what was found and what was expected.
    """
    if not cell:
        raise ValueError("is empty; expected choices such as '1, never | 2, often'")
    choices: dict[str, str] = {}
    for place, part in enumerate(cell.split("|"), start=1):
        code, comma, label = (each.strip() for each in part.partition(","))
        if not comma:
            raise ValueError(f"holds {shown(part.strip())} as choice {place}; expected a code, a comma and a label")
        if re.fullmatch(CHOICE, code) is None or len(code) > 100:
            raise ValueError(f"has the code {shown(code)} in choice {place}; expected letters, digits, - or _")
        if code in choices:
            raise ValueError(f"has the code {shown(code)} twice; expected each code once")
        choices[code] = cut(one_line(without_markup(label)), LONGEST_TITLE)
    return choices


def two_way(type: str, language: str) -> dict[str, str]:
    """The choices of a `yesno` or `truefalse` field; in English where the language's words are not known."""
    words = WORDS.get(language.partition("-")[0], WORDS["en"])
    yes, no = YES_NO[type]
    return {"1": words[yes], "0": words[no]}


def slider_labels(cell: str) -> list[str]:
    """The labels of a slider, from its left end to its right; none where it has none."""
    labels = [one_line(without_markup(part)) for part in cell.split("|")] if cell else []
    return labels if any(labels) else []


def codes_as_numbers(codes: Sequence[str]) -> list[Number] | None:
    """The whole numbers that codes are; None where one is none, or is written with a leading zero."""
    if all(re.fullmatch(r"0|-?[1-9][0-9]{0,8}", code) for code in codes):
        return [int(code) for code in codes]
    return None
