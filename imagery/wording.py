"""How easily a text reads, and which of its words presume something of the person: pure.

Lists of words find what is written, not what is meant: what they find is to be read by somebody, and a text without
a finding may still presume.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from imagery.syllables import syllables
from imagery.timeline import sentences
from protocol.script import Script, Stage

MOST_WORDS_A_SENTENCE = 15
MOST_GRADE = 6.0
"""The most that a text for participants has: words of ages 11 to 12."""

Why = Literal["seeing", "eye", "picture", "pressing", "judging", "imagining"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text reads.

    Attributes:
        words: What stands between spaces and has a letter or a digit.
        sentences: As they are said one after the other (`timeline.sentences`).
        words_a_sentence: Their mean; 0 for a text without words.
        longest: The words of the longest sentence.
        grade: The school year for which it is written by the Flesch-Kincaid formula, which holds for English alone;
            None in other languages and for a text without words. Below 0 for the shortest words and sentences.
    """

    words: int
    sentences: int
    words_a_sentence: float
    longest: int
    grade: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """A word in a text, `text[start:end]`.

    Attributes:
        why: `seeing`: takes it that something is seen. `eye`: an inner eye. `picture`: takes it that a picture is
            there. `pressing`: asks for more effort. `judging`: speaks of a lack, a cure or a success. `imagining`:
            asks for imagery.
    """

    start: int
    end: int
    word: str
    why: Why


def texts(script: Script, language: str) -> tuple[tuple[str, str], ...]:
    """What a person reads or hears in a session in the script's own words, with where it stands.

    That is a stage's id, or `safety.note` and `safety.exit`. The title is for staff: it would tell too early what a
    session is about. What a picture is said to show is not among them either: it says what is there.
    """
    within = [(stage.id, text) for stage in script.stages for text in texts_of(stage, language)]
    safety = (("safety.note", script.safety.note), ("safety.exit", script.safety.exit))
    return (*within, *((where, text.to(language)) for where, text in safety if text is not None))


def texts_of(stage: Stage, language: str) -> Iterator[str]:
    """What a person reads or hears in a stage in the script's own words."""
    for text in (stage.text, stage.na, *stage.choices, *(option.label for option in stage.options)):
        if text is not None:
            yield text.to(language)


def words(text: str) -> tuple[str, ...]:
    """The words of a text: what stands between spaces and has a letter or a digit."""
    return tuple(word for word in text.split() if any(letter.isalnum() for letter in word))


def reading(text: str, language: str) -> Reading:
    """How a text reads.

    The grade is 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid, Fishburne, Rogers and Chissom 1975).
    The error of our count of syllables (`imagery.syllables`) comes to 0.06 of a grade in a text of common words.

    Args:
        text: Of one or more sentences; what is said apart stands in paragraphs of its own.
        language: As a bundle writes it, such as `en` or `de-AT`.
    """
    counts = [count for said in sentences(text, language) if (count := len(words(said)))]
    total = sum(counts)
    if not total:
        return Reading(0, 0, 0.0, 0, None)
    mean = total / len(counts)
    grade = None
    if _base(language) == "en":
        grade = 0.39 * mean + 11.8 * sum(map(syllables, words(text))) / total - 15.59
    return Reading(total, len(counts), mean, max(counts), grade)


def presuming(text: str, language: str) -> tuple[Found, ...]:
    """The words that take it that something is seen, or that press, in their order.

    Fine are: what is offered or denied in the same sentence ("a picture, if one comes", "no picture is needed"),
    seeing that means finding out ("see how you are"), and seeing what is really there ("that you see around you").
    """
    return _found(text, language, _PRESUMING)


def judging(text: str, language: str) -> tuple[Found, ...]:
    """The words that no text for participants has: of a cure, a lack, a norm, a success or a failure."""
    return _found(text, language, _JUDGING)


def imagining(text: str, language: str) -> tuple[Found, ...]:
    """The words that ask for imagery, which a control has not."""
    return _found(text, language, _IMAGINING)


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Listed:
    """Words to find, and what makes one fine: what stands before it, after it, or anywhere in its sentence."""

    why: Why
    pattern: str
    before: str = ""
    after: str = ""
    within: str = ""


_NOT = r"\b(?:not|never|nothing|without|cannot|nobody|no need to|\w+n[’']t)(?:\s+\w+){0,2}\s+"
_OFFERED = r"\b(?:if|no|not|nothing|never|without|any|may|might|or|whether|instead|need(?:s|ed)?)\b"
_NICHT = r"\b(?:nicht|nichts|nie|niemand|ohne|kein\w*)(?:\s+\w+){0,2}\s+"
_ANGEBOTEN = (
    r"\b(?:wenn|falls|ob|kein\w*|nicht|nichts|nie|ohne|etwa|vielleicht|darf|dürfen|kann|können|mag|oder|statt|"
    r"braucht|brauchen)\b"
)

