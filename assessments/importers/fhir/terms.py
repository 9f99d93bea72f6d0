"""Names that FHIR R4B gives: extensions and code systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessments.importers.losses import Json

_CORE = "http://hl7.org/fhir/StructureDefinition/"

ORDINAL = f"{_CORE}ordinalValue"
TRANSLATION = f"{_CORE}translation"
MIN_VALUE = f"{_CORE}minValue"
MAX_VALUE = f"{_CORE}maxValue"
UNIT = f"{_CORE}questionnaire-unit"
SLIDER_STEP = f"{_CORE}questionnaire-sliderStepValue"
ITEM_CONTROL = f"{_CORE}questionnaire-itemControl"
HIDDEN = f"{_CORE}questionnaire-hidden"
ABSENT = f"{_CORE}data-absent-reason"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"

CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
ABSENT_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

TYPES = (
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice",
    "open-choice", "attachment", "reference", "quantity",
)  # fmt: skip
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")


def extensions(element: Json) -> Iterator[tuple[str, Any]]:
    """The extensions of an element: their address, and the whole of each."""
    for extension in element.get("extension", ()):
        if isinstance(extension, dict) and isinstance(extension.get("url"), str):
            yield extension["url"], extension


def value_of(extension: Json) -> Any:
    """The value of an extension, whatever its type; None where it has none."""
    return next((value for key, value in extension.items() if key.startswith("value")), None)


def extension_value(element: Json, url: str) -> Any:
    """The value of one extension of an element; None where it isn't there."""
    return next((value_of(extension) for found, extension in extensions(element) if found == url), None)


def control_of(element: Json) -> str | None:
    """How a question is to be shown, as its item control says; None where it says nothing."""
    concept = extension_value(element, ITEM_CONTROL)
    codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
    return next((coding["code"] for coding in codings if isinstance(coding, dict) and "code" in coding), None)


def control(code: str) -> Json:
    """The extension that says how a question is to be shown."""
    return {"url": ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"system": CONTROLS, "code": code}]}}
