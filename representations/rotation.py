"""Mental rotation by production: what somebody draws, or sets, when asked for a thing turned by so and so much.

Each response is turned back by what was asked for. Were it right, all of them would then lie on the stimulus. The
error splits exactly: a *systematic* part, which is the same at each turn (a wrong shape, a constant tilt), and an
*orientation-dependent* part, which is what turning itself costs. Angles are in degrees, counter-clockwise as seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError
from representations.people import DRAWS, gathered, reliability
from representations.polar import (
    BLUR_SHARE,
    MOST_ORDER,
    Floats,
    check_picture,
    is_blank,
    on_rings,
    phases,
    recovered_angle,
    rotated,
    smoothed,
    unit_spectrum,
)
from representations.resampling import permutations
from representations.result import Progress, Reference, Result
from representations.rotation_tables import Cell, Trial, charts_of, tables_of
from representations.symmetry import SOURCE, split_error

Complexes: TypeAlias = npt.NDArray[np.complex128]

ANGLES = 256
SHUFFLES = 200
FEWEST_TURNS, ADVISED_TURNS = 2, 8
_ALIKE = 0.95


@dataclass(frozen=True, slots=True)
class TurnedDrawing:
    """One drawing of an item turned by `asked` degrees; the picture is (rows, columns), grey 0 to 1."""

    person: str
    item: str
    asked: float
    picture: npt.ArrayLike
    group: str = ""


@dataclass(frozen=True, slots=True)
class TurnedAngle:
    """One setting: the item should have been turned by `asked` degrees, and was turned by `given`."""

    person: str
    item: str
    asked: float
    given: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class _Responses:
    """One person's responses to one item: spectra (n, components, most + 1) of one size, and the target's."""

    person: str
    group: str
    item: str
    asked: Floats
    spectra: Complexes
    target: Complexes


def drawn_rotation(
    drawings: Sequence[TurnedDrawing],
    stimuli: Mapping[str, npt.ArrayLike],
    *,
    seed: int,
    shuffles: int = SHUFFLES,
    draws: int = DRAWS,
    on_paper: bool = False,
    progress: Progress | None = None,
) -> Result:
    """The error of drawn rotations, in a systematic and an orientation-dependent part, by person and group.

    Each drawing and stimulus is brought onto rings, smoothed (1.5/64 of its side), kept up to order 64 and scaled to
    the same power. Errors are shares of that power: 0 is the same picture, 2 is one that has nothing in common.

    Args:
        drawings: at least two different turns of an item from a person; blank drawings are left out and counted.
        stimuli: each item's picture at 0 degrees.
        seed: of the shuffles and the bootstrap.
        shuffles: how often the turns asked for are shuffled, for the null.
        draws: of the bootstrap over people and items.
        on_paper: whether place and size on the paper count; else both are dropped, by centre and reach of the ink.
        progress: told after each drawing.

    Raises:
        NotEnough: nobody has two different turns of an item, or a stimulus is blank.
        RepresentationError: a picture is none, a turn is no number, an item has no stimulus.

    Source: see `symmetry.SOURCE`; the task and the split for people are ours [O]. The paper is about networks: here a
    person stands in a network's place.
    """
    targets: dict[str, Complexes] = {}
    floors = []
    for item in sorted({drawing.item for drawing in drawings}):
        if item not in stimuli:
            raise RepresentationError(f"Item {item}: no stimulus was found. Expected: a picture of it at 0 degrees.")
        grey = check_picture(stimuli[item], f"The stimulus {item}")
        targets[item] = unit_spectrum(smoothed(grey, on_paper=on_paper, name=f"The stimulus {item}"))
        floors.append(_floor(grey, targets[item], on_paper))
    found: dict[tuple[str, str], list[tuple[float, Complexes]]] = defaultdict(list)
    blank = 0
    for number, drawing in enumerate(drawings, start=1):
        name = f"The drawing of {drawing.item} at {drawing.asked:g} degrees by {drawing.person}"
        grey = check_picture(drawing.picture, name)
        if is_blank(grey):
            blank += 1
        else:
            spectra = unit_spectrum(smoothed(grey, on_paper=on_paper, name=name))
            found[drawing.person, drawing.item].append((_turn(drawing.asked, name), spectra))
        if progress:
            progress(number, len(drawings))
    groups = _groups([(drawing.person, drawing.group) for drawing in drawings])
    floor = Reference(
        float(np.mean(floors)) if floors else None,
        "The orientation-dependent part of a perfect production: each stimulus turned by 8 steps on its pixels "
        "(cubic), which is interpolation alone.",
    )
    notes = [f"{blank} blank drawings were left out."] if blank else []
    notes += [note for item, target in targets.items() for note in _symmetry_notes(item, target)]
    return _result(found, groups, targets, "drawings", seed, shuffles, draws, floor, notes)


def set_rotation(settings: Sequence[TurnedAngle], *, seed: int, shuffles: int = SHUFFLES, draws: int = DRAWS) -> Result:
    """As `drawn_rotation`, for an item that is turned by a knob: each response is an angle, and no shape can be wrong.

    The back-rotated response is the unit vector at given less asked; errors are squared distances to the vector at 0,
    from 0 to 4, and 2 on average for one that has nothing to do with what was asked.

    Raises:
        NotEnough: nobody has two different turns of an item.
        RepresentationError: an angle is no number.

    Source: as `drawn_rotation`.
    """
    found: dict[tuple[str, str], list[tuple[float, Complexes]]] = defaultdict(list)
    for setting in settings:
        name = f"The setting of {setting.item} by {setting.person}"
        asked, given = _turn(setting.asked, name), _turn(setting.given, name)
        found[setting.person, setting.item].append((asked, phases(given, 1)[None, :] * np.array([0.0, 1.0])))
    target = np.array([[0.0 + 0j, 1.0]])
    floor = Reference(0.0, "Angles are exact: a perfect production has no error but round-off.")
    groups = _groups([(setting.person, setting.group) for setting in settings])
    targets = {setting.item: target for setting in settings}
    return _result(found, groups, targets, "angles", seed, shuffles, draws, floor, [])


# --- what comes in ---------------------------------------------------------------------------------------------------


def _floor(grey: Floats, target: Complexes, on_paper: bool) -> float:
    turns = 360 * np.arange(8) / 8
    back = [
        unit_spectrum(smoothed(np.clip(rotated(grey, turn), 0, 1), on_paper=on_paper)) * phases(-turn, MOST_ORDER)
        for turn in turns
    ]
    return float(_split(np.stack(back), target)[2])


def _turn(degrees: float, name: str) -> float:
    if not np.isfinite(degrees):
        raise RepresentationError(f"{name}: an angle of {degrees} was found. Expected: a number of degrees.")
    return float(degrees)


def _groups(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    groups = dict(pairs)
    for person, group in pairs:
        if groups[person] != group:
            raise RepresentationError(
                f"{person} is in the groups {group!r} and {groups[person]!r}. Expected: one group a person."
            )
    return groups


def _symmetry_notes(item: str, target: Complexes) -> list[str]:
    """What can't be told of a stimulus that looks alike after less than a full turn."""
    power = (np.abs(target) ** 2).sum(axis=0)
    if power[0] > _ALIKE:
        return [f"The stimulus {item} looks alike at any turn: nothing can be said about its orientation."]
    likeness = np.array([(power * np.cos(np.arange(len(power)) * np.pi * 2 / fold)).sum() for fold in range(2, 9)])
    folds = [fold for fold, alike in zip(range(2, 9), likeness, strict=True) if alike > _ALIKE]
    if folds:
        step = 360 / max(folds)
        return [
            f"The stimulus {item} looks alike after {step:g} degrees: tilts are known within {step:g} degrees alone."
        ]
    return []


