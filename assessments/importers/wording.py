"""Words: made fit for an instrument's file, freed of markup, and said in one language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from protocol.nodes import UNFIT

LONGEST_TITLE = 300
LONGEST_LABEL = 500
LONGEST_TEXT = 20_000

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(#[0-9]{1,6}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,12});")
_BLOCKS = re.compile("address|article|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|td|th|tr|ul")
_SILENT = frozenset(("script", "style", "head", "title"))

# What other programs say on the buttons of questions that ask for yes or no.
WORDS = {
    "en": {"yes": "Yes", "no": "No", "true": "True", "false": "False"},
    "de": {"yes": "Ja", "no": "Nein", "true": "Wahr", "false": "Falsch"},
    "es": {"yes": "Sí", "no": "No", "true": "Verdadero", "false": "Falso"},
    "fr": {"yes": "Oui", "no": "Non", "true": "Vrai", "false": "Faux"},
    "it": {"yes": "Sì", "no": "No", "true": "Vero", "false": "Falso"},
    "nl": {"yes": "Ja", "no": "Nee", "true": "Waar", "false": "Onwaar"},
    "pt": {"yes": "Sim", "no": "Não", "true": "Verdadeiro", "false": "Falso"},
}

Text = str | dict[str, str]


def clean(text: str) -> str:
    """The text with plain line ends, without control characters and without space around it."""
    return UNFIT.sub("", _BREAKS.sub("\n", text)).strip()


def has_markup(text: str) -> bool:
    """Whether there are HTML tags or entities in a text."""
    return _MARKUP.search(text) is not None


def without_markup(text: str) -> str:
    """What a browser would show of an HTML text, line by line."""
    if not has_markup(text):
        return clean(text)
    reader = _Shown()
    reader.feed(text)
    reader.close()
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in clean("".join(reader.parts)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Shown(HTMLParser):
    """Gathers the text that is shown; block elements begin a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if _BLOCKS.fullmatch(tag):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if _BLOCKS.fullmatch(tag):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def one_line(text: str) -> str:
    """The text with spaces for line ends."""
    return " ".join(clean(text).split())


def cut(text: str, longest: int) -> str:
    """At most `longest` characters of a text, with three dots for what is cut off."""
    return text if len(text) <= longest else f"{text[: longest - 3].rstrip()}..."


def is_title(text: str) -> bool:
    """Whether a text may be a title: one short line."""
    return len(text) <= LONGEST_TITLE and "\n" not in text


def said(text: Text | None, language: str) -> str:
    """The words in a language: of a map without it the first, of nothing an empty text."""
    if text is None or isinstance(text, str):
        return text or ""
    return text.get(language) or next(iter(text.values()), "")
