"""A script as the fields of a form, and back: pure.

A field is named by where its value stands: `title-en`, `voice-rate`, `stage-3-say-de`, `stage-3-options-2-goto`, places
counted from 1. Whatever was typed is kept as it is, so that the check of a bundle can say what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from protocol.grammar import NUMBER, as_number
from research.editing.layout import HEAD, MOST_OF_LIST, MOST_STAGES, STAGES, Control, kind_of

Json = dict[str, Any]
Languages = Sequence[str]

_DIGITS = re.compile(r"[0-9]{1,6}")


class NotAForm(ValueError):
    """What was sent is no form of this editor."""


# --- from a form -----------------------------------------------------------------------------------------------------


def read(posted: Mapping[str, str], slug: str, languages: Languages) -> Json:
    """The script that a form holds, its keys in the order of a file.

    Raises:
        NotAForm: There is no telling how many stages it has, or of what kind one is.
    """
    count = posted.get("stages", "")
    if not _DIGITS.fullmatch(count) or int(count) > MOST_STAGES:
        raise NotAForm("stages")
    script: Json = {"slug": slug}
    for control in HEAD:
        _put(script, control.keys, _value(control, "", posted, languages))
    if script.get("purpose") == "training":
        del script["purpose"]
    script["stages"] = [_stage(n, posted, languages) for n in range(1, int(count) + 1)]
    return script


def _stage(n: int, posted: Mapping[str, str], languages: Languages) -> Json:
    kind = posted.get(f"stage-{n}-kind", "")
    if kind not in STAGES:
        raise NotAForm(f"stage-{n}-kind")
    named: Json = {}
    for control in STAGES[kind]:
        _put(named, control.keys, _value(control, f"stage-{n}-", posted, languages))
    named.setdefault(kind, "")
    for key in ("audio", "captions"):
        _put(named, [key], joined(named.pop(key, {}), named[kind], languages))
    order = ("id", "layer", *(control.keys[0] for control in STAGES[kind]))
    return {key: named[key] for key in dict.fromkeys(order) if key in named}


def _put(into: Json, keys: Sequence[str], value: Any) -> None:
    if value is None:
        return
    for key in keys[:-1]:
        into = into.setdefault(key, {})
    into[keys[-1]] = value


def _value(control: Control, prefix: str, posted: Mapping[str, str], languages: Languages) -> Any:
    """What stands in a control's fields; None where nothing does."""
    name = f"{prefix}{'-'.join(control.keys)}"
    return _READ[control.widget](control, name, posted, languages)