_PRESUMING: Mapping[str, tuple[_Listed, ...]] = {
    "en": (
        _Listed(
            "seeing",
            r"see|sees|seeing|saw|seen",
            before=rf"(?:{_NOT}|\bnothing\s+)",
            after=r"\s+(?:how|if|whether|to\b|nothing|no\b|around|in (?:the|this) room|from (?:your|where))",
        ),
        _Listed("seeing", r"look(?:s|ed|ing)? (?:at|into|like|closely|closer|again)", before=_NOT),
        _Listed("seeing", r"watch(?:es|ed|ing)?(?= (?:the|it|its|as|how|a|an|them|him|her|what|your)\b)", before=_NOT),
        _Listed("seeing", r"gaz(?:e|es|ed|ing)|star(?:e|es|ed|ing) at|glimpse\w*|behold|visible|visibly"),
        _Listed("seeing", r"(?:in|into) (?:view|sight)|appears? (?:before|in front of)"),
        _Listed("eye", r"mind[’']?s?[’']? eyes?|inner eyes?|before your eyes"),
        _Listed("eye", r"visuali[sz]\w*|envision\w*"),
        _Listed("picture", r"pictur(?:e|es|ed|ing)|images?|vivid(?:ly|ness)?", within=_OFFERED),
        _Listed("pressing", r"(?:try|focus|concentrate|work) (?:harder|more)|just relax|don[’']t give up"),
    ),
    "de": (
        _Listed(
            "seeing",
            r"sehen|sehe|siehst|sieht|sah|sahen|gesehen|sichtbar\w*",
            before=rf"(?:{_NICHT}|\bsich um(?: und| zu)? |(?:um sich|im (?:Zimmer|Raum)|hier) )",
            after=(
                r"(?: Sie)?,? (?:wie\b|ob\b|nichts|nicht|kein\w*|sich (?:(?:in Ruhe|noch einmal) )?um\b|"
                r"um sich|im (?:Zimmer|Raum)|hier\b)"
            ),
        ),
        _Listed("seeing", r"(?:an|zu|hin)(?:ge)?(?:sehen|sieht|schauen|schaut)", before=_NICHT),
        _Listed("seeing", r"schau(?:en|t|e)?", after=r"(?: Sie)? sich (?:(?:in Ruhe|noch einmal) )?um\b"),
        _Listed("seeing", r"(?:er)?blick\w*|betracht\w*|beobacht\w*|taucht vor Ihnen auf"),
        _Listed("eye", r"(?:innere|geistige)[snmr]? Augen?|vor (?:Ihren )?Augen|visualisier\w*|bildlich|ausmalen"),
        _Listed("picture", r"Bild(?:er|ern|es)?|lebhaft\w*", within=_ANGEBOTEN),
        _Listed("pressing", r"(?:strengen|konzentrieren) Sie sich (?:mehr|stärker|noch|an)|angestrengter"),
        _Listed("pressing", r"entspannen Sie sich einfach|geben Sie nicht auf"),
    ),
}
_JUDGING: Mapping[str, tuple[_Listed, ...]] = {
    "en": (
        _Listed("judging", r"cur(?:e|es|ed|ing)|fix(?:es|ed|ing)?|improv\w*|(?:ab)?normal\w*|fail\w*|recover\w*"),
        _Listed("judging", r"disorders?|deficits?|deficien\w*|suffer\w*|patients?|breakthroughs?|well done"),
    ),
    "de": (
        _Listed("judging", r"(?:ge)?heil(?:en|t|ung)|genes(?:en|ung)|repar\w*|verbesser\w*|(?:a|un)?normal\w*"),
        _Listed("judging", r"(?:ge)?scheiter\w*|versag\w*|fehlgeschlagen\w*|misslungen\w*|misslingt"),
        _Listed("judging", r"störung\w*|defizit\w*|leidende\w*|patient\w*|durchbr[uü]ch\w*|gut gemacht"),
    ),
}
_IMAGINING: Mapping[str, tuple[_Listed, ...]] = {
    "en": (
        _Listed("imagining", r"imagin\w*|imagery|pictur(?:e|es|ed|ing)|visuali[sz]\w*|envision\w*|pretend\w*"),
        _Listed("imagining", r"(?:in|to) (?:your )?mind|mind[’']?s?[’']? eye|bring (?:it|them) back|think of a time"),
    ),
    "de": (
        _Listed("imagining", r"stellen Sie sich|vorstell\w*|Phantasie|Fantasie|Bild(?:er|ern|es)?"),
        _Listed("imagining", r"visualisier\w*|(?:innere|geistige)[snmr]? Augen?|holen Sie (?:es|sie) zurück|ausmalen"),
    ),
}
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’“»«›‹)\]]*(?=\s|$)|\n")


def _found(text: str, language: str, lists: Mapping[str, tuple[_Listed, ...]]) -> tuple[Found, ...]:
    found = {each.start: each for listed in lists.get(_base(language), ()) for each in _of_list(text, listed)}
    return tuple(found[start] for start in sorted(found))


def _of_list(text: str, listed: _Listed) -> Iterator[Found]:
    for match in re.finditer(rf"\b(?:{listed.pattern})\b", text, re.IGNORECASE):
        start, end = _sentence(text, match.start())
        is_fine = (
            (listed.before and re.search(rf"(?:{listed.before})$", text[start : match.start()], re.IGNORECASE))
            or (listed.after and re.match(listed.after, text[match.end() : end], re.IGNORECASE))
            or (listed.within and re.search(listed.within, text[start:end], re.IGNORECASE))
        )
        if not is_fine:
            yield Found(match.start(), match.end(), match[0], listed.why)


def _sentence(text: str, place: int) -> tuple[int, int]:
    """From where to where the sentence around a place goes."""
    ends = [end.end() for end in _SENTENCE_END.finditer(text)]
    return max((end for end in ends if end <= place), default=0), min(
        (end for end in ends if end > place), default=len(text)
    )


def _base(language: str) -> str:
    return language.split("-")[0].lower()
