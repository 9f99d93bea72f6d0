"""The reproduction of the chapter on symmetry: `python -m docs.representations.symmetry FOLDER`.

Prints each figure beside what was wanted, writes the chapter's charts into the folder, and ends with 1 where a figure
is not as wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import ndimage

from docs.representations.wanted import Wanted
from representations.encoders import Layer, audit
from representations.errors import RepresentationError
from representations.picture import ShadeChart, drawn
from representations.polar import Floats, interpolation_floor, middle, recovered_angle, rotated, to_polar, turned
from representations.profile_tables import ItemDrawing
from representations.profiles import rotation_profile
from representations.rotation import TurnedAngle, TurnedDrawing, drawn_rotation, set_rotation
from representations.symmetry import (
    content,
    content_with_mirror,
    relative_equivariance_error,
    sampled_content,
    split_error,
)
from tests.representations.figures import blobs, petals

TURNS = range(0, 360, 45)


def exact(wanted: Wanted, generator: np.random.Generator) -> None:
    """What follows from the definitions, at quarter turns of a 32 × 32 grid and at any turn of a polar one."""
    picture = generator.normal(size=(32, 32))

    def error(respond: Callable[[Floats], Floats]) -> float:
        back = [np.rot90(respond(np.rot90(picture, k)), -k).reshape(1, -1) for k in range(4)]
        return relative_equivariance_error(np.stack(back))

    def convolved(kernel: Floats) -> Callable[[Floats], Floats]:
        return lambda shown: np.maximum(ndimage.convolve(shown, kernel, mode="constant"), 0.0)

    kernel, weights = generator.normal(size=(5, 5)), generator.normal(size=(1024, 1024))

    def averaged(shown: Floats) -> Floats:
        said = [np.rot90((weights @ np.rot90(shown, k).ravel()).reshape(32, 32), -k) for k in range(4)]
        return np.asarray(np.mean(said, axis=0))

    fourfold = np.mean([np.rot90(kernel, k) for k in range(4)], axis=0)
    wanted.below("equivariance error: convolution with a fourfold kernel, rectified", error(convolved(fourfold)), 1e-12)
    wanted.above("equivariance error: convolution with a random kernel, rectified", error(convolved(kernel)), 0.1)
    wanted.below("equivariance error: random map, averaged over the group", error(averaged), 1e-12)
    responses = generator.normal(size=(17, 30, 20))
    found = content(responses, 8)
    parseval = np.abs(found.power.sum(axis=0) / (responses**2).sum(axis=-1).mean(axis=0) - 1).max()
    wanted.below("Parseval: powers of all orders by the mean square, less 1", parseval, 1e-10)
    both = content_with_mirror(responses, generator.normal(size=(17, 30, 20)), 8)
    wanted.below("the same with mirroring, all representations of O(2)", abs(both.pooled.sum() - 1), 1e-10)
    parts = split_error(responses, generator.normal(size=(30, 20)))
    apart = np.abs((parts.systematic + parts.dependent) / parts.total - 1).max()
    wanted.below("Pythagoras: systematic and dependent part by total, less 1", apart, 1e-10)

    def sixfold(degrees: float) -> Floats:
        return np.array([[np.cos(np.radians(6 * degrees)), np.sin(np.radians(6 * degrees))]])

    taken = content(np.stack([sixfold(45 * k) for k in range(8)]), 3).pooled
    wanted.above("order 6 at 8 turns is taken for order 2: its share there", taken[2], 0.999)
    for turns, most in ((8, 3), (8, 6)):
        try:
            sampled_content(sixfold, turns, most)
            caught = 0.0
        except RepresentationError:
            caught = 1.0
        wanted.above(f"caught, when orders up to {most} are asked of {turns} turns", caught, 0.5)
    wanted.above("order 6 at 13 turns: its share at order 6", sampled_content(sixfold, 13, 6).pooled[6], 0.999)


def flowers(wanted: Wanted) -> ShadeChart:
    """Pictures with s-fold symmetry, from pixels and built on rings."""
    rows = []
    angles, rings = 2 * np.pi * np.arange(240) / 240, np.linspace(0.1, 1, 16)[:, None]
    for fold in range(6):
        from_pixels = content(to_polar(petals(fold), rings=16, angles=64, centre=(31.5, 31.5)).T[:, None, :], 8).pooled
        edge = 0.25 * np.cos(fold * angles) if fold else 0 * angles
        built = content(np.exp(-(((rings - 0.5 - edge) / 0.12) ** 2)).T[:, None, :], 8).pooled
        forbidden = [order for order in range(9) if (order % fold if fold else order)]
        wanted.below(f"{fold}-fold flower, 64 px: power at forbidden orders", from_pixels[forbidden].sum(), 0.06)
        wanted.below(f"{fold}-fold flower, built on rings: power at forbidden orders", built[forbidden].sum(), 1e-12)
        rows.append(from_pixels)
    return ShadeChart(
        "Symmetry content of flowers with s petals",
        "A grid: the share of power at each order of the turn, for flowers with 0 to 5 petals: multiples of s alone.",
        [f"s={fold}" for fold in range(6)],
        [f"m={order}" for order in range(9)],
        np.round(np.stack(rows), 6),
        "share of power",
    )


def pixels(wanted: Wanted) -> None:
    """Turns recovered from pixels, and what interpolation costs."""
    picture = blobs(64, seed=3)
    on = to_polar(picture, centre=middle(picture))
    errors = []
    for degrees in (15, 45, 77, 123, 170, 200, 260, 300):
        again = to_polar(np.clip(rotated(picture, degrees), 0, 1), centre=middle(picture))
        errors.append(abs((recovered_angle(again, on).degrees - degrees + 180) % 360 - 180))
    wanted.below("a turn recovered from 64 px, largest error of 8 (degrees)", max(errors), 1.0)
    for side in (64, 128):
        smooth, thin = blobs(side, seed=3), blobs(side, seed=3, wide=0.03)
        told = [f"{interpolation_floor(each, order=order):.4f}" for each in (smooth, thin) for order in (3, 1)]
        wanted.add(f"floor at {side} px: smooth cubic, linear; thin cubic, linear", " ".join(told))
    stimuli = {f"i{n}": blobs(96, seed=n, wide=0.06) for n in range(1, 5)}
    copies = {item: np.clip(rotated(stimuli[item], 20 * n), 0, 1) for n, item in enumerate(stimuli, start=1)}
    copies["i4"] = copies["i4"][:, ::-1]
    result = rotation_profile([ItemDrawing("ann", item, copy) for item, copy in copies.items()], stimuli, seed=1)
    found = result.table("drawings").rows()
    wanted.above("likeness of turned copies to their stimuli, least", min(row["likeness"] for row in found[:3]), 0.99)
    wanted.above("a mirrored copy: likeness to the mirrored stimulus", found[3]["mirrored_likeness"], 0.99)
    wanted.below("the same: likeness to the stimulus", found[3]["likeness"], 0.95)
    wanted.add("null: likeness to other stimuli", f"{result.null.value:.3f}")


def layers(wanted: Wanted, generator: np.random.Generator) -> dict[str, str]:
    """What is known of four layers by how they were made."""
    by_order = np.zeros((12, 8, 25), dtype=complex)
    by_order[..., :8] = generator.normal(size=(12, 8, 8)) + 1j * generator.normal(size=(12, 8, 8))
    pictures = np.fft.irfft(by_order, 48, axis=-1)
    shown = np.stack([turned(pictures, 15 * k) for k in range(24)])
    flat = shown.reshape(24, 12, -1)
    back = np.stack([turned(shown[k], -15 * k) for k in range(24)]).reshape(24, 12, -1)
    half = ((shown + np.roll(shown, 24, axis=-1)) ** 2).reshape(24, 12, -1)
    random = np.maximum(flat @ generator.normal(size=(flat.shape[2], 200)), 0)
    invariant = np.abs(np.fft.rfft(shown, axis=-1)).reshape(24, 12, -1)
    result = audit(
        [
            Layer("invariant", invariant),
            Layer("half-turn", half),
            Layer("random", random),
            Layer("equivariant", flat, back),
        ],
        seed=1,
    )
    rows = {row["layer"]: row for row in result.table("layers").rows()}
    for name in ("invariant", "half-turn"):
        wanted.below(f"{name} layer: R² of orientation", abs(rows[name]["decodable"]), 1e-6)
        wanted.below(f"{name} layer: R² of orientation at turns held out", abs(rows[name]["held_out"]), 1e-6)
    wanted.above("equivariant layer: R² of orientation", rows["equivariant"]["decodable"], 0.999)
    wanted.above("equivariant layer: R² of orientation at turns held out", rows["equivariant"]["held_out"], 0.999)
    wanted.add(
        "random layer: R², held out, and fitted with turns shuffled",
        " ".join(f"{rows['random'][name]:.3f}" for name in ("decodable", "held_out", "decodable_null")),
    )
    warned = sum("blind to m=1: orientation differences cannot be seen" in warning for warning in result.warnings)
    wanted.above("layers that are warned of as blind to m=1 (2 are)", warned, 1.5)
    return {"layers": result.drawings()["content"]}


def people(wanted: Wanted, generator: np.random.Generator) -> dict[str, str]:
    """Two groups with one and the same raw error: one tilts all it turns, the other turns unsteadily."""
    steady = [
        TurnedAngle(f"a{n}", f"i{i}", asked, asked + 15, "one tilt")
        for n in range(20)
        for i in range(3)
        for asked in TURNS
    ]
    unsteady = [
        TurnedAngle(f"b{n}", f"i{i}", asked, asked + generator.normal(0, 15), "no aim")
        for n in range(20)
        for i in range(3)
        for asked in TURNS
    ]
    result = set_rotation([*steady, *unsteady], seed=1)
    found = {(row["group"], row["measure"]): row["value"] for row in result.table("groups").rows()}
    wanted.below("constant tilt of 15 degrees: dependent part", found["one tilt", "dependent"], 1e-12)
    wanted.below("raw error of both groups, apart", abs(found["one tilt", "total"] - found["no aim", "total"]), 0.01)
    share = found["no aim", "dependent"] / found["no aim", "total"]
    wanted.below("unsteady turns: dependent share, off 7/8", abs(share - 7 / 8), 0.05)
    gap = next(row for row in result.table("gaps").rows() if row["measure"] == "dependent")
    wanted.above("lower limit of the gap in the dependent part", gap["low"], 0.0)
    wanted.add("null of the dependent part", f"{result.null.value:.3f}")
    stimuli = {"key": blobs(96, seed=1), "lamp": blobs(96, seed=4)}
    for name, mean, spread in (("constant tilt of 11 degrees", 11.0, 0.0), ("tilts of 11 degrees' spread", 0.0, 11.0)):
        drawings = [
            TurnedDrawing("ann", item, asked, rotated(stimuli[item], asked + generator.normal(mean, spread)).clip(0, 1))
            for item in stimuli
            for asked in TURNS
        ]
        drawn_by = drawn_rotation(drawings, stimuli, seed=1)
        (ann,) = drawn_by.table("people").rows()
        wanted.add(f"drawn, {name}: systematic and dependent", f"{ann['systematic']:.4f} {ann['dependent']:.4f}")
        if not spread:
            wanted.below("drawn, constant tilt: dependent share of the error", ann["dependent_share"], 1e-3)
            wanted.add("floor of the dependent part (interpolation)", f"{drawn_by.floor.value:.2g}")
    return {"parts": result.drawings()["parts"]}


def main(folder: Path) -> int:
    """Everything; the exit status."""
    wanted, generator = Wanted(), np.random.default_rng(1)
    exact(wanted, generator)
    charts = {"flowers": drawn(flowers(wanted))}
    pixels(wanted)
    charts |= layers(wanted, generator)
    charts |= people(wanted, generator)
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in charts.items():
        (folder / f"symmetry-{name}.svg").write_text(svg, encoding="utf-8")
    return wanted.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
