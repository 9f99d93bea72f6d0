"""How a response changes when what it responds to is turned: equivariance, and content by order of the turn.

A response is sampled at n equal turns g_k = 360 k / n degrees and stands in an array (n, samples, components). Two
kinds are told apart: the *direct* response u(g) = f(g x), whose content is asked for, and the *back-rotated* one
z(g) = g^-1 f(g x), which is the same at each g if f turns with its input. Sums over the group are finite and exact.

Source: Domina, Abbott, Pegolo, Bigi & Ceriotti, arXiv 2603.24638 [P]; its definitions as its authors' library states
them [C], carried over from rotations in space to turns of a picture (C_n, SO(2), and O(2) with mirroring) by us [O].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.floating[Any] | np.complexfloating[Any, Any]]

SOURCE = (
    "Domina, Abbott, Pegolo, Bigi & Ceriotti (2026), arXiv 2603.24638 [P]; definitions from its authors' library [C]; "
    "carried over to turns of a picture by us [O]."
)
MOST_ORDER = 8
ABSENT = 1e-6
"""A share of the power below this is taken for none: round-off in double or single precision lies below it."""


@dataclass(frozen=True, slots=True)
class ErrorSplit:
    """A mean square error in two parts that add up to it exactly.

    Attributes:
        total: mean over turns of the squared distance to the target, by sample, divided by the components; shape
            (samples,), from 0.
        systematic: that of the mean back-rotated response: the same at each turn.
        dependent: the spread about that mean: what depends on the turn.
    """

    total: Floats
    systematic: Floats
    dependent: Floats


@dataclass(frozen=True, slots=True)
class Content:
    """The power of a response by order m of the turn: what returns m times in a full turn.

    Attributes:
        power: (most + 1, samples), order 0 first; an order m above 0 holds both m and -m.
        beyond: (samples,), what lies at orders above `most`, as far as n turns tell them apart.
        total: (samples,), the mean over turns of the squared response: power and beyond add up to it (Parseval).
        turns: n.
    """

    power: Floats
    beyond: Floats
    total: Floats
    turns: int

    @property
    def most(self) -> int:
        """The highest order that is kept apart."""
        return len(self.power) - 1

    @property
    def fractions(self) -> Floats:
        """Each order's share of its sample's power, (most + 1, samples), 0 to 1; NaN where there is no power."""
        return _shares(self.power, self.total)

    @property
    def pooled(self) -> Floats:
        """Each order's share of the power of all samples together, (most + 1,)."""
        return _shares(self.power.sum(axis=1), self.total.sum())


@dataclass(frozen=True, slots=True)
class MirrorContent:
    """The power of a response by irreducible representations of O(2).

    Attributes:
        even: (samples,), order 0 and unchanged by mirroring (m0+).
        odd: (samples,), order 0 and of the other sign after mirroring (m0-): handedness.
        power: (most, samples), orders 1 to `most`.
        beyond: (samples,), orders above.
        total: (samples,), the mean squared response over turns and their mirror images.
    """

    even: Floats
    odd: Floats
    power: Floats
    beyond: Floats
    total: Floats

    @property
    def pooled(self) -> Floats:
        """Shares of the power of all samples together: m0+, m0-, then order 1 and up; (most + 2,)."""
        return _shares(np.vstack([self.even, self.odd, self.power]).sum(axis=1), self.total.sum())


def _shares(power: Floats, total: Floats | np.float64) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, power / total, np.nan))


def check_responses(responses: npt.ArrayLike, fewest: int = 1) -> Numbers:
    """The responses as an array (n, samples, components).

    Raises:
        RepresentationError: another shape, or a value that is no number.
        NotEnough: fewer than `fewest` turns, no sample or no component.
    """
    array = np.asarray(responses)
    array = array if np.iscomplexobj(array) else array.astype(np.float64, copy=False)
    if array.ndim != 3:
        raise RepresentationError(
            f"Responses of shape {array.shape} were found. Expected: (turns, samples, components)."
        )
    if array.shape[0] < fewest or 0 in array.shape:
        raise NotEnough(
            f"Responses at {array.shape[0]} turns, of {array.shape[1]} samples with {array.shape[2]} components were "
            "found.",
            f"{fewest} turns, one sample, one component",
        )
    if not np.isfinite(array).all():
        raise RepresentationError("A response that is no finite number was found. Expected: numbers alone.")
    return array


# --- equivariance ----------------------------------------------------------------------------------------------------


