"""Bands of a score: labelled stretches of its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """A labelled stretch; a value belongs to the last band whose `low` it reaches."""

    label: str
    low: float
    high: float


def band_of(value: float | None, bands: Sequence[Band]) -> str | None:
    """The label of the last band whose `low` the value reaches; None without a value or below all bands."""
    if value is None:
        return None
    reached = [band for band in sorted(bands, key=lambda band: band.low) if value >= band.low]
    return reached[-1].label if reached else None
