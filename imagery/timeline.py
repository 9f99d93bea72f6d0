"""The order of a guided session: the way that choices lead, what is said sentence by sentence, how long is quiet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

from protocol.script import Range, Script, Stage

RADIOS_AT_MOST = 11
"""The longest rating that is shown as one answer a point."""

WORDS_A_SECOND = 2.2  # the pace of reading aloud that the session's design reckons with
RATING_S, WRITING_S, LOOKING_S, DRAWING_S = 15, 60, 15, 120

BETWEEN = ";"
"""What stands between forms that were chosen."""

_LONGEST_MS = 2**31 - 1  # what the database's counts of milliseconds hold: 24 days

RATED = frozenset({"rate", "compare", "form", "check"})
"""The kinds of stage whose answer is a row of the ratings whether it was given or not."""


# --- the way ---------------------------------------------------------------------------------------------------------


def way(script: Script, choices: Mapping[str, int], locked: Collection[str] = ()) -> tuple[Stage, ...]:
    """The stages that somebody goes through who chooses so, in order.

    `choices` gives the number of the option, from 1, by the id of its `choose` stage. A choice that was not made (yet)
    leads to the next stage: nothing is jumped over that nobody chose to jump over. `locked` are the layers that are
    not open to them yet.
    """
    stages: list[Stage] = []
    here = first_stage(script, locked)
    while here is not None:
        stages.append(here)
        here = following(script, here, choices.get(here.id), locked)
    return tuple(stages)


def first_stage(script: Script, locked: Collection[str] = ()) -> Stage | None:
    """The first stage that is open; None where none is."""
    return _open_from(script, 0, locked)


def following(script: Script, stage: Stage, chosen: int | None = None, locked: Collection[str] = ()) -> Stage | None:
    """The stage after `stage`, by the option `chosen` (from 1) where it is a choice; None after the last.

    A way into a layer that is locked leads to what comes after that layer.
    """
    if chosen is not None and stage.kind == "choose":
        goto = stage.options[chosen - 1].goto
        if goto is not None:
            return _open_from(script, place_of(script, goto) - 1, locked)
    return _open_from(script, place_of(script, stage.id), locked)


def _open_from(script: Script, index: int, locked: Collection[str]) -> Stage | None:
    return next((stage for stage in script.stages[index:] if stage.layer not in locked), None)


def locked_layers(script: Script, exposures: Mapping[str, int], ratings: Mapping[str, int]) -> tuple[str, ...]:
    """The layers that are not open yet to somebody, in their order.

    The first always is open; a later one is once the one before it is, and was met often enough.

    Args:
        script: With or without `unlock`; without it every layer is open.
        exposures: In how many earlier sessions of this script each layer was gone through to its end.
        ratings: In how many of them it was rated high enough; counts where the script says `by: rating`.
    """
    if script.unlock is None:
        return ()
    met = exposures if script.unlock.by == "exposure" else ratings
    layers = script.layers()
    for place, layer in enumerate(layers[:-1], start=1):
        if met.get(layer, 0) < script.unlock.times:
            return layers[place:]
    return ()


def ends_layer(script: Script, stage: Stage) -> bool:
    """Whether a stage is the last of its layer."""
    if stage.layer is None:
        return False
    place = place_of(script, stage.id)
    return place == len(script.stages) or script.stages[place].layer != stage.layer


def stage_called(script: Script, id: str) -> Stage | None:
    """The stage with that id; None for an unknown one."""
    return next((stage for stage in script.stages if stage.id == id), None)


def place_of(script: Script, id: str) -> int:
    """The place of a stage among all of the script's, 1 the first: the N of "part N of M", which never goes back."""
    return next(place for place, stage in enumerate(script.stages, start=1) if stage.id == id)


def follows_reveal(script: Script, id: str, shown: Collection[str]) -> bool:
    """Whether a picture had been revealed before that stage, to somebody to whom the stages `shown` were shown."""
    ahead = script.stages[: place_of(script, id) - 1]
    return any(stage.kind == "reveal" and stage.id in shown for stage in ahead)


def is_sealed(script: Script, id: str, shown: Collection[str]) -> bool:
    """Whether a picture that comes after that stage was shown already, so that what was given there stands."""
    behind = script.stages[place_of(script, id) :]
    return any(stage.kind == "reveal" and stage.id in shown for stage in behind)


# --- ratings ---------------------------------------------------------------------------------------------------------

