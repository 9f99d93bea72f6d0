"""The allocation lists of simulated people. Pure: a seed's lists are the same however far they were read before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from random import Random

from coaching.allocation import block, design_digest, draw
from protocol.study import Study
from rehearsal.life import Place
from rehearsal.people import draws


class Lists:
    """The allocation lists of one seed: every stratum's is the same, however far it was read before."""

    def __init__(self, study: Study, seed: str, taken: Mapping[str, int], in_arms: Mapping[str, int]) -> None:
        """Args: how many places of each stratum's list have been `taken`, and how many people are in each arm."""
        self._study = study
        self._seed = seed
        self._taken = taken
        self._in_arms = dict(in_arms)
        self._open: dict[str, Iterator[Place]] = {}

    def next(self, label: str) -> Place:
        """The next place in that stratum."""
        if label not in self._open:
            places = self._places(label)
            for _ in range(self._taken.get(label, 0)):
                next(places)
            self._open[label] = places
        place = next(self._open[label])
        number = self._in_arms.get(place.arm, 0)
        self._in_arms[place.arm] = number + 1
        return replace(place, number_in_arm=number)

    def _places(self, label: str) -> Iterator[Place]:
        rng = draws(f"{self._study.slug}:{self._seed}:{design_digest(self._study)}:{label}")
        position = 0
        for number in count(1):
            for arm in self._block(rng):
                position += 1
                yield Place(label, position, number, arm)

    def _block(self, rng: Random) -> tuple[str, ...]:
        allocation = self._study.allocation
        if allocation is None or allocation.method == "simple":
            return (draw(self._study.arms, rng),)
        return block(allocation, self._study.arms, rng)
