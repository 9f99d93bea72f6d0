"""How arms are given out: strata, permuted blocks and simple draws. Nothing here remembers anything."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence

from protocol.bands import band_of
from protocol.study import Allocation, Arm, Group, ScoreRef, Study

MISSING = "missing"
LABEL_LENGTH = 200  # characters of a stratum's label, at most

Answer = int | bool | str
Stratum = tuple[tuple[str, str], ...]


def groups_of(study: Study, measures: Mapping[ScoreRef, float | None]) -> dict[str, str]:
    """The label of every group, by the group's name, in the study's order; `missing` without the score."""
    return {group.name: _label_in(group, measures) for group in study.groups}


def stratum(
    study: Study, measures: Mapping[ScoreRef, float | None], eligibility: Mapping[str, Answer | None]
) -> Stratum:
    """The stratum of one person: a pair of name and label for each entry of `allocation.by`, in its order.

    Args:
        study: A study with arms.
        measures: The person's scores; one that is absent, None or below every band makes its group `missing`.
        eligibility: The person's answers at the door, by the question's id. Integers are labelled by their digits,
            booleans `yes` or `no`; one that is absent or None is `missing`.
    """
    groups = {group.name: group for group in study.groups}
    return tuple(
        (name, _label_in(groups[name], measures) if name in groups else _label_of(eligibility.get(name)))
        for name in _allocation(study).by
    )


def stratum_label(stratum: Stratum) -> str:
    """One line for a stratum, such as `imagery=none|heard=web`; different strata never share one.

    Empty where nobody is stratified. `%` and `|` inside a label are percent-encoded; what is longer than
    `LABEL_LENGTH` ends in a digest of the whole.
    """
    label = "|".join(f"{name}={_escaped(value)}" for name, value in stratum)
    if len(label) <= LABEL_LENGTH:
        return label
    digest = hashlib.sha256(label.encode()).hexdigest()
    return f"{label[: LABEL_LENGTH - len(digest) - 1]}#{digest}"


def block(allocation: Allocation, arms: Sequence[Arm], rng: random.Random) -> tuple[str, ...]:
    """One permuted block: a size drawn from `allocation.blocks`, each arm in its exact ratio, in random order.

    Raises:
        ValueError: there are no block sizes, or one is no multiple of the ratios' sum.
    """
    share = sum(arm.ratio for arm in arms)
    if not allocation.blocks or any(size < 1 or size % share for size in allocation.blocks):
        raise ValueError(f"blocks {list(allocation.blocks)}: expected sizes that are multiples of {share}")
    size = rng.choice(allocation.blocks)
    names = [arm.name for arm in arms for _ in range(arm.ratio * size // share)]
    rng.shuffle(names)
    return tuple(names)


def draw(arms: Sequence[Arm], rng: random.Random) -> str:
    """The name of one arm, drawn with the arms' ratios as weights and without regard to earlier draws."""
    return rng.choices([arm.name for arm in arms], weights=[arm.ratio for arm in arms])[0]


def design_digest(study: Study) -> str:
    """SHA-256 (hex) of all that decides the allocation lists.

    A version of the study that changes nothing of it goes on with the same lists; one that does starts new ones. What
    decides: method, block sizes, the arms' names and ratios, and the names in `by` with what they stand for. The
    order of arms and of block sizes does not, nor does a band's `high` (a value belongs by the `low` it reaches).
    """
    allocation = _allocation(study)
    groups = {group.name: group for group in study.groups}
    questions = {question.id: question for question in study.eligibility}
    design = {
        "method": allocation.method,
        "blocks": sorted(allocation.blocks),
        "arms": sorted((arm.name, arm.ratio) for arm in study.arms),
        "by": [
            [name, _definition(groups[name])] if name in groups else [name, questions[name].type]
            for name in allocation.by
        ],
    }
    return hashlib.sha256(json.dumps(design, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _allocation(study: Study) -> Allocation:
    if study.allocation is None:
        raise ValueError(f"{study.slug} has no arms: nobody is allocated")
    return study.allocation


def _label_in(group: Group, measures: Mapping[ScoreRef, float | None]) -> str:
    return band_of(measures.get(group.score), group.bands) or MISSING


def _label_of(answer: Answer | None) -> str:
    if answer is None:
        return MISSING
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer)


def _escaped(label: str) -> str:
    return label.replace("%", "%25").replace("|", "%7C")


def _definition(group: Group) -> list[object]:
    score = group.score
    bands = sorted((float(band.low), band.label) for band in group.bands)
    return [score.step, score.instrument, score.score, bands]
