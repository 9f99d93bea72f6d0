"""What a person can give at a stage, and how its time was kept."""

from __future__ import annotations

from dataclasses import dataclass

from imagery.services.pictures import Kept


@dataclass(frozen=True, slots=True)
class Passed:
    """They went on: there was nothing to give."""


@dataclass(frozen=True, slots=True)
class Declined:
    """They would rather not say."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """There is nothing to rate."""


@dataclass(frozen=True, slots=True)
class Forms:
    """In what forms it came; none: nothing came."""

    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """A point of a rating or comparison."""

    value: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way on, or the answer to a check: the option's number, from 1."""

    option: int


@dataclass(frozen=True, slots=True)
class Reported:
    """Their own words; empty where they had nothing to add."""

    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing, a picture, words, or why there is nothing; its file is on disk already."""

    kept: Kept


Given = Passed | Declined | NotApplicable | Rated | Chosen | Forms | Reported | Drawn


@dataclass(frozen=True, slots=True)
class Timing:
    """What the page's own clock measured; None where it didn't."""

    quiet_ms: int | None = None
    longer_ms: int | None = None
    pauses: int | None = None
    paused_ms: int | None = None
    hidden_ms: int | None = None
    response_time_ms: int | None = None
    voice: str = ""
    audio_ms: int | None = None
    audio_heard_ms: int | None = None


PASSED = Passed()
DECLINED = Declined()
NOT_APPLICABLE = NotApplicable()
UNTIMED = Timing()
