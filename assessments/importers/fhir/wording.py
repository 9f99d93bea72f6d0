"""Words of a FHIR resource with their translations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assessments.importers.fhir.terms import TRANSLATION, extensions, value_of
from assessments.importers.losses import Json, Ledger
from assessments.importers.wording import LONGEST_TEXT, Text, clean, cut, one_line, said
from protocol.grammar import LANGUAGE


class Words:
    """Reads texts: one string where the resource has no translation, else one for each of its languages."""

    def __init__(self, resource: Json, language: str, ledger: Ledger) -> None:
        own = str(resource.get("language", language))
        is_other = own.partition("-")[0] != language.partition("-")[0]
        self._base: str = own if is_other and re.fullmatch(LANGUAGE, own) else language
        self._ledger = ledger
        found = dict.fromkeys(_languages_in(resource))
        self.languages = [self._base, *(tag for tag in found if tag != self._base and re.fullmatch(LANGUAGE, tag))]
        for tag in found:
            if re.fullmatch(LANGUAGE, tag) is None:
                ledger.lost("the questionnaire", f"its texts in {tag!r}, which is no language tag such as en or de-AT")

    def text(self, element: Json, key: str, where: str, *, longest: int = LONGEST_TEXT, is_line: bool = False) -> Text:
        """The words under a key, in every language of the resource; an empty text where there are none."""
        base = self._fit(element.get(key), longest, is_line, where)
        if not base or len(self.languages) == 1:
            return base
        shadow = element.get(f"_{key}", {})
        texts = {tag: self._fit(text, longest, is_line, where) for tag, text in _translations(shadow)} | {
            self._base: base
        }
        lacking = [tag for tag in self.languages if not texts.get(tag)]
        if lacking:
            self._ledger.changed(where, f"{key} is not said in {', '.join(lacking)}: it stands there in {self._base}")
        return {tag: texts.get(tag) or base for tag in self.languages}

    def _fit(self, text: Any, longest: int, is_line: bool, where: str) -> str:
        words = clean(text) if isinstance(text, str) else ""
        words = one_line(words) if is_line else words
        if len(words) > longest:
            self._ledger.changed(where, f"a text of {len(words)} characters is cut off at {longest}")
        return cut(words, longest)


def _translations(shadow: Any) -> Iterator[tuple[str, str]]:
    for url, extension in extensions(shadow) if isinstance(shadow, dict) else ():
        if url == TRANSLATION:
            parts = {name: value_of(part) for name, part in extensions(extension)}
            if isinstance(parts.get("lang"), str) and isinstance(parts.get("content"), str):
                yield parts["lang"], parts["content"]


def _languages_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (language for language, _ in _translations(value))
        for part in value.values():
            yield from _languages_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _languages_in(part)


def put(element: Json, key: str, text: Text, languages: list[str]) -> Json:
    """Puts words under a key of an element: in the first language, and translated into the others."""
    base = said(text, languages[0]) if languages else said(text, "")
    element[key] = base
    translated = [(tag, text[tag]) for tag in languages[1:] if isinstance(text, dict) and tag in text]
    if translated:
        element[f"_{key}"] = {"extension": [_translation(tag, words) for tag, words in translated]}
    return element


def _translation(language: str, words: str) -> Json:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}]
    return {"url": TRANSLATION, "extension": parts}
