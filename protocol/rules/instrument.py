"""Rules of an instrument: scales that can be answered; scores of its items, bands and norms of its scores."""

from __future__ import annotations

from collections.abc import Sequence

from protocol.definitions.of_item import MAX_POINTS, is_point
from protocol.errors import listed, shown
from protocol.grammar import as_number
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Scalar, named_at, nodes_at, number_at, number_of, strings_at, text_at
from protocol.rules.bands import check_bands
from protocol.rules.branching import check_branching
from protocol.rules.ids import check_unique_ids, claim
from protocol.rules.items import Asked, asked, check_item


def check_instrument(instrument: Node, reading: Reading) -> None:
    """Reports what is wrong with an instrument beyond the shape of its parts."""
    sections = nodes_at(instrument, "sections")
    items = [item for section in sections for item in nodes_at(section, "items")]
    check_unique_ids(_in_order(sections), reading)
    for scaled in (instrument, *items):
        scale = scaled.child("scale")
        if scale is not None:
            _check_scale(scale, reading)
    scale = instrument.child("scale")
    for item in items:
        check_item(item, scale, reading)
    known = {id: found for item in items if (id := text_at(item, "id")) and (found := asked(item, scale))}
    are_all_known = len(known) == len(items) and not _has_faulty_parts(instrument)
    if are_all_known:
        check_branching(sections, known, text_at(instrument, "shuffle"), reading)
    _check_scores(instrument, sections, known, reading)
    _check_bands_and_norms(instrument, reading)
    _check_forms(instrument, sections, reading)


def score_names(instrument: Node) -> list[str]:
    """The scores that an instrument declares, sound or not."""
    scores = instrument.child("scores")
    return list(scores.entries) if isinstance(scores, Mapping) else []


def _in_order(sections: Sequence[Node]) -> list[Node]:
    return [node for section in sections for node in (section, *nodes_at(section, "items"))]


# --- scales ----------------------------------------------------------------------------------------------------------


def _check_scale(scale: Node, reading: Reading) -> None:
    low, high = number_at(scale, "min"), number_at(scale, "max")
    step = 1 if "step" not in _keys(scale) else number_at(scale, "step")
    if low is None or high is None:
        return
    if high <= low:
        reading.remark(_line(scale, "max"), f"max is {high:g}; expected a number above min, which is {low:g}")
        return
    if step is None:
        return
    count = (high - low) / step
    if count + 1 > MAX_POINTS:
        reading.remark(_line(scale, "step"), f"the scale has {count + 1:.0f} points; expected at most {MAX_POINTS}")
    elif not _is_near_whole(count):
        reading.remark(
            _line(scale, "step"), f"step is {step:g}, which does not lead from min {low:g} to max {high:g} evenly"
        )
    else:
        _check_labels(scale, low, high, step, reading)


def _check_labels(scale: Node, low: float, high: float, step: float, reading: Reading) -> None:
    labels = scale.child("labels")
    if not isinstance(labels, Mapping):
        return
    maps = [value for key, value in labels.named() if isinstance(value, Mapping) and not is_point(key)]
    for key in [key for points in maps or [labels] for key, _ in points.named()]:
        if key.is_sound and is_point(key):
            point = as_number(str(key.value))
            if not low <= point <= high or not _is_near_whole((point - low) / step):
                reading.remark(
                    key.line, f"labels the point {key.text}, which the scale from {low:g} to {high:g} by {step:g} lacks"
                )


def _is_near_whole(number: float) -> bool:
    """Whether `number` is whole but for what binary fractions lose."""
    return abs(number - round(number)) < 1e-6


def _keys(node: Node) -> set[str]:
    return set(node.entries) if isinstance(node, Mapping) else set()


def _line(node: Node, key: str) -> int:
    return node.entries[key][1].line if isinstance(node, Mapping) and key in node.entries else node.line


# --- scores ----------------------------------------------------------------------------------------------------------


def _check_scores(instrument: Node, sections: Sequence[Node], known: dict[str, Asked], reading: Reading) -> None:
    of_section = {
        name: [item for node in nodes_at(section, "items") if (item := text_at(node, "id"))]
        for section in sections
        if (name := text_at(section, "id"))
    }
    every = [item for items in of_section.values() for item in items]
    # While an id is faulty, nobody can tell what a name was meant to lead to.
    are_all_known = all(text_at(node, "id") for node in _in_order(sections)) and not _has_faulty_parts(instrument)
    counted = [id for id, item in known.items() if item.has_number and not item.is_catch]
    of_instrument = text_at(instrument.child("scale"), "direction")
    for key, score in named_at(instrument, "scores"):
        if text_at(score, "of") == "all":
            of = counted
            if are_all_known and not of:
                reading.remark(key.line, "of is all, but no item has a number; expected items of type scale or number")
        else:
            of = _check_parts(score, of_section, every, are_all_known, reading)
        _check_countable(score, [known[id] for id in of if id in known], of_instrument, reading)
        _check_weights(score, of, are_all_known, reading)
        allow = score.child("missing")
        count = number_at(allow, "allow")
        if are_all_known and of and isinstance(count, int) and count > len(of):
            node = allow.child("allow") if allow is not None else None
            reading.remark(
                node.line if node is not None else score.line,
                f"allow is {count}; expected at most the number of the score's items, {len(of)}",
            )


