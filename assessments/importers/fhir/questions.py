"""One question of a Questionnaire as an item, with what of it does not come along."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.importers.branching import is_date
from assessments.importers.declared import Number, digits, number
from assessments.importers.drafts import MAX_CHOICES, MAX_POINTS, is_even, labels_by_point, scale_of
from assessments.importers.fhir.terms import (
    CALCULATED,
    HIDDEN,
    ITEM_CONTROL,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    SLIDER_STEP,
    TRANSLATION,
    UNIT,
    control_of,
    extension_value,
    extensions,
)
from assessments.importers.fhir.wording import Words
from assessments.importers.losses import Json, Ledger
from assessments.importers.wording import LONGEST_TEXT, LONGEST_TITLE, WORDS, Text
from protocol.errors import shown
from protocol.grammar import CHOICE
from protocol.nodes import MAX_NUMBER

DEFAULT_LONGEST = 4_000
_TYPED_AS_LINE = {
    "dateTime": "a date and a time are taken in words",
    "time": "a time is taken in words",
    "url": "an address is taken in words",
}
_NOT_ASKED = ("attachment", "reference")
# What is read elsewhere, or says nothing of its own.
_READ = frozenset(
    ("linkId", "type", "text", "required", "repeats", "item", "enableWhen", "enableBehavior", "answerOption",
     "answerValueSet", "extension", "maxLength", "readOnly", "id")
)  # fmt: skip
_READ_EXTENSIONS = frozenset((MIN_VALUE, MAX_VALUE, UNIT, SLIDER_STEP, HIDDEN, ITEM_CONTROL))
_CONTROLS = ("slider", "radio-button", "drop-down", "check-box")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen: its code, its words, and its number where it has one."""

    code: str
    text: Text
    ordinal: Number | None
    is_number: bool


