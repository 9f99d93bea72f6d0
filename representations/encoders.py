"""What an encoder keeps of a picture's orientation, layer by layer: before its features are used to score drawings.

An encoder is anything that makes numbers of a picture. It is shown the same pictures at n equal turns; each layer's
responses stand in an array (n, items, features).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.decoding import FEWEST_TURNS, RIDGE, Decoded, decode_orientation
from representations.errors import NotEnough, RepresentationError
from representations.picture import Axis, BarChart, Drawable, Level, Line, LineChart, ShadeChart
from representations.polar import Floats, check_picture, rotated
from representations.result import Column, Progress, Reference, Result, Table
from representations.symmetry import (
    ABSENT,
    MOST_ORDER,
    SOURCE,
    Numbers,
    blind_orders,
    check_responses,
    content,
    content_with_mirror,
    relative_equivariance_error,
)

Encoder: TypeAlias = Callable[[Floats], Mapping[str, npt.ArrayLike]]
"""Takes pictures (items, rows, columns), grey 0 to 1, and gives each layer's (items, features), always in one order."""
TurnBack: TypeAlias = Callable[[Numbers, float], npt.ArrayLike]
"""Takes a layer's (items, features) and a turn in degrees, and undoes the turn in what the features stand for."""

TURNS, SHUFFLES = 24, 20
_TRIED_FINER = 4
_MUCH = 0.05  # a share of the power that must not be told wrongly


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's responses, all arrays (n, items, features), at the turns 360 k / n.

    Attributes:
        name: what it is called.
        responses: to the pictures, each turned.
        turned_back: the same with the turn undone in what the features stand for (feature maps turned back, say); None
            where the features should not change with the turn at all.
        mirrored: to the mirrored pictures, each turned.
    """

    name: str
    responses: npt.ArrayLike
    turned_back: npt.ArrayLike | None = None
    mirrored: npt.ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    name: str
    features: int
    error: float
    is_held_to_turn: bool
    shares: Floats
    beyond: float
    even: float
    odd: float
    decoded: Decoded
    null: Decoded
    blind: tuple[int, ...]


# --- the audit -------------------------------------------------------------------------------------------------------


def audit(
    layers: Sequence[Layer],
    *,
    seed: int,
    most: int | None = None,
    shuffles: int = SHUFFLES,
    floor: Reference | None = None,
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Result:
    """Equivariance error, content by order and decodable orientation of each layer, with a warning for what it misses.

    Args:
        layers: all at the same n turns, at least 3.
        seed: of the shuffles.
        most: the highest order that is kept apart; None is 8, or what n turns tell apart.
        shuffles: how often the turns are shuffled within each item, for the null.
        floor: the equivariance error of nothing but turning the pictures, where it is known.
        notes: what else a reader must know.
        progress: told after each layer.

    Raises:
        NotEnough: no layer, fewer than 3 turns, no item.
        RepresentationError: arrays that don't fit each other, or orders that n turns don't tell apart.

    Source: see `symmetry.SOURCE`. What is said holds for these pictures at these turns.
    """
    if not layers:
        raise NotEnough("No layer was found.", "one layer: responses (3 turns, 1 item, 1 feature)")
    if shuffles < 1:
        raise RepresentationError(f"{shuffles} shuffles were found. Expected: at least 1.")
    generator = np.random.default_rng(seed)
    turns = len(_responses(layers[0]))
    most = min(MOST_ORDER, (turns - 1) // 2) if most is None else most
    findings = []
    for number, layer in enumerate(layers, start=1):
        array = _responses(layer)
        if len(array) != turns:
            raise RepresentationError(
                f"Layer {layer.name}: {len(array)} turns were found. Expected: {turns}, as before."
            )
        findings.append(_examined(layer, array, most, shuffles, generator))
        if progress:
            progress(number, len(layers))
    null = float(np.mean([finding.null.fitted for finding in findings]))
    return Result(
        method="encoder",
        source=SOURCE + " The decoder with its ridge was measured by us [M].",
        tables=[_table(findings, most)],
        null=Reference(
            null,
            f"`decodable` with the turns shuffled within each item, {shuffles} times, the mean over layers; each "
            "layer's own null stands in its row.",
        ),
        floor=floor
        or Reference(0.0, "Equivariance error of arrays as they were given: what made them may have interpolated."),
        ceiling=Reference(
            1.0, "`decodable` of a layer that turns with its picture; an encoder answers the same twice."
        ),
        warnings=[*notes, *(warning for finding in findings for warning in _warnings(finding, most))],
        settings={"seed": seed, "turns": turns, "most": most, "shuffles": shuffles, "ridge": RIDGE},
        charts=_charts(findings, floor),
    )


def audit_encoder(
    encode: Encoder,
    pictures: npt.ArrayLike,
    *,
    seed: int,
    turns: int = TURNS,
    most: int | None = None,
    turn_back: Mapping[str, TurnBack] | None = None,
    shuffles: int = SHUFFLES,
    progress: Progress | None = None,
) -> Result:
    """`audit` of an encoder that can be asked: it is shown the pictures at n turns, mirrored too.

    A few pictures are shown at 2 n + 1 turns as well, to see whether n turns fold higher orders onto lower ones.

    Args:
        encode: gives each layer's (items, features) for pictures (items, rows, columns).
        pictures: (items, rows, columns), grey 0 to 1, at least 64 px a side; what lies beyond the disc that fits into
            them goes, for it would leave the picture on the way.
        seed: of the shuffles.
        turns: n; multiples of 90 degrees are exact, all others are interpolated (cubic).
        most: the highest order that is kept apart; None is 8, or what n turns tell apart.
        turn_back: by layer, what undoes a turn in its features; a layer without one is held against not changing.
        shuffles: as in `audit`.
        progress: told after each turn.

    Raises:
        NotEnough, RepresentationError: as `audit`; or the encoder gives other layers or shapes at another turn.
    """
    array = np.asarray(pictures, dtype=np.float64)
    if array.ndim != 3 or not len(array):
        raise RepresentationError(f"Pictures of shape {array.shape} were found. Expected: (items, rows, columns).")
    shown = np.stack([_within_disc(check_picture(one, f"Picture {n}")) for n, one in enumerate(array, start=1)])
    finer, steps = 2 * turns + 1, 4 * turns + 1
    direct, flipped = [], []
    for k in range(turns):
        direct.append(_asked(encode, shown, 360 * k / turns))
        flipped.append(_asked(encode, shown[:, :, ::-1], 360 * k / turns))
        if progress:
            progress(2 * k + 2, steps)
    few = []
    for k in range(finer):
        few.append(_asked(encode, shown[:_TRIED_FINER], 360 * k / finer))
        if progress:
            progress(2 * turns + k + 1, steps)
    names = list(direct[0])
    layers = []
    for name in names:
        responses = _stacked(direct, name)
        back = (turn_back or {}).get(name)
        undone = None
        if back:
            undone = np.stack([np.asarray(back(one, 360 * k / turns)) for k, one in enumerate(responses)])
        layers.append(Layer(name, responses, undone, _stacked(flipped, name)))
    most = min(MOST_ORDER, (turns - 1) // 2) if most is None else most
    notes = [note for layer in layers for note in _folding(layer, _stacked(few, layer.name), most)]
    return audit(layers, seed=seed, most=most, shuffles=shuffles, floor=_floor(shown, turns), notes=notes)


def _within_disc(picture: Floats) -> Floats:
    rows, columns = np.indices(picture.shape)
    middle = (np.array(picture.shape) - 1) / 2
    return np.where(np.hypot(rows - middle[0], columns - middle[1]) <= middle.min(), picture, 0.0)


def _asked(encode: Encoder, pictures: Floats, degrees: float) -> dict[str, Numbers]:
    said = encode(np.stack([np.clip(rotated(picture, degrees), 0.0, 1.0) for picture in pictures]))
    found = {}
    for name, features in said.items():
        array = np.asarray(features)
        if array.ndim < 2 or len(array) != len(pictures):
            raise RepresentationError(
                f"Layer {name}: an array of shape {array.shape} was found. Expected: ({len(pictures)}, features)."
            )
        found[str(name)] = array.reshape(len(array), -1)
    return found


def _stacked(said: Sequence[Mapping[str, Numbers]], name: str) -> Numbers:
    shapes = {one[name].shape if name in one else None for one in said}
    if len(shapes) > 1:
        raise RepresentationError(f"Layer {name}: shapes {shapes} were found at different turns. Expected: one shape.")
    return np.stack([one[name] for one in said])


def _floor(shown: Floats, turns: int) -> Reference:
    back = [[rotated(rotated(one, 360 * k / turns), -360 * k / turns).ravel() for one in shown] for k in range(turns)]
    return Reference(
        relative_equivariance_error(np.array(back)),
        "Equivariance error of the pictures themselves, turned on their pixels (cubic) and back: interpolation alone.",
    )


def _folding(layer: Layer, finer: Numbers, most: int) -> list[str]:
    coarse = content(_responses(layer)[:, :_TRIED_FINER], most).pooled
    apart = np.abs(np.nan_to_num(coarse) - np.nan_to_num(content(finer, most).pooled))
    if apart.max() <= _MUCH:
        return []
    return [
        f"{layer.name}: {len(_responses(layer))} turns fold higher orders onto lower ones (order {int(apart.argmax())} "
        f"is off by {apart.max():.2f}). Take more turns."
    ]


def _responses(layer: Layer) -> Numbers:
    try:
        return check_responses(layer.responses, fewest=FEWEST_TURNS)
    except NotEnough as fault:
        raise NotEnough(f"Layer {layer.name}: {fault.missing}", fault.enough) from fault
    except RepresentationError as fault:
        raise RepresentationError(f"Layer {layer.name}: {fault}") from fault


def _examined(layer: Layer, array: Numbers, most: int, shuffles: int, generator: np.random.Generator) -> _Finding:
    found = content(array, most)
    back = array if layer.turned_back is None else check_responses(layer.turned_back)
    if back.shape != array.shape:
        raise RepresentationError(
            f"Layer {layer.name}: turned back, its shape is {back.shape}. Expected: {array.shape}."
        )
    even = odd = float("nan")
    if layer.mirrored is not None:
        even, odd = content_with_mirror(array, layer.mirrored, most).pooled[:2]
    decoded, null = decode_orientation(array, generator, shuffles)
    total = float(found.total.sum())
    return _Finding(
        name=layer.name,
        features=array.shape[2],
        error=relative_equivariance_error(back),
        is_held_to_turn=layer.turned_back is not None,
        shares=found.pooled,
        beyond=float(found.beyond.sum()) / total if total > 0 else float("nan"),
        even=float(even),
        odd=float(odd),
        decoded=decoded,
        null=null,
        blind=blind_orders(found.pooled),
    )


def _warnings(finding: _Finding, most: int) -> list[str]:
    if np.isnan(finding.shares[0]):
        return [f"{finding.name}: this layer is silent: all its responses are 0."]
    found = []
    if most >= 1 and 1 in finding.blind:
        found.append(f"{finding.name}: this layer is blind to m=1: orientation differences cannot be seen.")
        if most >= 3 and set(range(1, most + 1, 2)) <= set(finding.blind) and len(finding.blind) < most:
            found.append(f"{finding.name}: nor any other odd order is there: half a turn changes nothing.")
    if finding.beyond > _MUCH:
        found.append(f"{finding.name}: {finding.beyond:.0%} of its power is at orders above {most}.")
    if finding.null.fitted > 0.9 and finding.decoded.fitted > 0.9:
        found.append(
            f"{finding.name}: with {finding.features} features a read-out fits shuffled turns too; go by `held_out` "
            "and the content at m=1."
        )
    return found


def _table(findings: Sequence[_Finding], most: int) -> Table:
    return Table(
        "layers",
        "Each layer of the encoder: what a turn of the picture does to it.",
        {
            "layer": Column([f.name for f in findings], "Its name."),
            "features": Column([f.features for f in findings], "How many numbers it gives for a picture."),
            "equivariance_error": Column(
                [f.error for f in findings], "The spread of the responses, once turned back, by their size, 0 to 1."
            ),
            "held_to": Column(
                ["turning with the picture" if f.is_held_to_turn else "not changing" for f in findings],
                "What an error of 0 would mean.",
            ),
            **{
                f"m{order}": Column(
                    [f.shares[order] for f in findings], f"The share of power at order {order}, 0 to 1."
                )
                for order in range(most + 1)
            },
            "beyond": Column([f.beyond for f in findings], f"The share at orders above {most}."),
            "m0_even": Column([f.even for f in findings], "Order 0, the same for a mirrored picture."),
            "m0_odd": Column([f.odd for f in findings], "Order 0, of other sign for a mirrored picture: handedness."),
            "decodable": Column([f.decoded.fitted for f in findings], "R² of a linear read-out of the turn, by item."),
            "decodable_null": Column([f.null.fitted for f in findings], "The same with the turns shuffled."),
            "held_out": Column([f.decoded.held_out for f in findings], "Its R² on turns held out, down from 1."),
            "held_out_null": Column([f.null.held_out for f in findings], "The same with the turns shuffled."),
            "blind_to": Column(
                [" ".join(str(order) for order in f.blind) for f in findings],
                f"Orders from 1 to {most} with less than {ABSENT:g} of the power: no read-out of them can exist.",
            ),
        },
    )


def _charts(findings: Sequence[_Finding], floor: Reference | None) -> dict[str, Drawable]:
    names = [finding.name for finding in findings]
    places = list(range(1, len(findings) + 1))
    return {
        "content": ShadeChart(
            title="Symmetry content of each layer",
            describes="A grid: each layer's share of power at each order of the turn.",
            rows=names,
            columns=[f"m={order}" for order in range(len(findings[0].shares))],
            values=np.stack([finding.shares for finding in findings]),
            unit="share of power",
        ),
        "error": BarChart(
            title="Equivariance error of each layer",
            describes="Bars: how far each layer is from turning with the picture, or from not changing.",
            names=names,
            values=[finding.error for finding in findings],
            y=Axis("equivariance error (share)", low=0.0),
            levels=[Level("floor (interpolation)", floor.value)] if floor and floor.value is not None else [],
        ),
        "decoded": LineChart(
            title="Orientation decoded from each layer",
            describes="Lines over layers: the R² of a linear read-out, on its own turns and held out, and the nulls.",
            x=Axis("layer", 1.0, float(max(len(findings), 2))),
            y=Axis("R² (below 0 is drawn at 0)", low=0.0, high=1.0),
            lines=[
                Line("fitted", places, [finding.decoded.fitted for finding in findings]),
                Line("turns held out", places, [finding.decoded.held_out for finding in findings]),
                Line("fitted, turns shuffled", places, [finding.null.fitted for finding in findings]),
            ],
        ),
    }
