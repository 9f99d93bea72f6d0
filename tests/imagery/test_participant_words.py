"""What participants read on the product's own pages: short sentences, easy words, and nobody is cured or fails.

The words of questionnaires and scripts are in bundles: licensed ones are as they are, ours have gates of their own
(tests/studies).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib

from config.catalogues import found_strings
from imagery.timeline import sentences
from imagery.wording import MOST_GRADE, MOST_WORDS_A_SENTENCE, judging, reading, words

ROOT = Path(__file__).resolve().parents[2]
EXTENDS = re.compile(r'\{% extends "([^"]+)"')
INCLUDES = re.compile(r'\{% include "([^"]+)"')
FILLED_IN = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
TAG = re.compile(r"<[^>]+>")
# The formula says nothing of a handful of words.
ENOUGH = 20


@cache
def sources() -> dict[str, str]:
    folder = ROOT / "templates"
    files = [path for path in folder.rglob("*") if path.suffix in {".html", ".txt"}]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def chain(name: str) -> list[str]:
    """A template and those that it extends, as far as they are ours."""
    found = [name]
    while (above := EXTENDS.search(sources().get(found[-1], ""))) is not None:
        found.append(above[1])
    return [each for each in found if each in sources()]


def pages() -> list[str]:
    """The templates that are whole pages or mails for participants; a preview for staff looks like one and is none."""
    own = {"participant.html", "error_page.html", "emails/base.html"}
    return sorted(
        name
        for name in sources()
        if (own & set(chain(name)) or name.startswith("emails/") or name == "landing.html")
        and not name.startswith("research/")
    )


@cache
def parts(name: str) -> frozenset[str]:
    """A page with all that it extends and includes."""
    found: set[str] = set()
    coming = chain(name)
    while coming:
        part = coming.pop()
        if part not in found and part in sources():
            found.add(part)
            coming += [*INCLUDES.findall(sources()[part]), *chain(part)]
    return frozenset(found)


READ = sorted({part for page in pages() for part in parts(page)})
CODE = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "imagery" / "forms.py", *(ROOT / "imagery" / "views").glob("*.py"))
    if path.name not in {"staff.py", "lines.py"}
)


@cache
def everything() -> dict[str, tuple[str, ...]]:
    """What each template and module says in English, as it reads."""
    found: dict[str, list[str]] = {}
    for one in found_strings(ROOT):
        for place, _ in one.places:
            found.setdefault(place, []).extend(as_read(each) for each in (one.text, one.plural) if each)
    return {place: tuple(dict.fromkeys(texts)) for place, texts in found.items()}


def said(name: str) -> tuple[str, ...]:
    return everything().get(name if name.endswith(".py") else f"templates/{name}", ())


def as_read(text: str) -> str:
    """Without tags; `this` stands for what is filled in."""
    return TAG.sub("", FILLED_IN.sub("this", text)).replace("%%", "%")


@cache
def german() -> dict[str, tuple[str, ...]]:
    catalogue = polib.pofile(str(ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"))
    return {
        as_read(entry.msgid): tuple(as_read(each) for each in (entry.msgstr, *entry.msgstr_plural.values()) if each)
        for entry in catalogue
    }


def too_long(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for text in said(name):
            for sentence in sentences(text, "en"):
                if len(words(sentence)) > MOST_WORDS_A_SENTENCE:
                    yield name, sentence


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_pages_that_people_read_are_found_with_their_parts() -> None:
    assert {"coaching/home.html", "imagery/say.html", "emails/reminder.txt", "404.html", "landing.html"} <= set(pages())
    assert {"imagery/_player.html", "_components/scale.html", "privacy/_erase.html", "base.html"} <= set(READ)
    assert not any(name.startswith("coaching/staff/") or name == "staff.html" for name in READ)
    assert len(pages()) > 40
    assert "imagery/views/pages.py" in CODE


def test_what_a_template_says_is_read_without_its_code() -> None:
    assert "You stopped in part this of this, on this. What you gave is saved." in said("imagery/resume.html")


# --- gates ------------------------------------------------------------------------------------------------------------


def test_no_sentence_for_participants_has_more_than_fifteen_words() -> None:
    assert list(too_long([*READ, *CODE])) == []


def test_every_template_is_for_ages_11_to_12() -> None:
    long_enough = [name for name in READ if len(words(" ".join(said(name)))) >= ENOUGH]
    assert len(long_enough) > 20
    assert {name: grade(said(name)) for name in long_enough if grade(said(name)) > MOST_GRADE} == {}


def test_every_page_is_for_ages_11_to_12() -> None:
    """With all that stands around it; the subject of a mail with its text."""
    hard = {}
    for page in pages():
        with_text = page.replace(".subject.txt", ".txt")
        texts = [text for part in sorted(parts(page) | parts(with_text)) for text in said(part)]
        if texts and (found := grade(texts)) > MOST_GRADE:
            hard[page] = found
    assert hard == {}


def grade(texts: list[str] | tuple[str, ...]) -> float:
    found = reading("\n\n".join(texts), "en").grade
    assert found is not None
    return found


def test_no_word_for_participants_is_of_a_cure_a_norm_or_a_failure() -> None:
    english = [(name, text, "en") for name in (*READ, *CODE) for text in said(name)]
    translated = [(name, each, "de") for name, text, _ in english for each in german().get(text, ())]
    assert len(translated) > len(english) / 2
    for name, text, language in (*english, *translated):
        assert judging(text, language) == (), (name, text)