def symmetrised(back_rotated: npt.ArrayLike) -> Numbers:
    """The mean of the back-rotated responses, (samples, components): the nearest response that turns with its input.

    Source: [C], the integral over the group as a finite sum.
    """
    mean: Numbers = check_responses(back_rotated).mean(axis=0)
    return mean


def equivariance_variance(back_rotated: npt.ArrayLike) -> Floats:
    """How much the back-rotated response varies with the turn, by sample: summed over components; (samples,), from 0.

    V = mean |z - r|^2 - |mean (z - r)|^2, the first turn as r, which changes nothing but the round-off.

    Source: [C].
    """
    shifted = check_responses(back_rotated)
    shifted = shifted - shifted[0]
    mean_square = (np.abs(shifted) ** 2).sum(axis=-1).mean(axis=0)
    square_mean = (np.abs(shifted.mean(axis=0)) ** 2).sum(axis=-1)
    return np.asarray(np.maximum(mean_square - square_mean, 0.0))


def equivariance_rmse(back_rotated: npt.ArrayLike) -> float:
    """The equivariance error: the root of the mean over samples of V / components, in the response's unit.

    Source: [C].
    """
    array = check_responses(back_rotated)
    return float(np.sqrt(equivariance_variance(array).mean() / array.shape[2]))


def relative_equivariance_error(back_rotated: npt.ArrayLike) -> float:
    """The equivariance error as a share of the response's root mean square, 0 to 1; NaN for a response of zeros."""
    array = check_responses(back_rotated)
    size = float(np.sqrt((np.abs(array) ** 2).mean()))
    return equivariance_rmse(array) / size if size > 0 else float("nan")


def split_error(back_rotated: npt.ArrayLike, target: npt.ArrayLike) -> ErrorSplit:
    """The error against a target that turns with its input, in a systematic and an orientation-dependent part.

    Args:
        back_rotated: (n, samples, components).
        target: (samples, components), what should have come, unturned.

    Raises:
        RepresentationError: the shapes don't fit.

    Source: [C], the Pythagorean identity RMSE^2 = RMSE^2[mean] + RMSE_equiv^2; exact on any set of turns.
    """
    array, aim = check_responses(back_rotated), np.asarray(target)
    if aim.shape != array.shape[1:]:
        raise RepresentationError(f"A target of shape {aim.shape} was found. Expected: {array.shape[1:]}.")
    mean = array.mean(axis=0)
    components = array.shape[2]
    return ErrorSplit(
        total=(np.abs(array - aim) ** 2).sum(axis=-1).mean(axis=0) / components,
        systematic=(np.abs(mean - aim) ** 2).sum(axis=-1) / components,
        dependent=(np.abs(array - mean) ** 2).sum(axis=-1).mean(axis=0) / components,
    )


# --- content ---------------------------------------------------------------------------------------------------------


def content(responses: npt.ArrayLike, most: int = MOST_ORDER) -> Content:
    """The power of the direct response by order of the turn, 0 to `most`.

    U_m = (1/n) sum_k u(g_k) exp(-2 pi i m k / n); order m holds |U_m|^2 + |U_-m|^2.

    Args:
        responses: (n, samples, components), at n equal turns of a full one, real or complex.
        most: the highest order.

    Raises:
        RepresentationError: n is not above 2 `most`: higher orders would be taken for lower ones.

    Source: [C] for rotations in space; the finite sum for turns [O], Parseval's identity exact [M].
    """
    array = check_responses(responses)
    power, beyond = _power(array, most)
    return Content(power, beyond, _mean_square(array), array.shape[0])


def _power(array: Numbers, most: int) -> tuple[Floats, Floats]:
    """|U_m|^2 + |U_-m|^2 summed over components, (most + 1, samples), and what is at higher orders, (samples,)."""
    turns = array.shape[0]
    if most < 0 or turns <= 2 * most:
        raise RepresentationError(
            f"{turns} turns were found. Expected: at least {2 * max(most, 0) + 1} to tell orders up to {most} apart; "
            "with fewer, a higher order is taken for a lower one."
        )
    of_each = np.asarray((np.abs(np.fft.fft(array, axis=0) / turns) ** 2).sum(axis=-1))
    folded = of_each[: most + 1].copy()
    folded[1:] += of_each[: -most - 1 : -1][:most]
    return folded, of_each[most + 1 : turns - most].sum(axis=0)


def _mean_square(array: Numbers) -> Floats:
    return np.asarray((np.abs(array) ** 2).sum(axis=-1).mean(axis=0))


