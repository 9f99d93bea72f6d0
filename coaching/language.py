"""Which of a study's languages somebody reads."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation.trans_real import parse_accept_lang_header


def chosen(offered: Sequence[str], *, asked: str = "", remembered: str = "", accepted: str = "") -> str:
    """One of the `offered` languages: the one asked for, else chosen before, else the browser's, else the first.

    `accepted` is the browser's Accept-Language header.
    """
    for wish in (asked, remembered):
        if wish in offered:
            return wish
    return _first_accepted(offered, accepted) or offered[0]


def named(offered: Sequence[str]) -> list[tuple[str, str]]:
    """Each language with its name in itself; one that nobody has named keeps its code."""
    return [(code, _name(code)) for code in offered]


def interface_language(language: str) -> str:
    """The language of the product's own words for one who reads a study in `language`, else English."""
    known = {code for code, _ in settings.LANGUAGES}
    base = language.split("-")[0]
    return language if language in known else base if base in known else settings.LANGUAGE_CODE


def _first_accepted(offered: Sequence[str], header: str) -> str | None:
    exact = {code.lower(): code for code in reversed(offered)}
    bases = {_base(code): code for code in reversed(offered)}
    for wish, weight in parse_accept_lang_header(header):
        if weight <= 0 or wish == "*":
            continue
        found = exact.get(wish.lower()) or bases.get(_base(wish))
        if found:
            return found
    return None


def _base(code: str) -> str:
    return code.lower().split("-")[0]


def _name(code: str) -> str:
    for key in (code.lower(), _base(code)):
        name = LANG_INFO.get(key, {}).get("name_local")
        if name:
            return str(name)
    return code
