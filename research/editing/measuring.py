"""How long a script takes and how its words read, text by text and in all, in each language: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagery.matching import Difference, differences, profile
from imagery.wording import Found, Reading, imagining, judging, presuming, reading
from protocol.drafting import sound_part
from protocol.script import Script
from research.editing.fields import words_fields
from research.editing.layout import HEAD, STAGES, Control, kind_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """One text in one language.

    Attributes:
        text: The text itself.
        reading: How it reads.
        found: Words that a text for participants had better not have, in their order.
    """

    text: str
    reading: Reading
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """A script as a whole in one language.

    Attributes:
        minutes: About how long it takes; None where no part of it can be told.
        reading: How all that a person reads or hears reads.
        found: How many words it had better not have.
    """

    language: str
    minutes: float | None
    reading: Reading
    found: int


def measures(script: Json, languages: Sequence[str]) -> dict[str, Measured]:
    """Each text that a person reads or hears, by the name of its field in the editor's form."""
    is_control = script.get("purpose") == "control"
    return {
        name: Measured(text, reading(text, language), flagged(text, language, is_control=is_control))
        for name, text, language in _texts(script, languages)
        if text
    }


def totals(script: Json, languages: Sequence[str]) -> tuple[Totals, ...]:
    """The script as a whole, language by language; a draft as far as it can be told."""
    sound = sound_part(script)
    each = measures(script, languages)
    return tuple(_total(sound, each, language) for language in languages)


def unlike(control: Json, script: Json, languages: Sequence[str]) -> tuple[tuple[str, Difference], ...]:
    """Where a control asks more or less of a person than the script that it is matched to, language by language."""
    ours, theirs = sound_part(control), sound_part(script)
    if ours is None or theirs is None:
        return ()
    return tuple((language, each) for language in languages for each in differences(ours, theirs, language))


def flagged(text: str, language: str, *, is_control: bool) -> tuple[Found, ...]:
    """The words of a text that presume, press or judge; in a control, also those that ask for imagery."""
    found = [*presuming(text, language), *judging(text, language)]
    if is_control:
        found += imagining(text, language)
    return tuple(sorted({each.start: each for each in found}.values(), key=lambda each: each.start))


def _total(sound: Script | None, each: Mapping[str, Measured], language: str) -> Totals:
    of_language = [measured for name, measured in each.items() if name.endswith(f"-{language}")]
    return Totals(
        language=language,
        minutes=profile(sound, language).minutes if sound else None,
        reading=reading("\n\n".join(measured.text for measured in of_language), language),
        found=sum(len(measured.found) for measured in of_language),
    )


def _texts(script: Json, languages: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The field, the text and the language of each."""
    for control in HEAD:
        if control.measured:
            yield from _of_control(control, "", script, languages)
    for n, stage in enumerate(script["stages"], start=1):
        for control in STAGES[kind_of(stage)]:
            if control.measured:
                yield from _of_control(control, f"stage-{n}-", stage, languages)


def _of_control(
    control: Control, prefix: str, within: Json, languages: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    value: Any = within
    for key in control.keys:
        value = value.get(key) if isinstance(value, dict) else None
    name = f"{prefix}{'-'.join(control.keys)}"
    if control.widget == "words_list":
        named = [(f"{name}-{n}", each) for n, each in enumerate(value or (), start=1)]
    elif control.widget == "options":
        named = [(f"{name}-{n}-label", each.get("label")) for n, each in enumerate(value or (), start=1)]
    else:
        named = [(name, value)]
    for field, words in named:
        for (full, text), language in zip(words_fields(field, words, languages), languages, strict=True):
            yield full, text, language
