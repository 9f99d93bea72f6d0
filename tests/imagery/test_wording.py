"""How a text reads, and which words presume: pure."""

from __future__ import annotations

import pytest

from imagery.syllables import syllables
from imagery.wording import (
    imagining,
    judging,
    presuming,
    reading,
    texts,
    words,
)
from protocol.script import Option, Range, Safety, Script, Stage
from protocol.text import Text

# By a dictionary of pronunciation.
SAID = {
    1: "the eye eyes turned voiced leaves stone played pulled called breathe tongue once thinned",
    2: "little table handled rested voices movement safely lion quiet science poem fuel going flying player rhythm "
    "cancelled somewhere evening chocolate beside people potoo branches",
    3: "radio video piano element however energy beautiful exactly animal easier idea area created banana afternoon",
    4: "january information variety society reality security television experience",
    5: "university possibility imagination curiosity",
}
COUNTED = [(word, count) for count, words_of_it in SAID.items() for word in words_of_it.split()]


# --- syllables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "count"), COUNTED)
def test_syllables_are_those_of_a_dictionary(word: str, count: int) -> None:
    assert syllables(word) == count


def test_case_and_marks_do_not_count_and_a_digit_does() -> None:
    assert [syllables(each) for each in ("Potoo,", "“POTOO”", "today’s", "10", "s1", "–", "")] == [2, 2, 2, 2, 2, 0, 0]


def test_some_words_are_counted_wrong_and_by_one() -> None:
    """What the counter does not claim: should one of these come right, this is to be changed."""
    wrong = {"earlier": 3, "questionnaire": 3, "museum": 3, "behavior": 3}
    assert {abs(syllables(word) - count) for word, count in wrong.items()} == {1}


# --- reading ---------------------------------------------------------------------------------------------------------

GETTYSBURG = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, "
    "and dedicated to the proposition that all men are created equal."
)


def test_the_grade_is_that_of_the_formula() -> None:
    """Counted by hand: 6 words and syllables in a sentence; 30 words and 48 syllables in another."""
    assert reading("The cat sat on the mat.", "en").grade == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert reading("The cat sat on the mat.", "en").grade == pytest.approx(-1.45)
    said = reading(GETTYSBURG, "en")
    assert (said.words, said.sentences, said.longest) == (30, 1, 30)
    assert said.grade == pytest.approx(0.39 * 30 + 11.8 * 48 / 30 - 15.59)


def test_words_and_sentences_are_counted_as_they_are_said() -> None:
    said = reading("A flat head. No neck – none, to speak of.\n\nStop", "en")
    assert (said.words, said.sentences, said.longest) == (10, 3, 6)
    assert said.words_a_sentence == pytest.approx(10 / 3)


def test_only_english_has_a_grade() -> None:
    assert reading("Vor Ihnen steht ein Ast.", "de").grade is None
    assert reading("Vor Ihnen steht ein Ast.", "de").words == 5
    assert reading("You stand still.", "en-GB").grade is not None


def test_a_text_without_words_has_no_grade_and_no_mean() -> None:
    for empty in ("", "  \n\n ", "– …"):
        said = reading(empty, "en")
        assert (said.words, said.sentences, said.words_a_sentence, said.longest, said.grade) == (0, 0, 0.0, 0, None)


def test_what_has_no_letter_is_no_word() -> None:
    assert words("Two – or 3 – of them …") == ("Two", "or", "3", "of", "them")


# --- what presumes ---------------------------------------------------------------------------------------------------


