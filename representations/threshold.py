"""The closed form: how alignment depends on trials, free weights and noise, and what it says for planning.

N is the number of training samples (a person's trials), p the number of free weights, SNR the variance of the signal
over that of the noise, above 0. The inputs are Gaussian and the output is one number, y = X w + e with |w| = 1; the
solution is the one of least norm. For other designs it is a guide: simulate those.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from representations.errors import RepresentationError
from representations.resampling import FloatArray

SOURCE = "our own derivation [O] of what arXiv 2605.26973 [P] says of one-hidden-layer linear networks."
NEAR = 0.30
"""Trials within this share of the number of free weights are too near the threshold."""


def expected_alignment(
    trials: npt.ArrayLike, weights: int, snr: npt.ArrayLike, *, common_inputs: bool = True
) -> FloatArray:
    """The alignment of two solutions that differ in their noise alone, 0 to 1.

    A = SNR (|N - p| - 1) / (SNR (|N - p| - 1) + p): the mean inner product over the mean squared length, in
    expectation. It mirrors at N = p, where it is 0, and rises with SNR at every other N. The population linear CKA of
    the two hidden layers is near its square.

    Args:
        trials: N, from 1, any shape.
        weights: p, from 1.
        snr: above 0, any shape that goes with N's.
        common_inputs: whether both were trained on the same inputs; with inputs of their own it is lower by the factor
            N / p below the threshold.

    Raises:
        RepresentationError: a number out of range.
    """
    n, ratio = _checked(trials, weights, snr)
    room = ratio * np.maximum(np.abs(n - weights) - 1, 0)
    found = room / (room + weights)
    return np.asarray(found if common_inputs else found * np.minimum(1, n / weights), dtype=np.float64)


def excess_error(trials: npt.ArrayLike, weights: int, snr: npt.ArrayLike) -> FloatArray:
    """The mean squared error on new inputs beyond the noise, the signal's variance being 1; infinite at |N - p| <= 1.

    (1 - q) + v, q = min(1, N / p), v = N / (p - N - 1) / SNR below p and p / (N - p - 1) / SNR above. It does not
    mirror at p: two numbers of trials of the same alignment have different errors. Arguments as for
    `expected_alignment`.
    """
    n, ratio = _checked(trials, weights, snr)
    room = np.abs(n - weights) - 1
    with np.errstate(divide="ignore"):
        variance = np.where(room > 0, np.minimum(n, weights) / (np.maximum(room, 0) * ratio), np.inf)
    return 1 - np.minimum(1, n / weights) + variance


def trials_for(alignment: float, weights: int, snr: float) -> float:
    """N beyond the threshold at which the expected alignment is reached: p + 1 + A p / (SNR (1 - A)).

    Args:
        alignment: A, from 0 to below 1.
        weights: p, from 1.
        snr: above 0.

    Raises:
        RepresentationError: a number out of range.
    """
    _checked(1, weights, snr)
    if not 0 <= alignment < 1:
        raise RepresentationError(f"An alignment of {alignment} was found. Expected: from 0 to below 1.")
    return weights + 1 + alignment * weights / (snr * (1 - alignment))


def snr_from_reliability(reliability: float, trials: int, weights: int) -> float:
    """SNR from the correlation of two halves of a person's trials, each of N / 2: r p / ((1 - r) (N / 2 - p - 1)).

    Args:
        reliability: r of the halves, not stepped up; above 0 and below 1.
        trials: N, the whole number of trials; a half must hold more than p + 1.
        weights: p, from 1.

    Raises:
        RepresentationError: a number out of range.
    """
    if not 0 < reliability < 1:
        raise RepresentationError(f"A reliability of {reliability} was found. Expected: above 0 and below 1.")
    room = trials / 2 - weights - 1
    if weights < 1 or room <= 0:
        raise RepresentationError(
            f"{trials} trials for {weights} free weights were found. Expected: more than {2 * weights + 2}, so that "
            "a half lies beyond the threshold."
        )
    return reliability * weights / ((1 - reliability) * room)


def is_near(trials: npt.ArrayLike, weights: int) -> npt.NDArray[np.bool_]:
    """Whether so many trials lie within 30 % of the number of free weights, where alignment dips."""
    n, _ = _checked(trials, weights, 1.0)
    return np.abs(n - weights) <= NEAR * weights


def _checked(trials: npt.ArrayLike, weights: int, snr: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    n, ratio = np.asarray(trials, dtype=np.float64), np.asarray(snr, dtype=np.float64)
    if weights < 1 or np.any(~(n >= 0)) or np.any(~(ratio > 0)) or np.any(np.isinf(ratio)):
        raise RepresentationError(
            f"Trials {n.tolist()}, free weights {weights} and SNR {ratio.tolist()} were found. "
            "Expected: 0 or more, 1 or more, above 0."
        )
    return n, ratio
