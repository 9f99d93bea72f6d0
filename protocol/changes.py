"""What differs between two contents of a study, told by the parts that people know it by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from protocol.content import part_digests
from protocol.grammar import PICTURE_SUFFIXES

Part = Literal["study", "step", "instrument", "script", "text", "picture", "recording"]
How = Literal["new", "changed", "removed"]

_PARTS: Mapping[str, Part] = {"instruments": "instrument", "scripts": "script"}
_MEDIA: tuple[Part, Part] = ("picture", "recording")


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs.

    `name` is a step's id, an instrument's id, a script's slug, a file's path, or a key of study.yaml.
    """

    part: Part
    name: str
    how: How


def changes(before: str, after: str) -> tuple[Change, ...]:
    """How the content `after` differs from `before` (both as `Bundle.content`); nothing for equal ones.

    A step counts once, wherever it stands; that the steps of both stand in another order is a change of the key that
    holds them (`before`, `arms`, `after`). Comments and the order of keys are no part of a content.
    """
    old, new = json.loads(before), json.loads(after)
    old_steps, new_steps = _steps(old["study"]), _steps(new["study"])
    kept = old_steps.keys() & new_steps.keys()
    old_digests, new_digests = part_digests(before), part_digests(after)
    found = [
        *_compared("study", _keys(old["study"], kept), _keys(new["study"], kept)),
        *_compared("step", old_steps, new_steps),
        *(each for of, part in _PARTS.items() for each in _compared(part, old_digests[of], new_digests[of])),
        *_compared("text", old["texts"], new["texts"]),
        *(each for part in _MEDIA for each in _compared(part, _media(old, part), _media(new, part))),
    ]
    return tuple(found)


def _compared(part: Part, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in new.items():
        if name not in old:
            yield Change(part, name, "new")
        elif old[name] != value:
            yield Change(part, name, "changed")
    yield from (Change(part, name, "removed") for name in old if name not in new)


def _media(content: Mapping[str, Any], part: Part) -> dict[str, str]:
    """The pictures, or the recordings with their captions, of a content."""
    is_picture = part == "picture"
    return {path: digest for path, digest in content["media"].items() if path.endswith(PICTURE_SUFFIXES) == is_picture}


def _lists(study: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Every list of steps, in the study's order."""
    yield study.get("before", [])
    arms = study.get("arms", {}).values()
    yield from (arm.get("steps", []) for arm in arms)
    yield study.get("after", [])
    yield from (arm.get("later", []) for arm in arms)


def _steps(study: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Each step by its id: as often as it stands in the study, for one id in two arms is one timepoint."""
    found: dict[str, list[dict[str, Any]]] = {}
    for steps in _lists(study):
        for step in steps:
            found.setdefault(step["id"], []).append(step)
    return found


def _keys(study: Mapping[str, Any], kept: frozenset[str] | set[str]) -> dict[str, Any]:
    """The study's own keys; of the steps only in which order those stand that both contents have."""
    order = {key: _order(study[key], kept) for key in ("before", "after") if key in study}
    arms = {
        name: {**arm, **{key: _order(arm[key], kept) for key in ("steps", "later") if key in arm}}
        for name, arm in study.get("arms", {}).items()
    }
    # A list of steps that only came or went says nothing that the steps don't say.
    found = {**study, **order, **({"arms": arms} if "arms" in study else {})}
    return {key: value for key, value in found.items() if value or key not in ("before", "after")}


def _order(steps: list[dict[str, Any]], kept: frozenset[str] | set[str]) -> list[str]:
    return [step["id"] for step in steps if step["id"] in kept]
