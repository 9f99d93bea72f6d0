"""Values as arrays: who has all of them, and whether they vary at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Pair = tuple[float | None, float | None]
"""One person's value before and after."""

_SAME = 1e-12  # as a share of the largest value: a spread below this is rounding


def present(values: Sequence[float | None]) -> tuple[Array, int]:
    """The values that are there, and how many are not.

    Raises:
        ValueError: A value is not a finite number.
    """
    found = [value for value in values if value is not None]
    return _finite(np.array(found, dtype=np.float64)), len(values) - len(found)


def complete(pairs: Sequence[Pair]) -> tuple[Array, Array, int]:
    """The first and the second values of the pairs that lack neither, and how many pairs lack one.

    Raises:
        ValueError: A value is not a finite number.
    """
    full = [pair for pair in pairs if None not in pair]
    table = _finite(np.array(full, dtype=np.float64).reshape(len(full), 2))
    return table[:, 0], table[:, 1], len(pairs) - len(full)


def varies(values: Array, about: Array | float) -> bool:
    """Whether the values differ from `about` (their mean, or what was fitted to them) by more than rounding."""
    if not len(values):
        return False
    return bool(np.abs(values - about).max() > _SAME * np.abs(values).max())


def _finite(values: Array) -> Array:
    if not np.isfinite(values).all():
        raise ValueError("a value is infinite or not a number; a missing one is None")
    return values