Step = Literal[1] | None


def step_of(scale: Range) -> Step:
    """1 where the two ends lie whole steps apart; None where any number between them can be given."""
    return 1 if float(scale.max - scale.min).is_integer() else None


def points(scale: Range) -> tuple[float, ...]:
    """Every point of a rating that is shown as one answer a point, ascending; empty for a wider or stepless one."""
    count = scale.max - scale.min + 1
    if step_of(scale) is None or count > RADIOS_AT_MOST:
        return ()
    return tuple(scale.min + n for n in range(int(count)))


def is_point(scale: Range, value: float) -> bool:
    """Whether a rating can have that value."""
    if not scale.min <= value <= scale.max:
        return False
    return step_of(scale) is None or float(value - scale.min).is_integer()


def shown(value: float) -> str:
    """The text that stands for a value, and that its input posts: a whole number without a fraction."""
    return str(int(value)) if float(value).is_integer() else str(float(value))


# --- time ------------------------------------------------------------------------------------------------------------


def quiet_ms(stage: Stage) -> int:
    """The quiet time that a stage plans."""
    return min(stage.hold.nominal_s * 1000, _LONGEST_MS) if stage.hold else 0


def about_min(script: Script, language: str) -> int:
    """About how many minutes a session takes whoever goes straight through, at least 1."""
    return max(1, round(about_s(way(script, {}), script, language) / 60))


def about_s(stages: Iterable[Stage], script: Script, language: str) -> float:
    """About how many seconds those stages of a script take whoever goes straight through."""
    return sum(_about_s(stage, script, language) for stage in stages)


def _about_s(stage: Stage, script: Script, language: str) -> float:
    if stage.kind == "draw":
        return stage.seconds or DRAWING_S
    asked = {"report": WRITING_S, "reveal": LOOKING_S, "say": 0, "rest": 0}.get(stage.kind, RATING_S)
    said = stage.text.to(language) if stage.text and stage.kind == "say" else ""
    pauses = (len(sentences(said, language)) - 1) * script.voice.pause.nominal_s if said else 0
    return asked + quiet_ms(stage) / 1000 + pauses + len(said.split()) / (WORDS_A_SECOND * script.voice.rate)


# --- words -----------------------------------------------------------------------------------------------------------

# Words that end in a full stop which ends no sentence. A letter alone (as in `z. B.`) and letters with stops between
# them (`e.g.`) are known by their form.
_SHORT = {
    "en": {"approx", "dr", "etc", "mr", "mrs", "ms", "prof", "vs"},
    "de": {"bzw", "ca", "dr", "etc", "evtl", "ggf", "inkl", "nr", "prof", "sog", "usw"},
}
_ANY = frozenset.union(*(frozenset(words) for words in _SHORT.values()))
_CLOSING = "\"'”’“»«›‹)]"
_OPENING = "\"'“‘„‚«»‹›([¿¡–—-"
_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_NUMBER = re.compile(r"[0-9]+\.")
_WIDE_END = re.compile(r"(?<=[。！？])")


def sentences(text: str, language: str) -> tuple[str, ...]:
    """What is said one after the other: the words of `text`, all of them and in their order.

    Where a full stop may as well end an abbreviation or (in German) an ordinal number, no sentence ends: one that is
    too long sounds better than one cut in two.
    """
    return tuple(said for paragraph in re.split(r"\n\s*\n", text) for said in _said(paragraph, language))


def _said(paragraph: str, language: str) -> Iterator[str]:
    words = [word for part in _WIDE_END.split(paragraph) for word in part.split()]
    said: list[str] = []
    for word, coming in zip(words, [*words, ""][1:], strict=True):
        said.append(word)
        if not coming or _ends(word, coming, language.split("-")[0]):
            yield " ".join(said)
            said = []


def _ends(word: str, coming: str, language: str) -> bool:
    bare = word.rstrip(_CLOSING)
    if bare.endswith(("。", "！", "？")):
        return True
    if not bare.endswith((".", "!", "?", "…")) or coming.lstrip(_OPENING)[:1].islower():
        return False
    return not (bare.endswith(".") and _is_short(bare.lstrip(_OPENING), language))


def _is_short(word: str, language: str) -> bool:
    if _NUMBER.fullmatch(word):
        return language == "de"
    if word == "I." and language == "en":
        return False
    return _LETTERS.fullmatch(word) is not None or word[:-1].lower() in _SHORT.get(language, _ANY)
