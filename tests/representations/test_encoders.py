from __future__ import annotations

import numpy as np
import pytest

from representations import decoding
from representations.decoding import decode_orientation
from representations.encoders import Layer, audit, audit_encoder
from representations.errors import NotEnough, RepresentationError
from representations.polar import Floats, turned
from tests.representations.figures import blobs, petals

pytestmark = pytest.mark.once

TURNS, ITEMS, RINGS, ANGLES = 24, 12, 8, 48


def on_rings() -> Floats:
    """Pictures on rings with orders up to 7, each at 24 turns: (turns, items, rings, angles)."""
    generator = np.random.default_rng(0)
    by_order = np.zeros((ITEMS, RINGS, ANGLES // 2 + 1), dtype=complex)
    by_order[..., :8] = generator.normal(size=(ITEMS, RINGS, 8)) + 1j * generator.normal(size=(ITEMS, RINGS, 8))
    pictures = np.fft.irfft(by_order, ANGLES, axis=-1)
    return np.stack([turned(pictures, 360 * k / TURNS) for k in range(TURNS)])


SHOWN = on_rings()
EQUIVARIANT = SHOWN.reshape(TURNS, ITEMS, -1)
INVARIANT = np.abs(np.fft.rfft(SHOWN, axis=-1)).reshape(TURNS, ITEMS, -1)
HALF_TURN_BLIND = ((SHOWN + np.roll(SHOWN, ANGLES // 2, axis=-1)) ** 2).reshape(TURNS, ITEMS, -1)
RANDOM = np.maximum(EQUIVARIANT @ np.random.default_rng(1).normal(size=(RINGS * ANGLES, 200)), 0)
TURNED_BACK = np.stack([turned(SHOWN[k], -360 * k / TURNS) for k in range(TURNS)]).reshape(TURNS, ITEMS, -1)
BLIND = "this layer is blind to m=1: orientation differences cannot be seen"


def test_orientation_is_read_from_an_equivariant_layer_and_not_from_a_half_turn_blind_one() -> None:
    generator = np.random.default_rng(0)
    seen = {
        name: decode_orientation(layer, generator)[0]
        for name, layer in (("equivariant", EQUIVARIANT), ("half", HALF_TURN_BLIND), ("invariant", INVARIANT))
    }
    assert seen["equivariant"].fitted > 0.999
    assert seen["equivariant"].held_out > 0.999
    for name in ("half", "invariant"):
        assert abs(seen[name].fitted) < 1e-6
        assert abs(seen[name].held_out) < 1e-6


def test_without_the_ridges_floor_round_off_would_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    still = np.ones((TURNS, 1, 40)) + np.random.default_rng(0).normal(size=(TURNS, 1, 40)) * 1e-16
    still += np.random.default_rng(0).normal(size=(TURNS, 1, 40)) * 3e-15
    assert decode_orientation(still, np.random.default_rng(0))[0].fitted < 1e-6
    monkeypatch.setattr(decoding, "RIDGE", 0.0)
    assert decode_orientation(still, np.random.default_rng(0))[0].fitted > 0.7


def test_how_large_the_responses_are_and_where_they_begin_changes_nothing() -> None:
    plain, _ = decode_orientation(RANDOM, np.random.default_rng(0))
    scaled, _ = decode_orientation(RANDOM * 1e6, np.random.default_rng(0))
    assert scaled.held_out == pytest.approx(plain.held_out, abs=1e-9)
    assert 0.1 < plain.held_out < 1


def test_shuffled_turns_are_fitted_where_features_abound_and_never_foreseen() -> None:
    true, null = decode_orientation(RANDOM, np.random.default_rng(0), shuffles=5)
    assert true.fitted > 0.999
    assert null.fitted > 0.999
    assert null.held_out < 0
    few, null = decode_orientation(RANDOM[:, :, :2], np.random.default_rng(0), shuffles=5)
    assert null.fitted < 0.5
    assert np.isnan(decode_orientation(RANDOM, np.random.default_rng(0))[1].fitted)


@pytest.mark.parametrize("turns", [3, 4, 5, 8])
def test_few_turns_are_decoded_without_a_fault(turns: int) -> None:
    angles = 2 * np.pi * np.arange(turns) / turns
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, None]
    assert decode_orientation(circle, np.random.default_rng(0))[0].fitted > 0.999


def test_the_audit_says_what_each_layer_misses() -> None:
    layers = [
        Layer("invariant", INVARIANT),
        Layer("half", HALF_TURN_BLIND),
        Layer("equivariant", EQUIVARIANT, TURNED_BACK),
        Layer("random", RANDOM, RANDOM),
        Layer("silent", np.zeros((TURNS, ITEMS, 3))),
    ]
    told: list[tuple[int, int]] = []
    result = audit(layers, seed=1, progress=lambda done, of: told.append((done, of)))
    rows = {row["layer"]: row for row in result.table("layers").rows()}
    assert told[-1] == (5, 5)
    assert rows["invariant"]["m0"] == pytest.approx(1, abs=1e-12)
    assert rows["invariant"]["equivariance_error"] < 1e-12
    assert rows["equivariant"]["equivariance_error"] < 1e-12
    assert rows["random"]["equivariance_error"] > 0.1
    assert rows["half"]["blind_to"] == "1 3 5 7"
    assert rows["equivariant"]["decodable"] > 0.999
    assert abs(rows["half"]["decodable"]) < 1e-6
    for row in rows.values():
        if row["layer"] != "silent":
            assert sum(row[f"m{order}"] for order in range(9)) + row["beyond"] == pytest.approx(1, abs=1e-10)
    assert f"half: {BLIND}." in result.warnings
    assert f"invariant: {BLIND}." in result.warnings
    assert any(warning.startswith("half: nor any other odd order") for warning in result.warnings)
    assert any(warning.startswith("silent: this layer is silent") for warning in result.warnings)
    assert any(warning.startswith("random: with 200 features") for warning in result.warnings)
    assert not any(warning.startswith("equivariant") for warning in result.warnings)
    assert set(result.drawings()) == {"content", "error", "decoded"}
    assert result.as_json() == audit(layers, seed=1).as_json()


def encode(pictures: Floats) -> dict[str, Floats]:
    flat = pictures.reshape(len(pictures), -1)
    weights = np.random.default_rng(0).normal(size=(flat.shape[1], 30))
    return {
        "pixels": pictures,
        "ink": flat.sum(axis=1, keepdims=True),
        "half": flat + flat[:, ::-1],
        "random": np.maximum(flat @ weights, 0),
    }


def back(pictures: Floats, degrees: float) -> Floats:
    return np.stack([np.rot90(one.reshape(64, 64), -round(degrees / 90)).ravel() for one in pictures])


def test_an_encoder_is_shown_pictures_at_all_turns() -> None:
    pictures = np.stack([blobs(64, seed=seed) for seed in range(4)])
    told: list[tuple[int, int]] = []
    result = audit_encoder(encode, pictures, seed=1, turns=16, progress=lambda done, of: told.append((done, of)))
    rows = {row["layer"]: row for row in result.table("layers").rows()}
    assert told[-1][0] == told[-1][1]
    assert 0 < result.floor.value < 0.02
    assert rows["ink"]["equivariance_error"] < 0.01
    assert f"half: {BLIND}." in result.warnings
    assert abs(rows["half"]["decodable"]) < 1e-6
    assert rows["pixels"]["decodable"] > 0.999
    assert rows["pixels"]["features"] == 64 * 64
    for row in rows.values():
        assert row["m0_even"] + row["m0_odd"] == pytest.approx(row["m0"], abs=0.05)
    four = audit_encoder(encode, pictures, seed=1, turns=4, turn_back={"pixels": back}).table("layers").rows()[0]
    assert (four["held_to"], four["equivariance_error"]) == ("turning with the picture", pytest.approx(0, abs=1e-12))


def test_handedness_is_seen_in_the_odd_part_of_order_0() -> None:
    def handed(pictures: Floats) -> dict[str, Floats]:
        """A sum over the picture that turns sign with mirroring: of slopes along the radius and around it."""
        down, right = np.gradient(pictures, axis=(1, 2))
        rows, columns = np.indices(pictures.shape[1:]) - 31.5
        along, around = down * rows + right * columns, right * rows - down * columns
        return {"handed": (along * around).sum(axis=(1, 2))[:, None]}

    result = audit_encoder(handed, np.stack([petals(3, 64, handed=3.0)]), seed=1, turns=16)
    (row,) = result.table("layers").rows()
    assert row["m0_odd"] > 0.8
    assert row["m0_even"] < 0.05


def test_folded_orders_of_an_encoder_are_told() -> None:
    def ninefold(pictures: Floats) -> dict[str, Floats]:
        rows, columns = np.indices(pictures.shape[1:]) - 31.5
        wave = np.cos(9 * np.arctan2(-rows, columns))
        return {"nine": (pictures * wave).sum(axis=(1, 2))[:, None]}

    pictures = np.stack([petals(9)])
    assert any("fold" in w for w in audit_encoder(ninefold, pictures, seed=1, turns=8).warnings)
    assert not any("fold" in w for w in audit_encoder(ninefold, pictures, seed=1, turns=24).warnings)


def test_what_can_not_be_audited_is_named() -> None:
    with pytest.raises(NotEnough, match="No layer"):
        audit([], seed=1)
    with pytest.raises(NotEnough, match="Layer two: Responses at 2 turns.*Enough would be: 3 turns"):
        audit([Layer("two", np.ones((2, 1, 1)))], seed=1)
    with pytest.raises(RepresentationError, match=r"Layer flat: .*\(3, 4\)"):
        audit([Layer("flat", np.ones((3, 4)))], seed=1)
    with pytest.raises(RepresentationError, match="Layer b: 4 turns were found. Expected: 3"):
        audit([Layer("a", np.ones((3, 1, 1))), Layer("b", np.ones((4, 1, 1)))], seed=1)
    with pytest.raises(RepresentationError, match="turned back, its shape"):
        audit([Layer("a", np.ones((3, 1, 2)), np.ones((3, 1, 1)))], seed=1)
    with pytest.raises(RepresentationError, match="at least 17"):
        audit([Layer("a", np.ones((8, 1, 2)))], seed=1, most=8)
    with pytest.raises(RepresentationError, match="0 shuffles"):
        audit([Layer("a", np.ones((8, 1, 2)))], seed=1, shuffles=0)
    with pytest.raises(RepresentationError, match=r"items, rows, columns"):
        audit_encoder(encode, blobs(64), seed=1)
    with pytest.raises(RepresentationError, match="Picture 1: 32 × 32 px"):
        audit_encoder(encode, np.ones((1, 32, 32)), seed=1)
    with pytest.raises(RepresentationError, match=r"Layer x: an array of shape \(5,\)"):
        audit_encoder(lambda pictures: {"x": np.ones(5)}, blobs(64)[None], seed=1)
    sizes = iter(range(1, 1000))
    with pytest.raises(RepresentationError, match="Layer x: shapes .* at different turns"):
        audit_encoder(lambda pictures: {"x": np.ones((len(pictures), next(sizes)))}, blobs(64)[None], seed=1, turns=4)
