"""Instruments as the files of a ReproSchema protocol: an activity each, an item for each question and each score."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from assessments.importers.branching import NotCarried, asked_item
from assessments.importers.declared import (
    Question,
    digits,
    languages_of,
    note_what_stays,
    number,
    questions,
    questions_of,
)
from assessments.importers.losses import Json, Ledger, Loss
from assessments.importers.reproschema.scores import expression_of
from assessments.importers.reproschema.terms import CONTEXT, RELEASE
from assessments.importers.wording import Text, has_markup
from protocol.conditions import Comparison, Condition, parse_condition
from protocol.errors import shown

MAX_RADIO = 21
DEFAULT_LONGEST = 4_000


def to_reproschema(
    instruments: Mapping[str, Json], *, protocol: str, title: Text, version: str, languages: Sequence[str]
) -> tuple[dict[str, Json], tuple[Loss, ...]]:
    """The documents of a protocol by their path, and what they don't hold of its instruments.

    Args:
        instruments: By their id, as their files hold them.
        protocol: The protocol's name, of which its folder is called.
        title: What people read as its name.
        version: The version of all documents.
        languages: What a text that is one string for all is said to be in is the first; the others are kept too.
    """
    ledger = Ledger()
    files: dict[str, Json] = {}
    for instrument in instruments.values():
        files |= _Activity(instrument, version, languages[0] if languages else "en", ledger).files()
    paths = [f"../activities/{id}/{id}_schema" for id in instruments]
    base = languages[0] if languages else "en"
    files[f"{protocol}/{protocol}_schema"] = {
        "@context": CONTEXT,
        "category": "reproschema:Protocol",
        "id": f"{protocol}_schema",
        "prefLabel": _by_language(title, base),
        "schemaVersion": RELEASE,
        "version": version,
        "ui": {
            "addProperties": [
                {
                    "isAbout": path,
                    "variableName": f"{id}_schema",
                    "prefLabel": _by_language(instrument["title"], base),
                    "isVis": True,
                }
                for path, (id, instrument) in zip(paths, instruments.items(), strict=True)
            ],
            "order": paths,
            "shuffle": False,
        },
    }
    return files, tuple(ledger)


def _by_language(text: Text, base: str) -> dict[str, str]:
    return {base: text} if isinstance(text, str) else dict(text)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False) if has_markup(text) else text


class _Activity:
    """Writes the documents of one instrument."""

    def __init__(self, instrument: Json, version: str, base: str, ledger: Ledger) -> None:
        self._instrument = instrument
        self._version = version
        self._base = base
        self._ledger = ledger
        self._by_id = {question.id: question for question in questions(instrument)}

    def files(self) -> dict[str, Json]:
        id = self._instrument["id"]
        self._note()
        computed = self._computed()
        activity: Json = {
            "@context": CONTEXT,
            "category": "reproschema:Activity",
            "id": f"{id}_schema",
            "prefLabel": self._words(self._instrument["title"]),
            "citation": self._words(self._instrument["source"]),
            "schemaVersion": RELEASE,
            "version": self._version,
            "ui": {
                "order": [f"items/{question}" for question in self._by_id],
                "addProperties": [self._property(question) for question in self._by_id.values()],
                "shuffle": self._instrument.get("shuffle") == "items",
            },
        }
        if "about" in self._instrument:
            activity["preamble"] = self._words(self._instrument["about"])
        if computed:
            activity["compute"] = [{"variableName": name, "jsExpression": js} for name, js in computed.items()]
            activity["ui"]["addProperties"] += [
                {"isAbout": f"items/{name}", "variableName": name, "isVis": False, "valueRequired": False}
                for name in computed
            ]
        folder = f"activities/{id}"
        files = {f"{folder}/{id}_schema": activity}
        for section in self._instrument["sections"]:
            for question in questions_of(section, self._instrument):
                files[f"{folder}/items/{question.id}"] = self._item(question, section)
        return files | {f"{folder}/items/{name}": self._score(name) for name in computed}

    def _note(self) -> None:
        id = self._instrument["id"]
        self._ledger.lost(id, "licence: an activity has none")
        carried = ["scores"]
        if self._instrument.get("shuffle") == "items":
            self._ledger.changed(id, "shuffle: items are mixed over the whole activity, for it has no sections")
            carried.append("shuffle")
        note_what_stays(self._instrument, self._ledger, carried)
        for section in self._instrument["sections"]:
            marks = [key for key in ("title", "lead") if key in section]
            told = (
                f"its {' and '.join(marks)} stand before each of its items"
                if marks
                else "it has no marks to tell it by"
            )
            self._ledger.changed(f"{id}.{section['id']}", f"section: {told}")
        if any(question.scale for question in self._by_id.values()):
            self._ledger.lost(id, f"direction: that {self._instrument['scale']['direction'].replace('_', ' ')}")
        if languages_of(self._instrument) and self._base not in languages_of(self._instrument):
            self._ledger.changed(id, f"texts that are one for all are said to be in {self._base}")

    def _words(self, text: Text) -> dict[str, str]:
        """The words by language; they are shown as HTML there, so what looks like it is escaped."""
        words = _by_language(text, self._base)
        for said in words.values():
            if has_markup(said):
                self._ledger.changed(self._instrument["id"], f"what looks like HTML is escaped: {shown(said)}")
        return {language: _as_html(said) for language, said in words.items()}

    def _computed(self) -> dict[str, str]:
        """The scores that JavaScript can reckon, by the variable that holds each."""
        computed: dict[str, str] = {}
        for name, score in self._instrument["scores"].items():
            where = f"{self._instrument['id']}.{name}"
            js = expression_of(score, self._instrument)
            if js is None:
                self._ledger.lost(where, "scores: it counts choices, whose numbers have no place")
                continue
            variable = name if name not in self._by_id else f"{name}_score"
            if variable != name:
                self._ledger.changed(where, f"scores: it is called {variable!r}, for an item has its name")
            self._ledger.changed(where, "scores: it is reckoned by JavaScript, which asks for every answer")
            computed[variable] = js
        return computed

    def _property(self, question: Question) -> Json:
        when = question.of.get("when")
        return {
            "isAbout": f"items/{question.id}",
            "variableName": question.id,
            "isVis": self._visible(parse_condition(when), question) if when else True,
            "valueRequired": not question.of.get("optional", False),
        }

    def _score(self, name: str) -> Json:
        return {
            "@context": CONTEXT,
            "category": "reproschema:Item",
            "id": name,
            "prefLabel": {self._base: name},
            "schemaVersion": RELEASE,
            "version": self._version,
            "ui": {"inputType": "number", "readonlyValue": True},
            "responseOptions": {"valueType": ["xsd:decimal"]},
        }

    def _item(self, question: Question, section: Json) -> Json:
        input_type, options = self._answered(question)
        item: Json = {
            "@context": CONTEXT,
            "category": "reproschema:Item",
            "id": question.id,
            "prefLabel": {self._base: question.id},
            "question": self._words(question.text),
            "schemaVersion": RELEASE,
            "version": self._version,
            "ui": {"inputType": input_type},
            "responseOptions": options,
        }
        preamble = self._preamble(section)
        return item | ({"preamble": preamble} if preamble else {})

    def _preamble(self, section: Json) -> dict[str, str]:
        texts = [self._words(section[key]) for key in ("title", "lead") if key in section]
        languages = dict.fromkeys(language for text in texts for language in text)
        return {
            language: "\n\n".join(text.get(language, next(iter(text.values()))) for text in texts)
            for language in languages
        }

    # --- how it is answered ----------------------------------------------------------------------------------------

    def _answered(self, question: Question) -> tuple[str, Json]:
        where = f"{self._instrument['id']}.{question.id}"
        if question.scale:
            return self._scale(question)
        if question.choices:
            return self._among(question, where)
        low, high, step = question.bounds
        if question.type == "number":
            is_whole = step == 1 and all(isinstance(end, int) for end in (low, high) if end is not None)
            if step is not None and not is_whole:
                self._ledger.lost(where, f"step: that it goes by {digits(step)}")
            ends = {key: end for key, end in (("minValue", low), ("maxValue", high)) if end is not None}
            units = [{"prefLabel": self._words(question.of["unit"])}] if "unit" in question.of else []
            return "number" if is_whole else "float", {
                "valueType": ["xsd:integer" if is_whole else "xsd:decimal"],
                **ends,
                **({"unitOptions": units} if units else {}),
            }
        if question.type == "date":
            for key, end in (("min", low), ("max", high)):
                if end is not None:
                    self._ledger.lost(where, f"{key}: that it is no date {'before' if key == 'min' else 'after'} {end}")
            return "date", {"valueType": ["xsd:date"]}
        longest = question.of.get("longest", DEFAULT_LONGEST)
        if longest != DEFAULT_LONGEST:
            self._ledger.lost(where, f"longest: that it has at most {longest} characters")
        if question.of.get("lines") != "one":
            self._ledger.lost(where, "lines: that it may have many")
        return "text", {"valueType": ["xsd:string"]}

    def _scale(self, question: Question) -> tuple[str, Json]:
        """A radio list of its points; of many points a slider, with the points that have words as its choices."""
        scale = question.scale
        assert scale is not None  # noqa: S101 - it was asked for
        kind = "xsd:integer" if all(isinstance(point, int) for point in scale.points) else "xsd:decimal"
        is_slider = len(scale.points) > MAX_RADIO
        points = list(scale.labels) if is_slider else scale.points
        choices = [
            {"name": self._words(scale.labels.get(point, digits(point))), "value": number(point)} for point in points
        ]
        if is_slider and scale.step != 1:
            where = f"{self._instrument['id']}.{question.id}"
            self._ledger.lost(where, f"scale: that it goes by {digits(scale.step)}")
        return "slider" if is_slider else "radio", {
            "valueType": [kind],
            "minValue": scale.min,
            "maxValue": scale.max,
            **({"choices": choices} if choices else {}),
        }

    def _among(self, question: Question, where: str) -> tuple[str, Json]:
        for choice in question.choices:
            if choice.score is not None:
                self._ledger.lost(where, f"that the choice {choice.id!r} counts {digits(choice.score)}")
        options: Json = {
            "valueType": ["xsd:string"],
            "choices": [{"name": self._words(choice.text), "value": choice.id} for choice in question.choices],
        }
        return "radio", options | ({"multipleChoice": True} if question.type == "multi" else {})

    # --- branching -------------------------------------------------------------------------------------------------

    def _visible(self, condition: Condition, question: Question) -> str | bool:
        """The condition as JavaScript over the variables; true where it can't be."""
        where = f"{self._instrument['id']}.{question.id}"
        try:
            return self._js(condition, where)
        except NotCarried as why:
            self._ledger.lost(where, f"when: {why}; it is asked of everybody")
            return True

    def _js(self, condition: Condition, where: str) -> str:
        item = asked_item(condition)
        if item is not None and self._by_id[item].type != "multi":
            return f"{item} != ''"
        if isinstance(condition, Comparison):
            return self._compared(condition, where)
        parts = []
        for part in condition.parts:
            js = self._js(part, where)
            parts.append(js if isinstance(part, Comparison) or asked_item(part) else f"({js})")
        return {"and": " && ", "or": " || "}[condition.by].join(parts)

    def _compared(self, comparison: Comparison, where: str) -> str:
        question = self._by_id[comparison.item]
        if comparison.op in ("!=", "<", "<="):
            self._ledger.changed(where, f"when: it may be asked while {comparison.item!r} has no answer")
        if question.type == "multi":
            if re.fullmatch(r"[A-Za-z0-9_]+", comparison.value) is None:
                raise NotCarried(f"names the choice {comparison.value!r}, which can be no part of a variable's name")
            return f"{comparison.item}___{comparison.value} {comparison.op} 1"
        if question.scale or question.type == "number":
            return f"{comparison.item} {comparison.op} {comparison.value}"
        quote = '"' if "'" in comparison.value else "'"
        return f"{comparison.item} {comparison.op} {quote}{comparison.value}{quote}"
