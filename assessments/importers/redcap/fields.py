"""One field of a data dictionary as an item, with what of it does not come along."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction

from assessments.importers.branching import is_date
from assessments.importers.declared import Number, digits, number
from assessments.importers.drafts import MAX_CHOICES, MAX_POINTS, is_run, labels_by_point, scale_of
from assessments.importers.losses import Fault, Json, Ledger
from assessments.importers.redcap import rows as columns
from assessments.importers.redcap.choices import (
    codes_as_numbers,
    parse_choices,
    slider_labels,
    two_way,
)
from assessments.importers.redcap.rows import Row
from assessments.importers.wording import LONGEST_TEXT, WORDS, Text, cut, has_markup, one_line, without_markup
from protocol.errors import shown

WHOLE = ("integer", "int")
NUMBERS = re.compile(r"(number|float)(_[0-9]dp)?(_comma_decimal)?")
DATES = re.compile(r"date(_ymd|_mdy|_dmy)?")
# Why fields of some types are no questions.
_NOT_ASKED = {
    "calc": "its value is reckoned from other fields, by {choices}; write a score of the same items",
    "sql": "its choices come from a query of REDCap's own database",
    "file": "files are not taken in questionnaires",
}
_PIPE = re.compile(r"[\[{]([a-z][a-z0-9_-]*)[^\]}\s]*[\]}]")
_BY_DAY = {
    "mdy": re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})"),
    "dmy": re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})"),
}


class Fields:
    """Makes items of fields; what is lost goes to the ledger, what is wrong to the faults."""

    def __init__(self, names: Collection[str], language: str, ledger: Ledger, faults: list[Fault]) -> None:
        self._names = frozenset(names)
        self._language = language
        self._ledger = ledger
        self._faults = faults

    def item(self, row: Row, id: str) -> Json | None:
        """The field as an item called `id`, without its branching; None where it isn't asked."""
        if row[columns.IDENTIFIER].lower() not in ("", "n"):
            self._ledger.lost(
                row.where,
                "the whole field: it is marked as an identifier, and nothing that tells who somebody is may be among "
                "answers; contact details are asked at the study's door",
            )
            return None
        if row[columns.TYPE] in _NOT_ASKED:
            why = _NOT_ASKED[row[columns.TYPE]].format(choices=shown(row[columns.CHOICES]))
            self._ledger.lost(row.where, f"the whole field ({row[columns.TYPE]}): {why}")
            return None
        item: Json = {"id": id, "text": self._text(row), **_READERS[row[columns.TYPE]](self, row)}
        if row[columns.REQUIRED].lower() != "y":
            item["optional"] = True
        self._note_columns(row)
        return item

    def words(self, row: Row, column: str) -> str:
        """The words of a cell, freed of markup."""
        cell = row[column]
        if has_markup(cell):
            self._ledger.changed(row.where, f"{column}: its HTML is plain text here")
        piped = [name for name in _PIPE.findall(cell) if name in self._names or "-" in name]
        for name in dict.fromkeys(piped):
            self._ledger.lost(row.where, f"{column}: what is piped or embedded from {name!r} stands there by its name")
        return cut(without_markup(cell), LONGEST_TEXT)

    def note_ignored(self, row: Row, *names: str) -> None:
        """Notes the cells of some columns that have no place here."""
        for column in names:
            if row[column]:
                self._ledger.lost(row.where, f"{column}: {shown(row[column])}")

    # --- what all have ---------------------------------------------------------------------------------------------

    def _text(self, row: Row) -> str:
        text = self.words(row, columns.LABEL)
        if not text:
            self._ledger.changed(row.where, f"{columns.LABEL} is empty: its name is asked")
            text = row[columns.NAME]
        note = one_line(self.words(row, columns.NOTE))
        if note:
            self._ledger.changed(row.where, f"{columns.NOTE}: it stands in parentheses after the label")
            text = cut(f"{text} ({note})", LONGEST_TEXT)
        return text

    def _note_columns(self, row: Row) -> None:
        self.note_ignored(row, columns.ALIGNMENT, columns.NUMBER, columns.RANKING, columns.ANNOTATION)
        if row[columns.TYPE] not in ("text", "slider"):
            self.note_ignored(row, columns.VALIDATION, columns.MIN, columns.MAX)

    # --- by type ---------------------------------------------------------------------------------------------------

    def _typed(self, row: Row) -> Json:
        self.note_ignored(row, columns.CHOICES)
        validation = row[columns.VALIDATION].lower()
        if validation in WHOLE or NUMBERS.fullmatch(validation):
            return self._number(row, validation)
        if DATES.fullmatch(validation):
            return self._date(row, validation)
        if validation:
            self._ledger.lost(row.where, f"{columns.VALIDATION}: any text is taken, not only {shown(validation)}")
        self.note_ignored(row, columns.MIN, columns.MAX)
        return {"type": "text", "lines": "one"}

    def _number(self, row: Row, validation: str) -> Json:
        if "dp" in validation:
            self._ledger.changed(row.where, f"{columns.VALIDATION}: {validation!r} is any number here")
        bounds = {key: self._bound(row, column) for key, column in (("min", columns.MIN), ("max", columns.MAX))}
        low, high = bounds["min"], bounds["max"]
        if low is not None and high is not None and high <= low:
            self._faults.append(row.fault(columns.MAX, f"is {digits(high)}; expected more than min, {digits(low)}"))
        found = {key: bound for key, bound in bounds.items() if bound is not None}
        is_whole = validation in WHOLE and all(isinstance(bound, int) for bound in found.values())
        return {"type": "number", **found, **({"step": 1} if is_whole else {})}

    def _bound(self, row: Row, column: str) -> Number | None:
        cell = row[column].replace(",", ".")
        if not cell or self._is_moving(row, column):
            return None
        if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", cell) is None:
            self._faults.append(row.fault(column, f"is {shown(row[column])}; expected a number such as 3 or -0.5"))
            return None
        return number(float(cell))

    def _is_moving(self, row: Row, column: str) -> bool:
        """Whether a bound is no fixed value; that is a loss."""
        if row[column].lower() in ("today", "now") or row[column].startswith("["):
            self._ledger.lost(row.where, f"{column}: {shown(row[column])} is no fixed value")
            return True
        return False

    def _date(self, row: Row, validation: str) -> Json:
        bounds = {}
        for key, column in (("min", columns.MIN), ("max", columns.MAX)):
            if not row[column] or self._is_moving(row, column):
                continue
            date = _day(row[column], validation.rpartition("_")[2])
            if date is None:
                message = f"is {shown(row[column])}; expected a date such as 2026-01-31"
                self._faults.append(row.fault(column, message))
            else:
                bounds[key] = date
        if len(bounds) == 2 and bounds["max"] < bounds["min"]:
            message = f"is {bounds['max']}; expected a date after min, {bounds['min']}"
            self._faults.append(row.fault(columns.MAX, message))
        return {"type": "date", **bounds}

    def _notes(self, row: Row) -> Json:
        self.note_ignored(row, columns.CHOICES)
        return {"type": "text"}

    def _radio(self, row: Row) -> Json:
        choices = self._choices(row)
        points = codes_as_numbers(list(choices))
        if points is not None and is_run(points) and (len(points) > 2 or row[columns.MATRIX]):
            self._ledger.changed(
                row.where,
                f"its codes {points[0]} to {points[-1]} follow each other: it is a scale; write `type: choice` where "
                "they are names without an order",
            )
            return {"scale": scale_of(points, labels_by_point(points, choices.values()))}
        return self._among("choice", row, choices)

    def _dropdown(self, row: Row) -> Json:
        return self._among("choice", row, self._choices(row))

    def _checkbox(self, row: Row) -> Json:
        return self._among("multi", row, self._choices(row))

    def _two_way(self, row: Row) -> Json:
        if self._language.partition("-")[0] not in WORDS:
            self._ledger.changed(row.where, f"its two choices are named in English, not in {self._language}")
        return self._among("choice", row, two_way(row[columns.TYPE], self._language))

    def _choices(self, row: Row) -> dict[str, str]:
        try:
            choices = parse_choices(row[columns.CHOICES])
        except ValueError as problem:
            self._faults.append(row.fault(columns.CHOICES, str(problem)))
            return {"?": "?"}
        if has_markup(row[columns.CHOICES]):
            self._ledger.changed(row.where, f"{columns.CHOICES}: its HTML is plain text here")
        for code, label in choices.items():
            if not label:
                self._ledger.changed(row.where, f"choice {code!r} has no label: its code is read")
            elif label.endswith("..."):
                self._ledger.changed(row.where, f"choice {code!r}: a label that long may be cut off")
        return choices

    def _among(self, type: str, row: Row, choices: dict[str, str]) -> Json:
        if len(choices) > MAX_CHOICES:
            self._ledger.changed(
                row.where, f"has {len(choices)} choices; at most {MAX_CHOICES} are taken: it is answered in words"
            )
            return {"type": "text", "lines": "one"}
        # REDCap reckons with the 1 and the 0 of its two-way fields, so they count that here.
        is_counted = type == "choice" and set(choices) == {"0", "1"}
        return {"type": type, "choices": [_choice(code, label, is_counted) for code, label in choices.items()]}

    def _slider(self, row: Row) -> Json:
        self.note_ignored(row, columns.VALIDATION)
        low, high = self._bound(row, columns.MIN), self._bound(row, columns.MAX)
        low, high = 0 if low is None else low, 100 if high is None else high
        if high <= low or not isinstance(low, int) or not isinstance(high, int) or high - low >= MAX_POINTS:
            message = f"is {digits(high)}; expected a whole number above {digits(low)}, at most 1,000 above"
            self._faults.append(row.fault(columns.MAX, message))
            return {}
        return {"scale": {"min": low, "max": high, **self._slider_labels(row, low, high)}}

    def _slider_labels(self, row: Row, low: int, high: int) -> Json:
        labels = slider_labels(row[columns.CHOICES])
        if not labels:
            return {}
        places = [Fraction(low)]
        if len(labels) > 1:
            places = [low + Fraction(high - low) * n / (len(labels) - 1) for n in range(len(labels))]
        kept: dict[str, Text] = {}
        for place, label in zip(places, labels, strict=True):
            if place.denominator == 1 and label:
                kept |= labels_by_point([int(place)], [label])
            elif label:
                self._ledger.lost(row.where, f"{columns.CHOICES}: the label {shown(label)} lies between two points")
        kept = {point: label for point, label in kept.items() if label != point}
        return {"labels": kept} if kept else {}


def _choice(code: str, label: str, is_counted: bool) -> str | Json:
    if is_counted:
        return {"id": code, "text": label or code, "score": int(code)}
    return {"id": code, "text": label} if label and label != code else code


def _day(cell: str, order: str) -> str | None:
    """A date as the format writes it; None where it is none."""
    if is_date(cell):
        return cell
    match = _BY_DAY[order].fullmatch(cell) if order in _BY_DAY else None
    if match is None:
        return None
    first, second, year = match.groups()
    month, day = (first, second) if order == "mdy" else (second, first)
    date = f"{year}-{int(month):02d}-{int(day):02d}"
    return date if is_date(date) else None


_READERS: Mapping[str, Callable[[Fields, Row], Json]] = {
    "text": Fields._typed,
    "notes": Fields._notes,
    "radio": Fields._radio,
    "dropdown": Fields._dropdown,
    "checkbox": Fields._checkbox,
    "yesno": Fields._two_way,
    "truefalse": Fields._two_way,
    "slider": Fields._slider,
}
