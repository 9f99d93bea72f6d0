"""Kinds that the bundle's files share: ids, texts, durations, bands."""

from __future__ import annotations

from protocol import grammar
from protocol.durations import parse_duration
from protocol.kinds import Checked, Defs, Kind, Name, Number, Reading, Schema, Truth, Word, Words
from protocol.nodes import Node, Sequence
from protocol.records import MapOf
from protocol.zones import is_zone

MAX_DAYS = 7_320

ID_NOUN = "an id: a small letter, then small letters, digits or _, at most 24 characters"
SLUG_NOUN = "a slug: a small letter, then small letters, digits, - or _, at most 24 characters"
# What a page's own fields are called can't be the id of a question on it.
TAKEN = "csrfmiddlewaretoken"

identifier = Name(grammar.ID, ID_NOUN)
field_identifier = Name(grammar.ID, ID_NOUN, reserved=TAKEN)
step_identifier = Name(grammar.ID, ID_NOUN, reserved="consent|allocation")
# What a session's pages call other fields and addresses, where a stage's own would stand.
OF_A_SESSION = "reason|attempt|voice|events|stop"
stage_identifier = Name(grammar.ID, ID_NOUN, reserved=rf"{TAKEN}|{OF_A_SESSION}|{grammar.STAGE_RESERVED}")
stratum_identifier = Name(grammar.ID, ID_NOUN, reserved="missing")
slug = Name(grammar.SLUG, SLUG_NOUN)

words = Words(Word(), grammar.LANGUAGE)
title = Words(Word(longest=300, is_one_line=True), grammar.LANGUAGE)
line = Word(longest=500, is_one_line=True, expected="one line of text")
markdown = Words(
    Word("the path of a Markdown file, such as welcome.md", grammar.MARKDOWN_PATH, 200, mention="markdown"),
    grammar.LANGUAGE,
    expected="the path of a Markdown file, or a map of language to path",
)
picture = Word(
    f"the path of a picture under media/ ({', '.join(grammar.PICTURE_SUFFIXES)})",
    grammar.PICTURE_PATH,
    200,
    mention="picture",
)
_audio = f"the path of a recording under media/ ({', '.join(grammar.AUDIO_SUFFIXES)})"
audio = Words(
    Word(_audio, grammar.AUDIO_PATH, 200, mention="audio"),
    grammar.LANGUAGE,
    expected=f"{_audio}, or a map of language to path",
)
_captions = "the path of a WebVTT file under media/ (vtt)"
captions = Words(
    Word(_captions, grammar.CAPTIONS_PATH, 200, mention="captions"),
    grammar.LANGUAGE,
    expected=f"{_captions}, or a map of language to path",
)


def _too_long(text: str) -> str | None:
    return f"expected at most {MAX_DAYS}d" if abs(parse_duration(text).nominal_s) > MAX_DAYS * 86_400 else None


duration = Checked(
    Word("a duration of zero or more, such as 90d, 36h, 20m or 15s", grammar.DURATION, 10, is_one_line=True), _too_long
)
signed_duration = Checked(
    Word("a duration such as 90d, 36h, 20m, 15s or -1d", grammar.SIGNED_DURATION, 10, is_one_line=True), _too_long
)
time_of_day = Word("a time of day such as 09:00", grammar.TIME, 5)
truth = Truth()
zone = Checked(
    Word("an IANA time zone such as Europe/London", longest=64, is_one_line=True),
    lambda name: None if is_zone(name) else "expected an IANA time zone with a region, such as Europe/London, or UTC",
)
of_instrument = Word("INSTRUMENT.SCORE", grammar.OF_INSTRUMENT, 49)
of_item = Word("INSTRUMENT.ITEM", grammar.OF_INSTRUMENT, 49)
anchor = Word(
    "an anchor and a duration, such as 'allocation + 14d', 's1.due + random(1d, 3d)' or 'consent + 1d at 09:00'",
    grammar.AT,
    100,
)


class Pair(Kind):
    """A list of two."""

    def __init__(self, first: Kind, second: Kind, noun: str) -> None:
        self._says = noun
        self._kinds = (first, second)

    def _noun(self) -> str:
        return self._says

    def _check(self, node: Node, what: str, reading: Reading) -> None:
        if not isinstance(node, Sequence):
            self.unexpected(node, what, reading)
            return
        if len(node.items) != 2:
            reading.fault(node, f"{what} has {len(node.items)} values; expected {self.noun}")
            return
        for kind, item, place in zip(self._kinds, node.items, ("first", "second"), strict=True):
            kind.check(item, f"the {place} value of {what}", reading)
        node.is_sound = all(item.is_sound for item in node.items)

    def _schema(self, defs: Defs) -> Schema:
        parts = [kind.schema(defs) for kind in self._kinds]
        return {"type": "array", "prefixItems": parts, "minItems": 2, "maxItems": 2}


def bands(label: Name) -> Kind:
    """Bands of a score by their label."""
    return MapOf(label, Pair(Number(), Number(), "two numbers, [low, high]"), "band", 1, 50)
