from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from representations.errors import NotEnough, RepresentationError
from representations.polar import Floats, to_polar
from representations.symmetry import (
    blind_orders,
    can_read_out,
    content,
    content_with_mirror,
    equivariance_rmse,
    equivariance_variance,
    relative_equivariance_error,
    sampled_content,
    split_error,
    symmetrised,
)
from tests.representations.figures import petals

pytestmark = pytest.mark.once

PICTURE = np.random.default_rng(7).normal(size=(32, 32))


def quarter_turns(respond: Callable[[Floats], Floats], picture: Floats = PICTURE) -> Floats:
    """The back-rotated responses of a map from pictures to pictures, at the four quarter turns, which are exact."""
    return np.stack([np.rot90(respond(np.rot90(picture, k)), -k).reshape(1, -1) for k in range(4)])


def convolved(kernel: Floats) -> Callable[[Floats], Floats]:
    return lambda picture: np.maximum(ndimage.convolve(picture, kernel, mode="constant"), 0.0)


def test_a_map_that_turns_with_its_picture_has_no_error_and_a_random_one_a_large_one() -> None:
    generator = np.random.default_rng(0)
    kernel = generator.normal(size=(5, 5))
    fourfold = sum(np.rot90(kernel, k) for k in range(4)) / 4
    assert relative_equivariance_error(quarter_turns(convolved(fourfold))) < 1e-12
    assert relative_equivariance_error(quarter_turns(convolved(kernel))) > 0.1
    weights = generator.normal(size=(1024, 1024)) / 32

    def averaged(picture: Floats) -> Floats:
        turned = [np.rot90((weights @ np.rot90(picture, k).ravel()).reshape(32, 32), -k) for k in range(4)]
        return np.asarray(np.mean(turned, axis=0))

    assert relative_equivariance_error(quarter_turns(averaged)) < 1e-12


def test_the_variance_is_that_of_its_definition_and_not_lost_beside_a_large_mean() -> None:
    back = np.random.default_rng(1).normal(size=(6, 3, 5))
    by_definition = (back**2).sum(-1).mean(0) - (back.mean(0) ** 2).sum(-1)
    assert np.abs(equivariance_variance(back) - by_definition).max() < 1e-12
    assert equivariance_rmse(back) == pytest.approx(np.sqrt(by_definition.mean() / 5), rel=1e-12)
    assert np.abs(equivariance_variance(back + 1e6) / by_definition - 1).max() < 1e-8
    assert np.isnan(relative_equivariance_error(np.zeros((4, 1, 2))))


def test_the_error_splits_exactly_and_the_symmetrised_response_has_the_systematic_part_alone() -> None:
    generator = np.random.default_rng(2)
    back, target = generator.normal(size=(9, 7, 11)), generator.normal(size=(7, 11))
    parts = split_error(back, target)
    assert np.abs(parts.total - parts.systematic - parts.dependent).max() < 1e-10
    assert np.abs(parts.dependent - equivariance_variance(back) / 11).max() < 1e-12
    mean = symmetrised(back)
    again = split_error(np.stack([mean] * 4), target)
    assert again.dependent.max() < 1e-12
    assert np.abs(again.total - parts.systematic).max() < 1e-12