def content_with_mirror(
    responses: npt.ArrayLike, mirrored_responses: npt.ArrayLike, most: int = MOST_ORDER
) -> MirrorContent:
    """The power of the direct response by irreducible representations of O(2): order 0 in an even and an odd part.

    With A_m from the turns and B_m from the turns of the mirrored input: m0+ = |A_0 + B_0|^2 / 4,
    m0- = |A_0 - B_0|^2 / 4, and m > 0 the mean of both powers, since those representations have two dimensions.

    Args:
        responses: f(g_k x), (n, samples, components).
        mirrored_responses: f(g_k M x), the same shape; any mirror line M will do, since n turns go over all of them.
        most: the highest order.

    Raises:
        RepresentationError: the shapes differ, or n is not above 2 `most`.

    Source: [C] for O(3); worked out for O(2) by us [O].
    """
    direct, flipped = check_responses(responses), check_responses(mirrored_responses)
    if direct.shape != flipped.shape:
        raise RepresentationError(
            f"Responses of shape {direct.shape} and, mirrored, {flipped.shape} were found. Expected: both alike."
        )
    of_direct, of_flipped = _power(direct, most), _power(flipped, most)
    mean, mean_flipped = direct.mean(axis=0), flipped.mean(axis=0)
    return MirrorContent(
        even=(np.abs((mean + mean_flipped) / 2) ** 2).sum(axis=-1),
        odd=(np.abs((mean - mean_flipped) / 2) ** 2).sum(axis=-1),
        power=(of_direct[0][1:] + of_flipped[0][1:]) / 2,
        beyond=(of_direct[1] + of_flipped[1]) / 2,
        total=(_mean_square(direct) + _mean_square(flipped)) / 2,
    )


def sampled_content(
    respond: Callable[[float], npt.ArrayLike], turns: int, most: int = MOST_ORDER, *, tolerance: float = 1e-3
) -> Content:
    """The content of something that can be asked at any turn, after making sure that n turns resolve it.

    It is asked at n and again at 2 n + 1 turns. The two numbers have no common factor, so an order that one of them
    folds onto a lower one is folded elsewhere by the other.

    Args:
        respond: gives (samples, components) for a turn in degrees.
        turns: n.
        most: the highest order.
        tolerance: by how much a pooled share may differ between both.

    Raises:
        RepresentationError: n is not above 2 `most`, or higher orders are folded onto these.

    Source: our own check [O]; an order of 6 seen at 8 turns comes out as order 2 [M].
    """
    found = content(_asked(respond, turns), most)
    finer = content(_asked(respond, 2 * turns + 1), most)
    apart = np.abs(np.nan_to_num(found.pooled) - np.nan_to_num(finer.pooled))
    if apart.max() > tolerance:
        worst = int(np.argmax(apart))
        raise RepresentationError(
            f"{turns} turns fold higher orders onto lower ones: order {worst} came out as {found.pooled[worst]:.3f}, "
            f"and as {finer.pooled[worst]:.3f} with {2 * turns + 1} turns. Expected: both alike; take more turns."
        )
    return found


def _asked(respond: Callable[[float], npt.ArrayLike], turns: int) -> Numbers:
    return np.stack([np.asarray(respond(360 * k / turns)) for k in range(turns)])


# --- what can't be read out ------------------------------------------------------------------------------------------


def blind_orders(shares: npt.ArrayLike, absent: float = ABSENT) -> tuple[int, ...]:
    """The orders, from 1 up, that a response has none of: no linear read-out of that order can exist.

    A read-out of order m from U is a sum over components of U_m; where that is nothing, the read-out is nothing. This
    is the selection rule behind the paper's "spectral failure modes".

    Args:
        shares: of each order from 0 up, as `Content.pooled` has them.
        absent: below which share an order is taken for absent.

    Source: [P] for the name, the rule for turns [O].
    """
    return tuple(order for order, share in enumerate(np.asarray(shares)) if order and not share > absent)


def can_read_out(shares: npt.ArrayLike, order: int, absent: float = ABSENT) -> bool:
    """Whether a linear read-out of that order can exist; orientation itself is order 1.

    Raises:
        RepresentationError: the order is not among the shares.
    """
    known = np.asarray(shares)
    if not 0 <= order < len(known):
        raise RepresentationError(f"Order {order} was asked for. Expected: 0 to {len(known) - 1}.")
    return bool(known[order] > absent)
