"""Who takes part in a rehearsal: people of every manner that a study meets, and when they do what. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Literal

from rehearsal.people import draws

Manner = Literal[
    "punctual",
    "leaves training",
    "stops contact",
    "erased",
    "distressed",
    "moves zone",
    "pauses",
    "late",
    "misses",
    "withdraws",
    "no address",
    "helped",
    "quits",
]
# The first eight are what a small rehearsal must have; a larger one comes to all of them, again and again.
MANNERS: tuple[Manner, ...] = (
    *("punctual", "distressed", "leaves training", "stops contact", "erased", "moves zone", "pauses", "late"),
    *("misses", "withdraws", "no address", "helped", "quits"),
)
ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland")
ARRIVAL_D = 3.0  # people come over so many days

# Share of steps that people do, by manner.
DOES = {"punctual": 1.0, "misses": 0.45, "late": 0.85}


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One person of a rehearsal.

    Attributes:
        number: From 1.
        manner: What they are like.
        address: Where they get mails; empty: nowhere.
        zone: Where they live at first; `zone_after` is where those live who move.
        is_invited: Whether they come by an invitation, and not by the open door.
        comes_after: How long after the start they come.
        turns_after: How long after consent they do what their manner says; of a pause, `back_after` is its length.
    """

    number: int
    manner: Manner
    address: str
    zone: str
    zone_after: str
    is_invited: bool
    comes_after: timedelta
    turns_after: timedelta
    back_after: timedelta
    key: str

    def does(self, step: str) -> bool:
        """Whether they do a step at all, if nothing keeps them from it."""
        return self._draws(step, "does").random() < DOES.get(self.manner, 0.92)

    def when(self, step: str) -> float:
        """When they do it, as a share of the time that it is open (0 to 1)."""
        rng = self._draws(step, "when")
        return 0.75 + 0.24 * rng.random() if self.manner == "late" else 0.02 + 0.4 * rng.random() ** 2

    def answers_after(self, step: str) -> bool:
        """Whether they say how they are after a session."""
        return self._draws(step, "after").random() < 0.95

    def _draws(self, step: str, what: str) -> Random:
        return draws(f"{self.key}:{step}:{what}")


def cast(study: str, seed: str, people: int, length_d: float) -> tuple[Player, ...]:
    """The people of a rehearsal, the same for the same seed; each manner as often as any other, give or take one.

    Args:
        study: The study's slug.
        seed: Any text.
        people: How many, from 1.
        length_d: How many days the study takes.
    """
    return tuple(_player(f"rehearse:{study}:{seed}:{number}", number, length_d) for number in range(1, people + 1))


def _player(key: str, number: int, length_d: float) -> Player:
    rng = draws(key)
    manner = MANNERS[(number - 1) % len(MANNERS)]
    zone, other = rng.sample(ZONES, 2) if manner == "moves zone" or number % 3 == 0 else (ZONES[0], ZONES[1])
    most_d = min(length_d, 40.0)
    return Player(
        number=number,
        manner=manner,
        address="" if manner == "no address" else f"person{number}@example.org",
        zone=zone,
        zone_after=other,
        is_invited=number % 4 == 1 and manner != "no address",
        comes_after=timedelta(days=ARRIVAL_D * rng.random()),
        turns_after=timedelta(days=most_d * (0.2 + 0.4 * rng.random())),
        back_after=timedelta(days=3 + 6 * rng.random()),
        key=key,
    )