def _line(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> str | None:
    return _text(posted, name) or None


def _number(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> float | str | None:
    text = _text(posted, name)
    return as_number(text) if re.fullmatch(NUMBER, text) else text or None


def _duration(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> str | None:
    text = _text(posted, name)
    return f"{text}s" if _DIGITS.fullmatch(text) else text or None


def _words(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> str | Json | None:
    texts = {language: _text(posted, f"{name}-{language}") for language in languages}
    given = {language: text for language, text in texts.items() if text}
    if not given:
        return None
    same = set(texts.values())
    return next(iter(same)) if len(same) == 1 else given


def _paths(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> Json:
    return {language: _text(posted, f"{name}-{language}") for language in languages}


def joined(paths: Mapping[str, str], said: str | Json, languages: Languages) -> str | Json | None:
    """The files of each language as a script names them: one for all where one wording is said in all of them."""
    given = {language: path for language, path in paths.items() if path}
    is_one = len(set(paths.values())) == 1 and (len(languages) == 1 or isinstance(said, str))
    return next(iter(given.values()), None) if is_one else given or None


def _list(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> list[Any] | None:
    found = [
        _line(control, f"{name}-{n}", posted, languages)
        if control.of
        else _words(control, f"{name}-{n}", posted, languages)
        for n in range(1, MOST_OF_LIST[control.key] + 1)
    ]
    return [each for each in found if each is not None] or None


def _options(control: Control, name: str, posted: Mapping[str, str], languages: Languages) -> list[Json] | None:
    found = []
    for n in range(1, MOST_OF_LIST[control.key] + 1):
        label = _words(control, f"{name}-{n}-label", posted, languages)
        goto = _text(posted, f"{name}-{n}-goto")
        if label is not None or goto:
            found.append({"label": label or "", **({"goto": goto} if goto else {})})
    return found or None


def _text(posted: Mapping[str, str], name: str) -> str:
    return posted.get(name, "").replace("\r\n", "\n").replace("\r", "\n").strip()


_READ: Mapping[str, Callable[[Control, str, Mapping[str, str], Languages], Any]] = {
    "words": _words,
    "title": _words,
    "paths": _paths,
    "line": _line,
    "id": _line,
    "choice": _line,
    "path": _line,
    "number": _number,
    "duration": _duration,
    "words_list": _list,
    "options": _options,
}


# --- into a form -----------------------------------------------------------------------------------------------------


def written(script: Json, languages: Languages) -> dict[str, str]:
    """The fields of a script's form, by name: `read` of them gives the script."""
    posted = {"stages": str(len(script["stages"]))}
    for control in HEAD:
        posted.update(_fields(control, "", script, languages))
    for n, stage in enumerate(script["stages"], start=1):
        posted[f"stage-{n}-kind"] = kind_of(stage)
        for control in STAGES[kind_of(stage)]:
            posted.update(_fields(control, f"stage-{n}-", stage, languages))
    return posted


def normal(script: Json, languages: Languages) -> Json:
    """The script as the editor writes it: two that say the same are equal."""
    return read(written(script, languages), script["slug"], languages)


def _fields(control: Control, prefix: str, within: Json, languages: Languages) -> Iterator[tuple[str, str]]:
    value: Any = within
    for key in control.keys:
        value = value.get(key) if isinstance(value, dict) else None
    name = f"{prefix}{'-'.join(control.keys)}"
    if control.widget in ("words", "title", "paths"):
        yield from words_fields(name, value, languages)
    elif control.widget == "words_list":
        for n, each in enumerate(value or (), start=1):
            yield from [(f"{name}-{n}", each)] if control.of else words_fields(f"{name}-{n}", each, languages)
    elif control.widget == "options":
        for n, each in enumerate(value or (), start=1):
            yield from words_fields(f"{name}-{n}-label", each.get("label"), languages)
            yield f"{name}-{n}-goto", each.get("goto", "")
    else:
        yield name, "" if value is None else str(value)


def words_fields(name: str, value: str | Json | None, languages: Languages) -> Iterator[tuple[str, str]]:
    """The field of each language of a text, by name."""
    for language in languages:
        yield f"{name}-{language}", value.get(language, "") if isinstance(value, dict) else value or ""


def field_at(path: Sequence[str | int]) -> str:
    """How the field, or the group of fields, begins whose value stands there: `stage-3-scale-max`, `stage-3`, ``."""
    parts = list(path)
    if parts[:1] == ["stages"]:
        parts = ["stage", *parts[1:]]
    return "-".join(str(part + 1) if isinstance(part, int) else part for part in parts)


# --- acts on stages --------------------------------------------------------------------------------------------------

FRESH: Mapping[str, Json] = {
    "say": {"say": "", "hold": "20s"},
    "rate": {"rate": "vividness", "scale": {"min": 1, "max": 5}},
    "report": {"report": ""},
    "draw": {"draw": "", "condition": "imagery"},
    "reveal": {"reveal": "", "alt": ""},
    "compare": {"compare": "", "scale": {"min": 1, "max": 5}},
    "form": {"form": ""},
    "check": {"check": "", "answer": 1},
    "rest": {"rest": "30s"},
    "choose": {"choose": ""},
}
"""A new stage of each kind."""


def moved(script: Json, n: int, by: int) -> Json:
    """The script with its Nth stage `by` places further on; as it is where that leads nowhere."""
    order = list(range(len(script["stages"])))
    if not (1 <= n <= len(order) and 1 <= n + by <= len(order)):
        return script
    order.insert(n - 1 + by, order.pop(n - 1))
    return _ordered(script, order)


def removed(script: Json, n: int) -> Json:
    """The script without its Nth stage."""
    return _ordered(script, [place for place in range(len(script["stages"])) if place != n - 1])


def added(script: Json, after: int, kind: str) -> Json:
    """The script with a new stage after its Nth (0: before the first), of the same layer as the one before it."""
    stages = script["stages"]
    if kind not in STAGES or not 0 <= after <= len(stages) or len(stages) >= MOST_STAGES:
        return script
    layer = stages[after - 1].get("layer") if after else None
    fresh = {**({"layer": layer} if layer else {}), **FRESH[kind]}
    order: list[int | Json] = [*range(after), fresh, *range(after, len(stages))]
    return _ordered(script, order)


def _ordered(script: Json, order: Sequence[int | Json]) -> Json:
    """The script with its stages in another order; ways that lead to a stage by its place lead to it still."""
    places = {f"stage_{old + 1}": f"stage_{new}" for new, old in enumerate(order, start=1) if isinstance(old, int)}
    stages = [dict(script["stages"][old] if isinstance(old, int) else old) for old in order]
    for stage in stages:
        if "options" in stage:
            stage["options"] = [
                {**each, "goto": places.get(each["goto"], each["goto"])} if "goto" in each else each
                for each in stage["options"]
            ]
    return {**script, "stages": stages}
