"""Pictures on rings about a centre, where a turn of the picture is a shift along each ring.

A picture is an array (rows, columns) of grey, 0 for bare paper to 1 for ink. On rings it is an array (rings, angles):
the first angle points to the right and angles run counter-clockwise as the picture is seen. Each sample is weighted by
the square root of its radius, so that a sum of squares is the integral over the disc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from representations.errors import NotEnough, RepresentationError

Floats: TypeAlias = npt.NDArray[np.float64]
Spline: TypeAlias = Literal[1, 3]

LEAST_SIDE = 64
"""px: below it, cubic interpolation alone errs by several per cent [M]."""
RINGS, LEAST_ANGLES = 32, 256
MOST_ORDER = 64
BLUR_SHARE = 1.5 / 64
"""Of the side: lines are thin, and without smoothing a shift by their width already leaves nothing in common."""
REACH_SHARE, REACH_MARGIN = 0.98, 1.1
_FAINT = 1e-6  # grey beyond 0 to 1 that is taken for rounding
_EQUAL = 2e-3  # of a likeness: peaks that differ by less are one and the same
_LEAST_WITHIN = 0.01  # of the ink
_BLANK = 2e-5  # mean ink: less than one dot of the thinnest pen


@dataclass(frozen=True, slots=True)
class Recovered:
    """How a picture lies to another one.

    Attributes:
        degrees: the turn that brings the reference onto the picture, counter-clockwise, -180 to 180.
        likeness: the cosine of the two at that turn, -1 to 1.
    """

    degrees: float
    likeness: float


def check_picture(picture: npt.ArrayLike, name: str = "The picture") -> Floats:
    """The picture as an array of floats.

    Raises:
        RepresentationError: it is not of two dimensions, smaller than `LEAST_SIDE` px, or holds a value that is no
            number from 0 to 1.
    """
    grey = np.asarray(picture, dtype=np.float64)
    if grey.ndim != 2:
        raise RepresentationError(f"{name}: an array of shape {grey.shape} was found. Expected: (rows, columns).")
    if min(grey.shape) < LEAST_SIDE:
        raise RepresentationError(
            f"{name}: {grey.shape[1]} × {grey.shape[0]} px were found. Expected: at least {LEAST_SIDE} px a side: "
            "below it interpolation errs by several per cent."
        )
    if not np.isfinite(grey).all() or grey.min() < -_FAINT or grey.max() > 1 + _FAINT:
        found = f"{grey.min():g} to {grey.max():g}" if np.isfinite(grey).all() else "a value that is no number"
        raise RepresentationError(f"{name}: {found} was found. Expected: grey from 0 (bare) to 1 (ink).")
    return np.clip(grey, 0.0, 1.0)


def is_blank(picture: Floats) -> bool:
    """Whether less ink is on it than one dot of the thinnest pen."""
    return float(picture.mean()) < _BLANK


def centre_of_ink(picture: Floats, name: str = "The picture") -> tuple[float, float]:
    """Where the ink balances: (row, column) in px, the middle of the first pixel being (0, 0).

    Raises:
        NotEnough: the picture is blank.
    """
    if is_blank(picture):
        raise NotEnough(f"{name} is blank: no ink was found, so it has no centre.", "a drawing with one line")
    row, column = ndimage.center_of_mass(picture)
    return float(row), float(column)


def reach_of_ink(picture: Floats, centre: tuple[float, float]) -> float:
    """The radius about the centre, in px, that holds 98 % of the ink, and a tenth more. At least 4 px."""
    rows, columns = np.nonzero(picture)
    distance = np.hypot(rows - centre[0], columns - centre[1])
    order = np.argsort(distance, kind="stable")
    held = np.cumsum(picture[rows, columns][order])
    within = distance[order][np.searchsorted(held, REACH_SHARE * held[-1])]
    return max(float(within) * REACH_MARGIN, 4.0)


def resolving_angles(reach: float) -> int:
    """How many angles resolve the pixels of a ring of that radius: a power of two, at least 256."""
    return max(LEAST_ANGLES, int(2 ** math.ceil(math.log2(2 * math.pi * reach))))


def to_polar(
    picture: npt.ArrayLike,
    *,
    rings: int = RINGS,
    angles: int | None = None,
    centre: tuple[float, float] | None = None,
    reach: float | None = None,
    blur: float = 0.0,
    name: str = "The picture",
) -> Floats:
    """The picture on rings: an array (rings, angles), each sample weighted by the square root of its radius.

    Interpolation is cubic; what lies beyond the paper is bare.

    Args:
        picture: (rows, columns), grey 0 to 1, at least 64 px a side.
        rings: how many, at the middles of equal steps of radius.
        angles: how many; None is what resolves the pixels of the outermost ring, or high orders would fold onto low
            ones.
        centre: (row, column) in px; None is the centre of ink.
        reach: the outermost radius in px; None is half the shorter side.
        blur: the standard deviation, in px, of a Gaussian that the picture is smoothed by first.
        name: how faults name the picture.

    Raises:
        RepresentationError: the array is no picture, or rings or angles are fewer than 1 or 4.
        NotEnough: it is blank.

    Source: quadrature on the disc; the weight and the cubic interpolation were measured [M].
    """
    if rings < 1 or (angles is not None and angles < 4):
        raise RepresentationError(f"{rings} rings and {angles} angles were found. Expected: at least 1 and 4.")
    grey = check_picture(picture, name)
    row, column = centre_of_ink(grey, name) if centre is None else centre
    if is_blank(grey):
        raise NotEnough(f"{name} is blank: no ink was found.", "a drawing with one line")
    outer = min(grey.shape) / 2 if reach is None else reach
    angles = resolving_angles(outer) if angles is None else angles
    if blur:
        grey = ndimage.gaussian_filter(grey, blur, mode="constant")
    radius = (np.arange(rings) + 0.5) / rings * outer
    theta = 2 * np.pi * np.arange(angles) / angles
    places = np.stack([row - np.outer(radius, np.sin(theta)), column + np.outer(radius, np.cos(theta))])
    samples = ndimage.map_coordinates(grey, places, order=3, mode="constant", cval=0.0)
    return np.asarray(samples * np.sqrt(radius)[:, None])


def placed(
    picture: npt.ArrayLike,
    *,
    rings: int = RINGS,
    angles: int | None = None,
    blur: float = 0.0,
    name: str = "The picture",
) -> Floats:
    """The picture on rings about its centre of ink, as far as its ink reaches: where and how large it is drops out.

    Raises:
        RepresentationError, NotEnough: as `to_polar`.
    """
    grey = check_picture(picture, name)
    centre = centre_of_ink(grey, name)
    reach = reach_of_ink(grey, centre)
    return to_polar(grey, rings=rings, angles=angles, centre=centre, reach=reach, blur=blur, name=name)


def turned(polar: Floats, degrees: float) -> Floats:
    """The picture on rings, turned counter-clockwise; exact for all orders below half the number of angles."""
    angles = polar.shape[-1]
    steps = degrees / 360 * angles
    if abs(steps - round(steps)) < 1e-9:
        return np.roll(polar, round(steps), axis=-1)
    orders = np.arange(angles // 2 + 1)
    spectrum = np.fft.rfft(polar, axis=-1) * np.exp(-2j * np.pi * orders * (steps % angles) / angles)
    return np.asarray(np.fft.irfft(spectrum, n=angles, axis=-1))


def mirrored(polar: Floats, axis_degrees: float = 0.0) -> Floats:
    """The picture on rings, mirrored at the line through its centre at that angle."""
    flipped = np.roll(polar[..., ::-1], 1, axis=-1)
    return turned(flipped, 2 * axis_degrees)


def recovered_angle(polar: Floats, reference: Floats) -> Recovered:
    """By how much the picture is turned against the reference, both on the same rings.

    The circular cross-correlation over all turns; a parabola through its peak and both neighbours gives parts of a
    step. Where a picture has s-fold symmetry the angle is known up to 360/s degrees, and the least turn is given.

    Args:
        polar: (rings, angles).
        reference: (rings, angles).

    Raises:
        RepresentationError: the shapes differ.
        NotEnough: one of them is empty everywhere.

    Source: [M]: within 0.28 degrees over 8 angles of a 64 px picture.
    """
    if polar.shape != reference.shape:
        raise RepresentationError(
            f"Rings of shape {polar.shape} and {reference.shape} were found. Expected: both alike."
        )
    angles = polar.shape[-1]
    size = float(np.linalg.norm(polar) * np.linalg.norm(reference))
    if size == 0:
        raise NotEnough("One of two pictures is blank, so no angle lies between them.", "a drawing with one line")
    spectrum = (np.fft.rfft(polar, axis=-1) * np.fft.rfft(reference, axis=-1).conj()).sum(axis=0)
    correlation = np.fft.irfft(spectrum, n=angles) / size
    best = float(correlation.max())
    signed = (np.arange(angles) + angles // 2) % angles - angles // 2
    # The equal peaks of a symmetric picture differ by interpolation: the smallest turn among them is given.
    is_peak = (correlation >= np.roll(correlation, 1)) & (correlation >= np.roll(correlation, -1))
    equal = np.flatnonzero(is_peak & (correlation >= best - _EQUAL * abs(best)))
    peak = int(equal[np.argmin(np.abs(signed[equal]))])
    before, here, after = correlation[[peak - 1, peak, (peak + 1) % angles]]
    bend = before - 2 * here + after
    part = 0.5 * (before - after) / bend if bend < -1e-12 else 0.0
    degrees = (signed[peak] + part) * 360 / angles
    return Recovered(float((degrees + 180) % 360 - 180), float(min(here - 0.25 * (before - after) * part, 1.0)))


def mirror_odd_share(polar: Floats) -> float:
    """The share of a picture's power that is odd under the mirror line that suits it best, 0 to 0.5.

    0 is a picture with a mirror line. The correlation with the mirrored picture is had for all lines at once, since
    mirroring at another line is mirroring and then turning by twice the angle.

    Raises:
        NotEnough: the picture is blank.

    Source: our own derivation [O]: the odd part is (p - Mp) / 2, and its power (1 - cos(p, Mp)) / 2 of p's.
    """
    return max((1 - recovered_angle(polar, mirrored(polar)).likeness) / 2, 0.0)


def spectrum(polar: Floats, most: int | None = None) -> npt.NDArray[np.complex128]:
    """The picture on rings by angular order, (rings, most + 1): turned by a shift of phase, and as long as it was.

    Orders above 0 stand for their negative too and are weighted by the square root of 2, so that the sum of squares,
    and the real part of an inner product, are those of the samples (of the orders up to `most`).

    Args:
        polar: (rings, angles).
        most: the highest order, below half the angles; None is the highest there is.
    """
    angles = polar.shape[-1]
    highest = (angles - 1) // 2
    kept = highest if most is None else min(most, highest)
    weights = np.full(kept + 1, np.sqrt(2 / angles))
    weights[0] = np.sqrt(1 / angles)
    return np.asarray(np.fft.rfft(polar, axis=-1)[..., : kept + 1] * weights)


def smoothed(picture: npt.ArrayLike, *, on_paper: bool = False, name: str = "The picture") -> Floats:
    """The picture on rings as pictures are compared: smoothed by 1.5/64 of its shorter side; (32, angles).

    Args:
        picture: (rows, columns), grey 0 to 1, at least 64 px a side.
        on_paper: whether place and size on the paper count; else both are dropped, as `placed` does.
        name: how faults name it.

    Raises:
        RepresentationError, NotEnough: as `to_polar`; ink in the corners of the paper alone is not enough either.
    """
    grey = check_picture(picture, name)
    blur = BLUR_SHARE * min(grey.shape)
    if not on_paper:
        return placed(grey, blur=blur, name=name)
    rows, columns = np.indices(grey.shape)
    within = np.hypot(rows - middle(grey)[0], columns - middle(grey)[1]) < min(grey.shape) / 2
    if not is_blank(grey) and grey[within].sum() < _LEAST_WITHIN * grey.sum():
        raise NotEnough(
            f"{name}: all ink lies in the corners, outside the disc that turns on the paper.",
            "a drawing whose lines lie about the middle",
        )
    return to_polar(grey, centre=middle(grey), blur=blur, name=name)


def unit_spectrum(polar: Floats) -> npt.NDArray[np.complex128]:
    """The spectrum of a picture on rings, of length 1, orders 0 to 64: what pictures are compared by; (rings, 65)."""
    spectra = spectrum(polar, MOST_ORDER)
    return np.asarray(spectra / np.linalg.norm(spectra))


def middle(picture: Floats) -> tuple[float, float]:
    """The middle of the paper, (row, column) in px."""
    return (picture.shape[0] - 1) / 2, (picture.shape[1] - 1) / 2


def on_rings(spectra: npt.NDArray[np.complex128], angles: int) -> Floats:
    """What `spectrum` was made from, but for the orders that were left out: (rings, angles)."""
    weights = np.full(spectra.shape[-1], np.sqrt(angles / 2))
    weights[0] = np.sqrt(angles)
    return np.asarray(np.fft.irfft(spectra * weights, n=angles, axis=-1))


def phases(degrees: npt.ArrayLike, most: int) -> npt.NDArray[np.complex128]:
    """What a spectrum is multiplied by to turn the picture counter-clockwise: (…, most + 1)."""
    turns = np.radians(np.asarray(degrees, dtype=np.float64))
    return np.asarray(np.exp(-1j * np.multiply.outer(turns, np.arange(most + 1))))


def rotated(picture: Floats, degrees: float, *, order: Spline = 3) -> Floats:
    """The picture turned counter-clockwise about its middle, on its own pixels; quarter turns of a square are exact.

    Args:
        picture: (rows, columns).
        degrees: any.
        order: of the spline: 3 is cubic, 1 linear.
    """
    rows, columns = picture.shape
    quarters = degrees / 90
    if rows == columns and abs(quarters - round(quarters)) < 1e-12:
        return np.rot90(picture, round(quarters) % 4).copy()
    row, column = middle(picture)
    down, right = np.indices(picture.shape, dtype=np.float64)
    down, right = down - row, right - column
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    places = np.stack([row + down * cos + right * sin, column - down * sin + right * cos])
    return np.asarray(ndimage.map_coordinates(picture, places, order=order, mode="constant", cval=0.0))


def interpolation_floor(
    picture: npt.ArrayLike, *, turns: int = 24, order: Spline = 3, blur_share: float = 0.0
) -> float:
    """What turning on the pixel grid alone costs: the root mean square error relative to the picture.

    The picture is turned by equal steps on its pixels, brought onto rings and turned back there exactly; what is left
    between it and the unturned picture is interpolation.

    Args:
        picture: (rows, columns), grey 0 to 1, at least 64 px a side.
        turns: how many steps.
        order: of the spline that turns the pixels.
        blur_share: of the side; what both pictures are smoothed by before they are compared.

    Raises:
        RepresentationError, NotEnough: as `to_polar`.

    Source: [M]; it must be reported with every figure from pixels, for nothing below it can be told from nothing.
    """
    grey = check_picture(picture)
    blur = blur_share * min(grey.shape)
    still = to_polar(grey, centre=middle(grey), blur=blur)
    errors = []
    for step in range(turns):
        degrees = 360 * step / turns
        pixels = np.clip(rotated(grey, degrees, order=order), 0.0, 1.0)
        back = turned(to_polar(pixels, centre=middle(grey), blur=blur), -degrees)
        errors.append(float(((back - still) ** 2).sum()))
    return math.sqrt(float(np.mean(errors)) / float((still**2).sum()))