def flagged(text: str, language: str) -> list[tuple[str, str]]:
    return [(found.word, found.why) for found in presuming(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "word", "why"),
    [
        ("You see a bird.", "en", "see", "seeing"),
        ("It was there. You saw it.", "en", "saw", "seeing"),
        ("Look at the branch.", "en", "Look at", "seeing"),
        ("Watch the wave.", "en", "Watch", "seeing"),
        ("Your gaze rests on it.", "en", "gaze", "seeing"),
        ("A bird comes into view.", "en", "into view", "seeing"),
        ("Hold it in your mind’s eye.", "en", "mind’s eye", "eye"),
        ("Visualise a kitchen.", "en", "Visualise", "eye"),
        ("Picture it.", "en", "Picture", "picture"),
        ("Hold the picture. It may fade.", "en", "picture", "picture"),
        ("The image grows.", "en", "image", "picture"),
        ("Make it more vivid.", "en", "vivid", "picture"),
        ("Try harder.", "en", "Try harder", "pressing"),
        ("Sie sehen einen Vogel.", "de", "sehen", "seeing"),
        ("Sehen Sie den Ast an.", "de", "Sehen", "seeing"),
        ("Schauen Sie auf den Ast.", "de", "Schauen", "seeing"),
        ("Betrachten Sie ihn.", "de", "Betrachten", "seeing"),
        ("Vor Ihrem inneren Auge steht er.", "de", "inneren Auge", "eye"),
        ("Das Bild wird größer.", "de", "Bild", "picture"),
        ("Halten Sie die Bilder fest. Etwas darf fehlen.", "de", "Bilder", "picture"),
        ("Strengen Sie sich an.", "de", "Strengen Sie sich an", "pressing"),
    ],
)
def test_a_word_that_presumes_is_found(text: str, language: str, word: str, why: str) -> None:
    assert flagged(text, language) == [(word, why)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A picture, if one comes.", "en"),
        ("A picture may come, or none.", "en"),
        ("No picture is needed.", "en"),
        ("See how you are.", "en"),
        ("See if the tap drips.", "en"),
        ("You do not see anything. Nothing seen is a full answer.", "en"),
        ("Name five things that you see around you.", "en"),
        ("Look around the room. A watch ticks.", "en"),
        ("The wood is harder there.", "en"),
        ("Ein Bild, wenn eines kommt.", "de"),
        ("Ein Bild darf kommen, oder keines.", "de"),
        ("Sehen Sie, wie es Ihnen geht.", "de"),
        ("Sie müssen nichts sehen.", "de"),
        ("Schauen Sie sich in Ruhe um.", "de"),
        ("Nennen Sie fünf Dinge, die Sie um sich sehen.", "de"),
        ("Der Sand ist fester. Auf Wiedersehen.", "de"),
    ],
)
def test_what_is_offered_denied_or_really_there_is_fine(text: str, language: str) -> None:
    assert flagged(text, language) == []


def test_a_finding_says_where_it_stands() -> None:
    text = "It is dark. Then you see it. Picture it."
    assert [text[found.start : found.end] for found in presuming(text, "en")] == ["see", "Picture"]


def test_an_offer_in_another_sentence_is_none() -> None:
    assert flagged("Nothing may come. Hold the picture.", "en") == [("picture", "picture")]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It can cure you, fix it, and improve your sleep.", "en", ["cure", "fix", "improve"]),
        ("That is normal. Nobody failed.", "en", ["normal", "failed"]),
        ("The cured ham is a fixture.", "en", ["cured"]),
        ("Es heilt nicht. Es verbessert nichts.", "de", ["heilt", "verbessert"]),
        ("Das ist normal. Niemand hat versagt.", "de", ["normal", "versagt"]),
        ("Das Unheil der Betriebsnorm bessert sich.", "de", []),
    ],
)
def test_words_of_a_cure_a_norm_or_a_lack_are_found(text: str, language: str, found: list[str]) -> None:
    assert [each.word for each in judging(text, language)] == found


def test_words_that_ask_for_imagery_are_found() -> None:
    assert [each.word for each in imagining("Imagine a tap. Keep it in mind.", "en")] == ["Imagine", "in mind"]
    assert [each.word for each in imagining("Stellen Sie sich das vor.", "de")] == ["Stellen Sie sich"]
    assert imagining("Say the days of the week.", "en") == ()


def test_a_language_without_lists_has_no_findings_and_its_words_are_counted() -> None:
    assert presuming("Vous voyez un oiseau.", "fr") == ()
    assert reading("Vous voyez un oiseau.", "fr").words == 4


# --- a script's texts ------------------------------------------------------------------------------------------------


def text(en: str) -> Text:
    return Text(by_language={"en": en, "de": f"{en} (de)"})


def test_the_texts_of_a_script_are_all_that_a_person_reads_with_where_they_stand() -> None:
    script = Script(
        "night",
        text("Title"),
        (
            Stage("first", "say", text=text("Said")),
            Stage("way", "choose", text=text("Asked"), options=(Option(text("One"), "last"), Option(text("Two")))),
            Stage("clear", "rate", rates="vividness", scale=Range(1, 5), na=text("Nothing")),
            Stage("quiet", "rest"),
            Stage("last", "check", text=text("Which"), choices=(text("This"), text("That")), answer=1),
            Stage("photo", "reveal", media="media/a.png", alt=text("What is there")),
        ),
        about=text("For staff"),
        safety=Safety(text("Note"), text("Exit")),
    )
    assert texts(script, "en") == (
        *(("first", "Said"), ("way", "Asked"), ("way", "One"), ("way", "Two")),
        *(("clear", "Nothing"), ("last", "Which"), ("last", "This"), ("last", "That")),
        *(("safety.note", "Note"), ("safety.exit", "Exit")),
    )
    assert texts(script, "de")[0] == ("first", "Said (de)")
