"""What simulated people say in sessions beside ratings: in what form it came, what they heard, by which voice. Pure.

Who has no pictures has much else: most often they just know, or have words, a place, a movement. That nothing came is
an answer like any other. An attention check is answered as one in a questionnaire is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from random import Random

from protocol.script import Stage
from rehearsal.people import Imagery, Person, draws
from rehearsal.typed import FAILS_CHECKS

READS = 0.4  # share of people who have no voice on
PLAYS_RECORDINGS = 0.9  # of the others, where there is one
HEARS_ALL = 0.93  # share of recordings that are played to their end

_NOTHING_CAME: Mapping[Imagery, float] = {"none": 0.2, "dim": 0.1, "typical": 0.03, "vivid": 0.01}
_NOTHING_TO_RATE: Mapping[Imagery, float] = {"none": 0.55, "dim": 0.15, "typical": 0.02, "vivid": 0.0}
# How often something comes in each form.
_PICTURE: Mapping[Imagery, float] = {"none": 0.0, "dim": 0.35, "typical": 0.85, "vivid": 0.98}
_COMES: Mapping[str, float] = {"knowing": 0.65, "words": 0.45, "place": 0.45, "movement": 0.3, "feeling": 0.3}
_OF_OTHERS = 0.15  # sound, touch, smell, taste


def forms_of(person: Person, stage: Stage, rng: Random) -> tuple[str, ...]:
    """The forms in which it came, of those that are offered, in their order; none where nothing came."""
    if rng.random() < _NOTHING_CAME[person.imagery]:
        return ()
    often = {**_COMES, "picture": _PICTURE[person.imagery]}
    return tuple(form for form in stage.forms if rng.random() < often.get(form, _OF_OTHERS))


def checked(person: Person, stage: Stage, rng: Random) -> int:
    """The number of what is chosen at an attention check."""
    if rng.random() >= FAILS_CHECKS * (1 - person.diligence):
        return stage.answer
    return rng.choice([n for n in range(1, len(stage.choices) + 1) if n != stage.answer])


def has_nothing_to_rate(person: Person, stage: Stage, rng: Random) -> bool:
    """Whether somebody says that there was nothing to rate, where that is offered."""
    return stage.na is not None and rng.random() < _NOTHING_TO_RATE[person.imagery]


def heard(person: Person, stage: Stage, said_ms: int, rng: Random) -> tuple[str, int | None, int | None]:
    """By which voice something was said, how long its recording was and how much of it was heard (None without one)."""
    if reads(person.key):
        return "words", None, None
    if stage.audio is None or rng.random() >= PLAYS_RECORDINGS:
        return "device", None, None
    share = 1.0 if rng.random() < HEARS_ALL else rng.uniform(0.2, 0.95)
    return "recording", said_ms, round(said_ms * share)


@lru_cache(maxsize=1024)
def reads(key: str) -> bool:
    """Whether the person of that key has no voice on: the same in all their sessions."""
    return draws(f"{key}:voice").random() < READS
