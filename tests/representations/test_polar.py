from __future__ import annotations

import numpy as np
import pytest

from representations.errors import NotEnough, RepresentationError
from representations.polar import (
    centre_of_ink,
    interpolation_floor,
    is_blank,
    middle,
    mirror_odd_share,
    mirrored,
    on_rings,
    phases,
    placed,
    reach_of_ink,
    recovered_angle,
    resolving_angles,
    rotated,
    smoothed,
    spectrum,
    to_polar,
    turned,
    unit_spectrum,
)
from tests.representations.figures import blobs, petals, plane

pytestmark = pytest.mark.once


def test_a_quarter_turn_is_counter_clockwise_and_exact_in_pixels_and_on_rings() -> None:
    picture = blobs(64)
    assert np.array_equal(rotated(picture, 90), np.rot90(picture))
    assert np.array_equal(rotated(picture, -90), np.rot90(picture, -1))
    assert np.abs(rotated(picture, 90.0001) - np.rot90(picture)).max() < 1e-4
    on = to_polar(picture, centre=middle(picture))
    assert np.abs(to_polar(np.rot90(picture), centre=middle(picture)) - turned(on, 90)).max() < 1e-9


def test_the_first_angle_points_to_the_right_and_angles_run_counter_clockwise() -> None:
    radius, angle = plane(64)
    right = ((radius < 0.6) & (np.abs(angle) < 0.3)).astype(float)
    up = ((radius < 0.6) & (np.abs(angle - np.pi / 2) < 0.3)).astype(float)
    assert np.argmax(to_polar(right, centre=middle(right), angles=8).sum(axis=0)) == 0
    assert np.argmax(to_polar(up, centre=middle(up), angles=8).sum(axis=0)) == 2


def test_the_sum_of_squares_on_rings_is_the_integral_over_the_disc() -> None:
    picture = blobs(128)
    rings = 64
    on = to_polar(picture, rings=rings, angles=512, centre=middle(picture))
    area = (64 / rings) * (2 * np.pi / 512)
    assert (on**2).sum() * area == pytest.approx((picture**2).sum(), rel=1e-3)


def test_turning_on_rings_is_undone_and_keeps_all_power() -> None:
    on = to_polar(blobs(), centre=(31.5, 31.5), angles=255)
    for degrees in (33.3, -200.0, 719.9, 1.40625):
        there = turned(on, degrees)
        assert np.abs(turned(there, -degrees) - on).max() < 1e-12
        assert np.linalg.norm(there) == pytest.approx(np.linalg.norm(on), rel=1e-12)


def test_a_turn_is_recovered_within_a_degree_from_pixels() -> None:
    picture = blobs(64, seed=3)
    on = to_polar(picture, centre=middle(picture))
    for degrees in (15, 45, 77, 123, 170, 200, 260, 300):
        found = recovered_angle(to_polar(np.clip(rotated(picture, degrees), 0, 1), centre=middle(picture)), on)
        assert abs((found.degrees - degrees + 180) % 360 - 180) < 0.05
        assert found.likeness > 0.999


def test_where_a_picture_lies_and_how_large_it_is_drops_out() -> None:
    side = 128
    picture = np.zeros((side, side))
    picture[8:72, 40:104] = blobs(64, seed=2)
    found = recovered_angle(placed(picture), placed(blobs(64, seed=2)))
    assert abs(found.degrees) < 0.3
    assert found.likeness > 0.99
    large = recovered_angle(placed(blobs(128, seed=2)), placed(blobs(64, seed=2), angles=512))
    assert abs(large.degrees) < 0.3
    assert large.likeness > 0.99


@pytest.mark.parametrize("fold", [2, 3, 4, 5])
def test_of_equal_turns_the_least_is_recovered(fold: int) -> None:
    on = to_polar(petals(fold), centre=(31.5, 31.5), angles=240)
    found = recovered_angle(turned(on, 360 / fold + 6), on)
    assert found.degrees == pytest.approx(6, abs=0.2)