class Questions:
    """Makes items of questions; what is lost goes to the ledger."""

    def __init__(self, resource: Json, words: Words, language: str, ledger: Ledger) -> None:
        self._sets = {
            part["id"]: part
            for part in resource.get("contained", ())
            if isinstance(part, dict) and part.get("resourceType") == "ValueSet" and isinstance(part.get("id"), str)
        }
        self._words = words
        self._two_way = WORDS.get(language.partition("-")[0], WORDS["en"])
        self._ledger = ledger
        self.values: dict[str, dict[str, str]] = {}  # by linkId: what an answer's code or words became

    def item(self, question: Json, id: str) -> Json | None:
        """The question as an item called `id`, without its branching; None where it isn't asked."""
        where = f"linkId {question['linkId']}"
        why = _why_not_asked(question)
        answered = None if why else _READERS[question["type"]](self, question, where)
        if answered is None:
            self._ledger.lost(where, f"the whole question: {why or 'what may be chosen is in no set in the file'}")
            return None
        text = self._words.text(question, "text", where)
        if not text:
            self._ledger.changed(where, "it has no text: its linkId is asked")
        item: Json = {"id": id, "text": text or question["linkId"], **answered}
        if not question.get("required", False):
            item["optional"] = True
        self.note_rest(question, where)
        return item

    def note_rest(self, element: Json, where: str) -> None:
        """Notes the keys and extensions of an item that have no place here."""
        for key, value in element.items():
            if key not in _READ and not key.startswith("_"):
                self._ledger.lost(where, f"{key}: {shown(value)}")
        for url, extension in extensions(element):
            control = control_of({"extension": [extension]}) if url == ITEM_CONTROL else None
            if url not in _READ_EXTENSIONS or (url == ITEM_CONTROL and control not in _CONTROLS):
                self._ledger.lost(where, f"extension {url.rpartition('/')[2]}{f': {control}' if control else ''}")
        for key in element:
            shadow = element[key] if key.startswith("_") and isinstance(element[key], dict) else {}
            for url, _ in extensions(shadow):
                if url != TRANSLATION:
                    self._ledger.lost(where, f"extension {url.rpartition('/')[2]} of {key[1:]}")

    # --- by type ---------------------------------------------------------------------------------------------------

    def _boolean(self, question: Json, where: str) -> Json:
        self.values[question["linkId"]] = {"true": "true", "false": "false"}
        return {
            "type": "choice",
            "choices": [
                {"id": "true", "text": self._two_way["yes"], "score": 1},
                {"id": "false", "text": self._two_way["no"], "score": 0},
            ],
        }

    def _number(self, question: Json, where: str) -> Json:
        low, high = (self._bound(question, url, where) for url in (MIN_VALUE, MAX_VALUE))
        is_whole = question["type"] == "integer"
        step = extension_value(question, SLIDER_STEP)
        if control_of(question) == "slider" and low is not None and high is not None and low < high:
            slider = self._slider(question, where, low, high, number(step) if _is_number(step) and step > 0 else 1)
            if slider is not None:
                return slider
        if low is not None and high is not None and high <= low:
            self._ledger.lost(where, f"maxValue: {digits(high)} is not above minValue, {digits(low)}")
            high = None
        bounds = {key: end for key, end in (("min", low), ("max", high)) if end is not None}
        is_whole = is_whole and all(isinstance(end, int) for end in bounds.values())
        return {"type": "number", **bounds, **({"step": 1} if is_whole else {}), **self._unit(question, where)}

    def _bound(self, question: Json, url: str, where: str) -> Number | None:
        value = extension_value(question, url)
        if value is None or _is_number(value):
            return None if value is None else number(value)
        self._ledger.lost(where, f"{url.rpartition('/')[2]}: {shown(value)}")
        return None

    def _unit(self, question: Json, where: str) -> Json:
        unit = extension_value(question, UNIT)
        said = (unit.get("display") or unit.get("code")) if isinstance(unit, dict) else None
        key = "display" if isinstance(unit, dict) and unit.get("display") else "code"
        return {"unit": self._words.text(unit, key, where, longest=LONGEST_TITLE, is_line=True)} if said else {}

    def _slider(self, question: Json, where: str, low: Number, high: Number, step: Number) -> Json | None:
        count = (high - low) / step
        if count != int(count) or count >= MAX_POINTS:
            self._ledger.changed(where, "slider: it is a number, for its points are too many or uneven")
            return None
        labels: dict[str, Text] = {}
        for child in question.get("item", ()):
            end = {"lower": low, "upper": high}.get(control_of(child) or "")
            if end is not None:
                labels |= labels_by_point([end], [self._words.text(child, "text", where)])
        return {"scale": {"min": low, "max": high, **({"step": step} if step != 1 else {}), **_if(labels=labels)}}

    def _date(self, question: Json, where: str) -> Json:
        bounds = {}
        for key, url in (("min", MIN_VALUE), ("max", MAX_VALUE)):
            value = extension_value(question, url)
            if isinstance(value, str) and is_date(value):
                bounds[key] = value
            elif value is not None:
                self._ledger.lost(where, f"{key}Value: {shown(value)} is no whole date")
        if len(bounds) == 2 and bounds["max"] < bounds["min"]:
            self._ledger.lost(where, f"maxValue: {bounds.pop('max')} is before minValue")
        return {"type": "date", **bounds}

    def _text(self, question: Json, where: str) -> Json:
        if question["type"] in _TYPED_AS_LINE:
            self._ledger.changed(where, f"type {question['type']}: {_TYPED_AS_LINE[question['type']]}")
        longest = question.get("maxLength", DEFAULT_LONGEST)
        is_line = question["type"] != "text"
        kept = min(max(longest, 1), LONGEST_TEXT)
        return {
            "type": "text",
            **({"lines": "one"} if is_line else {}),
            **({"longest": kept} if kept != DEFAULT_LONGEST else {}),
        }

    # --- choices ---------------------------------------------------------------------------------------------------

    def _choice(self, question: Json, where: str) -> Json | None:
        options = self._options(question, where)
        is_open = question["type"] == "open-choice"
        if not options:
            return self._text(question, where) if is_open and "answerValueSet" not in question else None
        if is_open:
            self._ledger.lost(where, "type open-choice: that one may answer in words of one's own")
        if len(options) > MAX_CHOICES:
            self._ledger.changed(
                where, f"has {len(options)} choices; at most {MAX_CHOICES} are taken: answered in words"
            )
            return {"type": "text", "lines": "one"}
        points = [option.ordinal for option in options if option.ordinal is not None]
        is_scale = len(points) == len(options) and is_even(points) and not question.get("repeats")
        if is_scale and all(option.is_number for option in options):
            self._remember(question, options, [digits(point) for point in points])
            return {"scale": scale_of(points, labels_by_point(points, [option.text for option in options]))}
        ids = self._ids(options, where)
        self._remember(question, options, ids)
        type = "multi" if question.get("repeats") else "choice"
        if type == "multi" and points:
            self._ledger.lost(where, "ordinalValue: several choices at once count no number")
            options = [Option(option.code, option.text, None, False) for option in options]
        return {"type": type, "choices": [_declared(id, option) for id, option in zip(ids, options, strict=True)]}

    def _remember(self, question: Json, options: Sequence[Option], values: Sequence[str]) -> None:
        """Keeps what each answer became, by its words and, before them, by its code."""
        pairs = list(zip(options, values, strict=True))
        by_words = {text: value for option, value in pairs for text in _all_words(option.text)}
        self.values[question["linkId"]] = by_words | {option.code: value for option, value in pairs}

    def _options(self, question: Json, where: str) -> list[Option]:
        found = [self._option(option, where) for option in question.get("answerOption", ())]
        address = question.get("answerValueSet", "")
        if address and not found:
            concepts = _concepts(self._sets.get(address[1:], {})) if address.startswith("#") else []
            found = [self._coded(concept, {}, where) for concept in concepts]
            if not found:
                self._ledger.lost(where, f"answerValueSet: {shown(address)}")
        options: dict[str, Option] = {}
        for option in found:
            if option is None or option.code in options:
                self._ledger.lost(where, "answerOption: a choice without a value, or the same again")
            else:
                options[option.code] = option
        return list(options.values())

    def _option(self, option: Json, where: str) -> Option | None:
        for key in option:
            if key == "initialSelected":
                self._ledger.lost(where, "initialSelected: that a choice is made beforehand")
        coding = option.get("valueCoding")
        if isinstance(coding, dict):
            return self._coded(coding, option, where)
        value = next((value for key, value in option.items() if key.startswith("value")), None)
        if isinstance(value, int | float) and _is_number(value):
            return Option(digits(value), digits(value), number(value), True)
        text = self._words.text({"valueString": value}, "valueString", where, longest=LONGEST_TITLE, is_line=True)
        if "_valueString" in option:
            text = self._words.text(option, "valueString", where, longest=LONGEST_TITLE, is_line=True)
        ordinal = self._ordinal(option)
        return Option(str(value), text, ordinal, False) if isinstance(value, str) and text else None

    def _coded(self, coding: Json, option: Json, where: str) -> Option | None:
        code, display = coding.get("code"), coding.get("display")
        named = code if isinstance(code, str) and code.strip() else display
        if not isinstance(named, str) or not named.strip():
            return None
        for part in (coding, option):
            for url, _ in extensions(part):
                if url != ORDINAL:
                    self._ledger.lost(where, f"extension {url.rpartition('/')[2]} of the choice {shown(named)}")
        text = self._words.text(coding, "display", where, longest=LONGEST_TITLE, is_line=True) if display else ""
        ordinal = self._ordinal(option) if self._ordinal(option) is not None else self._ordinal(coding)
        return Option(named.strip(), text or named.strip(), ordinal, ordinal is not None and digits(ordinal) == code)

    def _ordinal(self, element: Json) -> Number | None:
        value = extension_value(element, ORDINAL)
        return number(value) if _is_number(value) else None

    def _ids(self, options: Sequence[Option], where: str) -> list[str]:
        ids: list[str] = []
        for option in options:
            id = re.sub(r"[;\s]+", " ", option.code).strip()[:100].strip()
            if re.fullmatch(CHOICE, id) is None or id in ids or id == "na":
                id = f"choice {len(ids) + 1}"
            if id != option.code:
                self._ledger.changed(where, f"the choice {shown(option.code)} is {id!r} here")
            ids.append(id)
        return ids


