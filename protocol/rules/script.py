"""Rules of a script: stages that can be told apart, ratings with two ends, and ways that lead forward."""

from __future__ import annotations

from protocol.errors import shown
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Sequence, nodes_at, number_at, text_at
from protocol.rules.ids import check_unique_ids


def check_script(script: Node, reading: Reading) -> None:
    """Reports what is wrong with a script beyond the shape of its stages."""
    listed = script.child("stages")
    stages = listed.items if isinstance(listed, Sequence) else []
    check_unique_ids((stage for stage in stages if stage.is_sound), reading)
    places: dict[str, int] = {}
    for place, stage in enumerate(stages, start=1):
        places.setdefault(text_at(stage, "id") or f"stage_{place}", place)
    for place, stage in enumerate(stages, start=1):
        if stage.is_sound:
            _check_range(stage, reading)
            _check_ways(stage, place, places, reading)


def _check_range(stage: Node, reading: Reading) -> None:
    scale = stage.child("scale")
    low, high = number_at(scale, "min"), number_at(scale, "max")
    if isinstance(scale, Mapping) and low is not None and high is not None and high <= low:
        line = scale.entries["max"][1].line
        reading.remark(line, f"max is {high:g}; expected a number above min, which is {low:g}")


def _check_ways(stage: Node, place: int, places: dict[str, int], reading: Reading) -> None:
    for option in nodes_at(stage, "options"):
        goto = option.child("goto")
        name = text_at(option, "goto")
        if goto is None or name is None:
            continue
        if name not in places:
            reading.remark(goto.line, f"goto leads to {shown(name)}, which is no stage of this script")
        elif places[name] <= place:
            where = "itself" if places[name] == place else "an earlier stage"
            reading.remark(goto.line, f"goto leads to {shown(name)}, {where}; expected a later stage")