# --- the split -------------------------------------------------------------------------------------------------------


def _split(back: Complexes, target: Complexes) -> tuple[float, float, float]:
    """Total, systematic and orientation-dependent error of (n, rings, orders), as shares of the target's power."""
    flat = back.reshape(len(back), 1, -1)
    parts = split_error(flat, target.reshape(1, -1))
    total, systematic, dependent = (
        float(part[0]) * flat.shape[2] for part in (parts.total, parts.systematic, parts.dependent)
    )
    return total, systematic, dependent


def _scatter(back: Complexes, asked: Floats) -> float:
    """What differs between responses to one and the same turn: no rotation in it. NaN where no turn was repeated."""
    _, which = np.unique(np.round(asked % 360, 6), return_inverse=True)
    counts = np.bincount(which)
    if counts.max() < 2:
        return float("nan")
    flat = back.reshape(len(back), -1)
    means = np.stack([flat[which == one].mean(axis=0) for one in range(len(counts))])
    within = float((np.abs(flat - means[which]) ** 2).sum())
    # Estimated where turns were repeated, by their degrees of freedom, so that few repetitions don't make it small.
    return within / float((counts - 1).sum())


def _cell(responses: _Responses, shuffles: int, generator: np.random.Generator) -> Cell:
    most = responses.spectra.shape[-1] - 1
    turning = phases(-responses.asked, most)[:, None, :]
    back = responses.spectra * turning
    total, systematic, dependent = _split(back, responses.target)
    trials = [_trial(responses, one, asked) for one, asked in zip(back, responses.asked, strict=True)]
    tilts = np.exp(1j * np.radians([trial.tilt for trial in trials]))
    return Cell(
        person=responses.person,
        group=responses.group,
        item=responses.item,
        trials=tuple(trials),
        total=total,
        systematic=systematic,
        dependent=dependent,
        scatter=_scatter(back, responses.asked),
        tilt=float(np.degrees(np.angle(tilts.mean()))),
        tilt_spread=float(np.degrees(np.sqrt(np.maximum(-2 * np.log(np.maximum(np.abs(tilts.mean()), 1e-12)), 0)))),
        null=_shuffled(responses.spectra, turning[:, 0, :], shuffles, generator),
    )


