"""One ReproSchema item as an item, with what of it does not come along."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from assessments.importers.declared import Number, digits, number
from assessments.importers.drafts import MAX_CHOICES, MAX_POINTS, is_run, labels_by_point, scale_of
from assessments.importers.losses import Fault, Json, Ledger
from assessments.importers.reproschema.terms import AS_WORDS, NOT_ASKED, OPTIONS, kind_of
from assessments.importers.reproschema.words import Words
from assessments.importers.wording import LONGEST_TITLE, Text
from protocol.errors import shown
from protocol.grammar import CHOICE
from protocol.nodes import MAX_NUMBER

_READ = frozenset(
    ("@context", "category", "@type", "id", "@id", "prefLabel", "question", "preamble", "ui", "responseOptions",
     "schemaVersion", "version")
)  # fmt: skip
_READ_OPTIONS = frozenset(
    ("@context", "category", "@type", "id", "@id", "valueType", "minValue", "maxValue", "choices", "multipleChoice",
     "unitOptions")
)  # fmt: skip


class Items:
    """Makes items of documents; what is lost goes to the ledger, what is wrong to the faults."""

    def __init__(self, documents: Mapping[str, Any], words: Words, ledger: Ledger, faults: list[Fault]) -> None:
        self._documents = documents
        self._words = words
        self._ledger = ledger
        self._faults = faults

    def item(self, document: Json, id: str, where: str) -> Json | None:
        """The item called `id`, without its branching; None where it isn't asked."""
        ui = ui_of(document)
        input_type = str(ui.get("inputType", "text"))
        options = self._options(document, where)
        self._note(document, ui, options, where)
        why = "it is read only" if ui.get("readonlyValue") is True else _why_not(input_type)
        answered = None if why else self._answered(input_type, options, where)
        if answered is None:
            self._ledger.lost(where, f"the whole item: {why or 'what may be chosen is not in the files'}")
            return None
        text = self._words.text(document, "question", where) or self._words.text(document, "prefLabel", where)
        return {"id": id, "text": text or where, **answered}

    def _options(self, document: Json, where: str) -> Json:
        """The response options, from another file where they lie in one."""
        options = document.get("responseOptions", {})
        if isinstance(options, str):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(self._path_of(document)), options))
            found = self._documents.get(place)
            if kind_of(found) != OPTIONS:
                self._ledger.lost(where, f"responseOptions: {shown(options)} is not in the files")
            options = found
        return options if isinstance(options, dict) else {}

    def _path_of(self, document: Json) -> str:
        return next(path for path, found in self._documents.items() if found is document)

    def _note(self, document: Json, ui: Json, options: Json, where: str) -> None:
        for key, value in document.items():
            if key not in _READ:
                self._ledger.lost(where, f"{key}: {shown(value)}")
        for key, value in ui.items():
            if key not in ("inputType", "readonlyValue"):
                self._ledger.lost(where, f"ui.{key}: {shown(value)}")
        for key, value in options.items():
            if key not in _READ_OPTIONS:
                self._ledger.lost(where, f"responseOptions.{key}: {shown(value)}")

    # --- by the way it is answered ---------------------------------------------------------------------------------

    def _answered(self, input_type: str, options: Json, where: str) -> Json | None:
        if input_type in ("radio", "select", "checkbox"):
            return self._among(input_type, options, where)
        if input_type == "slider":
            return self._slider(options, where)
        if input_type in ("number", "float", "year"):
            return self._number(input_type, options, where)
        if input_type == "date":
            return {"type": "date"}
        if input_type in AS_WORDS:
            self._ledger.changed(where, f"inputType {input_type}: it is answered in words")
        elif input_type not in ("text", "textarea"):
            self._ledger.changed(where, f"inputType {shown(input_type)} is not known: it is answered in words")
        return {"type": "text"} if input_type in ("textarea", "multitext") else {"type": "text", "lines": "one"}

    def _number(self, input_type: str, options: Json, where: str) -> Json:
        low, high = self._ends(options, where)
        bounds = {key: end for key, end in (("min", low), ("max", high)) if end is not None}
        if len(bounds) == 2 and bounds["max"] <= bounds["min"]:
            self._ledger.lost(where, f"maxValue: {digits(bounds.pop('max'))} is not above minValue")
        is_whole = input_type != "float" and all(isinstance(end, int) for end in bounds.values())
        return {"type": "number", **bounds, **({"step": 1} if is_whole else {}), **self._unit(options, where)}

    def _ends(self, options: Json, where: str) -> tuple[Number | None, Number | None]:
        ends = [options.get(key) for key in ("minValue", "maxValue")]
        found = [_as_number(end) for end in ends]
        for key, end, kept in zip(("minValue", "maxValue"), ends, found, strict=True):
            if end is not None and kept is None:
                self._ledger.lost(where, f"{key}: {shown(end)} is no number")
        return found[0], found[1]

    def _unit(self, options: Json, where: str) -> Json:
        units = [unit for unit in options.get("unitOptions") or () if isinstance(unit, dict)]
        if len(units) > 1:
            self._ledger.lost(where, "unitOptions: that one may choose the unit; the first is asked for")
        key = "prefLabel" if units and units[0].get("prefLabel") else "value"
        text = self._words.text(units[0], key, where, longest=LONGEST_TITLE, is_line=True) if units else ""
        return {"unit": text} if text else {}

    def _slider(self, options: Json, where: str) -> Json:
        choices = self._choices(options, where)
        points = [value for value, _ in choices if isinstance(value, int | float)]
        low, high = self._ends(options, where)
        low = low if low is not None else min(points, default=0)
        high = high if high is not None else max(points, default=100)
        if not isinstance(low, int) or not isinstance(high, int) or not low < high < low + MAX_POINTS:
            self._ledger.changed(where, "slider: it is a number, for its ends are no whole numbers in order")
            return {"type": "number"}
        labels: dict[str, Text] = {}
        for value, text in choices:
            if isinstance(value, int) and low <= value <= high:
                labels |= labels_by_point([value], [text])
            else:
                self._ledger.lost(where, f"choices: {shown(value)} is no point of the slider")
        return {"scale": {"min": low, "max": high, **({"labels": labels} if labels else {})}}

    def _among(self, input_type: str, options: Json, where: str) -> Json | None:
        choices = self._choices(options, where)
        if not choices:
            return None
        if len(choices) > MAX_CHOICES:
            self._ledger.changed(
                where, f"has {len(choices)} choices; at most {MAX_CHOICES} are taken: answered in words"
            )
            return {"type": "text", "lines": "one"}
        several = input_type == "checkbox" or options.get("multipleChoice") is True
        points = [value for value, _ in choices if isinstance(value, int)]
        if not several and input_type == "radio" and len(points) == len(choices) and is_run(points):
            self._ledger.changed(
                where,
                f"its values {points[0]} to {points[-1]} follow each other: it is a scale; write `type: choice` where "
                "they are names without an order",
            )
            return {"scale": scale_of(points, labels_by_point(points, [text for _, text in choices]))}
        declared: dict[str, str | Json] = {}
        for value, text in choices:
            id = _as_choice(value, len(declared))
            if id in declared:
                self._ledger.lost(where, f"choices: {shown(value)} a second time")
            elif id != str(value):
                self._ledger.changed(where, f"the choice {shown(value)} is {id!r} here")
            declared.setdefault(id, id if text == id else {"id": id, "text": text})
        return {"type": "multi" if several else "choice", "choices": list(declared.values())}

    def _choices(self, options: Json, where: str) -> list[tuple[Any, Text]]:
        """The values that may be chosen, with their words."""
        choices = options.get("choices")
        if not isinstance(choices, list):
            return []
        found: list[tuple[Any, Text]] = []
        for choice in choices:
            named = choice if isinstance(choice, dict) else {}
            text = self._words.text(named, "name", where, longest=LONGEST_TITLE, is_line=True)
            value = named.get("value")
            value = _as_number(value) if _is_number(value) else value
            if not isinstance(value, int | float | str) or isinstance(value, bool) or value == "":
                self._ledger.lost(where, f"choices: {shown(choice)}")
                continue
            found.append((value, text or str(value)))
            for key in named:
                if key not in ("name", "value", "category", "@type"):
                    self._ledger.lost(where, f"choices.{key}: {shown(named[key])}")
        return found


def ui_of(document: Json) -> Json:
    """What a document says of how it is shown."""
    ui = document.get("ui")
    return ui if isinstance(ui, dict) else {}


def _why_not(input_type: str) -> str | None:
    is_media = input_type in NOT_ASKED or input_type.startswith(("audio", "video", "image"))
    return f"inputType {input_type} is no answer that one gives here" if is_media else None


def _as_choice(value: Any, n: int) -> str:
    id = re.sub(r"[;\s]+", " ", digits(value) if _is_number(value) else str(value)).strip()[:100].strip()
    return id if re.fullmatch(CHOICE, id) and id != "na" else f"choice {n + 1}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER


def _as_number(value: Any) -> Number | None:
    return number(float(value)) if _is_number(value) else None
