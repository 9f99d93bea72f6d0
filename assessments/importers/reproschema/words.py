"""Words of ReproSchema documents: one string where all are in one language, else one for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from assessments.importers.losses import Json, Ledger
from assessments.importers.wording import LONGEST_TEXT, Text, cut, has_markup, one_line, without_markup
from protocol.grammar import LANGUAGE

_WORDED = ("prefLabel", "question", "preamble", "name", "citation")


class Words:
    """Reads the texts of an activity and its items."""

    def __init__(self, documents: Iterable[Json], language: str, ledger: Ledger) -> None:
        found = dict.fromkeys(tag for document in documents for tag in _languages_in(document))
        sound = [tag for tag in found if re.fullmatch(LANGUAGE, tag)]
        self.languages = sorted(sound, key=lambda tag: tag != language) or [language]
        self._ledger = ledger

    def text(self, element: Json, key: str, where: str, *, longest: int = LONGEST_TEXT, is_line: bool = False) -> Text:
        """The words under a key, in every language of the activity; an empty text where there are none."""
        value = element.get(key)
        texts = {self.languages[0]: value} if isinstance(value, str) else value if isinstance(value, dict) else {}
        fit = {tag: self._fit(text, longest, is_line, where) for tag, text in texts.items() if isinstance(text, str)}
        base = next((fit[tag] for tag in self.languages if fit.get(tag)), "")
        if not base or len(self.languages) == 1:
            return base
        lacking = [tag for tag in self.languages if not fit.get(tag)]
        if lacking:
            self._ledger.changed(where, f"{key} is not said in {', '.join(lacking)}")
        return {tag: fit.get(tag) or base for tag in self.languages}

    def _fit(self, text: str, longest: int, is_line: bool, where: str) -> str:
        if has_markup(text):
            self._ledger.changed(where, "its HTML is plain text here")
        words = without_markup(text)
        words = one_line(words) if is_line else words
        if len(words) > longest:
            self._ledger.changed(where, f"a text of {len(words)} characters is cut off at {longest}")
        return cut(words, longest)


def _languages_in(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _languages_in(part, key)
    elif isinstance(value, dict):
        if key in _WORDED and all(isinstance(part, str) for part in value.values()):
            yield from value
            return
        for name, part in value.items():
            yield from _languages_in(part, name)
