"""Whatever the product says, it says in each of its languages."""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest
from django.conf import settings

from config.catalogues import Said, compile_all, found_strings, update

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACEHOLDER = re.compile(r"%\([A-Za-z_]+\)[sd]|\{[A-Za-z_]*\}|%[sd]")


def catalogue(code: str) -> polib.POFile:
    file = ROOT / "locale" / code / "LC_MESSAGES" / "django.po"
    return polib.pofile(str(file)) if file.exists() else polib.POFile()


@pytest.mark.parametrize("code", OTHERS)
def test_every_string_is_translated(code: str) -> None:
    translated = {(entry.msgctxt or "", entry.msgid) for entry in catalogue(code).translated_entries()}
    said = {(said.context, said.text): said.places[0] for said in found_strings(ROOT)}
    assert {text: place for (context, text), place in said.items() if (context, text) not in translated} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_kept_of_what_nobody_says(code: str) -> None:
    said = {(said.context, said.text) for said in found_strings(ROOT)}
    assert [entry.msgid for entry in catalogue(code) if (entry.msgctxt or "", entry.msgid) not in said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_the_places_that_are_filled_in(code: str) -> None:
    wrong = []
    for entry in catalogue(code):
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            # A singular may leave its number out.
            pairs = [(entry.msgid_plural, entry.msgstr_plural[1])]
        wrong += [
            said for said, put in pairs if Counter(PLACEHOLDER.findall(said)) != Counter(PLACEHOLDER.findall(put))
        ]
    assert wrong == []


def test_strings_are_found_in_code_and_in_templates(tmp_path: Path) -> None:
    (tmp_path / "coaching").mkdir()
    (tmp_path / "coaching" / "views.py").write_text(
        '_("Next (now)")\nngettext("%(n)s step", "%(n)s steps", n)\npgettext("month", "May")\nother("no")\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "Stop" %}{% blocktranslate count n=n trimmed %}\n one {{ n }}\n'
        "{% plural %}\n many {{ n }}\n"
        '{% endblocktranslate %}{% include "x.html" with label=_("Go on") %}<p>no</p>'
    )
    assert sorted(found_strings(tmp_path), key=lambda said: said.text) == [
        Said("%(n)s step", plural="%(n)s steps"),
        Said("Go on"),
        Said("May", context="month"),
        Said("Next (now)"),
        Said("Stop"),
        Said("one %(n)s", plural="many %(n)s"),
    ]


def test_a_catalogue_follows_what_is_said_and_keeps_its_translations(tmp_path: Path) -> None:
    file = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    assert update(file, [Said("Stop", places=[("a.py", "1")]), Said("Go on", places=[("a.py", "2")])]) == (2, 0)
    written = polib.pofile(str(file))
    written.find("Stop").msgstr = "Anhalten"
    written.save()
    assert update(file, [Said("Stop", places=[("b.py", "9")]), Said("Back", places=[("a.py", "2")])]) == (1, 1)
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))} == {"Stop": "Anhalten", "Back": ""}
    assert compile_all(tmp_path) == 1
    assert file.with_suffix(".mo").exists()
