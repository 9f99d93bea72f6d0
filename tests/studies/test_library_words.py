"""The words of the library that ships: plain, short, in both languages, and nobody is told of a lack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from protocol.instrument import Instrument
from protocol.text import Text
from tests.studies.library import IDS, LANGUAGES

FORBIDDEN = (
    r"\bcur(e|es|ed|ing)\b|\brecover|\bdiagnos|\bimprov|\bnormal|\bfail|\bpatient|\bdisorder|\bdeficit|\bsuffer|"
    r"\bheil(en|t|ung)\b|\bgenes|\bverbesser|\bstörung|\bleide[nt]?\b|\bdefizit"
)


def texts_of_people(instrument: Instrument) -> Iterator[tuple[str, Text]]:
    """Every text that participants read while they answer, with where it stands."""
    yield "title", instrument.title
    for where, text in (("about", instrument.about), ("recall", instrument.recall)):
        if isinstance(text, Text):
            yield where, text
    yield from ((f"label {point:g}", text) for point, text in instrument.scale.labels.items())
    for section in instrument.sections:
        yield from ((section.id, text) for text in (section.title, section.lead) if text is not None)
    for item in instrument.items():
        yield item.id, item.text
        yield from ((item.id, text) for text in (item.na, item.unit) if text is not None)
        yield from ((item.id, choice.text) for choice in item.choices)
        if item.scale is not None:
            yield from ((item.id, text) for text in item.scale.labels.values())


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"[.!?:;](?:\s+|$)", text) if sentence.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", IDS)
def test_nobody_is_told_of_a_cure_or_a_lack(id: str, language: str, library: Mapping[str, Instrument]) -> None:
    """The interpretation says that it is no diagnosis; no other text has the word."""
    for where, text in texts_of_people(library[id]):
        assert not re.search(FORBIDDEN, text.to(language), re.IGNORECASE), (where, text.to(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", IDS)
def test_items_are_in_short_sentences(id: str, language: str, library: Mapping[str, Instrument]) -> None:
    for where, text in texts_of_people(library[id]):
        for sentence in sentences(text.to(language)):
            assert len(sentence.split()) <= 20, (where, sentence)


@pytest.mark.parametrize("id", IDS)
def test_what_may_be_concluded_is_in_short_sentences_too(id: str, library: Mapping[str, Instrument]) -> None:
    """People read it on their own report."""
    said = library[id].interpretation
    assert said is not None
    for language in LANGUAGES:
        for sentence in sentences(said.to(language)):
            assert len(sentence.split()) <= 20, sentence


@pytest.mark.parametrize("id", IDS)
def test_every_text_is_in_both_languages_and_not_the_same_in_both(id: str, library: Mapping[str, Instrument]) -> None:
    same = [(where, text.to("en")) for where, text in texts_of_people(library[id]) if text.to("en") == text.to("de")]
    assert same == []


@pytest.mark.parametrize("id", IDS)
def test_no_two_items_of_an_instrument_read_alike(id: str, library: Mapping[str, Instrument]) -> None:
    """Each event of the week is asked about in the same words, under a heading of its own."""
    for language in LANGUAGES:
        texts = [
            (section.id if id == "adverse_events" else "", item.text.to(language))
            for section in library[id].sections
            for item in section.items
        ]
        assert len(set(texts)) == len(texts)
