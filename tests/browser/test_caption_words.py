"""The player finds a caption's sentence by the very words by which captions are checked."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from imagery.timeline import sentences
from protocol.captions import words_of

pytestmark = [pytest.mark.browser, pytest.mark.once]

SAID = "A half-seen shore – or – none. It's 10 % sand, and the rest is 3/4 sea. Then: nothing."
# Signs may differ: this dash, and the hyphen.
CAPTIONS = ["A half seen shore", "or none.", "It's 10 % sand,", "and the rest is 3/4 sea.", "Then: nothing."]
PIECES = [
    *("It's", "half-seen", "well‑known", "–", "…", "10 %", "3/4", "1.5", "Straßen\u00adbahn", "e\u0301t\u00e9"),
    *("今日は海。", "静かな砂浜", "바다가 있다", "ทะเลสงบ", "ទឹក", "🌊", "👩‍🚀", "🇩🇪", "&", "#1", "€5", "x₂", " ", "\n"),
]


@pytest.fixture
def words_module(page: Page, live_server: Any) -> Page:
    page.goto(f"{live_server.url}/static/js/imagery/captions.js")
    return page


def test_every_character_parts_words_alike(words_module: Page) -> None:
    known = [n for n in range(0x110000) if unicodedata.category(chr(n)) not in {"Cn", "Cs", "Co"}]
    counts = words_module.evaluate(
        "async (known) => { const { wordsOf } = await import(location.href);"
        " return known.map((each) => wordsOf(`a${String.fromCodePoint(each)}b`).length); }",
        known,
    )
    ours = [len(list(words_of(f"a{chr(n)}b"))) for n in known]
    assert [hex(n) for n, own, its in zip(known, ours, counts, strict=True) if own != its] == []


def test_every_text_has_the_same_words(words_module: Page) -> None:
    rng = Random(5)
    texts = [SAID, *("".join(rng.choices(PIECES, k=rng.randint(1, 12))) for _ in range(500))]
    found = words_module.evaluate(
        "async (texts) => { const { wordsOf } = await import(location.href); return texts.map(wordsOf); }", texts
    )
    assert found == [list(words_of(text)) for text in texts]


def test_a_caption_finds_its_sentence_past_dashes_and_hyphens(words_module: Page) -> None:
    places = words_module.evaluate(
        "async ([captions, said]) => { const { placesOf } = await import(location.href);"
        " return placesOf(captions.map((text, n) => ({ at_s: n, text })), said).map((each) => each.place); }",
        [CAPTIONS, sentences(SAID, "en")],
    )
    assert places == [0, 0, 1, 1, 2]
