"""Rules of an instrument: scales that can be answered; scores of its items, bands and norms of its scores."""

from __future__ import annotations

from protocol.definitions.of_item import MAX_POINTS, is_point
from protocol.errors import listed, shown
from protocol.grammar import as_number
from protocol.kinds import Reading
from protocol.nodes import Mapping, Node, Scalar, named_at, nodes_at, number_at, strings_at, text_at
from protocol.rules.bands import check_bands
from protocol.rules.branching import check_branching
from protocol.rules.ids import check_unique_ids
from protocol.rules.items import check_item, is_near_whole
from protocol.rules.scores import Contents, check_scores, contents, score_names


def check_instrument(instrument: Node, reading: Reading) -> None:
    """Reports what is wrong with an instrument beyond the shape of its parts."""
    sections = nodes_at(instrument, "sections")
    items = [item for section in sections for item in nodes_at(section, "items")]
    check_unique_ids([node for section in sections for node in (section, *nodes_at(section, "items"))], reading)
    for scaled in (instrument, *items):
        scale = scaled.child("scale")
        if scale is not None:
            _check_scale(scale, reading)
    for item in items:
        check_item(item, instrument.child("scale"), reading)
    held = contents(instrument)
    form_of = _check_forms(instrument, held, reading)
    if held.are_items_known:
        _check_forms_ask(instrument, held, form_of, reading)
        check_branching(held, text_at(instrument, "shuffle"), form_of, reading)
    check_scores(instrument, held, reading)
    _check_bands_and_norms(instrument, reading)


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
    elif not is_near_whole(count):
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
            if not low <= point <= high or not is_near_whole((point - low) / step):
                reading.remark(
                    key.line, f"labels the point {key.text}, which the scale from {low:g} to {high:g} by {step:g} lacks"
                )


def _keys(node: Node) -> set[str]:
    return set(node.entries) if isinstance(node, Mapping) else set()


def _line(node: Node, key: str) -> int:
    return node.entries[key][1].line if isinstance(node, Mapping) and key in node.entries else node.line


# --- forms, bands, norms ---------------------------------------------------------------------------------------------


def _check_forms(instrument: Node, held: Contents, reading: Reading) -> dict[str, str]:
    """The form of each section that is in one."""
    form_of: dict[str, str] = {}
    for key, _ in named_at(instrument, "forms"):
        for node, section in strings_at(instrument.child("forms"), key.text):
            if section not in held.of_section:
                if held.are_ids_known:
                    reading.remark(
                        node.line,
                        f"form {shown(key.text)} names {shown(section)}; expected a section: {listed(held.of_section)}",
                    )
            elif section in form_of:
                reading.remark(node.line, f"section {shown(section)} is in form {shown(form_of[section])} already")
            form_of.setdefault(section, key.text)
    return form_of


def _check_forms_ask(instrument: Node, held: Contents, form_of: dict[str, str], reading: Reading) -> None:
    """Reports a form in which nothing is asked of everybody: then nothing at all is asked."""
    for key, _ in named_at(instrument, "forms"):
        items = [
            held.known[item].node
            for section, ids in held.of_section.items()
            if form_of.get(section, key.text) == key.text
            for item in ids
        ]
        if all(item.child("when") is not None for item in items):
            reading.remark(
                key.line, f"form {shown(key.text)} asks nothing that has no condition, and so nothing at all"
            )


def _check_bands_and_norms(instrument: Node, reading: Reading) -> None:
    known = score_names(instrument)
    for key, bands in named_at(instrument, "bands"):
        if known is not None and key.is_sound and key.text not in known:
            reading.remark(
                key.line, f"bands of {shown(key.text)}; expected a score of this instrument: {listed(known)}"
            )
        check_bands(bands, reading)
    for key, schemes in named_at(instrument, "schemes"):
        if known is not None and key.is_sound and key.text not in known:
            reading.remark(
                key.line, f"schemes of {shown(key.text)}; expected a score of this instrument: {listed(known)}"
            )
        _check_schemes(schemes, reading)
    for norm in nodes_at(instrument, "norms"):
        _check_errors(norm, reading)
        name = text_at(norm, "score")
        if known is not None and name is not None and name not in known:
            reading.remark(_line(norm, "score"), f"norm of {shown(name)}; expected a score of it: {listed(known)}")


def _check_schemes(schemes: Node, reading: Reading) -> None:
    taken: dict[str, int] = {}
    for scheme in schemes.children():
        named = scheme.child("name")
        if isinstance(named, Scalar) and named.text in taken:
            reading.remark(
                named.line,
                f"the scheme {shown(named.text)} stands already on line {taken[named.text]}; expected another name",
            )
        elif isinstance(named, Scalar):
            taken[named.text] = named.line
        bands = scheme.child("bands")
        if bands is not None:
            check_bands(bands, reading)


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
