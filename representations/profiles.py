"""The rotation profile of drawings: how much of each comes back m times in a full turn, beside what was to be drawn.

A drawing is compared with its stimulus at the turn and the size at which they fit best, so that what is left is shape.
How it was turned, and whether it fits the mirror image better, is said beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from representations.errors import NotEnough, RepresentationError
from representations.people import DRAWS, Cells, gathered, group_estimates, reliability
from representations.polar import (
    BLUR_SHARE,
    Floats,
    check_picture,
    is_blank,
    mirror_odd_share,
    on_rings,
    recovered_angle,
    rotated,
    smoothed,
    unit_spectrum,
)
from representations.profile_tables import (
    COMPARED,
    ItemDrawing,
    Profile,
    charts_of,
    drawings_table,
    gaps_table,
    groups_table,
    measure_of,
    people_table,
    stimuli_table,
)
from representations.result import Progress, Reference, Result
from representations.symmetry import MOST_ORDER, SOURCE, content

Complexes: TypeAlias = npt.NDArray[np.complex128]

SHUFFLES = 1000
_TURNS = 256


def profile_of(picture: npt.ArrayLike, *, most: int = MOST_ORDER, on_paper: bool = False, name: str) -> Profile:
    """A picture's profile, without anything beside it.

    Args:
        picture: (rows, columns), grey 0 to 1, at least 64 px a side.
        most: the highest order that is kept apart.
        on_paper: whether it is turned about the middle of the paper; else about its centre of ink.
        name: how faults name it.

    Raises:
        RepresentationError: the array is no picture.
        NotEnough: it is blank.

    Source: `symmetry.content` of the smoothed picture on rings; the mirror-odd share is ours [O].
    """
    polar = smoothed(picture, on_paper=on_paper, name=name)
    found = content(polar.T[:, None, :], most)
    compared_by = unit_spectrum(polar)
    return Profile(
        shares=np.append(found.pooled, found.beyond[0] / found.total[0]),
        mirror_odd=mirror_odd_share(on_rings(compared_by, _TURNS)),
        spectrum=compared_by,
        beside={},
    )


def rotation_profile(
    drawings: Sequence[ItemDrawing],
    stimuli: Mapping[str, npt.ArrayLike],
    *,
    seed: int,
    most: int = MOST_ORDER,
    shuffles: int = SHUFFLES,
    draws: int = DRAWS,
    on_paper: bool = False,
    progress: Progress | None = None,
) -> Result:
    """The symmetry content of drawings beside that of what they are of, by person and group.

    Args:
        drawings: blank ones are left out and counted.
        stimuli: the picture of each item; an item without one has its content told, and nothing beside it.
        seed: of the null and the bootstrap.
        most: the highest order that is kept apart.
        shuffles: how often each drawing is put beside another item's stimulus, for the null.
        draws: of the bootstrap over people and items.
        on_paper: whether place and size on the paper count; else both are dropped, by centre and reach of the ink.
        progress: told after each drawing.

    Raises:
        NotEnough: no drawing with ink, or a stimulus is blank.
        RepresentationError: an array is no picture, or somebody is in two groups.

    Source: see `symmetry.SOURCE`. The paper looks at networks' layers: here a person's drawing stands in their place,
    and nothing in it says that what was imagined had the content of what was drawn.
    """
    generator = np.random.default_rng(seed)
    items = sorted({drawing.item for drawing in drawings} & set(stimuli))
    of_stimuli = {
        item: profile_of(stimuli[item], most=most, on_paper=on_paper, name=f"The stimulus {item}") for item in items
    }
    kept: list[ItemDrawing] = []
    profiles: list[Profile] = []
    others: list[tuple[Floats, Floats]] = []
    for number, drawing in enumerate(drawings, start=1):
        name = f"The drawing of {drawing.item} by {drawing.person}"
        grey = check_picture(drawing.picture, name)
        if not is_blank(grey):
            profile = profile_of(grey, most=most, on_paper=on_paper, name=name)
            if drawing.item in of_stimuli:
                profile, other = _beside(profile, drawing.item, items, of_stimuli)
                others.append(other)
            kept.append(drawing)
            profiles.append(profile)
        if progress:
            progress(number, len(drawings))
    if not kept:
        raise NotEnough(f"{len(drawings)} drawings were found, none of them with ink.", "one drawing with one line")
    _check_groups(kept)
    cells = gathered(
        [(drawing.person, drawing.group, drawing.item) for drawing in kept],
        {measure: [measure_of(profile, measure) for profile in profiles] for measure in (*COMPARED, "turn")},
    )
    estimates, gaps = group_estimates(cells, COMPARED, generator, draws)
    null = _null([likeness for likeness, _ in others], len(items), shuffles, generator)
    floor = _floor(of_stimuli, {item: check_picture(stimuli[item]) for item in items}, on_paper)
    ceiling, how = reliability(cells.values["likeness"], generator)
    tables = [
        drawings_table(kept, profiles, most),
        stimuli_table(of_stimuli, stimuli, most),
        people_table(cells),
        groups_table(estimates, cells),
    ]
    if gaps:
        tables.append(gaps_table(gaps))
    return Result(
        method="symmetry",
        source=SOURCE + " Mirror-odd share and comparison at the best turn are ours [O].",
        tables=[table for table in tables if table.rows()],
        null=null,
        floor=floor,
        ceiling=Reference(ceiling, how),
        warnings=_notes(drawings, kept, items, profiles, most, cells),
        settings={
            "seed": seed,
            "most": most,
            "shuffles": shuffles,
            "draws": draws,
            "on_paper": on_paper,
            "blur_share": BLUR_SHARE,
        },
        charts=charts_of(kept, profiles, of_stimuli, estimates, most, null.value),
    )


# --- beside the stimulus ---------------------------------------------------------------------------------------------


def _beside(
    profile: Profile, item: str, items: Sequence[str], of_stimuli: Mapping[str, Profile]
) -> tuple[Profile, tuple[Floats, Floats]]:
    """The profile with what its stimulus says of it, and its likeness to and distance from all other stimuli."""
    spectra = np.stack([of_stimuli[one].spectrum for one in items])
    likeness = _likeness(profile.spectrum, spectra)
    shares = np.stack([of_stimuli[one].shares for one in items])
    distance = np.abs(shares - profile.shares).sum(axis=1) / 2
    own = items.index(item)
    lies = recovered_angle(on_rings(profile.spectrum, _TURNS), on_rings(spectra[own], _TURNS))
    beside = {
        "likeness": float(likeness[own]),
        # A mirrored picture's spectrum is the conjugate one.
        "mirrored_likeness": float(_likeness(profile.spectrum, spectra[own : own + 1].conj())[0]),
        "distance": float(distance[own]),
        "turn": lies.degrees,
    }
    return replace(profile, beside=beside), (np.delete(likeness, own), np.delete(distance, own))


def _likeness(one: Complexes, others: Complexes) -> Floats:
    """The cosine of a picture with each of the others at the turn where it is largest; (others,)."""
    by_order = np.einsum("rm,srm->sm", one, others.conj())
    by_order[:, 1:] /= 2  # an order stands for its negative too, and irfft counts both
    return np.asarray(np.fft.irfft(by_order, n=_TURNS, axis=1).max(axis=1) * _TURNS)


def _null(others: Sequence[Floats], n_stimuli: int, shuffles: int, generator: np.random.Generator) -> Reference:
    if n_stimuli < 2 or not others:
        return Reference(
            None, f"No null: {n_stimuli} stimuli were found. Enough would be: 2, so that drawings can change places."
        )
    each = np.stack(others)
    picked = each[np.arange(len(each)), generator.integers(each.shape[1], size=(shuffles, len(each)))].mean(axis=1)
    low, high = np.quantile(picked, [0.025, 0.975])
    return Reference(
        float(each.mean()),
        f"The mean likeness of drawings to the stimuli of other items, each at its best turn, {shuffles} draws.",
        float(low),
        float(high),
    )


def _floor(of_stimuli: Mapping[str, Profile], pictures: Mapping[str, Floats], on_paper: bool) -> Reference:
    if not of_stimuli:
        return Reference(None, "No stimulus was given, so nothing could be compared with itself.")
    likeness = []
    for item, profile in of_stimuli.items():
        for turn in 360 * (np.arange(8) + 0.5) / 8:
            again = unit_spectrum(smoothed(np.clip(rotated(pictures[item], float(turn)), 0, 1), on_paper=on_paper))
            likeness.append(_likeness(again, profile.spectrum[None])[0])
    return Reference(
        float(np.mean(likeness)),
        "The likeness of each stimulus to itself turned on its pixels (cubic) by 8 steps: what is missing from 1 is "
        "interpolation, and no drawing can be seen to be nearer.",
    )


def _check_groups(drawings: Sequence[ItemDrawing]) -> None:
    groups: dict[str, str] = {}
    for drawing in drawings:
        if groups.setdefault(drawing.person, drawing.group) != drawing.group:
            raise RepresentationError(
                f"{drawing.person} is in the groups {groups[drawing.person]!r} and {drawing.group!r}. Expected: one "
                "group a person."
            )


def _notes(
    drawings: Sequence[ItemDrawing],
    kept: Sequence[ItemDrawing],
    items: Sequence[str],
    profiles: Sequence[Profile],
    most: int,
    cells: Cells,
) -> list[str]:
    notes = []
    if len(kept) < len(drawings):
        notes.append(f"{len(drawings) - len(kept)} of {len(drawings)} drawings are blank and were left out.")
    bare = sorted({drawing.item for drawing in kept} - set(items))
    if bare:
        some = ", ".join(bare[:5]) + (" …" if len(bare) > 5 else "")
        notes.append(f"{len(bare)} items have no stimulus ({some}): their content stands alone.")
    flipped = sum(p.beside["mirrored_likeness"] > p.beside["likeness"] + 0.05 for p in profiles if p.beside)
    if flipped:
        notes.append(f"{flipped} drawings are more like the mirror image of their stimulus than like it.")
    beyond = float(np.mean([profile.shares[-1] for profile in profiles]))
    if beyond > 0.5:
        notes.append(
            f"On average {beyond:.0%} of a drawing's power is at orders above {most}: thin lines have much of it there."
        )
    for group in sorted(set(cells.groups)):
        if cells.groups.count(group) < 2:
            notes.append(
                f"One person was found{f' in {group}' if group else ''}: no interval over people. Enough would be: 2."
            )
    return notes