def _shuffled(spectra: Complexes, turning: Complexes, shuffles: int, generator: np.random.Generator) -> Floats:
    """The orientation-dependent error with the turns dealt out anew: mean power less the power of the mean.

    The power of the mean needs only the inner products of the responses, order by order, and so no picture at all.
    """
    n = len(spectra)
    products = np.einsum("arm,brm->mab", spectra, spectra.conj())
    dealt = turning[permutations(n, shuffles, generator)].transpose(2, 0, 1)
    of_mean = ((dealt @ products) * dealt.conj()).real.sum(axis=(0, 2)) / n**2
    return np.asarray(np.maximum(float((np.abs(spectra) ** 2).sum()) / n - of_mean, 0.0))


def _trial(responses: _Responses, back: Complexes, asked: float) -> Trial:
    if back.shape[-1] == 2:  # an angle: no shape
        tilt, alike = float(np.degrees(np.angle(back[0, 1].conj()))), 1.0
    else:
        lies = recovered_angle(on_rings(back, ANGLES), on_rings(responses.target, ANGLES))
        tilt, alike = lies.degrees, lies.likeness
    error = float((np.abs(back - responses.target) ** 2).sum())
    return Trial(responses.person, responses.group, responses.item, asked, error, tilt, alike)


def _result(
    found: Mapping[tuple[str, str], Sequence[tuple[float, Complexes]]],
    groups: Mapping[str, str],
    targets: Mapping[str, Complexes],
    kind: str,
    seed: int,
    shuffles: int,
    draws: int,
    floor: Reference,
    notes: Sequence[str],
) -> Result:
    if shuffles < 1 or draws < 1:
        raise RepresentationError(f"{shuffles} shuffles and {draws} draws were found. Expected: at least 1 of each.")
    generator = np.random.default_rng(seed)
    cells, few = [], 0
    for (person, item), responses in found.items():
        asked = np.array([turn for turn, _ in responses])
        if len(np.unique(np.round(asked % 360, 6))) < FEWEST_TURNS:
            few += 1
            continue
        spectra = np.stack([one for _, one in responses])
        cells.append(
            _cell(_Responses(person, groups[person], item, asked, spectra, targets[item]), shuffles, generator)
        )
    if not cells:
        raise NotEnough(
            f"{len(found)} pairs of a person and an item were found, none of them with two different turns.",
            f"{FEWEST_TURNS} different turns of one item from one person; {ADVISED_TURNS} equal steps are advised",
        )
    warnings = list(notes)
    if few:
        warnings.append(f"{few} pairs of a person and an item have fewer than two different turns and were left out.")
    warnings += _turn_notes(cells)
    if any(cell.scatter == cell.scatter for cell in cells):
        warnings.append("Where turns were repeated, `scatter` is the part of the dependent error that is no rotation.")
    else:
        warnings.append(
            "No turn was repeated: the orientation-dependent part holds the scatter of the hand too. Two responses to "
            "each turn would tell them apart."
        )
    rows = [(cell.person, cell.group, cell.item) for cell in cells]
    gathered_cells = gathered(rows, {"dependent": [cell.dependent for cell in cells]})
    ceiling, how = reliability(gathered_cells.values["dependent"], generator)
    null = np.mean([cell.null for cell in cells], axis=0)
    tables, estimates = tables_of(cells, generator, draws, shuffles)
    if len(gathered_cells.people) == 1:
        warnings.append("One person was found: no interval over people. Enough would be: 2 people in each group.")
    return Result(
        method="rotate",
        source=SOURCE + " The production task and its split for people are ours [O].",
        tables=tables,
        null=Reference(
            float(null.mean()),
            f"The orientation-dependent part with the asked turns shuffled within person and item, {shuffles} times: "
            "what a response gives that pays no heed to the turn.",
            *(float(limit) for limit in np.quantile(null, [0.025, 0.975])),
        ),
        floor=floor,
        ceiling=Reference(ceiling, how),
        warnings=warnings,
        settings={
            "responses": kind,
            "seed": seed,
            "shuffles": shuffles,
            "draws": draws,
            "most_order": MOST_ORDER,
            "blur_share": BLUR_SHARE,
        },
        charts=charts_of(cells, estimates, float(null.mean()), floor.value),
    )


def _turn_notes(cells: Sequence[Cell]) -> list[str]:
    uneven = Counter(not _is_even(np.array([trial.asked for trial in cell.trials])) for cell in cells)[True]
    if uneven:
        return [
            f"{uneven} pairs of a person and an item were not asked at equal steps of a full turn, each equally often: "
            "their split holds for the turns that were asked."
        ]
    return []


def _is_even(asked: Floats) -> bool:
    turns, counts = np.unique(np.round(asked % 360, 3), return_counts=True)
    steps = np.diff(np.append(turns, turns[0] + 360))
    return bool(np.ptp(steps) < 0.1 and np.ptp(counts) == 0)
