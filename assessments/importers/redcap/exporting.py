"""Instruments as a data dictionary: a form each, its items as fields, its sections as headers and matrices."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

from assessments.importers.branching import asked_item
from assessments.importers.declared import (
    Choice,
    Question,
    Scale,
    digits,
    languages_of,
    note_what_stays,
    questions,
    questions_of,
)
from assessments.importers.drafts import is_run
from assessments.importers.losses import Json, Ledger, Loss
from assessments.importers.redcap import rows as columns
from assessments.importers.redcap.choices import codes_as_numbers
from assessments.importers.wording import WORDS, Text, has_markup, one_line, said
from protocol.conditions import Comparison, Condition, parse_condition

MAX_RADIO = 21
DEFAULT_LONGEST = 4_000
RECORD = "record_id"
_CODE = re.compile(r"[A-Za-z0-9_]+|-[0-9]+")


def to_dictionary(instruments: dict[str, Json], language: str) -> tuple[bytes, tuple[Loss, ...]]:
    """The data dictionary of some instruments, and what it doesn't hold of them.

    Args:
        instruments: By their id, as their files hold them.
        language: Which texts go into it; a dictionary has one language.

    Returns:
        The CSV in UTF-8, its first field `record_id`.

    Raises:
        ValueError: there are no instruments.
    """
    if not instruments:
        raise ValueError("there are no instruments; expected at least one")
    export = _Export(instruments, language)
    return export.csv(), tuple(export.ledger)


class _Export:
    """Writes one dictionary."""

    def __init__(self, instruments: dict[str, Json], language: str) -> None:
        self.ledger = Ledger()
        self._language = language
        self._rows: list[dict[str, str]] = []
        self._names = self._given_names(instruments)
        first = next(iter(instruments))
        self._rows.append({columns.NAME: RECORD, columns.FORM: first, columns.TYPE: "text", columns.LABEL: "Record ID"})
        for instrument in instruments.values():
            self._write(instrument)

    def csv(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns.COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        return text.getvalue().encode("utf-8")

    def _given_names(self, instruments: dict[str, Json]) -> dict[tuple[str, str], str]:
        """The field's name of each item and of each section's lead: once in all the dictionary."""
        taken = {RECORD, *(f"{id}_complete" for id in instruments)}
        names: dict[tuple[str, str], str] = {}
        for id, instrument in instruments.items():
            leads = [section["id"] for section in instrument["sections"] if "lead" in section]
            for part in [*(question.id for question in questions(instrument)), *leads]:
                name = part if part not in taken else f"{id}_{part}"
                while name in taken:
                    name += "_2"
                if name != part:
                    self.ledger.changed(f"{id}.{part}", f"its name is {name!r}: a dictionary has each name once")
                taken.add(name)
                names[id, part] = name
        return names

    def _write(self, instrument: Json) -> None:
        id = instrument["id"]
        self._note(instrument)
        if "about" in instrument:
            self.ledger.changed(id, "about: it is a descriptive field before the first question")
            about = self._words(id, "about", instrument["about"])
            self._add(self._free(f"{id}_about"), id, "descriptive", about)
        by_id = {question.id: question for question in questions(instrument)}
        for n, section in enumerate(instrument["sections"]):
            self._write_section(instrument, section, by_id, is_first=n == 0 and "about" not in instrument)

    def _free(self, name: str) -> str:
        while name in self._names.values():
            name += "_2"
        return name

    def _note(self, instrument: Json) -> None:
        id = instrument["id"]
        for key in ("title", "source", "licence"):
            self.ledger.lost(id, f"{key}: a dictionary holds a form's name and nothing else of it")
        other = [language for language in languages_of(instrument) if language != self._language]
        if other:
            self.ledger.lost(id, f"its texts in {', '.join(other)}: a dictionary has one language")
        note_what_stays(instrument, self.ledger)
        if any(question.scale for question in questions(instrument)):
            self.ledger.lost(id, f"direction: that {instrument['scale']['direction'].replace('_', ' ')}")

    def _write_section(self, instrument: Json, section: Json, by_id: Mapping[str, Question], *, is_first: bool) -> None:
        id = instrument["id"]
        header = self._words(f"{id}.{section['id']}", "title", section["title"]) if "title" in section else ""
        asked = questions_of(section, instrument)
        matrix = section["id"] if _is_matrix(asked) else ""
        if "lead" in section:
            lead = self._words(f"{id}.{section['id']}", "lead", section["lead"])
            row = self._add(self._names[id, section["id"]], id, "descriptive", lead)
            row[columns.SECTION] = header
        else:
            if not header and not matrix and not is_first:
                self.ledger.lost(f"{id}.{section['id']}", "that a section begins: it has neither title nor lead")
            self.ledger.changed(f"{id}.{section['id']}", "the section's id: a dictionary has headers without names")
        for n, question in enumerate(asked):
            row = self._field(question, id, by_id)
            row[columns.MATRIX] = matrix
            if n == 0 and "lead" not in section:
                row[columns.SECTION] = header

    def _field(self, question: Question, form: str, by_id: Mapping[str, Question]) -> dict[str, str]:
        where = f"{form}.{question.id}"
        row = self._add(self._names[form, question.id], form, "text", self._words(where, "text", question.text))
        row[columns.REQUIRED] = "" if question.of.get("optional") else "y"
        row |= _WRITERS[question.type](self, question, where)
        if "when" in question.of:
            row[columns.BRANCHING] = self._branching(parse_condition(question.of["when"]), form, by_id, where)
        return row

    def _add(self, name: str, form: str, type: str, label: str) -> dict[str, str]:
        row = {columns.NAME: name, columns.FORM: form, columns.TYPE: type, columns.LABEL: label}
        self._rows.append(row)
        return row

    def _words(self, where: str, what: str, text: Text) -> str:
        words = said(text, self._language)
        if isinstance(text, dict) and self._language not in text:
            self.ledger.changed(
                where, f"{what}: it is not said in {self._language}, so it stands in {next(iter(text))}"
            )
        if has_markup(words):
            self.ledger.changed(where, f"{what}: what looks like HTML is escaped, or it would be taken for it")
        return html.escape(words, quote=False) if has_markup(words) else words

    # --- by type ---------------------------------------------------------------------------------------------------

    def _scale(self, question: Question, where: str) -> dict[str, str]:
        scale = question.scale
        assert scale is not None  # noqa: S101 - that is what its type says
        points = scale.points
        if len(points) <= MAX_RADIO and all(isinstance(point, int) for point in points):
            labels = {digits(point): self._label(where, scale.labels.get(point, digits(point))) for point in points}
            if not is_run(points):
                self.ledger.changed(where, "scale: its points are choices, for they are more than 1 apart")
            elif len(points) == 2:
                self.ledger.changed(where, "scale: its two points are two choices")
            return {columns.TYPE: "radio", columns.CHOICES: _listed(labels)}
        if all(isinstance(point, int) for point in points) and scale.step == 1:
            return self._slider(scale, where)
        self.ledger.changed(
            where, f"scale: it is a number; that it goes by {digits(scale.step)} and its labels are lost"
        )
        return {columns.VALIDATION: "number", columns.MIN: digits(scale.min), columns.MAX: digits(scale.max)}

    def _slider(self, scale: Scale, where: str) -> dict[str, str]:
        middle = (scale.min + scale.max) / 2
        places = (scale.min, middle, scale.max)
        labels = [self._label(where, scale.labels.get(place, "")) for place in places]
        lost = [digits(point) for point in scale.labels if point not in places]
        if lost:
            self.ledger.lost(where, f"labels of {', '.join(lost)}: a slider has three, at its ends and its middle")
        ends = {} if (scale.min, scale.max) == (0, 100) else {
            columns.MIN: digits(scale.min),
            columns.MAX: digits(scale.max),
        }  # fmt: skip
        return {columns.TYPE: "slider", columns.CHOICES: " | ".join(labels) if any(labels) else "", **ends}

    def _choice(self, question: Question, where: str) -> dict[str, str]:
        codes = self._codes(question, where)
        labels = {codes[choice.id]: self._label(where, choice.text) for choice in question.choices}
        self._note_scores(question.choices, codes, where)
        if labels == _yes_no(self._language):
            return {columns.TYPE: "yesno"}
        points = codes_as_numbers(list(labels))
        # A radio field whose codes follow each other is read back as a scale.
        is_like_scale = points is not None and is_run(points) and len(points) > 2
        return {columns.TYPE: "dropdown" if is_like_scale else "radio", columns.CHOICES: _listed(labels)}

    def _multi(self, question: Question, where: str) -> dict[str, str]:
        codes = self._codes(question, where)
        self._note_scores(question.choices, codes, where)
        labels = {codes[choice.id]: self._label(where, choice.text) for choice in question.choices}
        return {columns.TYPE: "checkbox", columns.CHOICES: _listed(labels)}

    def _codes(self, question: Question, where: str) -> dict[str, str]:
        """The code of each choice: its id, where all ids can be codes, else 1, 2, 3."""
        ids = [choice.id for choice in question.choices]
        if all(_CODE.fullmatch(id) for id in ids) and len({id.lower() for id in ids}) == len(ids):
            return {id: id for id in ids}
        codes = {id: str(n) for n, id in enumerate(ids, start=1)}
        told = ", ".join(f"{code} for {id!r}" for id, code in codes.items())
        self.ledger.changed(where, f"choices: their codes are {told}; codes are letters, digits and _")
        return codes

    def _note_scores(self, choices: tuple[Choice, ...], codes: Mapping[str, str], where: str) -> None:
        two_way = set(codes.values()) == {"0", "1"}
        for choice in choices:
            if choice.score is not None and not (two_way and codes[choice.id] == digits(choice.score)):
                self.ledger.lost(where, f"that the choice {choice.id!r} counts {digits(choice.score)}")

    def _label(self, where: str, text: Text) -> str:
        label = one_line(self._words(where, "label", text))
        if "|" in label:
            self.ledger.changed(where, "label: its | is a /, for | divides choices")
        return label.replace("|", "/")

    def _number(self, question: Question, where: str) -> dict[str, str]:
        low, high, step = question.bounds
        is_whole = step == 1 and isinstance(low or 0, int)
        if step is not None and not is_whole:
            self.ledger.lost(where, f"step: that it goes by {digits(step)}")
        unit = self._words(where, "unit", question.of["unit"]) if "unit" in question.of else ""
        if unit:
            self.ledger.changed(where, "unit: it is the field's note")
        return {
            columns.VALIDATION: "integer" if is_whole else "number",
            columns.MIN: "" if low is None else digits(low),
            columns.MAX: "" if high is None else digits(high),
            columns.NOTE: one_line(unit),
        }

    def _date(self, question: Question, where: str) -> dict[str, str]:
        low, high, _ = question.bounds
        return {columns.VALIDATION: "date_ymd", columns.MIN: low or "", columns.MAX: high or ""}

    def _text(self, question: Question, where: str) -> dict[str, str]:
        longest = question.of.get("longest", DEFAULT_LONGEST)
        if longest != DEFAULT_LONGEST:
            self.ledger.lost(where, f"longest: that it has at most {longest} characters")
        return {columns.TYPE: "text" if question.of.get("lines") == "one" else "notes"}

    # --- branching -------------------------------------------------------------------------------------------------

    def _branching(self, condition: Condition, form: str, by_id: Mapping[str, Question], where: str) -> str:
        item = asked_item(condition)
        if item is not None and by_id[item].type != "multi":
            return f"[{self._names[form, item]}] <> ''"
        if isinstance(condition, Comparison):
            return self._comparison(condition, form, by_id[condition.item], where)
        parts = []
        for part in condition.parts:
            text = self._branching(part, form, by_id, where)
            parts.append(f"({text})" if re.search(r" (and|or) ", text) else text)
        return f" {condition.by} ".join(parts)

    def _comparison(self, comparison: Comparison, form: str, named: Question, where: str) -> str:
        name, value = self._names[form, comparison.item], comparison.value
        if named.choices:
            value = self._codes(named, f"{form}.{named.id}")[value]
        if named.type == "multi":
            if comparison.op == "!=":
                self.ledger.changed(where, f"when: REDCap asks it of those too who left {named.id!r} without an answer")
            return f"[{name}({value})] = '{1 if comparison.op == '==' else 0}'"
        op = {"==": "=", "!=": "<>"}.get(comparison.op, comparison.op)
        quote = '"' if "'" in value else "'"
        text = f"[{name}] {op} {quote}{value}{quote}"
        # To REDCap a field without an answer is unlike any value, and less than any number.
        return f"[{name}] <> '' and {text}" if comparison.op in ("!=", "<", "<=") else text


def _is_matrix(asked: list[Question]) -> bool:
    """Whether the items of a section can stand in one matrix: scales with the same points and labels."""
    scales = [question.scale for question in asked]
    first = scales[0]
    if first is None or any(scale != first for scale in scales):
        return False
    points = first.points
    return len(points) <= MAX_RADIO and all(isinstance(point, int) for point in points) and is_run(points)


def _yes_no(language: str) -> dict[str, str] | None:
    words = WORDS.get(language.partition("-")[0])
    return {"1": words["yes"], "0": words["no"]} if words else None


def _listed(labels: Mapping[str, str]) -> str:
    return " | ".join(f"{code}, {label}" for code, label in labels.items())


_WRITERS: Mapping[str, Callable[[_Export, Question, str], dict[str, Any]]] = {
    "scale": _Export._scale,
    "choice": _Export._choice,
    "multi": _Export._multi,
    "number": _Export._number,
    "date": _Export._date,
    "text": _Export._text,
}
