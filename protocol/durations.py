"""Durations of the bundle (`90d`, `36h`, `20m`, `15s`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

Unit = Literal["d", "h", "m", "s"]
SECONDS: dict[str, int] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
PATTERN = re.compile(r"([+-]?)([0-9]{1,6})([dhms])")


@dataclass(frozen=True, slots=True)
class Duration:
    """A signed count of one unit. Days are calendar days in a person's zone; the other units are elapsed time."""

    count: int
    unit: Unit

    @property
    def nominal_s(self) -> int:
        """Seconds if every day had 24 hours: for comparing durations, never for reckoning an instant."""
        return self.count * SECONDS[self.unit]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


ZERO = Duration(0, "s")


def parse_duration(text: str) -> Duration:
    """The duration that `text` declares.

    Raises:
        ValueError: `text` is not a whole number followed by d, h, m or s.
    """
    match = PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a duration; expected a whole number and d, h, m or s, such as '90d' or '20m'"
        )
    sign, digits, unit = match.groups()
    return Duration(-int(digits) if sign == "-" else int(digits), cast(Unit, unit))
