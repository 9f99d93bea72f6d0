"""`enableWhen` of a Questionnaire's items as conditions on the items that became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assessments.importers.branching import Answers, NotCarried, answered, compared, joined, written
from assessments.importers.declared import digits, question_of
from assessments.importers.drafts import DIRECTION
from assessments.importers.losses import Json, Ledger
from protocol.conditions import Condition
from protocol.errors import listed, shown
from protocol.nodes import MAX_NUMBER

_NO_SCALE = {"min": 0, "max": 1, "direction": DIRECTION}
_OPS = {"=": "==", "!=": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that became an item: its place in the order of asking, and the rules of itself and its groups."""

    link: str
    item: Json
    place: int
    rules: tuple[Json, ...]

    @property
    def answers(self) -> Answers:
        """What can be answered to it."""
        return Answers.of(question_of(self.item, "", _NO_SCALE))


def attach(asked: Mapping[str, Asked], values: Mapping[str, Mapping[str, str]], ledger: Ledger) -> None:
    """Writes the `when` of each item whose rules can be said; the others are asked of everybody, which is a loss.

    Args:
        asked: The questions by their linkId.
        values: What the answers of each question became, by their code or their words.
        ledger: Where losses go.
    """
    for each in asked.values():
        ruled = [element for element in each.rules if element.get("enableWhen")]
        if not ruled:
            continue
        where = f"linkId {each.link}"
        try:
            parts = [_element(element, each, asked, values) for element in ruled]
            each.item["when"] = written(joined("and", parts))
        except NotCarried as why:
            ledger.lost(where, f"enableWhen: {why}; it is asked of everybody")
            continue
        unguarded = dict.fromkeys(name for element in ruled for name in _unguarded(element))
        if unguarded:
            ledger.changed(
                where, f"enableWhen: while {listed(unguarded)} has no answer FHIR enables it; here it isn't asked then"
            )


def _element(
    element: Json, each: Asked, asked: Mapping[str, Asked], values: Mapping[str, Mapping[str, str]]
) -> Condition:
    by: Literal["and", "or"] = "or" if element.get("enableBehavior") == "any" else "and"
    return joined(by, [_rule(rule, each, asked, values) for rule in element["enableWhen"]])


def _rule(rule: Json, each: Asked, asked: Mapping[str, Asked], values: Mapping[str, Mapping[str, str]]) -> Condition:
    link = rule["question"]
    named = asked.get(link)
    if named is None:
        raise NotCarried(f"names {shown(link)}, which isn't asked here")
    if named.place >= each.place:
        raise NotCarried(f"names {shown(link)}, which comes later")
    value = next(value for key, value in rule.items() if key.startswith("answer"))
    if rule["operator"] == "exists":
        if value is not True:
            raise NotCarried(f"asks whether {shown(link)} has no answer")
        return answered(named.answers)
    return compared(named.answers, _OPS[rule["operator"]], _value(value, values.get(link)))


def _value(value: Any, known: Mapping[str, str] | None) -> str:
    """An answer as `when` writes it."""
    if isinstance(value, dict):
        inner = value.get("code", value.get("value", value.get("display")))
        return _value("" if inner is None else inner, known)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if abs(value) >= MAX_NUMBER:
            raise NotCarried("compares with a number beyond all that can be answered")
        value = digits(value)
    return known.get(str(value), str(value)) if known else str(value)


def _unguarded(element: Json) -> list[str]:
    """The questions whose answer must not be something, in rules that don't also ask for an answer."""
    rules = element["enableWhen"]
    must = element.get("enableBehavior") != "any"
    guarded = {rule["question"] for rule in rules if rule["operator"] == "exists"} if must else set()
    return [rule["question"] for rule in rules if rule["operator"] == "!=" and rule["question"] not in guarded]
