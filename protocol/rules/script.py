"""Rules of a script: stages that can be told apart, ratings with two ends, and ways that lead forward."""

from __future__ import annotations

from collections.abc import Mapping as Files

from protocol.errors import shown
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Sequence, has, nodes_at, number_at, text_at
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
            _check_answer(stage, reading)
            _check_captions(stage, reading)
    _check_layers(stages, reading)
    _check_purpose(script, reading)
    _check_unlock(script, stages, reading)


def check_matched(script: Node, scripts: Files[str, Node | None], reading: Reading) -> None:
    """Reports a control that is matched to no script of the bundle, to itself, or to another control."""
    named, slug = script.child("matched_to"), text_at(script, "matched_to")
    if named is None or slug is None:
        return
    if slug not in scripts:
        reading.remark(named.line, f"matched_to is {shown(slug)}; expected a file scripts/{slug}.yaml")
    elif scripts[slug] is not None and text_at(scripts[slug], "purpose") == "control":
        what = "itself" if slug == text_at(script, "slug") else "a control as well"
        reading.remark(named.line, f"matched_to is {shown(slug)}, {what}; expected a script of training or a probe")


def _check_range(stage: Node, reading: Reading) -> None:
    scale = stage.child("scale")
    low, high = number_at(scale, "min"), number_at(scale, "max")
    if isinstance(scale, Mapping) and low is not None and high is not None and high <= low:
        line = scale.entries["max"][1].line
        reading.remark(line, f"max is {high:g}; expected a number above min, which is {low:g}")


def _check_answer(stage: Node, reading: Reading) -> None:
    answer, choices = stage.child("answer"), stage.child("choices")
    number = number_at(stage, "answer")
    if answer is None or number is None or not isinstance(choices, Sequence):
        return
    if number > len(choices.items):
        reading.remark(
            answer.line, f"answer is {number:g}; expected the number of one of the {len(choices.items)} choices"
        )


def _check_captions(stage: Node, reading: Reading) -> None:
    captions = stage.child("captions")
    if captions is not None and not has(stage, "audio"):
        reading.remark(captions.line, "captions without audio; expected the recording that they belong to")


def _check_layers(stages: list[Node], reading: Reading) -> None:
    """A layer is one stretch of stages: what lies between them would belong to it, too."""
    ended: set[str] = set()
    before: str | None = None
    for stage in stages:
        layer = text_at(stage, "layer")
        if before is not None and layer != before:
            ended.add(before)
        if layer in ended and layer != before:
            node = stage.child("layer") or stage
            reading.remark(node.line, f"layer {shown(layer)} was left before; expected its stages one after the other")
        before = layer


def _check_purpose(script: Node, reading: Reading) -> None:
    matched = script.child("matched_to")
    if matched is not None and text_at(script, "purpose") != "control":
        reading.remark(matched.line, "matched_to stands in a script that is no control; expected purpose: control")


def _check_unlock(script: Node, stages: list[Node], reading: Reading) -> None:
    unlock = script.child("unlock")
    if not isinstance(unlock, Mapping) or not unlock.is_sound:
        return
    layers = list(dict.fromkeys(layer for stage in stages if (layer := text_at(stage, "layer")) is not None))
    if len(layers) < 2:
        reading.remark(
            unlock.line, f"unlock in a script with {len(layers)} layers; expected two or more to open one by one"
        )
    _check_ends_are_reached(stages, layers[:-1], reading)
    by, rating = text_at(unlock, "by"), text_at(unlock, "rating")
    if by is None:
        return
    if by == "exposure":
        for key in ("rating", "at_least"):
            if (node := unlock.child(key)) is not None:
                reading.remark(node.line, f"{key} stands beside by: exposure; expected by: rating, or no {key}")
        return
    for key in ("rating", "at_least"):
        if unlock.child(key) is None:
            reading.remark(unlock.line, f"unlock by: rating lacks {key}; expected what is rated, and at_least how high")
    if rating is None:
        return
    for layer in layers[:-1]:
        rated = {text_at(stage, "rate") for stage in stages if text_at(stage, "layer") == layer}
        if rating not in rated:
            reading.remark(
                unlock.line, f"layer {shown(layer)} has no rate: {rating}; expected one, by which the next layer opens"
            )


def _check_ends_are_reached(stages: list[Node], layers: list[str], reading: Reading) -> None:
    """A layer that somebody can leave without coming to its end may keep the next one shut for good."""
    places = {text_at(stage, "id") or f"stage_{place}": place for place, stage in enumerate(stages)}
    ends = {layer: place for place, stage in enumerate(stages) if (layer := text_at(stage, "layer")) is not None}
    for place, stage in enumerate(stages):
        for option in nodes_at(stage, "options"):
            goto, to = option.child("goto"), places.get(text_at(option, "goto") or "", place)
            over = next((layer for layer in layers if place < ends[layer] < to), None)
            if goto is not None and over is not None:
                reading.remark(
                    goto.line,
                    f"goto jumps over the end of layer {shown(over)}, by which the next one opens; expected a way "
                    "through it, or no unlock",
                )


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
