"""Reports as sentences, and which of them can't be read: empty ones, and ones in another language than the model's.

Splitting and the guess are rules of our own [O], for English and German; nothing here learns or looks anything up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from representations.errors import NotEnough

LANGUAGE = "en"
LANGUAGE_NAMES = {"en": "English", "de": "German"}

# After these a full stop does not end a sentence, whatever follows.
_SHORT = frozenset(
    # English
    ("mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "etc", "e.g", "i.e", "approx")
    # German
    + ("nr", "ca", "bzw", "usw", "z.b", "d.h", "u.a", "o.ä", "s.o", "s.u", "evtl", "ggf", "inkl", "sog", "vgl")
)
_END = re.compile(r"(?P<mark>[.!?…]+)(?P<close>[\"'”“’»«)\]]*)(?=\s|$)|(?P<line>\n+)")
_LAST_WORD = re.compile(r"[^\s(\[\"'„“‚‘»«]+$")
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}$")
_WORD = re.compile(r"[^\W\d_]+")

# Short words that one of the two languages uses all the time and the other does not know or uses otherwise.
_TELLING = {
    "en": frozenset(
        ("the", "and", "of", "to", "is", "it", "that", "you", "he", "she", "they", "we", "my", "me", "with", "as", "at")
        + ("by", "not", "but", "what", "there", "this", "have", "had", "i", "can", "could", "were", "been", "just")
        + ("like", "nothing", "from", "no", "see", "saw", "which", "would", "when")
    ),
    "de": frozenset(
        ("der", "die", "das", "und", "ist", "nicht", "ich", "es", "ein", "eine", "einen", "zu", "den", "dem", "mit")
        + ("auf", "für", "von", "sich", "auch", "war", "hatte", "kein", "keine", "nur", "wie", "aber", "nichts", "sehr")
        + ("als", "habe", "wenn", "mir", "mich", "bei", "noch", "oder", "dann", "etwas", "sah", "gesehen", "konnte")
    ),
}
_CLEAR = 2


@dataclass(frozen=True)
class Report:
    """One free text: its name in the results, its words, and its language as the file says, empty if it doesn't."""

    name: str
    text: str
    language: str = ""


@dataclass(frozen=True)
class SetAside:
    """A report that is not coded, and why."""

    report: str
    reason: str


@dataclass(frozen=True)
class Sentences:
    """What is left to be coded.

    Attributes:
        texts: the sentences, report by report in the order given.
        reports: the name of the report that each stands in, one a sentence.
        places: its number within the report, from 1.
        set_aside: the reports that are not among them.
        warnings: what a reader must know of it, with counts.
    """

    texts: tuple[str, ...]
    reports: tuple[str, ...]
    places: tuple[int, ...]
    set_aside: tuple[SetAside, ...] = ()
    warnings: tuple[str, ...] = ()


def split_sentences(text: str, language: str = LANGUAGE) -> list[str]:
    """The sentences of a text, each with its closing marks, without space around; none for a text without a letter.

    A sentence ends at . ! ? … before a space, with quotation marks and brackets that close there, and at the end of a
    line. It does not end after an abbreviation, after a single letter (an initial), nor, in German, after the full
    stop of an ordinal number.
    """
    pieces, start = [], 0
    for match in _END.finditer(text):
        if match["line"] is None and _goes_on(text[start : match.start()], match["mark"], language):
            continue
        pieces.append(text[start : match.end()])
        start = match.end()
    pieces.append(text[start:])
    return [" ".join(piece.split()) for piece in pieces if _WORD.search(piece)]


def _goes_on(before: str, mark: str, language: str) -> bool:
    if mark != ".":
        return False
    if language == "de" and _ORDINAL.search(before):
        return True
    last = _LAST_WORD.search(before)
    if last is None:
        return False
    # "I" ends English sentences; other single letters are initials.
    is_initial = len(last[0]) == 1 and last[0].isalpha() and last[0] != "I"
    return is_initial or last[0].lower() in _SHORT


def guess_language(text: str) -> str:
    """`en` or `de` where the short words of one are ahead by at least two, else empty: too few words, or neither."""
    words = Counter(_WORD.findall(text.lower()))
    hits = {name: sum(words[word] for word in telling) for name, telling in _TELLING.items()}
    (best, most), (_, next_most) = sorted(hits.items(), key=lambda pair: -pair[1])
    return best if most - next_most >= _CLEAR else ""


def prepare(reports: Sequence[Report], language: str = LANGUAGE) -> Sentences:
    """The sentences of all reports that the model can read; the others are set aside, each with its reason.

    A report counts as in the model's language if its file says so, or says nothing, and its words don't clearly say
    otherwise. A language may be written with its region (`en-GB`).

    Raises:
        NotEnough: no sentence is left.
    """
    texts: list[str] = []
    names: list[str] = []
    places: list[int] = []
    aside: list[SetAside] = []
    found: Counter[str] = Counter()
    for report in reports:
        said = re.split(r"[-_]", report.language.strip().lower())[0]
        guess = guess_language(report.text)
        pieces = split_sentences(report.text, said or guess or language)
        reason = _why_not(report.text, pieces, said, guess, language)
        found[guess if guess and guess != language else said or guess or language] += bool(pieces)
        if reason:
            aside.append(SetAside(report.name, reason))
            continue
        texts += pieces
        names += [report.name] * len(pieces)
        places += range(1, len(pieces) + 1)
    if not texts:
        reasons = _counted(Counter(each.reason for each in aside)) or "there are no reports"
        raise NotEnough(
            f"No sentence is left of {len(reports)} reports ({reasons}).",
            f"reports in {_name(language)} with at least one word; for others a model of that language",
        )
    return Sentences(tuple(texts), tuple(names), tuple(places), tuple(aside), _warnings(found, aside, language))


def _why_not(text: str, pieces: Sequence[str], said: str, guess: str, language: str) -> str:
    if not text.strip():
        return "empty"
    if not pieces:
        return "without a word"
    if said and said != language:
        return f"in {_name(said)}"
    if guess and guess != language:
        return f"marked {_name(said)}, its words are {_name(guess)}" if said else f"in {_name(guess)}"
    return ""


def _warnings(found: Counter[str], aside: Sequence[SetAside], language: str) -> tuple[str, ...]:
    warnings = []
    others = {name: n for name, n in found.items() if name != language and n}
    if others:
        warnings.append(
            f"{1 + len(others)} languages were found: {_name(language)} in {found[language]} reports, "
            + ", ".join(f"{_name(name)} in {n}" for name, n in sorted(others.items()))
            + f". The model was made from {_name(language)} texts; reports in other languages are set aside, not coded."
        )
    if aside:
        reasons = _counted(Counter(each.reason for each in aside))
        warnings.append(f"{len(aside)} reports are not coded: {reasons}.")
    return tuple(warnings)


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))


def _name(language: str) -> str:
    return LANGUAGE_NAMES.get(language, language)