def _has_faulty_parts(instrument: Node) -> bool:
    if not isinstance(instrument, Mapping) or instrument.child("sections") is None:
        return True
    sections = instrument.entries["sections"][1]
    parts = getattr(sections, "items", [])
    return any(
        not part.is_sound for section in parts for part in (section, *getattr(section.child("items"), "items", []))
    )


def _check_parts(
    score: Node, of_section: dict[str, list[str]], every: Sequence[str], are_all_known: bool, reading: Reading
) -> list[str]:
    """The items that a score's `of` leads to."""
    counted: list[str] = []
    for node, name in strings_at(score, "of"):
        if name not in of_section and name not in every:
            if are_all_known:
                reading.remark(node.line, f"of names {shown(name)}; expected an item or a section of this instrument")
            continue
        items = of_section.get(name, [name])
        again = [item for item in items if item in counted]
        if again:
            reading.remark(node.line, f"of counts the item {shown(again[0])} twice")
        counted += items
    return counted


def _check_countable(score: Node, items: Sequence[Asked], of_instrument: str | None, reading: Reading) -> None:
    """Reports items without a number, and items that a direction turns round though they have no ends."""
    direction = text_at(score, "direction") or of_instrument
    for item in items:
        name = shown(text_at(item.node, "id") or "")
        if not item.has_number:
            reading.remark(
                _line(score, "of"),
                f"of counts {name}, which is type: {item.type} and has no number; expected type: scale or number, or "
                "a choice whose choices all have a score",
            )
        own = item.node.child("scale")
        scale_direction = (text_at(own, "direction") if own is not None else None) or of_instrument
        if item.has_number and item.ends is None and item.type != "scale" and direction != scale_direction:
            reading.remark(
                _line(score, "direction"), f"direction turns {name} round, which has no two ends; expected min and max"
            )


def _check_weights(score: Node, of: Sequence[str], are_all_known: bool, reading: Reading) -> None:
    for key, weight in named_at(score, "weights"):
        if are_all_known and key.text not in of:
            reading.remark(key.line, f"weights names {shown(key.text)}; expected an item that the score counts")
        elif number_of(weight) == 0:
            reading.remark(
                key.line, f"the weight of {shown(key.text)} is 0; expected another number, or leave it out of `of`"
            )
    weights = [number_of(weight) for _, weight in named_at(score, "weights")]
    others = len(of) - len(weights)
    if (
        are_all_known
        and of
        and weights
        and None not in weights
        and sum(w for w in weights if w is not None) + others <= 0
    ):
        reading.remark(_line(score, "weights"), "the weights come to 0 or less in all; expected a sum above 0")


def _check_forms(instrument: Node, sections: Sequence[Node], reading: Reading) -> None:
    names = [text_at(section, "id") for section in sections]
    taken: dict[str, str] = {}
    for key, form in named_at(instrument, "forms"):
        for node, section in strings_at(instrument.child("forms"), key.text):
            if section not in names:
                if None not in names:
                    reading.remark(node.line, f"form {shown(key.text)} names {shown(section)}; expected a section")
            elif section in taken:
                reading.remark(node.line, f"section {shown(section)} is in form {shown(taken[section])} already")
            taken.setdefault(section, key.text)
        if not form.is_sound:
            return


def _check_bands_and_norms(instrument: Node, reading: Reading) -> None:
    known = score_names(instrument)
    for key, bands in named_at(instrument, "bands"):
        if known and key.is_sound and key.text not in known:
            reading.remark(
                key.line, f"bands of {shown(key.text)}; expected a score of this instrument: {listed(known)}"
            )
        check_bands(bands, reading)
    for key, schemes in named_at(instrument, "schemes"):
        if known and key.text not in known:
            reading.remark(key.line, f"schemes of {shown(key.text)}; expected a score of it: {listed(known)}")
        taken: dict[str, int] = {}
        for scheme in schemes.children():
            named = scheme.child("name")
            if isinstance(named, Scalar):
                claim(named, named.text, taken, reading)
            bands_of_it = scheme.child("bands")
            if bands_of_it is not None:
                check_bands(bands_of_it, reading)
    for norm in nodes_at(instrument, "norms"):
        _check_errors(norm, reading)
        name = text_at(norm, "score")
        if known and name is not None and name not in known:
            reading.remark(_line(norm, "score"), f"norm of {shown(name)}; expected a score of it: {listed(known)}")


def _check_errors(norm: Node, reading: Reading) -> None:
    ends: list[tuple[float, float]] = []
    for error in nodes_at(norm, "errors"):
        low, high = number_at(error, "from"), number_at(error, "to")
        if low is None or high is None:
            continue
        if high < low:
            reading.remark(error.line, f"an error goes from {low:g} to {high:g}; expected the lower end first")
        elif any(low <= other_high and other_low <= high for other_low, other_high in ends):
            reading.remark(
                error.line, f"the errors overlap at {low:g} to {high:g}; expected every value in one at most"
            )
        ends.append((low, high))
