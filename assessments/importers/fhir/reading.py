"""A FHIR Questionnaire as JSON, with whatever makes it none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assessments.importers.fhir.terms import OPERATORS, TYPES
from assessments.importers.json_files import read_json
from assessments.importers.losses import Fault, ImportFaults, Json
from protocol.errors import listed, shown
from protocol.rules.branching import circles

MAX_ITEMS = 5_000
MAX_DEPTH = 20

_LISTS = frozenset(
    (
        "item",
        "enableWhen",
        "answerOption",
        "extension",
        "contained",
        "coding",
        "concept",
        "include",
        "contains",
    )
)


def read_questionnaire(content: bytes) -> Json:
    """The Questionnaire in a JSON file, all of whose items have what an item needs.

    Raises:
        ImportFaults: with every fault, by linkId.
    """
    resource = read_json(content)
    found = resource.get("resourceType") if isinstance(resource, dict) else None
    if found != "Questionnaire":
        message = f"holds {shown(found or type(resource).__name__)}; expected a resource of type Questionnaire"
        raise ImportFaults([Fault("the file", "", message)])
    faults = [] if isinstance(resource.get("status"), str) else [Fault("the file", "status", "is missing")]
    faults += _shape_faults(resource, "the file")
    if faults:
        raise ImportFaults(faults)
    items = list(_walk(resource.get("item", []), "the file", 0, faults))
    faults += _item_faults(items)
    if len(items) > MAX_ITEMS:
        faults = [Fault("the file", "item", f"has {len(items):,} items; expected at most {MAX_ITEMS:,}")]
    if not faults:
        faults += _branching_faults(items)
    if faults:
        raise ImportFaults(faults)
    return resource  # type: ignore[no-any-return]  # a mapping: its resourceType was read


def _shape_faults(value: Any, where: str) -> Iterator[Fault]:
    """Faults of what stands anywhere in a resource: JSON's null, and parts that are no lists of mappings."""
    parts = value.items() if isinstance(value, dict) else ()
    for key, part in parts:
        is_list = isinstance(part, list) and all(isinstance(each, dict) for each in part)
        if part is None or (key in _LISTS and not is_list):
            yield Fault(
                where, key, f"is {shown(part)}; expected {'a list of mappings' if key in _LISTS else 'a value'}"
            )
        elif key in _LISTS:
            for n, each in enumerate(part, start=1):
                yield from _shape_faults(each, _called(each, n) if key == "item" else where)
        else:
            yield from _shape_faults(part, where)


def _walk(items: Any, within: str, depth: int, faults: list[Fault]) -> Iterator[Json]:
    if not isinstance(items, list) or depth > MAX_DEPTH:
        message = (
            f"is nested more than {MAX_DEPTH} deep" if depth > MAX_DEPTH else f"is {shown(items)}; expected a list"
        )
        faults.append(Fault(within, "item", message))
        return
    for n, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            faults.append(Fault(within, "item", f"holds {shown(item)} as item {n}; expected a mapping"))
            continue
        yield item
        if "item" in item:
            yield from _walk(item["item"], _called(item, n), depth + 1, faults)


def _called(item: Json, n: int) -> str:
    return f"linkId {item['linkId']}" if isinstance(item.get("linkId"), str) else f"item {n}"


def _item_faults(items: Sequence[Json]) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, item in enumerate(items, start=1):
        where = _called(item, n)
        link = item.get("linkId")
        if not isinstance(link, str) or not link.strip():
            yield Fault(where, "linkId", f"is {shown(link)}; expected a text")
        elif link in seen:
            yield Fault(where, "linkId", f"is {shown(link)} again; expected each linkId once")
        else:
            seen.add(link)
        if item.get("type") not in TYPES:
            yield Fault(where, "type", f"is {shown(item.get('type'))}; expected {listed(TYPES)}")
        for key in ("text", "prefix", "answerValueSet"):
            if not isinstance(item.get(key, ""), str):
                yield Fault(where, key, f"is {shown(item[key])}; expected a text")
        for key in ("required", "repeats", "readOnly"):
            if not isinstance(item.get(key, False), bool):
                yield Fault(where, key, f"is {shown(item[key])}; expected true or false")
        if not isinstance(item.get("maxLength", 1), int):
            yield Fault(where, "maxLength", f"is {shown(item['maxLength'])}; expected a whole number")


def _branching_faults(items: Sequence[Json]) -> Iterator[Fault]:
    links = {item["linkId"] for item in items}
    for item in items:
        where = f"linkId {item['linkId']}"
        for rule in item.get("enableWhen", ()):
            if rule.get("question") not in links:
                found = shown(rule.get("question"))
                yield Fault(where, "enableWhen", f"names {found}; expected the linkId of an item of this questionnaire")
            if rule.get("operator") not in OPERATORS:
                yield Fault(
                    where, "enableWhen", f"has the operator {shown(rule.get('operator'))}; expected {listed(OPERATORS)}"
                )
            if sum(key.startswith("answer") for key in rule) != 1:
                yield Fault(where, "enableWhen", "has no answer, or several; expected one, such as answerBoolean")
        if item.get("enableBehavior", "all") not in ("all", "any"):
            yield Fault(where, "enableBehavior", f"is {shown(item['enableBehavior'])}; expected all or any")
    named = {item["linkId"]: [str(rule.get("question")) for rule in item.get("enableWhen", ())] for item in items}
    for link, way in circles(named).items():
        yield Fault(f"linkId {link}", "enableWhen", f"leads in a circle: {' -> '.join(way)}")