def test_mirroring_at_a_line_leaves_what_is_symmetric_about_it() -> None:
    on = 1 + np.cos(3 * np.linspace(0, 2 * np.pi, 100, endpoint=False))[None]
    for degrees in (0, 60, 180):
        assert np.abs(mirrored(on, degrees) - on).max() < 1e-12
    assert np.abs(mirrored(on, 20) - on).max() > 0.1


def test_the_share_without_a_mirror_line_is_none_for_petals_and_large_for_swept_ones() -> None:
    assert mirror_odd_share(to_polar(rotated(petals(3), 17).clip(0, 1), centre=(31.5, 31.5))) < 1e-3
    swept = to_polar(petals(3, handed=3.0), centre=(31.5, 31.5))
    assert 0.05 < mirror_odd_share(swept) <= 0.5
    assert mirror_odd_share(mirrored(swept)) == pytest.approx(mirror_odd_share(swept), abs=1e-9)


def test_a_spectrum_keeps_inner_products_and_turns_by_phases() -> None:
    one, other = (to_polar(blobs(seed=seed), centre=(31.5, 31.5), angles=255) for seed in (0, 1))
    product = (spectrum(one) * spectrum(other).conj()).sum().real
    assert product == pytest.approx((one * other).sum(), rel=1e-12)
    assert np.abs(on_rings(spectrum(one), 255) - one).max() < 1e-12
    by_phase = on_rings(spectrum(one) * phases(41.0, 127), 255)
    assert np.abs(by_phase - turned(one, 41.0)).max() < 1e-12
    assert np.linalg.norm(unit_spectrum(smoothed(blobs()))) == pytest.approx(1)


def test_angles_resolve_the_outermost_ring() -> None:
    assert resolving_angles(32) == 256
    assert resolving_angles(64) == 512
    assert to_polar(blobs(256)).shape == (32, 1024)


def test_the_floor_falls_with_size_and_with_the_order_of_the_spline() -> None:
    floors = {side: interpolation_floor(blobs(side), turns=8) for side in (64, 128)}
    assert floors[128] < floors[64] < 0.003
    assert interpolation_floor(blobs(64), turns=8, order=1) > 5 * floors[64]
    assert interpolation_floor(blobs(64), turns=4) < 1e-12


def test_the_centre_and_the_reach_are_those_of_the_ink() -> None:
    picture = np.zeros((100, 80))
    picture[20:31, 40:51] = 1.0
    assert centre_of_ink(picture) == pytest.approx((25, 45))
    assert reach_of_ink(picture, (25, 45)) == pytest.approx(1.1 * 5 * 2**0.5, rel=0.12)


def test_a_blank_picture_says_what_would_be_enough() -> None:
    blank = np.zeros((64, 64))
    assert is_blank(blank)
    for ask in (centre_of_ink, to_polar, placed, smoothed, interpolation_floor):
        with pytest.raises(NotEnough, match="blank.*Enough would be: a drawing with one line"):
            ask(blank)
    with pytest.raises(NotEnough, match="blank"):
        to_polar(blank, centre=(3.0, 3.0))
    with pytest.raises(NotEnough, match="blank"):
        recovered_angle(np.zeros((3, 8)), np.ones((3, 8)))


def test_ink_out_of_reach_of_the_disc_says_so() -> None:
    picture = np.zeros((64, 64))
    picture[0, 0] = 1.0
    with pytest.raises(NotEnough, match="in the corners"):
        smoothed(np.kron(picture, np.ones((8, 8))), on_paper=True)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (np.zeros((64, 64, 3)), r"shape \(64, 64, 3\)"),
        (np.zeros((32, 64)), "64 × 32 px.*at least 64"),
        (np.full((64, 64), np.nan), "no number"),
        (np.full((64, 64), 255.0), "255 to 255 was found.*from 0"),
    ],
)
def test_what_is_no_picture_is_named(picture: np.ndarray, says: str) -> None:
    with pytest.raises(RepresentationError, match=says):
        to_polar(picture)


def test_too_few_rings_and_unlike_rings_are_named() -> None:
    with pytest.raises(RepresentationError, match="at least 1 and 4"):
        to_polar(blobs(), angles=3)
    with pytest.raises(RepresentationError, match="both alike"):
        recovered_angle(np.ones((3, 8)), np.ones((3, 9)))