def _why_not_asked(question: Json) -> str | None:
    if question["type"] in _NOT_ASKED:
        return f"type {question['type']} is no answer that one gives here"
    if extension_value(question, CALCULATED) is not None:
        return "its value is reckoned from other answers; write a score of the same items"
    if question.get("readOnly"):
        return "readOnly: nobody answers it"
    return "it is hidden" if extension_value(question, HIDDEN) is True else None


def _concepts(value_set: Json) -> list[Json]:
    """The codes that a value set spells out."""
    compose, expansion = value_set.get("compose", {}), value_set.get("expansion", {})
    included = compose.get("include", []) if isinstance(compose, dict) else []
    spelled = [concept for part in included if isinstance(part, dict) for concept in part.get("concept", [])]
    contained = expansion.get("contains", []) if isinstance(expansion, dict) else []
    return [concept for concept in spelled or contained if isinstance(concept, dict)]


def _declared(id: str, option: Option) -> str | Json:
    score = {} if option.ordinal is None else {"score": option.ordinal}
    return {"id": id, "text": option.text, **score} if score or option.text != id else id


def _all_words(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER


def _if(**parts: Any) -> Json:
    return {key: value for key, value in parts.items() if value}


_READERS: Mapping[str, Callable[[Questions, Json, str], Json | None]] = {
    "boolean": Questions._boolean,
    "integer": Questions._number,
    "decimal": Questions._number,
    "quantity": Questions._number,
    "date": Questions._date,
    "dateTime": Questions._text,
    "time": Questions._text,
    "url": Questions._text,
    "string": Questions._text,
    "text": Questions._text,
    "choice": Questions._choice,
    "open-choice": Questions._choice,
}
