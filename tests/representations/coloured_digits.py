"""Digits in two colourings, as pairs with a known shared part (the digit) and a known part of their own (the colour).

The first colouring is a white digit on a coloured ground, the second a coloured digit on black. Colours are full hues,
so that no colour hides a digit. The digits are scikit-learn's, 8 by 8 pixels, which need no download.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

Floats = npt.NDArray[np.float64]
FITTED = 1300


@dataclass(frozen=True)
class Digits:
    """Pairs, one a row.

    Attributes:
        on_ground: (n, 8, 8, 3), the white digit on a coloured ground.
        on_black: (n, 8, 8, 3), the same digit coloured, on black.
        ground, ink: (n, 3), the two colours.
        glyph: (n,), which of the written digits it is.
        value: (n,), 0 to 9.
    """

    on_ground: Floats
    on_black: Floats
    ground: Floats
    ink: Floats
    glyph: npt.NDArray[np.intp]
    value: npt.NDArray[np.intp]

    @property
    def rows(self) -> tuple[Floats, Floats]:
        """Both sides as rows of 192 numbers."""
        return self.on_ground.reshape(len(self.glyph), -1), self.on_black.reshape(len(self.glyph), -1)


def coloured_digits(seed: int, fitted: int = FITTED, colourings: int = 6) -> tuple[Digits, Digits]:
    """Digits to fit, each in several pairs of colours, and the digits left over (497 of 1,797), each in one."""
    generator = np.random.default_rng(seed)
    written = load_digits()
    shades, values = written.images / 16.0, written.target
    order = generator.permutation(len(shades))

    def coloured(glyph: npt.NDArray[np.intp]) -> Digits:
        shade = shades[glyph][..., None]
        ground, ink = _hues(generator.random(len(glyph))), _hues(generator.random(len(glyph)))
        on_ground = shade + (1.0 - shade) * ground[:, None, None]
        return Digits(on_ground, shade * ink[:, None, None], ground, ink, glyph, values[glyph])

    return coloured(np.repeat(order[:fitted], colourings)), coloured(order[FITTED:])


def _hues(turn: Floats) -> Floats:
    """Fully saturated colours from their place on the colour circle, 0 to 1: (n, 3)."""
    away = np.abs((turn[:, None] * 6.0 - np.array([0.0, 2.0, 4.0]) + 3.0) % 6.0 - 3.0)
    return np.clip(2.0 - away, 0.0, 1.0)
