"""Reports as sentences, and what is set apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations.errors import NotEnough
from representations.sentences import Report, guess_language, prepare, split_sentences

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I saw a tree. It was green!", ["I saw a tree.", "It was green!"]),
        ("No end mark", ["No end mark"]),
        ("Was it red?! Perhaps... I don't know…", ["Was it red?!", "Perhaps...", "I don't know…"]),
        ("First line\nsecond line\n\nthird", ["First line", "second line", "third"]),
        ("It was 3.5 metres long. Really.", ["It was 3.5 metres long.", "Really."]),
        ("Dr. Miller came, e.g. in the hall, with J. Smith. Then dark.", None),
        ("She said “go away.” Then nothing. (It was dim.) End", None),
        ("So did I. Then it went.", ["So did I.", "Then it went."]),
        ("I counted 12. Then it went.", ["I counted 12.", "Then it went."]),
        ("...  !!", []),
        ("", []),
        ("  \n\t ", []),
    ],
)
def test_english_is_split_at_its_ends(text: str, sentences: list[str] | None) -> None:
    wanted = sentences
    if text.startswith("Dr."):
        wanted = ["Dr. Miller came, e.g. in the hall, with J. Smith.", "Then dark."]
    if text.startswith("She"):
        wanted = ["She said “go away.”", "Then nothing.", "(It was dim.)", "End"]
    assert split_sentences(text) == wanted


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Am 3. Mai war nichts. Dann kam es.", ["Am 3. Mai war nichts.", "Dann kam es."]),
        ("Es war z.B. rot, d.h. fast. Ende!", ["Es war z.B. rot, d.h. fast.", "Ende!"]),
        ("Er rief „Halt!“ Dann war es dunkel.", ["Er rief „Halt!“", "Dann war es dunkel."]),
        ("»Nein.« Ich sah nichts…", ["»Nein.«", "Ich sah nichts…"]),
    ],
)
def test_german_is_split_at_its_ends(text: str, sentences: list[str]) -> None:
    assert split_sentences(text, "de") == sentences


@given(st.text(max_size=200), st.sampled_from(["en", "de"]))
def test_no_letter_is_lost_or_doubled(text: str, language: str) -> None:
    def letters(words: str) -> list[str]:
        return [each for each in words if each.isalpha()]

    assert letters("".join(split_sentences(text, language))) == letters(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("There was nothing at all, just black behind my eyelids.", "en"),
        ("Ich habe nichts gesehen, es war nur dunkel.", "de"),
        ("Je n'ai rien vu du tout.", ""),
        ("Black.", ""),
        ("", ""),
    ],
)
def test_short_words_tell_the_language(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_reports_that_cant_be_read_are_set_apart_with_reason_and_count() -> None:
    found = prepare(
        [
            Report("A", "I saw a tree. It was green.", "en-GB"),
            Report("B", "", "en"),
            Report("C", " ... ", "en"),
            Report("D", "Ich habe nichts gesehen, es war nur dunkel.", "de"),
            Report("E", "Ich habe nichts gesehen, es war nur dunkel.", "en"),
            Report("F", "Ich habe nichts gesehen, es war nur dunkel."),
            Report("G", "Black."),
            Report("H", "Rien du tout.", "fr"),
        ]
    )
    assert found.texts == ("I saw a tree.", "It was green.", "Black.")
    assert (found.reports, found.places) == (("A", "A", "G"), (1, 2, 1))
    assert {each.report: each.reason for each in found.set_aside} == {
        "B": "empty",
        "C": "without a word",
        "D": "in German",
        "E": "marked English, its words are German",
        "F": "in German",
        "H": "in fr",
    }
    languages, counts = found.warnings
    assert languages.startswith("3 languages were found: English in 2 reports, German in 3, fr in 1.")
    assert counts.startswith("6 reports are not coded: 1 empty, 2 in German, 1 in fr, 1 marked English")


def test_one_language_and_nothing_empty_warns_of_nothing() -> None:
    assert prepare([Report("A", "I saw it.", "en")]).warnings == ()


@pytest.mark.parametrize("reports", [[], [Report("A", "")], [Report("A", "Ich sah nichts und es war dunkel.", "de")]])
def test_nothing_left_says_what_would_be_enough(reports: list[Report]) -> None:
    with pytest.raises(NotEnough) as fault:
        prepare(reports)
    assert f"of {len(reports)} reports" in fault.value.missing
    assert "reports in English" in fault.value.enough
