"""Data dictionaries for tests: a field is given by what differs from nothing."""

from __future__ import annotations

import csv
import io

from assessments.importers.losses import Converted, ImportFaults
from assessments.importers.redcap import from_dictionary
from assessments.importers.redcap import rows as columns

BY_WORD = {
    "name": columns.NAME,
    "form": columns.FORM,
    "section": columns.SECTION,
    "type": columns.TYPE,
    "label": columns.LABEL,
    "choices": columns.CHOICES,
    "note": columns.NOTE,
    "validation": columns.VALIDATION,
    "min": columns.MIN,
    "max": columns.MAX,
    "identifier": columns.IDENTIFIER,
    "logic": columns.BRANCHING,
    "required": columns.REQUIRED,
    "alignment": columns.ALIGNMENT,
    "number": columns.NUMBER,
    "matrix": columns.MATRIX,
    "ranking": columns.RANKING,
    "annotation": columns.ANNOTATION,
}
FORM = "day"


def dictionary(*fields: dict[str, str]) -> bytes:
    """A dictionary: `record_id`, and then these fields, on row 3 and after."""
    record = {"name": "record_id", "type": "text", "label": "Record ID"}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns.COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for field in (record, *fields):
        full = {"form": FORM, "type": "text", "label": field["name"].capitalize(), "required": "y"} | field
        writer.writerow({BY_WORD[word]: cell for word, cell in full.items()})
    return text.getvalue().encode("utf-8")


def converted(*fields: dict[str, str], language: str = "en") -> Converted:
    return from_dictionary(dictionary(*fields), language)


def items(*fields: dict[str, str]) -> list[dict[str, object]]:
    """The items of the one form of these fields."""
    (instrument,) = converted(*fields).instruments.values()
    return [item for section in instrument["sections"] for item in section["items"]]


def whens(*fields: dict[str, str]) -> list[object]:
    return [item.get("when") for item in items(*fields)]


def losses(*fields: dict[str, str], about: str) -> list[str]:
    """What was said of one field: severity and words."""
    found = converted(*fields).losses
    return [f"{loss.severity}: {loss.what}" for loss in found if loss.where.split(" ")[-1] == about]


def faults(content: bytes) -> list[str]:
    """What is wrong with a file; nothing where it is taken."""
    try:
        from_dictionary(content, "en")
    except ImportFaults as found:
        return [str(fault) for fault in found.faults]
    return []
