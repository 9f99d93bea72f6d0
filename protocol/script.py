"""What a guided session's file declares, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protocol.durations import Duration
from protocol.text import Text


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
    kind: Literal["say", "rate", "report", "draw", "reveal", "compare", "rest", "choose"]
    text: Text | None = None  # what is said, or the prompt
    hold: Duration | None = None  # say; rest: how long
    rates: str | None = None  # rate: what is rated, such as "vividness"
    scale: Range | None = None  # rate, compare
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
class Script:
    """A guided session."""

    slug: str
    title: Text
    stages: tuple[Stage, ...]
    about: Text | None = None
    voice: Voice = Voice()
