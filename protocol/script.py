"""What a guided session's file declares, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protocol.durations import Duration
from protocol.text import Text

PURPOSES = ("training", "probe", "control")
USUAL_FORMS = ("knowing", "words", "place", "movement", "feeling", "picture")
FORMS = (*USUAL_FORMS, "sound", "touch", "smell", "taste")

Purpose = Literal["training", "probe", "control"]
StageKind = Literal["say", "rate", "report", "draw", "reveal", "compare", "rest", "choose", "form", "check"]


@dataclass(frozen=True, slots=True)
class Range:
    """The two ends of a rating."""

    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Option:
    """One way on from a `choose`; `goto` is the id of a later stage, or None for the next."""

    label: Text
    goto: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a guided session: `kind` says which of the other fields are set."""

    id: str
    kind: StageKind
    layer: str | None = None  # the layer that it belongs to
    text: Text | None = None  # what is said, or the prompt
    hold: Duration | None = None  # say; rest: how long
    audio: Text | None = None  # say: the recording's path in the bundle, by language
    captions: Text | None = None  # say: when each sentence is heard in it, a path as well
    rates: str | None = None  # rate: what is rated, such as "vividness"
    scale: Range | None = None  # rate, compare
    na: Text | None = None  # rate, compare: the answer that there is nothing to rate
    forms: tuple[str, ...] = ()  # form: which are offered
    choices: tuple[Text, ...] = ()  # check
    answer: int = 0  # check: the number of the right choice, from 1
    min_words: int = 0  # report
    seconds: int | None = None  # draw
    condition: Literal["imagery", "memory", "copy"] | None = None  # draw
    media: str | None = None  # reveal: path in the bundle
    alt: Text | None = None  # reveal
    credit: str | None = None  # reveal
    options: tuple[Option, ...] = ()  # choose


@dataclass(frozen=True, slots=True)
class Voice:
    """How a script is read aloud."""

    rate: float = 1.0
    pause: Duration = Duration(1, "s")


@dataclass(frozen=True, slots=True)
class Unlock:
    """How a later layer comes to be offered; the first always is.

    Attributes:
        by: `exposure`: the layer before was gone through; `rating`: it was rated `at_least` so.
        times: In how many sessions of the script.
        rating: By rating: what is rated.
        at_least: By rating: the least that counts.
    """

    by: Literal["exposure", "rating"]
    times: int = 2
    rating: str | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    """What is said before a session (`note`), and to somebody who wants out of it (`exit`)."""

    note: Text | None = None
    exit: Text | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A guided session."""

    slug: str
    title: Text
    stages: tuple[Stage, ...]
    about: Text | None = None
    purpose: Purpose = "training"
    matched_to: str | None = None  # control: the script that it is to be like
    unlock: Unlock | None = None
    safety: Safety = Safety()
    voice: Voice = Voice()

    def layers(self) -> tuple[str, ...]:
        """Its layers, in their order."""
        return tuple(dict.fromkeys(stage.layer for stage in self.stages if stage.layer is not None))