@pytest.mark.parametrize("turns", [1, 2, 7, 16, 17])
@pytest.mark.parametrize("kind", ["real", "complex"])
def test_the_powers_of_all_orders_add_up_to_the_mean_square(turns: int, kind: str) -> None:
    generator = np.random.default_rng(turns)
    responses = generator.normal(size=(turns, 3, 5)).astype(complex if kind == "complex" else float)
    if kind == "complex":
        responses = responses + 1j * generator.normal(size=(turns, 3, 5))
    for most in range((turns - 1) // 2 + 1):
        found = content(responses, most)
        mean_square = (np.abs(responses) ** 2).sum(-1).mean(0)
        assert found.most == most
        assert np.abs(found.power.sum(0) + found.beyond - mean_square).max() < 1e-12
        assert np.abs(found.fractions.sum(0) + found.beyond / found.total - 1).max() < 1e-12
    assert content(responses, (turns - 1) // 2).pooled.sum() == pytest.approx(1, abs=1e-10) or turns % 2 == 0


def test_a_wave_has_its_own_order_alone_and_nothing_has_no_content() -> None:
    turns = 2 * np.pi * np.arange(13) / 13
    for order in range(7):
        wave = np.cos(order * turns + 0.3)[:, None, None]
        assert content(wave, 6).pooled[order] == pytest.approx(1, abs=1e-12)
    assert np.isnan(content(np.zeros((5, 1, 1)), 2).pooled).all()


def test_too_few_turns_for_an_order_are_refused_and_folded_orders_are_caught() -> None:
    with pytest.raises(RepresentationError, match="8 turns were found. Expected: at least 13"):
        content(np.zeros((8, 1, 1)), 6)
    with pytest.raises(RepresentationError, match="at least 9 to tell orders up to 4"):
        content(np.zeros((8, 1, 1)), 4)

    def sixfold(degrees: float) -> Floats:
        return np.array([[np.cos(np.radians(6 * degrees)), np.sin(np.radians(6 * degrees))]])

    taken_for = content(np.stack([sixfold(45 * k) for k in range(8)]), 3).pooled
    assert taken_for[2] == pytest.approx(1)
    with pytest.raises(RepresentationError, match="order 2 came out as 1.000, and as 0.000 with 17 turns"):
        sampled_content(sixfold, 8, 3)
    assert sampled_content(sixfold, 13, 6).pooled[6] == pytest.approx(1)
    # An order that 8 and 16 turns would both take for order 2.
    with pytest.raises(RepresentationError, match="8 turns fold"):
        sampled_content(lambda degrees: sixfold(3 * degrees), 8, 3)


@pytest.mark.parametrize("fold", [0, 1, 2, 3, 4, 5])
def test_a_picture_with_s_fold_symmetry_has_power_at_multiples_of_s_alone(fold: int) -> None:
    allowed = [order for order in range(9) if (order == 0 if fold == 0 else order % fold == 0)]
    from_pixels = content(to_polar(petals(fold), rings=16, angles=64, centre=(31.5, 31.5)).T[:, None, :], 8)
    share = from_pixels.pooled[allowed].sum() / from_pixels.pooled.sum()
    assert 1 - share < 0.06
    angles = 2 * np.pi * np.arange(240) / 240
    rings = np.linspace(0.1, 1, 16)[:, None]
    built = np.exp(-(((rings - 0.5 - (0.25 * np.cos(fold * angles) if fold else 0)) / 0.12) ** 2)) + 0 * angles
    exact = content(built.T[:, None, :], 8)
    assert exact.pooled.sum() - exact.pooled[allowed].sum() < 1e-12


def test_mirroring_parts_order_0_into_even_and_odd_and_all_add_up() -> None:
    generator = np.random.default_rng(3)
    direct, flipped = generator.normal(size=(2, 17, 3, 5))
    found = content_with_mirror(direct, flipped, 8)
    assert np.abs(found.even + found.odd + found.power.sum(0) + found.beyond - found.total).max() < 1e-12
    assert found.pooled.sum() == pytest.approx(1, abs=1e-10)
    still = np.ones((9, 1, 1))
    assert content_with_mirror(still, still, 4).pooled[:2] == pytest.approx([1, 0])
    assert content_with_mirror(still, -still, 4).pooled[:2] == pytest.approx([0, 1])
    assert content_with_mirror(still, 0 * still, 4).pooled[:2] == pytest.approx([0.5, 0.5])


def test_mirror_content_is_that_of_the_projections_onto_the_representations_of_the_group() -> None:
    """Against (d / |G|) sum over h of chi(h^-1 g) u(h), worked out element by element."""
    turns, most = 5, 2
    generator = np.random.default_rng(4)
    direct, flipped = generator.normal(size=(2, turns, 1, 3))
    elements = [(k, s) for s in (0, 1) for k in range(turns)]  # turn k after mirroring s times
    values = dict(zip(elements, [*direct[:, 0], *flipped[:, 0]], strict=True))

    def between(h: tuple[int, int], g: tuple[int, int]) -> tuple[int, int]:
        """h^-1 g, of turns R^k M^s, where M R = R^-1 M."""
        turn = (g[0] - h[0]) % turns
        return ((-turn) % turns if h[1] else turn, (g[1] + h[1]) % 2)

    def character(name: str, of: tuple[int, int]) -> float:
        if name in ("even", "odd"):
            return -1.0 if name == "odd" and of[1] else 1.0
        return 0.0 if of[1] else 2 * np.cos(2 * np.pi * int(name) * of[0] / turns)

    shares = []
    for name in ("even", "odd", "1", "2"):
        dimension = 1 if name in ("even", "odd") else 2
        projected = [
            dimension / 10 * sum(character(name, between(h, g)) * values[h] for h in elements) for g in elements
        ]
        shares.append(np.mean([(one**2).sum() for one in projected]))
    found = content_with_mirror(direct, flipped, most)
    assert [found.even[0], found.odd[0], *found.power[:, 0]] == pytest.approx(shares, rel=1e-12)


def test_an_absent_order_can_not_be_read_out() -> None:
    shares = np.array([0.5, 0.0, 0.5, 1e-9])
    assert blind_orders(shares) == (1, 3)
    assert blind_orders([np.nan, np.nan]) == (1,)
    assert [can_read_out(shares, order) for order in range(4)] == [True, False, True, False]
    with pytest.raises(RepresentationError, match="0 to 3"):
        can_read_out(shares, 4)


def test_other_shapes_and_values_are_named() -> None:
    with pytest.raises(RepresentationError, match=r"\(3, 4\).*turns, samples, components"):
        content(np.zeros((3, 4)))
    with pytest.raises(RepresentationError, match="no finite number"):
        content(np.full((17, 1, 1), np.inf))
    with pytest.raises(NotEnough, match="Enough would be: 1 turns, one sample"):
        equivariance_rmse(np.zeros((4, 0, 3)))
    with pytest.raises(RepresentationError, match=r"target of shape \(2,\).*\(1, 2\)"):
        split_error(np.zeros((4, 1, 2)), np.zeros(2))
    with pytest.raises(RepresentationError, match="both alike"):
        content_with_mirror(np.zeros((17, 1, 1)), np.zeros((17, 1, 2)))
