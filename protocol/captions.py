"""Captions of a recording, as WebVTT: when each piece of what is said is heard, and its words.

What a browser would pass over in silence is a fault here: captions that are not shown are no captions.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from protocol.errors import Fault, shown
from protocol.nodes import decode

MAX_BYTES = 200_000  # of one file: many times what the longest text of a stage takes

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\n|\r")
_TIME = r"((?:[0-9]{2,4}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_CHARACTER = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TIMES_NOUN = "times such as 00:01.500 --> 00:04.000"
# Thai, Lao, Burmese and Khmer put no spaces between words; what is wide (Chinese, Japanese) is known by its width.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, without the signs around it, and the line it stands on, from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of what is heard, from `start_ms` to `end_ms` of the recording; `line` is that of its times."""

    line: int
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]


@dataclass(slots=True)
class _Line:
    number: int
    text: str


def read_captions(content: bytes, file: str, report: Callable[[Fault], None]) -> tuple[Cue, ...] | None:
    """The cues of a WebVTT file, in their order; None when it has a fault. Faults go to `report`."""
    text = decode(content.removeprefix(_BYTE_ORDER_MARK), file, report)
    if text is None:
        return None
    faults: list[Fault] = []
    cues = tuple(_Reader(file, faults.append).cues(text))
    if not cues and not faults:
        faults.append(Fault(file, 1, f"holds no cue; expected {_TIMES_NOUN}, and the words under them"))
    for fault in faults:
        report(fault)
    return None if faults else cues


def words_of(text: str) -> Iterator[str]:
    """The words of a text, without the signs between them.

    Where a language puts no spaces between words, each character is one.
    """
    word = ""
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category == "Cf":  # takes no room: a soft hyphen, a mark of direction
            continue
        is_part = category[0] in "LMN" or category in ("Sc", "Sm", "So") or character in "%&"
        is_whole = is_part and (unicodedata.east_asian_width(character) in "WF" or _UNSPACED.match(character))
        if is_part and not is_whole:
            word += character
            continue
        if word:
            yield word
        word = ""
        if is_whole:
            yield character
    if word:
        yield word


class _Reader:
    """Reads one file, whose faults it reports."""

    def __init__(self, file: str, report: Callable[[Fault], None]) -> None:
        self._file = file
        self._report = report

    def cues(self, text: str) -> Iterator[Cue]:
        """The cues that have no fault."""
        blocks = self._blocks(text)
        head = next(blocks, [_Line(1, "")])
        if head[0].number != 1 or re.fullmatch(r"WEBVTT(?:[ \t].*)?", head[0].text) is None:
            self._fault(head[0], f"begins with {shown(head[0].text)}; expected WEBVTT")
            return
        for line in head:
            if "-->" in line.text:
                self._fault(line, "holds times in the head; expected an empty line before the first cue")
                return
        before: Cue | None = None
        for block in blocks:
            if self._is_note(block):
                continue
            cue = self._cue(block)
            if cue is None:
                continue
            if before is not None and cue.start_ms < before.end_ms:
                found, end = _clock(cue.start_ms), _clock(before.end_ms)
                message = f"has a cue that begins at {found}; expected no time before {end}, when the cue above it ends"
                self._report(Fault(self._file, cue.line, message))
            before = cue
            yield cue

    def _blocks(self, text: str) -> Iterator[list[_Line]]:
        """The stretches of lines that are not empty."""
        block: list[_Line] = []
        for number, line in enumerate(_LINE_END.split(text), start=1):
            if line:
                block.append(_Line(number, line))
            elif block:
                yield block
                block = []
        if block:
            yield block

    def _is_note(self, block: list[_Line]) -> bool:
        """Whether a block is there for whoever reads the file, or is one that was found faulty."""
        first = block[0]
        if re.match(r"(STYLE|REGION)[ \t]*$", first.text):
            self._fault(first, f"holds a {first.text.strip()} block; expected cues and notes alone")
            return True
        if re.match(r"NOTE(?=[ \t]|$)", first.text) is None:
            return False
        self._check_no_times(block)
        return True

    def _cue(self, block: list[_Line]) -> Cue | None:
        """The cue of a block, with or without a name of its own on a line before its times."""
        place = next((n for n, line in enumerate(block[:2]) if "-->" in line.text), None)
        if place is None:
            self._fault(block[0], f"holds {shown(block[0].text)}, neither a cue nor a note; expected {_TIMES_NOUN}")
            return None
        times, said = block[place], block[place + 1 :]
        match = _TIMES.fullmatch(times.text)
        if match is None:
            self._fault(times, f"has the times {shown(times.text)}; expected {_TIMES_NOUN}")
            return None
        start, end = _ms(match[1]), _ms(match[2])
        if end <= start:
            self._fault(times, f"has a cue that ends at {match[2]}; expected a time after {match[1]}, when it begins")
            return None
        plain = self._without_tags(said) if self._check_no_times(said) else None
        if plain is None:
            return None
        words = tuple(Word(word, line.number) for line in plain for word in words_of(_without_names(line.text)))
        if not words:
            self._fault(times, "has a cue without words; expected what is heard then")
            return None
        return Cue(times.number, start, end, words)

    def _check_no_times(self, lines: list[_Line]) -> bool:
        for line in lines:
            if "-->" in line.text:
                self._fault(line, "holds times in the middle of a block; expected an empty line before each cue")
                return False
        return True

    def _without_tags(self, said: list[_Line]) -> list[_Line] | None:
        """The lines without what stands between < and >, such as the name of who speaks; None where one stays open."""
        kept: list[_Line] = []
        opened: _Line | None = None
        for line in said:
            text, rest = "", line.text
            while rest:
                before, mark, rest = rest.partition("<" if opened is None else ">")
                text += before if opened is None else ""
                if mark:
                    opened = line if opened is None else None
            kept.append(_Line(line.number, text))
        if opened is not None:
            self._fault(opened, "holds a < without its >; expected &lt; for the sign itself")
            return None
        return kept

    def _fault(self, line: _Line, message: str) -> None:
        self._report(Fault(self._file, line.number, message))


def _without_names(text: str) -> str:
    """The text with each sign that is called by a name or number, such as `&amp;`, put as itself."""
    return _CHARACTER.sub(lambda match: html.unescape(match[0]), text)


def _ms(text: str) -> int:
    """The milliseconds of `HH:MM:SS.mmm` or `MM:SS.mmm`."""
    clock, _, thousandths = text.partition(".")
    *hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return ((sum(hours) * 60 + minutes) * 60 + seconds) * 1000 + int(thousandths)


def _clock(ms: int) -> str:
    """The same the other way round."""
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours:02}:' if hours else ''}{minutes:02}:{seconds:02}.{thousandths:03}"
